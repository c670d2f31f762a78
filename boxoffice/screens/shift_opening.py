"""A till opened with its float: a manager answers, with a reason, for what is in doubt."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _
from boxoffice.sales.staff import shifts
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.opening_doubts import float_in_clear
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.staff.shifts import OpenShift

from . import errands
from .dialogs import Confirm
from .manager_pin import Authorization
from .permitting import Act, ask_leave

if TYPE_CHECKING:
    from boxoffice.house import House


def begin_shift(
    screen: Screen[Any],
    house: "House",
    member: StaffMember,
    command: OpenShift,
    opened: Callable[[Desk], None],
    refused: Callable[[Refusal], None],
    declined: Callable[[], None],
) -> None:
    """Open the till for a member of the staff; `declined` where nobody answers for what is in doubt."""

    def open_shift() -> Desk:
        with house.database.write() as session:
            return shifts.open_shift(session, house.post, member, command, clock=house.clock)

    def again(answered: OpenShift) -> None:
        begin_shift(screen, house, member, answered, opened, refused, declined)

    def allowed(leave: Authorization) -> None:
        answered = replace(command, authorized_by=leave.manager, reason=leave.reason)
        if house.post.rules.blind_count:
            _tell_manager(screen, house, answered, leave.manager, again, refused, declined)
        else:
            again(answered)

    def doubted(refusal: Refusal) -> None:
        if not isinstance(refusal, ManagerNeeded):
            refused(refusal)
            return
        opening = Act(JournalKind.TILL_OPENED, ask_reason=True)
        ask_leave(screen, house, opening, refusal, allowed, refused, declined)

    errands.send(screen, open_shift, opened, doubted)


def _tell_manager(
    screen: Screen[Any],
    house: "House",
    command: OpenShift,
    manager: StaffMember,
    confirmed: Callable[[OpenShift], None],
    refused: Callable[[Refusal], None],
    declined: Callable[[], None],
) -> None:
    """Say to whom answers for a float counted blind how far it is; what they refuse is counted again."""

    def read() -> str:
        with house.database.read() as session:
            return float_in_clear(session, house.post, command.float_cents, at=house.clock.now())

    def tell(words: str) -> None:
        if not words:
            confirmed(command)
            return
        question = _("{name} répond de ce fond de caisse ?").format(name=manager.name)
        ask = Confirm(question, words, yes=_("Ouvrir la caisse"), no=_("Recompter"))
        screen.app.push_screen(ask, lambda yes: confirmed(command) if yes else declined())

    errands.send(screen, read, tell, refused)
