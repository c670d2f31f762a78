"""What not everybody may do: who answers for it, who is here or a manager who types their PIN in place."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from textual.screen import Screen

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action
from boxoffice.language import _
from boxoffice.sales.staff import operators
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.staff.permissions import MEANINGS, may
from boxoffice.sales.staff.shifts import member_at

from . import errands
from .dialogs import RefusalDialog
from .manager_pin import AskReason, Authorization, ManagerPin

if TYPE_CHECKING:
    from boxoffice.house import House

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class LeftTo:
    """Who is here, and types no PIN for what the table of permissions leaves to their role.

    A manager types theirs all the same `unless_manager`: what cannot be taken back is not done in passing.
    """

    member: StaffMember
    action: Action
    unless_manager: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody answers for.

    `told` is its name in the journal: `sale.reversed 1-000123`. `about` says what is allowed wherever the
    refusal does not: what was typed is behind the box. Without `left_to`, a manager always types their PIN.
    """

    told: str
    about: str = ""
    ask_reason: bool = False
    left_to: LeftTo | None = None


def left_to_role(desk: Desk, action: Action) -> LeftTo:
    """What the role of who is at a desk may answer for; a manager there types their PIN all the same."""
    return LeftTo(member_at(desk), action, unless_manager=True)


def ask_leave(
    screen: Screen[Any],
    house: "House",
    act: Act,
    needed: Refusal,
    allowed: Callable[[Authorization], None],
    refused: Callable[[Refusal], None],
    declined: Callable[[], None] | None = None,
) -> None:
    """Have `needed` lifted for one act, then go on with who answers for it; where nobody does, `declined`.

    While that is asked over `screen`, it is not asked there again.
    """

    def look() -> tuple[StaffMember | None, tuple[StaffMember, ...]]:
        with house.database.read() as session:
            managers = operators.managers(session)
            left = act.left_to
            if left is None or (left.unless_manager and left.member.id in {each.id for each in managers}):
                return None, managers
            return left.member if may(session, left.action, left.member.id) else None, managers

    def answered(leave: Authorization | None) -> None:
        if leave is not None:
            allowed(leave)
        elif declined is not None:
            declined()

    def lent(leave: Authorization | None) -> None:
        with errands.lending():
            answered(leave)

    def ask(found: tuple[StaffMember | None, tuple[StaffMember, ...]]) -> None:
        alone, managers = found
        if alone is None:
            pin = ManagerPin(house, managers, needed, act.told, about=act.about, ask_reason=act.ask_reason)
            screen.app.push_screen(pin, lent)
        elif act.ask_reason:
            screen.app.push_screen(
                AskReason(needed, act.about),
                lambda reason: answered(None if reason is None else Authorization(alone, reason)),
            )
        else:
            allowed(Authorization(alone, ""))

    errands.ask(screen, look, ask, refused)


def once_allowed(
    screen: Screen[Any],
    house: "House",
    desk: Desk,
    action: Action,
    then: Callable[[StaffMember], None],
) -> None:
    """Begin what a permission is for with who answers for it: who is here, or a manager by their PIN."""
    needed = ManagerNeeded(
        _("Il faut un responsable pour {what}.").format(what=_(MEANINGS[action])), _("Il tape son code ici.")
    )
    ask_leave(
        screen,
        house,
        Act(action, left_to=LeftTo(member_at(desk), action)),
        needed,
        lambda leave: then(leave.manager),
        lambda refusal: _show(screen, refusal),
    )


def with_leave(
    screen: Screen[Any],
    house: "House",
    act: Act,
    errand: Callable[[int | None], Answer],
    then: Callable[[Answer], None],
    refused: Callable[[Refusal], None],
) -> None:
    """Do an errand; where it takes a manager, once one has typed their PIN, with the id of who allows it."""

    def answered(refusal: Refusal) -> None:
        if isinstance(refusal, ManagerNeeded):
            ask_leave(screen, house, act, refusal, allowed, refused)
        else:
            refused(refusal)

    def allowed(leave: Authorization) -> None:
        errands.send(screen, lambda: errand(leave.manager.id), then, refused)

    errands.send(screen, lambda: errand(None), then, answered)


def _show(screen: Screen[Any], refusal: Refusal) -> None:
    screen.app.push_screen(RefusalDialog(refusal))
