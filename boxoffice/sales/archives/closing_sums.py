"""Holding the totals of closings against the operations that they cover, added up again."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from boxoffice.language import _

from .opened import contradicted, file_of

Content = Mapping[str, Any]


class ClosingSums:
    """What the closings of tills and of days come to, and what the operations of each have come to so far."""

    def __init__(self) -> None:
        self._covers: dict[tuple[str, int], list[tuple[int, int, str]]] = defaultdict(list)
        self._told: dict[str, tuple[int, int]] = {}
        self._sums: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))

    def expect(self, closing: Content, spans: list[Content]) -> None:
        """Take in a closing, and the numbers of the operations that it covers at each till."""
        self._told[closing["id"]] = closing["period_cents"], closing["period_absolute_cents"]
        for span in spans:
            covers = self._covers[closing["period"], span["till"]]
            covers.append((span["first_operation"], span["last_operation"], closing["id"]))
            covers.sort()

    def add(self, till: int, number: int, vat: list[Content]) -> None:
        """Add an operation, as its entry tells it, to each closing that covers it."""
        turnover = sum(share["gross"] for share in vat)
        absolute = sum(abs(share["gross"]) for share in vat)
        for (_period, of_till), covers in self._covers.items():
            if of_till != till:
                continue
            _first, last, closing = covers[bisect_right(covers, number, key=lambda each: each[0]) - 1]
            if number <= last:
                before = self._sums[closing]
                self._sums[closing] = before[0] + turnover, before[1] + absolute

    def end(self) -> None:
        """Every closing comes to what its operations do. Raises AlteredArchive."""
        for closing, told in self._told.items():
            if self._sums[closing] != told:
                what = _("les opérations que couvre la clôture {id} ne font pas ses totaux")
                raise contradicted(file_of("clotures"), what.format(id=closing))
