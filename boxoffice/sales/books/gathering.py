"""Which closings each closing of the box office gathers: a day those of its tills, a month its days."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from boxoffice.kinds import ClosingPeriod

from ..closings.figures import Figures

Content = Mapping[str, Any]
Chains = dict[tuple[ClosingPeriod, int | None], list[Content]]
"""The closings of each till, and of each period of the box office, in their order."""

_GATHERED = {
    ClosingPeriod.DAY: ClosingPeriod.TILL,
    ClosingPeriod.MONTH: ClosingPeriod.DAY,
    ClosingPeriod.YEAR: ClosingPeriod.MONTH,
}


def gathered(chains: Chains, figures: Mapping[Any, Figures]) -> Mapping[Any, list[Figures]]:
    """The figures that each closing of the box office gathers: of those since the last, until its end.

    A day gathers what its numbers cover at each till, should a clock set ahead have told a later day, and all
    that is of its days; a month and a year go by days alone.
    """
    found: dict[Any, list[Figures]] = defaultdict(list)
    covered = _covered(chains, figures)
    for period, part in _GATHERED.items():
        gathering = chains.get((period, None), ())
        last_days = [row["last_day"] for row in gathering]
        for row in (row for (of, _till), chain in chains.items() if of is part for row in chain):
            place = bisect_left(last_days, row["last_day"])
            if part is ClosingPeriod.TILL:
                place = min(place, covered.get(row["id"], place))
            if place < len(gathering):
                found[gathering[place]["id"]].append(figures[row["id"]])
    return found


def _covered(chains: Chains, figures: Mapping[Any, Figures]) -> Mapping[Any, int]:
    """By the id of a till's closing, the place of the first day whose numbers reach its own."""
    reached: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for place, row in enumerate(chains.get((ClosingPeriod.DAY, None), ())):
        for span in figures[row["id"]].spans:
            reached[span.till].append((span.last_entry, place))
    return {
        row["id"]: ends[index][1]
        for (of, _till), chain in chains.items()
        if of is ClosingPeriod.TILL
        for row in chain
        for span in figures[row["id"]].spans
        if (ends := reached[span.till]) and (index := bisect_left(ends, (span.last_entry,))) < len(ends)
    }
