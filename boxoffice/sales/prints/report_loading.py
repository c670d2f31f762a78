"""From what the books hold to lists and statements: as things stand when they come out."""

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.models import PrintJob, table

from ..overview.coming import load_left_tonight
from ..reserving.reservation_slip import load_slip
from ..screenings.affected_paper import load_affected_list
from ..statements.door_list import read_doors
from ..statements.exhibitor_week import load_week
from ..statements.screening_statement import load_statement
from .letterhead import read_letterhead
from .outbox import Job
from .papers import DocumentKind, NothingToPrint, Paper

_job = table(PrintJob)

REPORTS = frozenset(
    {
        DocumentKind.AFFECTED_LIST,
        DocumentKind.RESERVATION,
        DocumentKind.SCREENING_STATEMENT,
        DocumentKind.DOOR_LIST,
        DocumentKind.WEEK_STATEMENT,
        DocumentKind.LEFT_TONIGHT,
    }
)
"""Papers of no sale, pass or card: a job tells which by a number, its `position`."""


def load_report(session: Session, job: Job, *, clock: Clock) -> Paper:
    """The list or statement of a job. Raises NothingToPrint when what it is of is gone."""
    try:
        return _load(session, job, clock)
    except Refusal as refusal:
        raise NothingToPrint(str(refusal)) from refusal


def _load(session: Session, job: Job, clock: Clock) -> Paper:
    at = clock.now()
    match job.document:
        case DocumentKind.AFFECTED_LIST:
            return load_affected_list(session, job.position, letterhead=read_letterhead(session), at=at)
        case DocumentKind.RESERVATION:
            return load_slip(session, job.position, letterhead=read_letterhead(session), at=at)
        case DocumentKind.DOOR_LIST:
            return read_doors(session, job.position, at=at)
        case DocumentKind.LEFT_TONIGHT:
            return load_left_tonight(session, clock=clock)
        case DocumentKind.SCREENING_STATEMENT | DocumentKind.WEEK_STATEMENT:
            load = load_statement if job.document is DocumentKind.SCREENING_STATEMENT else load_week
            ordered_at = session.execute(select(_job.c.created_at).where(_job.c.id == job.id)).scalar()
            if ordered_at is None:
                raise NothingToPrint(f"job {job.id} was never ordered")
            return load(session, job.position, ordered_at=ordered_at, copy_number=job.copy_number, at=at)
        case _:
            raise NothingToPrint(f"job {job.id} is no report")
