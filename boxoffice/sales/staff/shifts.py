"""Shifts: opening a till with its float, coming back to it, handing it over. One is open per till."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from boxoffice.clock import Clock, business_day, say
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _, spoken
from boxoffice.models import LARGEST_FLOAT_CENTS, Establishment, Operator, Role, Till, TillSession
from boxoffice.money import format_euros

from ..books import journal
from ..means import CASH
from ..wording import reason_line
from .business_days import last_closed_day, open_day, unclosed_days
from .desk import Desk, Post
from .opening_doubts import asked_together, opening_doubts
from .operators import StaffMember
from .permissions import require
from .refused_counts import refuse_count
from .standing import day_not_closed, day_words

DENOMINATIONS = (50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1)
"""Euro notes and coins, in cents, largest first."""
NO_SHIFT = 0
"""The id of no shift: what takes one open is refused."""


@dataclass(frozen=True, slots=True)
class OpenShift:
    """The wish to open a till: its float in cents, and how many of each denomination if it was counted.

    `authorized_by` answers, with a `reason`, for another float than was left, a day closed or a far date.
    """

    float_cents: int
    count: Mapping[int, int] = field(default_factory=dict)
    authorized_by: StaffMember | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift that is open."""

    id: int
    operator_id: int
    operator_number: int
    operator_name: str
    opened_at: datetime
    float_cents: int


def current_shift(session: Session, till_id: int) -> Shift | None:
    """The shift open at a till, if there is one."""
    found = session.exec(
        select(TillSession, Operator)
        .join(Operator, col(Operator.id) == TillSession.operator_id)
        .where(TillSession.till_id == till_id, col(TillSession.closed_at).is_(None))
    ).one_or_none()
    if found is None:
        return None
    shift, operator = found
    assert shift.id is not None
    return Shift(
        shift.id, shift.operator_id, operator.number, operator.name, shift.opened_at, shift.float_cents
    )


def last_operator(session: Session, till_id: int) -> int | None:
    """The id of the operator who opened this till last: most likely the one who comes back to it."""
    return session.exec(
        select(TillSession.operator_id)
        .where(TillSession.till_id == till_id)
        .order_by(col(TillSession.id).desc())
        .limit(1)
    ).one_or_none()


def open_shift(
    session: Session, post: Post, member: StaffMember, command: OpenShift, *, clock: Clock
) -> Desk:
    """Open the till for an operator.

    Raises Refusal if it is open already, if a day of the past is not closed, and if the float makes no sense;
    ManagerNeeded while nobody answers, with a reason, for what is in doubt.
    """
    if member.role is Role.BADGES:
        raise Refusal(
            _("{name} imprime les badges et ne tient pas de caisse.").format(name=member.name),
            _("Connectez un caissier ou un responsable."),
        )
    _check_float(command)
    _check_days(session, post, clock=clock)
    session.exec(select(Till).where(Till.id == post.till_id).with_for_update(key_share=True)).one()
    if (refusal := till_retired(session, post)) is not None:
        raise refusal
    if there := current_shift(session, post.till_id):
        raise Refusal(
            _("Cette caisse est déjà ouverte par {name} depuis le {time}.").format(
                name=there.operator_name, time=say(there.opened_at, _("EEE d MMM 'à' H 'h' mm"), spoken())
            ),
            _("{name} peut se connecter, ou un responsable fermer la session.").format(
                name=there.operator_name
            ),
        )
    at = clock.now()
    answered = _answered(session, post, member, command, at)
    shift = TillSession(
        till_id=post.till_id, operator_id=member.id, opened_at=at, float_cents=command.float_cents
    )
    session.add(shift)
    session.flush()
    journal.append(
        session,
        post,
        JournalKind.TILL_OPENED,
        {
            "float": command.float_cents,
            "count": {str(value): pieces for value, pieces in command.count.items() if pieces},
            **answered,
        },
        at=at,
        operator_number=member.number,
    )
    assert shift.id is not None
    return _desk(post, shift.id, member)


def resume_shift(session: Session, post: Post, member: StaffMember) -> Desk | None:
    """The operator's own shift at this till, if it is still open; None if the till is free.

    Raises ManagerNeeded when it is somebody else's.
    """
    there = current_shift(session, post.till_id)
    if there is None:
        return None
    if there.operator_id != member.id:
        raise ManagerNeeded(
            _("Cette caisse est ouverte par {name} depuis le {time}.").format(
                name=there.operator_name, time=say(there.opened_at, _("EEE d MMM 'à' H 'h' mm"), spoken())
            ),
            _("{name} se connecte, ou un responsable ferme sa session.").format(name=there.operator_name),
        )
    return _desk(post, there.id, member)


