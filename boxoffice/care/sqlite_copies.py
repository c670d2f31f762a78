"""Copies of SQLite files, as somebody carries them off: put back like any backup, once they are made one."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from boxoffice import __version__
from boxoffice import database as databases
from boxoffice.backup_file import SUFFIX, Backup, NotABackup, write_backup
from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.revisions import has_lost_revision, revision_of, without_revision
from boxoffice.sqlite import copy_sqlite, sqlite_code

SPOILT = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""What SQLite answers of a file that can be read no more, which a full disk or a lock is not."""
_MAGIC = b"SQLite format 3"


@contextmanager
def as_backup(path: Path, clock: Clock) -> Iterator[Path]:
    """A file as a backup: a copy of a SQLite database is made one, for as long as it is needed.

    Raises Refusal for a file that is not there, and NotABackup for a SQLite file that is none of a festival.
    """
    if not path.is_file():
        raise Refusal(_("Il n'y a pas de fichier {file}.").format(file=path))
    with path.open("rb") as file:
        is_sqlite = file.read(len(_MAGIC)) == _MAGIC
    if not is_sqlite:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="boxoffice-") as folder:
        copy, made = Path(folder) / "copy.sqlite", Path(folder) / f"copy{SUFFIX}"
        _copy(path, copy)
        _write_as_backup(copy, made, path.name, clock)
        yield made


def _copy(path: Path, copy: Path) -> None:
    try:
        copy_sqlite(path, copy)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF not in SPOILT:
            raise
        raise _unreadable(path.name) from error


def _write_as_backup(copy: Path, made: Path, name: str, clock: Clock) -> None:
    opened = databases.connect(f"sqlite:///{copy}")
    try:
        with opened.read() as session:
            revision = revision_of(session.connection())
            if has_lost_revision(session.connection()):
                raise without_revision()
            if revision is None:
                raise NotABackup(
                    _("{file} n'est pas la base de données d'un festival.").format(file=name),
                    _("Prenez-en une autre : « boxoffice backup list » les nomme."),
                )
            write_backup(session.connection(), made, Backup(revision, __version__, clock.now(), name))
    except DBAPIError as error:
        if sqlite_code(error) not in SPOILT:
            raise
        raise _unreadable(name) from error
    finally:
        opened.close()


def _unreadable(name: str) -> NotABackup:
    return NotABackup(
        _("{file} n'est pas une base de données qui se lit.").format(file=name),
        _("Prenez-en une autre : « boxoffice backup list » les nomme."),
    )
