"""What a drawer should hold: its float, the cash of its sales, and what was carried in and out."""

from collections import Counter, defaultdict

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from boxoffice.kinds import CashKind
from boxoffice.models import CashMovement, Payment, Sale, TillSession, table

from ..means import ALL, CASH

FAR_CENTS = 5_000
"""A count this far from what is expected may be a slip of the finger, unless the drawer holds a lot."""

_shift, _sale, _payment, _cash = table(TillSession), table(Sale), table(Payment), table(CashMovement)

_TAKEN = (
    select(_payment.c.means, func.sum(_payment.c.amount_cents))
    .join(_sale, _sale.c.id == _payment.c.sale_id)
    .where(_sale.c.till_session_id == bindparam("shift"))
    .group_by(_payment.c.means)
)
_MOVED = (
    select(_cash.c.kind, func.sum(_cash.c.amount_cents))
    .where(_cash.c.till_session_id == bindparam("shift"))
    .group_by(_cash.c.kind)
)


def expected(session: Session, shift_id: int) -> dict[str, int]:
    """What a shift should have of each means of money, in cents."""
    float_cents = session.execute(select(_shift.c.float_cents).where(_shift.c.id == shift_id)).scalar_one()
    taken: dict[str, int] = defaultdict(int)
    for means, cents in session.execute(_TAKEN, {"shift": shift_id}):
        taken[means] = int(cents)
    moved = cash_moved(session, shift_id)
    carried = moved[CashKind.IN] - moved[CashKind.OUT] - moved[CashKind.PICKUP]
    drawer = {CASH.code: float_cents + taken[CASH.code] + carried}
    return drawer | {means.code: taken[means.code] for means in ALL if means is not CASH}


def cash_moved(session: Session, shift_id: int) -> Counter[CashKind]:
    """What was carried into the drawer of a shift and out of it without a sale, by kind, in cents."""
    return Counter({kind: int(cents) for kind, cents in session.execute(_MOVED, {"shift": shift_id})})


def is_far_from_expected(session: Session, shift_id: int, counted_cents: int) -> bool:
    """Whether a count is so far from what is expected that it is to be asked about.

    It does not tell how far: the drawer may be counted blind.
    """
    cash = expected(session, shift_id)[CASH.code]
    return abs(counted_cents - cash) > max(FAR_CENTS, cash // 4)
