"""Operations and customers as tables: workbooks, or CSV files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from boxoffice.clock import Clock
from boxoffice.database import Database
from boxoffice.kinds import Action
from boxoffice.private_file import Aside, written_aside
from boxoffice.sales.closings.put_back import Restoring
from boxoffice.sales.exports.csv_file import write_csv
from boxoffice.sales.exports.customer_list import (
    count_customers,
    customer_list_name,
    customer_sheet,
    tell_customer_list,
)
from boxoffice.sales.exports.file_names import marked
from boxoffice.sales.exports.operations import (
    Scope,
    check_export,
    count_lines,
    days_still_open,
    operation_sheets,
    tell_export,
)
from boxoffice.sales.exports.sheets import Sheet
from boxoffice.sales.exports.xlsx_file import write_xlsx
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.staff.permissions import require

from .folders import check_folder
from .names import file_part

Show = Callable[[int, int], None]
"""Told how many rows of how many are written."""


@dataclass(frozen=True, slots=True)
class WrittenTables:
    """Files of operations that were written, of so many `lines`; what restorings `left_out` is in none.

    On days `not_closed` yet, more may be sold than is in them.
    """

    paths: tuple[Path, ...]
    left_out: tuple[Restoring, ...]
    lines: int
    not_closed: tuple[date, ...]


class FileKind(StrEnum):
    """How a table is written."""

    CSV = "csv"
    XLSX = "xlsx"


def export_operations(
    database: Database,
    post: Post,
    scope: Scope,
    folder: Path,
    kind: FileKind,
    *,
    answered_by: StaffMember,
    clock: Clock,
    show: Show = lambda _done, _total: None,
) -> WrittenTables:
    """Write the operations of a scope: a workbook, or a CSV file for each table. Raises Refusal as told.

    Where there is none, the tables are written with their titles alone: they state that there is nothing.
    """
    check_folder(folder)
    with written_aside(folder) as aside:
        with database.read() as session:
            check_export(session, scope, answered_by=answered_by)
            lines = count_lines(session, scope)
            not_closed = days_still_open(session, scope, post.rules, at=clock.now())
            name = marked(session, scope.name)
            progress = _progress(show, lines)
            tables = _write(operation_sheets(session, scope), aside, name, kind, clock, progress)
        with database.write() as session:
            left_out = tell_export(session, post, scope, answered_by=answered_by, clock=clock)
        paths = aside.publish(*tables)
    return WrittenTables(paths, left_out, lines, not_closed)


def export_customers(
    database: Database,
    post: Post,
    folder: Path,
    kind: FileKind,
    *,
    manager: StaffMember,
    clock: Clock,
    show: Show = lambda _done, _total: None,
) -> Path:
    """Write the list of customers. Raises ManagerNeeded for whoever is none."""
    with written_aside(folder) as aside:
        with database.read() as session:
            require(session, Action.EXPORT_CUSTOMERS, manager.id)
            count = count_customers(session)
            name = customer_list_name(clock.now())
            progress = _progress(show, count)
            (table,) = _write([customer_sheet(session)], aside, name, kind, clock, progress)
        with database.write() as session:
            tell_customer_list(session, post, count, manager=manager, clock=clock)
        (path,) = aside.publish(table)
    return path


def _write(
    sheets: Sequence[Sheet],
    aside: Aside,
    name: str,
    kind: FileKind,
    clock: Clock,
    progress: Callable[[int], None],
) -> tuple[Path, ...]:
    """The first table tells the progress; the others are shorter."""
    if kind is FileKind.XLSX:
        path = aside.path(f"{file_part(name)}.xlsx")
        return (write_xlsx(sheets, path, made_at=clock.now(), progress=progress),)
    if len(sheets) == 1:
        return (write_csv(sheets[0], aside.path(f"{file_part(name)}.csv"), progress=progress),)
    return tuple(
        write_csv(
            sheet, aside.path(f"{file_part(name)}-{file_part(sheet.name.lower())}.csv"), progress=progress
        )
        for sheet in sheets
    )


def _progress(show: Show, total: int) -> Callable[[int], None]:
    done = 0

    def progress(rows: int) -> None:
        nonlocal done
        done += rows
        show(min(done, total), total)

    return progress
