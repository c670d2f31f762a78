"""Who else knows where the journals stand: the other tills of this computer, its backups, papers."""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

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
from boxoffice.sales.books.entries import read_begun
from boxoffice.sales.books.journal import append
from boxoffice.sales.books.reconciliation import Place
from boxoffice.sales.books.signing import read_public_key
from boxoffice.sales.books.told_restorings import (
    ToldFile,
    ToldRestoring,
    read_told_restorings,
    told_restoring,
)
from boxoffice.sales.books.witnesses import Witness
from boxoffice.sales.staff.setup import open_post, read_key

from .backups import KeptBackup, sha256_of
from .branches import read_branch, stands_at
from .keys import keys_here

_entry, _till, _key = table(JournalEntry), table(Till), table(SigningKey)

_log = logging.getLogger(__name__)


class _Held(NamedTuple):
    """An entry as a backup holds it, and whether one of its keys signed it."""

    digest: str
    is_signed: bool


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

    Not those of a backup of what a restoring replaced, which the journals tell.
    """
    told, begun = read_told_restorings(session), read_begun(session)
    ours = [backup for backup in backups if backup.checked and backup.about.may_be_of(begun)]
    return [witness for backup in ours for witness in _still_held(session, backup, told)]


def _still_held(session: Session, backup: KeptBackup, told: Sequence[ToldRestoring]) -> Iterator[Witness]:
    """What a backup saw of each journal; it is read where that does not stand, and a restoring may be why."""
    by = _("la sauvegarde {file}").format(file=backup.path.name)
    seen = [Witness(till, sequence, digest, by) for till, sequence, digest in backup.about.heads]
    gone = [each for each in seen if told and not _stands(session, each)]
    branch = read_branch(backup) if gone else None
    for witness in seen:
        if branch is None or witness not in gone or not branch.was_replaced(session, witness, told):
            yield witness


def hold_papers(
    session: Session, papers: Sequence[Witness], backups: Iterable[KeptBackup]
) -> tuple[list[Witness], list[str]]:
    """The papers that the journals are to be held to, and what is said of those of what a restoring replaced.

    The latter saw an entry that its till had signed: it is in the backup made before that restoring.
    """
    unlike = [paper for paper in papers if not _stands(session, paper)]
    places = {Place(paper.till, paper.sequence) for paper in unlike}
    ours = [backup for backup in backups if backup.about.may_be_of(read_begun(session))] if unlike else []
    said: dict[Witness, str] = {}
    for restoring, entries in _replaced(ours, read_told_restorings(session), places):
        for paper in unlike:
            entry = entries.get(Place(paper.till, paper.sequence))
            if entry is not None and entry.is_signed and entry.digest.startswith(paper.digest):
                said[paper] = _from_before(paper, restoring)
    return [paper for paper in papers if paper not in said], list(said.values())


def _stands(session: Session, paper: Witness) -> bool:
    """Whether the entry that a paper saw is in the journal."""
    found = stands_at(session, Place(paper.till, paper.sequence))
    return found is not None and found.startswith(paper.digest)


def _from_before(paper: Witness, restoring: ToldRestoring) -> str:
    return _(
        "{place} : {witness} en a vu une autre, que la caisse avait signée et que {file} garde : la base"
        " d'avant la remise du {moment}, que le journal raconte. Ce papier est d'avant elle, et en règle."
    ).format(
        place=Place(paper.till, paper.sequence),
        witness=paper.by,
        file=restoring.replaced.backup,
        moment=say(restoring.at, "EEE d MMM y HH:mm", spoken()),
    )


def _replaced(
    ours: Iterable[KeptBackup], restorings: Iterable[ToldRestoring], places: Collection[Place]
) -> Iterator[tuple[ToldRestoring, dict[Place, _Held]]]:
    """What stood at some places in what restorings replaced, by the backups of that, and in what it had."""
    by_name = {backup.path.name: backup for backup in ours}
    waiting, known = list(restorings) if places else [], set[ToldFile]()
    while waiting:
        restoring = waiting.pop()
        file, backup = restoring.replaced, by_name.get(restoring.replaced.backup)
        if file in known or backup is None or sha256_of(backup.path) != file.sha256:
            continue
        known.add(file)
        with suppress(NotABackup):
            entries, earlier = _read_journals(backup, places)
            yield restoring, entries
            waiting += earlier


def _read_journals(
    backup: KeptBackup, places: Collection[Place]
) -> tuple[dict[Place, _Held], list[ToldRestoring]]:
    """What stands at some places in a backup, and the restorings that it tells. Raises NotABackup."""
    numbers: dict[int, int] = {}
    keys: dict[str, str] = {}
    entries: dict[Place, _Held] = {}
    told: list[ToldRestoring | None] = []
    # Each table comes after those that its rows refer to.
    for name, row in read_rows(backup.path, (_till.name, _key.name, _entry.name)):
        if name == _till.name:
            numbers[row["id"]] = row["number"]
        elif name == _key.name:
            keys[row["fingerprint"]] = row["public_key"]
        else:
            place = Place(numbers[row["till_id"]], row["sequence"])
            if place in places:
                entries[place] = _Held(row["digest"], _is_signed(row, keys))
            if row["kind"] == JournalKind.DATABASE_RESTORED:
                told.append(told_restoring(place, row["digest"], row["content"]))
    return entries, [restoring for restoring in told if restoring is not None]


def _is_signed(row: Mapping[str, Any], keys: Mapping[str, str]) -> bool:
    """Whether the entry of a backup was signed by the key that it names."""
    try:
        verifier = read_public_key(keys[row["key_fingerprint"]])
        return verifier.accepts(bytes.fromhex(row["digest"]), row["signature"])
    except (ValueError, LookupError):
        return False
