"""What somebody has to answer for before a till opens: a float that is not what was left, a day, a date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session

from boxoffice.clock import business_day
from boxoffice.errors import ManagerNeeded
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _
from boxoffice.models import JournalEntry, Till, table
from boxoffice.money import format_euros

from .business_days import last_closed_day
from .day_differences import End, ends_of_the_day, off_until, summed_in_clear, summed_words
from .desk import Post
from .refused_counts import is_guessed, no_more_guesses

_entry, _till = table(JournalEntry), table(Till)

_WORK = (
    JournalKind.TILL_OPENED,
    JournalKind.TILL_CLOSED,
    JournalKind.CASH_MOVED,
    JournalKind.CLOSING_MADE,
)

LONG_AGO = timedelta(days=7)
"""A till that opens so long after anybody worked may only have a clock set ahead."""


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

    What lies below the limit is summed over the day.
    """
    rules = post.rules
    ends = ends_of_the_day(session, post.till_id, rules, at=at)
    if not ends or (left := ends[-1].left) is None:
        return None
    last, limit = ends[-1], rules.cash_difference_limit_cents
    off = float_cents - left
    off_today = off_until(ends, limit, off)
    told: dict[str, Any] = {"left": left}
    if not last.counted:
        told["counted"] = False
    if abs(off) <= limit:
        told["off_today"] = off_today
    is_another = max(abs(off), abs(off_today)) > limit
    count_of = {"of_till": post.till_number, "closed_at": last.at.isoformat()}
    if rules.blind_count and is_guessed(session, count_of):
        return Doubt(Action.ANSWER_DIFFERENCE, no_more_guesses(), told if is_another else {})
    if not is_another:
        return None
    said = _left_words(last, float_cents)
    if abs(off) <= limit:
        said = summed_words(off_today, rules)
    elif rules.blind_count:
        said = _("Ce fond de caisse n'est pas ce qui est resté dans le tiroir.")
    needed = ManagerNeeded(said, _("Recomptez le fond ; sinon un responsable en répond, avec un motif."))
    return Doubt(Action.ANSWER_DIFFERENCE, needed, told, count_of if rules.blind_count else None)


def float_in_clear(session: Session, post: Post, float_cents: int, *, at: datetime) -> str:
    """How a float counted blind compares with what was left: for a manager, before they answer for it.

    Nothing, where the books do not know what was left.
    """
    rules = post.rules
    ends = ends_of_the_day(session, post.till_id, rules, at=at)
    if not ends or (left := ends[-1].left) is None:
        return ""
    limit = rules.cash_difference_limit_cents
    off_today = off_until(ends, limit, float_cents - left)
    words = [_left_words(ends[-1], float_cents)]
    if abs(float_cents - left) <= limit < abs(off_today):
        words.append(summed_in_clear(off_today, rules))
    return " ".join(words)


def _left_words(last: End, float_cents: int) -> str:
    words = _("Il est resté {left} dans le tiroir, et le fond de caisse serait de {float}.")
    if not last.counted:
        words = _(
            "Personne n'a compté le tiroir, où il devait rester {left} ; le fond de caisse serait de {float}."
        )
    return words.format(left=format_euros(last.left or 0), float=format_euros(float_cents))
