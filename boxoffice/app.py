"""The counter's program: paints the log-in at once, opens the house behind it, then goes from screen to screen."""

from __future__ import annotations

import gc
import logging
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.message import Message

from .errors import Refusal
from .language import speak
from .screens import errands
from .screens.login import LoginScreen

if TYPE_CHECKING:
    from .clock import Clock
    from .config import Settings
    from .database import Database
    from .house import House
    from .sales.desk import Desk
    from .sales.programme import Programme
    from .screens.shift import ShiftScreen

_log = logging.getLogger(__name__)


class BoxOfficeApp(App[None], inherit_bindings=False):
    """One till. Only this class knows in which order the screens come."""

    CSS_PATH = "screens/boxoffice.tcss"
    ENABLE_COMMAND_PALETTE = False
    ESCAPE_TO_MINIMIZE: ClassVar[bool] = False

    class HouseOpened(Message):
        """Everything is imported, the database is open and up to date."""

        def __init__(self, house: House) -> None:
            super().__init__()
            self.house = house

    class HouseClosed(Message):
        """The house could not be opened, and why."""

        def __init__(self, refusal: Refusal) -> None:
            super().__init__()
            self.refusal = refusal

    def __init__(
        self, settings: Settings, database: Database | None = None, clock: Clock | None = None
    ) -> None:
        super().__init__()
        self.settings = settings
        self._database = database
        self._clock = clock
        self.house: House | None = None
        self.login = LoginScreen(settings.till)

    async def on_mount(self) -> None:
        await self.push_screen(self.login)
        self.call_after_refresh(self._open_house)

    def _open_house(self) -> None:
        self.run_worker(self._open_in_thread, thread=True, exit_on_error=False)

    def _open_in_thread(self) -> None:
        try:
            from .house import open_house

            house = open_house(self.settings, self._database, self._clock)
            from .screens import counter, shift  # noqa: F401 - imported here so that showing them costs nothing
        except Refusal as refusal:
            self.post_message(self.HouseClosed(refusal))
        except Exception:
            _log.exception("The house cannot be opened")
            self.post_message(self.HouseClosed(errands.unexpected()))
        else:
            self.post_message(self.HouseOpened(house))

    def on_box_office_app_house_opened(self, event: HouseOpened) -> None:
        self.house = event.house
        self.login.welcome(event.house)

    def on_box_office_app_house_closed(self, event: HouseClosed) -> None:
        self.login.cannot_open(event.refusal)

    def on_login_screen_logged_in(self, event: LoginScreen.LoggedIn) -> None:
        from .screens.shift import ShiftScreen

        assert self.house is not None
        self.push_screen(ShiftScreen(self.house, event.member))

    def on_shift_screen_opened(self, event: ShiftScreen.Opened) -> None:
        house, desk = self.house, event.desk
        assert house is not None
        errands.send(
            self.screen, house.programme, lambda programme: self._open_counter(desk, programme), self.say
        )

    def _open_counter(self, desk: Desk, programme: Programme) -> None:
        from .screens.counter import CounterScreen

        assert self.house is not None
        self.switch_screen(CounterScreen(self.house, desk, programme))
        self.call_after_refresh(gc.freeze)

    def say(self, refusal: Refusal) -> None:
        """Show why something was refused, without stopping anybody."""
        self.notify(refusal.remedy, title=refusal.message, severity="warning", markup=False)


def run(settings: Settings, database: Database | None = None) -> None:
    """Open the counter in this terminal."""
    speak(settings.language)
    BoxOfficeApp(settings, database).run()
