"""Whom a screening cancelled or moved concerns: holders of tickets, of bookings and of reservations.

A ticket is listed until it is reversed; whoever bought or booked after the change knew of it, and is not.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, func, or_, select
from sqlmodel import Session

from boxoffice.clock import Clock, in_paris
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
from boxoffice.money import format_amount

from ..books import journal
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
_undo = table(SaleLine).alias("undo")

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
    .where(
        _ticket.c.screening_id == bindparam("screening"),
        _sale.c.at <= bindparam("at"),
        _undo.c.sale_id.is_(None),
    )
    .order_by(_till.c.number, _ticket.c.number)
)
_BOOKINGS = (
    select(_pass.c.number, func.count().label("seats"), _end.c.kind.label("ended"), *_CONTACT)
    .select_from(_booking)
    .join(_pass, _pass.c.id == _booking.c.pass_id)
    .join(_customer, _customer.c.id == _pass.c.holder_id)
    .outerjoin(_end, _end.c.booking_id == _booking.c.id)
    .outerjoin(_entered, _entered.c.booking_id == _booking.c.id)
    .where(
        _booking.c.screening_id == bindparam("screening"),
        _booking.c.at <= bindparam("at"),
        _entered.c.booking_id.is_(None),
        or_(_end.c.at.is_(None), _end.c.at >= bindparam("at")),
    )
    .group_by(_pass.c.number, _end.c.kind, *_CONTACT)
    .order_by(_customer.c.surname, _pass.c.number)
)
_RESERVATIONS = (
    select(_reservation.c.reference, func.count().label("seats"), *_CONTACT)
    .select_from(_seat)
    .join(_reservation, _reservation.c.id == _seat.c.reservation_id)
    .join(_customer, _customer.c.id == _reservation.c.customer_id)
    .where(
        _seat.c.screening_id == bindparam("screening"),
        _reservation.c.made_at <= bindparam("at"),
        or_(
            _seat.c.state == ReservedSeatState.HELD,
            (_seat.c.state == ReservedSeatState.CANCELLED) & (_seat.c.changed_at == bindparam("at")),
        ),
    )
    .group_by(_reservation.c.reference, *_CONTACT)
    .order_by(_customer.c.surname, _reservation.c.reference)
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


def last_change(session: Session) -> int:
    """The number of the latest change, 0 before the first: a new one means a programme to be read again."""
    return int(session.execute(select(func.coalesce(func.max(_change.c.number), 0))).scalar_one())


def list_changes(session: Session) -> tuple[Change, ...]:
    """Every screening cancelled or moved, the latest change first."""
    return tuple(_change_of(row) for row in session.execute(_CHANGES).mappings())


def read_affected(session: Session, number: int) -> Affected:
    """Whom the change of this number concerns. Raises Refusal if there is none."""
    row = session.execute(_CHANGES.where(_change.c.number == number)).mappings().one_or_none()
    if row is None:
        raise Refusal(_("Ce changement de séance n'existe pas."))
    change = _change_of(row)
    values = {"screening": change.screening_id, "at": change.at}
    return Affected(
        change,
        tuple(
            AffectedTicket(
                paper_number(ticket["till_number"], ticket["number"]),
                ticket["label"],
                ticket["unit_price_cents"],
                ticket["used_at"] is not None,
                _contact(ticket),
            )
            for ticket in session.execute(_TICKETS, values).mappings()
        ),
        tuple(
            AffectedBooking(booking["number"], booking["seats"], booking["ended"], _contact(booking))
            for booking in session.execute(_BOOKINGS, values).mappings()
        ),
        tuple(
            AffectedReservation(spoken_reference(kept["reference"]), kept["seats"], _contact(kept))
            for kept in session.execute(_RESERVATIONS, values).mappings()
        ),
    )


def print_list(session: Session, desk: Desk, number: int, *, clock: Clock) -> None:
    """Order the list of a change, on the printer of this till for reports."""
    order_report(session, desk.post.till_id, DocumentKind.AFFECTED_LIST, number, at=clock.now())


def export_list(session: Session, desk: Desk, number: int, *, clock: Clock) -> str:
    """The list of a change as CSV, with names and phones: the journal tells who asked for it."""
    affected = read_affected(session, number)
    journal.append(
        session,
        desk.post,
        JournalKind.SCREENING_LIST_EXPORTED,
        {"change": number, "screening": affected.change.code},
        at=clock.now(),
        operator_number=desk.operator_number,
    )
    return as_csv(affected)


def as_csv(affected: Affected) -> str:
    """The list for a spreadsheet, one row for each ticket, pass and reservation; what is known of whom."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(
        ["sorte", "numéro", "places", "tarif", "montant", "état", "nom", "téléphone", "courriel", *_SHOWN]
    )
    change = affected.change
    shown = [
        change.code,
        change.event_title,
        *_moment(change.told_starts_at),
        change.told_place,
        *(_moment(change.starts_at) if change.kind is ScreeningChangeKind.MOVED else ("", "")),
        change.place if change.kind is ScreeningChangeKind.MOVED else "",
    ]
    for row in _csv_rows(affected):
        writer.writerow([_harmless(str(cell)) for cell in (*row, *shown)])
    return written.getvalue()


LISTS = "seance-*.csv"
"""What the exported lists of changes are called; there are names in them."""


def list_name(change: Change) -> str:
    """What the exported list of a change is called."""
    return LISTS.replace("*", f"{change.number}-{change.code}")


_SHOWN = ("séance", "titre", "date", "heure", "lieu", "nouvelle date", "nouvelle heure", "nouveau lieu")


def _csv_rows(affected: Affected) -> Iterable[tuple[object, ...]]:
    for ticket in affected.tickets:
        state = "utilisé" if ticket.used else "à créditer"
        price = format_amount(ticket.price_cents)
        yield ("billet", ticket.number, 1, ticket.tariff_label, price, state, *_cells(ticket.contact))
    for booking in affected.bookings:
        state = "tient" if booking.ended is None else "place rendue"
        yield ("pass", booking.pass_number, booking.seats, "", "", state, *_cells(booking.contact))
    cancelled = affected.change.kind is ScreeningChangeKind.CANCELLED
    for kept in affected.reservations:
        state = "annulée" if cancelled else "tient"
        yield ("réservation", kept.reference, kept.seats, "", "", state, *_cells(kept.contact))


def _cells(contact: Contact) -> tuple[str, str, str]:
    return contact.name, contact.phone, contact.email


def _moment(at: datetime) -> tuple[str, str]:
    local = in_paris(at)
    return f"{local:%d/%m/%Y}", f"{local:%H:%M}"


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell


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
