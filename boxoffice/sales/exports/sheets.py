"""Tables for spreadsheets: what each column holds, and rows that are read as they are written."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import CursorResult, Select
from sqlmodel import Session

READ_AT_ONCE = 1_000
"""Rows kept in memory while a table is written."""

REMEMBERED = 4_096
"""Moments that many rows share, such as the hour of a screening, are put into words once."""

TOLD_EVERY = 500
"""Rows between two words of progress."""

Cell = object
Row = tuple[Cell, ...]
Progress = Callable[[int], None]
"""Told how many more rows were written."""


class Kind(StrEnum):
    """What the cells of a column are: cents, basis points, a `date`, or a `datetime` shown in Paris."""

    TEXT = "text"
    COUNT = "count"
    CENTS = "cents"
    RATE = "rate"
    DAY = "day"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; its name is written in French, as on paper."""

    name: str
    kind: Kind = Kind.TEXT
    width: int = 14


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table. None in a cell leaves it empty; rows may be read only once."""

    name: str
    columns: tuple[Column, ...]
    rows: Iterable[Row]


def streamed(session: Session, statement: Select[Any]) -> CursorResult[Any]:
    """The rows of a table, a few at a time, however many there are."""
    return session.connection().execute(statement, execution_options={"yield_per": READ_AT_ONCE})


def counted(rows: Iterable[Row], progress: Progress) -> Iterator[Row]:
    """The same rows, the progress told as they pass."""
    done = 0
    for row in rows:
        yield row
        done += 1
        if done == TOLD_EVERY:
            progress(done)
            done = 0
    progress(done)


def quiet(_rows: int) -> None:
    """Nobody is told of the progress."""
