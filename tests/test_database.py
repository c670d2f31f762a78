"""Sessions that commit as a whole, tries that end, a schema kept up to date, on both engines."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from boxoffice import database as databases
from boxoffice import sqlite
from boxoffice.backup_file import Backup, load_rows, read_header, write_backup
from boxoffice.clock import SettableClock
from boxoffice.database import Database, DatabaseLost, after_commit, migrate
from boxoffice.errors import KeptRefusal, Refusal
from boxoffice.models import Till, guards
from boxoffice.revisions import revision_of
from boxoffice.sqlite import copy_sqlite
from tests.postgresql import postgresql_url
from tests.sales.processes import in_processes

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

AT_NOON = SettableClock(datetime(2026, 1, 21, 11, 30, tzinfo=UTC))


def tills(database: Database) -> list[int]:
    with database.read() as session:
        return sorted(session.exec(select(Till.number)))


def add_till(session: Session, number: int) -> int:
    session.add(Till(number=number, name=f"Caisse {number}"))
    session.flush()
    return number


def test_what_a_write_did_is_committed_when_it_ends(database: Database) -> None:
    with database.write() as session:
        add_till(session, 1)
        assert tills(database) == []
    assert tills(database) == [1]


def test_a_write_that_fails_leaves_nothing(database: Database) -> None:
    def fail(session: Session) -> None:
        add_till(session, 1)
        raise Refusal("non")

    with pytest.raises(Refusal), database.write() as session:
        fail(session)
    assert tills(database) == []


def test_a_refusal_that_is_kept_leaves_what_was_counted_of_it(database: Database) -> None:
    def count(session: Session) -> None:
        add_till(session, 1)
        raise KeptRefusal("non")

    with pytest.raises(KeptRefusal), database.write() as session:
        count(session)
    assert tills(database) == [1]


def test_what_comes_after_a_commit_does_not_come_without_it(database: Database) -> None:
    done: list[str] = []
    with database.write() as session:
        after_commit(session, lambda: done.append(f"{tills(database)}"))
        add_till(session, 1)
        assert done == []
    assert done == ["[1]"]

    def fail(session: Session) -> None:
        after_commit(session, lambda: done.append("never"))
        add_till(session, 1)

    with pytest.raises(IntegrityError):
        database.attempt(fail)
    assert done == ["[1]"]


def test_what_fails_after_a_commit_leaves_the_work_done(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []

    def fail() -> None:
        raise OSError("no room for the anchor")

    def work(session: Session) -> None:
        add_till(session, 1)
        after_commit(session, fail)
        after_commit(session, lambda: done.append("next"))

    database.attempt(work)
    assert tills(database) == [1]
    assert done == ["next"]
    assert "no room for the anchor" in caplog.text


def test_a_reader_sees_one_moment_only(database: Database) -> None:
    with database.read() as session:
        assert session.exec(select(Till.number)).all() == []
        database.attempt(lambda writing: add_till(writing, 1))
        assert session.exec(select(Till.number)).all() == []
    assert tills(database) == [1]


def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    with database.write() as session:
        add_till(session, 1)
        with ThreadPoolExecutor(1) as thread:
            assert thread.submit(tills, database).result(timeout=60) == []


def test_writers_take_their_turns(database: Database) -> None:
    def count_one(_turn: int) -> None:
        with database.write() as session:
            session.execute(text("UPDATE till SET number = number + 1"))

    with database.write() as session:
        add_till(session, 1)
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(count_one, range(30)))
    assert tills(database) == [31]


def test_an_attempt_returns_what_the_work_came_to(database: Database) -> None:
    assert database.attempt(lambda session: add_till(session, 7)) == 7
    assert tills(database) == [7]


def test_a_refusal_is_not_tried_again(database: Database) -> None:
    tries = []

    def refuse(session: Session) -> None:
        tries.append(session)
        raise Refusal("non")

    with pytest.raises(Refusal, match="non"):
        database.attempt(refuse)
    assert len(tries) == 1


def test_a_broken_rule_is_tried_again_and_then_told_as_it_is(database: Database) -> None:
    database.attempt(lambda session: add_till(session, 1))
    tries = []

    def break_it(session: Session) -> None:
        tries.append(session)
        add_till(session, 1)

    with pytest.raises(IntegrityError):
        database.attempt(break_it)
    assert len(tries) == databases.ATTEMPTS


def test_a_mistake_in_the_program_is_not_taken_for_a_lost_database(database: Database) -> None:
    tries = []

    def stumble(session: Session) -> None:
        tries.append(session)
        raise ValueError("oups")

    with pytest.raises(ValueError, match="oups"):
        database.attempt(stumble)
    assert len(tries) == 1


@on_postgresql
def test_work_whose_connection_is_cut_is_done_again_whole(database: Database) -> None:
    cuts = []

    def work(session: Session) -> int:
        number = add_till(session, 1)
        if not cuts:
            backend = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with database.engine.connect() as other:
                cuts.append(
                    other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend}).scalar()
                )
        session.execute(text("SELECT 1"))
        return number

    assert database.attempt(work) == 1
    assert cuts == [True]
    assert tills(database) == [1]


@on_postgresql
def test_every_connection_cut_between_two_sales_is_made_again(database: Database) -> None:
    database.attempt(lambda session: add_till(session, 1))
    with psycopg.connect(
        database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False),
        autocommit=True,
    ) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert database.attempt(lambda session: add_till(session, 2)) == 2


def test_a_database_that_nobody_answers_for_is_lost_in_words() -> None:
    nowhere = databases.connect("postgresql+psycopg://localhost:1/nowhere?connect_timeout=1")
    with pytest.raises(DatabaseLost) as lost:
        nowhere.attempt(lambda session: session.execute(text("SELECT 1")))
    assert lost.value.message == "La base de données ne répond pas."
    assert "Rien n'est perdu" in lost.value.remedy


@on_sqlite
def test_a_lock_that_never_ends_is_a_lost_database(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOCK_PATIENCE_SECONDS", 0.02)
    path = database.engine.url.database
    assert path is not None
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseLost):
            database.attempt(lambda session: add_till(session, 1))
        other.execute("COMMIT")
    assert database.attempt(lambda session: add_till(session, 1)) == 1


MENDS_THE_LOG = """
import fcntl, os, sys
log = os.open(sys.argv[1] + "-shm", os.O_RDWR)
fcntl.lockf(log, fcntl.LOCK_SH, 1, 128)
os.pwrite(log, bytes(96), 0)
fcntl.lockf(log, fcntl.LOCK_EX, 3, 120)
print("held", flush=True)
sys.stdin.readline()
"""
"""Holds what SQLite holds while it recovers the log that a killed program left: it names its bytes so."""


@on_sqlite
def test_a_sale_waits_while_another_program_mends_the_log_of_one_killed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.attempt(lambda session: add_till(session, 1))
    mending = subprocess.Popen(
        [sys.executable, "-c", MENDS_THE_LOG, str(database.engine.url.database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    waits: list[float] = []

    def wait(seconds: float) -> None:
        """The other program is done while one waits."""
        waits.append(seconds)
        mending.communicate(b"\n")

    monkeypatch.setattr("boxoffice.sqlite.time.sleep", wait)
    try:
        assert mending.stdout is not None
        assert mending.stdout.readline() == b"held\n"
        with database.write() as session:
            add_till(session, 2)
    finally:
        mending.kill()
        mending.wait()
    assert waits
    assert tills(database) == [1, 2]


@on_sqlite
@pytest.mark.parametrize("writing", [False, True])
def test_the_driver_does_not_wait_before_the_program_does(database: Database, writing: bool) -> None:
    """A connection would take twice as long as it may before anybody hears that there is none."""
    engine = database.write_engine if writing else database.engine
    waits: list[int] = []

    def look(connection: sqlite3.Connection, _record: object) -> None:
        waits.extend(connection.execute("PRAGMA busy_timeout").fetchone())

    engine.dispose()
    event.listen(engine, "connect", look, insert=True)
    with engine.connect():
        assert waits == [0]


@on_sqlite
@pytest.mark.parametrize("writing", [False, True])
def test_sqlite_keeps_its_promises(database: Database, writing: bool) -> None:
    engine = database.write_engine if writing else database.engine
    with engine.connect() as connection:
        kept = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
        }
    assert kept == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}


@on_sqlite
def test_a_copy_is_whole_while_somebody_writes(database: Database, tmp_path: Path) -> None:
    path = Path(str(database.engine.url.database))
    database.attempt(lambda session: add_till(session, 1))
    with database.write() as session:
        add_till(session, 2)
        copy_sqlite(path, tmp_path / "copy.sqlite")
    copied = databases.connect(f"sqlite:///{tmp_path / 'copy.sqlite'}")
    assert tills(copied) == [1]
    copied.close()
    assert tills(database) == [1, 2]


@on_sqlite
def test_resting_moves_the_log_into_the_file(database: Database) -> None:
    log = Path(f"{database.engine.url.database}-wal")
    database.attempt(lambda session: add_till(session, 1))
    database.rest()
    with closing(sqlite3.connect(str(database.engine.url.database))) as other:
        left, moved = other.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1:]
    assert left == moved
    assert log.exists()


@pytest.fixture(params=["sqlite", "postgresql"])
def unmade(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Database]:
    """Opens the same empty database, without a table yet, as often as asked."""
    if request.param == "sqlite":
        return lambda: databases.connect(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    server = request.getfixturevalue("postgresql_server")
    name = f"empty_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return lambda: databases.connect(postgresql_url(server, name))


def test_several_programs_started_at_once_make_the_schema_once(unmade: Callable[[], Database]) -> None:
    start = get_context("fork").Barrier(3)

    def start_up() -> list[int]:
        database = unmade()
        start.wait(30)
        migrate(database)
        return tills(database)

    assert in_processes([start_up] * 3) == [[], [], []]


def test_a_new_file_is_opened_when_another_program_is_done_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "new.sqlite"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr(sqlite.time, "sleep", lambda _pause: other.execute("COMMIT"))
        with databases.connect(f"sqlite:///{file}").engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_a_schema_that_is_up_to_date_is_left_alone_without_loading_alembic(database: Database) -> None:
    program = (
        "import sys; from boxoffice import database as databases;"
        "opened = databases.connect(sys.argv[1]); databases.migrate(opened); opened.close();"
        "print('alembic' in sys.modules)"
    )
    address = database.engine.url.render_as_string(hide_password=False)
    with database.write():
        done = subprocess.run(
            [sys.executable, "-c", program, address.replace("sqlite+reading", "sqlite")],
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout.split() == ["False"], "nor waiting for whoever writes"


def test_the_program_knows_its_last_revision() -> None:
    assert ScriptDirectory(databases.MIGRATIONS).get_current_head() == databases.HEAD


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program whose schema has a table more."""
    folder = tmp_path / "next"
    shutil.copytree(databases.MIGRATIONS, folder)
    (folder / "versions" / "0006_more.py").write_text(
        "from alembic import op\n"
        "import sqlalchemy as sa\n"
        "revision, down_revision, branch_labels, depends_on = '0006', '0005', None, None\n"
        "def upgrade() -> None:\n"
        "    op.create_table('more', sa.Column('id', sa.Integer, primary_key=True))\n"
    )
    monkeypatch.setattr(databases, "MIGRATIONS", folder)
    monkeypatch.setattr(databases, "HEAD", "0006")


