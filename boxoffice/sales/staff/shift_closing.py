"""Closing a shift: what is counted against what is expected, and differences that somebody answers for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, insert
from sqlalchemy import select as rows_of
from sqlmodel import Session, select

from boxoffice.clock import Clock
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _
from boxoffice.models import MOST_PIECES, CashCount, ShiftClosing, ShiftCount, Till, TillSession, table
from boxoffice.money import LARGEST_CENTS, format_euros

from ..books import journal, numbering
from ..means import ALL, CASH, label_of
from ..wording import one_line, reason_line
from .day_differences import off_with_this_count, summed_in_clear, summed_words
from .desk import Post
from .drawer import expected
from .operators import StaffMember
from .permissions import may, require
from .refused_counts import is_guessed, no_more_guesses, refuse_count
from .shifts import DENOMINATIONS

LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class ShiftEnd:
    """What is told at the end of a shift beside the cash counted.

    `pieces` are how many of each denomination; `totals` what was counted of other means, in cents. Of the
    cash, `deposit_cents` go to the bank and the rest stays as the next float. `note` is for whoever comes
    next, `reason` for a difference, or for cash that nobody counted. `seen` is what was expected of each
    means, in cents, where whoever counts was told: they answer for no other difference.
    """

    pieces: Mapping[int, int] = field(default_factory=dict)
    totals: Mapping[str, int] = field(default_factory=dict)
    deposit_cents: int = 0
    reason: str = ""
    note: str = ""
    seen: Mapping[str, int] = field(default_factory=dict)


class StillSelling(Refusal):
    """The till went on while its drawer was counted: `expected` is what it should hold now, in cents."""

    def __init__(self, wanted: Mapping[str, int]) -> None:
        super().__init__(
            _("Cette caisse a encore servi depuis le comptage : ce qui est attendu a changé."),
            _("Relisez les écarts, recomptez s'il le faut, puis validez."),
        )
        self.expected = wanted


@dataclass(frozen=True, slots=True)
class Difference:
    """How far a count is from what the books expect of a means, in cents; above zero, there is too much."""

    means: str
    cents: int


NOTHING_TOLD = ShiftEnd()


def differences(
    wanted: Mapping[str, int], counted_cents: int | None, totals: Mapping[str, int]
) -> tuple[Difference, ...]:
    """Where a count is not what the books expect; what was not counted is passed over."""
    counted = _counted(counted_cents, totals)
    found = (
        Difference(means, cents - wanted[means]) for means, cents in counted.items() if cents is not None
    )
    return tuple(difference for difference in found if difference.cents)


def close_shift(
    session: Session,
    post: Post,
    member: StaffMember,
    shift_id: int,
    counted_cents: int | None,
    *,
    clock: Clock,
    authorized_by: StaffMember | None = None,
    end: ShiftEnd = NOTHING_TOLD,
) -> None:
    """Close a shift with the cash counted in its drawer, so that the till can be opened again.

    `counted_cents` None: nobody could count it. The shift may be another till's, whose computer is dead.
    Another operator's shift, and a difference above the rule, alone or with those of the day that nobody
    answered for, need a manager. Raises Refusal if it is closed
    already, if a reason is missing, and for a count that cannot be; StillSelling where other differences than
    those that were seen would be answered for.
    """
    shift = session.exec(select(TillSession).where(TillSession.id == shift_id).with_for_update()).one()
    if shift.closed_at is not None:
        raise Refusal(_("Cette session de caisse est déjà fermée."))
    answered = _answers_for_difference(session, post, member, shift, authorized_by)
    _check_count(counted_cents, end)
    reason, note = reason_line(end.reason), one_line(end.note)[:LONGEST_NOTE]
    wanted = expected(session, shift_id)
    counted = _counted(counted_cents, end.totals)
    if end.seen and any(
        cents is not None and wanted[each] != end.seen[each] for each, cents in counted.items()
    ):
        raise StillSelling(wanted)
    far = _far_from(post, wanted, counted)
    summed = _summed_with(session, post, shift, wanted, counted)
    if post.rules.blind_count and not answered:
        _check_guess(session, post, member, shift, counted, far, summed, clock=clock)
    _check_difference(post, counted, far, summed, answered, reason)

    at = clock.now()
    numbers = numbering.draw_numbers(session, post.till_id)
    number = _next_number(session, shift.till_id)
    shift.closed_at, shift.counted_cents = at, counted_cents
    session.add(shift)
    session.flush()
    _write_down(session, shift, number, at, member, authorized_by, end, reason, note)
    _write_counts(session, shift_id, wanted, counted, end.pieces)
    told = {
        "operator": member.number,
        "authorized_by": authorized_by.number if authorized_by else None,
        "counted": counted_cents,
        "counts": {means: [wanted[means], counted.get(means)] for means in wanted},
        "deposit": end.deposit_cents,
        "left": (counted_cents or 0) - end.deposit_cents,
        "note": note,
        **({"off_today": summed} if summed else {}),
        "opened_at": shift.opened_at.isoformat(),
        "pieces": {str(value): pieces for value, pieces in end.pieces.items() if pieces},
        "reason": reason,
        "shift": number,
        **_elsewhere(session, post, shift.till_id),
    }
    journal.write_entry(session, post, numbers.journal, JournalKind.TILL_CLOSED, told, at=at)


def summed_of(session: Session, post: Post, shift_id: int, counted_cents: int | None) -> str:
    """That small differences of the day add up with this cash: for a manager, before they answer for it."""
    shift = session.exec(select(TillSession).where(TillSession.id == shift_id)).one()
    summed = _summed_with(session, post, shift, expected(session, shift_id), {CASH.code: counted_cents})
    return summed_in_clear(summed, post.rules) if summed else ""


def _answers_for_difference(
    session: Session, post: Post, member: StaffMember, shift: TillSession, authorized_by: StaffMember | None
) -> bool:
    """Whether somebody is there who may answer for a difference.

    Raises ManagerNeeded where this shift is not theirs to close.
    """
    manager_id = authorized_by.id if authorized_by else None
    said = _("Un responsable doit fermer la session d'un autre.")
    if shift.operator_id == member.id:
        said = _("Un responsable doit fermer la session d'une autre caisse.")
    if shift.operator_id != member.id or shift.till_id != post.till_id:
        needed = ManagerNeeded(said)
        require(session, Action.CLOSE_OTHERS_SHIFT, member.id, manager_id, needed=needed)
    elif manager_id is not None:
        require(session, Action.ANSWER_DIFFERENCE, manager_id)
    return may(session, Action.ANSWER_DIFFERENCE, manager_id or member.id)


def _check_count(counted_cents: int | None, end: ShiftEnd) -> None:
    """Refuse amounts and pieces that no drawer holds, and a deposit of more than was counted."""
    amounts = [*end.totals.values(), *(() if counted_cents is None else (counted_cents,))]
    if any(not 0 <= cents <= LARGEST_CENTS for cents in amounts):
        raise Refusal(
            _("Le montant compté va de 0 à {most}.").format(most=format_euros(LARGEST_CENTS)),
            _("Comptez de nouveau."),
        )
    known = {means.code for means in ALL if means is not CASH}
    if any(
        value not in DENOMINATIONS or not 0 <= pieces <= MOST_PIECES for value, pieces in end.pieces.items()
    ) or not known.issuperset(end.totals):
        raise Refusal(_("Le comptage contient une coupure inconnue."))
    counted = sum(value * pieces for value, pieces in end.pieces.items())
    if end.pieces and counted != counted_cents:
        raise Refusal(_("Le total des coupures n'est pas le montant compté."), _("Comptez de nouveau."))
    if not 0 <= end.deposit_cents <= (counted_cents or 0):
        raise Refusal(
            _("On ne dépose pas plus que les {counted} comptés.").format(
                counted=format_euros(counted_cents or 0)
            )
        )


def _far_from(
    post: Post, wanted: Mapping[str, int], counted: Mapping[str, int | None]
) -> list[tuple[str, int]]:
    """The means whose count is further from what is expected than the rule lets pass, and how far."""
    limit = post.rules.cash_difference_limit_cents
    return [
        (means, cents - wanted[means])
        for means, cents in counted.items()
        if cents is not None and abs(cents - wanted[means]) > limit
    ]


def _summed_with(
    session: Session,
    post: Post,
    shift: TillSession,
    wanted: Mapping[str, int],
    counted: Mapping[str, int | None],
) -> int:
    """What the till is off by today with this cash, in cents, where that is too far and the cash is not."""
    cash, limit = counted[CASH.code], post.rules.cash_difference_limit_cents
    if cash is None or abs(off := cash - wanted[CASH.code]) > limit:
        return 0
    off_today = off_with_this_count(session, shift, off, post.rules)
    return off_today if abs(off_today) > limit else 0


def _check_guess(
    session: Session,
    post: Post,
    member: StaffMember,
    shift: TillSession,
    counted: Mapping[str, int | None],
    far: list[tuple[str, int]],
    summed: int,
    *,
    clock: Clock,
) -> None:
    """A count made blind is not told by how much it is wrong, and is not tried again and again."""
    till = session.exec(select(Till.number).where(Till.id == shift.till_id)).one()
    count_of = {"of_till": till, "opened_at": shift.opened_at.isoformat()}
    if is_guessed(session, count_of):
        raise no_more_guesses()
    if (far or summed) and counted[CASH.code] is not None:
        needed = ManagerNeeded(
            _("Le comptage ne correspond pas aux ventes.") if far else summed_words(summed, post.rules),
            _("Recomptez, ou un responsable en répond avec un motif. Le refus est inscrit au journal."),
        )
        raise refuse_count(session, post, member, count_of, counted, needed, at=clock.now())


def _check_difference(
    post: Post,
    counted: Mapping[str, int | None],
    far: list[tuple[str, int]],
    summed: int,
    answered: bool,
    reason: str,
) -> None:
    """A large difference, small ones that add up, or cash not counted: a manager answers, who says why."""
    if counted[CASH.code] is None:
        said = _("Le tiroir n'a pas été compté.")
    elif far:
        means, cents = far[0]
        said = _("{means} : {difference} d'écart.").format(
            means=label_of(means), difference=format_euros(cents)
        )
    elif summed:
        said = summed_in_clear(summed, post.rules)
    else:
        return
    if not answered:
        raise ManagerNeeded(said, _("Recomptez, ou un responsable en répond avec un motif."))
    if not reason:
        raise Refusal(said, _("Recomptez, ou dites pourquoi."))


def _counted(counted_cents: int | None, totals: Mapping[str, int]) -> dict[str, int | None]:
    return {CASH.code: counted_cents, **totals}


def _next_number(session: Session, till_id: int) -> int:
    """The number of the next shift closed at a till, which no other is meanwhile: only one is open there."""
    closings = table(ShiftClosing)
    last = session.execute(
        rows_of(func.max(closings.c.number)).where(closings.c.till_id == till_id)
    ).scalar_one()
    return (last or 0) + 1


def _write_down(
    session: Session,
    shift: TillSession,
    number: int,
    at: datetime,
    member: StaffMember,
    authorized_by: StaffMember | None,
    end: ShiftEnd,
    reason: str,
    note: str,
) -> None:
    session.execute(
        insert(table(ShiftClosing)).values(
            till_session_id=shift.id,
            till_id=shift.till_id,
            number=number,
            operator_id=member.id,
            authorized_by_id=authorized_by.id if authorized_by else None,
            reason=reason,
            deposit_cents=end.deposit_cents,
            left_cents=(shift.counted_cents or 0) - end.deposit_cents,
            note=note,
            at=at,
        )
    )


def _write_counts(
    session: Session,
    shift_id: int,
    wanted: Mapping[str, int],
    counted: Mapping[str, int | None],
    pieces: Mapping[int, int],
) -> None:
    means = [
        {
            "till_session_id": shift_id,
            "means": code,
            "expected_cents": cents,
            "counted_cents": counted.get(code),
        }
        for code, cents in wanted.items()
    ]
    coins = [
        {"till_session_id": shift_id, "value": value, "pieces": count}
        for value, count in pieces.items()
        if count
    ]
    session.execute(insert(table(ShiftCount)), means)
    if coins:
        session.execute(insert(table(CashCount)), coins)


def _elsewhere(session: Session, post: Post, till_id: int) -> dict[str, int]:
    """The number of the till whose shift it was, where that is not the one that signs."""
    if till_id == post.till_id:
        return {}
    number = session.exec(select(Till.number).where(Till.id == till_id)).one()
    return {"of_till": number}
