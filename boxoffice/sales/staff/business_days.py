"""Which business days are closed, at each till and for the whole box office: what selling depends on."""

from datetime import date, time

from sqlalchemy import exists, func, select
from sqlmodel import Session

from boxoffice.clock import business_day
from boxoffice.kinds import ClosingPeriod
from boxoffice.models import Closing, Sale, ShiftClosing, TillSession, table

_closing, _sale, _shift = table(Closing), table(Sale), table(TillSession)
_counted = table(ShiftClosing)


def last_numbers(session: Session, till_id: int) -> tuple[int, int]:
    """The last operation and shift that the last closing of a till covers; 0 before any."""
    last = session.execute(
        select(_closing.c.last_operation, _closing.c.last_shift)
        .where(_closing.c.till_id == till_id)
        .order_by(_closing.c.number.desc())
        .limit(1)
    ).one_or_none()
    return (0, 0) if last is None else (last.last_operation, last.last_shift)


def unclosed_days(session: Session, till_id: int, starts_at: time) -> tuple[date, date] | None:
    """The first and last business day of what a till did since its last closing; None if it did nothing.

    What it did is a shift, open or closed, or a sale: cash is only moved in a shift.
    """
    operation, shift = last_numbers(session, till_id)
    sold = session.execute(
        select(func.min(_sale.c.business_day), func.max(_sale.c.business_day)).where(
            _sale.c.till_id == till_id, _sale.c.number > operation
        )
    ).one()
    opened = session.execute(
        select(func.min(_shift.c.opened_at), func.max(_shift.c.opened_at))
        .outerjoin(_counted, _counted.c.till_session_id == _shift.c.id)
        .where(
            _shift.c.till_id == till_id,
            _shift.c.closed_at.is_(None) | (_counted.c.number > shift),
        )
    ).one()
    days = [day for day in sold if day] + [business_day(at, starts_at) for at in opened if at]
    return (min(days), max(days)) if days else None


def last_closed_day(session: Session) -> date | None:
    """The last business day that the whole box office has closed."""
    closed: date | None = session.execute(
        select(func.max(_closing.c.last_day)).where(_closing.c.period == ClosingPeriod.DAY)
    ).scalar_one()
    return closed


def open_day(session: Session) -> tuple[date, date] | None:
    """The oldest day that tills have closed and the box office has not; None where there is none.

    It is more than one day where a till closed several at one go. A day closed covers all closings of a till
    until the last one of that day by its number, whatever day a clock set ahead said before.
    """
    closed = last_closed_day(session) or date.min
    later = _closing.alias("later")
    covered = exists().where(
        later.c.till_id == _closing.c.till_id,
        later.c.number > _closing.c.number,
        later.c.last_day <= closed,
    )
    waiting = session.execute(
        select(_closing.c.first_day, _closing.c.last_day)
        .where(_closing.c.period == ClosingPeriod.TILL, _closing.c.last_day > closed, ~covered)
        .order_by(_closing.c.first_day)
    ).all()
    if not waiting:
        return None
    first, last = waiting[0].first_day, min(row.last_day for row in waiting)
    for row in waiting:
        if row.first_day <= last:
            last = max(last, row.last_day)
    return first, last
