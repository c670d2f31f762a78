"""Choosing one of several things: by its digit, by arrows, by mouse; or by typing some of its letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

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

LABEL = 26


@dataclass(frozen=True, slots=True)
class Thing:
    """Something to choose: its name, what to know of it, and its key or price at the end of the line."""

    label: str
    about: str = ""
    end: str = ""


class Choose(Dialog[int | None]):
    """A short list of things on their digits; the answer is the place of the one chosen, or None."""

    DEFAULT_CSS = """
    Choose {
        .dialog { width: 74; }
        Choices { height: auto; max-height: 14; }
        Choices > .option-list--option-highlighted, Choices:focus > .option-list--option-highlighted {
            background: $primary 30%; color: $foreground; text-style: bold;
        }
    }
    """

    def __init__(self, title: str, things: Sequence[Thing]) -> None:
        super().__init__()
        self.title_text = title
        self._things = tuple(things)

    def compose_question(self) -> ComposeResult:
        rows = (_row(thing, str(place) if place < 10 else " ") for place, thing in enumerate(self._things, 1))
        yield Choices(*(Option(row) for row in rows), markup=False, compact=True)
        yield keys_line(("enter", _("Chiffre ou Entrée choisir")), ("escape", _("Échap fermer")))

    def on_mount(self) -> None:
        choices = self.query_one(Choices)
        choices.highlighted = 0 if self._things else None
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
        self._placeholder = placeholder
        self._searched = [fold(f"{thing.label} {thing.about}") for thing in things]
        self._found = list(range(len(things)))

    def compose_question(self) -> ComposeResult:
        yield Input(placeholder=self._placeholder)
        yield Choices(*(Option(_row(thing)) for thing in self._things), markup=False, compact=True)
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
        choices.add_options([Option(_row(self._things[place])) for place in self._found])
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
    """The text, ended after a whole word if it is too long."""
    if len(text) <= room:
        return text
    whole, _space, _rest = text[:room].rpartition(" ")
    return f"{(whole or text[: room - 1]).rstrip(' ,;:')}…"


def _row(thing: Thing, digit: str = "") -> Content:
    head = f"{digit} " if digit else ""
    end = f"  {thing.end}" if thing.end else ""
    room = 63 - len(head) - len(end)
    about = f"  {thing.about}" if thing.about else ""
    label = thing.label.ljust(LABEL) if about else thing.label
    shown = _cut(label + about, room).ljust(room)
    return Content.assemble(
        (head, "bold $text-accent"), shown[: len(label)], (shown[len(label) :], "$text-muted"), (end, "bold")
    )
