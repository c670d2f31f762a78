"""The part of the counter that a manager opens, by F10 and a letter: readings, closings, cash carried."""

from typing import ClassVar

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action
from boxoffice.language import _
from boxoffice.sales.staff.shifts import member_at

from .carrying_cash import carry_cash
from .closings import ClosingsDialog
from .commands import Command
from .dialogs import RefusalDialog
from .management_commands import MANAGEMENT
from .overseeing import OverseeingScreen
from .permitting import Act, LeftTo, ask_leave, once_allowed
from .reading import ReadingDialog


class ManagingScreen(OverseeingScreen):
    """Opens what is done between two queues."""

    LETTERED: ClassVar[tuple[Command, ...]] = MANAGEMENT
    """What the palette offers although no key of the counter does it."""

    def action_reading(self) -> None:
        """Open the X; where drawers are counted blind, the takings would tell what they should hold."""

        def show() -> None:
            self.app.push_screen(ReadingDialog(self.house, self.desk))

        def refused(refusal: Refusal) -> None:
            self.app.push_screen(RefusalDialog(refusal))

        if not self.desk.post.rules.blind_count:
            once_allowed(self, self.house, self.desk, Action.SEE_TAKINGS, lambda _answering: show())
            return
        act = Act(Action.ANSWER_DIFFERENCE, left_to=LeftTo(member_at(self.desk), Action.ANSWER_DIFFERENCE))
        needed = ManagerNeeded(
            _("Le tiroir se compte à l'aveugle : un responsable ouvre la lecture X."),
            _("Il tape son code ici."),
        )
        ask_leave(self, self.house, act, needed, lambda _leave: show(), refused)

    def action_move_cash(self) -> None:
        carry_cash(self, self.house, self.desk, self.advise)

    def action_statements(self) -> None:
        from .statements import open_statements  # with all that writes files: no start has to pay for it

        open_statements(self, self.house, self.desk)

    def action_health(self) -> None:
        from .health import HealthDialog  # with the doctor: no start has to pay for it

        self.app.push_screen(HealthDialog(self.house, self.desk))

    def action_settings(self) -> None:
        from .settings.opening import open_settings  # with all that reads files: no start has to pay for it

        open_settings(self, self.house, self.desk)

    def action_closing(self) -> None:
        """Show what is left to close; whoever closed this till has left it, and its basket waits."""

        def closed(own: bool | None) -> None:
            if own:
                self.set_aside_and_leave()

        self.app.push_screen(ClosingsDialog(self.house, member_at(self.desk)), closed)

    def set_aside_and_leave(self) -> None:
        """Go back to the log-in, once the basket waits with the others."""
        raise NotImplementedError
