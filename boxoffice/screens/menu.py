"""What is rarer than selling, in one list: the management menu."""

from collections.abc import Sequence
from functools import partial
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

    def __init__(self, commands: Sequence[Command], *, training: bool = False) -> None:
        super().__init__()
        self.title_text = _("Gestion · FORMATION, rien n'est vrai") if training else _("Gestion")
        self._commands = commands
        plain = [command for command in commands if not command.letter]
        self._by_key = {command.letter: command for command in commands if command.letter}
        self._by_key |= {str(place): command for place, command in enumerate(plain[:9], start=1)}

    def compose_question(self) -> ComposeResult:
        yield Choices(
            *(Option(self._row(command)) for command in self._commands),
            markup=False,
            compact=True,
        )
        yield Static("", id="menu-says", classes="dialog-text", markup=False)
        yield keys_line(("enter", _("Lettre, chiffre ou Entrée choisir")), ("escape", _("Échap fermer")))

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
        chosen = self._by_key.get((event.character or "").lower())
        if chosen is None:
            return
        event.stop()
        if chosen.letter:
            self.unless_scanned(partial(self._choose, chosen))
        else:
            self._choose(chosen)

    def _choose(self, command: Command) -> None:
        self.dismiss(command)

    @on(OptionList.OptionHighlighted)
    def moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.query_one("#menu-says", Static).update(_(self._commands[event.option_index].says))

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._commands[event.option_index])

    def _row(self, command: Command) -> Content:
        chosen_by = next((key for key, each in self._by_key.items() if each is command), NO_DIGIT)
        keys = self.app.get_key_display(Binding(command.keys.split(",")[0], command.action))
        return Content.assemble(
            f"{chosen_by.upper()}  {_(command.label):<40}", (keys if command.keys else "", "dim")
        )
