"""Rows of a table as the journal tells them, read for the entries of a till: what many share is told once."""

import json
from bisect import bisect_right
from collections.abc import Callable, Generator, Mapping
from datetime import date, datetime
from functools import cache
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Date, Dialect, Table, Text, Uuid, bindparam, cast, func, select
from sqlmodel import Session, UTCDateTime

from boxoffice.models import JournalEntry, table
from boxoffice.prepared import Prepared, Row, Stored

_entry = table(JournalEntry)

REMEMBERED = 10_000
"""Rows that are the same but for their sale, such as a seat of a screening at a tariff, are told once."""

_JSON_ARRAY: Mapping[str, Callable[..., ColumnElement[Any]]] = {
    "sqlite": func.json_array,
    "postgresql": func.json_build_array,
}
"""What makes one text of columns, each kind of value written its own way: it takes less time to fetch."""

_PARSED: Mapping[type, Callable[[str], Any]] = {
    UTCDateTime: datetime.fromisoformat,
    Date: date.fromisoformat,
    Uuid: UUID,
}
"""What JSON holds as text, of the values that PostgreSQL's driver makes by itself."""

Told = TypeVar("Told")

_entry_of = itemgetter(0)


class _Known(dict[str, Told]):
    """How rows are told, by the text of what they share: values are only made of it when it is new."""

    def __init__(self, tell: Callable[[str], Told]) -> None:
        super().__init__()
        self._tell = tell

    def __missing__(self, text: str) -> Told:
        if len(self) >= REMEMBERED:
            self.clear()
        told = self[text] = self._tell(text)
        return told


class ToldRows(Generic[Told]):
    """How rows of a table are read and told, for the entries of a till.

    Of each row come its entry, the columns that only it has, and all others as one JSON text, by which it is
    `known` how it is told.
    """

    def __init__(
        self,
        rows: Table,
        sale_id: Column[Any],
        dialect: Dialect,
        tell: Callable[[Row], Told],
        own: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """`own` are the columns that no two rows share, with anything in their place for `tell`."""
        self._own = own
        self._texts = _prepare(rows, sale_id.name, tuple(own), dialect.name)
        self._shared = [
            (column.name, _from_json(column, dialect)) for column in _shared(rows, sale_id.name, tuple(own))
        ]
        self._coming: Generator[list[Stored]] = _nothing()
        self._ahead: list[Stored] = []
        self.known = _Known(lambda text: tell(self._values(text)))

    def open(self, session: Session, run: Mapping[str, int], *, is_long: bool) -> None:
        """Have the rows of a run of entries ready to be taken: all at once, or as they come if it is long."""
        self.close()
        if is_long:
            self._coming = self._texts.stream(session, run)
        else:
            self._ahead = self._texts.stored(session, run)

    def take(self, last: int) -> list[Stored]:
        """The next rows, up to those of an entry."""
        while not self._ahead or self._ahead[-1][0] <= last:
            some = next(self._coming, None)
            if some is None:
                break
            self._ahead += some
        end = bisect_right(self._ahead, last, key=_entry_of)
        taken, self._ahead = self._ahead[:end], self._ahead[end:]
        return taken

    def close(self) -> None:
        self._coming.close()
        self._coming, self._ahead = _nothing(), []

    def _values(self, text: str) -> Row:
        """The values of a row's columns, made of the text that it shares."""
        values = zip(self._shared, json.loads(text), strict=True)
        return {**self._own, **{name: make(value) for (name, make), value in values}}


@cache
def _prepare(rows: Table, sale_id: str, own: tuple[str, ...], engine: str) -> Prepared:
    """How rows are read with what they share as one text; once for all readings."""
    order = (rows.c.position,) if "position" in rows.c else ()
    of_entries = (
        select(_entry.c.sequence.label("entry"))
        .join(rows, rows.c[sale_id] == _entry.c.sale_id)
        .where(
            _entry.c.till_id == bindparam("till"),
            _entry.c.sequence.between(bindparam("first"), bindparam("last")),
        )
        .order_by(_entry.c.sequence, *order)
    )
    as_text = cast(_JSON_ARRAY[engine](*_shared(rows, sale_id, own)), Text).label("shared")
    return Prepared(of_entries.add_columns(*(rows.c[name] for name in own), as_text))


def _shared(rows: Table, sale_id: str, own: tuple[str, ...]) -> list[Column[Any]]:
    """The columns of rows that others may have the same values in."""
    return [column for column in rows.c if column.name not in {*own, sale_id}]


def _from_json(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any]:
    """How a value of a column is made of what JSON holds of it: that is what SQLite's driver gives."""
    convert = column.type.dialect_impl(dialect).result_processor(dialect, None) or as_it_is
    parse = _PARSED.get(type(column.type))
    if parse is None or dialect.name == "sqlite":
        return convert
    return lambda value: None if value is None else convert(parse(value))


def _nothing() -> Generator[list[Stored]]:
    """Rows of which none is to come."""
    yield from ()


def as_it_is(stored: Any) -> Any:
    """What a driver makes a value of by itself."""
    return stored
