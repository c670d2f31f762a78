"""Backups: when one is made, where it is kept, how long; each is read again before it gets its name."""

import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import func, select
from sqlmodel import Session

from boxoffice import __version__
from boxoffice.backup_file import (
    LOCK,
    SUFFIX,
    Backup,
    NotABackup,
    Progress,
    Total,
    read_header,
    write_backup,
)
from boxoffice.clock import Clock, in_paris
from boxoffice.database import HEAD, MIGRATION, Database
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind, TurnsAt
from boxoffice.language import _
from boxoffice.models import Customer, JournalEntry, Numbering, table
from boxoffice.revisions import revision_of
from boxoffice.sales.books.entries import read_begun
from boxoffice.sales.books.journal import CLOCK_TOLERANCE, append, read_heads
from boxoffice.sales.books.numbering import read_numbers
from boxoffice.sales.closings.leaving_out import read_closing_numbers, read_totals
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.permissions import require_of
from boxoffice.sales.statements.given_out import read_given

from .checking import SCRATCH, check_backup

ALL_FOR = timedelta(days=2)
ONE_A_DAY_FOR = timedelta(days=14)
ONE_A_MONTH_FOR = timedelta(days=366)
DAYS_KEPT = 10
"""The last days of which there are backups keep one, whatever a clock makes of their age."""
DAYS_OF_LATE = 2
"""On how many of the last days backups were made, before any is thrown away for its age."""
DOUBTFUL = "-douteuse"
"""In the name of a backup that could not be read again, but was kept for want of a better one."""
LOOKED_BACK = 5_000
"""The last entries of each till among which the last backup is looked for."""
_STAMP = "%Y-%m-%d-%H%M%S"
_entry, _numbering, _customer = table(JournalEntry), table(Numbering), table(Customer)

_log = logging.getLogger(__name__)


class BackupReason(StrEnum):
    """Why a backup is made; it is part of the name of its file."""

    SCHEDULE = "reguliere"
    MIGRATION = MIGRATION
    CLOSING = "cloture"
    ASKED = "demandee"
    RESTORE = "avant-remise"


THINNED = (BackupReason.SCHEDULE, BackupReason.MIGRATION, BackupReason.CLOSING)
"""Those thrown away in time; what a person asked for is theirs to throw away."""


@dataclass(frozen=True, slots=True)
class KeptBackup:
    """A backup in its file; `sha256` is that of the file, `checked` whether it could be read again."""

    path: Path
    about: Backup
    size: int
    sha256: str = ""
    checked: bool = True


def back_up(
    database: Database,
    folder: Path,
    reason: BackupReason,
    post: Post | None,
    *,
    clock: Clock,
    progress: Progress = lambda _done, _of: None,
) -> KeptBackup:
    """Make a backup, read it again, keep it in `folder` by its date and reason; the journal of `post` tells.

    Others go on selling. Older ones are thrown away by the rule after one that is made by itself. Raises
    Refusal, and keeps nothing, when it cannot be read again, or holds what no value can be; but before a
    restoring it is kept as it is, for there may be nothing better, and a TypeError tells of such a value.
    """
    try:
        with _alone(folder, wait=True):
            made = _back_up(database, folder, reason, post, clock, progress)
    except TypeError as error:
        if reason is BackupReason.RESTORE:
            raise
        raise Refusal(
            _("Une valeur de la base ne se lit pas : aucune sauvegarde ne peut en être faite."),
            _("Ne corrigez rien. Vérifiez le journal : « boxoffice journal verify »."),
        ) from error
    if reason in THINNED and post is not None:
        _let_go(database, folder, post, clock)
    return made


def back_up_asked(
    database: Database,
    folder: Path,
    post: Post,
    asked_by: int | None,
    *,
    clock: Clock,
    progress: Progress = lambda _done, _of: None,
) -> KeptBackup:
    """Make a backup that somebody asks for, by their number; None where everybody may.

    Whoever has a backup has all that is in the database: raises ManagerNeeded for who may make no archive.
    """
    with database.read() as session:
        require_of(session, Action.MAKE_ARCHIVE, asked_by)
    return back_up(database, folder, BackupReason.ASKED, post, clock=clock, progress=progress)


