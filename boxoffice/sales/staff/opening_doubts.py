"""What somebody has to answer for before a till opens: a float that is not what was left, a day, a date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import bindparam, case, func, select
from sqlmodel import Session

from boxoffice.clock import business_day, paris
from boxoffice.errors import ManagerNeeded
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _
from boxoffice.models import JournalEntry, ShiftClosing, ShiftCount, Till, TillSession, table
from boxoffice.money import format_euros

from ..means import CASH
from .business_days import last_closed_day
from .desk import Post
from .refused_counts import is_guessed, no_more_guesses

_entry, _shift, _ended = table(JournalEntry), table(TillSession), table(ShiftClosing)
_till, _count = table(Till), table(ShiftCount)

_earlier, _begun = _ended.alias(), _shift.alias()
_FIRST_TODAY = (
    select(func.min(_earlier.c.number))
    .join(_begun, _begun.c.id == _earlier.c.till_session_id)
    .where(
        _earlier.c.till_id == bindparam("till"),
        _begun.c.opened_at >= bindparam("day", type_=_begun.c.opened_at.type),
    )
)
_LAST = select(func.max(_earlier.c.number)).where(_earlier.c.till_id == bindparam("till"))
_ENDS = (
    select(
        _shift.c.float_cents,
        _ended.c.at,
        case((_shift.c.counted_cents.is_(None), _count.c.expected_cents), else_=_ended.c.left_cents),
        _shift.c.counted_cents.is_not(None),
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

_WORK = (
    JournalKind.TILL_OPENED,
    JournalKind.TILL_CLOSED,
    JournalKind.CASH_MOVED,
    JournalKind.CLOSING_MADE,
)

LONG_AGO = timedelta(days=7)
"""A till that opens so long after anybody worked may only have a clock set ahead."""


class _End(NamedTuple):
    """A shift that ended, and what its drawer then held: what it should have, where nobody counted it."""

    float_cents: int
    at: datetime
    left: int | None
    counted: bool


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a till does not open at a word: who may answer for it, and what the journal is told of it.

    `count_of` names the drawer whose float was counted blind, and wrong.
    """

    action: Action
    needed: ManagerNeeded
    told: dict[str, Any]
    count_of: Mapping[str, Any] | None = None


def opening_doubts(session: Session, post: Post, float_cents: int, *, at: datetime) -> tuple[Doubt, ...]:
    """All that is to be answered for at the opening of this till now, with this float in cents.

    A wrong date shuts days that nobody has lived, so that it comes first.
    """
    found = (
        _far_from_all(session, at),
        _after_the_day(session, post, at),
        _float_is_another(session, post, float_cents, at),
    )
    return tuple(doubt for doubt in found if doubt is not None)


def asked_together(doubts: Sequence[Doubt]) -> ManagerNeeded:
    """All doubts as one question: none is answered for unseen behind another."""
    return ManagerNeeded(
        " ".join(doubt.needed.message for doubt in doubts), " ".join(doubt.needed.remedy for doubt in doubts)
    )


def is_after_the_day(session: Session, post: Post, *, at: datetime) -> bool:
    """Whether the box office has closed the business day of this moment."""
    return last_closed_day(session) == business_day(at, post.rules.business_day_starts)


def _far_from_all(session: Session, at: datetime) -> Doubt | None:
    newest = max((worked for worked in _last_work(session) if worked is not None), default=None)
    if newest is None or at - newest <= LONG_AGO:
        return None
    return Doubt(
        Action.CLOSE_DAY,
        ManagerNeeded(
            _("Sommes-nous bien le {today} ? La dernière opération date du {last}.").format(
                today=f"{at:%d/%m/%Y}", last=f"{newest:%d/%m/%Y}"
            ),
            _("Si l'horloge se trompe, remettez-la à l'heure d'abord : les clôtures suivraient cette date."),
        ),
        {"long_after": f"{newest:%Y-%m-%d}"},
    )


