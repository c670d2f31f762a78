"""The rows behind a figure: the sales it counts, the bookings and reservations that hold seats."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select
from sqlmodel import Session

from boxoffice.models import (
    Booking,
    BookingEnd,
    Pass,
    Payment,
    Reservation,
    ReservedSeat,
    ReservedSeatState,
    Sale,
    SaleLine,
    table,
)
from boxoffice.prepared import Prepared

from ..finding import find_sales
from ..history import SaleSummary, read_sales
from ..people.customer_index import CustomerIndex
from .hours import spans_of_hour

_sale, _line, _payment = table(Sale), table(SaleLine), table(Payment)
_booking, _end, _pass = table(Booking), table(BookingEnd), table(Pass)
_reservation, _reserved = table(Reservation), table(ReservedSeat)

LISTED = 200
"""The most sales that are listed behind a figure: the latest."""

_BOOKED = Prepared(
    select(_booking.c.id, _pass.c.number, _booking.c.at, _booking.c.tariff_code)
    .join(_pass, _pass.c.id == _booking.c.pass_id)
    .outerjoin(_end, _end.c.booking_id == _booking.c.id)
    .where(_booking.c.screening_id == bindparam("screening"), _end.c.booking_id.is_(None))
    .order_by(_booking.c.at.desc(), _pass.c.number)
)

_RESERVED = Prepared(
    select(
        _reservation.c.reference,
        func.count().label("seats"),
        func.min(_reserved.c.expires_at).label("expires_at"),
    )
    .join(_reservation, _reservation.c.id == _reserved.c.reservation_id)
    .where(_reserved.c.screening_id == bindparam("screening"), _reserved.c.state == ReservedSeatState.HELD)
    .group_by(_reservation.c.id, _reservation.c.reference)
    .order_by(func.min(_reserved.c.expires_at), _reservation.c.reference)
)


@dataclass(frozen=True, slots=True)
class Behind:
    """Which operations a figure counts: those of a day, of one of its hours, of a means, and so on.

    All that is told must hold; `hour` goes with a day. `since` is left out, `until` included.
    """

    day: date | None = None
    hour: int | None = None
    means: str | None = None
    operator_id: int | None = None
    till_id: int | None = None
    screening_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class BookedSeat:
    """A seat booked on a pass, told by the number of that pass and not by its holder."""

    id: UUID
    pass_number: str
    at: datetime
    tariff_code: str


@dataclass(frozen=True, slots=True)
class ReservedSeats:
    """Seats of a screening that an unpaid reservation holds, told by its reference alone."""

    reference: str
    seats: int
    expires_at: datetime


def read_behind(session: Session, behind: Behind) -> tuple[SaleSummary, ...]:
    """The latest operations that a figure counts."""
    return read_sales(session, _counted(behind), limit=LISTED)


def find_behind(
    session: Session, behind: Behind, text: str, *, today: date, index: CustomerIndex | None = None
) -> tuple[SaleSummary, ...]:
    """Those of the operations that a figure counts which `text` may mean, as `find_sales` does."""
    return find_sales(session, text, today=today, among=_counted(behind), index=index, limit=LISTED)


def read_bookings_of(session: Session, screening_id: int) -> tuple[BookedSeat, ...]:
    """The seats of a screening booked on passes, the latest first."""
    rows = _BOOKED.all(session, {"screening": screening_id})
    return tuple(BookedSeat(*row.values()) for row in rows)


def read_reservations_of(session: Session, screening_id: int) -> tuple[ReservedSeats, ...]:
    """The unpaid reservations that hold seats of a screening, the first to expire first."""
    rows = _RESERVED.all(session, {"screening": screening_id})
    return tuple(ReservedSeats(*row.values()) for row in rows)


def _counted(behind: Behind) -> ColumnElement[bool]:
    """The condition on an operation that a figure stands for."""
    conditions: list[ColumnElement[bool]] = []
    if behind.day is not None:
        conditions.append(_sale.c.business_day == behind.day)
        if behind.hour is not None:
            spans = spans_of_hour(behind.day, behind.hour)
            conditions.append(or_(*((_sale.c.at >= since) & (_sale.c.at < until) for since, until in spans)))
    for column, wanted in ((_sale.c.operator_id, behind.operator_id), (_sale.c.till_id, behind.till_id)):
        if wanted is not None:
            conditions.append(column == wanted)
    if behind.since is not None:
        conditions.append(_sale.c.at > behind.since)
    if behind.until is not None:
        conditions.append(_sale.c.at <= behind.until)
    if behind.means is not None:
        paid = select(_payment.c.sale_id).where(
            _payment.c.sale_id == _sale.c.id, _payment.c.means == behind.means
        )
        conditions.append(paid.exists())
    if behind.screening_id is not None:
        of_it = select(_line.c.sale_id).where(_line.c.screening_id == behind.screening_id)
        conditions.append(_sale.c.id.in_(of_it))
    return and_(*conditions)
