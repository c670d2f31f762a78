"""Choosing one of several things: by its digit, by arrows, by mouse; or by typing some of its letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from boxoffice.language import _, later

from .agenda import fold
from .dialogs import Dialog, keys_line
from .rows import Choices

NO_DIGIT = "·"
LABEL, LONGEST_LABEL, ROW = 26, 38, 63
"""The column of names, as wide as the longest one if it is not too wide, and the whole row, in cells."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something to choose: its name, what to know of it, and its key or price at the end of the line."""

    label: str
    about: str = ""
    end: str = ""


class Choose(Dialog[int | None]):
    """A short list of things on their digits; the answer is the place of the one chosen, or None.

    It stands on the thing `at` a place, where that is not the first.
    """

    DEFAULT_CSS = """
    Choose {
        .dialog { width: 74; }
        Choices { height: auto; max-height: 14; }
        Choices > .option-list--option-highlighted, Choices:focus > .option-list--option-highlighted {
            background: $primary 30%; color: $foreground; text-style: bold;
        }
    }
    """

    def __init__(self, title: str, things: Sequence[Thing], *, at: int = 0) -> None:
        super().__init__()
        self.title_text = title
        self._things, self._at = tuple(things), at

    def compose_question(self) -> ComposeResult:
        column = _column(self._things)
        rows = (
            _row(thing, column, str(place) if place < 10 else NO_DIGIT)
            for place, thing in enumerate(self._things, 1)
        )
        yield Choices(*(Option(row) for row in rows), markup=False, compact=True)
        yield keys_line(("enter", _("Chiffre ou Entrée choisir")), ("escape", _("Échap fermer")))

    def on_mount(self) -> None:
        choices = self.query_one(Choices)
        choices.highlighted = self._at if self._things else None
        choices.focus()

    def nothing(self) -> None:
        return None

    def key_typed(self, event: events.Key) -> None:
        if event.character and event.character in "123456789":
            event.stop()
            if int(event.character) <= len(self._things):
                self.dismiss(int(event.character) - 1)

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option_index)


class Search(Dialog[int | None]):
    """A long list of things, narrowed by typing; the answer is the place of the one chosen, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "walk(-1)", later("Monter"), id="search.up", tooltip=later("La ligne au-dessus")),
        Binding(
            "down", "walk(1)", later("Descendre"), id="search.down", tooltip=later("La ligne en dessous")
        ),
    ]
    DEFAULT_CSS = """
    Search {
        .dialog { width: 74; }
        Choices { height: auto; max-height: 14; }
        Choices > .option-list--option-highlighted, Choices:focus > .option-list--option-highlighted {
            background: $primary 30%; color: $foreground; text-style: bold;
        }
    }
    """

    def __init__(self, title: str, things: Sequence[Thing], placeholder: str) -> None:
        super().__init__()
        self.title_text = title
        self._things = tuple(things)
        self._placeholder, self._column = placeholder, _column(things)
        self._searched = [fold(f"{thing.label} {thing.about}") for thing in things]
        self._found = list(range(len(things)))

    def compose_question(self) -> ComposeResult:
        yield Input(placeholder=self._placeholder)
        yield Choices(
            *(Option(_row(thing, self._column)) for thing in self._things), markup=False, compact=True
        )
        yield keys_line(("enter", _("Entrée choisir")), ("escape", _("Échap fermer")))

    def on_mount(self) -> None:
        choices = self.query_one(Choices)
        choices.can_focus = False
        choices.highlighted = 0
        self.query_one(Input).focus()

    def nothing(self) -> None:
        return None

    def action_walk(self, by: int) -> None:
        choices = self.query_one(Choices)
        if choices.option_count:
            choices.highlighted = ((choices.highlighted or 0) + by) % choices.option_count

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        event.stop()
        words = fold(event.value).split()
        self._found = [
            place for place, searched in enumerate(self._searched) if all(word in searched for word in words)
        ]
        choices = self.query_one(Choices)
        choices.clear_options()
        choices.add_options([Option(_row(self._things[place], self._column)) for place in self._found])
        choices.highlighted = 0 if self._found else None

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        event.stop()
        highlighted = self.query_one(Choices).highlighted
        if highlighted is not None:
            self.dismiss(self._found[highlighted])

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._found[event.option_index])


def _cut(text: str, room: int) -> str:
    """The text, ended after a whole word if it is too long for so many cells."""
    if cell_len(text) <= room:
        return text
    begun = set_cell_size(text, room)
    whole, _space, _rest = begun.rpartition(" ")
    return f"{(whole or set_cell_size(text, room - 1)).rstrip(' ,;:')}…"


def _column(things: Sequence[Thing]) -> int:
    """How wide the names are that something is told of beside."""
    widest = max((cell_len(thing.label) for thing in things if thing.about), default=0)
    return min(max(widest, LABEL), LONGEST_LABEL)


def _row(thing: Thing, column: int, digit: str = "") -> Content:
    head = f"{digit} " if digit else ""
    end = f"  {thing.end}" if thing.end else ""
    room = ROW - cell_len(head) - cell_len(end)
    if thing.about:
        label = set_cell_size(_cut(thing.label, column), column)
        about = f"  {_cut(thing.about, max(room - column - 2, 1))}"
    else:
        label, about = _cut(thing.label, room), ""
    padding = " " * max(room - cell_len(label) - cell_len(about), 0)
    return Content.assemble(
        (head, "bold $text-accent"), label, (f"{about}{padding}", "$text-muted"), (end, "bold")
    )
