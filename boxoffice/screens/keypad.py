"""Digits to touch or to click, where there is no keyboard at hand."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Grid
from textual.content import Content
from textual.widgets import Button

TALL_ENOUGH = 34
TOUCH = "-touch"
"""The class of an app that is used by touch: there, digits are shown at once."""

_KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "backspace", "0", "enter")
_FACES = {"backspace": "⌫", "enter": "✓"}


class Keypad(Grid):
    """Ten digits, one to erase, one to validate: each is the key it names, for whatever has the focus.

    They are as tall as fingers on a screen that has the room.
    """

    DEFAULT_CSS = """
    Keypad {
        grid-size: 3 4; grid-gutter: 0 1; grid-rows: 1; width: 33; height: 4;
        Button { width: 1fr; }
        &.-tall { grid-rows: 3; height: 12; }
    }
    """

    def compose(self) -> ComposeResult:
        tall = self.app.size.height >= TALL_ENOUGH
        self.set_class(tall, "-tall")
        for key in _KEYS:
            touched = Button(Content(_FACES.get(key, key)), name=key, compact=not tall)
            touched.can_focus = False
            touched.active_effect_duration = 0  # a button hears no second click as long as its first shows
            yield touched

    @on(Button.Pressed)
    def touched(self, event: Button.Pressed) -> None:
        event.stop()
        self.app.simulate_key(event.button.name or "")


class Digits(Container):
    """Where digits are: at once on a post used by touch, elsewhere from the first click on."""

    DEFAULT_CSS = """
    Digits { width: auto; height: auto; }
    """

    def on_mount(self) -> None:
        self.display = False
        if self.app.has_class(TOUCH):
            self.offer()

    def offer(self) -> None:
        """Show them: whoever clicks may have no keyboard."""
        if not self.display:
            self.display = True
            self.mount(Keypad())
