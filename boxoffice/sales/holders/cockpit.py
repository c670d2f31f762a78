"""A pass as the counter looks at it: its holder, its places, the seats booked on it and what can be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.models import (
    Booking,
    BookingEnd,
    BookingEndKind,
    BookingScan,
    Customer,
    Event,
    Hall,
    Pass,
    PassKind,
    PassProduct,
    PassState,
    Product,
    Screening,
    ScreeningState,
    Venue,
    table,
)
from boxoffice.prepared import Prepared, Row

from ..staff.desk import Post
from ..staff.rules import Rules
from .booking_limits import IS_ELSEWHERE, free_until, over_at
from .passes import state_obstacle

_pass, _terms, _product, _customer = table(Pass), table(PassProduct), table(Product), table(Customer)
_booking, _end, _scan = table(Booking), table(BookingEnd), table(BookingScan)
_screening, _event, _hall, _venue = table(Screening), table(Event), table(Hall), table(Venue)

_HELD = Prepared(
    select(
        _pass,
        _product.c.label,
        _terms.c.kind,
        _terms.c.places_per_screening,
        _terms.c.places_per_day,
        _terms.c.place_tariff,
        _terms.c.companion_tariff,
        _terms.c.companions,
        _customer.c.surname,
        _customer.c.first_name,
        _customer.c.organisation,
        _customer.c.email,
        _customer.c.phone,
    )
    .join(_product, _product.c.id == _pass.c.product_id)
    .join(_terms, _terms.c.product_id == _pass.c.product_id)
    .join(_customer, _customer.c.id == _pass.c.holder_id)
    .where(_pass.c.id == bindparam("id"))
)
_BOOKED = Prepared(
    select(
        _booking.c.id,
        _booking.c.screening_id,
        _booking.c.starts_at,
        _booking.c.place,
        IS_ELSEWHERE.label("is_elsewhere"),
        _booking.c.tariff_code,
        _booking.c.at,
        _booking.c.till_id,
        _end.c.kind.label("ended"),
        _end.c.at.label("ended_at"),
        _scan.c.at.label("used_at"),
        _scan.c.door,
        _screening.c.starts_at.label("now_starts_at"),
        _screening.c.ends_at,
        _screening.c.state.label("screening_state"),
        _screening.c.cancelling_ends_minutes,
        _event.c.id.label("event_id"),
        _event.c.title,
        _hall.c.short_name.label("hall"),
        _venue.c.id.label("venue_id"),
        _venue.c.name.label("venue"),
    )
    .join(_screening, _screening.c.id == _booking.c.screening_id)
    .join(_event, _event.c.id == _screening.c.event_id)
    .join(_hall, _hall.c.id == _screening.c.hall_id)
    .join(_venue, _venue.c.id == _hall.c.venue_id)
    .outerjoin(_end, _end.c.booking_id == _booking.c.id)
    .outerjoin(_scan, _scan.c.booking_id == _booking.c.id)
    .where(_booking.c.pass_id == bindparam("id"))
    .order_by(_screening.c.starts_at, _screening.c.id, _booking.c.at, _booking.c.id)
)


@dataclass(frozen=True, slots=True)
class Clash:
    """A booking too near in time to see as well. `minutes` lie between the two: below none, they overlap.

    `travel_minutes` are those that it takes to go from one venue to the other; 0 within a venue.
    """

    title: str
    starts_at: datetime
    hall: str
    minutes: int
    travel_minutes: int


@dataclass(frozen=True, slots=True)
class BookedSeat:
    """A seat booked on a pass, standing or not. Moments are UTC; `clash` is with another that stands.

    `limit` is until when it may be given back without a manager; None: whenever its holder likes. Its
    screening `is_elsewhere` once the festival moved it out of the hall that its holder was told, and is
    `over_at` the later of its end and of the one that it had when it was told.
    """

    id: UUID
    screening_id: int
    event_id: int
    event_title: str
    hall: str
    venue: str
    venue_id: int
    starts_at: datetime
    ends_at: datetime
    over_at: datetime
    told_starts_at: datetime
    told_place: str
    limit: datetime | None
    tariff_code: str
    ended: BookingEndKind | None
    ended_at: datetime | None
    used_at: datetime | None
    door: str
    screening_cancelled: bool
    is_elsewhere: bool
    clash: Clash | None = None

    @property
    def stands(self) -> bool:
        return self.ended is None

    @property
    def was_moved(self) -> bool:
        """Whether the screening is no longer when or where its holder was told."""
        return self.is_elsewhere or self.is_at_another_hour

    @property
    def is_at_another_hour(self) -> bool:
        return self.starts_at != self.told_starts_at

    def is_missed(self, at: datetime) -> bool:
        return self.stands and self.used_at is None and at > self.over_at

    def is_cancellable(self, at: datetime) -> bool:
        """Whether the holder may give it back without a manager."""
        if not self.stands or self.used_at is not None or at > self.over_at:
            return False
        return self.limit is None or at <= self.limit


@dataclass(frozen=True, slots=True)
class Cockpit:
    """A pass and its bookings in order of time. `places` None: as many as wanted."""

    pass_id: UUID
    number: str
    code: str
    label: str
    kind: PassKind
    state: PassState
    obstacle: str
    holder_id: UUID
    holder: str
    organisation: str
    email: str
    phone: str
    places: int | None
    used: int
    places_per_screening: int | None
    places_per_day: int | None
    place_tariff: str
    companion_tariff: str
    companions: int
    valid_from: date | None
    valid_until: date | None
    issued_at: datetime
    travel_minutes: int
    seats: tuple[BookedSeat, ...]

    @property
    def left(self) -> int | None:
        return None if self.places is None else self.places - self.used

    @property
    def standing(self) -> tuple[BookedSeat, ...]:
        return tuple(seat for seat in self.seats if seat.stands)

    def clash_with(
        self, screening_id: int, starts_at: datetime, ends_at: datetime, venue_id: int
    ) -> Clash | None:
        """What else stands in the way of a screening at a venue."""
        for seat in self.standing:
            if seat.screening_cancelled or seat.screening_id == screening_id:
                continue
            travel = 0 if seat.venue_id == venue_id else self.travel_minutes
            minutes = _minutes_between((seat.starts_at, seat.ends_at), (starts_at, ends_at))
            if minutes < travel:
                return Clash(seat.event_title, seat.starts_at, seat.hall, minutes, travel)
        return None


def read_cockpit(session: Session, pass_id: UUID, rules: Rules, post: Post | None = None) -> Cockpit:
    """The cockpit of a pass, as it is at a `post`: what was just booked there can still be undone.

    Raises Refusal if there is no such pass.
    """
    held = _HELD.first(session, {"id": pass_id})
    if held is None:
        raise Refusal(_("Ce pass est inconnu."), _("Cherchez-le par son numéro ou son titulaire."))
    rows = _BOOKED.all(session, {"id": pass_id})
    clashes = _clashes(rows, rules.travel_minutes)
    return Cockpit(
        pass_id=held["id"],
        number=held["number"],
        code=held["code"],
        label=held["label"],
        kind=held["kind"],
        state=held["state"],
        obstacle=state_obstacle(held["state"], held["state_reason"], held["number"]),
        holder_id=held["holder_id"],
        holder=" ".join(filter(None, (held["first_name"], held["surname"]))),
        organisation=held["organisation"],
        email=held["email"],
        phone=held["phone"],
        places=held["places"],
        used=held["used"],
        places_per_screening=held["places_per_screening"],
        places_per_day=held["places_per_day"],
        place_tariff=held["place_tariff"],
        companion_tariff=held["companion_tariff"],
        companions=held["companions"],
        valid_from=held["valid_from"],
        valid_until=held["valid_until"],
        issued_at=held["issued_at"],
        travel_minutes=rules.travel_minutes,
        seats=tuple(_seat(row, clashes.get(row["id"]), rules, post) for row in rows),
    )


def _clashes(rows: Sequence[Row], travel_minutes: int) -> dict[UUID, Clash]:
    """For each standing booking, one that cannot be seen as well: too near in time to walk there."""
    standing = [
        row for row in rows if row["ended"] is None and row["screening_state"] is ScreeningState.SCHEDULED
    ]
    found: dict[UUID, Clash] = {}
    for index, earlier in enumerate(standing):
        for later in standing[index + 1 :]:
            if later["screening_id"] == earlier["screening_id"]:
                continue
            travel = travel_minutes if later["venue_id"] != earlier["venue_id"] else 0
            minutes = _minutes_between(*((row["now_starts_at"], row["ends_at"]) for row in (earlier, later)))
            if minutes >= travel:
                continue
            for one, other in ((earlier, later), (later, earlier)):
                clash = Clash(other["title"], other["now_starts_at"], other["hall"], minutes, travel)
                found.setdefault(one["id"], clash)
    return found


def _minutes_between(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> int:
    """Whole minutes from the end of the first to the start of the next; below none when they overlap."""
    earlier, later = sorted((one, other))
    return (later[0] - earlier[1]) // timedelta(minutes=1)


def _seat(row: Row, clash: Clash | None, rules: Rules, post: Post | None) -> BookedSeat:
    return BookedSeat(
        id=row["id"],
        screening_id=row["screening_id"],
        event_id=row["event_id"],
        event_title=row["title"],
        hall=row["hall"],
        venue=row["venue"],
        venue_id=row["venue_id"],
        starts_at=row["now_starts_at"],
        ends_at=row["ends_at"],
        over_at=over_at(row),
        told_starts_at=row["starts_at"],
        told_place=row["place"],
        limit=free_until(row, rules, post),
        tariff_code=row["tariff_code"],
        ended=row["ended"],
        ended_at=row["ended_at"],
        used_at=row["used_at"],
        door=row["door"] or "",
        screening_cancelled=row["screening_state"] is ScreeningState.CANCELLED,
        is_elsewhere=bool(row["is_elsewhere"]),
        clash=clash,
    )
