"""A database that was put back, and the operations that it has no more, as values that papers tell of."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from boxoffice.kinds import ClosingPeriod
from boxoffice.language import later
from boxoffice.money import format_euros

from ..books.numbers import paper_number

_ONE, _MANY = later("opération {first}"), later("opérations {first} à {last}")
_KNOWN = later("{numbers} hors de cette base : {amount}")
_KNOWN_IN_PART = later("{numbers} hors de cette base : {amount} jusqu'à {counted}, inconnu ensuite")
_UNKNOWN = later("{numbers} hors de cette base, montant inconnu")
_SERIES = {
    ClosingPeriod.DAY: later("Z de la journée {numbers}"),
    ClosingPeriod.MONTH: later("Z du mois {numbers}"),
    ClosingPeriod.YEAR: later("Z de l'année {numbers}"),
}
_OF_TILL = later("Z de la caisse {till} {numbers}")
_NUMBER, _NUMBERS = later("n° {first}"), later("n° {first} à {last}")

ON_SALE_FOR = timedelta(days=183)
"""How long before it begins a screening may be on sale."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Operations of a till that were made, from the first number to the last, and are not in this database.

    Their turnover is known as far as operation `counted`; `absolute_cents` counts returns as well.
    """

    till: int
    first: int
    last: int
    cents: int
    absolute_cents: int
    counted: int

    @property
    def is_counted(self) -> bool:
        """Whether the turnover of all of them is known."""
        return self.counted >= self.last

    def told(self) -> dict[str, Any]:
        """In terms of JSON; an amount of which nothing is known is None."""
        amounts = {"cents": self.cents, "absolute_cents": self.absolute_cents}
        is_known = self.counted >= self.first
        return asdict(self) | {name: cents if is_known else None for name, cents in amounts.items()}

    def said(self, translate: Callable[[str], str] = lambda message: message) -> str:
        """In words, in French unless the interface is to `translate` them."""
        first, last, counted = (
            paper_number(self.till, number) for number in (self.first, self.last, self.counted)
        )
        numbers = translate(_ONE if self.first == self.last else _MANY).format(first=first, last=last)
        if self.counted < self.first:
            return translate(_UNKNOWN).format(numbers=numbers)
        known = _KNOWN if self.is_counted else _KNOWN_IN_PART
        return translate(known).format(numbers=numbers, amount=format_euros(self.cents), counted=counted)


@dataclass(frozen=True, slots=True)
class Gone:
    """Closings of a series that were made, from the first number to the last, and are not in this database.

    What they counted of what is there is counted `again` by the next one of the series, of that number;
    `is_here` in what tells of it.
    """

    first: int
    last: int
    again: int
    is_here: bool

    def said(self) -> str:
        """In words, for a paper."""
        where = "ici à nouveau" if self.is_here else f"à nouveau au Z n° {self.again}"
        if self.first == self.last:
            return (
                f"Le Z n° {self.first}, fait avant la remise, n'est plus dans la base :"
                f" ce qu'il comptait est compté {where}, ou hors de cette base."
            )
        return (
            f"Les Z n° {self.first} à {self.last}, faits avant la remise, ne sont plus dans la base :"
            f" ce qu'ils comptaient est compté {where}, ou hors de cette base."
        )


@dataclass(frozen=True, slots=True)
class Restoring:
    """A database that was put back, from a backup or, with no name of one, from a copy of its file.

    `ends` are, for each series of closings, its last number in what was put back, and the last one known;
    `since` is when the till that tells it had last signed there, which is none before its first entry.
    """

    at: datetime
    backup: str
    left_out: tuple[LeftOut, ...]
    ends: Mapping[str, tuple[int, int]]
    since: datetime | None = None

    @property
    def is_told(self) -> bool:
        """Whether papers say so: not of a journal that goes on, and lacks nothing."""
        return bool(self.backup or self.left_out)

    def may_lack_of(self, starts_at: datetime, ends_at: datetime, *, is_cancelled: bool) -> bool:
        """Whether something of a screening may have been done that is not in the database.

        It was on sale already, and not yet over; one that is cancelled is credited for as long after.
        """
        until = ends_at + ON_SALE_FOR if is_cancelled else ends_at
        goes_on = self.since is None or until >= min(self.since, self.at)
        return self.is_told and goes_on and starts_at - self.at <= ON_SALE_FOR

    @property
    def gone(self) -> dict[str, tuple[int, int]]:
        """The first and last number of the closings of each series that are not in the database any more."""
        return {
            series: (found + 1, known)
            for series, (found, known) in sorted(self.ends.items())
            if known > found
        }

    def left_out_of(self, till: int | None) -> tuple[LeftOut, ...]:
        """What is left out of a till, or None of the whole box office."""
        return tuple(each for each in self.left_out if till in (None, each.till))


def gone_words(
    gone: Mapping[str, tuple[int, int]], translate: Callable[[str], str] = lambda message: message
) -> str:
    """The closings of each series that are gone, in French unless the interface is to `translate` it."""
    return ", ".join(_series_words(series, *ends, translate) for series, ends in gone.items())


def _series_words(series: str, first: int, last: int, translate: Callable[[str], str]) -> str:
    numbers = translate(_NUMBER if first == last else _NUMBERS).format(first=first, last=last)
    kind, _dash, till = series.partition("-")
    told = _OF_TILL if till else _SERIES[ClosingPeriod(kind)]
    return translate(told).format(till=till, numbers=numbers)
