"""The statement of a screening (relevé): what each category sold and took, and who came in.

Until the screening is over it is provisional, and may be given out as often as one likes; `copies` tells how
it is afterwards.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.kinds import ReservedSeatState
from boxoffice.models import ReservedSeat, table

from ..prints.letterhead import read_letterhead
from ..prints.papers import DocumentKind
from ..prints.statement_papers import StatementPaper
from ..staff.desk import Post
from .copies import Series, Way, as_issued, give_out, ordered
from .showings import (
    is_cancelled,
    numbers_of,
    passes_of,
    read_showing,
    restorings_of,
    showing_of,
    tariffs_of,
)

_seat = table(ReservedSeat)


def read_statement(session: Session, screening_id: int, *, at: datetime) -> StatementPaper:
    """The statement of a screening as the books stand: provisional until its end.

    Seats reserved until a moment that is past are anybody's again. Raises Refusal for no screening of ours.
    """
    row = read_showing(session, screening_id)
    ids = [screening_id]
    reserved = session.execute(
        select(func.count()).where(
            _seat.c.screening_id == screening_id,
            _seat.c.state == ReservedSeatState.HELD,
            _seat.c.expires_at >= at,
        )
    ).scalar_one()
    return StatementPaper(
        letterhead=read_letterhead(session),
        at=at,
        provisional=at <= row["ends_at"],
        regime=row["regime"],
        showing=showing_of(row),
        capacity=row["capacity"],
        tariffs=tariffs_of(session, ids)[screening_id],
        passes=passes_of(session, ids)[screening_id],
        reserved=reserved,
        numbers=numbers_of(session, ids)[screening_id],
        restorings=restorings_of(session, row["starts_at"], row["ends_at"], is_cancelled=is_cancelled(row)),
    )


def show_statement(session: Session, screening_id: int, *, at: datetime) -> StatementPaper:
    """The statement of a screening to be read: as it was issued, once it was. Raises Refusal as above."""
    return as_issued(session, _series(session, screening_id), at=at)


def print_statement(
    session: Session,
    post: Post,
    screening_id: int,
    *,
    operator_number: int | None,
    clock: Clock,
    correct: bool = False,
) -> StatementPaper:
    """Order the statement of a screening from the printer for reports, or a corrected one.

    Raises Refusal if there is no such screening, no printer, or nothing to correct.
    """
    series, at = _series(session, screening_id), clock.now()
    return give_out(session, post, series, Way.PAPER, at=at, operator_number=operator_number, correct=correct)


def issue_statement(
    session: Session,
    post: Post,
    screening_id: int,
    *,
    operator_number: int | None,
    clock: Clock,
    correct: bool = False,
) -> StatementPaper:
    """The statement of a screening for a file, or a corrected one. Raises Refusal as `print_statement`."""
    series, at = _series(session, screening_id), clock.now()
    return give_out(session, post, series, Way.FILE, at=at, operator_number=operator_number, correct=correct)


def load_statement(
    session: Session, screening_id: int, *, ordered_at: datetime, copy_number: int, at: datetime
) -> StatementPaper:
    """The statement that was ordered at that moment: what was provisional then comes out so."""
    series = _series(session, screening_id)
    return ordered(session, series, ordered_at=ordered_at, copy_number=copy_number, at=at)


def _series(session: Session, screening_id: int) -> Series[StatementPaper]:
    return Series(
        StatementPaper,
        DocumentKind.SCREENING_STATEMENT,
        read_showing(session, screening_id)["code"],
        screening_id,
        lambda at: read_statement(session, screening_id, at=at),
    )
