"""Leaving out what was given since a backup: numbers, Zs and totals of a database put back go on after it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from boxoffice.backup_file import Total
from boxoffice.kinds import ClosingPeriod
from boxoffice.models import Closing, Till, table

from ..books import journal, numbering
from ..books.told_restorings import ENTRIES_GONE
from ..statements.given_out import Given, all_given, papers_left_out
from .closing import goes_on_from, last_made
from .reading import turnover
from .restorings import GONE_ON_FROM, LEFT_OUT, read_restorings, series_of
from .spans import open_span

_closing, _till = table(Closing), table(Till)


@dataclass(frozen=True, slots=True)
class Known:
    """What somebody knows to have been given: numbers of tills by series, of closings, and the turnover.

    Beside them, the final statements that were issued, and the last entry of each till's journal; the first
    that `parted` from the journal put back, if not the one after its last.
    """

    numbers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    closings: Mapping[str, int] = field(default_factory=dict)
    totals: Mapping[str, Total] = field(default_factory=dict)
    statements: Given = field(default_factory=Given)
    entries: Mapping[str, int] = field(default_factory=dict)
    parted: Mapping[str, int] = field(default_factory=dict)


def highest(known: Iterable[Known]) -> Known:
    """The highest of all that is known; of a till's turnover, that which goes furthest."""
    numbers: dict[str, dict[str, int]] = {}
    closings: dict[str, int] = {}
    totals: dict[str, Total] = {}
    entries: dict[str, int] = {}
    parted: dict[str, int] = {}
    known = tuple(known)
    for each in known:
        for till, drawn in each.numbers.items():
            _raise(numbers.setdefault(till, {}), drawn)
        _raise(closings, each.closings)
        _raise(entries, each.entries)
        parted |= {till: min(first, parted.get(till, first)) for till, first in each.parted.items()}
        for till, total in each.totals.items():
            totals[till] = max(total, totals.get(till, total))
    return Known(numbers, closings, totals, all_given(each.statements for each in known), entries, parted)


def read_closing_numbers(session: Session) -> dict[str, int]:
    """The last number of each series of closings, by what the journal calls it; 0 of what has none."""
    made = {
        (period, till_id): number
        for period, till_id, number in session.execute(
            select(_closing.c.period, _closing.c.till_id, func.max(_closing.c.number)).group_by(
                _closing.c.period, _closing.c.till_id
            )
        )
    }
    of_box_office = (period for period in ClosingPeriod if period is not ClosingPeriod.TILL)
    return {series_of(period, None): made.get((period, None), 0) for period in of_box_office} | {
        series_of(ClosingPeriod.TILL, number): made.get((ClosingPeriod.TILL, till_id), 0)
        for till_id, number in _tills(session)
    }


def read_totals(session: Session) -> dict[str, Total]:
    """What each till sold since its first use, by its number, with what restorings left out."""
    restorings, totals = read_restorings(session), {}
    for till_id, number in _tills(session):
        last, span = last_made(session, ClosingPeriod.TILL, till_id), open_span(session, till_id)
        start = goes_on_from(restorings, ClosingPeriod.TILL, number, last)
        cents, absolute = turnover(session, span, till_id)
        totals[str(number)] = Total(span.last_operation, start.cents + cents, start.absolute_cents + absolute)
    return totals


def leave_out(session: Session, known: Known) -> dict[str, Any]:
    """Have everything go on after what is `known` to have been given; returns what the journal tells."""
    drawn, totals, made = numbering.read_numbers(session), read_totals(session), read_closing_numbers(session)
    skipped = numbering.skip_numbers(session, known.numbers)
    left_out = {}
    for till, numbers in known.numbers.items():
        last = drawn.get(till, {}).get("operations", 0)
        if numbers.get("operations", 0) > last:
            here = totals.get(till, Total(last, 0, 0))
            left_out[till] = _left_out(here, numbers["operations"], known.totals.get(till, here))
    ends = {
        series: [made.get(series, 0), max(made.get(series, 0), known.closings.get(series, 0))]
        for series in sorted(made.keys() | known.closings.keys())
    }
    gone = _entries_gone(session, known)
    return {
        GONE_ON_FROM: ends,
        **({ENTRIES_GONE: gone} if gone else {}),
        **({"skipped": skipped} if skipped else {}),
        **({LEFT_OUT: left_out} if left_out else {}),
        **papers_left_out(session, known.statements),
    }


def _entries_gone(session: Session, known: Known) -> dict[str, list[int]]:
    """Of each till whose entries went, the last that both journals had, and the last known."""
    gone = {}
    for till, last, _digest in journal.read_heads(session):
        both = min(last, known.parted.get(str(till), last + 1) - 1)
        if (furthest := known.entries.get(str(till), 0)) > both:
            gone[str(till)] = [both, furthest]
    return gone


def _left_out(here: Total, last: int, known: Total) -> dict[str, int]:
    """The operations of a till that are not here, until the `last`, as far as their turnover is known."""
    furthest = max(here, known)
    return {
        "first": here.operation + 1,
        "last": last,
        "cents": furthest.cents - here.cents,
        "absolute_cents": furthest.absolute_cents - here.absolute_cents,
        "counted": min(furthest.operation, last),
    }


def _tills(session: Session) -> list[tuple[int, int]]:
    return [(row.id, row.number) for row in session.execute(select(_till.c.id, _till.c.number))]


def _raise(numbers: dict[str, int], others: Mapping[str, int]) -> None:
    for name, number in others.items():
        numbers[name] = max(number, numbers.get(name, 0))
