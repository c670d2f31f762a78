"""The shifts of a period: what each drawer began with, should have held, and held."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, func, select
from sqlmodel import Session

from boxoffice.kinds import CashKind
from boxoffice.models import Operator, ShiftClosing, ShiftCount, TillSession, table

from ..means import CASH
from ..staff.drawer import cash_moved, expected
from .figures import Counted, FloatLeft, ShiftFigures, Span

_closing, _count, _shift = table(ShiftClosing), table(ShiftCount), table(TillSession)
_operator = table(Operator)

_CLOSED = (
    select(
        _closing, _shift.c.opened_at, _shift.c.float_cents, _operator.c.number.label("who"), _operator.c.name
    )
    .join(_shift, _shift.c.id == _closing.c.till_session_id)
    .join(_operator, _operator.c.id == _shift.c.operator_id)
    .where(
        _closing.c.till_id == bindparam("till_id"),
        _closing.c.number.between(bindparam("first"), bindparam("last")),
    )
    .order_by(_closing.c.number)
)
_cash = (_count.c.till_session_id == _closing.c.till_session_id) & (_count.c.means == CASH.code)
_LEFT = (
    select(
        case((_count.c.counted_cents.is_(None), _count.c.expected_cents), else_=_closing.c.left_cents).label(
            "cents"
        ),
        _count.c.counted_cents.is_not(None).label("counted"),
    )
    .join(_count, _cash)
    .where(_closing.c.till_id == bindparam("till_id"), _closing.c.number <= bindparam("number"))
    .order_by(_closing.c.number.desc())
    .limit(1)
)
"""What the last shift left in its drawer: what it should have held, if nobody counted it."""
_COUNTS = (
    select(_count.c.means, _count.c.expected_cents, _count.c.counted_cents)
    .where(_count.c.till_session_id == bindparam("shift"))
    .order_by(_count.c.means)
)


def read_shifts(
    session: Session, spans: Iterable[Span], tills: Mapping[int, int]
) -> tuple[ShiftFigures, ...]:
    """The shifts of these spans in their order; `tills` are ids by number."""
    return tuple(
        _closed(session, span.till, row)
        for span in spans
        for row in session.execute(
            _CLOSED,
            {"till_id": tills[span.till], "first": span.first_shift, "last": span.last_shift},
        )
    )


def open_figures(session: Session, shift_id: int, till: int, *, at: datetime) -> ShiftFigures:
    """A shift that is still open, as if it were closed uncounted at that moment."""
    row = session.execute(
        select(_shift, _operator.c.number.label("who"), _operator.c.name)
        .join(_operator, _operator.c.id == _shift.c.operator_id)
        .where(_shift.c.id == shift_id)
    ).one()
    moved = cash_moved(session, shift_id)
    last = session.execute(
        select(func.max(_closing.c.number)).where(_closing.c.till_id == row.till_id)
    ).scalar_one()
    left, was_counted = _left(session, row.till_id, last or 0)
    counts = (Counted(means, cents, None) for means, cents in expected(session, shift_id).items())
    return ShiftFigures(
        till=till,
        number=0,
        operator=row.who,
        name=row.name,
        opened_at=row.opened_at,
        closed_at=at,
        float_cents=row.float_cents,
        in_cents=moved[CashKind.IN],
        out_cents=moved[CashKind.OUT],
        pickup_cents=moved[CashKind.PICKUP],
        counts=tuple(counts),
        deposit_cents=0,
        left_cents=0,
        left_before_cents=left if last else None,
        before_counted=was_counted,
    )


def read_floats(session: Session, spans: Iterable[Span], tills: Mapping[int, int]) -> tuple[FloatLeft, ...]:
    """What is left in each drawer at the end of these spans, those that nobody opened meanwhile included."""
    return tuple(
        FloatLeft(span.till, *_left(session, tills[span.till], span.last_shift))
        for span in spans
        if span.last_shift
    )


def _left(session: Session, till_id: int, number: int) -> tuple[int, bool]:
    """What the last shift of a till up to a number left, and whether it was counted; nothing before any."""
    left = session.execute(_LEFT, {"till_id": till_id, "number": number}).one_or_none()
    return (0, True) if left is None else (left.cents, bool(left.counted))


def _closed(session: Session, till: int, row: Any) -> ShiftFigures:
    moved = cash_moved(session, row.till_session_id)
    left, was_counted = _left(session, row.till_id, row.number - 1)
    return ShiftFigures(
        till=till,
        number=row.number,
        operator=row.who,
        name=row.name,
        opened_at=row.opened_at,
        closed_at=row.at,
        float_cents=row.float_cents,
        in_cents=moved[CashKind.IN],
        out_cents=moved[CashKind.OUT],
        pickup_cents=moved[CashKind.PICKUP],
        counts=tuple(Counted(*each) for each in session.execute(_COUNTS, {"shift": row.till_session_id})),
        deposit_cents=row.deposit_cents,
        left_cents=row.left_cents,
        reason=row.reason,
        left_before_cents=left,
        before_counted=was_counted,
    )
