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

from .commands import Command
from .dialogs import Dialog, keys_line
from .rows import Choices


class ManagementMenu(Dialog[Command | None]):
    """The commands that the key bar has no room for, by digit, arrow or mouse, each with its own key."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "leave", later("Fermer"), id="menu.leave", tooltip=later("Ferme le menu")),
    ]
    DEFAULT_CSS = """
    ManagementMenu {
        .dialog { width: 78; }
        Choices { height: auto; max-height: 18; margin-bottom: 1; }
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
            f"{place if place < 10 else ' '}  {_(command.label):<40}",
            (self.app.get_key_display(binding), "dim"),
        )
