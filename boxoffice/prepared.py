"""Statements that every sale sends: compiled once for each engine, then handed to the driver as they are.

SQLAlchemy looks a statement up, binds its values and wraps its answer anew at each execution, which takes
longer than SQLite takes to answer. What is sent, how values are converted and what is raised stay the same.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    Select,
    Update,
    literal,
)
from sqlalchemy.engine.interfaces import DBAPICursor, DBAPIModule
from sqlalchemy.engine.result import result_tuple
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import Session

Row = Mapping[Any, Any]
"""A row by the names of its columns: one that was read, or one to write."""

Stored = tuple[Any, ...]
"""Columns of a row as the driver gives them: making values of them takes longer than reading them."""

NOTHING: Row = MappingProxyType({})

_AT_ONCE = 1_000
"""Rows of a stream that are fetched at a time."""

_Convert = Callable[[Any], Any] | None


class _Parameter(NamedTuple):
    """A place in the text for a value: that of `key`, converted; or, without a key, always the same one."""

    place: str
    key: str | None
    convert: _Convert
    constant: Any = None


@dataclass(frozen=True, slots=True)
class _Text:
    """A statement as one engine's driver takes it, and how what it answers is read."""

    sql: str
    places: tuple[str, ...]
    parameters: tuple[_Parameter, ...]
    is_positional: bool
    columns: tuple[tuple[str, _Convert], ...]
    named: Callable[[Sequence[Any]], Any]

    def bind(self, values: Row) -> Any:
        """The values in order, or by name, as the driver wants them."""
        bound = [
            constant if key is None else values[key] if convert is None else convert(values[key])
            for _place, key, convert, constant in self.parameters
        ]
        if self.is_positional:
            return bound
        return dict(zip(self.places, bound, strict=True))

    def read(self, answer: Sequence[Any]) -> Row:
        return {
            name: value if convert is None else convert(value)
            for (name, convert), value in zip(self.columns, answer, strict=True)
        }

    def name(self, answers: Sequence[Sequence[Any]]) -> list[Any]:
        """Rows whose values go by name or place, as SQLAlchemy gives them; converted column by column."""
        converted = zip(
            *(
                values if convert is None else map(convert, values)
                for (_name, convert), values in zip(self.columns, zip(*answers, strict=True), strict=False)
            ),
            strict=True,
        )
        return [self.named(values) for values in converted]


class Prepared:
    """A statement whose text is always the same: no list of any length in it. Rows come as plain mappings."""

    def __init__(self, statement: Select[Any] | Update | Insert) -> None:
        """An insert that says nothing of columns is of rows that are whole."""
        self._statement = statement
        self._texts: dict[type[Dialect], _Text] = {}

    def rows(self, session: Session, values: Row = NOTHING) -> list[Any]:
        """Every row of the answer, its values by name or place: what is quickest to read one by one."""
        with self._on(session) as (cursor, text):
            cursor.execute(text.sql, text.bind(values))
            return text.name(cursor.fetchall())

    def all(self, session: Session, values: Row = NOTHING) -> list[Row]:
        """Every row of the answer."""
        with self._on(session) as (cursor, text):
            cursor.execute(text.sql, text.bind(values))
            return [text.read(answer) for answer in cursor.fetchall()]

    def stored(self, session: Session, values: Row = NOTHING) -> list[Stored]:
        """Every row of the answer as the driver gives it, no value made of what its columns hold."""
        with self._on(session) as (cursor, text):
            cursor.execute(text.sql, text.bind(values))
            return [*cursor.fetchall()]

    def stream(self, session: Session, values: Row = NOTHING) -> Generator[list[Stored]]:
        """The rows of the answer as the driver gives them, some at a time: all would take much memory.

        To be closed before the transaction ends, unless all of them were taken.
        """
        with self._on(session, is_streamed=True) as (cursor, text):
            cursor.execute(text.sql, text.bind(values))
            while some := cursor.fetchmany(_AT_ONCE):
                yield [*some]

    def first(self, session: Session, values: Row = NOTHING) -> Row | None:
        """The first row of the answer, if there is one."""
        with self._on(session) as (cursor, text):
            cursor.execute(text.sql, text.bind(values))
            answer = cursor.fetchone()
            return None if answer is None else text.read(answer)

    def change(self, session: Session, values: Row) -> int:
        """Change rows, and tell how many."""
        with self._on(session) as (cursor, text):
            cursor.execute(text.sql, text.bind(values))
            return cursor.rowcount

    def insert(self, session: Session, rows: Sequence[Row]) -> None:
        """Insert rows, at one go."""
        with self._on(session) as (cursor, text):
            if len(rows) == 1:
                cursor.execute(text.sql, text.bind(rows[0]))
            else:
                cursor.executemany(text.sql, [text.bind(row) for row in rows])

    @contextmanager
    def _on(self, session: Session, *, is_streamed: bool = False) -> Iterator[tuple[DBAPICursor, _Text]]:
        """A cursor in this session's transaction; one with a name where the server keeps what is to come.

        Raises what SQLAlchemy would raise.
        """
        connection = session.connection()
        text = self._texts.get(type(connection.dialect)) or self._compile(connection.dialect)
        name = (
            [f"stream{id(self)}"] if is_streamed and connection.dialect.supports_server_side_cursors else []
        )
        cursor = connection.connection.cursor(*name)
        try:
            yield cursor, text
        except connection.dialect.loaded_dbapi.Error as error:
            raise _as_raised_by_sqlalchemy(error, text.sql, connection) from error
        finally:
            cursor.close()

    def _compile(self, dialect: Dialect) -> _Text:
        statement = self._statement
        compiled = statement.compile(dialect=dialect, for_executemany=isinstance(statement, Insert))
        assert isinstance(compiled, SQLCompiler)
        if compiled.post_compile_params or compiled.insert_prefetch:
            raise ValueError(f"not the same text each time: {compiled}")
        known = {name: _parameter(name, bound, dialect) for bound, name in compiled.bind_names.items()}
        parameters = tuple(known[name] for name in compiled.positiontup or known)
        columns = tuple(
            (str(name), column.type.dialect_impl(dialect).result_processor(dialect, None))
            for name, column in statement.exported_columns.items()
        )
        text = _Text(
            compiled.string,
            tuple(parameter.place for parameter in parameters),
            parameters,
            compiled.positional,
            columns,
            result_tuple([name for name, _convert in columns]),
        )
        self._texts[type(dialect)] = text
        return text


def one_of(column: Column[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """Whether a column holds one of these, in a text that stays the same."""
    return column.in_([literal(value, column.type) for value in values])


def _parameter(place: str, bound: BindParameter[Any], dialect: Dialect) -> _Parameter:
    convert = bound.type.dialect_impl(dialect).bind_processor(dialect)
    if bound.required:
        return _Parameter(place, bound.key, convert)
    return _Parameter(place, None, None, bound.value if convert is None else convert(bound.value))


def _as_raised_by_sqlalchemy(error: DBAPIModule.Error, sql: str, connection: Connection) -> BaseException:
    """A driver's error in the terms of all others; a connection that it tells is lost is not used again."""
    dialect, pooled = connection.dialect, connection.connection
    is_lost = dialect.is_disconnect(error, pooled, None)
    if is_lost:
        connection.invalidate(error)
    return DBAPIError.instance(
        sql,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_lost,
        dialect=dialect,
    )
