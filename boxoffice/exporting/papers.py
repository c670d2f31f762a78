"""Zs, statements and lists for the entrance as PDFs."""

from datetime import date
from pathlib import Path
from uuid import UUID

from boxoffice.clock import Clock
from boxoffice.database import Database
from boxoffice.kinds import ClosingPeriod
from boxoffice.printing.pdf import load, paper_pdf
from boxoffice.private_file import write_privately, written_aside
from boxoffice.sales.exports.closed_days import issue_closing
from boxoffice.sales.exports.csv_file import write_csv
from boxoffice.sales.exports.file_names import marked_by
from boxoffice.sales.exports.week_sheet import week_sheet
from boxoffice.sales.prints.statement_papers import DoorListPaper, StatementPaper, WeekPaper
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.statements.door_list import door_list_name, open_doors
from boxoffice.sales.statements.exhibitor_week import issue_week
from boxoffice.sales.statements.screening_statement import issue_statement

from .folders import check_folder
from .names import file_part

_PERIODS = {
    ClosingPeriod.TILL: "caisse",
    ClosingPeriod.DAY: "jour",
    ClosingPeriod.MONTH: "mois",
    ClosingPeriod.YEAR: "annee",
}


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
    check_folder(folder)
    load()
    with written_aside(folder) as aside:
        with database.write() as session:
            paper = issue_closing(session, post, closing_id, answered_by=answered_by, clock=clock)
            closing = paper.closing
            of = _PERIODS[closing.period] + ("" if closing.till is None else f"-{closing.till}")
            name = marked_by(paper.letterhead, f"z-{of}-{closing.number}")
            title = f"{paper.letterhead.festival} – Z n° {closing.number}, copie en PDF"
            pdf = write_privately(aside.path(f"{name}.pdf"), paper_pdf(paper, title, clock.now()))
        (path,) = aside.publish(pdf)
    return path


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
    load()
    with written_aside(folder) as aside:
        with database.write() as session:
            paper = issue_statement(
                session, post, screening_id, operator_number=operator_number, clock=clock, correct=correct
            )
            title = f"{paper.letterhead.festival} – séance {paper.number}{_mark(paper)}"
            name = file_part(marked_by(paper.letterhead, f"releve-{paper.number}{_mark(paper)}"))
            drawn = paper_pdf(paper, title, paper.copied_at or paper.at)
            pdf = write_privately(aside.path(f"{name}.pdf"), drawn)
        (path,) = aside.publish(pdf)
    return paper, path


def export_doors(
    database: Database, post: Post, screening_id: int, folder: Path, *, operator_number: int, clock: Clock
) -> tuple[DoorListPaper, Path]:
    """Write the list of who may come in as a PDF: there are names in it. Raises Refusal for no screening."""
    load()
    with written_aside(folder) as aside:
        with database.write() as session:
            paper = open_doors(session, post, screening_id, operator_number=operator_number, clock=clock)
            title = f"{paper.letterhead.festival} – entrée de la séance {paper.number}"
            name = file_part(door_list_name(paper))
            pdf = write_privately(aside.path(f"{name}.pdf"), paper_pdf(paper, title, paper.at))
        (path,) = aside.publish(pdf)
    return paper, path


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
    load()
    with written_aside(folder) as aside:
        with database.write() as session:
            paper = issue_week(
                session, post, venue_id, day, operator_number=operator_number, clock=clock, correct=correct
            )
            name = file_part(marked_by(paper.letterhead, f"semaine-{paper.number}{_mark(paper)}"))
            title = f"{paper.letterhead.festival} – semaine {paper.number}{_mark(paper)}"
            drawn = paper_pdf(paper, title, paper.copied_at or paper.at)
            pdf = write_privately(aside.path(f"{name}.pdf"), drawn)
            table = write_csv(week_sheet(paper), aside.path(f"{name}.csv"))
        published = aside.publish(pdf, table)
    return paper, (published[0], published[1])


def _mark(paper: StatementPaper | WeekPaper) -> str:
    """What tells the file of a statement from that of the original."""
    if paper.provisional:
        return " provisoire"
    correction = f" rectificatif {paper.correction}" if paper.correction else ""
    return correction + (f" duplicata {paper.copy_number}" if paper.copy_number else "")
