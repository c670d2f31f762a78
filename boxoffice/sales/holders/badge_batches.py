"""Badges by the hundred: ordered at one go, held back and let go on, and how far the printer got.

Only a badge that nobody ever asked for is ordered in a batch: none comes out twice unmarked.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, insert, or_, select, update
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _, later
from boxoffice.models import JobState, Operator, Pass, PrintBatch, PrintJob, table

from ..books import journal
from ..prints import outbox, print_orders, reprinting, rerouting
from ..prints.outbox import WAITING
from ..prints.papers import DocumentKind
from ..staff.desk import PrintingDesk
from .badge_selection import BadgeSelection, selected
from .badges import next_issues

_pass, _operator = table(Pass), table(Operator)
_job, _batch = table(PrintJob), table(PrintBatch)
_copy = _job.alias("copy")

SOLD_ONLINE = later("Pass vendus en ligne")
FOUND = later("Pass cherchés")
LARGEST_BATCH = 10_000
_AT_ONCE = 500
"""How many ids a statement holds; one after the other, by id, so that two tills never wait in a ring."""

_IS_LAST_IN_BATCH = ~exists().where(
    _copy.c.pass_id == _job.c.pass_id,
    _copy.c.document == _job.c.document,
    _copy.c.batch_id == _job.c.batch_id,
    _copy.c.copy_number > _job.c.copy_number,
)

_BATCHES = select(_batch, _operator.c.name.label("operator")).join(
    _operator, _operator.c.id == _batch.c.operator_id
)
_COUNTS = (
    select(_job.c.batch_id, _job.c.state, func.count().label("jobs"))
    .where(_IS_LAST_IN_BATCH)
    .group_by(_job.c.batch_id, _job.c.state)
)
_TROUBLES = (
    select(_job.c.batch_id, _job.c.id, _job.c.state, _job.c.reason)
    .where(
        or_(
            _job.c.state == JobState.UNCERTAIN,
            and_(_job.c.state.in_((JobState.BLOCKED, JobState.SENDING)), _job.c.reason != ""),
        )
    )
    .order_by(_job.c.id)
)


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How far a batch got; a badge that came again as a copy counts once, as its copy stands.

    `reason` is what the printer complains of, `doubtful_job` the badge of which somebody must say whether it
    came out.
    """

    id: UUID
    label: str
    ordered_at: datetime
    operator: str
    paused: bool
    total: int
    printed: int
    waiting: int
    uncertain: int
    abandoned: int
    reason: str = ""
    doubtful_job: int | None = None

    @property
    def is_over(self) -> bool:
        return self.printed + self.abandoned == self.total


@dataclass(frozen=True, slots=True)
class OrderBatch:
    """The wish for the badges of those selected, under an id made by the screen.

    `label` is what the batch is called; never a name, which erasing a customer would leave there.
    """

    batch_id: UUID
    selection: BadgeSelection
    label: str


def order_batch(session: Session, desk: PrintingDesk, command: OrderBatch, *, clock: Clock) -> BatchProgress:
    """Order the badges of those selected who serve and have none yet, by name, as one batch.

    A second try returns the batch that the first one ordered. Raises Refusal when there is none to print.
    """
    if already := _read_batches(session, _batch.c.id == command.batch_id):
        return already[0]
    print_orders.check_printer(session, desk.post.till_id, DocumentKind.BADGE)
    passes = _hold_without_badge(session, command.selection)
    if not passes:
        raise Refusal(
            _("Il n'y a aucun badge à imprimer dans cette sélection."),
            _("Un badge déjà imprimé se réimprime seul, marqué DUPLICATA."),
        )
    at, batch_id = clock.now(), command.batch_id
    session.execute(
        insert(_batch).values(
            id=batch_id,
            till_id=desk.post.till_id,
            operator_id=desk.operator_id,
            label=command.label,
            ordered_at=at,
            paused=False,
        )
    )
    places: dict[UUID, int] = {}
    for start in range(0, len(passes), _AT_ONCE):
        places |= next_issues(session, passes[start : start + _AT_ONCE])
    print_orders.order_for_passes(
        session, desk, DocumentKind.BADGE, passes, at=at, places=places, batch_id=batch_id
    )
    journal.append(
        session,
        desk.post,
        JournalKind.BADGES_ORDERED,
        {"badges": len(passes)},
        at=at,
        operator_number=desk.operator_number,
    )
    return find_batch(session, batch_id)


def pause(session: Session, desk: PrintingDesk, batch_id: UUID) -> None:
    """Hold a batch back, after the badge that is on its way."""
    _set_paused(session, desk, batch_id, paused=True)


def resume(session: Session, desk: PrintingDesk, batch_id: UUID) -> None:
    """Let a batch go on. Raises Refusal as long as nobody said whether a badge of it came out."""
    doubtful = exists().where(_job.c.batch_id == batch_id, _job.c.state == JobState.UNCERTAIN)
    if session.execute(select(doubtful)).scalar_one():
        raise Refusal(
            _("Personne ne sait si le dernier badge de cette série est sorti."),
            _("Dites d'abord s'il est sorti."),
        )
    _set_paused(session, desk, batch_id, paused=False)


