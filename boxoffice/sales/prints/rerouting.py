"""Papers that wait: how many for which printer, and given to another one, by one or all at once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select, update
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.models import JobState, Printer, PrintJob, Till, table

from . import outbox
from .outbox import WAITING

_job, _printer, _till = table(PrintJob), table(Printer), table(Till)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many papers of a till wait for a printer, since when, and why if something is known to be wrong.

    The printer has neither id nor name where there was none for them.
    """

    printer_id: int | None
    printer: str
    in_service: bool
    till_id: int
    till_number: int
    count: int
    since: datetime
    reason: str


def list_waiting(session: Session) -> tuple[Waiting, ...]:
    """What waits at every till, by printer."""
    rows = session.execute(
        select(
            _job.c.printer_id,
            func.coalesce(_printer.c.name, "").label("printer"),
            _printer.c.active,
            _job.c.till_id,
            _till.c.number.label("till_number"),
            func.count().label("papers"),
            func.min(_job.c.created_at).label("since"),
            func.max(_job.c.reason).label("reason"),
        )
        .join(_till, _till.c.id == _job.c.till_id)
        .outerjoin(_printer, _printer.c.id == _job.c.printer_id)
        .where(_job.c.state.in_(WAITING))
        .group_by(_job.c.printer_id, _printer.c.name, _printer.c.active, _job.c.till_id, _till.c.number)
        .order_by(_till.c.number, _printer.c.name)
    )
    return tuple(
        Waiting(
            row.printer_id,
            row.printer,
            bool(row.active),
            row.till_id,
            row.till_number,
            row.papers,
            row.since,
            _(row.reason) if row.reason else "",
        )
        for row in rows
    )


def is_printing(session: Session, printer_id: int) -> bool:
    """Whether a paper is coming out of a printer now, at a till in service."""
    sending = (
        select(_job.c.id)
        .join(_till, _till.c.id == _job.c.till_id)
        .where(_job.c.printer_id == printer_id, _job.c.state == JobState.SENDING, _till.c.active)
    )
    return bool(session.execute(select(sending.exists())).scalar())


def give_to(session: Session, job_id: int, printer_id: int, *, clock: Clock) -> bool:
    """Give a document to another printer, if it waits still. Raises Refusal for a printer out of use."""
    there = session.execute(select(exists().where(_printer.c.id == printer_id, _printer.c.active))).scalar()
    if not there:
        raise Refusal(_("Cette imprimante n'est plus en service."), _("Choisissez-en une autre."))
    given = session.execute(
        update(_job)
        .where(_job.c.id == job_id, _job.c.state.in_(WAITING))
        .values(printer_id=printer_id)
        .returning(_job.c.id)
    ).one_or_none()
    return given is not None and outbox.move(session, job_id, JobState.QUEUED, WAITING, clock)


def give_all(
    session: Session, printer_id: int | None, heir_id: int, *, clock: Clock, till_id: int | None = None
) -> int:
    """Give all that waits for a printer, at one till or at any, to another. Returns how many papers."""
    of_it = [_job.c.printer_id.is_not_distinct_from(printer_id), _job.c.state.in_(WAITING)]
    if till_id is not None:
        of_it.append(_job.c.till_id == till_id)
    waiting = session.execute(select(_job.c.id).where(*of_it).order_by(outbox.OLDEST_FIRST)).scalars().all()
    return sum(give_to(session, job_id, heir_id, clock=clock) for job_id in waiting)
