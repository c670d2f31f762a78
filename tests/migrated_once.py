"""Migrations of an empty database run once on each engine; what they came to is made again for the others.

Alembic looks at each table of SQLite before it changes it: it takes a second, for each of the databases that
tests found, restore into or read a backup back in. Where nothing is left to migrate, it renews the guards.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import alembic.command
import sqlalchemy as sa
from alembic.config import Config
from sqlalchemy import Connection, event

from boxoffice.database import HEAD, MIGRATIONS
from boxoffice.models import guards
from boxoffice.revisions import revision_of

Statement = tuple[str, Any]

_upgrade = alembic.command.upgrade
_made: dict[tuple[str, str, bool], list[Statement]] = {}


def upgrade(config: Config, revision: str) -> None:
    """Alembic's own, but where an empty database comes to a schema that another has come to before."""
    connection: Connection = config.attributes["connection"]
    if config.get_main_option("script_location") != str(MIGRATIONS):
        _upgrade(config, revision)
        return
    if revision == "head" and revision_of(connection) == HEAD:
        guards.remove(connection)
        guards.install(connection)
        return
    if not _is_empty(connection):
        _upgrade(config, revision)
        return
    kind = connection.dialect.name, revision, bool(config.attributes.get("unguarded"))
    if kind in _made:
        with closing(connection.connection.cursor()) as cursor:
            for statement, values in _made[kind]:
                cursor.execute(statement, values)
        return
    with _recorded(connection) as statements:
        _upgrade(config, revision)
    _made[kind] = _as_it_stands(connection) if connection.dialect.name == "sqlite" else statements


def _is_empty(connection: Connection) -> bool:
    """Whether there is no table: functions of PostgreSQL's guards are replaced by those of today."""
    if connection.dialect.name == "sqlite":
        return not connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
    there = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    return not connection.exec_driver_sql(there).scalar()


@contextmanager
def _recorded(connection: Connection) -> Iterator[list[Statement]]:
    """What is sent to the server meanwhile and changes something there."""
    statements: list[Statement] = []

    def keep(_connection: object, _cursor: object, statement: str, values: Any, *_more: object) -> None:
        if not statement.lstrip().startswith(("SELECT", "SHOW")):
            statements.append((statement, values))

    event.listen(connection, "before_cursor_execute", keep)
    yield statements
    event.remove(connection, "before_cursor_execute", keep)


def _as_it_stands(connection: Connection) -> list[Statement]:
    """What makes a SQLite schema at one go: no table is altered again."""
    (revision,) = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars()
    schema = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
    return [(statement, ()) for (statement,) in schema] + [
        ("INSERT INTO alembic_version VALUES (?)", (revision,))
    ]
