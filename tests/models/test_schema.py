"""The migrations make the schema that the models describe, with its triggers."""

from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from boxoffice import database as databases
from boxoffice.database import Database
from boxoffice.models import guards, metadata


def test_the_migrated_schema_is_that_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "target_metadata": metadata}
        )
        assert compare_metadata(context, metadata) == []


def described(connection: sa.Connection) -> dict[str, dict[str, list[str]]]:
    """Every table as the database itself tells it: what Alembic compares, and all that it passes over."""
    inspector = sa.inspect(connection)
    return {
        name: {
            what: sorted(map(in_words, found(name)))
            for what, found in {
                "columns": inspector.get_columns,
                "checks": inspector.get_check_constraints,
                "uniques": inspector.get_unique_constraints,
                "references": inspector.get_foreign_keys,
                "indexes": inspector.get_indexes,
            }.items()
        }
        for name in metadata.tables
    }


def in_words(told: Any) -> str:
    """A column or constraint, conditions of an index included."""
    if isinstance(told, dict):
        return str({name: in_words(value) for name, value in sorted(told.items())})
    return str(told)


def test_the_database_itself_tells_the_migrated_schema_as_it_tells_that_of_the_models(
    database: Database,
) -> None:
    """Checks, lists of words and partial indexes included, which Alembic does not compare."""
    with database.write_engine.connect() as connection:
        migrated = described(connection)
        guards.remove(connection)
        metadata.drop_all(connection)
        metadata.create_all(connection)
        modelled = described(connection)
        connection.rollback()
    for name, expected in modelled.items():
        assert migrated[name] == expected, name


def triggers(database: Database) -> set[str]:
    statement = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if database.is_sqlite
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with database.engine.connect() as connection:
        return set(connection.exec_driver_sql(statement).scalars())


def test_every_guard_is_in_place(database: Database) -> None:
    changes = ("update", "delete") if database.is_sqlite else ("change", "truncate")
    kept = ("delete",) if database.is_sqlite else ("delete", "truncate")
    expected = {f"{name}_refuses_{change}" for name in guards.INSERT_ONLY for change in changes}
    expected |= {f"{name}_refuses_{change}" for name in guards.KEPT for change in kept}
    expected |= {f"{name}_checks_{check}" for name, _statement, check, _condition, _message in guards.CHECKED}
    assert triggers(database) == expected


def test_guards_can_be_put_in_place_again(database: Database) -> None:
    before = triggers(database)
    with database.write_engine.begin() as connection:
        guards.install(connection)
    assert triggers(database) == before


def test_migrating_again_changes_nothing(database: Database) -> None:
    before = triggers(database)
    databases.migrate(database)
    assert triggers(database) == before
