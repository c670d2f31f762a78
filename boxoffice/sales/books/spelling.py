"""Identifiers, days and moments as SQLite's driver writes them: it has no types of its own for these.

The same value spelled otherwise is no longer found by what compares texts, and no longer comes before or
after others as it should: the program never writes it so.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, Date, Dialect, Uuid, bindparam, select
from sqlmodel import Session, UTCDateTime

from boxoffice.language import _
from boxoffice.models import JournalEntry, Payment, Sale, SaleLine, Ticket, table
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
