"""Figures of periods that follow each other, added up: what a day, a month and a year must come to."""

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

from .figures import (
    Acts,
    Figures,
    FloatLeft,
    FreeTickets,
    Paid,
    Place,
    PrintSteps,
    Sold,
    Stored,
    Taxed,
    TicketNumbers,
    Vat,
)
from .spans import joined

Numbered = TypeVar("Numbered", TicketNumbers, PrintSteps)
Row = TypeVar("Row", Sold, Place, Paid, Taxed, Vat, Stored, FreeTickets, Acts)

_KEYS: dict[type, tuple[str, ...]] = {
    Sold: ("code", "label", "rate"),
    Place: ("name",),
    Paid: ("means",),
    Taxed: ("means", "rate"),
    Vat: ("rate",),
    Stored: ("kind", "rate"),
    FreeTickets: ("reason", "label"),
    Acts: ("what",),
}
"""What tells the rows of each kind apart; everything else of them is added up."""
_COUNTED = (
    "sales",
    "reversals",
    "reversed_cents",
    "credit_notes",
    "credited_cents",
    "authorized",
    "uncertain",
)

_TOLD_LATER = ("taxed", "prints", "floats")
"""What the figures of the first versions do not tell."""


def merged(parts: Sequence[Figures]) -> Figures:
    """The figures of all parts together, in the order of their numbers at each till.

    What may still be spent is left out: it is no sum. What one of them does not tell, they do not together.
    """
    taxed, prints, floats = ([getattr(part, name) for part in parts] for name in _TOLD_LATER)
    return Figures(
        spans=joined(span for part in parts for span in part.spans),
        tariffs=_added(Sold, (row for part in parts for row in part.tariffs)),
        products=_added(Sold, (row for part in parts for row in part.products)),
        vouchers=_added(Sold, (row for part in parts for row in part.vouchers)),
        fees=_added(Sold, (row for part in parts for row in part.fees)),
        sections=_added(Place, (row for part in parts for row in part.sections)),
        venues=_added(Place, (row for part in parts for row in part.venues)),
        payments=_added(Paid, (row for part in parts for row in part.payments)),
        vat=_added(Vat, (row for part in parts for row in part.vat)),
        stored=_added(Stored, (replace(row, outstanding=None) for part in parts for row in part.stored)),
        free=_added(FreeTickets, (row for part in parts for row in part.free)),
        tickets=_joined((row for part in parts for row in part.tickets), "issued"),
        copies=_added(Acts, (row for part in parts for row in part.copies)),
        overrides=_added(Acts, (row for part in parts for row in part.overrides)),
        acts=_added(Acts, (row for part in parts for row in part.acts)),
        shifts=tuple(
            sorted((row for part in parts for row in part.shifts), key=lambda row: (row.till, row.number))
        ),
        taxed=None if None in taxed else _added(Taxed, (row for rows in taxed for row in rows)),
        prints=None if None in prints else _joined((row for rows in prints for row in rows), "uncertain"),
        floats=None if None in floats else _last(row for rows in floats for row in rows),
        **{name: sum(getattr(part, name) for part in parts) for name in _COUNTED},
    )


def told_alike(figures: Figures, other: Figures) -> Figures:
    """Figures without what others of the same do not tell: some of them are of the first versions."""
    silent = {(shift.till, shift.number) for shift in other.shifts if shift.left_before_cents is None}
    return replace(
        figures,
        taxed=None if other.taxed is None else figures.taxed,
        prints=None if other.prints is None else figures.prints,
        floats=None if other.floats is None else figures.floats,
        shifts=tuple(
            replace(shift, left_before_cents=None, before_counted=True)
            if (shift.till, shift.number) in silent
            else shift
            for shift in figures.shifts
        ),
    )


def _added(kind: type[Row], rows: Iterable[Row]) -> tuple[Row, ...]:
    keys = _KEYS[kind]
    totals: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        key = tuple(getattr(row, name) for name in keys)
        totals[key] = _sum(totals[key], row, keys) if key in totals else row
    return tuple(totals[key] for key in sorted(totals, key=_none_first))


def _none_first(key: tuple[Any, ...]) -> tuple[tuple[bool, Any], ...]:
    return tuple((part is not None, part) for part in key)


def _sum(one: Row, other: Row, keys: tuple[str, ...]) -> Row:
    counted = (field.name for field in fields(one) if field.name not in (*keys, "outstanding"))
    return replace(one, **{name: getattr(one, name) + getattr(other, name) for name in counted})


def _joined(rows: Iterable[Numbered], counted: str) -> tuple[Numbered, ...]:
    """The rows of each till as one: from the first number to the last, what is `counted` added up."""
    found: dict[int, Numbered] = {}
    for row in rows:
        before = found.get(row.till)
        if before is not None:
            count = getattr(before, counted) + getattr(row, counted)
            row = replace(before, **{"last": row.last, counted: count})
        found[row.till] = row
    return tuple(found[till] for till in sorted(found))


def _last(rows: Iterable[FloatLeft]) -> tuple[FloatLeft, ...]:
    """What was left of each till at last."""
    found = {row.till: row for row in rows}
    return tuple(found[till] for till in sorted(found))