def till_retired(session: Session, post: Post) -> Refusal | None:
    """Why this till opens for nobody, if a manager has put it out of service."""
    if session.exec(select(Till.active).where(Till.id == post.till_id)).one():
        return None
    return Refusal(
        _("La caisse {till} n'est plus en service.").format(till=post.till_number),
        _("Un responsable la remet en service à une autre caisse : F10, Réglages, Caisses."),
    )


def day_closed(session: Session, post: Post, *, clock: Clock) -> Refusal | None:
    """Why no till opens, if the box office has closed a day that this clock says is still to come."""
    closed, today = last_closed_day(session), business_day(clock.now(), post.rules.business_day_starts)
    if closed is None or today >= closed:
        return None
    return Refusal(
        _("La dernière journée close est le {closed}, et l'horloge de ce poste dit le {today}.").format(
            closed=f"{closed:%d/%m/%Y}", today=f"{today:%d/%m/%Y}"
        ),
        _("Remettez l'horloge à l'heure, puis recommencez."),
    )


def day_to_close(session: Session, post: Post, *, clock: Clock) -> date | None:
    """The last day gone by that tills have closed and the box office has not: none opens before it is."""
    waiting = open_day(session)
    today = business_day(clock.now(), post.rules.business_day_starts)
    return None if waiting is None or waiting[1] >= today else waiting[1]


def _check_days(session: Session, post: Post, *, clock: Clock) -> None:
    """Refuse to open on a day that is closed, which nobody closes meanwhile, and while one before is not."""
    session.exec(select(Establishment).with_for_update(read=True)).one_or_none()
    if (refusal := day_closed(session, post, clock=clock)) is not None:
        raise refusal
    today = business_day(clock.now(), post.rules.business_day_starts)
    unclosed = unclosed_days(session, post.till_id, post.rules.business_day_starts)
    if unclosed is not None and unclosed[0] < today and current_shift(session, post.till_id) is None:
        raise day_not_closed(unclosed[0])
    if (day := day_to_close(session, post, clock=clock)) is not None:
        raise Refusal(
            _("La journée du {day} n'est pas close pour toute la billetterie.").format(day=day_words(day)),
            _("Un responsable la clôture : F10 puis Z, ou « boxoffice close day »."),
        )


def _answered(
    session: Session, post: Post, member: StaffMember, command: OpenShift, at: datetime
) -> dict[str, Any]:
    """What the journal is told of every doubt, and of who answers for all; nothing where there is none."""
    doubts = opening_doubts(session, post, command.float_cents, at=at)
    if not doubts:
        return {}
    reason = reason_line(command.reason)
    if command.authorized_by is None or not reason:
        needed = asked_together(doubts)
        count_of = next((doubt.count_of for doubt in doubts if doubt.count_of), None)
        if count_of is not None and command.authorized_by is None:
            cash = {CASH.code: command.float_cents}
            raise refuse_count(session, post, member, count_of, cash, needed, at=at)
        raise needed
    told: dict[str, Any] = {"authorized_by": command.authorized_by.number, "reason": reason}
    for doubt in doubts:
        require(session, doubt.action, member.id, command.authorized_by.id)
        told |= doubt.told
    return told


def _check_float(command: OpenShift) -> None:
    if not 0 <= command.float_cents <= LARGEST_FLOAT_CENTS:
        raise Refusal(
            _("Ce fond de caisse n'est pas possible."),
            _("Tapez un montant de 0 à {most}.").format(most=format_euros(LARGEST_FLOAT_CENTS)),
        )
    if any(value not in DENOMINATIONS or pieces < 0 for value, pieces in command.count.items()):
        raise Refusal(_("Le comptage contient une coupure inconnue."))
    counted = sum(value * pieces for value, pieces in command.count.items())
    if command.count and counted != command.float_cents:
        raise Refusal(_("Le fond de caisse ne correspond pas au comptage."))


def member_at(desk: Desk) -> StaffMember:
    """Who is at a desk."""
    role = Role.MANAGER if desk.is_manager else Role.CASHIER
    return StaffMember(desk.operator_id, desk.operator_number, desk.operator_name, role)


def without_shift(post: Post, member: StaffMember) -> Desk:
    """Somebody at a till where they have no shift open: they read there, and answer; nothing is sold."""
    return _desk(post, NO_SHIFT, member)


def _desk(post: Post, shift_id: int, member: StaffMember) -> Desk:
    return Desk(
        post=post,
        till_session_id=shift_id,
        operator_id=member.id,
        operator_number=member.number,
        operator_name=member.name,
        is_manager=member.is_manager,
    )