def back_up_if_due(database: Database, folder: Path, post: Post, *, clock: Clock) -> KeptBackup | None:
    """Make the backup of the hour, if the rule wants one and no counter has made it nor is about to.

    To be called while nobody is selling at this till. Older ones are then thrown away by the rule.
    """
    if not is_due(database, post, clock=clock):
        return None
    try:
        with _alone(folder, wait=False), _only_counter(database) as alone:
            if not alone or not is_due(database, post, clock=clock):
                return None
            made = _back_up(database, folder, BackupReason.SCHEDULE, post, clock, lambda _done, _of: None)
    except Timeout:
        return None
    _let_go(database, folder, post, clock)
    return made


def is_due(database: Database, post: Post, *, clock: Clock) -> bool:
    """Whether the last backup that any journal tells of is as old as the rule lets it get."""
    every = timedelta(hours=post.rules.backup_hours)
    if not every:
        return False
    with database.read() as session:
        last = last_backup_at(session, clock=clock)
    return last is None or clock.now() - last >= every


def check_alone(
    path: Path,
    folder: Path,
    *,
    progress: Progress = lambda _done, _of: None,
    look: Callable[[Session], None] | None = None,
) -> Backup:
    """Check a backup, wherever it is, while nobody makes another in `folder`, and sweeps it first.

    Raises what `check_backup` does.
    """
    with _alone(folder, wait=True):
        return check_backup(path, folder=folder, progress=progress, look=look)


def list_backups(folder: Path) -> tuple[KeptBackup, ...]:
    """The backups kept in a folder, the newest first; those that cannot be read are left off."""
    kept = []
    for path in folder.glob(f"*{SUFFIX}"):
        try:
            checked = DOUBTFUL not in path.stem
            kept.append(KeptBackup(path, read_header(path), path.stat().st_size, checked=checked))
        except (NotABackup, OSError):
            _log.warning("%s cannot be read as a backup", path)
    return tuple(sorted(kept, key=lambda backup: (backup.about.at, backup.path.name), reverse=True))


def throw_away(folder: Path, *, clock: Clock) -> tuple[Path, ...]:
    """Keep all of two days, then one a day for two weeks, then one a month for a year; returns what went.

    The last days of which there are backups keep one in any case.
    """
    gone = tuple(backup.path for backup in superfluous(list_backups(folder), clock.now()))
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


def superfluous(backups: Sequence[KeptBackup], now: datetime) -> Iterator[KeptBackup]:
    """Those that the rule does not keep: of a day or a month it keeps the last.

    None where those of late are all of one day: a clock set ahead may just have made the others look old.
    """
    lately = (backup.about.at for backup in backups if timedelta() <= now - backup.about.at <= ALL_FOR)
    if len({f"{in_paris(at):%Y-%m-%d}" for at in lately}) < DAYS_OF_LATE:
        return
    days: set[str] = set()
    months: set[str] = set()
    thinned = (backup for backup in backups if backup.about.reason in THINNED)
    for backup in sorted(thinned, key=lambda backup: backup.about.at, reverse=True):
        age, day = now - backup.about.at, f"{in_paris(backup.about.at):%Y-%m-%d}"
        last_of_day, last_of_month = day not in days, day[:7] not in months
        days.add(day)
        months.add(day[:7])
        if age <= ALL_FOR or (last_of_day and (age <= ONE_A_DAY_FOR or len(days) <= DAYS_KEPT)):
            continue
        if age > ONE_A_MONTH_FOR or not last_of_month:
            yield backup


def last_backup_at(session: Session, *, clock: Clock) -> datetime | None:
    """When the last backup was made at any till, as the journals tell; None if none of late.

    One that a clock set ahead made in a time to come is none.
    """
    lately = (
        select(func.max(_entry.c.at))
        .join(_numbering, _numbering.c.till_id == _entry.c.till_id)
        .where(
            _entry.c.sequence > _numbering.c.journal - LOOKED_BACK,
            _entry.c.kind == JournalKind.DATABASE_BACKED_UP,
            _entry.c.at <= clock.now() + CLOCK_TOLERANCE,
        )
    )
    found: datetime | None = session.execute(lately).scalar()
    return found


