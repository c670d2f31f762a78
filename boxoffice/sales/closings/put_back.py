"""A database that was put back, and the operations that it has no more, as values that papers tell of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from boxoffice.language import later
from boxoffice.money import format_euros

from ..books.numbers import paper_number

_ONE, _MANY = later("opération {first}"), later("opérations {first} à {last}")
_KNOWN = later("{numbers} hors de cette base : {amount}")
_KNOWN_IN_PART = later("{numbers} hors de cette base : {amount} jusqu'à {counted}, inconnu ensuite")
_UNKNOWN = later("{numbers} hors de cette base, montant inconnu")


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

    def said(self, translate: Callable[[str], str] = lambda message: message) -> str:
        """In words, in French unless the interface is to `translate` them."""
        first, last, counted = (
            paper_number(self.till, number) for number in (self.first, self.last, self.counted)
        )
        numbers = translate(_ONE if self.first == self.last else _MANY).format(first=first, last=last)
        if self.counted < self.first:
            return translate(_UNKNOWN).format(numbers=numbers)
        known = _KNOWN if self.counted >= self.last else _KNOWN_IN_PART
        return translate(known).format(numbers=numbers, amount=format_euros(self.cents), counted=counted)


@dataclass(frozen=True, slots=True)
class Restoring:
    """A database that was put back, from a backup or, with no name of one, from a copy of its file.

    `ends` are, for each series of closings, its last number in what was put back, and the last one known.
    """

    at: datetime
    backup: str
    left_out: tuple[LeftOut, ...]
    ends: Mapping[str, tuple[int, int]]

    def left_out_of(self, till: int | None) -> tuple[LeftOut, ...]:
        """What is left out of a till, or None of the whole box office."""
        return tuple(each for each in self.left_out if till in (None, each.till))
