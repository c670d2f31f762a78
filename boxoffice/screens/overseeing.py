"""The part of the counter that a manager watches from: takings, screenings that fill up, passes.

What draws and lists is loaded when it is opened: no start has to pay for it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from boxoffice.kinds import Action
from boxoffice.sales.staff.operators import StaffMember

from .choosing_returned import ExchangeWish
from .exchanging import ExchangingScreen
from .permitting import once_allowed

if TYPE_CHECKING:
    from .figure_rows import Openers


class OverseeingScreen(ExchangingScreen):
    """Opens the manager's screens; each figure of theirs leads to its rows."""

    def action_dashboard(self) -> None:
        """Show the takings of the day."""
        from .dashboard import Dashboard

        self._oversee(lambda: self.app.push_screen(Dashboard(self.house, self.desk), self._overseen))

    def action_filling(self) -> None:
        """Show how full the screenings are."""
        from .filling import FillingScreen

        def show() -> None:
            self.app.push_screen(FillingScreen(self.house, self.desk, self._openers()), self._overseen)

        self._oversee(show)

    def action_left_tonight(self) -> None:
        """Show where seats are left: anybody may, for every counter shows as much."""
        from .filling import LeftTonight

        self.app.push_screen(LeftTonight(self.house, self.desk, self._openers()), self._overseen)

    def action_passes_sold(self) -> None:
        """Show the passes by product."""
        from .passes_sold import PassesSold

        self._oversee(lambda: self.app.push_screen(PassesSold(self.house, self.open_pass)))

    def _openers(self) -> "Openers":
        from .figure_rows import Openers

        return Openers(self.open_pass, self.show_reservations)

    def _oversee(self, show: Callable[[], object]) -> None:
        def allowed(_answering: StaffMember) -> None:
            show()

        once_allowed(self, self.house, self.desk, Action.SEE_FIGURES, allowed)

    def _overseen(self, wish: ExchangeWish | None) -> None:
        if wish is not None:
            self.begin_exchange(wish)