def _back_up(
    database: Database,
    folder: Path,
    reason: BackupReason,
    post: Post | None,
    clock: Clock,
    progress: Progress,
) -> KeptBackup:
    at = clock.now()
    part = folder / f".{in_paris(at):{_STAMP}}-{os.getpid()}.part"
    try:
        with database.read() as session:
            connection = session.connection()
            revision = revision_of(connection) or HEAD
            about = Backup(
                revision,
                __version__,
                at,
                reason,
                _erased(session),
                heads=read_heads(session),
                numbers=read_numbers(session),
                closings=read_closing_numbers(session),
                totals=_totals(session, keep_anyway=reason is BackupReason.RESTORE),
                begun=read_begun(session),
                statements=read_given(session).told(),
            )
            about = write_backup(connection, part, about, progress=progress)
        checked = _check(part, about, keep_anyway=reason is BackupReason.RESTORE)
        path = _named(folder, f"{in_paris(at):{_STAMP}}-{reason}{'' if checked else DOUBTFUL}")
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    kept = KeptBackup(path, about, path.stat().st_size, sha256_of(path), checked)
    if post is not None:
        with database.write() as session:
            told = {"backup": path.name, "reason": reason, "sha256": kept.sha256}
            append(session, post, JournalKind.DATABASE_BACKED_UP, told, at=at)
    return kept


def _totals(session: Session, *, keep_anyway: bool) -> dict[str, Total]:
    """What each till sold. Raises Refusal where the journals cannot say, unless it is kept anyway."""
    try:
        return read_totals(session)
    except Refusal:
        if not keep_anyway:
            raise
        return {}


def _let_go(database: Database, folder: Path, post: Post, clock: Clock) -> None:
    """Throw away by the rule what is older, and have the journal of `post` tell which."""
    gone = throw_away(folder, clock=clock)
    if gone:
        told = {"backups": [path.name for path in gone]}
        with database.write() as session:
            append(session, post, JournalKind.BACKUPS_THROWN_AWAY, told, at=clock.now())


def _check(part: Path, about: Backup, *, keep_anyway: bool) -> bool:
    """Whether a backup just made can be read again, to the row. Raises Refusal if not, unless kept anyway."""
    try:
        if check_backup(part, folder=part.parent).rows != about.rows:
            raise NotABackup(_("La sauvegarde relue n'a pas toutes ses lignes."))
    except Refusal:
        if not keep_anyway:
            raise
        return False
    return True


def _erased(session: Session) -> tuple[str, ...]:
    ids = session.execute(select(_customer.c.id).where(_customer.c.erased_at.is_not(None))).scalars()
    return tuple(sorted(str(customer_id) for customer_id in ids))


def _named(folder: Path, name: str) -> Path:
    """A path that nothing has yet."""
    path, again = folder / f"{name}{SUFFIX}", 2
    while path.exists():
        path, again = folder / f"{name}-{again}{SUFFIX}", again + 1
    return path


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _alone(folder: Path, *, wait: bool) -> Iterator[None]:
    """Be the only one on this computer to make a backup. Raises Timeout at once if not to `wait`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(folder / LOCK, timeout=-1 if wait else 0, thread_local=False):
        _sweep(folder)
        yield


def _sweep(folder: Path) -> None:
    """Remove what a program that was stopped half-way left."""
    for part in folder.glob(".*.part"):
        part.unlink(missing_ok=True)
    for scratch in folder.glob(f"{SCRATCH}*"):
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def _only_counter(database: Database) -> Iterator[bool]:
    """Whether no other counter is at it: on one computer the lock of the folder says so already."""
    if database.is_sqlite:
        yield True
        return
    with database.engine.connect() as connection:
        yield bool(connection.execute(select(func.pg_try_advisory_xact_lock(TurnsAt.BACKING_UP))).scalar())
