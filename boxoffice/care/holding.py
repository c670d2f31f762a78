"""The backups kept here, held to what the journals tell of them: that they are there, and the same files."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.backup_file import SUFFIX
from boxoffice.config import Settings
from boxoffice.kinds import JournalKind
from boxoffice.language import _, plural
from boxoffice.models import JournalEntry, Till, table
from boxoffice.sales.books.entries import read_begun
from boxoffice.sales.books.told_restorings import BEFORE

from .backups import BackupReason, KeptBackup, sha256_of
from .keys import keys_here

_MOST_NAMED = 3
_entry, _till = table(JournalEntry), table(Till)
_TOLD = (
    select(_till.c.number, _entry.c.kind, _entry.c.content)
    .join(_till, _till.c.id == _entry.c.till_id)
    .where(
        _entry.c.kind.in_(
            [
                str(JournalKind.DATABASE_BACKED_UP),
                str(JournalKind.BACKUPS_THROWN_AWAY),
                str(JournalKind.DATABASE_RESTORED),
            ]
        ),
        _entry.c.sale_id.is_(None),
    )
    .order_by(_till.c.number, _entry.c.sequence)
)


class Held(NamedTuple):
    """The backups that are what they say, and the names of the others.

    Some files were `changed` since a journal told their SHA-256, some of them to be of `other_books`; others
    are `missing`, and the rule did not throw them away.
    """

    kept: tuple[KeptBackup, ...] = ()
    changed: tuple[str, ...] = ()
    other_books: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class _Told:
    """What the journals tell of backups: by name the SHA-256s, and which ought to be on this computer."""

    def __init__(self, session: Session, tills: Iterable[int]) -> None:
        self.digests: dict[str, set[str]] = defaultdict(set)
        expected: dict[int, set[str]] = {till: set() for till in tills}
        thrown_away: set[str] = set()
        for till, kind, content in session.execute(_TOLD):
            here = expected.get(till, set())
            # What was made unreadable is found by verifying.
            with suppress(ValueError, LookupError, TypeError, AttributeError):
                told = json.loads(content)
                if kind == JournalKind.BACKUPS_THROWN_AWAY:
                    thrown_away.update(told["backups"])
                    continue
                if kind == JournalKind.DATABASE_RESTORED:
                    # What was thrown away since the backup that was put back is told no more.
                    here.clear()
                    told = told.get(BEFORE, {})
                if "sha256" in told:
                    self.digests[told["backup"]].add(told["sha256"])
                    if told["reason"] != BackupReason.ASKED:
                        here.add(told["backup"])
        self.expected = set().union(*expected.values()) - thrown_away


def told_backup(kept: KeptBackup) -> dict[str, str]:
    """What a journal tells of a backup."""
    return {"backup": kept.path.name, "reason": kept.about.reason, "sha256": kept.sha256}


def hold_backups(session: Session, settings: Settings, kept: Iterable[KeptBackup]) -> Held:
    """Hold the backups `kept` here, listed before this session, to what the journals of a database tell.

    What a person asked for is theirs to take away, and so are those of another computer.
    """
    told, begun = _Told(session, keys_here(settings)), read_begun(session)
    by_name = {backup.path.name: backup for backup in kept}
    paths = {path.name: path for path in settings.backups_folder.glob(f"*{SUFFIX}")}
    there = told.digests.keys() & paths.keys()
    changed = {name for name in there if sha256_of(paths[name]) not in told.digests[name]}
    other_books = {
        name for name in told.digests.keys() & by_name.keys() if not by_name[name].about.may_be_of(begun)
    }
    return Held(
        tuple(backup for name, backup in by_name.items() if name not in changed),
        tuple(sorted(changed)),
        tuple(sorted(other_books)),
        tuple(sorted(told.expected - paths.keys())),
    )


def changed_words(held: Held) -> Iterator[str]:
    """What is said of each file that is no more what it was."""
    for name in held.changed:
        said = _("La sauvegarde {file} n'est plus le fichier que le journal a vu faire.").format(file=name)
        other = _("Elle se dit maintenant d'autres comptes.") if name in held.other_books else ""
        yield f"{said} {other}".rstrip()


def missing_words(held: Held) -> str:
    """What is said of those that are gone; nothing where none is."""
    if not held.missing:
        return ""
    named = ", ".join(held.missing[-_MOST_NAMED:])
    return plural(
        "{count} sauvegarde que le journal raconte n'est plus là, et la règle ne l'a pas jetée : {named}.",
        "{count} sauvegardes que le journal raconte ne sont plus là, et la règle ne les a pas jetées,"
        " dont {named}.",
        len(held.missing),
    ).format(count=len(held.missing), named=named)
