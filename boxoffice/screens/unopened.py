"""What a manager needs at a till where no shift is open: closings, papers, statements, health, settings."""

from typing import TYPE_CHECKING

from textual.screen import Screen

from boxoffice.sales.staff.shifts import without_shift

from .closings import ClosingsDialog
from .commands import Command
from .counter_commands import COUNTER
from .management_commands import MANAGEMENT
from .menu import ManagementMenu
from .outbox import OutboxScreen

if TYPE_CHECKING:
    from boxoffice.house import House
    from boxoffice.sales.staff.operators import StaffMember

_ACTS = ("closing", "statements", "health", "settings", "outbox")
OFFERED = tuple(command for act in _ACTS for command in (*MANAGEMENT, *COUNTER) if command.action == act)


class UnopenedScreen(Screen[None]):
    """A screen of somebody who is logged in, from which the management of a till is opened all the same."""

    _house: "House"
    _member: "StaffMember"

    @property
    def is_free(self) -> bool:
        """Whether something else may be opened over this now."""
        raise NotImplementedError

    def looked_away(self) -> None:
        """What was opened over this is closed: it may have changed what is here."""
        raise NotImplementedError

    def action_menu(self) -> None:
        if self.is_free:
            self.app.push_screen(
                ManagementMenu(OFFERED, training=self._house.settings.training), self._chosen
            )

    def _chosen(self, command: Command | None) -> None:
        if command is not None:
            self.run_worker(self.app.run_action(command.action, self), exit_on_error=False)

    def action_closing(self) -> None:
        """Show what is left to close: for that, nobody has to open a till that is closed already."""
        if self.is_free:
            self.app.push_screen(ClosingsDialog(self._house, self._member), self._closings_left)

    def action_outbox(self) -> None:
        """Show what this till prints: a Z waits for its printer after the till is closed."""
        if self.is_free:
            self.app.push_screen(OutboxScreen(self._house, without_shift(self._house.post, self._member)))

    def action_statements(self) -> None:
        from .statements import open_statements  # with all that writes files: no start has to pay for it

        open_statements(self, self._house, without_shift(self._house.post, self._member))

    def action_health(self) -> None:
        from .health import HealthDialog  # with the doctor: no start has to pay for it

        self.app.push_screen(HealthDialog(self._house, without_shift(self._house.post, self._member)))

    def action_settings(self) -> None:
        from .settings.opening import open_settings  # with all that reads files: no start has to pay for it

        open_settings(self, self._house, without_shift(self._house.post, self._member))

    def _closings_left(self, _own: bool | None) -> None:
        self.looked_away()