def give_up(session: Session, desk: PrintingDesk, batch_id: UUID, *, clock: Clock) -> int:
    """Give up what waits of a batch: these badges are on no paper, and may be ordered anew as originals.

    Returns how many of it are given up by now, those of an earlier try among them. What was sent already
    stays as it is. Raises Refusal for another post's batch.
    """
    _set_paused(session, desk, batch_id, paused=False)
    for job_id in session.execute(_waiting_of(desk, batch_id)).scalars().all():
        outbox.move(session, job_id, JobState.ABANDONED, WAITING, clock, reprinting.GIVEN_UP)
    given_up = (
        _job.c.batch_id == batch_id,
        _job.c.state == JobState.ABANDONED,
        _job.c.reason == reprinting.GIVEN_UP,
    )
    return int(session.execute(select(func.count()).select_from(_job).where(*given_up)).scalar_one())


def send_elsewhere(
    session: Session, desk: PrintingDesk, batch_id: UUID, printer_id: int, *, clock: Clock
) -> int:
    """Give what waits of a batch to another printer. Returns how many badges that is.

    What begins to be printed meanwhile comes out where it is. Raises Refusal for a printer out of use.
    """
    waiting = session.execute(_waiting_of(desk, batch_id)).scalars().all()
    return sum(rerouting.give_to(session, job_id, printer_id, clock=clock) for job_id in waiting)


def list_batches(session: Session, till_id: int, *, limit: int = 20) -> tuple[BatchProgress, ...]:
    """The batches of a till, the latest first."""
    return _read_batches(session, _batch.c.till_id == till_id, limit=limit)


def find_batch(session: Session, batch_id: UUID) -> BatchProgress:
    """One batch, and how far it got."""
    (found,) = _read_batches(session, _batch.c.id == batch_id)
    return found


def _read_batches(
    session: Session, condition: ColumnElement[bool], *, limit: int = 1
) -> tuple[BatchProgress, ...]:
    batches = _BATCHES.where(condition).order_by(_batch.c.ordered_at.desc(), _batch.c.id).limit(limit)
    return _with_progress(session, session.execute(batches).all())


def _waiting_of(desk: PrintingDesk, batch_id: UUID) -> Select[tuple[int]]:
    """The badges of a batch that nothing was sent of, in their order."""
    mine = (_job.c.batch_id == batch_id, _job.c.till_id == desk.post.till_id, _job.c.state.in_(WAITING))
    return select(_job.c.id).where(*mine).order_by(_job.c.id)


def _hold_without_badge(session: Session, selection: BadgeSelection) -> list[UUID]:
    """Those selected who have no badge, by name, held so that no other till orders it meanwhile."""
    wanted = replace(selection, unprinted=True)
    found = session.execute(selected(wanted).limit(LARGEST_BATCH)).scalars().all()
    ids = sorted(found)
    for start in range(0, len(ids), _AT_ONCE):
        held = select(_pass.c.id).where(_pass.c.id.in_(ids[start : start + _AT_ONCE]))
        session.execute(held.order_by(_pass.c.id).with_for_update())
    still = set(session.execute(selected(wanted)).scalars())
    return [pass_id for pass_id in found if pass_id in still]


def _set_paused(session: Session, desk: PrintingDesk, batch_id: UUID, *, paused: bool) -> None:
    changed = session.execute(
        update(_batch)
        .where(_batch.c.id == batch_id, _batch.c.till_id == desk.post.till_id)
        .values(paused=paused)
        .returning(_batch.c.id)
    ).one_or_none()
    if changed is None:
        raise Refusal(_("Cette série n'est pas celle de ce poste."), _("Allez au poste qui l'imprime."))


def _with_progress(session: Session, batches: Sequence[Row[Any]]) -> tuple[BatchProgress, ...]:
    ids = [batch.id for batch in batches]
    counts: dict[UUID, Counter[JobState]] = {batch_id: Counter() for batch_id in ids}
    for row in session.execute(_COUNTS.where(_job.c.batch_id.in_(ids))):
        counts[row.batch_id][row.state] = row.jobs
    reasons: dict[UUID, str] = {}
    doubtful: dict[UUID, int] = {}
    for row in session.execute(_TROUBLES.where(_job.c.batch_id.in_(ids))):
        if row.state is JobState.UNCERTAIN:
            doubtful.setdefault(row.batch_id, row.id)
        else:
            reasons.setdefault(row.batch_id, row.reason)
    return tuple(
        BatchProgress(
            id=batch.id,
            label=_(batch.label),
            ordered_at=batch.ordered_at,
            operator=batch.operator,
            paused=batch.paused,
            total=counts[batch.id].total(),
            printed=counts[batch.id][JobState.PRINTED] + counts[batch.id][JobState.SENT],
            waiting=sum(counts[batch.id][state] for state in (*WAITING, JobState.SENDING)),
            uncertain=counts[batch.id][JobState.UNCERTAIN],
            abandoned=counts[batch.id][JobState.ABANDONED],
            reason=_(reasons[batch.id]) if reasons.get(batch.id) else "",
            doubtful_job=doubtful.get(batch.id),
        )
        for batch in batches
    )
