"""Databases that were put back, as the journals tell: what they left out, and what closings go on from.

No number that is known to have been given is given again, and totals since first use never go back: what was
sold and is in this database no more still was.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.clock import in_paris
from boxoffice.errors import Refusal
from boxoffice.kinds import ClosingPeriod, JournalKind
from boxoffice.language import _
from boxoffice.models import JournalEntry, Till, table

from .put_back import Gone, LeftOut, Restoring

_entry, _till = table(JournalEntry), table(Till)
_before = _entry.alias("entry_before")
_TOLD = (
    select(_entry.c.at, _entry.c.content, _before.c.at.label("since"))
    .outerjoin(
        _before, (_before.c.till_id == _entry.c.till_id) & (_before.c.sequence == _entry.c.sequence - 1)
    )
    .where(
        _entry.c.till_id.in_(select(_till.c.id)),
        _entry.c.kind == str(JournalKind.DATABASE_RESTORED),
        _entry.c.sale_id.is_(None),
    )
    .order_by(_entry.c.at)
)

GONE_ON_FROM = "closings"
"""Under this an entry tells, of each series of closings, its last number there, and the last one known."""
LEFT_OUT = "left_out"
"""Under this an entry tells which operations of each till are no more in the database."""


class Start(NamedTuple):
    """What the next closing of a series goes on from: a number, and the totals since first use."""

    number: int
    cents: int
    absolute_cents: int


def series_of(period: ClosingPeriod, till: int | None) -> str:
    """What the journal calls the closings of a till, or of a kind of period of the box office."""
    return str(period) if till is None else f"till-{till}"


def read_restorings(session: Session) -> tuple[Restoring, ...]:
    """Every restoring that the journals tell with what it left out, in their order.

    Raises Refusal for one that was made unreadable: what goes on from it would be wrong.
    """
    try:
        told = [(row, json.loads(row.content)) for row in session.execute(_TOLD)]
        return tuple(
            replace(told_restoring(row.at, content), since=row.since)
            for row, content in told
            if GONE_ON_FROM in content
        )
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise Refusal(
            _("Le journal raconte une base remise, et cette entrée ne se lit plus."),
            _("Ne corrigez rien. Vérifiez le journal : « boxoffice journal verify »."),
        ) from error


def told_restoring(at: datetime, content: Mapping[str, Any]) -> Restoring:
    """A restoring as its entry tells it. Raises LookupError, TypeError or ValueError."""
    return Restoring(
        at,
        content.get("backup", ""),
        tuple(LeftOut(int(till), **told) for till, told in sorted(content.get(LEFT_OUT, {}).items())),
        {series: (found, known) for series, (found, known) in content[GONE_ON_FROM].items()},
    )


def go_on(restorings: Iterable[Restoring], period: ClosingPeriod, till: int | None, last: Start) -> Start:
    """What the closing after the `last` one of its series in this database goes on from."""
    number, cents, absolute = last
    for restoring in restorings:
        found, known = restoring.ends.get(series_of(period, till), (None, 0))
        if found == last.number:
            number = max(number, known)
            cents += sum(each.cents for each in restoring.left_out_of(till))
            absolute += sum(each.absolute_cents for each in restoring.left_out_of(till))
    return Start(number, cents, absolute)


def told_after(
    restorings: Iterable[Restoring], period: ClosingPeriod, till: int | None, *, last: int, last_day: date
) -> tuple[Restoring, ...]:
    """The restorings told by the closing or reading of `last_day` that comes after the `last` of its series.

    Those before it, until the end of the year in which the database was put back, and in any case those that
    left out what it is the first to count.
    """
    series = series_of(period, till)
    return tuple(
        each
        for each in restorings
        if each.is_told
        and series in each.ends
        and _is_told(each.ends[series][0], last, is_of_year=last_day.year <= in_paris(each.at).year)
    )


def closings_gone(
    restorings: Iterable[Restoring], period: ClosingPeriod, till: int | None, *, last: int, last_day: date
) -> tuple[Gone, ...]:
    """The closings of a series that are gone, as that of `last_day` tells them which comes after the `last`.

    Each is told once, whichever tills told of the restoring, and for as long as the restoring is.
    """
    series, ends = series_of(period, till), dict[int, int]()
    for each in restorings:
        found, known = each.ends.get(series, (0, 0))
        is_of_year = last_day.year <= in_paris(each.at).year
        if known > found and _is_told(found, last, is_of_year=is_of_year):
            ends[found] = max(known, ends.get(found, 0))
    return tuple(
        Gone(found + 1, known, known + 1, is_here=found == last) for found, known in sorted(ends.items())
    )


def _is_told(found: int, last: int, *, is_of_year: bool) -> bool:
    return found == last or (found < last and is_of_year)
