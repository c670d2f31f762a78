"""The papers as they were ordered and printed: copies as told, and no original brought out a second time."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import and_, exists, func, or_, select
from sqlmodel import Session

from boxoffice.language import _
from boxoffice.models import JobState, PrintAttempt, PrintJob, table

from .reconciliation import Wrong, readable

_job, _attempt = table(PrintJob), table(PrintAttempt)

_DONE = (JobState.PRINTED, JobState.SENT, JobState.ABANDONED)
_ANSWERS = (JobState.PRINTED, JobState.ABANDONED)
"""What an uncertain paper can become: the cashier says whether it came out."""
_PENDING = (JobState.QUEUED, JobState.BLOCKED, JobState.SENDING)

_COPIES = (
    select(_job.c.document, _job.c.copy_number, func.count())
    .where(_job.c.copy_number > 0)
    .group_by(_job.c.document, _job.c.copy_number)
)
_steps = select(
    _attempt.c.job_id,
    _attempt.c.outcome,
    func.lag(_attempt.c.outcome).over(partition_by=_attempt.c.job_id, order_by=_attempt.c.id).label("before"),
).subquery()
_WENT_ON = (
    select(_steps.c.job_id)
    .where(
        or_(
            _steps.c.before.in_(_DONE),
            and_(_steps.c.before == JobState.UNCERTAIN, _steps.c.outcome.not_in(_ANSWERS)),
        )
    )
    .order_by(_steps.c.job_id)
    .limit(1)
)
_WAITS_AGAIN = (
    select(_job.c.id)
    .where(
        _job.c.state.in_(_PENDING),
        exists().where(_attempt.c.job_id == _job.c.id, _attempt.c.outcome.in_((*_DONE, JobState.UNCERTAIN))),
    )
    .order_by(_job.c.id)
    .limit(1)
)


def compare_copies(session: Session, told: Mapping[tuple[str, int], int]) -> None:
    """As many copies of each kind and number were ordered as the journal tells of."""
    kept = Counter({(document, copy): count for document, copy, count in session.execute(_COPIES)})
    for document, copy in sorted(kept.keys() | told.keys()):
        if kept[document, copy] != told.get((document, copy), 0):
            raise Wrong(
                _("copies n° {copy} ({document})").format(copy=copy, document=document),
                _("{found} dans la base, {signed} dans le journal.").format(
                    found=kept[document, copy], signed=told.get((document, copy), 0)
                ),
            )


def find_papers_brought_back(session: Session) -> None:
    """A paper that came out, may have, or was given up is never sent again, nor waits for it."""
    with readable(_("table {name}").format(name=_attempt.name)):
        for query in (_WENT_ON, _WAITS_AGAIN):
            job_id = session.execute(query).scalar_one_or_none()
            if job_id is not None:
                raise Wrong(
                    _("impression n° {number}").format(number=job_id),
                    _("elle était finie, et a été remise dans la file."),
                )
