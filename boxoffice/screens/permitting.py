"""What not everybody may do: begun by who may, or once a manager has typed their PIN."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action
from boxoffice.language import _
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.staff.permissions import MEANINGS

from .dialogs import RefusalDialog
from .manager_pin import answered_for
from .shift import member_of

if TYPE_CHECKING:
    from boxoffice.house import House


def once_allowed(
    screen: Screen[Any], house: "House", desk: Desk, action: Action, then: Callable[[StaffMember], None]
) -> None:
    """Begin an act with who answers for it: who is at the desk if they may, or a manager by their PIN."""

    def refused(refusal: Refusal) -> None:
        screen.app.push_screen(RefusalDialog(refusal))

    needed = ManagerNeeded(
        _("Il faut un responsable pour {what}.").format(what=_(MEANINGS[action])), _("Il tape son code ici.")
    )
    answered_for(screen, house, member_of(desk), action, needed, action, then, refused)
