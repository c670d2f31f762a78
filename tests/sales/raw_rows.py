"""Rows as the driver gives them, by plain SQL: what figures are counted again from."""

from datetime import UTC, date, datetime
from typing import Any

from boxoffice.database import Database

Rows = list[dict[str, Any]]


class RawRows:
    """Every row of a table as a dictionary, read once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read: dict[str, Rows] = {}

    def __getitem__(self, table: str) -> Rows:
        if table not in self._read:
            with self._database.engine.connect() as connection:
                found = connection.exec_driver_sql(f'SELECT * FROM "{table}"').mappings()
                self._read[table] = [dict(row) for row in found]
        return self._read[table]

    def by_id(self, table: str) -> dict[Any, dict[str, Any]]:
        return {row["id"]: row for row in self[table]}


def day_of(value: Any) -> date:
    """A date, which SQLite keeps as text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def moment_of(value: Any) -> datetime:
    """A moment in UTC, which SQLite keeps as text without a zone."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found if found.tzinfo else found.replace(tzinfo=UTC)
