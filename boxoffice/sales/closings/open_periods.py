"""Which days, months and years wait to be closed."""

from datetime import date

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.kinds import ClosingPeriod
from boxoffice.models import Closing, table

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
