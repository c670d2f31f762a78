"""What a drawer should hold: asked of a count without telling it, for it may be counted blind."""

from sqlalchemy import func
from sqlmodel import Session, col, select

from boxoffice.models import Payment, Sale, TillSession

from ..means import CASH

FAR_CENTS = 5_000
"""A count this far from what is expected may be a slip of the finger, unless the drawer holds a lot."""


def is_far_from_expected(session: Session, shift_id: int, counted_cents: int) -> bool:
    """Whether a count is so far from the float and the cash of a shift that it is to be asked about."""
    shift = session.get_one(TillSession, shift_id)
    taken = session.exec(
        select(func.sum(Payment.amount_cents))
        .join(Sale, col(Sale.id) == Payment.sale_id)
        .where(Sale.till_session_id == shift_id, Payment.means == CASH.code)
    ).one()
    expected = shift.float_cents + (taken or 0)
    return abs(counted_cents - expected) > max(FAR_CENTS, expected // 4)
