"""Who else knows where the journals stand: the other tills of this computer, its backups, papers."""

import json
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from boxoffice.backup_file import NotABackup, read_rows
from boxoffice.clock import Clock, say
from boxoffice.config import Settings
from boxoffice.database import Database
from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _, spoken
from boxoffice.models import JournalEntry, SigningKey, Till, table
from boxoffice.sales.books.entries import STANDS, read_begun
from boxoffice.sales.books.journal import append
from boxoffice.sales.books.reconciliation import Place
from boxoffice.sales.books.signing import read_public_key
from boxoffice.sales.books.witnesses import Witness
from boxoffice.sales.staff.setup import open_post, read_key

from .backups import KeptBackup, sha256_of
from .holding import BEFORE
from .keys import keys_here

_entry, _till, _key = table(JournalEntry), table(Till), table(SigningKey)
_RESTORED = (
    select(_till.c.number, _entry.c.sequence, _entry.c.content)
    .join(_till, _till.c.id == _entry.c.till_id)
    .where(_entry.c.kind == str(JournalKind.DATABASE_RESTORED), _entry.c.sale_id.is_(None))
)

_log = logging.getLogger(__name__)


_Place = tuple[int, int]
"""Where an entry stands: the number of its till, and its own."""


class _Held(NamedTuple):
    """An entry as a backup holds it, and whether one of its keys signed it."""

    digest: str
    is_signed: bool


class _File(NamedTuple):
    """A backup as a journal tells it."""

    name: str
    sha256: str


class _Restoring(NamedTuple):
    """A restoring as entry `sequence` of a till tells it: `at` a moment it went from `known` to `found`.

    `heads` are where the journals of the other tills stood in what was put back; `replaced` is the backup of
    what was there before.
    """

    till: int
    sequence: int
    at: datetime
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
    places = {(each.till, each.sequence) for each in unlike}
    gone = {
        (place, held.digest)
        for _restoring, entries in _replaced(ours, restorings, places)
        for place, held in entries.items()
    }
    return [
        each for each in seen if each not in unlike or ((each.till, each.sequence), each.digest) not in gone
    ]


def hold_papers(
    session: Session, papers: Sequence[Witness], backups: Iterable[KeptBackup]
) -> tuple[list[Witness], list[str]]:
    """The papers that the journals are to be held to, and what is said of those of what a restoring replaced.

    The latter saw an entry that its till had signed: it is in the backup made before that restoring.
    """
    unlike = [paper for paper in papers if not _stands(session, paper)]
    places = {(paper.till, paper.sequence) for paper in unlike}
    ours = [backup for backup in backups if backup.about.may_be_of(read_begun(session))] if unlike else []
    said: dict[Witness, str] = {}
    for restoring, entries in _replaced(ours, _restorings(session), places):
        for paper in unlike:
            entry = entries.get((paper.till, paper.sequence))
            if entry is not None and entry.is_signed and entry.digest.startswith(paper.digest):
                said[paper] = _from_before(paper, restoring)
    return [paper for paper in papers if paper not in said], list(said.values())


def _stands(session: Session, paper: Witness) -> bool:
    """Whether the entry that a paper saw is in the journal."""
    found: str | None = session.execute(STANDS, {"till": paper.till, "sequence": paper.sequence}).scalar()
    return found is not None and found.startswith(paper.digest)


def _from_before(paper: Witness, restoring: _Restoring) -> str:
    return _(
        "{place} : {witness} en a vu une autre, que la caisse avait signée et que {file} garde : la base"
        " d'avant la remise du {moment}, que le journal raconte. Ce papier est d'avant elle, et en règle."
    ).format(
        place=Place(paper.till, paper.sequence),
        witness=paper.by,
        file=restoring.replaced.name,
        moment=say(restoring.at, "EEE d MMM y HH:mm", spoken()),
    )


def _what_stands(session: Session, ours: Iterable[KeptBackup]) -> dict[tuple[int, int], str | None]:
    """The digest that stands where a backup saw the end of a journal, by till and place; None where cut."""
    places = {(till, sequence) for backup in ours for till, sequence, _digest in backup.about.heads}
    return {
        (till, sequence): session.execute(STANDS, {"till": till, "sequence": sequence}).scalar()
        for till, sequence in places
    }


def _replaced(
    ours: Iterable[KeptBackup], restorings: Iterable[_Restoring], places: Collection[_Place]
) -> Iterator[tuple[_Restoring, dict[_Place, _Held]]]:
    """What stood at some places in what restorings replaced, by the backups of that, and in what it had."""
    by_name = {backup.path.name: backup for backup in ours}
    waiting, known = list(restorings) if places else [], set[_File]()
    while waiting:
        restoring = waiting.pop()
        file, backup = restoring.replaced, by_name.get(restoring.replaced.name)
        if file in known or backup is None or sha256_of(backup.path) != file.sha256:
            continue
        known.add(file)
        with suppress(NotABackup):
            entries, earlier = _read_journals(backup, places)
            yield restoring, entries
            waiting += earlier


def _read_journals(
    backup: KeptBackup, places: Collection[_Place]
) -> tuple[dict[_Place, _Held], list[_Restoring]]:
    """What stands at some places in a backup, and the restorings that it tells. Raises NotABackup."""
    numbers: dict[int, int] = {}
    keys: dict[str, str] = {}
    entries: dict[_Place, _Held] = {}
    told: list[tuple[int, int, str]] = []
    # Each table comes after those that its rows refer to.
    for name, row in read_rows(backup.path, (_till.name, _key.name, _entry.name)):
        if name == _till.name:
            numbers[row["id"]] = row["number"]
        elif name == _key.name:
            keys[row["fingerprint"]] = row["public_key"]
        else:
            place = numbers[row["till_id"]], row["sequence"]
            if place in places:
                entries[place] = _Held(row["digest"], _is_signed(row, keys))
            if row["kind"] == JournalKind.DATABASE_RESTORED:
                told.append((*place, row["content"]))
    return entries, list(_told(told))


def _is_signed(row: Mapping[str, Any], keys: Mapping[str, str]) -> bool:
    """Whether the entry of a backup was signed by the key that it names."""
    try:
        verifier = read_public_key(keys[row["key_fingerprint"]])
        return verifier.accepts(bytes.fromhex(row["digest"]), row["signature"])
    except (ValueError, LookupError):
        return False


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
            at = datetime.fromisoformat(told["at"])
            yield _Restoring(number, sequence, at, told["found"], told["known"], heads, replaced)


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
