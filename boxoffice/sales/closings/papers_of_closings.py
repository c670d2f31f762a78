"""Ordering the papers of a day's end: readings, slips, and copies of a Z, each marked as one."""

from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _
from boxoffice.models import PrintJob, table

from ..books import journal
from ..prints import print_orders
from ..prints.copies_given import next_copy
from ..prints.papers import DocumentKind
from ..staff.desk import Post
from ..staff.operators import StaffMember
from ..staff.permissions import require
from ..staff.shift_closing import ShiftEnd
from .closing import find_closing
from .closing_paper_loading import WHOLE_BOX_OFFICE

_job = table(PrintJob)


def print_reading(session: Session, post: Post, till_id: int | None, *, clock: Clock) -> None:
    """Order the X of a till, or of the whole box office; it tells what is so when it comes out."""
    _order(session, post, DocumentKind.READING, WHOLE_BOX_OFFICE if till_id is None else till_id, clock)


def print_handover(session: Session, post: Post, shift_id: int, *, clock: Clock) -> None:
    """Order the slip of a shift that was closed, for whoever takes the till over."""
    _order(session, post, DocumentKind.HANDOVER, shift_id, clock)


def print_deposit(session: Session, post: Post, shift_id: int, *, clock: Clock) -> None:
    """Order the slip that goes to the bank with the cash of a shift."""
    _order(session, post, DocumentKind.DEPOSIT_SLIP, shift_id, clock)


def print_end_of_shift(session: Session, post: Post, shift_id: int, end: ShiftEnd, *, clock: Clock) -> None:
    """Order the papers of a shift that has just ended: for whoever comes next, and for the bank."""
    print_handover(session, post, shift_id, clock=clock)
    if end.deposit_cents:
        print_deposit(session, post, shift_id, clock=clock)


def print_closing_again(
    session: Session, post: Post, manager: StaffMember, closing_id: UUID, *, clock: Clock
) -> int:
    """Order a copy of a Z, marked DUPLICATA and told by the journal. Returns its copy number.

    Raises ManagerNeeded for whoever is none, and Refusal if there is no such closing.
    """
    require(session, Action.REPRINT_CLOSING, manager.id)
    closing = find_closing(session, closing_id)
    if closing is None:
        raise Refusal(_("Cette clôture n'existe pas."))
    same = (_job.c.closing_id == closing_id) & (_job.c.document == DocumentKind.CLOSING)
    session.execute(select(_job.c.id).where(same, _job.c.copy_number == 0).with_for_update()).all()
    last = session.execute(select(func.max(_job.c.copy_number)).where(same)).scalar_one()
    number, at = f"{closing.till or closing.period}-{closing.number}", clock.now()
    copy = next_copy(session, DocumentKind.CLOSING, number, last)
    print_orders.order_for_closing(session, post.till_id, closing_id, manager.id, at=at, copy_number=copy)
    content = {
        "document": DocumentKind.CLOSING,
        "number": number,
        "copy": copy,
        "spoilt": False,
    }
    journal.append(
        session, post, JournalKind.DOCUMENT_REPRINTED, content, at=at, operator_number=manager.number
    )
    return copy


def _order(session: Session, post: Post, document: DocumentKind, position: int, clock: Clock) -> None:
    print_orders.order_report(session, post.till_id, document, position, at=clock.now())
