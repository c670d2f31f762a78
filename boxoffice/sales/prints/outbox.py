"""The outbox: each document on its way to paper, moved from state to state by conditional updates.

Nothing is lost, and no unmarked duplicate exists: a job is sent at most once, and what nobody can know is
asked of the cashier. The functions of this module are the printer's side; `reprinting` is the cashier's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, insert, or_, select, update
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.language import later
from boxoffice.models import (
    JobState,
    Numbering,
    Pass,
    PassState,
    PrintAttempt,
    PrintBatch,
    Printer,
    PrinterKind,
    PrintJob,
    TillPrinter,
    table,
)

from ..undone import undone
from .papers import DocumentKind

_job, _attempt, _printer = table(PrintJob), table(PrintAttempt), table(Printer)
_till_printer, _numbering = table(TillPrinter), table(Numbering)
_batch, _pass = table(PrintBatch), table(Pass)

WAITING = (JobState.QUEUED, JobState.BLOCKED)
PENDING = (*WAITING, JobState.SENDING, JobState.UNCERTAIN)
OVER = (JobState.PRINTED, JobState.SENT, JobState.UNCERTAIN)

OLDEST_FIRST = _job.c.id + 0
"""By id, but not as the key: else a database walks all that was ever printed to find what is pending."""

INTERRUPTED = later("Le programme s'est arrêté pendant l'impression.")
DEAD_TICKET = later("Billet annulé avant d'être imprimé.")
DEAD_PASS = later("Pass bloqué ou annulé avant que son badge soit imprimé.")

_IS_NOT_PAUSED = or_(
    _job.c.batch_id.is_(None), ~exists().where(_batch.c.id == _job.c.batch_id, _batch.c.paused)
)


@dataclass(frozen=True, slots=True)
class PrinterSettings:
    """A printer as its driver and the renderings need it."""

    id: int
    name: str
    kind: PrinterKind
    address: str
    columns: int
    dots: int
    dots_per_inch: int
    code_page: int
    native_qr: bool
    cutter: bool
    drawer: bool
    acknowledges: bool | None
    badge_landscape: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """A document to come out once, at a printer if one is known."""

    id: int
    till_id: int
    printer_id: int | None
    document: DocumentKind
    sale_id: UUID | None
    position: int
    copy_number: int
    state: JobState
    reason: str
    pass_id: UUID | None = None
    batch_id: UUID | None = None
    value_id: UUID | None = None
    closing_id: UUID | None = None


def printer_settings(session: Session, printer_id: int) -> PrinterSettings | None:
    """How a printer is set up; None if it is unknown or out of use."""
    row = session.execute(
        select(*(_printer.c[name] for name in PrinterSettings.__dataclass_fields__)).where(
            _printer.c.id == printer_id, _printer.c.active
        )
    ).one_or_none()
    return None if row is None else PrinterSettings(*row)


def printers_of_till(session: Session, till_id: int) -> tuple[int, ...]:
    """The printers that a till uses, and those that something of this till still waits for."""
    used = select(_till_printer.c.printer_id).where(_till_printer.c.till_id == till_id)
    waited_for = select(_job.c.printer_id).where(
        _job.c.till_id == till_id, _job.c.state.in_(WAITING), _job.c.printer_id.is_not(None)
    )
    return tuple(session.execute(used.union(waited_for).order_by("printer_id")).scalars())


def remember_acknowledging(session: Session, printer_id: int, acknowledges: bool) -> None:
    """Keep what a probe found out: whether this printer says when a document has come out."""
    session.execute(update(_printer).where(_printer.c.id == printer_id).values(acknowledges=acknowledges))


def find_job(session: Session, job_id: int) -> Job | None:
    """One job, whatever its state."""
    return _one(session, _job.c.id == job_id)


def next_job(
    session: Session, till_id: int, printer_id: int, *, except_jobs: frozenset[int] = frozenset()
) -> Job | None:
    """The oldest document of a till that waits for a printer."""
    return _one(
        session,
        and_(
            _job.c.till_id == till_id,
            _job.c.printer_id == printer_id,
            _job.c.state.in_(WAITING),
            _job.c.id.not_in(except_jobs),
            _IS_NOT_PAUSED,
        ),
    )


def block(session: Session, job: Job, reason: str, *, clock: Clock) -> bool:
    """Note why a job cannot be sent by its printer; no byte has left. True when that is news.

    False too when the job has been given to another printer meanwhile, which may be sending it.
    """
    news = or_(_job.c.state != JobState.BLOCKED, _job.c.reason != reason)
    here = _job.c.printer_id == job.printer_id
    come_from = (*WAITING, JobState.SENDING)
    return move(session, job.id, JobState.BLOCKED, come_from, clock, reason, and_(here, news))


def begin_sending(session: Session, job: Job, *, clock: Clock, pass_code: str = "") -> bool:
    """Claim a job before its first byte; to be committed before that byte leaves.

    False when somebody changed the job meanwhile, or replaced the pass whose badge was drawn with
    `pass_code`; or when its ticket has been reversed, or its pass serves no more: then it is abandoned.
    """
    if move(session, job.id, JobState.ABANDONED, WAITING, clock, DEAD_TICKET, ticket_is_dead()):
        return False
    if move(session, job.id, JobState.ABANDONED, WAITING, clock, DEAD_PASS, _pass_is_dead()):
        return False
    if pass_code:
        as_drawn = select(_pass.c.id).where(_pass.c.id == job.pass_id, _pass.c.code == pass_code)
        if session.execute(as_drawn.with_for_update(read=True)).one_or_none() is None:
            return False
    return move(session, job.id, JobState.SENDING, WAITING, clock, "", _job.c.printer_id == job.printer_id)


def note_trouble(session: Session, job_id: int, reason: str, *, clock: Clock) -> bool:
    """Note what a printer waits for in the middle of a document; an empty reason when it goes on."""
    if reason:
        return move(session, job_id, JobState.SENDING, (JobState.SENDING,), clock, reason)
    session.execute(
        update(_job).where(_job.c.id == job_id, _job.c.state == JobState.SENDING).values(reason="")
    )
    return True


def finish_sending(
    session: Session, job_id: int, outcome: JobState, reason: str = "", *, clock: Clock
) -> bool:
    """Note how sending ended: `PRINTED`, `SENT` or `UNCERTAIN`, which pauses the batch it belongs to."""
    if outcome not in OVER:
        raise ValueError(f"sending does not end {outcome}")
    if outcome is JobState.UNCERTAIN:
        _wait_for_closings(session, job_id)
    if not move(session, job_id, outcome, (JobState.SENDING,), clock, reason):
        return False
    if outcome is JobState.UNCERTAIN:
        _pause_batch_of(session, job_id)
    return True


def _wait_for_closings(session: Session, job_id: int) -> None:
    """Have the step that follows numbered after those that a closing of its till counts meanwhile.

    A closing holds the numbering of its till while it looks at the numbers of the steps: one that has drawn
    its number, and is not committed yet, would be in no closing. The paper first, as whoever reprints it.
    """
    of_it = select(_job.c.till_id).where(_job.c.id == job_id).with_for_update()
    till_id = session.execute(of_it).scalar_one_or_none()
    held = select(_numbering.c.till_id).where(_numbering.c.till_id == till_id)
    session.execute(held.with_for_update(read=True)).all()


def stop_printing(session: Session, sale_id: UUID, positions: Iterable[int], *, clock: Clock) -> None:
    """Abandon the tickets of reversed lines that still wait for a printer, each with its step."""
    waiting = session.execute(
        select(_job.c.id)
        .where(
            _job.c.sale_id == sale_id,
            _job.c.document == DocumentKind.TICKET,
            _job.c.position.in_(tuple(positions)),
            _job.c.state.in_(WAITING),
        )
        .order_by(OLDEST_FIRST)
    ).scalars()
    for job_id in waiting.all():
        move(session, job_id, JobState.ABANDONED, WAITING, clock, DEAD_TICKET)


def mark_interrupted(session: Session, till_id: int, *, clock: Clock) -> int:
    """At start: what this till was sending when its program stopped is uncertain. Returns how many."""
    sending = session.execute(
        select(_job.c.id).where(_job.c.till_id == till_id, _job.c.state == JobState.SENDING)
    ).scalars()
    return sum(
        finish_sending(session, job_id, JobState.UNCERTAIN, INTERRUPTED, clock=clock)
        for job_id in sending.all()
    )


def move(
    session: Session,
    job_id: int,
    state: JobState,
    come_from: tuple[JobState, ...],
    clock: Clock,
    reason: str = "",
    condition: ColumnElement[bool] | None = None,
) -> bool:
    """Change the state of a job that still is where it was seen, and keep the step; False otherwise."""
    at = clock.now()
    statement = (
        update(_job)
        .where(_job.c.id == job_id, _job.c.state.in_(come_from))
        .values(state=state, reason=reason, changed_at=at)
        .returning(_job.c.printer_id)
    )
    if condition is not None:
        statement = statement.where(condition)
    moved = session.execute(statement).one_or_none()
    if moved is None:
        return False
    _keep_step(session, job_id, moved.printer_id, state, reason, at)
    return True


def _keep_step(
    session: Session, job_id: int, printer_id: int | None, outcome: JobState, detail: str, at: datetime
) -> None:
    name = session.execute(select(_printer.c.name).where(_printer.c.id == printer_id)).scalar_one_or_none()
    session.execute(
        insert(_attempt).values(job_id=job_id, at=at, printer=name or "", outcome=outcome, detail=detail)
    )


def ticket_is_dead() -> ColumnElement[bool]:
    """Whether the line that a job's ticket belongs to has been reversed."""
    return and_(_job.c.document == DocumentKind.TICKET, undone(_job.c.sale_id, _job.c.position))


def _pass_is_dead() -> ColumnElement[bool]:
    """Whether a job is the badge of a pass that is blocked or cancelled."""
    return and_(
        _job.c.document == DocumentKind.BADGE,
        exists().where(_pass.c.id == _job.c.pass_id, _pass.c.state != PassState.ACTIVE),
    )


def _pause_batch_of(session: Session, job_id: int) -> None:
    """Hold the batch of a job back: what came out last lies on top as long as nothing is printed over it."""
    of_it = select(_job.c.batch_id).where(_job.c.id == job_id).scalar_subquery()
    session.execute(update(_batch).where(_batch.c.id == of_it).values(paused=True))


def _one(session: Session, condition: ColumnElement[bool]) -> Job | None:
    row = session.execute(
        select(*(_job.c[name] for name in Job.__dataclass_fields__))
        .where(condition)
        .order_by(OLDEST_FIRST)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return Job(
        row.id,
        row.till_id,
        row.printer_id,
        DocumentKind(row.document),
        row.sale_id,
        row.position,
        row.copy_number,
        row.state,
        row.reason,
        row.pass_id,
        row.batch_id,
        row.value_id,
        row.closing_id,
    )
