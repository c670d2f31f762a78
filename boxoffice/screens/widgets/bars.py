"""The two edges of the screen: where one is and how things stand above, what the keys do below."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from boxoffice.language import _

from ..commands import Command
from ..room import at_most
from .panel import Panel, Piece, fill, spread, target, target_of, width_of

WIDE = 100
SPACES = 6
SHORTEST_TILL = 10


@dataclass(frozen=True, slots=True)
class Status:
    """What the upper edge says. `trouble` is shown as such, and stays until it is over.

    `printers_brief` stands for `printers` on a narrow screen. `credit_requests` says how many wait for an
    answer; a click on it opens them.
    """

    festival: str
    till: str
    operator: str
    moment: str
    printers: str = ""
    printers_brief: str = ""
    trouble: str = ""
    credit_requests: str = ""


@dataclass(frozen=True, slots=True)
class KeyLabel:
    """A key and what it does now; `action` is what a click on it asks for.

    Where there is no room, `brief` stands for the label, key by key; then words stand close to their keys;
    then whole keys are left off, those of the highest `rank` first.
    """

    key: str
    label: str
    action: str
    brief: str = ""
    rank: int = 1


class StatusBar(Panel):
    """One line that says where one is, the time, and what is wrong if anything is."""

    class CreditsPressed(Message):
        """The count of the requests for credit notes was clicked."""

    def __init__(self, status: Status) -> None:
        super().__init__("status")
        self.status = status

    def show(self, status: Status) -> None:
        """Say how things stand now."""
        if status != self.status:
            self.status = status
            self.repaint()

    def line(self, _y: int) -> Strip:
        status, muted = self.status, self.look("muted")
        right: list[Piece] = []
        printers = status.printers if self._extent.width >= WIDE else status.printers_brief
        if printers:
            right += [(printers, muted), ("   ", muted)]
        if status.trouble:
            trouble = at_most(status.trouble, self._extent.width // 2)
            right += [(f" {trouble} ", self.look("alarm") + Style(reverse=True)), ("  ", muted)]
        if status.credit_requests:
            right += [(f" {status.credit_requests} ", self.look("key") + target("credits")), ("  ", muted)]
        right += [(f"{status.moment} ", self.look("strong"))]
        said = at_most(f" · {status.operator}", self._extent.width // 4)
        room = max(self._extent.width - width_of(right) - cell_len(said) - SPACES, 0)
        name = at_most(status.festival.upper(), room - min(cell_len(status.till), SHORTEST_TILL))
        till = at_most(status.till, room - cell_len(name))
        left: list[Piece] = [
            (f" {name}   ", self.look("title")),
            (till, muted),
            (said, self.look("strong")),
        ]
        return self.draw(spread(left, right, self._extent.width))

    def on_click(self, event: events.Click) -> None:
        event.stop()
        if target_of(event) == "credits":
            self.post_message(self.CreditsPressed())


class KeyBar(Panel):
    """One line of keys that can also be clicked, none of them cut."""

    class Pressed(Message):
        """A key of the bar was clicked."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, labels: Sequence[KeyLabel]) -> None:
        super().__init__("keys")
        self.labels = tuple(labels)

    def show(self, labels: Sequence[KeyLabel]) -> None:
        """Say what the keys do now."""
        if tuple(labels) != self.labels:
            self.labels = tuple(labels)
            self.repaint()

    def line(self, _y: int) -> Strip:
        pieces: list[Piece] = []
        fit = fitting(self.labels, self._extent.width)
        space = "" if is_close(fit, self._extent.width) else " "
        for place, (number, key, words) in enumerate(fit, start=1):
            over = target(f"key.{number}")
            strong = self.look("strong") + over
            after = " " if place < len(fit) else ""
            pieces += [(f"{space}{key}", self.look("key") + over), (f"{space}{words}{after}", strong)]
        return self.draw(fill(pieces, self._extent.width))

    def on_click(self, event: events.Click) -> None:
        event.stop()
        kind, _dot, number = target_of(event).partition(".")
        if kind == "key":
            self.post_message(self.Pressed(self.labels[int(number)].action))


def label_of(command: Command, key: str) -> KeyLabel:
    """A command as the bar shows it, by the key that it now has."""
    brief = _(command.brief) if command.brief else ""
    return KeyLabel(key, _(command.label), command.action, brief, command.rank)


def fitting(labels: Sequence[KeyLabel], width: int) -> list[tuple[int, str, str]]:
    """The keys that `width` cells have room for, by their places, each with its words."""
    fit = [(number, label.key, label.label) for number, label in enumerate(labels)]
    least_first = sorted(range(len(labels)), key=lambda number: (-labels[number].rank, -number))
    for number in least_first:
        if _cells(fit) <= width:
            return fit
        fit[number] = (number, labels[number].key, labels[number].brief or labels[number].label)
    for number in least_first[:-1]:
        if _cells(fit) <= width or _cells(fit, close=True) <= width:
            return fit
        fit = [key for key in fit if key[0] != number]
    return fit


def is_close(keys: Sequence[tuple[int, str, str]], width: int) -> bool:
    """Whether words have to stand close to their keys, `F3Client`, for all of these to be in sight."""
    return _cells(keys) > width


def _cells(keys: Sequence[tuple[int, str, str]], *, close: bool = False) -> int:
    """How many cells keys take with their words: spaces around both, or one between two words if `close`."""
    between = 1 if close else 3
    return sum(cell_len(key) + cell_len(words) + between for _number, key, words in keys) - 1
