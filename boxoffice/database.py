"""One database, SQLite or PostgreSQL: sessions to read, sessions to write, and its schema kept up to date."""

import gc
import logging
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection, Engine, create_engine, func, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlmodel import Session as Session

from . import __version__
from .backup_file import LOCK, SUFFIX, Backup, load_rows, write_backup
from .clock import Clock, SystemClock, in_paris
from .errors import KeptRefusal, Refusal
from .kinds import TurnsAt
from .language import _
from .revisions import has_lost_revision, newer_than_program, revision_of, without_revision
from .sqlite import (
    BUSY,
    check_references,
    open_sqlite,
    sqlite_code,
    without_references,
)

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "models" / "migrations"
HEAD = "0005"
"""The revision of the schema that this program works with; knowing it spares each start loading Alembic."""

ATTEMPTS = 4
MAPPED_BYTES = 1 << 32
"""How much of its file SQLite looks at without copying it, for work that reads all of it once."""
SORTED_IN_MEMORY = "64MB"
"""What PostgreSQL may take for each of its sorts in such work."""
_ACTS, _SPECIMEN = "after_commit", "specimen"
MIGRATION = "mise-a-jour"
"""The reason of a backup made before the schema is brought up to date."""
_SYSTEM_CLOCK = SystemClock()
_LOST_LINE = {
    "connect_timeout": 5,
    "tcp_user_timeout": 8000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
"""How soon a pulled cable is noticed, in seconds but for the second, which is in milliseconds."""

_log = logging.getLogger(__name__)

Result = TypeVar("Result")


class DatabaseLost(Refusal):
    """The database does not answer; nothing of the request is known to have been done."""


@dataclass(frozen=True)
class Database:
    """Where everything is kept. Sessions are short and never shared between threads.

    `specimen` marks every paper of this program, whatever the database says of itself.
    """

    engine: Engine
    write_engine: Engine
    specimen: str = ""

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session on a steady view of the data, that waits for nobody."""
        with Session(self.engine, expire_on_commit=False, info={_SPECIMEN: self.specimen}) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose work is committed as a whole when the block ends, or not at all.

        A KeptRefusal ends the block as well: what was counted of it is committed before it is raised.
        """
        kept: KeptRefusal | None = None
        info = {_SPECIMEN: self.specimen}
        with Session(self.write_engine, expire_on_commit=False, info=info) as session:
            with session.begin():
                try:
                    yield session
                except KeptRefusal as refusal:
                    kept = refusal
            for act in session.info.get(_ACTS, ()):
                _do(act)
        if kept is not None:
            raise kept

    def attempt(self, work: Callable[[Session], Result]) -> Result:
        """Do `work` in one write transaction, again if the database lost it on the way.

        Only for work whose second try finds what the first one did, such as a checkout by its UUID.
        Raises DatabaseLost when no try was answered, and IntegrityError when each broke the same rule.
        """
        for remaining in reversed(range(ATTEMPTS)):
            try:
                with self.write() as session:
                    return work(session)
            except DBAPIError as error:
                if not _worth_another_try(error):
                    raise
                if not remaining and isinstance(error, IntegrityError):
                    raise
                if not remaining:
                    raise _no_answer() from error
                time.sleep(random.uniform(0.01, 0.05))
        raise AssertionError("unreachable")

    @contextmanager
    def read_all(self) -> Iterator[Session]:
        """A session for work that reads nearly everything once, such as a verification.

        SQLite looks at the file in memory, without copying its pages; PostgreSQL sorts there, and plans for
        all rows of a stream; rows of plain values hold no circle for the garbage collector to look for.
        """
        was_collecting = gc.isenabled()
        gc.disable()
        try:
            with self.read() as session, self._at_hand(session):
                yield session
        finally:
            if was_collecting:
                gc.enable()

    @contextmanager
    def _at_hand(self, session: Session) -> Iterator[None]:
        if not self.is_sqlite:
            session.execute(text(f"SET LOCAL work_mem = '{SORTED_IN_MEMORY}'"))
            session.execute(text("SET LOCAL cursor_tuple_fraction = 1"))
            yield
            return
        session.execute(text(f"PRAGMA mmap_size = {MAPPED_BYTES}"))
        try:
            yield
        finally:
            session.execute(text("PRAGMA mmap_size = 0"))

    def rest(self) -> None:
        """While nobody is selling: let SQLite move its log into the file, which a sale would wait for."""
        if self.is_sqlite:
            with self.engine.connect() as connection:
                driver = connection.connection.driver_connection
                assert driver is not None
                driver.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def scour(self, *tables: str) -> None:
        """Leave no byte of rows blanked or deleted, which free pages and the log would keep for a while.

        SQLite copies the whole file, and everybody waits; PostgreSQL copies these `tables`.
        """
        patient = self.engine if self.is_sqlite else self.write_engine
        with patient.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            if self.is_sqlite:
                driver.execute("VACUUM")
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            else:
                driver.execute(f"VACUUM (FULL) {', '.join(tables)}")

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()
        self.write_engine.dispose()


def after_commit(session: Session, act: Callable[[], None]) -> None:
    """Have `act` done once this session's work is committed, and not at all if it is not."""
    session.info.setdefault(_ACTS, []).append(act)


def specimen_of(session: Session) -> str:
    """What marks every paper of the program that this session is of; nothing where its sales are real."""
    return str(session.info.get(_SPECIMEN, ""))


def take_turns(session: Session, work: TurnsAt) -> None:
    """Wait until nobody else is at this work, until the transaction ends: SQLite has one writer."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(work)))


def connect(url: str) -> Database:
    """Open the database at `url` (`sqlite:///…` or `postgresql+psycopg://…`), leaving its schema alone."""
    if make_url(url).get_backend_name() == "sqlite":
        return Database(*open_sqlite(url))
    writing = create_engine(
        url,
        isolation_level="READ COMMITTED",
        hide_parameters=True,
        connect_args=_LOST_LINE | {"options": "-c lock_timeout=15s -c timezone=UTC"},
    )
    reading = writing.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Database(reading, writing)


def migrate(database: Database, clock: Clock = _SYSTEM_CLOCK, backups: Path | None = None) -> None:
    """Bring the schema to this program's version; a database newer than the program is refused.

    Its rows are backed up first, from one view of them, into the folder of `backups`, and read again; without
    such a folder, as for a database that is just being made, they are not. Programs started at the same time
    wait for the first of them. Raises Refusal, migrating nothing, for rows that cannot be put back, and where
    nothing says any more what revision they are of.
    """
    with database.engine.connect() as connection:
        if revision_of(connection) == HEAD:
            return
    from alembic import command

    config, known = _migrations()
    with (
        database.write_engine.connect() as connection,
        without_references(connection),
        connection.begin(),
    ):
        if not database.is_sqlite:
            connection.execute(select(func.pg_advisory_xact_lock(TurnsAt.MIGRATING)))
        current = revision_of(connection)
        if current == HEAD:
            return
        if has_lost_revision(connection):
            raise without_revision()
        if current is not None and current not in known:
            raise newer_than_program()
        if current is not None and backups is not None:
            with database.engine.connect() as view:
                _back_up(view, current, backups, clock)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        check_references(connection)


def rebuild(
    database: Database,
    revision: str,
    fill: Callable[[Connection], Result],
    finish: Callable[[Session], None] = lambda _session: None,
) -> Result:
    """Throw everything away, make the tables as they were at `revision`, `fill`, migrate and `finish` them.

    All in one transaction: whatever fails, what was there stays. No guard is in the way of what is filled in.
    Raises Refusal for a revision that this program does not know.
    """
    from alembic import command

    from .models import guards

    config, known = _migrations()
    if revision not in known:
        raise newer_than_program()
    with (
        database.write_engine.connect() as connection,
        without_references(connection),
        connection.begin(),
    ):
        if not database.is_sqlite:
            connection.execute(select(func.pg_advisory_xact_lock(TurnsAt.MIGRATING)))
        guards.remove(connection)
        _drop_tables(connection)
        config.attributes.update(connection=connection, unguarded=True)
        command.upgrade(config, revision)
        filled = fill(connection)
        config.attributes["unguarded"] = False
        command.upgrade(config, "head")
        with Session(connection, expire_on_commit=False) as session:
            finish(session)
            session.flush()
            acts = session.info.get(_ACTS, ())
        check_references(connection)
    for act in acts:
        _do(act)
    return filled


def _drop_tables(connection: Connection) -> None:
    """Throw every table away; PostgreSQL lets those go that refer to one another, together."""
    dropped = [f'"{name}"' for name in inspect(connection).get_table_names()]
    if connection.dialect.name == "postgresql":
        dropped = [", ".join(dropped)]
    for names in filter(None, dropped):
        connection.exec_driver_sql(f"DROP TABLE {names}")


def _migrations() -> tuple["Config", set[str]]:
    """What Alembic works from, and the revisions that this program knows."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config, {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}


def lost(error: Exception) -> DatabaseLost | None:
    """The refusal that an error of the database comes down to when nobody answers there; None for others."""
    if not isinstance(error, DBAPIError) or isinstance(error, IntegrityError):
        return None
    if sqlite_code(error) == sqlite3.SQLITE_FULL:
        return DatabaseLost(
            _("Le disque de la base de données est plein."),
            _("Rien n'est perdu : libérez de la place, puis recommencez."),
        )
    return _no_answer() if _worth_another_try(error) else None


def _back_up(connection: Connection, revision: str, folder: Path, clock: Clock) -> None:
    """Write all rows down before a migration, and read them again: only then has the file its name."""
    from filelock import FileLock

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{in_paris(clock.now()):%Y-%m-%d-%H%M%S}-{MIGRATION}-{revision}{SUFFIX}"
    part = folder / f".{name}.part"
    with FileLock(folder / LOCK):
        part.unlink(missing_ok=True)
        try:
            write_backup(connection, part, Backup(revision, __version__, clock.now(), MIGRATION))
            _read_again(part, revision)
            part.rename(folder / name)
        except (DBAPIError, OSError, RuntimeError, Refusal) as error:
            part.unlink(missing_ok=True)
            raise Refusal(
                _("La sauvegarde faite avant la mise à jour ne se remet pas : rien n'est changé."),
                _("Recommencez ; sinon, gardez la version d'avant et appelez qui s'occupe du programme."),
            ) from error


def _read_again(path: Path, revision: str) -> None:
    """Put a backup into a scratch database beside it. Raises what is wrong with it."""
    with tempfile.TemporaryDirectory(prefix=".check-", dir=path.parent) as folder:
        scratch = connect(f"sqlite:///{Path(folder) / 'scratch.sqlite'}")
        try:
            rebuild(scratch, revision, lambda connection: load_rows(connection, path))
        finally:
            scratch.close()


def _no_answer() -> DatabaseLost:
    return DatabaseLost(
        _("La base de données ne répond pas."),
        _("Rien n'est perdu : vérifiez le réseau, puis recommencez."),
    )


def _do(act: Callable[[], None]) -> None:
    """Do what was asked for after a commit; the work is done whatever becomes of it."""
    try:
        act()
    except Exception:
        _log.exception("Something asked for after a commit failed")


def _worth_another_try(error: DBAPIError) -> bool:
    """Whether the transaction was lost to others or to the network, rather than wrong in itself."""
    if error.connection_invalidated or isinstance(error, IntegrityError):
        return True
    if isinstance(error.orig, sqlite3.Error):
        return sqlite_code(error) in BUSY
    code = getattr(error.orig, "sqlstate", None)
    if code is not None:
        return str(code) in {"40001", "40P01", "55P03"} or str(code).startswith(("08", "57P"))
    return isinstance(error, OperationalError)
