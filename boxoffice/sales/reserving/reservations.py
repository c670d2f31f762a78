"""E-reservations: seats held unpaid in somebody's name, changed, given up. No money moves."""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import RowMapping, bindparam, insert, select, update
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _
from boxoffice.models import Reservation, ReservationSource, ReservedSeat, ReservedSeatState, table

from ..books.bookkeeping import code_told
from ..codes import CodeKind, new_code
from ..people import writing_down as customers
from ..people.customer_details import CustomerDetails
from ..people.doubles import refuse_doubles
from ..people.writing_down import take_turn, tell_born, touch_known
from ..screenings import seats
from ..screenings.seats import Place
from ..staff.desk import Desk, Post
from ..staff.standing import shift_still_open
from .held_seats import REFERENCE_DIGITS, find, hold, hold_seats, place_of, seats_told, spoken_reference, tell
from .reservable import (
    SeatsWanted,
    Wish,
    check_groups_left,
    read_offers,
    refuse_moved,
    rows_of,
    wanted_of,
)

_reservation, _seat = table(Reservation), table(ReservedSeat)

_GIVE_UP = (
    update(_seat)
    .where(
        _seat.c.reservation_id == bindparam("reservation"),
        _seat.c.position.in_(bindparam("positions", expanding=True)),
        _seat.c.state == ReservedSeatState.HELD,
    )
    .values(state=ReservedSeatState.CANCELLED, changed_at=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class Reserve:
    """The wish to have seats held in somebody's name. The counter made `reservation_id`.

    `customer_id` is of a customer already known, or None for somebody to be written down with `customer`;
    `not_these` look like the same person, and were said to be others.
    """

    reservation_id: UUID
    seats: tuple[SeatsWanted, ...]
    customer: CustomerDetails
    customer_id: UUID | None = None
    not_these: frozenset[UUID] = frozenset()


@dataclass(slots=True)
class Promised:
    """Seats of reservations that are written down one after the other, and taken at one go after that."""

    places: Counter[Place] = field(default_factory=Counter)
    offers: dict[Wish, RowMapping] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChangeReservation:
    """The wish to have these seats held from now on, and no others.

    `seen` are the positions that were held when the cashier looked: others mean that somebody was faster.
    """

    reservation_id: UUID
    seats: tuple[SeatsWanted, ...]
    seen: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CancelReservation:
    """The wish to give up the seats still held of a reservation."""

    reservation_id: UUID


@dataclass(frozen=True, slots=True)
class Reserved:
    """What is held of a reservation. `expires_at` is the first moment at which some of it is let go."""

    reservation_id: UUID
    reference: str
    seats: int
    expires_at: datetime | None


def reserve(session: Session, command: Reserve, desk: Desk, *, clock: Clock) -> Reserved:
    """Hold seats until they are collected or expire. A second try returns what the first one reserved.

    Raises Refusal without a name, for what cannot be reserved any more, and when too few seats are left;
    PossibleDoubles for a name that may be of somebody known, and was not said to be another's.
    """
    at = clock.now()
    shift_still_open(session, desk, at=at)
    if (already := find(session, command.reservation_id)) is not None:
        return _told(session, already)
    if command.customer_id is None:
        command = replace(command, customer_id=_named(session, command, desk, at))
    return write_down(
        session,
        command,
        desk.post,
        source=ReservationSource.COUNTER,
        reference=_new_reference(session),
        code=new_code(CodeKind.RESERVATION),
        at=at,
        operator_number=desk.operator_number,
    )


def _named(session: Session, command: Reserve, desk: Desk, at: datetime) -> UUID:
    """Who reserves: the customer of this very name and phone, or a new one whom the journal tells of."""
    if not command.customer.name:
        raise Refusal(_("Il faut un nom pour réserver."), _("Demandez le nom et le téléphone."))
    take_turn(session)
    if (known := touch_known(session, command.customer, at)) is not None:
        return known
    refuse_doubles(session, command.customer, command.not_these)
    new_id = uuid4()
    customers.write_down(session, {new_id: command.customer}, at)
    tell_born(session, desk, [new_id], at)
    return new_id


def write_down(
    session: Session,
    command: Reserve,
    post: Post,
    *,
    source: ReservationSource,
    reference: str,
    code: str,
    at: datetime,
    operator_number: int | None = None,
    among: Promised | None = None,
) -> Reserved:
    """Write a new reservation down, its seats taken last. Raises Refusal when anything is in the way.

    `among` others, its seats are only promised: they are taken with theirs, by `take_promised`.
    """
    wanted = wanted_of(command.seats)
    if not wanted:
        raise Refusal(_("Aucune place n'est choisie."), _("Choisissez une séance et un tarif."))
    if command.customer_id is None and not command.customer.name:
        raise Refusal(_("Il faut un nom pour réserver."), _("Demandez le nom et le téléphone."))
    offers = read_offers(session, wanted, wanted, post.rules, at)
    if command.customer_id is None:
        customer_id = customers.customer_of(session, command.customer, at)
    else:
        customer_id = customers.hold_standing(session, command.customer_id)
    reservation = {
        "id": command.reservation_id,
        "reference": reference,
        "code": code,
        "customer_id": customer_id,
        "source": source,
        "made_at": at,
    }
    session.execute(insert(_reservation), reservation)
    rows = rows_of(command.reservation_id, wanted, offers, post.rules, at, first=1)
    session.execute(insert(_seat), rows)
    tell(
        session,
        post,
        JournalKind.RESERVATION_MADE,
        reservation,
        {
            "code": code_told(code),
            "customer": str(reservation["customer_id"]),
            "seats": seats_told(rows, {offer["id"]: offer["code"] for offer in offers.values()}),
            "source": source,
        },
        at=at,
        operator_number=operator_number,
    )
    places = Counter(place_of(row) for row in rows)
    if among is None:
        take_promised(session, Promised(places, offers), at=at)
    else:
        seats.check(session, places, at=at, promised=among.places)
        among.places += places
        among.offers |= offers
    return Reserved(command.reservation_id, reference, len(rows), min(row["expires_at"] for row in rows))


def take_promised(session: Session, promised: Promised, *, at: datetime) -> None:
    """Take the seats of reservations that are written down, screening after screening, as every till does.

    Raises Refusal where another till was faster, or moved one of the screenings.
    """
    seats.take(session, promised.places, at=at)
    refuse_moved(session, promised.offers)


def change(session: Session, command: ChangeReservation, desk: Desk, *, clock: Clock) -> Reserved:
    """Hold other seats than before, all or none. A second try finds that nothing is left to change.

    Raises Refusal when somebody else has changed the reservation, and what `reserve` does for the new seats.
    """
    at = clock.now()
    shift_still_open(session, desk, at=at)
    reservation, held = hold(session, command.reservation_id)
    wanted = wanted_of(command.seats)
    now = Counter((row["screening_id"], row["tariff_code"]) for row in held)
    if wanted == now:
        return _told(session, reservation)
    if {row["position"] for row in held} != set(command.seen):
        raise Refusal(
            _("La réservation {reference} a changé entre-temps.").format(
                reference=spoken_reference(reservation["reference"])
            ),
            _("Ouvrez-la de nouveau."),
        )
    more, fewer = wanted - now, now - wanted
    offers = read_offers(session, more, wanted, desk.post.rules, at)
    check_groups_left(session, fewer, wanted)
    last = hold_seats(session, command.reservation_id)[-1]["position"]
    added = rows_of(command.reservation_id, more, offers, desk.post.rules, at, first=last + 1)
    removed = _latest(held, fewer)
    if added:
        session.execute(insert(_seat), added)
    _give_up(session, command.reservation_id, removed, at)
    codes = {offer["id"]: offer["code"] for offer in offers.values()}
    tell(
        session,
        desk.post,
        JournalKind.RESERVATION_CHANGED,
        reservation,
        {"added": seats_told(added, codes), "removed": [row["position"] for row in removed]},
        at=at,
        operator_number=desk.operator_number,
    )
    seats.exchange(session, Counter(map(place_of, removed)), Counter(map(place_of, added)), at=at)
    refuse_moved(session, offers)
    return _told(session, reservation)


def cancel(session: Session, command: CancelReservation, desk: Desk, *, clock: Clock) -> Reserved:
    """Give up the seats still held: on sale again at once. One that has none left is left as it is."""
    at = clock.now()
    shift_still_open(session, desk, at=at)
    reservation, held = hold(session, command.reservation_id)
    if held:
        _give_up(session, command.reservation_id, held, at)
        tell(
            session,
            desk.post,
            JournalKind.RESERVATION_CANCELLED,
            reservation,
            {"removed": [row["position"] for row in held]},
            at=at,
            operator_number=desk.operator_number,
        )
        seats.give_back(session, Counter(map(place_of, held)))
    return _told(session, reservation)


def _latest(held: Sequence[RowMapping], fewer: Mapping[Wish, int]) -> list[RowMapping]:
    """The seats to let go of: of each kind, those reserved last."""
    left = Counter(fewer)
    gone = []
    for row in reversed(held):
        wish = (row["screening_id"], row["tariff_code"])
        if left[wish] > 0:
            left[wish] -= 1
            gone.append(row)
    return sorted(gone, key=lambda row: int(row["position"]))


def _give_up(session: Session, reservation_id: UUID, rows: Sequence[RowMapping], at: datetime) -> None:
    positions = [row["position"] for row in rows]
    session.execute(_GIVE_UP, {"reservation": reservation_id, "positions": positions, "at": at})


def _new_reference(session: Session) -> str:
    """Six digits that no other reservation has: two at a time, they are told and heard without error."""
    while True:
        reference = f"{secrets.randbelow(9 * 10 ** (REFERENCE_DIGITS - 1)) + 10 ** (REFERENCE_DIGITS - 1)}"
        taken = select(_reservation.c.id).where(_reservation.c.reference == reference)
        if session.execute(taken).one_or_none() is None:
            return reference


def _told(session: Session, reservation: Mapping[Any, Any]) -> Reserved:
    rows = hold_seats(session, reservation["id"])
    held = [row["expires_at"] for row in rows if row["state"] is ReservedSeatState.HELD]
    return Reserved(reservation["id"], reservation["reference"], len(held), min(held, default=None))
