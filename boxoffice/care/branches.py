"""Journals that a restoring replaced: a backup made in them tells so itself, wherever it lies."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from sqlmodel import Session

from boxoffice.backup_file import NotABackup, read_rows
from boxoffice.kinds import JournalKind
from boxoffice.models import JournalEntry, Till, table
from boxoffice.sales.books.entries import STANDS
from boxoffice.sales.books.reconciliation import Place
from boxoffice.sales.books.told_restorings import ToldRestoring
from boxoffice.sales.books.witnesses import Witness

from .backups import KeptBackup

_entry, _till = table(JournalEntry), table(Till)


@dataclass(frozen=True, slots=True)
class Branch:
    """The journals of a backup: the digest of each entry, and the places of those that tell a restoring."""

    digests: Mapping[Place, str]
    restorings: frozenset[Place]

    def was_replaced(self, session: Session, witness: Witness, told: Iterable[ToldRestoring]) -> bool:
        """Whether one of the restorings that the chains tell left out what this backup saw.

        One that the backup holds itself was made before it. Another left out what its till, or all of them,
        had beyond what it found: there the journals part, if not where the branch began by a restoring.
        """
        since = [each for each in told if self.digests.get(each.place) != each.digest]
        found = [last for each in since if (last := each.found_of(witness.till)) is not None]
        if not found:
            return False
        parts = self._parts_at(session, witness)
        return parts in self.restorings or min(found) < parts.entry

    def _parts_at(self, session: Session, witness: Witness) -> Place:
        """The first entry of a till that its chain has not, nor those after it: each seals all before it."""
        alike, unlike = 0, witness.sequence
        while unlike - alike > 1:
            middle = Place(witness.till, (alike + unlike) // 2)
            if stands_at(session, middle) == self.digests.get(middle):
                alike = middle.entry
            else:
                unlike = middle.entry
        return Place(witness.till, unlike)


def read_branch(backup: KeptBackup) -> Branch:
    """The journals of a backup; none if it is one no more."""
    numbers: dict[int, int] = {}
    digests: dict[Place, str] = {}
    restorings = set()
    with suppress(NotABackup):
        for name, row in read_rows(backup.path, (_till.name, _entry.name)):
            if name == _till.name:
                numbers[row["id"]] = row["number"]
                continue
            place = Place(numbers[row["till_id"]], row["sequence"])
            digests[place] = row["digest"]
            if row["kind"] == JournalKind.DATABASE_RESTORED:
                restorings.add(place)
    return Branch(digests, frozenset(restorings))


def stands_at(session: Session, place: Place) -> str | None:
    """The digest of the entry at a place, if there is one."""
    found: str | None = session.execute(STANDS, {"till": place.till, "sequence": place.entry}).scalar()
    return found
