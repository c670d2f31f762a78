"""What the drawer of a till was off over a day, when its shifts ended and between them.

A difference below the limit is asked of nobody. They are summed over the day until somebody answers for them:
nobody carries a drawer away a little at a time.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, case, func, select
from sqlmodel import Session

from boxoffice.clock import business_day, paris
from boxoffice.language import _
from boxoffice.models import ShiftClosing, ShiftCount, TillSession, table
from boxoffice.money import format_euros

from ..means import CASH
from .rules import Rules

_shift, _ended, _count = table(TillSession), table(ShiftClosing), table(ShiftCount)
_earlier, _begun = _ended.alias(), _shift.alias()

_DAY = bindparam("day", type_=_shift.c.opened_at.type)
_FIRST_TODAY = (
    select(func.min(_earlier.c.number))
    .join(_begun, _begun.c.id == _earlier.c.till_session_id)
    .where(_earlier.c.till_id == bindparam("till"), _begun.c.opened_at >= _DAY)
)
_LAST = select(func.max(_earlier.c.number)).where(_earlier.c.till_id == bindparam("till"))
_ENDS = (
    select(
        _shift.c.float_cents,
        _ended.c.at,
        case((_shift.c.counted_cents.is_(None), _count.c.expected_cents), else_=_ended.c.left_cents),
        _shift.c.counted_cents.is_not(None),
        func.coalesce(_count.c.counted_cents - _count.c.expected_cents, 0),
        _shift.c.opened_at >= _DAY,
    )
    .join(_shift, _shift.c.id == _ended.c.till_session_id)
    .outerjoin(_count, (_count.c.till_session_id == _shift.c.id) & (_count.c.means == CASH.code))
    .where(
        _ended.c.till_id == bindparam("till"),
        _ended.c.number >= func.coalesce(_FIRST_TODAY.scalar_subquery() - 1, _LAST.scalar_subquery()),
    )
    .order_by(_ended.c.number)
)
"""The shifts of a till that were opened since a day began and have ended, after the one before them."""


class End(NamedTuple):
    """A shift that ended, and what its drawer then held: what it should have, where nobody counted it.

    Its count was `off` what was expected. A shift that was opened on an earlier day is not `of_the_day`.
    """

    float_cents: int
    at: datetime
    left: int | None
    counted: bool
    off: int
    of_the_day: bool


def ends_of_the_day(session: Session, till_id: int, rules: Rules, *, at: datetime) -> list[End]:
    """How the shifts of a till ended that were opened on the day of a moment, after the one before them."""
    day = paris(business_day(at, rules.business_day_starts), rules.business_day_starts)
    return [End(*row) for row in session.execute(_ENDS, {"till": till_id, "day": day})]


def off_until(ends: Sequence[End], limit: int, *then: int) -> int:
    """What floats and counts of the day were off by, in cents, and `then` were, that nobody answered for.

    Somebody did for what was above the limit, alone or summed.
    """
    sum_off, left = 0, None
    for end in ends:
        if end.of_the_day:
            for off in (_off(end.float_cents, left), end.off):
                sum_off = _unanswered(sum_off, off, limit)
        left = end.left
    for off in then[:-1]:
        sum_off = _unanswered(sum_off, off, limit)
    return sum_off + sum(then[-1:])


def off_with_this_count(session: Session, shift: TillSession, counted_off: int, rules: Rules) -> int:
    """What a till was off by on the day of this open shift, in cents, once a count of its cash is."""
    ends = ends_of_the_day(session, shift.till_id, rules, at=shift.opened_at)
    float_off = _off(shift.float_cents, ends[-1].left if ends else None)
    return off_until(ends, rules.cash_difference_limit_cents, float_off, counted_off)


def summed_words(off_today: int, rules: Rules) -> str:
    """Why somebody is asked to answer for a difference below the limit; nothing of it where it is blind."""
    if rules.blind_count:
        return _(
            "Les petits écarts de cette caisse s'ajoutent sur la journée : ensemble, ils dépassent la limite."
        )
    return summed_in_clear(off_today, rules)


def summed_in_clear(off_today: int, rules: Rules) -> str:
    """The same with the sum, for whoever may know it."""
    return _(
        "Les petits écarts de cette caisse s'ajoutent sur la journée : {off} en tout, pour {limit} au plus."
    ).format(off=format_euros(off_today), limit=format_euros(rules.cash_difference_limit_cents))


def _off(float_cents: int, left: int | None) -> int:
    return 0 if left is None else float_cents - left


def _unanswered(sum_off: int, off: int, limit: int) -> int:
    """The sum with one more difference: nothing, once somebody answers for it."""
    return 0 if max(abs(off), abs(sum_off + off)) > limit else sum_off + off
