"""How full the screenings of today and tomorrow are, and when each sells out if it goes on like this.

The forecast is one that a manager can do in their head: the seats that went to anybody during the last two
hours, in an hour; the seats left, divided by that. Hours of the clock at which nothing was sold the day
before do not count, for nobody sells then.
"""

from collections import Counter
from collections.abc import Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, bindparam, func, literal_column, select
from sqlmodel import Session

from boxoffice.clock import Clock, business_day, in_paris
from boxoffice.kinds import LineKind, ReservedSeatState
from boxoffice.models import Booking, BookingEnd, Reservation, ReservedSeat, Sale, SaleLine, table
from boxoffice.prepared import Prepared

from ..staff.rules import Rules
from .coming import Coming, read_coming
from .hours import span_of_hour

_sale, _line = table(Sale), table(SaleLine)
_booking, _end = table(Booking), table(BookingEnd)
_reservation, _seat = table(Reservation), table(ReservedSeat)

LATELY = timedelta(hours=2)
"""How far back the pace is looked at."""
SHORTEST = timedelta(minutes=30)
"""The least time that a pace is of, when the box office has only just opened."""
USUAL_HOURS = frozenset(range(9, 24))
"""When it sells, as long as no day before tells."""

_AFTER: BindParameter[Any] = bindparam("since")
_TICKETS = Prepared(
    select(func.coalesce(_line.c.screening_id, 0), func.sum(_line.c.quantity))
    .where(
        _line.c.sale_id.in_(select(_sale.c.id).where(_sale.c.at > _AFTER)),
        _line.c.kind == LineKind.TICKET,
        _line.c.quota.is_(None),
    )
    .group_by(literal_column("1"))
)
"""Said such that SQLite goes from the sales of two hours to their lines, not through all the lines."""
_BOOKINGS = Prepared(
    select(_booking.c.screening_id, func.count())
    .outerjoin(_end, _end.c.booking_id == _booking.c.id)
    .where(_booking.c.at > _AFTER, _booking.c.quota.is_(None), _end.c.booking_id.is_(None))
    .group_by(_booking.c.screening_id)
)
_RESERVED = Prepared(
    select(_seat.c.screening_id, func.count())
    .join(_reservation, _reservation.c.id == _seat.c.reservation_id)
    .where(
        _reservation.c.made_at > _AFTER,
        _seat.c.quota.is_(None),
        (_seat.c.state == ReservedSeatState.HELD) | (_seat.c.state == ReservedSeatState.COLLECTED),
    )
    .group_by(_seat.c.screening_id)
)
_COLLECTED = Prepared(
    select(_seat.c.screening_id, func.count())
    .where(
        _seat.c.changed_at > _AFTER,
        _seat.c.quota.is_(None),
        _seat.c.state == ReservedSeatState.COLLECTED,
    )
    .group_by(_seat.c.screening_id)
)
"""Their tickets are sold now, but their seats went when they were reserved."""
_FIRST_SALE = Prepared(select(func.min(_sale.c.at).label("at")).where(_sale.c.at > _AFTER))
_ANY_SALE = Prepared(
    select(_sale.c.id).where(_sale.c.at >= bindparam("since"), _sale.c.at < bindparam("until")).limit(1)
)


@dataclass(frozen=True, slots=True)
class Filling:
    """How full a screening is; `an_hour` seats go to anybody, as of late.

    `full_at` is when it sells out at that pace, None where its sale ends before.
    """

    screening: Coming
    an_hour: float
    is_over: bool
    full_at: datetime | None

    @property
    def is_full(self) -> bool:
        return self.screening.left == 0

    @property
    def percent(self) -> int:
        """How much of the hall is taken, rounded down: 100 only when it is all of it."""
        return 100 * self.screening.taken // max(self.screening.capacity, 1)


def read_filling(session: Session, rules: Rules, *, clock: Clock) -> tuple[Filling, ...]:
    """The screenings of today and tomorrow, what sells out first before the others."""
    now = clock.now()
    today = business_day(now, rules.business_day_starts)
    taken, hours = taken_lately(session, now)
    selling = selling_hours(session, today, now)
    found = (
        _filling(screening, max(taken[screening.id], 0) / hours, selling, now)
        for screening in read_coming(session, rules, today, days=2)
    )
    return tuple(sorted(found, key=_urgency))


def taken_lately(session: Session, now: datetime) -> tuple[Counter[int], float]:
    """The seats that went to anybody at each screening, and in how many hours."""
    since = {"since": now - LATELY}
    taken: Counter[int] = Counter()
    for counted, sign in ((_TICKETS, 1), (_BOOKINGS, 1), (_RESERVED, 1), (_COLLECTED, -1)):
        for screening_id, seats in counted.stored(session, since):
            taken[screening_id] += sign * seats
    first = _FIRST_SALE.first(session, since)
    began = (first and first["at"]) or now
    return taken, max(now - began, SHORTEST) / timedelta(hours=1)


def selling_hours(session: Session, today: date, now: datetime) -> Set[int]:
    """The hours of the clock at which something is sold: those of the day before, and this one."""
    yesterday = today - timedelta(days=1)
    sold = {hour for hour in range(24) if _is_sold_in(session, yesterday, hour)}
    return (sold or USUAL_HOURS) | {in_paris(now).hour}


def _is_sold_in(session: Session, day: date, hour: int) -> bool:
    """Whether anything was sold on a date while the clock showed this hour."""
    since, until = span_of_hour(day, hour)
    return bool(_ANY_SALE.stored(session, {"since": since, "until": until}))


def _filling(screening: Coming, an_hour: float, selling: Set[int], now: datetime) -> Filling:
    is_over = now > screening.on_sale_until
    full_at = None
    if screening.left and an_hour and not is_over:
        full_at = sells_out_at(screening.left / an_hour, selling, now, screening.on_sale_until)
    return Filling(screening, an_hour, is_over, full_at)


def sells_out_at(hours: float, selling: Set[int], now: datetime, until: datetime) -> datetime | None:
    """When so many hours of selling have passed; None if that is after `until`."""
    at, needed = now, timedelta(hours=hours)
    while at < until:
        next_hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        if in_paris(at).hour in selling:
            if at + needed <= next_hour:
                return at + needed if at + needed <= until else None
            needed -= next_hour - at
        at = next_hour
    return None


def _urgency(filling: Filling) -> tuple[int, float, float]:
    """What sells out first; then the fullest; then what is full; then what is over."""
    starts = filling.screening.starts_at.timestamp()
    if filling.is_over:
        return 3, starts, 0
    if filling.is_full:
        return 2, starts, 0
    if filling.full_at is not None:
        return 0, filling.full_at.timestamp(), starts
    return 1, -filling.percent, starts
