"""What whoever takes a till over has to know: its float, and all that waits there."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, not_, select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.kinds import JobState, ReservedSeatState
from boxoffice.models import (
    CreditAnswer,
    CreditRequest,
    Operator,
    ParkedBasket,
    PrintJob,
    Reservation,
    ReservedSeat,
    ShiftClosing,
    Till,
    TillSession,
    table,
)

from ..prints.papers import DocumentKind
from .outcomes import Handover, Waiting

_closing, _shift, _till, _operator = table(ShiftClosing), table(TillSession), table(Till), table(Operator)
_job, _parked = table(PrintJob), table(ParkedBasket)
_reservation, _seat = table(Reservation), table(ReservedSeat)
_request, _answer = table(CreditRequest), table(CreditAnswer)

_OF_CLOSING = (DocumentKind.HANDOVER, DocumentKind.DEPOSIT_SLIP, DocumentKind.CLOSING)


def read_handover(session: Session, shift_id: int, *, clock: Clock) -> Handover | None:
    """What is handed over at the end of a shift, as it stands now; None while the shift is open."""
    row = session.execute(
        select(
            _closing,
            _shift.c.opened_at,
            _shift.c.counted_cents,
            _till.c.number.label("till"),
            _operator.c.name,
        )
        .join(_shift, _shift.c.id == _closing.c.till_session_id)
        .join(_till, _till.c.id == _closing.c.till_id)
        .join(_operator, _operator.c.id == _shift.c.operator_id)
        .where(_closing.c.till_session_id == shift_id)
    ).one_or_none()
    if row is None:
        return None
    requests, oldest = session.execute(
        select(func.count(), func.min(_request.c.asked_at))
        .select_from(_request)
        .outerjoin(_answer, _answer.c.request_id == _request.c.id)
        .where(_answer.c.request_id.is_(None))
    ).one()
    return Handover(
        till=row.till,
        shift=row.number,
        operator=row.name,
        opened_at=row.opened_at,
        closed_at=row.at,
        left_cents=None if row.counted_cents is None else row.left_cents,
        deposit_cents=row.deposit_cents,
        reservations=_reservations(session, clock.now()),
        prints_failed=_jobs(session, row, JobState.QUEUED, JobState.BLOCKED),
        prints_uncertain=_jobs(session, row, JobState.UNCERTAIN),
        credit_requests=requests,
        oldest_request=oldest,
        baskets=_baskets(session, row.till_id),
        note=row.note,
    )


def _reservations(session: Session, at: datetime) -> tuple[Waiting, ...]:
    """Reservations still to be collected and paid, the first to expire first."""
    rows = session.execute(
        select(
            _reservation.c.reference, func.min(_seat.c.expires_at).label("until"), func.count().label("seats")
        )
        .join(_seat, _seat.c.reservation_id == _reservation.c.id)
        .where(_seat.c.state == ReservedSeatState.HELD, _seat.c.expires_at > at)
        .group_by(_reservation.c.id, _reservation.c.reference)
        .order_by(func.min(_seat.c.expires_at), _reservation.c.reference)
    )
    return tuple(Waiting(row.reference, row.until, row.seats) for row in rows)


def _baskets(session: Session, till_id: int) -> tuple[Waiting, ...]:
    rows = session.execute(
        select(_parked.c.note, _parked.c.parked_at)
        .where(_parked.c.till_id == till_id)
        .order_by(_parked.c.parked_at)
    )
    return tuple(Waiting(row.note, row.parked_at) for row in rows)


def _jobs(session: Session, closed: Row[Any], *states: JobState) -> int:
    """The papers of a till in these states, but for those that its closing itself ordered, this slip too."""
    of_closing = (_job.c.created_at >= closed.at) & _job.c.document.in_(_OF_CLOSING)
    counted = select(func.count()).select_from(_job)
    found = session.execute(
        counted.where(_job.c.till_id == closed.till_id, _job.c.state.in_(states), not_(of_closing))
    )
    return int(found.scalar_one())
