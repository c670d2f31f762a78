"""What may still be spent of stored values when a day ends: what was left the day before, and all since."""

from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.kinds import ClosingPeriod
from boxoffice.models import Closing, table

from .figures import Stored, told_figures

_closing = table(Closing)


def with_outstanding(
    session: Session, stored: tuple[Stored, ...], *, until: date | None = None
) -> tuple[Stored, ...]:
    """These values with what may still be spent of each kind, those that did not move included.

    After the last closing of a day, `stored` being what happened since; or as the last day `until` told.
    """
    last = _last_day(session, until)
    left = {(each.kind, each.rate): each.outstanding or 0 for each in last}
    found = {(each.kind, each.rate): each for each in stored}
    everything = sorted(left.keys() | found.keys(), key=lambda key: (key[0], key[1] or 0))
    told = []
    for key in everything:
        each = found.get(key) or Stored(*key)
        moved = each.change if until is None else 0
        told.append(replace(each, outstanding=left.get(key, 0) + moved))
    return tuple(told)


def _last_day(session: Session, until: date | None) -> tuple[Stored, ...]:
    """What the last closing of a day told, or the last until a day."""
    wanted = select(_closing.c.figures).where(_closing.c.period == ClosingPeriod.DAY)
    if until is not None:
        wanted = wanted.where(_closing.c.last_day <= until)
    told = session.execute(wanted.order_by(_closing.c.number.desc()).limit(1)).scalar_one_or_none()
    return () if told is None else told_figures(told).stored
