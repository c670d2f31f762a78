"""The papers as they were ordered and printed: copies as told, and no original brought out a second time.

Printing signs nothing, lest it slow sales: a paper that is made as new in place, under its own id and moment,
with all that was told of its attempts taken away, is not found here.
"""

from collections import Counter
from itertools import pairwise

from sqlalchemy import and_, bindparam, exists, func, or_, select
from sqlmodel import Session

from boxoffice.kinds import JournalKind
from boxoffice.language import _
from boxoffice.models import JobState, PrintAttempt, PrintJob, Sale, Ticket, Till, table
from boxoffice.prepared import Prepared, one_of

from ..prints.copies_given import Content, Series, copied, copies_left_out
from ..prints.outbox_listing import DOCUMENT_WORDS
from ..prints.papers import DocumentKind
from .numbers import paper_number
from .reconciliation import Wrong, readable

_job, _attempt = table(PrintJob), table(PrintAttempt)
_ticket, _sale, _till = table(Ticket), table(Sale), table(Till)

STATEMENTS = (DocumentKind.SCREENING_STATEMENT, DocumentKind.WEEK_STATEMENT)
"""These have no second original: no copy of theirs ever has the number of another."""
_DONE = (JobState.PRINTED, JobState.SENT, JobState.ABANDONED)
_ANSWERS = (JobState.PRINTED, JobState.ABANDONED)
"""What an uncertain paper can become: the cashier says whether it came out."""
_PENDING = (JobState.QUEUED, JobState.BLOCKED, JobState.SENDING)

_COPIES = Prepared(
    select(_job.c.document, _job.c.copy_number, func.count())
    .where(_job.c.copy_number > 0)
    .group_by(_job.c.document, _job.c.copy_number)
)
_later = _attempt.alias()
_WENT_ON = Prepared(
    select(_attempt.c.job_id)
    .where(
        one_of(_attempt.c.outcome, (*_DONE, JobState.UNCERTAIN)),
        exists().where(_later.c.job_id == _attempt.c.job_id, _later.c.id > _attempt.c.id),
    )
    .distinct()
    .order_by(_attempt.c.job_id)
)
"""Papers of which anything is told after they were done, or nobody knew: seldom more than an answer."""
_STEPS = Prepared(
    select(_attempt.c.outcome).where(_attempt.c.job_id == bindparam("job")).order_by(_attempt.c.id)
)
_WAITS_AGAIN = Prepared(
    select(_job.c.id)
    .where(
        one_of(_job.c.state, _PENDING),
        exists().where(
            _attempt.c.job_id == _job.c.id, one_of(_attempt.c.outcome, (*_DONE, JobState.UNCERTAIN))
        ),
    )
    .order_by(_job.c.id)
    .limit(1)
)
_UNLIKE_ITS_STEPS = Prepared(
    select(_job.c.id)
    .join(_attempt, _attempt.c.job_id == _job.c.id)
    .where(
        _attempt.c.outcome != _job.c.state,
        ~exists().where(_later.c.job_id == _attempt.c.job_id, _later.c.id > _attempt.c.id),
    )
    .order_by(_job.c.id)
    .limit(1)
)
"""A paper that is not where its last step left it: the step was changed or taken away, or the paper was."""

_NOT_ORDERED_AT_THE_SALE = Prepared(
    select(_till.c.number.label("till_number"), _ticket.c.number, _job.c.id)
    .join(_sale, _sale.c.id == _ticket.c.sale_id)
    .join(_till, _till.c.id == _ticket.c.till_id)
    .outerjoin(
        _job,
        and_(
            _job.c.document == DocumentKind.TICKET,
            _job.c.sale_id == _ticket.c.sale_id,
            _job.c.position == _ticket.c.position,
            _job.c.copy_number == 0,
        ),
    )
    .where(or_(_job.c.id.is_(None), _job.c.created_at != _sale.c.at))
)
"""All of them: for the first alone, PostgreSQL would look each ticket up among all papers."""


