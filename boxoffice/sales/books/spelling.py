"""Identifiers, days and moments as SQLite's driver writes them: it has no types of its own for these.

The same value spelled otherwise is no longer found by what compares texts, and no longer comes before or
after others as it should: the program never writes it so. Sales are looked at as they are told, entry by
entry, their many rows being read in any case; all other tables at the end, by SQLite itself.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import Boolean, Column, Date, Dialect, Table, Uuid, bindparam, select
from sqlmodel import Session, UTCDateTime

from boxoffice.language import _
from boxoffice.models import JournalEntry, Payment, Sale, SaleLine, Ticket, metadata, table
from boxoffice.prepared import Prepared

from .reconciliation import Place, Wrong

_SPELLED = (UTCDateTime, Date, Uuid)
_entry, _sale = table(JournalEntry), table(Sale)
_STORED = tuple(
    (
        rows,
        Prepared(
            select(rows)
            .join(_entry, _entry.c.sale_id == (rows.c.id if rows is _sale else rows.c.sale_id))
            .where(_entry.c.till_id == bindparam("till"), _entry.c.sequence == bindparam("entry"))
        ),
    )
    for rows in (_sale, table(SaleLine), table(Ticket), table(Payment))
)
_TOLD_BY_ENTRY = {_entry.name, *(rows.name for rows, _statement in _STORED)}
_AS_WRITTEN: Mapping[type[Any], str] = MappingProxyType(
    {
        Boolean: "typeof({0}) = 'integer' AND {0} BETWEEN 0 AND 1",
        Date: (
            "typeof({0}) = 'text' AND length(CAST({0} AS BLOB)) = 10 AND {0} >= '0001'"
            " AND date({0}, '+0 days') IS {0}"
        ),
        UTCDateTime: (
            "typeof({0}) = 'text' AND length(CAST({0} AS BLOB)) = 26 AND {0} NOT GLOB '* 2[4-9]*'"
            " AND {0} GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]"
            " [0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]'"
        ),
        Uuid: (
            "typeof({0}) = 'text' AND length(CAST({0} AS BLOB)) = 32 AND length({0}) = 32"
            " AND {0} NOT GLOB '*[^0-9a-f]*'"
        ),
    }
)
"""What holds of each value of a type as SQLite's driver writes it, in SQLite's words.

A text goes to its first NUL where it is held to a pattern: its octets are counted as well. A day that there
is not, such as a 30 February, becomes another once SQLite reckons with it.
"""


def _misspelled(rows: Table) -> str | None:
    """The query of the first value of a table that is not as it is written: its column, and its row's key."""
    as_written = {
        column.name: f"({column.name} IS NULL OR {form.format(column.name)})"
        for column in rows.c
        for kind, form in _AS_WRITTEN.items()
        if isinstance(column.type, kind)
    }
    if not as_written:
        return None
    wrong = " ".join(f"WHEN NOT {is_so} THEN '{name}'" for name, is_so in as_written.items())
    key = ", ".join(column.name for column in rows.primary_key)
    return (
        f"SELECT CASE {wrong} END, {key} FROM {rows.name}"
        f" WHERE NOT ({' AND '.join(as_written.values())}) ORDER BY {key} LIMIT 1"
    )


_MISSPELLED = {
    rows.name: query
    for rows in metadata.sorted_tables
    if rows.name not in _TOLD_BY_ENTRY and (query := _misspelled(rows)) is not None
}


def reader(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """What makes a value of what the driver gives, and raises ValueError where it is spelled otherwise.

    None where the engine has a type for it, or what the driver gives is the value.
    """
    if dialect.name != "sqlite" or not isinstance(column.type, _SPELLED):
        return None
    driven = column.type.dialect_impl(dialect)
    read, write = driven.result_processor(dialect, None), driven.bind_processor(dialect)
    assert read is not None
    assert write is not None

    def value_of(stored: Any) -> Any:
        value = read(stored)
        if write(value) != stored:
            raise ValueError(column.name)
        return value

    return value_of


def compare_spelling(session: Session, where: Place, till_id: int) -> None:
    """Name the first value, of the sale that an entry of a till tells, that is spelled otherwise."""
    dialect = session.connection().dialect
    for rows, statement in _STORED:
        spelled = [
            (place, column, read)
            for place, column in enumerate(rows.c)
            if (read := reader(column, dialect)) is not None
        ]
        for row in statement.stored(session, {"till": till_id, "entry": where.entry}):
            for place, column, read in spelled:
                try:
                    read(row[place])
                except (ValueError, TypeError, AttributeError):
                    what = _("« {column} » n'est pas ce qui a été signé.").format(column=column)
                    raise Wrong(where, what) from None


def find_misspelled(session: Session) -> None:
    """Raise Wrong at the first value, of any table but those of sales, that is spelled otherwise."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        return
    for name, query in _MISSPELLED.items():
        for column, *key in connection.exec_driver_sql(query):
            raise Wrong(
                _("table {name}, ligne {row}").format(name=name, row="/".join(map(str, key))),
                _("« {column} » n'est pas écrit comme le programme l'écrit.").format(column=column),
            )
