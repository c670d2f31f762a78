"""Whom a screening cancelled or moved concerns: holders of tickets, of bookings and of reservations.

A ticket is listed until it is reversed. Whoever was told the new hour and place is not concerned by a move:
their own paper says so, and the change itself what stood when it was made. The clocks of two tills are
compared only where what was told cannot tell, a screening being back where it was, or its hall renamed.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, func, select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _
from boxoffice.models import (
    Booking,
    BookingEnd,
    BookingEndKind,
    BookingScan,
    Customer,
    Event,
    JournalEntry,
    Operator,
    Pass,
    Reservation,
    ReservedSeat,
    ReservedSeatState,
    Sale,
    SaleLine,
    Screening,
    ScreeningChange,
    ScreeningChangeKind,
    Ticket,
    TicketScan,
    Till,
    table,
)

from ..books.numbers import paper_number
from ..prints.papers import DocumentKind
from ..prints.print_orders import order_report
from ..reserving.held_seats import spoken_reference
from ..staff.desk import Desk

_change, _screening, _event, _operator = (
    table(ScreeningChange),
    table(Screening),
    table(Event),
    table(Operator),
)
_sale, _line, _ticket, _till = table(Sale), table(SaleLine), table(Ticket), table(Till)
_scan, _entered = table(TicketScan), table(BookingScan)
_booking, _end, _pass, _customer = table(Booking), table(BookingEnd), table(Pass), table(Customer)
_reservation, _seat = table(Reservation), table(ReservedSeat)
_entry, _undo = table(JournalEntry), table(SaleLine).alias("undo")

_CONTACT = (
    _customer.c.surname,
    _customer.c.first_name,
    _customer.c.organisation,
    _customer.c.phone,
    _customer.c.email,
)
_CHANGES = (
    select(
        _change,
        _screening.c.code,
        _event.c.title,
        _operator.c.name.label("manager"),
    )
    .join(_screening, _screening.c.id == _change.c.screening_id)
    .join(_event, _event.c.id == _screening.c.event_id)
    .join(_operator, _operator.c.id == _change.c.authorized_by_id)
    .order_by(_change.c.number.desc())
)
_TICKETS = (
    select(
        _ticket.c.number,
        _till.c.number.label("till_number"),
        _line.c.label,
        _line.c.unit_price_cents,
        _scan.c.at.label("used_at"),
        _ticket.c.starts_at,
        _ticket.c.place,
        _sale.c.at,
        *_CONTACT,
    )
    .join(_line, (_line.c.sale_id == _ticket.c.sale_id) & (_line.c.position == _ticket.c.position))
    .join(_sale, _sale.c.id == _ticket.c.sale_id)
    .join(_till, _till.c.id == _ticket.c.till_id)
    .outerjoin(_scan, (_scan.c.sale_id == _ticket.c.sale_id) & (_scan.c.position == _ticket.c.position))
    .outerjoin(_customer, _customer.c.id == _sale.c.customer_id)
    .outerjoin(
        _undo,
        (_undo.c.reverses_sale_id == _ticket.c.sale_id) & (_undo.c.reverses_position == _ticket.c.position),
    )
    .where(_ticket.c.screening_id == bindparam("screening"), _undo.c.sale_id.is_(None))
    .order_by(_till.c.number, _ticket.c.number)
)
_BOOKINGS = (
    select(
        _booking.c.id,
        _booking.c.starts_at,
        _booking.c.place,
        _booking.c.at,
        _pass.c.number,
        _end.c.kind.label("ended"),
        *_CONTACT,
    )
    .select_from(_booking)
    .join(_pass, _pass.c.id == _booking.c.pass_id)
    .join(_customer, _customer.c.id == _pass.c.holder_id)
    .outerjoin(_end, _end.c.booking_id == _booking.c.id)
    .outerjoin(_entered, _entered.c.booking_id == _booking.c.id)
    .where(_booking.c.screening_id == bindparam("screening"), _entered.c.booking_id.is_(None))
    .order_by(_customer.c.surname, _pass.c.number, _booking.c.id)
)
_RESERVATIONS = (
    select(_seat.c.reservation_id, _seat.c.position, _reservation.c.reference, *_CONTACT)
    .join(_reservation, _reservation.c.id == _seat.c.reservation_id)
    .join(_customer, _customer.c.id == _reservation.c.customer_id)
    .where(_seat.c.screening_id == bindparam("screening"), _seat.c.state == bindparam("state"))
    .order_by(_customer.c.surname, _reservation.c.reference, _seat.c.position)
)
_TOLD = select(_entry.c.content).where(
    _entry.c.till_id == bindparam("till"),
    _entry.c.at == bindparam("at"),
    _entry.c.kind.in_((JournalKind.SCREENING_CANCELLED, JournalKind.SCREENING_MOVED)),
)


@dataclass(frozen=True, slots=True)
class Contact:
    """Who is to be told, as far as is known."""

    name: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class AffectedTicket:
    """A ticket paid for what does not take place as it says; the price is in cents."""

    number: str
    tariff_label: str
    price_cents: int
    used: bool
    contact: Contact


@dataclass(frozen=True, slots=True)
class AffectedBooking:
    """Seats booked on a pass: their places were given back, or may be. `ended` None: they still stand."""

    pass_number: str
    seats: int
    ended: BookingEndKind | None
    contact: Contact


@dataclass(frozen=True, slots=True)
class AffectedReservation:
    """Seats that were reserved, let go of with the screening, or held until its new hour."""

    reference: str
    seats: int
    contact: Contact


@dataclass(frozen=True, slots=True)
class Change:
    """A screening cancelled or moved, and what its audience had been told until then."""

    number: int
    screening_id: int
    code: str
    event_title: str
    kind: ScreeningChangeKind
    told_starts_at: datetime
    told_place: str
    starts_at: datetime
    place: str
    reason: str
    manager: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Affected:
    """A change, and everybody whom it concerns."""

    change: Change
    tickets: tuple[AffectedTicket, ...]
    bookings: tuple[AffectedBooking, ...]
    reservations: tuple[AffectedReservation, ...]

    @property
    def credit_cents(self) -> int:
        """What the tickets that nobody used were paid: as much is to be given back."""
        return sum(ticket.price_cents for ticket in self.tickets if not ticket.used)


@dataclass(frozen=True, slots=True)
class Taken:
    """How many seats of a screening are sold, booked on passes, and reserved."""

    tickets: int
    bookings: int
    reserved: int


def count_taken(session: Session, screening_id: int) -> Taken:
    """Whom a change of this screening would concern, in seats."""
    sold = select(func.coalesce(func.sum(_line.c.quantity), 0)).where(_line.c.screening_id == screening_id)
    booked = (
        select(func.count())
        .select_from(_booking)
        .outerjoin(_end, _end.c.booking_id == _booking.c.id)
        .where(_booking.c.screening_id == screening_id, _end.c.booking_id.is_(None))
    )
    reserved = select(func.count()).where(
        _seat.c.screening_id == screening_id, _seat.c.state == ReservedSeatState.HELD
    )
    return Taken(*(int(session.execute(statement).scalar_one()) for statement in (sold, booked, reserved)))


def list_changes(session: Session) -> tuple[Change, ...]:
    """Every screening cancelled or moved, the latest change first."""
    return tuple(_change_of(row) for row in session.execute(_CHANGES).mappings())


def read_affected(session: Session, number: int) -> Affected:
    """Whom the change of this number concerns. Raises Refusal if there is none."""
    row = session.execute(_CHANGES.where(_change.c.number == number)).mappings().one_or_none()
    if row is None:
        raise Refusal(_("Ce changement de séance n'existe pas."))
    change = _change_of(row)
    of_screening = session.execute(_CHANGES.where(_change.c.screening_id == change.screening_id)).mappings()
    is_concerned = _concerned_by(change, [_change_of(each) for each in of_screening])
    stood = _told_with(session, row)
    return Affected(
        change,
        _tickets(session, change, is_concerned),
        _bookings(session, change, is_concerned, stood.get("bookings", ())),
        _reservations(session, change, stood.get("reserved", ())),
    )


def _concerned_by(change: Change, of_screening: Sequence[Change]) -> Callable[[RowMapping], bool]:
    """Whether somebody who was told an hour and a place was told them before a change of their screening.

    A screening that is cancelled concerns everybody.
    """
    told = [(each.told_starts_at, each.told_place) for each in of_screening if each.number <= change.number]
    shown = [(each.starts_at, each.place) for each in of_screening if each.number >= change.number]

    def is_concerned(row: RowMapping) -> bool:
        if change.kind is ScreeningChangeKind.CANCELLED:
            return True
        was_told = row["starts_at"], row["place"]
        for parts in (2, 1):
            before = was_told[:parts] in [each[:parts] for each in told]
            since = was_told[:parts] in [each[:parts] for each in shown]
            if before != since:
                return before
        return bool(row["at"] <= change.at)

    return is_concerned


def _told_with(session: Session, change: RowMapping) -> dict[str, Any]:
    """What the journal tells that a change found, under the locks that it was made under."""
    told = session.execute(_TOLD, {"till": change["till_id"], "at": change["at"]}).scalars()
    contents: Iterable[dict[str, Any]] = map(json.loads, told)
    return next((content for content in contents if content["change"] == str(change["id"])), {})


def _tickets(
    session: Session, change: Change, is_concerned: Callable[[RowMapping], bool]
) -> tuple[AffectedTicket, ...]:
    return tuple(
        AffectedTicket(
            paper_number(ticket["till_number"], ticket["number"]),
            ticket["label"],
            ticket["unit_price_cents"],
            ticket["used_at"] is not None,
            _contact(ticket),
        )
        for ticket in session.execute(_TICKETS, {"screening": change.screening_id}).mappings()
        if is_concerned(ticket)
    )


def _bookings(
    session: Session, change: Change, is_concerned: Callable[[RowMapping], bool], stood: Sequence[str]
) -> tuple[AffectedBooking, ...]:
    """Those that stood, whatever became of them since, and those that were on their way to the books."""
    listed: Counter[tuple[str, BookingEndKind | None, Contact]] = Counter()
    for booked in session.execute(_BOOKINGS, {"screening": change.screening_id}).mappings():
        if str(booked["id"]) in stood or (booked["ended"] is None and is_concerned(booked)):
            listed[booked["number"], booked["ended"], _contact(booked)] += 1
    return tuple(
        AffectedBooking(number, seats, ended, contact) for (number, ended, contact), seats in listed.items()
    )


def _reservations(
    session: Session, change: Change, stood: Sequence[Sequence[str | int]]
) -> tuple[AffectedReservation, ...]:
    moved = change.kind is ScreeningChangeKind.MOVED
    state = ReservedSeatState.HELD if moved else ReservedSeatState.CANCELLED
    listed: Counter[tuple[str, Contact]] = Counter()
    kept = session.execute(_RESERVATIONS, {"screening": change.screening_id, "state": state}).mappings()
    for seat in kept:
        if [str(seat["reservation_id"]), seat["position"]] in stood:
            listed[spoken_reference(seat["reference"]), _contact(seat)] += 1
    return tuple(
        AffectedReservation(reference, seats, contact) for (reference, contact), seats in listed.items()
    )


def print_list(session: Session, desk: Desk, number: int, *, clock: Clock) -> None:
    """Order the list of a change, on the printer of this till for reports."""
    order_report(session, desk.post.till_id, DocumentKind.AFFECTED_LIST, number, at=clock.now())


def _change_of(row: RowMapping) -> Change:
    return Change(
        number=row["number"],
        screening_id=row["screening_id"],
        code=row["code"],
        event_title=row["title"],
        kind=row["kind"],
        told_starts_at=row["told_starts_at"],
        told_place=row["told_place"],
        starts_at=row["starts_at"],
        place=row["place"],
        reason=row["reason"],
        manager=row["manager"],
        at=row["at"],
    )


def _contact(row: Any) -> Contact:
    name = " ".join(filter(None, (row["first_name"], row["surname"]))) or row["organisation"] or ""
    return Contact(name, row["phone"] or "", row["email"] or "")
