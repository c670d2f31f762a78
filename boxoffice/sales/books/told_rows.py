"""Rows of a table as the journal tells them, read for the sales of a till: what many share is told once."""

import json
from bisect import bisect_right
from collections.abc import Callable, Generator, Mapping
from datetime import date, datetime
from functools import cache
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    Dialect,
    LargeBinary,
    Table,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    select,
)
from sqlmodel import Session, UTCDateTime

from boxoffice.models import Sale, table
from boxoffice.prepared import Prepared, Row, Stored

from .spelling import reader

_sale = table(Sale)

REMEMBERED = 10_000
"""Rows that are the same but for their sale, such as a seat of a screening at a tariff, are told once."""

_AS_JSON: Mapping[str, Callable[..., ColumnElement[Any]]] = {
    "sqlite": lambda *columns: cast(func.json_array(*columns), LargeBinary),
    "postgresql": lambda *columns: cast(func.json_build_array(*columns), Text),
}
"""What makes one text of columns, each kind of value written its own way: it takes less time to fetch, and
less yet as octets.
"""

_PARSED: Mapping[type, Callable[[str], Any]] = {
    UTCDateTime: datetime.fromisoformat,
    Date: date.fromisoformat,
    Uuid: UUID,
}
"""What JSON holds as text, of the values that PostgreSQL's driver makes by itself."""

Told = TypeVar("Told")

_number_of = itemgetter(0)


class _Known(dict[str | bytes, Told]):
    """How rows are told, by the text of what they share: values are only made of it when it is new."""

    def __init__(self, tell: Callable[[str | bytes], Told]) -> None:
        super().__init__()
        self._tell = tell

    def __missing__(self, text: str | bytes) -> Told:
        if len(self) >= REMEMBERED:
            self.clear()
        told = self[text] = self._tell(text)
        return told


class ToldRows(Generic[Told]):
    """How rows of a table are read and told, for the sales of a till, in the order of their numbers.

    Of each row come the number of its sale, the columns that only it has, and all others as one JSON text, by
    which it is `known` how it is told. All that were `taken` are counted.
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
        self.name = rows.name
        self._own = own
        self._texts = _prepare(rows, sale_id.name, tuple(own), dialect.name)
        shared = _shared(rows, sale_id.name, tuple(own))
        self._names = [column.name for column in shared]
        self._made = {column.name: make for column in shared if (make := _from_json(column, dialect))}
        self._coming: Generator[list[Stored]] = _nothing()
        self._ahead: list[Stored] = []
        self.taken = 0
        self.known = _Known(lambda text: tell(self._values(text)))

    def open(self, session: Session, till_id: int, *, is_long: bool) -> None:
        """Have the rows of a till ready to be taken: all at once, or as they come if they are many."""
        self.close()
        if is_long:
            self._coming = self._texts.stream(session, {"till": till_id})
        else:
            self._ahead = self._texts.stored(session, {"till": till_id})

    def take_some(self, count: int) -> list[Stored]:
        """So many of the next rows, if there are."""
        while len(self._ahead) < count and self._come():
            pass
        return self._take(count)

    def take(self, last: int) -> list[Stored]:
        """The next rows, up to those of the sale of this number."""
        while (not self._ahead or self._ahead[-1][0] <= last) and self._come():
            pass
        return self._take(bisect_right(self._ahead, last, key=_number_of))

    def _come(self) -> bool:
        """Have some more rows come, if there are."""
        some = next(self._coming, None)
        self._ahead += some or ()
        return some is not None

    def _take(self, count: int) -> list[Stored]:
        taken, self._ahead = self._ahead[:count], self._ahead[count:]
        self.taken += len(taken)
        return taken

    def close(self) -> None:
        self._coming.close()
        self._coming, self._ahead = _nothing(), []

    def _values(self, text: str | bytes) -> Row:
        """The values of a row's columns, made of the text that it shares."""
        values = {**self._own, **dict(zip(self._names, json.loads(text), strict=True))}
        for name, make in self._made.items():
            values[name] = make(values[name])
        return values


@cache
def _prepare(rows: Table, sale_id: str, own: tuple[str, ...], engine: str) -> Prepared:
    """How rows are read with what they share as one text; once for all readings."""
    of_sales = select(_sale.c.number.label("of")).where(_sale.c.till_id == bindparam("till"))
    if rows is not _sale:
        of_sales = of_sales.join(rows, rows.c[sale_id] == _sale.c.id)
    order = (rows.c.position,) if "position" in rows.c else ()
    shared = _AS_JSON[engine](*_shared(rows, sale_id, own)).label("shared")
    return Prepared(
        of_sales.add_columns(*(rows.c[name] for name in own), shared).order_by(_sale.c.number, *order)
    )


def _shared(rows: Table, sale_id: str, own: tuple[str, ...]) -> list[Column[Any]]:
    """The columns of rows that others may have the same values in."""
    return [column for column in rows.c if column.name not in {*own, sale_id}]


def _from_json(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """How a value of a column is made of what JSON holds of it, which is what SQLite's driver gives; None
    where it is that.
    """
    convert = column.type.dialect_impl(dialect).result_processor(dialect, None)
    parse = _PARSED.get(type(column.type))
    if parse is None or dialect.name == "sqlite":
        return reader(column, dialect) or convert
    return lambda value: None if value is None else (convert or as_it_is)(parse(value))


def _nothing() -> Generator[list[Stored]]:
    """Rows of which none is to come."""
    yield from ()


def as_it_is(stored: Any) -> Any:
    """What a driver makes a value of by itself."""
    return stored
