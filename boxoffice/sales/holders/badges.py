"""Papers of a pass: its badge, an original once and DUPLICATA after it, and the list of its bookings.

A badge is an original anew, under the next `issue`, when none of its pass's present code came out: that of a
former code opens nothing any more, and one given up before anything was sent is on no paper.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    RowMapping,
    and_,
    bindparam,
    exists,
    func,
    not_,
    or_,
    select,
    update,
)
from sqlmodel import Session

from boxoffice.clock import Clock, say
from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _, spoken
from boxoffice.models import (
    FormerPassCode,
    JobState,
    Operator,
    Pass,
    PassState,
    PrintAttempt,
    PrintBatch,
    PrintJob,
    table,
)

from ..books import journal
from ..prints import print_orders
from ..prints.copies_given import next_copy, read_left_out
from ..prints.outbox import PENDING, WAITING, Job
from ..prints.papers import DocumentKind
from ..prints.print_refusals import refuse_as_it_stands
from ..staff.desk import PrintingDesk
from .passes import state_obstacle

_job, _pass, _operator = table(PrintJob), table(Pass), table(Operator)
_batch, _attempt, _former = table(PrintBatch), table(PrintAttempt), table(FormerPassCode)

_HOLD = (
    select(_pass.c.number, _pass.c.state, _pass.c.state_reason)
    .where(_pass.c.id == bindparam("id"))
    .with_for_update()
)


def counts_for_nothing(job: FromClause) -> ColumnElement[bool]:
    """Whether a badge of `job` shows nothing of what its pass is today: of a former code, or never sent.

    It bears the code that its pass had when it began to be sent, however long that took.
    """
    begun = select(func.max(_attempt.c.at)).where(
        _attempt.c.job_id == job.c.id, _attempt.c.outcome == JobState.SENDING
    )
    replaced = exists().where(
        _former.c.pass_id == job.c.pass_id,
        _former.c.replaced_at > func.coalesce(begun.scalar_subquery(), job.c.changed_at),
    )
    sent = exists().where(_attempt.c.job_id == job.c.id, _attempt.c.outcome == JobState.SENDING)
    settled = job.c.state.not_in(PENDING)
    return or_(
        and_(settled, replaced),
        and_(job.c.state == JobState.ABANDONED, job.c.copy_number == 0, not_(sent)),
    )


_LAST_BADGE = (
    select(
        _job.c.id,
        _job.c.position,
        _job.c.copy_number,
        _job.c.state,
        _job.c.created_at,
        _job.c.changed_at,
        _job.c.batch_id,
        _operator.c.name.label("operator"),
        counts_for_nothing(_job).label("void"),
    )
    .outerjoin(_operator, _operator.c.id == _job.c.operator_id)
    .where(_job.c.pass_id == bindparam("pass"), _job.c.document == DocumentKind.BADGE)
    .order_by(_job.c.position.desc(), _job.c.copy_number.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class BadgePrint:
    """The latest print of a badge: how far it got, when, ordered by whom. `copy_number` 0 is the original.

    The next badge of one that is `void` is an original again.
    """

    job_id: int
    copy_number: int
    state: JobState
    ordered_at: datetime
    changed_at: datetime
    operator: str
    issue: int = 0
    void: bool = False

    @property
    def came_out(self) -> bool:
        """Whether it is on paper as far as anybody knows."""
        return self.state in (JobState.PRINTED, JobState.SENT)

    @property
    def is_doubtful(self) -> bool:
        """Whether somebody must say if it came out."""
        return self.state is JobState.UNCERTAIN


class PrintedBefore(Refusal):
    """A badge was printed before; asked for again on purpose, it comes out as a DUPLICATA."""

    def __init__(self, number: str, last: BadgePrint, copy_number: int) -> None:
        self.last = last
        when = say(last.changed_at, _("EEE d MMM 'à' H 'h' mm"), spoken())
        said = (
            _("Le badge {number} a déjà été imprimé par {operator} le {when}.")
            if last.came_out
            else _("Le badge {number}, demandé par {operator}, a été abandonné le {when}.")
        )
        super().__init__(
            said.format(number=number, when=when, operator=last.operator),
            _("Une copie portera la marque DUPLICATA n° {copy}.").format(copy=copy_number),
        )


def last_badge(session: Session, pass_id: UUID) -> BadgePrint | None:
    """The latest print of a pass's badge; None if it was never asked for."""
    row = session.connection().execute(_LAST_BADGE, {"pass": pass_id}).one_or_none()
    if row is None:
        return None
    return BadgePrint(
        row.id,
        row.copy_number,
        row.state,
        row.created_at,
        row.changed_at,
        row.operator or "",
        row.position,
        row.void,
    )


def next_issues(session: Session, pass_ids: Sequence[UUID]) -> dict[UUID, int]:
    """The issue that the next original of each of these badges has."""
    rows = session.execute(
        select(_job.c.pass_id, (func.max(_job.c.position) + 1).label("issue"))
        .where(_job.c.pass_id.in_(pass_ids), _job.c.document == DocumentKind.BADGE)
        .group_by(_job.c.pass_id)
    )
    return {row.pass_id: row.issue for row in rows}


