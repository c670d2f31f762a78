"""Tables as an Excel workbook: amounts, days and moments are numbers that a spreadsheet can work with."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boxoffice.clock import in_paris
from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.private_file import private_file

from .sheets import REMEMBERED, Cell, Kind, Progress, Sheet, counted, quiet

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_575
"""What a sheet of a workbook holds below its heading."""

_EVE = datetime(1899, 12, 30, tzinfo=UTC).replace(tzinfo=None)
_FORMATS = {
    Kind.CENTS: "#,##0.00",
    Kind.RATE: "0.0#%",
    Kind.DAY: "dd/mm/yyyy",
    Kind.MOMENT: "dd/mm/yyyy hh:mm:ss",
}


def write_xlsx(sheets: Sequence[Sheet], path: Path, *, made_at: datetime, progress: Progress = quiet) -> Path:
    """Write tables to the sheets of a workbook that nobody else can read, row by row in little memory.

    Raises Refusal for a table longer than a sheet.
    """
    from xlsxwriter import Workbook

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with private_file(path) as file, _as_the_system_says():
        workbook = Workbook(
            file,
            {
                "constant_memory": True,
                "tmpdir": str(path.parent),
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
            },
        )
        workbook.set_properties({"created": in_paris(made_at).replace(tzinfo=None)})
        try:
            for sheet in sheets:
                _write(workbook, sheet, progress)
        finally:
            workbook.close()
    return path


@contextmanager
def _as_the_system_says() -> Iterator[None]:
    """What xlsxwriter makes of an error of the system is that error again, as of any other file."""
    from xlsxwriter.exceptions import FileCreateError

    try:
        yield
    except FileCreateError as error:
        (said,) = error.args
        raise said from error


def _write(workbook: "Workbook", sheet: Sheet, progress: Progress) -> None:
    page = workbook.add_worksheet(sheet.name[:31])
    formats = {kind: workbook.add_format({"num_format": shown}) for kind, shown in _FORMATS.items()}
    heading = workbook.add_format({"bold": True, "bottom": 1})
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width)
    for place, column in enumerate(sheet.columns):
        page.write_string(0, place, column.name, heading)
    page.freeze_panes(1, 0)
    for line, row in enumerate(counted(sheet.rows, progress), start=1):
        if line > MOST_ROWS:
            raise Refusal(
                _("« {name} » a plus de lignes qu'une feuille de tableur.").format(name=sheet.name),
                _("Exportez en CSV, ou une période plus courte."),
            )
        for place, (column, cell) in enumerate(zip(sheet.columns, row, strict=True)):
            if cell is not None:
                _write_cell(page, line, place, column.kind, cell, formats.get(column.kind))


@lru_cache(maxsize=REMEMBERED)
def _as_counted(at: datetime) -> float:
    """A moment in Paris as spreadsheets have it: in days since the eve of 1900."""
    since = in_paris(at).replace(tzinfo=None) - _EVE
    return since / timedelta(days=1)


def _write_cell(page: "Worksheet", line: int, place: int, kind: Kind, cell: Cell, shown: Any) -> None:
    match kind, cell:
        case (Kind.CENTS, int()):
            page.write_number(line, place, cell / 100, shown)
        case (Kind.RATE, int()):
            page.write_number(line, place, cell / 10_000, shown)
        case (Kind.COUNT, int()):
            page.write_number(line, place, cell)
        case (Kind.MOMENT, datetime()):
            page.write_number(line, place, _as_counted(cell), shown)
        case (Kind.DAY, date()):
            page.write_datetime(line, place, cell, shown)
        case _:
            page.write_string(line, place, str(cell))
