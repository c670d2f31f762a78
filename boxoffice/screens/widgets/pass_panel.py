"""A pass in one frame: its holder and places, the screening that can be booked, the bookings, the keys."""

from collections.abc import Callable
from dataclasses import dataclass

from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from .panel import Panel, Piece, fill, fit, target, target_of, width_of, wrap

MARGIN = 1
ROOMY = 26
"""Lines from which some are left blank."""
MOST_LINES = 2
"""Lines that a sentence takes at most."""
GAP = "   "

Words = tuple[tuple[str, str], ...]
"""Texts, each with the look that it has."""


@dataclass(frozen=True, slots=True)
class PassSheet:
    """What there is to draw of a pass. `stands_on` is the place of the chosen row.

    `chosen` are sentences on the screening to book; `hindered` if it cannot be, or clashes with another.
    """

    title: str
    facts: str
    places: Words
    chosen: tuple[str, ...]
    hindered: bool
    rows: tuple[Words, ...]
    stands_on: int
    detail: str
    said: str
    is_done: bool
    keys: tuple[tuple[str, str], ...]


class PassPanel(Panel):
    """Draws what it is given, for the width that it has; it is told by mouse which row is meant."""

    class Moved(Message):
        """Another row is wanted: the one at `place`, or the one `by` so many lines further."""

        def __init__(self, place: int | None = None, by: int = 0) -> None:
            super().__init__()
            self.place, self.by = place, by

    def __init__(self, sheet: Callable[[int], PassSheet]) -> None:
        """`sheet` gives what is to be drawn, its rows that many cells wide."""
        super().__init__("pass")
        self._sheet = sheet
        self._shown: PassSheet | None = None
        self._lines: list[list[Piece]] = []
        self._top = 0

    def line(self, y: int) -> Strip:
        if y == 0:
            self._shown = self._sheet(self._width - 2)
            self._lines = self._lay_out(self._shown)
        return super().line(y)

    def title(self) -> list[Piece]:
        return [(self._shown.title, self.look("title"))] if self._shown else []

    def body(self, y: int) -> list[Piece]:
        return [(" " * MARGIN, Style.null()), *self._lines[y]] if y < len(self._lines) else []

    def on_click(self, event: events.Click) -> None:
        event.stop()
        kind, _dot, place = target_of(event).partition(".")
        if kind == "row":
            self.post_message(self.Moved(int(place)))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.post_message(self.Moved(by=1))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.post_message(self.Moved(by=-1))

    @property
    def _width(self) -> int:
        return max(self.body_width - 2 * MARGIN, 1)

    def _lay_out(self, sheet: PassSheet) -> list[list[Piece]]:
        blank: list[list[Piece]] = [[]] if self.body_height >= ROOMY else []
        above = [
            *self._sentence(sheet.facts, "muted"),
            [(text, self.look(look)) for text, look in sheet.places],
            *blank,
            *self._chosen(sheet),
        ]
        detail = self._sentence(sheet.detail, "strong") or [[]]
        said = self._sentence(sheet.said, "good" if sheet.is_done else "alarm") or blank
        below = [*detail, *said, *self._keys(sheet.keys)]
        return [*above, *self._rows(sheet, self.body_height - len(above) - len(below)), *below]

    def _sentence(self, text: str, look: str) -> list[list[Piece]]:
        return [[(line, self.look(look))] for line in wrap(text, self._width, MOST_LINES)]

    def _chosen(self, sheet: PassSheet) -> list[list[Piece]]:
        look = self.look("warning" if sheet.hindered else "strong")
        bar: Piece = ("▌ ", self.look("warning" if sheet.hindered else "title"))
        lines = [line for text in sheet.chosen for line in wrap(text, self._width - 2, MOST_LINES)]
        return [[bar, (line, look)] for line in lines]

    def _rows(self, sheet: PassSheet, room: int) -> list[list[Piece]]:
        """As many rows as there is room for, the chosen one among them; above and below, how many more."""
        count = len(sheet.rows)
        edges = 2 if count > room or self.body_height >= ROOMY else 0
        room = max(room - edges, 1)
        self._top = max(min(max(self._top, sheet.stands_on - room + 1), sheet.stands_on, count - room), 0)
        shown = [self._row(sheet, place) for place in range(self._top, min(self._top + room, count))]
        shown += [[] for _line in range(room - len(shown))]
        if not edges:
            return shown
        return [self._more("↑", self._top), *shown, self._more("↓", max(count - self._top - room, 0))]

    def _more(self, arrow: str, count: int) -> list[Piece]:
        return [(f"  {arrow} {count}", self.look("muted"))] if count else []

    def _row(self, sheet: PassSheet, place: int) -> list[Piece]:
        here = target(f"row.{place}")
        is_chosen = place == sheet.stands_on
        mark = "▶ " if is_chosen else "  "
        looks = [
            (text, (self.look("chosen") if is_chosen else self.look(look)) + here)
            for text, look in sheet.rows[place]
        ]
        base = self.look("chosen") + here if is_chosen else here
        return fill([(mark, base), *looks], self._width)

    def _keys(self, keys: tuple[tuple[str, str], ...]) -> list[list[Piece]]:
        """What the keys do, each to be clicked too, on as many lines as they take."""
        lines: list[list[Piece]] = [[]]
        for key, words in keys:
            press = self.look("muted") + Style.from_meta({"@click": f"app.simulate_key({key!r})"})
            if lines[-1] and width_of(lines[-1]) + len(GAP) + width_of([(words, press)]) > self._width:
                lines.append([])
            gap = [(GAP, Style.null())] if lines[-1] else []
            lines[-1] = [*lines[-1], *gap, (words, press)]
        return lines


def columns(*cells: tuple[str, str, int]) -> Words:
    """Texts cut and filled to so many cells each, with their looks."""
    return tuple((fit(text, width), look) for text, look, width in cells)
