"""Dialogs that tick rows of a list: by their digit, by Space where the list stands, or by a click."""

from typing import Generic

from textual import events, on
from textual.widgets import OptionList

from .dialogs import Answer, Dialog
from .rows import Rows


class TickingDialog(Dialog[Answer], Generic[Answer]):
    """A dialog over one list of rows, of which some are ticked."""

    def turn(self, place: int) -> None:
        """Tick the row at `place`, or tick it no more; there may be none."""
        raise NotImplementedError

    def key_typed(self, event: events.Key) -> None:
        if event.character and event.character in "123456789":
            event.stop()
            self.turn(int(event.character) - 1)

    def action_tick(self) -> None:
        highlighted = self.query_one(Rows).highlighted
        if highlighted is not None:
            self.turn(highlighted)

    @on(OptionList.OptionSelected)
    def clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.turn(event.option_index)
