"""Which days, months and years wait to be closed."""

from calendar import monthrange
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.kinds import ClosingPeriod
from boxoffice.models import Closing, table

from .closing import last_made
from .days import last_closed_day

_closing = table(Closing)


def open_day(session: Session) -> tuple[date, date] | None:
    """The oldest day that tills have closed and the box office has not; None where there is none.

    It is more than one day where a till closed several at one go.
    """
    closed = last_closed_day(session) or date.min
    waiting = session.execute(
        select(_closing.c.first_day, _closing.c.last_day)
        .where(_closing.c.period == ClosingPeriod.TILL, _closing.c.last_day > closed)
        .order_by(_closing.c.first_day)
    ).all()
    if not waiting:
        return None
    first, last = waiting[0].first_day, min(row.last_day for row in waiting)
    for row in waiting:
        if row.first_day <= last:
            last = max(last, row.last_day)
    return first, last


def not_gathered(session: Session, period: ClosingPeriod, part: ClosingPeriod) -> list[Any]:
    """The closings of a smaller period that none of a larger one has gathered yet, in their order."""
    last = last_made(session, period)
    wanted = select(_closing).where(_closing.c.period == part).order_by(_closing.c.number)
    if last is not None:
        wanted = wanted.where(_closing.c.last_day > last.last_day)
    return list(session.execute(wanted))


def bounds(period: ClosingPeriod, day: date) -> tuple[date, date]:
    """The first and last day of the month or year of a day."""
    if period is ClosingPeriod.YEAR:
        return date(day.year, 1, 1), date(day.year, 12, 31)
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
