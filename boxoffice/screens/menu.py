"""What is rarer than selling, in one list: the management menu."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.language import _, later

from .choosing import NO_DIGIT
from .commands import Command
from .dialogs import Dialog, keys_line
from .rows import Choices

MOST_ROWS, TALL = 18, 34
AROUND_ROWS, AROUND_ROWS_LOW = 14, 8
"""What a box of the menu takes around its rows: frame, title, what the chosen one does, keys."""


class ManagementMenu(Dialog[Command | None]):
    """The commands that the key bar has no room for, by digit, arrow or mouse, each with its own key."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "leave", later("Fermer"), id="menu.leave", tooltip=later("Ferme le menu")),
    ]
    DEFAULT_CSS = """
    ManagementMenu {
        .dialog { width: 78; }
        Choices { height: auto; margin-bottom: 1; }
        &.-low .dialog { padding: 0 2; }
        &.-low .dialog-title, &.-low Choices, &.-low .dialog-text { margin-bottom: 0; }
        &.-low .dialog-keys { margin-top: 0; }
    }
    """

    def __init__(self, commands: Sequence[Command]) -> None:
        super().__init__()
        self.title_text = _("Gestion")
        self._commands = commands

    def compose_question(self) -> ComposeResult:
        yield Choices(
            *(Option(self._row(place, command)) for place, command in enumerate(self._commands, start=1)),
            markup=False,
            compact=True,
        )
        yield Static("", id="menu-says", classes="dialog-text", markup=False)
        yield keys_line(("enter", _("Chiffre ou Entrée choisir")), ("escape", _("Échap fermer")))

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        low = event.size.height < TALL
        self.set_class(low, "-low")
        room = event.size.height - (AROUND_ROWS_LOW if low else AROUND_ROWS)
        self.query_one(Choices).styles.max_height = max(min(MOST_ROWS, room), 1)

    def on_mount(self) -> None:
        rows = self.query_one(Choices)
        rows.highlighted = 0 if self._commands else None
        rows.focus()

    def nothing(self) -> None:
        return None

    def key_typed(self, event: events.Key) -> None:
        if event.character and event.character in "123456789":
            event.stop()
            if int(event.character) <= len(self._commands):
                self.dismiss(self._commands[int(event.character) - 1])

    @on(OptionList.OptionHighlighted)
    def moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.query_one("#menu-says", Static).update(_(self._commands[event.option_index].says))

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._commands[event.option_index])

    def _row(self, place: int, command: Command) -> Content:
        binding = Binding(command.keys.split(",")[0], command.action)
        return Content.assemble(
            f"{place if place < 10 else NO_DIGIT}  {_(command.label):<40}",
            (self.app.get_key_display(binding), "dim"),
        )
