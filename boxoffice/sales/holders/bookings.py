"""Seats booked on a pass: taken, given back, exchanged. No money moves, and the journal tells of each."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _
from boxoffice.models import Booking, BookingEnd, BookingEndKind, Pass, table
from boxoffice.prepared import Prepared, Row

from ..books import journal
from ..books.bookkeeping import ENDS_TOLD
from ..screenings import seats
from ..staff.desk import Desk
from ..staff.rules import Rules
from ..staff.standing import shift_still_open
from ..wording import what_of
from .booking_limits import Authority, authority_for, given_back_before, read_bookings, still_stands
from .booking_terms import check_open, check_terms, open_showing, read_showings, read_standing
from .passes import hold_pass, look_at_pass

_booking, _end, _pass = table(Booking), table(BookingEnd), table(Pass)

_USE_PLACES = Prepared(
    update(_pass).where(_pass.c.id == bindparam("pass")).values(used=_pass.c.used + bindparam("count"))
)
_INSERT, _INSERT_END = Prepared(insert(_booking)), Prepared(insert(_end))


@dataclass(frozen=True, slots=True)
class Book:
    """The wish to book as many seats of a screening as there are ids, which the counter made."""

    booking_ids: tuple[UUID, ...]
    pass_id: UUID
    screening_id: int


@dataclass(frozen=True, slots=True)
class CancelBookings:
    """The wish to give booked seats back. `authorized_by` is a manager's id, past the time limit."""

    booking_ids: tuple[UUID, ...]
    authorized_by: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SwapBooking:
    """The wish to have a seat of another screening for the one booked: both, or nothing is changed."""

    booking_id: UUID
    new_booking_id: UUID
    screening_id: int
    authorized_by: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Booked:
    """What was done with the seats of one screening. `places_left` None: as many as wanted."""

    booking_ids: tuple[UUID, ...]
    event_title: str
    starts_at: datetime
    place: str
    places_left: int | None


def book(session: Session, command: Book, desk: Desk, *, clock: Clock) -> Booked:
    """Book seats on a pass, for nothing. A second try with the same ids returns what the first one booked.

    Raises Refusal for those given back since; for a pass that is blocked, used up or not valid that day, for
    seats beyond what it gives per screening or per day, and for a screening that it does not open, is full,
    or is no longer on sale.
    """
    at = clock.now()
    shift_still_open(session, desk, at=at)
    held = hold_pass(session, command.pass_id)
    if already := read_bookings(session, command.booking_ids):
        _refuse_ended(already)
        return _told(already, held, command.booking_ids)
    showing = open_showing(session, command.screening_id, held, desk.post.rules, at)
    count = len(command.booking_ids)
    check_terms(held, showing, read_standing(session, held["id"]), count)
    _USE_PLACES.change(session, {"pass": held["id"], "count": count})
    rows = [_row(booking_id, held, showing, desk, at) for booking_id in command.booking_ids]
    _insert(session, desk, rows, held, showing, at)
    seats.take(session, Counter({(showing["id"], showing["quota"]): count}), at=at)
    return Booked(
        command.booking_ids, showing["title"], showing["starts_at"], rows[0]["place"], _left(held, count)
    )


def rehearse(
    session: Session, pass_id: UUID, screening_ids: Collection[int], rules: Rules, *, clock: Clock
) -> dict[int, Refusal]:
    """Why `book` would refuse one seat now, by screening; seats sold out aside. Nothing is taken nor held."""
    at = clock.now()
    held, standing = look_at_pass(session, pass_id), read_standing(session, pass_id)
    showings = read_showings(session, screening_ids, held)
    refused = {}
    for screening_id in screening_ids:
        try:
            check_terms(held, check_open(showings.get(screening_id), rules, at), standing, 1)
        except Refusal as refusal:
            refused[screening_id] = refusal
    return refused


def cancel(session: Session, command: CancelBookings, desk: Desk, *, clock: Clock) -> tuple[Booked, ...]:
    """Give booked seats back: on sale again at once, their places back on the pass.

    A second try leaves what the first one gave back as it is. Raises ManagerNeeded past the time limit, which
    a screening that the festival moved does not have; Refusal for a seat that was used or exchanged, that
    another till was faster to give back, and once the screening is over.
    """
    at = clock.now()
    shift_still_open(session, desk, at=at)
    _hold_passes_of(session, command.booking_ids)
    bookings = read_bookings(session, command.booking_ids)
    if len(bookings) != len(set(command.booking_ids)):
        raise Refusal(_("Cette réservation n'existe pas."), _("Scannez le pass de nouveau."))
    standing = [booking for booking in bookings if still_stands(booking, at)]
    for booking in bookings:
        if booking["ended"] is not None and booking["ended_till_id"] != desk.post.till_id:
            raise given_back_before(booking)
    authority = authority_for(session, standing, command.authorized_by, command.reason, desk.post, at)
    for booking in standing:
        _end_booking(session, desk, booking, BookingEndKind.CANCELLED, authority, at)
    places = Counter(booking["pass_id"] for booking in standing)
    for pass_id, count in sorted(places.items(), key=lambda item: str(item[0])):
        _USE_PLACES.change(session, {"pass": pass_id, "count": -count})
    seats.give_back(session, Counter((row["screening_id"], row["quota"]) for row in standing))
    return tuple(Booked((row["id"],), row["title"], row["starts_at"], row["place"], None) for row in bookings)


