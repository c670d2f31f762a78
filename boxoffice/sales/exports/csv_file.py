"""Tables as CSV for a French spreadsheet: semicolons, decimal commas, days as 21/01/2026."""

import csv
import io
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from boxoffice.clock import in_paris
from boxoffice.private_file import private_file

from .sheets import REMEMBERED, Cell, Column, Kind, Progress, Sheet, counted, quiet

ENCODING = "utf-8-sig"
"""The mark in front tells a spreadsheet how to read."""

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def write_csv(sheet: Sheet, path: Path, *, progress: Progress = quiet) -> Path:
    """Write a table to a file that nobody else can read."""
    with private_file(path) as file, io.TextIOWrapper(file, ENCODING, newline="") as text:
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerow([column.name for column in sheet.columns])
        for row in counted(sheet.rows, progress):
            writer.writerow([_shown(column, cell) for column, cell in zip(sheet.columns, row, strict=True)])
    return path


def decimal(hundredths: int) -> str:
    """Hundredths with a decimal comma and nothing else, as programs read it: `-1234,50`."""
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100},{abs(hundredths) % 100:02d}"


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _shown(column: Column, cell: Cell) -> str:
    return "" if cell is None else _SHOW[column.kind](cell)


def _text(cell: Cell) -> str:
    return harmless(str(cell))


def _hundredths(cell: Cell) -> str:
    assert isinstance(cell, int)
    return decimal(cell)


@lru_cache(maxsize=REMEMBERED)
def _day(cell: Cell) -> str:
    assert isinstance(cell, date)
    return f"{cell:%d/%m/%Y}"


@lru_cache(maxsize=REMEMBERED)
def _moment(cell: Cell) -> str:
    assert isinstance(cell, datetime)
    return f"{in_paris(cell):%d/%m/%Y %H:%M:%S}"


_SHOW: Mapping[Kind, Callable[[Cell], str]] = {
    Kind.TEXT: _text,
    Kind.COUNT: str,
    Kind.CENTS: _hundredths,
    Kind.RATE: _hundredths,
    Kind.DAY: _day,
    Kind.MOMENT: _moment,
}