def _last_work(session: Session) -> list[datetime | None]:
    """When each till last did what somebody has to be at work for.

    What a program signs by itself, and a log-in on the way to an opening, only repeat what the clock says.
    """
    worked = _entry.c.sale_id.is_not(None) | _entry.c.kind.in_(_WORK)
    last = select(_entry.c.at).where(_entry.c.till_id == bindparam("till"), worked)
    last = last.order_by(_entry.c.sequence.desc()).limit(1)
    return [
        session.execute(last, {"till": till_id}).scalar_one_or_none()
        for till_id in session.execute(select(_till.c.id)).scalars().all()
    ]


def _after_the_day(session: Session, post: Post, at: datetime) -> Doubt | None:
    if not is_after_the_day(session, post, at=at):
        return None
    today = business_day(at, post.rules.business_day_starts)
    return Doubt(
        Action.CLOSE_DAY,
        ManagerNeeded(
            _("La journée du {day} est close.").format(day=f"{today:%d/%m/%Y}"),
            _("Un responsable peut rouvrir une caisse : ce qui s'y vend compte dans la journée suivante."),
        ),
        {"after_closed_day": f"{today:%Y-%m-%d}"},
    )


def _float_is_another(session: Session, post: Post, float_cents: int, at: datetime) -> Doubt | None:
    """A drawer that nobody counted should hold what the books say; one counted blind is not guessed at.

    What lies below the limit is summed over the day: nobody carries a drawer away a little at a time.
    """
    ends = _ends_since(session, post, at)
    if not ends or (left := ends[-1].left) is None:
        return None
    last, limit = ends[-1], post.rules.cash_difference_limit_cents
    off = float_cents - left
    off_today = _off_before(ends, limit) + off
    told: dict[str, Any] = {"left": left}
    if not last.counted:
        told["counted"] = False
    if abs(off) <= limit:
        told["off_today"] = off_today
    is_another = max(abs(off), abs(off_today)) > limit
    count_of = {"of_till": post.till_number, "closed_at": last.at.isoformat()}
    if post.rules.blind_count and is_guessed(session, count_of):
        return Doubt(Action.ANSWER_DIFFERENCE, no_more_guesses(), told if is_another else {})
    if not is_another:
        return None
    remedy = _("Recomptez le fond ; sinon un responsable en répond, avec un motif.")
    if post.rules.blind_count:
        words = _("Ce fond de caisse n'est pas ce qui est resté dans le tiroir.")
        return Doubt(Action.ANSWER_DIFFERENCE, ManagerNeeded(words, remedy), told, count_of)
    said = _left_words(last, float_cents)
    if abs(off) <= limit:
        words = _("Aujourd'hui, les fonds de cette caisse s'écartent de {off} de ce qui y était resté.")
        said = words.format(off=format_euros(off_today))
    return Doubt(Action.ANSWER_DIFFERENCE, ManagerNeeded(said, remedy), told)


def float_in_clear(session: Session, post: Post, float_cents: int, *, at: datetime) -> str:
    """How a float counted blind compares with what was left: for a manager, before they answer for it.

    Nothing, where the books do not know what was left.
    """
    ends = _ends_since(session, post, at)
    return "" if not ends or ends[-1].left is None else _left_words(ends[-1], float_cents)


def _left_words(last: _End, float_cents: int) -> str:
    words = _("Il est resté {left} dans le tiroir, et le fond de caisse serait de {float}.")
    if not last.counted:
        words = _(
            "Personne n'a compté le tiroir, où il devait rester {left} ; le fond de caisse serait de {float}."
        )
    return words.format(left=format_euros(last.left or 0), float=format_euros(float_cents))


def _ends_since(session: Session, post: Post, at: datetime) -> list[_End]:
    """How the shifts of this till ended that were opened today, and the one before them; the last is last."""
    starts_at = post.rules.business_day_starts
    day = paris(business_day(at, starts_at), starts_at)
    return [_End(*row) for row in session.execute(_ENDS, {"till": post.till_id, "day": day})]


def _off_before(ends: Sequence[_End], limit: int) -> int:
    """By how much the floats of today were off what was left before each, that nobody has answered for."""
    sum_off = 0
    for before, shift in pairwise(ends):
        off = 0 if before.left is None else shift.float_cents - before.left
        sum_off += off
        if max(abs(off), abs(sum_off)) > limit:
            sum_off = 0
    return sum_off