def print_badge(
    session: Session, desk: PrintingDesk, pass_id: UUID, *, clock: Clock, again: bool = False
) -> int:
    """Order the badge of a pass. Returns its copy number: 0 for the original.

    One that waits in a batch held back comes out now, by itself and at this till; one of which a restoring
    left out a copy comes out as the next, without the original. Raises PrintedBefore when
    it came out before, unless it is asked for `again`; Refusal when the pass does not serve, or its badge is
    on its way.
    """
    held = _hold(session, pass_id)
    if obstacle := state_obstacle(held["state"], held["state_reason"], held["number"]):
        raise Refusal(obstacle, _("Son badge ne peut pas être imprimé."))
    print_orders.check_printer(session, desk.post.till_id, DocumentKind.BADGE)
    last = last_badge(session, pass_id)
    if last is None and (DocumentKind.BADGE, held["number"]) in read_left_out(session):
        return _order_copy(session, desk, pass_id, held["number"], last, clock=clock)
    if last is None or last.void:
        places = {pass_id: last.issue + 1} if last else {}
        at = clock.now()
        print_orders.order_for_passes(session, desk, DocumentKind.BADGE, [pass_id], at=at, places=places)
        return 0
    if last.state in PENDING:
        if _take_out_of_paused_batch(session, desk, last.job_id):
            return last.copy_number
        refuse_as_it_stands(session, last.job_id)
    if not again:
        following = next_copy(session, DocumentKind.BADGE, held["number"], last.copy_number)
        raise PrintedBefore(held["number"], last, following)
    return _order_copy(session, desk, pass_id, held["number"], last, clock=clock)


def print_bookings(session: Session, desk: PrintingDesk, pass_id: UUID, *, clock: Clock) -> None:
    """Order the list of a pass's bookings: it gives no access, so that each one is an original."""
    _hold(session, pass_id)
    lists = session.execute(
        select(func.count()).where(_job.c.pass_id == pass_id, _job.c.document == DocumentKind.BOOKINGS)
    ).scalar_one()
    print_orders.order_for_passes(
        session, desk, DocumentKind.BOOKINGS, [pass_id], at=clock.now(), places={pass_id: lists}
    )


def print_again(session: Session, desk: PrintingDesk, job: Job, *, clock: Clock) -> int | None:
    """Order in place of a paper that did not come out, or came out spoilt; a badge stays in its batch.

    Returns the number of the badge's copy; None for a list of bookings, and for a pass that serves no more.
    """
    if job.pass_id is None:
        raise ValueError(f"job {job.id} is of no pass")
    if job.document is DocumentKind.BOOKINGS:
        print_bookings(session, desk, job.pass_id, clock=clock)
        return None
    held, last = _hold(session, job.pass_id), last_badge(session, job.pass_id)
    if held["state"] is not PassState.ACTIVE or last is None or last.state in PENDING:
        return None
    return _order_copy(
        session, desk, job.pass_id, held["number"], last, clock=clock, batch_id=job.batch_id, spoilt=True
    )


def _hold(session: Session, pass_id: UUID) -> RowMapping:
    """The pass, held so that no other till orders its papers meanwhile."""
    held = session.connection().execute(_HOLD, {"id": pass_id}).mappings().one_or_none()
    if held is None:
        raise Refusal(_("Ce pass est inconnu."), _("Cherchez-le par son numéro ou son titulaire."))
    return held


def _take_out_of_paused_batch(session: Session, desk: PrintingDesk, job_id: int) -> bool:
    """Let a badge come out here although its batch is held back; False when nothing holds it back.

    Whoever asks for it stands at this desk, wherever the batch was ordered.
    """
    taken = session.execute(
        update(_job)
        .where(
            _job.c.id == job_id,
            _job.c.state.in_(WAITING),
            exists().where(_batch.c.id == _job.c.batch_id, _batch.c.paused),
        )
        .values(
            batch_id=None,
            till_id=desk.post.till_id,
            printer_id=print_orders.printer_for(desk.post.till_id, DocumentKind.BADGE),
        )
        .returning(_job.c.id)
    ).one_or_none()
    return taken is not None


def _order_copy(
    session: Session,
    desk: PrintingDesk,
    pass_id: UUID,
    number: str,
    last: BadgePrint | None,
    *,
    clock: Clock,
    batch_id: UUID | None = None,
    spoilt: bool = False,
) -> int:
    """Order a DUPLICATA of the last badge and tell the journal; returns its number."""
    at, issue, copied = clock.now(), last.issue if last else 0, last.copy_number if last else 0
    copy_number = next_copy(session, DocumentKind.BADGE, number, copied)
    print_orders.order_for_passes(
        session,
        desk,
        DocumentKind.BADGE,
        [pass_id],
        at=at,
        places={pass_id: issue},
        copy_number=copy_number,
        batch_id=batch_id,
    )
    journal.append(
        session,
        desk.post,
        JournalKind.DOCUMENT_REPRINTED,
        {"document": DocumentKind.BADGE, "number": number, "copy": copy_number, "spoilt": spoilt},
        at=at,
        operator_number=desk.operator_number,
    )
    return copy_number
