"""Papers whose end nobody knows, by the numbers of the steps that the outbox keeps: no clock tells them."""

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from boxoffice.kinds import JobState
from boxoffice.models import Closing, PrintAttempt, PrintJob, Till, table

from .figures import Figures, PrintSteps, told_figures

_closing, _till = table(Closing), table(Till)
_job, _attempt = table(PrintJob), table(PrintAttempt)


def open_steps(session: Session, till_id: int) -> PrintSteps:
    """The steps of a till's papers since its last closing: hold its numbering, and none is added to them."""
    till = session.execute(select(_till.c.number).where(_till.c.id == till_id)).scalar_one()
    last = session.execute(select(func.max(_attempt.c.id))).scalar_one() or 0
    return counted(session, till_id, till, _before(session, till_id) + 1, last)


def counted(session: Session, till_id: int, till: int, first: int, last: int) -> PrintSteps:
    """The steps of a till's papers between two numbers: of how many the end is unknown."""
    uncertain = session.execute(
        select(func.count())
        .select_from(_attempt)
        .join(_job, _job.c.id == _attempt.c.job_id)
        .where(
            _attempt.c.id.between(first, last),
            _attempt.c.outcome == JobState.UNCERTAIN,
            _job.c.till_id == till_id,
        )
    ).scalar_one()
    return PrintSteps(till, first, last, int(uncertain))


def covered_until(session: Session, at: datetime, told: Figures) -> int:
    """The last step that a closing of a till covers.

    The first versions told none: what was kept until the moment of their closing is theirs.
    """
    if told.prints is not None:
        return told.prints[-1].last
    until = session.execute(select(func.max(_attempt.c.id)).where(_attempt.c.at <= at)).scalar_one()
    return int(until or 0)


def _before(session: Session, till_id: int) -> int:
    """The last step that the closings of a till cover."""
    last = session.execute(
        select(_closing.c.at, _closing.c.figures)
        .where(_closing.c.till_id == till_id)
        .order_by(_closing.c.number.desc())
        .limit(1)
    ).one_or_none()
    return 0 if last is None else covered_until(session, last.at, told_figures(last.figures))
