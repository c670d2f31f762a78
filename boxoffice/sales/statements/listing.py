"""The screenings of a day with their statements: which are over, and what became of those given out."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, case, func, select
from sqlmodel import Session

from boxoffice.clock import Clock, day_after, paris
from boxoffice.models import (
    Booking,
    BookingEnd,
    JobState,
    PrintJob,
    SaleLine,
    Screening,
    ScreeningState,
    table,
)

from ..prints.papers import DocumentKind
from ..staff.desk import Post
from ..staff.rules import read_rules
from .given_out import Issued, issued_since
from .screening_statement import print_statement
from .showings import SHOWINGS

_screening, _line, _job = table(Screening), table(SaleLine), table(PrintJob)
_booking, _end = table(Booking), table(BookingEnd)

_SOLD = (
    select(
        _line.c.screening_id,
        func.sum(_line.c.quantity).label("sold"),
        func.sum(_line.c.quantity * _line.c.unit_price_cents).label("cents"),
        func.sum(case((_line.c.quantity > 0, 1), else_=0)).label("issued"),
    )
    .where(_line.c.screening_id.is_not(None))
    .group_by(_line.c.screening_id)
)
_BOOKED = (
    select(_booking.c.screening_id, func.count())
    .outerjoin(_end, _end.c.booking_id == _booking.c.id)
    .where(_end.c.booking_id.is_(None))
    .group_by(_booking.c.screening_id)
)


class StatementState(StrEnum):
    """How the final statement of a screening is."""

    NOT_OVER = "not_over"
    TO_GIVE = "to_give"
    ORDERED = "ordered"
    UNCERTAIN = "uncertain"
    GIVEN_UP = "given_up"
    ON_PAPER = "on_paper"
    ON_FILE = "on_file"


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A screening of a day: seats that tickets stand for, their takings in cents, and its statement.

    `short_hall` is what the counter calls the hall, enough to know its venue. Nobody has had a seat of an
    empty one. It `changed` when the books no longer say what the statement says that was issued.
    """

    screening_id: int
    code: str
    title: str
    starts_at: datetime
    ends_at: datetime
    venue: str
    hall: str
    short_hall: str
    is_cancelled: bool
    sold: int
    takings_cents: int
    is_empty: bool
    state: StatementState
    changed: bool = False

    @property
    def is_over(self) -> bool:
        return self.state is not StatementState.NOT_OVER

    @property
    def waits(self) -> bool:
        """Whether its final statement is still to be given out."""
        return self.state is StatementState.TO_GIVE


def list_statements(session: Session, day: date, *, clock: Clock) -> tuple[StatementRow, ...]:
    """The screenings that begin on a business day, in order."""
    starts = read_rules(session).business_day_starts
    since, end = paris(day, starts), paris(day_after(day), starts)
    at = clock.now()
    of_day = SHOWINGS.where(_screening.c.starts_at >= since, _screening.c.starts_at < end)
    shown = session.execute(of_day.order_by(_screening.c.starts_at, _screening.c.code)).mappings().all()
    ids = [row["id"] for row in shown]
    taken = {row.screening_id: row for row in session.execute(_SOLD.where(_line.c.screening_id.in_(ids)))}
    booked = set(session.execute(_BOOKED.where(_booking.c.screening_id.in_(ids))).scalars())
    told = {each.number: each for each in issued_since(session, DocumentKind.SCREENING_STATEMENT, since)}
    jobs = _jobs(session, ids)
    rows = []
    for row in shown:
        sold = taken.get(row["id"])
        totals = (int(sold.sold), int(sold.cents)) if sold else (0, 0)
        last = told.get(row["code"])
        rows.append(
            StatementRow(
                screening_id=row["id"],
                code=row["code"],
                title=row["title"],
                starts_at=row["starts_at"],
                ends_at=row["ends_at"],
                venue=row["venue"],
                hall=row["hall"],
                short_hall=row["short_hall"],
                is_cancelled=row["state"] is ScreeningState.CANCELLED,
                sold=totals[0],
                takings_cents=totals[1],
                is_empty=not (sold and sold.issued) and row["id"] not in booked,
                state=_state(last, jobs[row["id"]], is_over=row["ends_at"] < at),
                changed=last is not None and totals != (last.totals["sold"], last.totals["takings"]),
            )
        )
    return tuple(rows)


def print_waiting(
    session: Session,
    post: Post,
    day: date,
    *,
    operator_number: int | None,
    clock: Clock,
    with_empty: bool = True,
) -> tuple[str, ...]:
    """Order the final statement of every screening of a day that is over and has none yet; their codes.

    Those that nobody had a seat for come `with_empty` alone. Raises Refusal where no printer is for them.
    """
    rows = list_statements(session, day, clock=clock)
    waiting = [row for row in rows if row.waits and (with_empty or not row.is_empty)]
    for row in waiting:
        print_statement(session, post, row.screening_id, operator_number=operator_number, clock=clock)
    return tuple(row.code for row in waiting)


def _jobs(session: Session, ids: list[int]) -> dict[int, list[Row[Any]]]:
    """The papers and files of the statements of some screenings."""
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for job in session.execute(
        select(_job.c.position, _job.c.copy_number, _job.c.created_at, _job.c.state, _job.c.printer_id).where(
            _job.c.document == DocumentKind.SCREENING_STATEMENT, _job.c.position.in_(ids)
        )
    ):
        found[job.position].append(job)
    return found


def _state(last: Issued | None, jobs: list[Row[Any]], *, is_over: bool) -> StatementState:
    """The best that became of the statement issued last, or of a copy of it: paper counts more than files.

    Of one that a restoring left out, all that is known is how it was asked for.
    """
    if last is None:
        return StatementState.TO_GIVE if is_over else StatementState.NOT_OVER
    since = [job for job in jobs if job.created_at >= last.at]
    papers = {job.state for job in since if not _is_file(job)}
    if papers & {JobState.PRINTED, JobState.SENT}:
        return StatementState.ON_PAPER
    if papers - {JobState.UNCERTAIN, JobState.ABANDONED}:
        return StatementState.ORDERED
    if not papers and last.is_left_out and not last.is_file:
        return StatementState.ON_PAPER
    if not papers or any(_is_file(job) for job in since):
        return StatementState.ON_FILE
    return StatementState.UNCERTAIN if JobState.UNCERTAIN in papers else StatementState.GIVEN_UP


def _is_file(job: Row[Any]) -> bool:
    """Whether it was written, and needed no printer."""
    return job.state is JobState.SENT and job.printer_id is None
