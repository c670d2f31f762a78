"""The part of the counter that a manager opens, by F10 and a letter: readings, closings, cash carried."""

from typing import ClassVar

from .commands import Command
from .exchanging import ExchangingScreen
from .management_commands import MANAGEMENT
from .reading import ReadingDialog


class ManagingScreen(ExchangingScreen):
    """Opens what is done between two queues."""

    LETTERED: ClassVar[tuple[Command, ...]] = MANAGEMENT
    """What the palette offers although no key of the counter does it."""

    def action_reading(self) -> None:
        self.app.push_screen(ReadingDialog(self.house, self.desk))
