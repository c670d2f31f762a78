"""The screenings of a day with their statements: which are over, and which have been printed since."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from boxoffice.clock import Clock, paris
from boxoffice.models import PrintJob, SaleLine, Screening, ScreeningState, table

from ..prints.papers import DocumentKind
from ..staff.desk import Post
from ..staff.rules import read_rules
from .screening_statement import print_statement
from .showings import SHOWINGS

_screening, _line, _job = table(Screening), table(SaleLine), table(PrintJob)

_SOLD = (
    select(
        func.coalesce(func.sum(_line.c.quantity), 0).label("sold"),
        func.coalesce(func.sum(_line.c.quantity * _line.c.unit_price_cents), 0).label("cents"),
        _line.c.screening_id,
    )
    .where(_line.c.screening_id.is_not(None))
    .group_by(_line.c.screening_id)
)
_PRINTED = (
    select(func.count())
    .where(
        _job.c.document == DocumentKind.SCREENING_STATEMENT,
        _job.c.position == _screening.c.id,
        _job.c.created_at > _screening.c.ends_at,
    )
    .correlate(_screening)
    .scalar_subquery()
)
_DAY = SHOWINGS.add_columns(_PRINTED.label("printed")).where(
    _screening.c.starts_at >= bindparam("since"), _screening.c.starts_at < bindparam("end")
)


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A screening of a day: seats that tickets stand for, their takings in cents, and its statement.

    `printed` counts the final statements ordered: one of a screening that is not over is none.
    """

    screening_id: int
    code: str
    title: str
    starts_at: datetime
    ends_at: datetime
    venue: str
    hall: str
    is_cancelled: bool
    sold: int
    takings_cents: int
    is_over: bool
    printed: int

    @property
    def waits(self) -> bool:
        """Whether its final statement is still to be printed."""
        return self.is_over and not self.printed


def list_statements(session: Session, day: date, *, clock: Clock) -> tuple[StatementRow, ...]:
    """The screenings that begin on a business day, in order."""
    starts = read_rules(session).business_day_starts
    bounds = {"since": paris(day, starts), "end": paris(day + timedelta(days=1), starts)}
    at = clock.now()
    shown = session.execute(_DAY.order_by(_screening.c.starts_at, _screening.c.code), bounds).mappings().all()
    ids = [row["id"] for row in shown]
    taken = {row.screening_id: row for row in session.execute(_SOLD.where(_line.c.screening_id.in_(ids)))}
    return tuple(
        StatementRow(
            screening_id=row["id"],
            code=row["code"],
            title=row["title"],
            starts_at=row["starts_at"],
            ends_at=row["ends_at"],
            venue=row["venue"],
            hall=row["hall"],
            is_cancelled=row["state"] is ScreeningState.CANCELLED,
            sold=int(taken[row["id"]].sold) if row["id"] in taken else 0,
            takings_cents=int(taken[row["id"]].cents) if row["id"] in taken else 0,
            is_over=row["ends_at"] < at,
            printed=row["printed"],
        )
        for row in shown
    )


def print_waiting(
    session: Session, post: Post, day: date, *, operator_number: int | None, clock: Clock
) -> tuple[str, ...]:
    """Order the final statement of every screening of a day that is over and has none yet; their codes.

    Raises Refusal where there is no printer for them.
    """
    waiting = [row for row in list_statements(session, day, clock=clock) if row.waits]
    for row in waiting:
        print_statement(session, post, row.screening_id, operator_number=operator_number, clock=clock)
    return tuple(row.code for row in waiting)