def swap(session: Session, command: SwapBooking, desk: Desk, *, clock: Clock) -> Booked:
    """Book another screening for the seat booked, which is given back only if the new one is got.

    A second try with the same new id returns what the first one booked. Raises what `book` and `cancel` do.
    """
    at = clock.now()
    shift_still_open(session, desk, at=at)
    _hold_passes_of(session, (command.booking_id,))
    if already := read_bookings(session, (command.new_booking_id,)):
        _refuse_ended(already)
        held = hold_pass(session, already[0]["pass_id"])
        return _told(already, held, (command.new_booking_id,))
    if not (bookings := read_bookings(session, (command.booking_id,))):
        raise Refusal(_("Cette réservation n'existe pas."), _("Scannez le pass de nouveau."))
    found = bookings[0]
    if not still_stands(found, at):
        raise given_back_before(found)
    if found["screening_id"] == command.screening_id:
        raise Refusal(
            _("{what} est déjà réservée.").format(what=what_of(found["title"], found["now_starts_at"])),
            _("Choisissez une autre séance."),
        )
    authority = authority_for(session, [found], command.authorized_by, command.reason, desk.post, at)
    held = hold_pass(session, found["pass_id"])
    showing = open_showing(session, command.screening_id, held, desk.post.rules, at)
    check_terms(held, showing, read_standing(session, held["id"]), 1, instead_of=found)
    row = _row(command.new_booking_id, held, showing, desk, at)
    _insert(session, desk, [row], held, showing, at)
    _end_booking(session, desk, found, BookingEndKind.SWAPPED, authority, at, row["id"])
    returned = Counter([(found["screening_id"], found["quota"])])
    seats.exchange(session, returned, Counter([(showing["id"], showing["quota"])]), at=at)
    return Booked((row["id"],), showing["title"], showing["starts_at"], row["place"], _left(held, 0))


def _refuse_ended(bookings: Sequence[Row]) -> None:
    """Say of what a first try booked that it was given back since."""
    ended = next((booking for booking in bookings if booking["ended"] is not None), None)
    if ended is not None:
        raise given_back_before(ended)


def _hold_passes_of(session: Session, booking_ids: Sequence[UUID]) -> None:
    """Hold the passes of these bookings, always before any seat: two tills never wait in a ring."""
    of = select(_booking.c.pass_id).where(_booking.c.id.in_(booking_ids))
    held = select(_pass.c.id).where(_pass.c.id.in_(of)).order_by(_pass.c.id)
    session.execute(held.with_for_update(key_share=True)).all()


def _row(booking_id: UUID, held: Row, showing: Row, desk: Desk, at: datetime) -> dict[str, Any]:
    return {
        "id": booking_id,
        "pass_id": held["id"],
        "screening_id": showing["id"],
        "tariff_code": showing["tariff_code"],
        "quota": showing["quota"],
        "starts_at": showing["starts_at"],
        "place": f"{showing['venue']}, {showing['hall']}",
        "till_id": desk.post.till_id,
        "operator_id": desk.operator_id,
        "at": at,
        "authorized_by_id": None,
        "reason": "",
    }


def _insert(
    session: Session,
    desk: Desk,
    rows: Sequence[dict[str, Any]],
    held: Row,
    showing: Row,
    at: datetime,
) -> None:
    _INSERT.insert(session, rows)
    journal.append(
        session,
        desk.post,
        JournalKind.BOOKING_MADE,
        {
            "bookings": [str(row["id"]) for row in rows],
            "pass": held["number"],
            "place": rows[0]["place"],
            "quota": showing["quota"],
            "screening": showing["code"],
            "starts_at": showing["starts_at"].isoformat(),
            "tariff": showing["tariff_code"],
        },
        at=at,
        operator_number=desk.operator_number,
    )


def _end_booking(
    session: Session,
    desk: Desk,
    booking: Row,
    kind: BookingEndKind,
    authority: Authority,
    at: datetime,
    swapped_for: UUID | None = None,
) -> None:
    end = {
        "booking_id": booking["id"],
        "kind": kind,
        "till_id": desk.post.till_id,
        "operator_id": desk.operator_id,
        "at": at,
        "authorized_by_id": authority.operator_id,
        "reason": authority.reason,
        "swapped_for_id": swapped_for,
    }
    _INSERT_END.insert(session, [end])
    journal.append(
        session,
        desk.post,
        ENDS_TOLD[kind],
        {
            "authorized_by": authority.operator_number,
            "booking": str(booking["id"]),
            "pass": booking["pass_number"],
            "reason": authority.reason,
            "screening": booking["screening_code"],
            "swapped_for": str(swapped_for) if swapped_for else None,
        },
        at=at,
        operator_number=desk.operator_number,
    )


def _told(bookings: Sequence[Row], held: Row, ids: tuple[UUID, ...]) -> Booked:
    first = bookings[0]
    return Booked(ids, first["title"], first["starts_at"], first["place"], _left(held, 0))


def _left(held: Row, more: int) -> int | None:
    places: int | None = held["places"]
    return None if places is None else places - held["used"] - more
