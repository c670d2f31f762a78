"""Which months and years wait to be closed."""

from calendar import monthrange
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.kinds import ClosingPeriod
from boxoffice.models import Closing, table

from .closing import last_made

_closing = table(Closing)


class Part(NamedTuple):
    """A closing that a larger one gathers."""

    id: UUID
    last_day: date


def not_gathered(session: Session, period: ClosingPeriod, part: ClosingPeriod) -> list[Part]:
    """The closings of a smaller period that none of a larger one has gathered yet, in their order."""
    last = last_made(session, period)
    wanted = (
        select(_closing.c.id, _closing.c.last_day)
        .where(_closing.c.period == part)
        .order_by(_closing.c.number)
    )
    if last is not None:
        wanted = wanted.where(_closing.c.last_day > last.last_day)
    return [Part(*row) for row in session.execute(wanted.order_by(_closing.c.number))]


def bounds(period: ClosingPeriod, day: date) -> tuple[date, date]:
    """The first and last day of the month or year of a day."""
    if period is ClosingPeriod.YEAR:
        return date(day.year, 1, 1), date(day.year, 12, 31)
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
