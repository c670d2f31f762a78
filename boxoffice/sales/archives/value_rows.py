"""Holding the movements of cards, balances, points and codes, and what is left of each, against the journal.

A value may have moved again since the period: what is left is only known where its last movement is told.
"""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from boxoffice.clock import day_after, paris
from boxoffice.language import _

from ..books.bookkeeping import Names
from ..books.journal import canonical
from ..books.value_books import kept_movement, told_movement
from ..staff.rules import read_kept
from .opened import OpenedArchive, contradicted, file_of

_MOVEMENTS, _VALUES = "valeurs-mouvements", "valeurs"
_HASH_BYTES = 16
"""A year may have as many movements as sales: no more of each is kept."""

Content = Mapping[str, Any]


class ValueRows:
    """The movements of an archive that no entry has told yet, and the last one told of each value."""

    def __init__(self, archive: OpenedArchive, about: Content, names: Names) -> None:
        self._archive = archive
        self._since, self._until = _bounds(archive, about)
        self._kept: set[bytes] = set()
        for row in archive.rows(_MOVEMENTS):
            told = _hashed((row["value_id"], row["sequence"], *kept_movement(row, names)))
            if told in self._kept:
                raise contradicted(file_of(_MOVEMENTS), _("un mouvement y est deux fois"))
            self._kept.add(told)
        self._last: dict[str, tuple[int, int | None]] = {}
        self._kinds: dict[str, str] = {}

    def hear(self, content: Content, *, is_covered: bool) -> None:
        """Hold the movements that an entry tells against it; `is_covered` if by a sale of the period.

        Raises AlteredArchive.
        """
        if not content.keys() & {"issued", "values"}:
            return
        sale = content["sale"]["id"] if "sale" in content else None
        at = datetime.fromisoformat(content["at"])
        is_due = is_covered or (sale is None and self._since <= at < self._until)
        for issued in content.get("issued", ()):
            self._kinds[issued["id"]] = issued["kind"]
        for moved in content.get("values", ()):
            value, sequence = moved["value"], moved["sequence"]
            self._last[value] = max(
                (sequence, moved["left"]), self._last.get(value, (0, None)), key=lambda told: told[0]
            )
            told = _hashed((value, sequence, *told_movement(moved, content, sale)))
            if is_due and told not in self._kept:
                what = _("le mouvement {number} de la valeur {id} n'y est pas comme le journal le raconte")
                raise contradicted(file_of(_MOVEMENTS), what.format(number=sequence, id=value))
            self._kept.discard(told)

    def end(self) -> None:
        """No movement is left that no journal tells; values hold what theirs left. Raises AlteredArchive."""
        if self._kept:
            raise contradicted(
                file_of(_MOVEMENTS), _("il y a un mouvement qu'aucun journal ne raconte ainsi")
            )
        for row in self._archive.rows(_VALUES):
            sequence, left = self._last.get(row["id"], (0, None))
            moved, amount = row["movements"], row["amount"]
            is_other = self._kinds.get(row["id"], row["kind"]) != row["kind"]
            is_known = moved == sequence and amount != left and sequence > 0
            if is_other or is_known or moved < sequence or (not moved and amount):
                what = _("la valeur {id} n'est pas ce que ses mouvements en ont laissé")
                raise contradicted(file_of(_VALUES), what.format(id=row["id"]))


def _bounds(archive: OpenedArchive, about: Content) -> tuple[datetime, datetime]:
    """The moments at which the days of the archive begin and end, by the rule that is in it."""
    kept = {row["name"]: row["value"] for row in archive.rows("regles")}
    starts_at = read_kept(kept).business_day_starts
    first, last = date.fromisoformat(about["first"]), date.fromisoformat(about["last"])
    return paris(first, starts_at), paris(day_after(last), starts_at)


def _hashed(told: tuple[Any, ...]) -> bytes:
    return hashlib.blake2b(canonical(told).encode(), digest_size=_HASH_BYTES).digest()
