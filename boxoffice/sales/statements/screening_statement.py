"""The statement of a screening (relevé): what each category sold and took, and who came in.

Until the screening is over it is provisional, and may be printed as often as one likes. The first one printed
afterwards is the original; any other is a DUPLICATA. The journal tells of all of them.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.database import take_turns
from boxoffice.kinds import JournalKind, ReservedSeatState, TurnsAt
from boxoffice.models import PrintJob, ReservedSeat, table

from ..books import journal
from ..prints.letterhead import read_letterhead
from ..prints.papers import DocumentKind
from ..prints.print_orders import check_printer, order_report
from ..prints.statement_papers import StatementPaper
from ..staff.desk import Post
from .showings import numbers_of, passes_of, read_showing, showing_of, tariffs_of

_seat, _job = table(ReservedSeat), table(PrintJob)


def read_statement(
    session: Session,
    screening_id: int,
    *,
    at: datetime,
    provisional: bool | None = None,
    copy_number: int = 0,
) -> StatementPaper:
    """The statement of a screening as it stands `at` this moment.

    It is `provisional` before the end unless told otherwise. Raises Refusal if there is no such screening.
    """
    row = read_showing(session, screening_id)
    ids = [screening_id]
    reserved = session.execute(
        select(func.count()).where(
            _seat.c.screening_id == screening_id, _seat.c.state == ReservedSeatState.HELD
        )
    ).scalar_one()
    return StatementPaper(
        letterhead=read_letterhead(session),
        at=at,
        provisional=at <= row["ends_at"] if provisional is None else provisional,
        regime=row["regime"],
        showing=showing_of(row),
        capacity=row["capacity"],
        tariffs=tariffs_of(session, ids)[screening_id],
        passes=passes_of(session, ids)[screening_id],
        reserved=reserved,
        numbers=numbers_of(session, ids)[screening_id],
        copy_number=copy_number,
    )


def print_statement(
    session: Session, post: Post, screening_id: int, *, operator_number: int | None, clock: Clock
) -> int:
    """Order the statement of a screening from the printer for reports. Returns its copy number.

    Raises Refusal if there is no such screening, or no printer.
    """
    check_printer(session, post.till_id, DocumentKind.SCREENING_STATEMENT)
    take_turns(session, TurnsAt.NUMBERING_COPIES)
    at = clock.now()
    paper = read_statement(session, screening_id, at=at)
    copy_number = 0 if paper.provisional else _next_copy(session, screening_id, paper.showing.ends_at)
    order_report(
        session,
        post.till_id,
        DocumentKind.SCREENING_STATEMENT,
        screening_id,
        at=at,
        copy_number=copy_number,
    )
    _tell(session, post, paper, operator_number, copy_number)
    return copy_number


def issue_statement(
    session: Session, post: Post, screening_id: int, *, operator_number: int | None, clock: Clock
) -> StatementPaper:
    """The statement of a screening for a file: told to the journal. Raises Refusal as `read_statement`."""
    paper = read_statement(session, screening_id, at=clock.now())
    _tell(session, post, paper, operator_number, 0)
    return paper


def load_statement(
    session: Session, screening_id: int, *, ordered_at: datetime, copy_number: int, at: datetime
) -> StatementPaper:
    """The statement that was ordered at that moment: what was provisional then comes out so."""
    ends_at = read_showing(session, screening_id)["ends_at"]
    return read_statement(
        session, screening_id, at=at, provisional=ordered_at <= ends_at, copy_number=copy_number
    )


def _tell(
    session: Session, post: Post, paper: StatementPaper, operator_number: int | None, copy_number: int
) -> None:
    told: dict[str, object] = (
        {
            "document": DocumentKind.SCREENING_STATEMENT,
            "number": paper.number,
            "copy": copy_number,
            "spoilt": False,
        }
        if copy_number
        else {
            "document": DocumentKind.SCREENING_STATEMENT,
            "number": paper.number,
            "provisional": paper.provisional,
            "sold": paper.sold,
            "booked": paper.booked,
            "takings": paper.takings_cents,
        }
    )
    journal.append(
        session,
        post,
        JournalKind.DOCUMENT_REPRINTED if copy_number else JournalKind.STATEMENT_ISSUED,
        told,
        at=paper.at,
        operator_number=operator_number,
    )


def _next_copy(session: Session, screening_id: int, ends_at: datetime) -> int:
    """0 for the first statement printed after the end, then 1, 2…"""
    last = session.execute(
        select(func.max(_job.c.copy_number)).where(
            _job.c.document == DocumentKind.SCREENING_STATEMENT,
            _job.c.position == screening_id,
            _job.c.created_at > ends_at,
        )
    ).scalar_one()
    return 0 if last is None else int(last) + 1
