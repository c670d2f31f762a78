"""The papers of closings from what the books hold: a Z says for ever what it said, an X what is so now."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.models import CashCount, CashMovement, Operator, ShiftClosing, Till, TillSession, table

from ..prints.closing_papers import (
    CashSlipPaper,
    ClosingPaper,
    DepositSlipPaper,
    HandoverPaper,
    ReadingPaper,
)
from ..prints.outbox import Job
from ..prints.paper_parts import Letterhead
from ..prints.papers import DocumentKind, NothingToPrint
from ..staff.rules import read_rules
from .closing import find_closing
from .handover import read_handover
from .readings import read_box_office, read_till

_cash, _till, _operator = table(CashMovement), table(Till), table(Operator)
_closed, _shift, _pieces = table(ShiftClosing), table(TillSession), table(CashCount)

WHOLE_BOX_OFFICE = 0
"""The position of a reading that is of no till alone."""

OF_CLOSINGS = frozenset(
    {
        DocumentKind.CLOSING,
        DocumentKind.READING,
        DocumentKind.HANDOVER,
        DocumentKind.CASH_SLIP,
        DocumentKind.DEPOSIT_SLIP,
    }
)

ClosingPapers = ClosingPaper | ReadingPaper | HandoverPaper | CashSlipPaper | DepositSlipPaper


def load_closing_paper(session: Session, job: Job, *, letterhead: Letterhead, clock: Clock) -> ClosingPapers:
    """The paper of a closing, reading or slip. Raises NothingToPrint when the books do not hold it."""
    match job.document:
        case DocumentKind.CLOSING if job.closing_id is not None:
            return _closing(session, job.closing_id, letterhead, job.copy_number)
        case DocumentKind.READING:
            return _reading(session, job.position, letterhead, clock)
        case DocumentKind.HANDOVER:
            return _handover(session, job.position, letterhead, clock)
        case DocumentKind.CASH_SLIP:
            return _cash_slip(session, job.till_id, job.position, letterhead)
        case DocumentKind.DEPOSIT_SLIP:
            return _deposit_slip(session, job.position, letterhead)
        case _:
            raise NothingToPrint(f"job {job.id} is of no closing")


def _closing(session: Session, closing_id: UUID, letterhead: Letterhead, copy_number: int) -> ClosingPaper:
    closing = find_closing(session, closing_id)
    if closing is None:
        raise NothingToPrint(f"no closing {closing_id}")
    return ClosingPaper(letterhead, closing, copy_number)


def _reading(session: Session, position: int, letterhead: Letterhead, clock: Clock) -> ReadingPaper:
    """A reading as it is printed; where drawers are counted blind, no paper tells what they should hold."""
    rules = read_rules(session)
    if position == WHOLE_BOX_OFFICE:
        return ReadingPaper(letterhead, read_box_office(session, rules, clock=clock, blind=rules.blind_count))
    if session.execute(select(_till.c.id).where(_till.c.id == position)).first() is None:
        raise NothingToPrint(f"no till {position}")
    reading = read_till(session, rules, position, clock=clock, blind=rules.blind_count)
    return ReadingPaper(letterhead, reading)


def _handover(session: Session, shift_id: int, letterhead: Letterhead, clock: Clock) -> HandoverPaper:
    handover = read_handover(session, shift_id, clock=clock)
    if handover is None:
        raise NothingToPrint(f"shift {shift_id} is not closed")
    return HandoverPaper(letterhead, handover)


def _cash_slip(session: Session, till_id: int, number: int, letterhead: Letterhead) -> CashSlipPaper:
    manager = _operator.alias("manager")
    row = session.execute(
        select(
            _cash,
            _till.c.number.label("till"),
            _operator.c.name.label("operator"),
            manager.c.name.label("manager"),
        )
        .join(_till, _till.c.id == _cash.c.till_id)
        .join(_operator, _operator.c.id == _cash.c.operator_id)
        .outerjoin(manager, manager.c.id == _cash.c.authorized_by_id)
        .where(_cash.c.till_id == till_id, _cash.c.number == number)
    ).one_or_none()
    if row is None:
        raise NothingToPrint(f"no cash movement {number} at till {till_id}")
    return CashSlipPaper(
        letterhead,
        till=row.till,
        number=row.number,
        kind=row.kind,
        amount_cents=row.amount_cents,
        reason=row.reason,
        carrier=row.carrier,
        operator=row.operator,
        authorized_by=row.manager or "",
        at=row.at,
    )


def _deposit_slip(session: Session, shift_id: int, letterhead: Letterhead) -> DepositSlipPaper:
    row = session.execute(
        select(
            _closed,
            _shift.c.counted_cents,
            _till.c.number.label("till"),
            _operator.c.name.label("operator"),
        )
        .join(_shift, _shift.c.id == _closed.c.till_session_id)
        .join(_till, _till.c.id == _closed.c.till_id)
        .join(_operator, _operator.c.id == _shift.c.operator_id)
        .where(_closed.c.till_session_id == shift_id)
    ).one_or_none()
    if row is None:
        raise NothingToPrint(f"shift {shift_id} is not closed")
    pieces = session.execute(
        select(_pieces.c.value, _pieces.c.pieces)
        .where(_pieces.c.till_session_id == shift_id)
        .order_by(_pieces.c.value.desc())
    )
    return DepositSlipPaper(
        letterhead,
        till=row.till,
        shift=row.number,
        operator=row.operator,
        at=row.at,
        counted_cents=row.counted_cents or 0,
        deposit_cents=row.deposit_cents,
        left_cents=row.left_cents,
        pieces=tuple((each.value, each.pieces) for each in pieces),
    )