class CopyBooks:
    """What has been told of copies so far, those that a restoring left out among them."""

    def __init__(self) -> None:
        self._told: Counter[tuple[str, int]] = Counter()
        self._given: Counter[tuple[Series, int]] = Counter()
        self._left_out: list[tuple[Series, int]] = []

    def hear(self, kind: str, content: Content) -> None:
        """Take in an entry, in the order of its chain. Raises LookupError if it lacks its part."""
        if kind == JournalKind.DOCUMENT_REPRINTED:
            self._told[content["document"], content["copy"]] += 1
            self._given[copied(content), content["copy"]] += 1
        elif kind == JournalKind.DATABASE_RESTORED:
            for series, first, last in copies_left_out(content):
                self._left_out += ((series, copy) for copy in range(first, last + 1))

    def compare(self, session: Session) -> None:
        """Raise Wrong unless as many were ordered as were told, and at the first number given twice."""
        self._compare_ordered(session)
        twice = [each for each in self._left_out if self._given[each]]
        twice += [each for each, times in self._given.items() if times > 1 and each[0][0] in STATEMENTS]
        for (document, number), copy in sorted(twice):
            raise Wrong(
                f"{_(DOCUMENT_WORDS[DocumentKind(document)])} {number}",
                _("son duplicata n° {copy} a été donné deux fois.").format(copy=copy),
            )

    def _compare_ordered(self, session: Session) -> None:
        kept = Counter({(document, copy): count for document, copy, count in _COPIES.rows(session)})
        for document, copy in sorted(kept.keys() | self._told.keys()):
            if kept[document, copy] != self._told[document, copy]:
                raise Wrong(
                    _("copies n° {copy} ({document})").format(copy=copy, document=document),
                    _("{found} dans la base, {signed} dans le journal.").format(
                        found=kept[document, copy], signed=self._told[document, copy]
                    ),
                )


def find_tickets_ordered_otherwise(session: Session) -> None:
    """Every ticket was ordered once as an original, by its sale: one queued anew would come out unmarked."""
    with readable(_("table {name}").format(name=_job.name)):
        late = _NOT_ORDERED_AT_THE_SALE.rows(session)
    if late:
        found = min(late, key=lambda row: (row.till_number, row.number))
        said = (
            _("son impression manque.")
            if found.id is None
            else _("son impression a été demandée après la vente.")
        )
        raise Wrong(_("billet {number}").format(number=paper_number(found.till_number, found.number)), said)


def find_papers_brought_back(session: Session) -> None:
    """A paper that came out, may have, or was given up is never sent again, nor waits for it."""
    with readable(_("table {name}").format(name=_attempt.name)):
        suspects = _WENT_ON.rows(session)
        sent_again = [job_id for (job_id,) in suspects if _goes_on(session, job_id)]
        waiting = [job_id for (job_id,) in _WAITS_AGAIN.rows(session)]
    for job_id in (*sent_again, *waiting):
        raise Wrong(
            _("impression n° {number}").format(number=job_id),
            _("elle était finie, et a été remise dans la file."),
        )


def find_papers_elsewhere(session: Session) -> None:
    """Every paper is where its last step left it, if it took any: the next closing counts it by that."""
    with readable(_("table {name}").format(name=_attempt.name)):
        found = _UNLIKE_ITS_STEPS.rows(session)
    for (job_id,) in found:
        raise Wrong(
            _("impression n° {number}").format(number=job_id),
            _("elle n'en est pas où son dernier pas l'a laissée."),
        )


def _goes_on(session: Session, job_id: int) -> bool:
    """Whether a paper takes a step that none takes once it is done, or once nobody knows of it."""
    steps = [outcome for (outcome,) in _STEPS.rows(session, {"job": job_id})]
    return any(
        before in _DONE or (before is JobState.UNCERTAIN and after not in _ANSWERS)
        for before, after in pairwise(steps)
    )
