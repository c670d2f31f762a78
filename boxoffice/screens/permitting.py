"""What not everybody may do: begun by who may, or once a manager has typed their PIN."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action
from boxoffice.language import _
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.staff.permissions import MEANINGS, may

from . import errands
from .dialogs import RefusalDialog
from .manager_pin import ask_manager
from .shift import member_of

if TYPE_CHECKING:
    from boxoffice.house import House


def once_allowed(
    screen: Screen[Any], house: "House", desk: Desk, action: Action, then: Callable[[StaffMember], None]
) -> None:
    """Begin an act with who answers for it: who is at the desk if they may, or a manager by their PIN."""

    def refused(refusal: Refusal) -> None:
        screen.app.push_screen(RefusalDialog(refusal))

    def read() -> bool:
        with house.database.read() as session:
            return may(session, action, desk.operator_id)

    def seen(alone: bool) -> None:
        if alone:
            then(member_of(desk))
            return
        needed = ManagerNeeded(
            _("Il faut un responsable pour {what}.").format(what=_(MEANINGS[action])),
            _("Il tape son code ici."),
        )
        ask_manager(screen, house, needed, action, lambda leave: then(leave.manager), refused)

    errands.send(screen, read, seen, refused)
