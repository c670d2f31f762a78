"""Exports as files that nobody else can read: figures in the folder of exports, names in that of copies.

What has names in it goes when a customer is erased: `erasing` knows the files by what they are called.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any
from unicodedata import normalize
from uuid import UUID

from boxoffice.clock import Clock
from boxoffice.database import Database
from boxoffice.kinds import ClosingPeriod
from boxoffice.private_file import write_privately
from boxoffice.sales.exports.closed_days import (
    between,
    closed_days,
    days_by_today,
    days_not_closed,
    issue_closing,
    tell_period,
)
from boxoffice.sales.exports.csv_file import write_csv
from boxoffice.sales.exports.customer_list import (
    count_customers,
    customer_list_name,
    customer_sheet,
    tell_customer_list,
)
from boxoffice.sales.exports.e_reporting import e_reporting_data, e_reporting_sheet
from boxoffice.sales.exports.fec import Entry, entries, fec_bytes, fec_name
from boxoffice.sales.exports.file_names import marked
from boxoffice.sales.exports.operations import Scope, count_lines, operation_sheets, tell_export
from boxoffice.sales.exports.sheets import Sheet
from boxoffice.sales.exports.week_sheet import week_sheet
from boxoffice.sales.exports.xlsx_file import write_xlsx
from boxoffice.sales.prints.statement_papers import DoorListPaper, StatementPaper, WeekPaper
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.statements.door_list import door_list_name, open_doors
from boxoffice.sales.statements.exhibitor_week import issue_week
from boxoffice.sales.statements.screening_statement import issue_statement

from .pdf import paper_pdf

Show = Callable[[int, int], None]
"""Told how many rows of how many are written."""


_PERIODS = {
    ClosingPeriod.TILL: "caisse",
    ClosingPeriod.DAY: "jour",
    ClosingPeriod.MONTH: "mois",
    ClosingPeriod.YEAR: "annee",
}


@dataclass(frozen=True, slots=True)
class WrittenEntries:
    """A FEC that was written; `not_closed` are days of its period that it lacks.

    Entries of the days `by_today` go to the accounts set today: their closings kept none.
    """

    entries: tuple[Entry, ...]
    path: Path
    not_closed: tuple[date, ...]
    by_today: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class WrittenTotals:
    """Totals to declare that were written, as CSV and JSON; `not_closed` are days that they lack.

    In the days `by_today`, goods are what they are today: their closings kept no list of them.
    """

    data: Mapping[str, Any]
    paths: tuple[Path, Path]
    not_closed: tuple[date, ...]
    by_today: tuple[date, ...]


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
) -> tuple[Path, ...]:
    """Write the operations of a scope: a workbook, or a CSV file for each table. Raises Refusal as told."""
    with database.write() as session:
        tell_export(session, post, scope, answered_by=answered_by, clock=clock)
    with database.read() as session:
        progress = _progress(show, count_lines(session, scope))
        name = marked(session, scope.name)
        return _write(operation_sheets(session, scope), folder, name, kind, clock, progress)


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
    with database.write() as session:
        tell_customer_list(session, post, manager=manager, clock=clock)
    with database.read() as session:
        progress = _progress(show, count_customers(session))
        name = customer_list_name(clock.now())
        (path,) = _write([customer_sheet(session)], folder, name, kind, clock, progress)
        return path


def export_entries(
    database: Database,
    post: Post,
    first: date,
    last: date,
    folder: Path,
    *,
    answered_by: StaffMember,
    clock: Clock,
    separator: str = "\t",
) -> WrittenEntries:
    """Write the accounting entries of the days closed in a period as a FEC, named after its last day.

    Raises Refusal where no day was closed, or one does not balance, which the journal is not told.
    """
    with database.read() as session:
        days = closed_days(session, last)
        not_closed = days_not_closed(session, first, last)
        name = marked(session, fec_name(post.siret, last))
    asked = between(days, first, last)
    found = tuple(entry for entry in entries(days) if entry.closed.day >= first)
    with database.write() as session:
        tell_period(session, post, "fec", first, last, answered_by=answered_by, clock=clock)
    path = write_privately(folder / name, fec_bytes(found, separator=separator))
    return WrittenEntries(found, path, not_closed, days_by_today(asked))


def export_e_reporting(
    database: Database,
    post: Post,
    first: date,
    last: date,
    folder: Path,
    *,
    answered_by: StaffMember,
    clock: Clock,
) -> WrittenTotals:
    """Write the totals to declare of the days closed in a period, as CSV and as JSON.

    Raises Refusal where no day was closed, which the journal is not told.
    """
    with database.read() as session:
        days = between(closed_days(session, last), first, last)
        not_closed = days_not_closed(session, first, last)
        name = marked(session, f"e-reporting-{first:%Y%m%d}-{last:%Y%m%d}")
    with database.write() as session:
        tell_period(session, post, "e-reporting", first, last, answered_by=answered_by, clock=clock)
    data = e_reporting_data(days, post.siret)
    told = json.dumps(data, ensure_ascii=False, indent=2).encode()
    table = write_csv(e_reporting_sheet(days), folder / f"{name}.csv")
    paths = table, write_privately(folder / f"{name}.json", told)
    return WrittenTotals(data, paths, not_closed, days_by_today(days))


def export_closing(
    database: Database,
    post: Post,
    closing_id: UUID,
    folder: Path,
    *,
    answered_by: StaffMember,
    clock: Clock,
) -> Path:
    """Write a Z as a PDF, as it was when it was made. Raises Refusal if there is no such closing."""
    with database.write() as session:
        paper = issue_closing(session, post, closing_id, answered_by=answered_by, clock=clock)
    closing = paper.closing
    of = _PERIODS[closing.period] + ("" if closing.till is None else f"-{closing.till}")
    name = f"z-{of}-{closing.number}"
    title = f"{paper.letterhead.festival} – Z n° {closing.number}, copie en PDF"
    return write_privately(folder / f"{name}.pdf", paper_pdf(paper, title, clock.now()))


def export_statement(
    database: Database,
    post: Post,
    screening_id: int,
    folder: Path,
    *,
    operator_number: int | None,
    clock: Clock,
    correct: bool = False,
) -> tuple[StatementPaper, Path]:
    """Write the statement of a screening as a PDF: the original, a copy, or one that is to `correct` it.

    Raises Refusal if there is no such screening, or nothing to correct.
    """
    with database.write() as session:
        paper = issue_statement(
            session, post, screening_id, operator_number=operator_number, clock=clock, correct=correct
        )
    title = f"{paper.letterhead.festival} – séance {paper.number}{_mark(paper)}"
    pdf = paper_pdf(paper, title, paper.copied_at or paper.at)
    return paper, write_privately(folder / f"{_file_part(f'releve-{paper.number}{_mark(paper)}')}.pdf", pdf)


def export_doors(
    database: Database, post: Post, screening_id: int, folder: Path, *, operator_number: int, clock: Clock
) -> tuple[DoorListPaper, Path]:
    """Write the list of who may come in as a PDF: there are names in it. Raises Refusal for no screening."""
    with database.write() as session:
        paper = open_doors(session, post, screening_id, operator_number=operator_number, clock=clock)
    title = f"{paper.letterhead.festival} – entrée de la séance {paper.number}"
    pdf = paper_pdf(paper, title, paper.at)
    return paper, write_privately(folder / f"{_file_part(door_list_name(paper))}.pdf", pdf)


def export_week(
    database: Database,
    post: Post,
    venue_id: int,
    day: date,
    folder: Path,
    *,
    operator_number: int | None,
    clock: Clock,
    correct: bool = False,
) -> tuple[WeekPaper, tuple[Path, Path]]:
    """Write the week of an exhibitor as a PDF and as CSV, as `export_statement` does that of a screening."""
    with database.write() as session:
        paper = issue_week(
            session, post, venue_id, day, operator_number=operator_number, clock=clock, correct=correct
        )
    name = _file_part(f"semaine-{paper.number}{_mark(paper)}")
    title = f"{paper.letterhead.festival} – semaine {paper.number}{_mark(paper)}"
    pdf = write_privately(folder / f"{name}.pdf", paper_pdf(paper, title, paper.copied_at or paper.at))
    return paper, (pdf, write_csv(week_sheet(paper), folder / f"{name}.csv"))


def _mark(paper: StatementPaper | WeekPaper) -> str:
    """What tells the file of a statement from that of the original."""
    if paper.provisional:
        return " provisoire"
    correction = f" rectificatif {paper.correction}" if paper.correction else ""
    return correction + (f" duplicata {paper.copy_number}" if paper.copy_number else "")


def _write(
    sheets: Sequence[Sheet],
    folder: Path,
    name: str,
    kind: FileKind,
    clock: Clock,
    progress: Callable[[int], None],
) -> tuple[Path, ...]:
    """The first table tells the progress; the others are shorter."""
    if kind is FileKind.XLSX:
        path = folder / f"{_file_part(name)}.xlsx"
        return (write_xlsx(sheets, path, made_at=clock.now(), progress=progress),)
    if len(sheets) == 1:
        return (write_csv(sheets[0], folder / f"{_file_part(name)}.csv", progress=progress),)
    return tuple(
        write_csv(
            sheet, folder / f"{_file_part(name)}-{_file_part(sheet.name.lower())}.csv", progress=progress
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


def _file_part(text: str) -> str:
    """A name as every system lets a file be called."""
    plain = normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in plain)
