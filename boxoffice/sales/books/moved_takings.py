"""What a till's closing tells of sections and venues, where screenings were told to be of several.

What it counted a screening under is what stood then: any of those that it was ever told to be of, and no
other. So each section comes to what only ever was its own, and to no more than what may have been as well.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, case, func, select
from sqlmodel import Session

from boxoffice.kinds import LineKind
from boxoffice.language import _
from boxoffice.models import Event, Hall, Sale, SaleLine, Screening, Venue, table
from boxoffice.prepared import Prepared

from ..closings.figures import Figures, Place
from .catalogue_books import Moved
from .reconciliation import Wrong

_sale, _line, _screening = table(Sale), table(SaleLine), table(Screening)
_event, _hall, _venue = table(Event), table(Hall), table(Venue)

_sold = case((_line.c.quantity > 0, 1), else_=0)
_TAKINGS = Prepared(
    select(
        _screening.c.code,
        _event.c.section,
        _venue.c.name,
        func.sum(_sold).label("sold"),
        func.sum(1 - _sold).label("returned"),
        func.sum(_line.c.quantity * _line.c.unit_price_cents).label("cents"),
    )
    .select_from(_sale)
    .join(_line, _line.c.sale_id == _sale.c.id)
    .join(_screening, _screening.c.id == _line.c.screening_id)
    .join(_event, _event.c.id == _screening.c.event_id)
    .join(_hall, _hall.c.id == _screening.c.hall_id)
    .join(_venue, _venue.c.id == _hall.c.venue_id)
    .where(
        _sale.c.till_id == bindparam("till"),
        _sale.c.number.between(bindparam("first"), bindparam("last")),
        _line.c.kind == LineKind.TICKET,
    )
    .group_by(_screening.c.code, _event.c.section, _venue.c.name)
)

Amounts = tuple[int, int, int]
"""Tickets sold, tickets returned, and cents."""
Takings = tuple[str, str, Amounts]
"""A screening, the section or venue that it is of now, and what it brought in."""

_NOTHING: Amounts = (0, 0, 0)


def compare_moved(session: Session, where: str, till_id: int, told: Figures, moved: Moved) -> None:
    """Raise Wrong at a section or venue of a till's closing that comes to less or more than it may."""
    if not moved.sections and not moved.venues:
        return
    (span,) = told.spans
    bound = {"till": till_id, "first": span.first_operation, "last": span.last_operation}
    rows = _TAKINGS.all(session, bound)
    for column, places, names in (
        ("section", told.sections, moved.sections),
        ("name", told.venues, moved.venues),
    ):
        _compare(where, places, [(row["code"], row[column], _amounts(row)) for row in rows], names)


def _compare(
    where: str, told: Sequence[Place], takings: Sequence[Takings], moved: Mapping[str, frozenset[str]]
) -> None:
    counted = {place.name: (place.sold, place.returned, place.cents) for place in told}
    least, most = dict[str, Amounts](), dict[str, Amounts]()
    for code, name, amounts in takings:
        several = moved.get(code, frozenset((name,)))
        for each in several:
            is_certain = len(several) == 1
            low = amounts if is_certain else _each(min, amounts)
            high = amounts if is_certain else _each(max, amounts)
            least[each] = _added(least.get(each, _NOTHING), low)
            most[each] = _added(most.get(each, _NOTHING), high)
    for name in sorted({*counted, *most}):
        found = counted.get(name, _NOTHING)
        bounds = zip(least.get(name, _NOTHING), found, most.get(name, _NOTHING), strict=True)
        if not all(low <= value <= high for low, value, high in bounds):
            raise Wrong(where, _("ses chiffres ne sont pas ceux des opérations qu'elle couvre."))


def _amounts(row: Mapping[Any, Any]) -> Amounts:
    return int(row["sold"]), int(row["returned"]), int(row["cents"])


def _each(bound: Callable[[int, int], int], amounts: Iterable[int]) -> Amounts:
    """Each amount, or nothing, whichever is the bound."""
    sold, returned, cents = (bound(0, amount) for amount in amounts)
    return sold, returned, cents


def _added(these: Amounts, others: Amounts) -> Amounts:
    return these[0] + others[0], these[1] + others[1], these[2] + others[2]
