"""Who else on this computer knows where the journals stand: its other tills, which sign it, its backups."""

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from boxoffice.backup_file import NotABackup, read_rows
from boxoffice.clock import Clock
from boxoffice.config import Settings
from boxoffice.database import Database
from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _
from boxoffice.models import JournalEntry, Till, table
from boxoffice.sales.books.entries import read_begun
from boxoffice.sales.books.journal import append
from boxoffice.sales.books.witnesses import Witness
from boxoffice.sales.staff.setup import open_post, read_key

from .backups import KeptBackup, sha256_of
from .holding import BEFORE
from .keys import keys_here

_entry, _till = table(JournalEntry), table(Till)
_RESTORED = (
    select(_till.c.number, _entry.c.sequence, _entry.c.content)
    .join(_till, _till.c.id == _entry.c.till_id)
    .where(_entry.c.kind == str(JournalKind.DATABASE_RESTORED), _entry.c.sale_id.is_(None))
)

_STANDS = (
    select(_entry.c.digest)
    .join(_till, _till.c.id == _entry.c.till_id)
    .where(_till.c.number == bindparam("till"), _entry.c.sequence == bindparam("sequence"))
)

_log = logging.getLogger(__name__)


_Seen = tuple[int, int, str]
"""An entry: the number of its till, its place, its digest."""


class _File(NamedTuple):
    """A backup as a journal tells it."""

    name: str
    sha256: str


class _Restoring(NamedTuple):
    """A restoring as entry `sequence` of a till tells it: that till went from `known` back to `found`.

    `heads` are where the journals of the other tills stood in what was put back; `replaced` is the backup of
    what was there before.
    """

    till: int
    sequence: int
    found: int
    known: int
    heads: dict[int, int]
    replaced: _File

    def went_behind(self, witness: Witness, heads: dict[int, int], standing: dict[int, int]) -> bool:
        """Whether a backup of before saw what this left out: by the numbers of the `heads` that it had seen.

        One of those that are `standing` says where it was made since.
        """
        if witness.till == self.till:
            return self.found < witness.sequence <= self.known
        if standing.get(self.till, 0) >= self.sequence:
            return False
        seen = heads.get(self.till, 0)
        was_before = seen < self.sequence or self.found < seen <= self.known
        return was_before and witness.sequence > self.heads.get(witness.till, 0)


def witness_heads(database: Database, settings: Settings, *, clock: Clock) -> None:
    """Have the other tills whose keys are here sign where all journals stand: nobody else may see it today.

    Why one of them cannot is in the log.
    """
    for number in sorted(keys_here(settings).keys() - {settings.till}):
        try:
            with database.write() as session:
                post = open_post(session, number, read_key(number, settings.key_path_of(number)))
                append(session, post, JournalKind.HEADS_WITNESSED, {}, at=clock.now())
        except (Refusal, DBAPIError):
            _log.exception("Till %s cannot witness", number)


def seen_by_backups(session: Session, backups: Iterable[KeptBackup]) -> list[Witness]:
    """The entries that backups hold, listed before this session, and that the journals must hold still.

    Not those that a restoring went back behind, which the journals tell, nor those of what it replaced.
    """
    restorings, begun = list(_restorings(session)), read_begun(session)
    ours = [backup for backup in backups if backup.checked and backup.about.may_be_of(begun)]
    if not restorings:
        return [witness for backup in ours for witness in _seen_by(backup)]
    stands = _what_stands(session, ours)
    seen = [witness for backup in ours for witness in _still_held(backup, restorings, stands)]
    unlike = {each for each in seen if stands[each.till, each.sequence] not in (None, each.digest)}
    if not unlike:
        return seen
    gone = _gone_with(ours, [restoring.replaced for restoring in restorings])
    return [
        each for each in seen if each not in unlike or (each.till, each.sequence, each.digest) not in gone
    ]


def _what_stands(session: Session, ours: Iterable[KeptBackup]) -> dict[tuple[int, int], str | None]:
    """The digest that stands where a backup saw the end of a journal, by till and place; None where cut."""
    places = {(till, sequence) for backup in ours for till, sequence, _digest in backup.about.heads}
    return {
        (till, sequence): session.execute(_STANDS, {"till": till, "sequence": sequence}).scalar()
        for till, sequence in places
    }


def _gone_with(ours: Iterable[KeptBackup], replaced: Iterable[_File]) -> set[_Seen]:
    """The entries of what restorings replaced, by the backups made of it, and of what that had replaced."""
    by_name = {backup.path.name: backup for backup in ours}
    gone: set[_Seen] = set()
    waiting, known = list(replaced), set[_File]()
    while waiting:
        file = waiting.pop()
        backup = by_name.get(file.name)
        if file in known or backup is None or sha256_of(backup.path) != file.sha256:
            continue
        known.add(file)
        with suppress(NotABackup):
            entries, restorings = _read_journals(backup)
            gone |= entries
            waiting += [restoring.replaced for restoring in restorings]
    return gone


def _read_journals(backup: KeptBackup) -> tuple[set[_Seen], list[_Restoring]]:
    """The entries of a backup, and the restorings that they tell. Raises NotABackup."""
    numbers: dict[int, int] = {}
    entries: list[dict[str, Any]] = []
    for name, row in read_rows(backup.path, (_till.name, _entry.name)):
        if name == _till.name:
            numbers[row["id"]] = row["number"]
        else:
            entries.append(row)
    seen = {(numbers[row["till_id"]], row["sequence"], row["digest"]) for row in entries}
    told = [row for row in entries if row["kind"] == JournalKind.DATABASE_RESTORED]
    return seen, list(_told((numbers[row["till_id"]], row["sequence"], row["content"]) for row in told))


def _restorings(session: Session) -> Iterator[_Restoring]:
    """As the journals tell them."""
    return _told((row.number, row.sequence, row.content) for row in session.execute(_RESTORED))


def _told(entries: Iterable[tuple[int, int, str]]) -> Iterator[_Restoring]:
    """By the number of a till, a place and a content; one that was made unreadable is found by verifying."""
    for number, sequence, content in entries:
        with suppress(ValueError, LookupError, TypeError, AttributeError):
            told = json.loads(content)
            heads = {till: last for till, last, _digest in told.get("heads", ())}
            before = told.get(BEFORE, {})
            replaced = _File(before.get("backup", ""), before.get("sha256", ""))
            yield _Restoring(number, sequence, told["found"], told["known"], heads, replaced)


def _still_held(
    backup: KeptBackup, restorings: Sequence[_Restoring], stands: dict[tuple[int, int], str | None]
) -> Iterator[Witness]:
    heads = {till: sequence for till, sequence, _digest in backup.about.heads}
    standing = {
        till: sequence for till, sequence, digest in backup.about.heads if stands[till, sequence] == digest
    }
    for witness in _seen_by(backup):
        if not any(restoring.went_behind(witness, heads, standing) for restoring in restorings):
            yield witness


def _seen_by(backup: KeptBackup) -> Iterator[Witness]:
    by = _("la sauvegarde {file}").format(file=backup.path.name)
    for till, sequence, digest in backup.about.heads:
        yield Witness(till, sequence, digest, by)
