"""Which months and years wait to be closed."""

from calendar import monthrange
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.kinds import ClosingPeriod
from boxoffice.models import Closing, table

from .closing import WITHOUT_FIGURES, last_made

_closing = table(Closing)


def not_gathered(session: Session, period: ClosingPeriod, part: ClosingPeriod) -> list[Any]:
    """The closings of a smaller period that none of a larger one has gathered yet, without their figures."""
    last = last_made(session, period)
    wanted = select(*WITHOUT_FIGURES).where(_closing.c.period == part).order_by(_closing.c.number)
    if last is not None:
        wanted = wanted.where(_closing.c.last_day > last.last_day)
    return list(session.execute(wanted))


def bounds(period: ClosingPeriod, day: date) -> tuple[date, date]:
    """The first and last day of the month or year of a day."""
    if period is ClosingPeriod.YEAR:
        return date(day.year, 1, 1), date(day.year, 12, 31)
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
