"""Putting a backup back in place of what is there, which is kept first; the journals tell, and go on."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from filelock import FileLock, Timeout
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from boxoffice import __version__
from boxoffice import database as databases
from boxoffice.backup_file import SUFFIX, Backup, NotABackup, Progress, load_rows, read_header, write_backup
from boxoffice.clock import Clock, in_paris
from boxoffice.config import Settings
from boxoffice.database import Database, revision_of
from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.models import Customer, SigningKey, Till, table
from boxoffice.sales.books import journal
from boxoffice.sales.people.personal_data import HELD_NAMES, erase_customers
from boxoffice.sales.staff.operators import StaffMember, staff
from boxoffice.sales.staff.setup import open_post, read_key
from boxoffice.sqlite import copy_sqlite, sqlite_code

from .backups import BackupReason, KeptBackup, back_up, list_backups
from .checking import check_backup
from .keys import keys_here

_SPOILT = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
"""What SQLite answers of a file that can be read no more, which a full disk or a lock is not."""

_customer, _key, _till = table(Customer), table(SigningKey), table(Till)


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of a restoring: what was put back, what was there before, the tills whose journals tell.

    `set_aside` is the file of a database that could not be read any more. `not_erased` are customers erased
    since the backup who could not be erased again.
    """

    about: Backup
    before: KeptBackup | None
    set_aside: Path | None
    tills: tuple[int, ...]
    not_erased: tuple[UUID, ...]


def restore(
    settings: Settings,
    path: Path,
    manager_number: int,
    *,
    clock: Clock,
    progress: Progress = lambda _done, _of: None,
) -> Restored:
    """Put a backup, or a copy of a SQLite file, back: all of it, or nothing.

    What is there is backed up first. Customers erased since are erased again. The journals of the tills whose
    keys are on this computer tell who answered for it. Raises Refusal, leaving everything as it is, for a
    backup that is not whole, a till that is open, and a till whose key is not here.
    """
    with ExitStack() as stack:
        source = stack.enter_context(_as_backup(path, clock))
        stack.enter_context(_tills_closed(settings))
        told: list[tuple[int, str]] = []
        check_backup(source, look=lambda session: told.extend(_told_keys(session)), progress=progress)
        tills = _tills_that_sign(settings, told)
        database, before, set_aside = _make_room(settings, clock)
        try:
            erased = _erased(settings, before)
            about = databases.rebuild(
                database,
                read_header(source).revision,
                lambda connection: load_rows(connection, source, progress=progress),
            )
            not_erased = _tell(database, settings, tills, path.name, manager_number, erased, clock)
            database.scour(*HELD_NAMES)
        finally:
            database.close()
    return Restored(about, before, set_aside, tills, not_erased)


@contextmanager
def managers_of(settings: Settings, path: Path, clock: Clock) -> Iterator[Database]:
    """The database whose managers may answer for a restoring: the one in place, else the backup restored.

    Raises Refusal for a backup that is not whole.
    """
    database = databases.connect(settings.database_url)
    try:
        if _has_staff(database):
            yield database
            return
    finally:
        database.close()
    with _as_backup(path, clock) as source, tempfile.TemporaryDirectory(prefix="boxoffice-") as folder:
        scratch = databases.connect(f"sqlite:///{Path(folder) / 'scratch.sqlite'}")
        try:
            revision = read_header(source).revision
            databases.rebuild(scratch, revision, lambda connection: load_rows(connection, source))
            yield scratch
        finally:
            scratch.close()


def _has_staff(database: Database) -> bool:
    try:
        with database.read() as session:
            return bool(staff(session))
    except DBAPIError:
        return False


@contextmanager
def _as_backup(path: Path, clock: Clock) -> Iterator[Path]:
    """A file as a backup: a copy of a SQLite database is made one, for as long as it is needed."""
    if not path.is_file():
        raise Refusal(_("Il n'y a pas de fichier {file}.").format(file=path))
    with path.open("rb") as file:
        is_sqlite = file.read(15) == b"SQLite format 3"
    if not is_sqlite:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="boxoffice-") as folder:
        copy, made = Path(folder) / "copy.sqlite", Path(folder) / f"copy{SUFFIX}"
        copy_sqlite(path, copy)
        opened = databases.connect(f"sqlite:///{copy}")
        try:
            with opened.read() as session:
                revision = revision_of(session.connection()) or ""
                about = Backup(revision, __version__, clock.now(), path.name)
                write_backup(session.connection(), made, about)
        finally:
            opened.close()
        yield made


