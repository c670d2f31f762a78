"""What not everybody may do: begun by who may, or once a manager has typed their PIN."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from textual.screen import Screen

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action
from boxoffice.language import _
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.staff.permissions import MEANINGS
from boxoffice.sales.staff.shifts import member_at

from . import errands
from .dialogs import RefusalDialog
from .manager_pin import Authorization, answered_for, ask_manager

if TYPE_CHECKING:
    from boxoffice.house import House


Answer = TypeVar("Answer")


def with_leave(
    screen: Screen[Any],
    house: "House",
    act: str,
    errand: Callable[[int | None], Answer],
    then: Callable[[Answer], None],
    refused: Callable[[Refusal], None],
    *,
    about: str = "",
) -> None:
    """Do an errand; where it takes a manager, once one has typed their PIN, with the id of who allows it.

    `act` names in the journal what is allowed: `document.reprinted`; `about` tells it in words.
    """

    def answered(refusal: Refusal) -> None:
        if isinstance(refusal, ManagerNeeded):
            ask_manager(screen, house, refusal, act, allowed, refused, about=about)
        else:
            refused(refusal)

    def allowed(leave: Authorization) -> None:
        errands.send(screen, lambda: errand(leave.manager.id), then, refused)

    errands.send(screen, lambda: errand(None), then, answered)


def once_allowed(
    screen: Screen[Any], house: "House", desk: Desk, action: Action, then: Callable[[StaffMember], None]
) -> None:
    """Begin an act with who answers for it: who is at the desk if they may, or a manager by their PIN."""

    def refused(refusal: Refusal) -> None:
        screen.app.push_screen(RefusalDialog(refusal))

    needed = ManagerNeeded(
        _("Il faut un responsable pour {what}.").format(what=_(MEANINGS[action])), _("Il tape son code ici.")
    )
    answered_for(screen, house, member_at(desk), action, needed, action, then, refused)