@pytest.mark.usefixtures("database", "next_version")
def test_an_older_database_is_backed_up_then_migrated(database: Database, tmp_path: Path) -> None:
    database.attempt(lambda session: add_till(session, 1))
    backups = tmp_path / "backups"
    for _again in range(2):
        migrate(database, AT_NOON, backups)
    with database.read() as session:
        assert session.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0006"
        assert session.execute(text("SELECT count(*) FROM more")).scalar() == 0
    (kept,) = backups.glob("*.backup")
    assert kept.name == "2026-01-21-123000-mise-a-jour-0005.backup"
    assert read_header(kept).revision == "0005"


@pytest.mark.usefixtures("database", "next_version")
def test_what_was_backed_up_before_a_migration_is_put_back_at_its_own_revision(
    database: Database, tmp_path: Path
) -> None:
    database.attempt(lambda session: add_till(session, 1))
    migrate(database, AT_NOON, tmp_path / "backups")
    (kept,) = (tmp_path / "backups").glob("*.backup")
    database.attempt(lambda session: add_till(session, 2))
    databases.rebuild(database, read_header(kept).revision, lambda connection: load_rows(connection, kept))
    assert tills(database) == [1]
    with database.read() as session:
        assert revision_of(session.connection()) == "0006"


@pytest.mark.usefixtures("database", "next_version")
def test_nothing_is_migrated_where_its_backup_cannot_be_read_again(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = databases.write_backup

    def torn(connection: Connection, path: Path, about: Backup) -> Backup:
        written = whole(connection, path, about)
        path.write_bytes(path.read_bytes()[:-20])
        return written

    monkeypatch.setattr(databases, "write_backup", torn)
    with pytest.raises(Refusal, match="ne se remet pas : rien n'est changé"):
        migrate(database, AT_NOON, tmp_path / "backups")
    assert [path.name for path in (tmp_path / "backups").iterdir() if path.name != ".lock"] == []
    with database.read() as session:
        assert revision_of(session.connection()) == "0005"


@on_postgresql
@pytest.mark.usefixtures("database", "next_version")
def test_a_backup_before_a_migration_is_of_one_moment(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    whole = databases.write_backup

    def watched(connection: Connection, path: Path, about: Backup) -> Backup:
        seen.append(str(connection.execute(text("SHOW transaction_isolation")).scalar()))
        return whole(connection, path, about)

    monkeypatch.setattr(databases, "write_backup", watched)
    migrate(database, AT_NOON, tmp_path / "backups")
    assert seen == ["repeatable read"]


def test_the_rows_of_an_older_version_are_put_back_and_migrated(tmp_path: Path) -> None:
    older = databases.connect(f"sqlite:///{tmp_path / 'older.sqlite'}")
    with older.write_engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(databases.MIGRATIONS))
        config.attributes.update(connection=connection, unguarded=True)
        command.upgrade(config, "0003")
        connection.execute(text("INSERT INTO till (number, name) VALUES (7, 'Hall')"))
    about = Backup("0003", "0", datetime(2026, 1, 21, tzinfo=UTC), "demandee")
    with older.engine.connect() as connection:
        write_backup(connection, tmp_path / "older.backup", about)
    older.close()
    newer = databases.connect(f"sqlite:///{tmp_path / 'newer.sqlite'}")
    databases.rebuild(newer, "0003", lambda connection: load_rows(connection, tmp_path / "older.backup"))
    migrate(newer)
    assert tills(newer) == [7]
    with newer.read() as session:
        assert revision_of(session.connection()) == databases.HEAD
        assert guards.missing(session.connection()) == ()
    newer.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps the user's folders private by itself")
def test_a_database_its_log_and_its_copies_are_for_their_owner_alone(tmp_path: Path) -> None:
    database = databases.connect(f"sqlite:///{tmp_path / 'new.sqlite'}")
    migrate(database)
    database.attempt(lambda session: add_till(session, 1))
    copy_sqlite(tmp_path / "new.sqlite", tmp_path / "copy.sqlite")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    database.close()
    assert modes.keys() >= {"new.sqlite", "new.sqlite-wal", "copy.sqlite"}
    assert set(modes.values()) == {0o600}


def test_a_database_newer_than_the_program_is_refused(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refusal) as refused:
        migrate(database)
    assert refused.value.message == "La base de données est plus récente que ce programme."
    assert refused.value.remedy == "Installez la dernière version du programme sur ce poste."
