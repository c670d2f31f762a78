"""SQLite as several counters on one file need it: steady readers, one writer at a time, nothing lost."""

import os
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

LOCK_PATIENCE_SECONDS = 15.0
CACHE_KIBIBYTES = 65_536
"""What SQLite may keep of its file in memory: with the 2 MB that it takes, it reads books over and over."""
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def open_sqlite(url: str) -> tuple[Engine, Engine]:
    """What reads and what writes the file at `url`; a new file is for its owner alone."""
    if file := make_url(url).database:
        _make_private(Path(file))
    reading, writing = (_sqlite_engine(url, drivername) for drivername in (_READING, _WRITING))
    event.listen(writing, "connect", _never_wait)
    return reading, writing


@contextmanager
def without_references(connection: Connection) -> Iterator[None]:
    """Let SQLite make tables anew that others refer to: it would refuse to drop the old ones.

    To be entered before the transaction, in which this cannot be changed.
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        yield
        return
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def check_references(connection: Connection) -> None:
    """Raise RuntimeError if a row refers to none: what was done without references then does not stay."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"the migration leaves rows that refer to none: {broken[:5]}")


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite database as it stands, whoever is writing to it; the copy is for its owner alone."""
    _make_private(target)
    with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(target)) as copy:
        origin.backup(copy)


def sqlite_code(error: DBAPIError) -> int | None:
    """SQLite's own code for an error, if it is one of SQLite's."""
    return _code(error.orig)


def _code(error: object) -> int | None:
    """What is wrong, less the details: a log that another program mends is a lock as well."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF


class Reading(SQLiteDialect_pysqlite):
    """Begins each transaction itself, so that all that it reads is of one moment.

    A listener of the engine could do it too, but each statement of each sale would pay for being listened to.
    """

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        dbapi_connection.cursor().execute("BEGIN")


class Writing(Reading):
    """Begins each transaction with the lock that only one writer has."""

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        """Wait for the lock among the other counters."""
        _execute_in_turn(dbapi_connection, "BEGIN IMMEDIATE")


_READING, _WRITING = "sqlite+reading", "sqlite+writing"
for _name, _dialect in ((_READING, Reading), (_WRITING, Writing)):
    registry.register(_name.replace("+", "."), __name__, _dialect.__name__)


def _sqlite_engine(url: str, drivername: str) -> Engine:
    engine = create_engine(
        make_url(url).set(drivername=drivername),
        hide_parameters=True,
        connect_args={"timeout": 0, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _execute_in_turn(connection: Any, statement: str) -> None:
    """Poll for a lock with short random pauses.

    SQLite's own waiting starves some of the counters, and it does not wait at all where two programs put the
    log of a new file in place.
    """
    deadline = time.monotonic() + LOCK_PATIENCE_SECONDS
    while True:
        try:
            connection.cursor().execute(statement)
            return
        except sqlite3.OperationalError as error:
            if _code(error) not in BUSY or time.monotonic() > deadline:
                raise
            time.sleep(random.uniform(0.0005, 0.004))


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    _execute_in_turn(connection, "PRAGMA journal_mode = WAL")
    for pragma in (
        f"busy_timeout = {int(LOCK_PATIENCE_SECONDS * 1000)}",
        "synchronous = FULL",
        "foreign_keys = ON",
        "recursive_triggers = ON",
        "wal_autocheckpoint = 8000",
        f"cache_size = -{CACHE_KIBIBYTES}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _never_wait(connection: Any, _record: Any) -> None:
    """Leave the waiting for the write lock to `Writing`."""
    connection.execute("PRAGMA busy_timeout = 0")


def _make_private(file: Path) -> None:
    """Make a file that is not there yet for its owner alone: it will hold the hashes of the PINs.

    A file that cannot be made is left for SQLite to complain about.
    """
    with suppress(OSError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
