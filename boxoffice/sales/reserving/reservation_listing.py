"""E-reservations as the counter looks at them: the open ones as they expire, any one by what is told."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, bindparam, case, func, or_, select
from sqlmodel import Session

from boxoffice.models import (
    Customer,
    Event,
    Hall,
    Reservation,
    ReservationSource,
    ReservedSeat,
    ReservedSeatState,
    Screening,
    ScreeningState,
    Tariff,
    table,
)

from ..codes import read_code
from ..people.customer_details import folded, phone_digits
from ..people.customers import find_customers
from .held_seats import spoken_reference

_reservation, _seat, _customer = table(Reservation), table(ReservedSeat), table(Customer)
_screening, _event, _hall, _tariff = table(Screening), table(Event), table(Hall), table(Tariff)

MOST = 60
_NOT_IN_WORDS = str.maketrans("%_\\", "   ")
_HELD = _seat.c.state == ReservedSeatState.HELD
_SOONEST = func.min(case((_HELD, _seat.c.expires_at)))
_LINES = (
    select(
        _seat.c.reservation_id,
        _seat.c.position,
        _seat.c.state,
        _seat.c.tariff_code,
        _seat.c.expires_at,
        _seat.c.screening_id,
        _screening.c.starts_at,
        _screening.c.state.label("screening_state"),
        _event.c.title,
        _event.c.nominative,
        _hall.c.short_name.label("hall"),
        _tariff.c.id.label("tariff_id"),
        _tariff.c.label,
        _tariff.c.price_cents,
        _tariff.c.proof,
        _tariff.c.minimum_group,
    )
    .join(_screening, _screening.c.id == _seat.c.screening_id)
    .join(_event, _event.c.id == _screening.c.event_id)
    .join(_hall, _hall.c.id == _screening.c.hall_id)
    .outerjoin(
        _tariff,
        (_tariff.c.price_list_id == _screening.c.price_list_id)
        & (_tariff.c.code == _seat.c.tariff_code)
        & _tariff.c.active,
    )
    .where(_seat.c.reservation_id.in_(bindparam("ids", expanding=True)))
    .order_by(_seat.c.reservation_id, _screening.c.starts_at, _seat.c.tariff_code, _seat.c.position)
)
_KEPT = select(
    _reservation,
    _customer.c.surname,
    _customer.c.first_name,
    _customer.c.organisation,
    _customer.c.phone,
).join(_customer, _customer.c.id == _reservation.c.customer_id)


@dataclass(frozen=True, slots=True)
class ReservedLine:
    """Equal seats of a reservation. `tariff_id` is None, and the price 0, where the tariff is no more."""

    screening_id: int
    event_title: str
    starts_at: datetime
    hall: str
    cancelled: bool
    nominative: bool
    tariff_code: str
    tariff_id: int | None
    tariff_label: str
    price_cents: int
    proof: str
    minimum_group: int
    state: ReservedSeatState
    expires_at: datetime
    positions: tuple[int, ...]

    @property
    def quantity(self) -> int:
        return len(self.positions)


@dataclass(frozen=True, slots=True)
class KeptReservation:
    """A reservation, in whose name, and what became of its seats."""

    id: UUID
    reference: str
    code: str
    customer_id: UUID
    name: str
    phone: str
    source: ReservationSource
    made_at: datetime
    lines: tuple[ReservedLine, ...]

    @property
    def spoken_reference(self) -> str:
        return spoken_reference(self.reference)

    @property
    def held(self) -> tuple[ReservedLine, ...]:
        """What may still be collected or changed."""
        return tuple(line for line in self.lines if line.state is ReservedSeatState.HELD)

    @property
    def lapsed(self) -> tuple[ReservedLine, ...]:
        """What nobody came for in time: collected all the same where there is still room."""
        return tuple(line for line in self.lines if line.state is ReservedSeatState.EXPIRED)

    @property
    def held_positions(self) -> tuple[int, ...]:
        return tuple(position for line in self.held for position in line.positions)

    @property
    def expires_at(self) -> datetime | None:
        """When the first of its seats is let go of; None when none is held."""
        return min((line.expires_at for line in self.held), default=None)

    @property
    def total_cents(self) -> int:
        """What is to be paid for all that is held."""
        return sum(line.quantity * line.price_cents for line in self.held)


def find_reservations(session: Session, text: str = "", *, most: int = MOST) -> tuple[KeptReservation, ...]:
    """The reservations that `text` may mean, the open ones first, as they expire; all open ones when empty.

    It may be a scanned code, a reference, a name, misspelt or without accents, or a phone number.
    """
    text = text.strip()
    if not text:
        return _read(session, _ids(_HELD, most), most)
    scanned = read_code(text)
    if scanned is not None:
        return _read(session, _ids(_reservation.c.code == scanned[1], most), most)
    found = _read(session, _ids(_named(text), most), most)
    if found:
        return found
    alike = [customer.id for customer in find_customers(session, text)]
    return _read(session, _ids(_reservation.c.customer_id.in_(alike), most), most) if alike else ()


def _named(text: str) -> ColumnElement[bool]:
    """Reservations whose reference begins so, or whose customer has every word and digit typed."""
    bare = "".join(text.split())
    words = folded(text).translate(_NOT_IN_WORDS).split()
    if not any(letter.isalpha() for letter in text):
        words = [digits] if (digits := phone_digits(text)) else []
    of_customer = [_customer.c.search.contains(word) for word in words]
    by_reference = func.lower(_reservation.c.reference).startswith(bare.lower(), autoescape=True)
    if not of_customer:
        return by_reference
    everything = of_customer[0]
    for condition in of_customer[1:]:
        everything &= condition
    return or_(by_reference, everything)


def _ids(condition: ColumnElement[bool], most: int) -> Select[tuple[UUID]]:
    return (
        select(_reservation.c.id)
        .join(_customer, _customer.c.id == _reservation.c.customer_id)
        .join(_seat, _seat.c.reservation_id == _reservation.c.id)
        .where(condition)
        .group_by(_reservation.c.id, _reservation.c.made_at)
        .order_by(_SOONEST.is_(None), _SOONEST, _reservation.c.made_at.desc(), _reservation.c.id)
        .limit(most)
    )


def _read(session: Session, wanted: Select[tuple[UUID]], most: int) -> tuple[KeptReservation, ...]:
    ids = list(session.connection().execute(wanted.limit(most)).scalars())
    if not ids:
        return ()
    kept = session.connection().execute(_KEPT.where(_reservation.c.id.in_(ids))).mappings()
    lines: dict[UUID, list[RowMapping]] = defaultdict(list)
    for row in session.connection().execute(_LINES, {"ids": ids}).mappings():
        lines[row["reservation_id"]].append(row)
    by_id = {row["id"]: _kept(row, lines[row["id"]]) for row in kept}
    return tuple(by_id[reservation_id] for reservation_id in ids)


def _kept(row: RowMapping, seats: Sequence[RowMapping]) -> KeptReservation:
    gathered: dict[tuple[Any, ...], list[RowMapping]] = defaultdict(list)
    for seat in seats:
        gathered[seat["screening_id"], seat["tariff_code"], seat["state"]].append(seat)
    name = " ".join(filter(None, (row["first_name"], row["surname"]))) or row["organisation"]
    return KeptReservation(
        id=row["id"],
        reference=row["reference"],
        code=row["code"],
        customer_id=row["customer_id"],
        name=name,
        phone=row["phone"],
        source=row["source"],
        made_at=row["made_at"],
        lines=tuple(_line(same) for same in gathered.values()),
    )


def _line(same: Sequence[Mapping[Any, Any]]) -> ReservedLine:
    seat = same[0]
    return ReservedLine(
        screening_id=seat["screening_id"],
        event_title=seat["title"],
        starts_at=seat["starts_at"],
        hall=seat["hall"],
        cancelled=seat["screening_state"] is ScreeningState.CANCELLED,
        nominative=seat["nominative"],
        tariff_code=seat["tariff_code"],
        tariff_id=seat["tariff_id"],
        tariff_label=seat["label"] or seat["tariff_code"],
        price_cents=seat["price_cents"] or 0,
        proof=seat["proof"] or "",
        minimum_group=seat["minimum_group"] or 1,
        state=seat["state"],
        expires_at=seat["expires_at"],
        positions=tuple(each["position"] for each in same),
    )