@contextmanager
def _tills_closed(settings: Settings) -> Iterator[None]:
    """Keep the tills of this computer shut meanwhile. Raises Refusal if one is open."""
    with ExitStack() as locks:
        for number in {settings.till, *keys_here(settings)}:
            lock = FileLock(settings.data_folder / f"till-{number}.lock", thread_local=False)
            try:
                locks.enter_context(lock.acquire(blocking=False))
            except Timeout as error:
                raise Refusal(
                    _("La caisse {number} est ouverte sur ce poste.").format(number=number),
                    _("Fermez le guichet, ici et sur les autres postes, puis recommencez."),
                ) from error
        yield


def _told_keys(session: Session) -> Sequence[tuple[int, str]]:
    """The keys of a database, each with the number of its till."""
    rows = session.execute(
        select(_till.c.number, _key.c.fingerprint).join(_key, _key.c.till_id == _till.c.id)
    )
    return [(row.number, row.fingerprint) for row in rows]


def _tills_that_sign(settings: Settings, told: Sequence[tuple[int, str]]) -> tuple[int, ...]:
    """The tills whose journals can tell of it here. Raises Refusal if that of this post is none of them."""
    here = {number: signer.fingerprint for number, signer in keys_here(settings).items()}
    tills = tuple(number for number in sorted(here) if (number, here[number]) in told)
    if settings.till not in tills:
        raise Refusal(
            _("La clé de la caisse {number} qui va avec cette sauvegarde n'est pas sur ce poste.").format(
                number=settings.till
            ),
            _("Remettez-la d'abord, de sa copie ou du dossier keys/old : « boxoffice key restore FICHIER »."),
        )
    return tills


def _make_room(settings: Settings, clock: Clock) -> tuple[Database, KeptBackup | None, Path | None]:
    """The database to put the backup into, once what it holds is kept; a file that is spoilt is set aside."""
    database = databases.connect(settings.database_url)
    try:
        _refuse_company(database)
        with database.read() as session:
            is_there = revision_of(session.connection()) is not None
        kept = None
        if is_there:
            kept = back_up(database, settings.backups_folder, BackupReason.RESTORE, None, clock=clock)
    except (DBAPIError, NotABackup) as error:
        database.close()
        if isinstance(error, DBAPIError) and sqlite_code(error) not in _SPOILT:
            raise databases.lost(error) or error from error
        file = Path(str(database.engine.url.database))
        aside = _set_aside(file, f"{in_paris(clock.now()):%Y-%m-%d-%H%M%S}")
        return databases.connect(settings.database_url), None, aside
    except Exception:
        database.close()
        raise
    return database, kept, None


def _set_aside(file: Path, stamp: str) -> Path:
    """Keep a file that is spoilt under another name, with its log: the last sales may be nowhere else."""
    aside = file.with_name(f"{file.stem}-abimee-{stamp}{file.suffix}")
    for part in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            os.replace(f"{file}{part}", f"{aside}{part}")
    return aside


def _refuse_company(database: Database) -> None:
    """Raise Refusal while somebody else is connected to a server's database."""
    if database.is_sqlite:
        return
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    with database.engine.connect() as connection:
        if connection.execute(others).scalar():
            raise Refusal(
                _("D'autres postes sont connectés à cette base de données."),
                _("Fermez le guichet sur chacun, puis recommencez."),
            )


def _erased(settings: Settings, before: KeptBackup | None) -> frozenset[UUID]:
    """The customers known to have been erased, by what was there and by every backup kept here."""
    kept = [backup.about for backup in list_backups(settings.backups_folder)]
    if before is not None:
        kept.append(before.about)
    return frozenset(UUID(customer_id) for about in kept for customer_id in about.erased)


def _tell(
    database: Database,
    settings: Settings,
    tills: Sequence[int],
    backup: str,
    manager_number: int,
    erased: frozenset[UUID],
    clock: Clock,
) -> tuple[UUID, ...]:
    """Have the journals tell of the restoring, and erase again; returns who could not be erased."""
    with database.write() as session:
        posts = [open_post(session, n, read_key(n, settings.key_path_of(n))) for n in tills]
        for post in posts:
            told = {"backup": backup}
            journal.accept_restored(session, post, manager_number, at=clock.now(), backup=told)
        standing = select(_customer.c.id).where(_customer.c.erased_at.is_(None))
        again = sorted(set(session.execute(standing).scalars()) & erased)
        manager = _manager(session, manager_number)
    left = []
    post = next(post for post in posts if post.till_number == settings.till)
    for customer_id in again:
        try:
            with database.write() as session:
                erase_customers(session, [customer_id], post, manager=manager, clock=clock, losing=True)
        except Refusal:
            left.append(customer_id)
    return tuple(left)


def _manager(session: Session, number: int) -> StaffMember:
    """The manager of this number in what was restored, else any: somebody must answer for the erasing."""
    managers = [member for member in staff(session) if member.is_manager]
    return next((member for member in managers if member.number == number), managers[0])
