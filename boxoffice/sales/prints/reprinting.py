"""What the cashier decides about papers: try again, print elsewhere, say if it came out, ask for a copy.

An original is never printed twice without a mark: whatever may have come out once comes again as a DUPLICATA,
numbered by the database and told to the journal.
"""

from uuid import UUID

from sqlalchemy import and_, func, insert, select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _, later
from boxoffice.models import CreditNote, JobState, Operator, PrintJob, Sale, Ticket, Till, table

from ..books import journal
from ..books.numbers import paper_number
from ..holders import badges
from ..staff.desk import BadgeDesk, Desk, PrintingDesk
from ..staff.permissions import MEANINGS, may, require
from ..staff.standing import shift_still_open
from ..undone import undone
from ..vouchers.value_papers import last_paper, print_papers
from . import outbox, print_orders
from .copies_given import next_copy, read_left_out
from .outbox import PENDING, WAITING, Job
from .papers import DocumentKind
from .print_refusals import refuse_as_it_stands
from .rerouting import give_to

_job, _operator = table(PrintJob), table(Operator)
_sale, _ticket, _till, _note = table(Sale), table(Ticket), table(Till), table(CreditNote)

CAME_OUT = later("Sorti, d'après la caisse.")
DID_NOT_COME_OUT = later("N'est pas sorti, d'après la caisse.")
GIVEN_UP = later("Abandonné par la caisse.")


def resend(session: Session, job_id: int, *, clock: Clock) -> None:
    """Try a waiting document again at once. Raises Refusal when it no longer waits."""
    if not outbox.move(session, job_id, JobState.QUEUED, WAITING, clock):
        refuse_as_it_stands(session, job_id)


def send_elsewhere(session: Session, job_id: int, printer_id: int, *, clock: Clock) -> None:
    """Give a waiting document to another printer. Raises Refusal when it no longer waits."""
    if not give_to(session, job_id, printer_id, clock=clock):
        refuse_as_it_stands(session, job_id)


def abandon(session: Session, job_id: int, *, clock: Clock) -> None:
    """Give a waiting document up: it will not come out. Raises Refusal when it no longer waits."""
    if not outbox.move(session, job_id, JobState.ABANDONED, WAITING, clock, GIVEN_UP):
        refuse_as_it_stands(session, job_id)


def answer(
    session: Session,
    desk: PrintingDesk,
    job_id: int,
    *,
    came_out: bool,
    clock: Clock,
    authorized_by: int | None = None,
) -> int | None:
    """Settle an uncertain document as the cashier saw it. Returns the number of the copy ordered, if any.

    It came out: it is printed. It did not, or is spoilt: it comes again as a DUPLICATA, with the same number
    and code, unless its ticket has been reversed or its pass blocked meanwhile. Raises Refusal when it is not
    uncertain.
    """
    job = outbox.find_job(session, job_id)
    if job is not None and job.document is not DocumentKind.BADGE and isinstance(desk, BadgeDesk):
        raise Refusal(
            _("{name} imprime les badges, et rien d'autre.").format(name=desk.operator_name),
            _("Un caissier de cette caisse peut répondre."),
        )
    state, reason = (JobState.PRINTED, CAME_OUT) if came_out else (JobState.ABANDONED, DID_NOT_COME_OUT)
    if not outbox.move(session, job_id, state, (JobState.UNCERTAIN,), clock, reason):
        refuse_as_it_stands(session, job_id)
    if came_out:
        return None
    assert job is not None
    if job.pass_id is not None or isinstance(desk, BadgeDesk):
        return badges.print_again(session, desk, job, clock=clock)
    if job.value_id is not None:
        print_papers(session, desk, [job.value_id], clock=clock)
        last = last_paper(session, job.value_id)
        return None if last is None else last.copy_number
    if job.sale_id is None or (
        job.document is DocumentKind.TICKET and _is_reversed(session, job.sale_id, job.position)
    ):
        return None
    return reprint(
        session,
        desk,
        job.document,
        sale_id=job.sale_id,
        position=job.position,
        clock=clock,
        spoilt=True,
        authorized_by=authorized_by,
    )


def reprint(
    session: Session,
    desk: Desk,
    document: DocumentKind,
    *,
    sale_id: UUID,
    position: int = 0,
    clock: Clock,
    spoilt: bool = False,
    authorized_by: int | None = None,
) -> int:
    """Order a copy of a document, marked DUPLICATA. Returns its copy number.

    `authorized_by` is the id of a manager who allowed it. Raises ManagerNeeded where it takes one, and
    Refusal for a reversed ticket, for a document never ordered, for one yet to come out, and once the shift
    is closed of whoever may reprint from an open one only.
    """
    _check_standing(session, desk, clock, authorized_by)
    if document is DocumentKind.TICKET and _is_reversed(session, sale_id, position):
        raise Refusal(
            _("Ce billet a été annulé : il ne peut plus être imprimé."), _("Vendez un nouveau billet.")
        )
    last = last_copy(session, document, sale_id, position)
    if last is None and not (document is DocumentKind.RECEIPT and _was_copied(session, sale_id)):
        raise Refusal(_("Ce document n'a jamais été imprimé."), _("Demandez-le comme original."))
    if last is not None and last.state in PENDING:
        refuse_as_it_stands(session, last.id)
    number = _number(session, document, sale_id, position)
    copy_number = next_copy(session, document, number, last.copy_number if last else 0)
    at = clock.now()
    print_orders.order(
        session,
        desk.post.till_id,
        [(document, position)],
        sale_id=sale_id,
        at=at,
        copy_number=copy_number,
    )
    journal.append(
        session,
        desk.post,
        JournalKind.DOCUMENT_REPRINTED,
        {
            "document": document,
            "number": number,
            "copy": copy_number,
            "spoilt": spoilt,
            **_leave_told(session, authorized_by),
        },
        at=at,
        operator_number=desk.operator_number,
    )
    return copy_number


