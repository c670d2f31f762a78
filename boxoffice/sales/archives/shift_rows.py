"""Holding the shifts of an archive against the entries that opened and closed their drawers."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from boxoffice.language import _

from ..books.bookkeeping import Names, named
from .opened import AlteredArchive, OpenedArchive, contradicted, file_of

_SHIFTS = "sessions"

Content = Mapping[str, Any]


class ShiftRows:
    """How each shift of an archive began and ended, by its till and its beginning, until entries tell it.

    Two may have begun at the same moment of a clock that was set back.
    """

    def __init__(self, archive: OpenedArchive, names: Names) -> None:
        self._opened, self._closed = Counter[tuple[Any, ...]](), Counter[tuple[Any, ...]]()
        self._told, self._due = Counter[tuple[Any, ...]](), Counter[tuple[Any, ...]]()
        for row in archive.rows(_SHIFTS):
            till, operator = named(names.tills, row["till_id"]), named(names.operators, row["operator_id"])
            self._opened[till, row["opened_at"], operator, row["float_cents"]] += 1
            self._closed[till, row["opened_at"], row["closed_at"], row["counted_cents"]] += 1

    def hear_opened(self, content: Content) -> None:
        """Who opened, and with which float: the shift may be of a day that is not in the archive."""
        self._opened[content["till"], content["at"], content["operator"], content["float"]] -= 1

    def hear_closed(self, content: Content, *, is_due: bool) -> None:
        """When it was closed, and what was counted; it is to be there if `is_due`."""
        till, opened_at = content.get("of_till", content["till"]), content["opened_at"]
        told = till, opened_at, content["at"], content["counted"]
        self._told[told] += 1
        self._due[told] += is_due

    def end(self) -> None:
        """Each shift is told at both its ends, and those due are there. Raises AlteredArchive."""
        closed, told, due = self._closed, self._told, self._due
        for till, opened_at, *_end in (*+self._opened, *(closed - told), *(due - closed)):
            raise _otherwise(till, opened_at)


def _otherwise(till: Any, opened_at: str) -> AlteredArchive:
    what = _("la session de la caisse {till} ouverte à {at} n'est pas celle que le journal raconte")
    return contradicted(file_of(_SHIFTS), what.format(till=till, at=opened_at))