def request_receipt(
    session: Session, desk: Desk, sale_id: UUID, *, clock: Clock, authorized_by: int | None = None
) -> int:
    """Order the receipt of a sale, the second time as a DUPLICATA. Returns the copy number.

    So it is the first time here where a restoring left out a copy. Raises Refusal as `reprint` does.
    """
    printed = last_copy(session, DocumentKind.RECEIPT, sale_id, 0) is not None
    if printed or _was_copied(session, sale_id):
        return reprint(
            session, desk, DocumentKind.RECEIPT, sale_id=sale_id, clock=clock, authorized_by=authorized_by
        )
    _check_standing(session, desk, clock, authorized_by)
    print_orders.order(
        session, desk.post.till_id, [(DocumentKind.RECEIPT, 0)], sale_id=sale_id, at=clock.now()
    )
    return 0


def last_copy(session: Session, document: DocumentKind, sale_id: UUID, position: int) -> Job | None:
    """The latest print of a document, its original held so that no other till numbers a copy meanwhile."""
    same = and_(_job.c.document == document, _job.c.sale_id == sale_id, _job.c.position == position)
    session.execute(select(_job.c.id).where(same, _job.c.copy_number == 0).with_for_update()).all()
    last = session.execute(select(func.max(_job.c.copy_number)).where(same)).scalar_one()
    if last is None:
        return None
    job_id = session.execute(select(_job.c.id).where(same, _job.c.copy_number == last)).scalar_one()
    return outbox.find_job(session, job_id)


def _was_copied(session: Session, sale_id: UUID) -> bool:
    """Whether a restoring left out a copy of the receipt of a sale, and with it perhaps the original."""
    left_out = read_left_out(session)
    receipt = DocumentKind.RECEIPT
    return bool(left_out) and (receipt, _number(session, receipt, sale_id, 0)) in left_out


def order_printer_test(session: Session, till_id: int, printer_id: int, *, clock: Clock) -> int:
    """Order a test page from one printer. Returns the job's id."""
    at = clock.now()
    ordered = session.execute(
        insert(_job)
        .values(
            till_id=till_id,
            printer_id=printer_id,
            document=DocumentKind.PRINTER_TEST,
            position=0,
            copy_number=0,
            state=JobState.QUEUED,
            reason="",
            created_at=at,
            changed_at=at,
        )
        .returning(_job.c.id)
    ).scalar_one()
    return int(ordered)


def _check_standing(session: Session, desk: Desk, clock: Clock, authorized_by: int | None) -> None:
    """Papers of a sale are ordered from an open shift, unless somebody may do it anytime."""
    if may(session, Action.REPRINT_ANYTIME, authorized_by or desk.operator_id):
        return
    shift_still_open(session, desk, at=clock.now())
    needed = ManagerNeeded(_("Il faut un responsable pour {what}.").format(what=_(MEANINGS[Action.REPRINT])))
    require(session, Action.REPRINT, desk.operator_id, authorized_by, needed=needed)


def _leave_told(session: Session, authorized_by: int | None) -> dict[str, int]:
    """What the journal tells of the manager who allowed a copy, if one had to."""
    if authorized_by is None:
        return {}
    number = session.execute(select(_operator.c.number).where(_operator.c.id == authorized_by)).scalar_one()
    return {"authorized_by": number}


def _is_reversed(session: Session, sale_id: UUID, position: int) -> bool:
    return bool(session.execute(select(undone(sale_id, position))).scalar_one())


def _number(session: Session, document: DocumentKind, sale_id: UUID, position: int) -> str:
    """What the journal calls a document: its number as printed."""
    numbered, of_it = _sale, _sale.c.id == sale_id
    if document is DocumentKind.CREDIT_NOTE:
        numbered, of_it = _note, _note.c.sale_id == sale_id
    if document is DocumentKind.TICKET:
        numbered, of_it = _ticket, and_(_ticket.c.sale_id == sale_id, _ticket.c.position == position)
    row = session.execute(
        select(_till.c.number.label("till_number"), numbered.c.number)
        .join(_till, _till.c.id == numbered.c.till_id)
        .where(of_it)
    ).one()
    return paper_number(row.till_number, row.number)
