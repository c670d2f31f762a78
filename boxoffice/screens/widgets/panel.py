"""A framed panel drawn line by line: what the day-long widgets are made of."""

from collections.abc import Iterable
from functools import lru_cache
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.renderables.digits import Digits
from textual.strip import Strip
from textual.widget import Widget

from ..enduring import Enduring
from ..room import BETWEEN_WORDS

Piece = tuple[str, Style]
SHORTEST_HEAD = 6
"""A text and the look it has on top of the panel's own."""


class Panel(Enduring, Widget, can_focus=False):
    """A frame with a title in its upper edge. Texts are data and never markup.

    A subclass gives its lines in `body`; `look` names one of the component classes below, and a piece whose
    look was made by `target` tells a mouse what it stands for. After a change, `repaint` shows what differs.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"panel--{name}"
        for name in (
            "frame",
            "title",
            "muted",
            "strong",
            "key",
            "good",
            "warning",
            "alarm",
            "chosen",
            "chosen-dim",
            "banner",
            "button",
        )
    }
    FRAME_TOP: ClassVar[str] = "╭╮"
    FRAME_BOTTOM: ClassVar[str] = "╰╯"

    def __init__(self, identity: str) -> None:
        super().__init__(id=identity)
        self._base: Style | None = None
        self._looks: dict[str, Style] = {}
        self._drawn: list[Strip] = []
        self._extent = Size(0, 0)

    def body(self, y: int) -> list[Piece]:
        """The pieces of line `y` inside of the frame, from the left."""
        raise NotImplementedError

    def title(self) -> list[Piece]:
        """What stands in the upper edge."""
        return []

    def keys_now(self) -> list[tuple[str, str]]:
        """The keys that only work while it is shown, and what each does, for the help."""
        return []

    @property
    def body_width(self) -> int:
        return max(self._extent.width - 2, 0)

    @property
    def body_height(self) -> int:
        return max(self._extent.height - 1 - bool(self.FRAME_BOTTOM), 0)

    def look(self, name: str) -> Style:
        """The look of a component, to be laid over the panel's own."""
        if name not in self._looks:
            self._looks[name] = self.get_component_rich_style(f"panel--{name}", partial=True)
        return self._looks[name]

    def repaint(self) -> None:
        """Draw every line again, and show those that have changed."""
        self._extent = self.size
        drawn = [self.line(y) for y in range(self._extent.height)]
        before, self._drawn = self._drawn, drawn
        if len(before) != len(drawn):
            self.refresh()
            return
        changed = [y for y, strip in enumerate(drawn) if strip != before[y]]
        if changed:
            self.refresh(*(Region(0, y, self._extent.width, 1) for y in changed))

    def forget_drawn(self) -> None:
        """Draw everything anew: the size, the theme or the time is no longer what it was."""
        self._base = None
        self._looks.clear()
        self._drawn = []
        self._extent = self.size
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.forget_drawn()

    def on_resize(self) -> None:
        self.forget_drawn()

    def render_line(self, y: int) -> Strip:
        if self._extent != self.size or not self._drawn:
            self._extent = self.size
            self._drawn = [self.line(each) for each in range(self._extent.height)]
        return self._drawn[y] if y < len(self._drawn) else Strip.blank(self._extent.width)

    def line(self, y: int) -> Strip:
        """One line of the panel, frame included."""
        frame = self.look("frame")
        if y == 0:
            return self.draw(self._edge(self.FRAME_TOP, self.title()))
        if y > self.body_height:
            return self.draw(self._edge(self.FRAME_BOTTOM, []) if y == self._extent.height - 1 else [])
        return self.draw([("│", frame), *fill(self.body(y - 1), self.body_width), ("│", frame)])

    def draw(self, pieces: Iterable[Piece]) -> Strip:
        """The pieces as a line as wide as the panel."""
        if self._base is None:
            self._base = self.rich_style
        base = self._base
        strip = Strip([Segment(text, base + style) for text, style in pieces if text])
        return strip.adjust_cell_length(self._extent.width, base)

    def _edge(self, corners: str, title: list[Piece]) -> list[Piece]:
        frame = self.look("frame")
        if not self._extent.width or not corners:
            return []
        title = [("─ ", frame), *cut(title, self.body_width - 4), (" ", frame)] if title else []
        rest = self.body_width - width_of(title)
        return [(corners[0], frame), *title, ("─" * rest, frame), (corners[1], frame)]


@lru_cache(maxsize=1024)
def target(name: str) -> Style:
    """A look that tells the mouse what it is over: `tariff.3`."""
    return Style.from_meta({"target": name})


def target_of(event: events.Click | events.MouseMove) -> str:
    """What the mouse is over, or nothing."""
    return str(event.style.meta.get("target", ""))


def fit(text: str, width: int) -> str:
    """The text in exactly `width` cells, cut with an ellipsis or filled with blanks."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text + " " * (width - cell_len(text))
    return set_cell_size(text, width - 1) + "…"


def fit_ends(text: str, width: int) -> str:
    """The text in exactly `width` cells, its last word kept, by which two that begin alike are told apart."""
    head, _space, last = text.rpartition(" ")
    room = width - cell_len(last) - 2
    if cell_len(text) <= width or room < SHORTEST_HEAD:
        return fit(text, width)
    return fit(f"{set_cell_size(head, room).rstrip(' ,')}… {last}", width)


def width_of(pieces: Iterable[Piece]) -> int:
    """How many cells the pieces take."""
    return sum(cell_len(text) for text, _style in pieces)


def cut(pieces: Iterable[Piece], width: int) -> list[Piece]:
    """The pieces, shortened from the right to at most `width` cells."""
    kept: list[Piece] = []
    for text, style in pieces:
        size = cell_len(text)
        if size > width:
            kept.append((fit(text, width), style))
            break
        kept.append((text, style))
        width -= size
    return kept


def fill(pieces: list[Piece], width: int) -> list[Piece]:
    """The pieces, cut or filled with blanks to exactly `width` cells."""
    kept = cut(pieces, width)
    return [*kept, (" " * (width - width_of(kept)), Style.null())]


def spread(left: list[Piece], right: list[Piece], width: int) -> list[Piece]:
    """`left` and `right` pushed to the two ends of `width` cells; the left one gives way."""
    space = max(width - width_of(right), 0)
    return [*fill(left, space), *right]


def large(text: str) -> tuple[str, str, str]:
    """The text in figures three lines high."""
    drawn = "".join(
        segment.text for segment in Digits(text).render(Style.null()) if isinstance(segment, Segment)
    )
    first, second, third, *_rest = drawn.split("\n")
    return first, second, third


def wrap(text: str, width: int, most: int) -> list[str]:
    """The text on at most `most` lines of `width` cells, the last one cut where it is too long.

    An amount stays on one line with its currency, and a colon with the word before it, as French has it.
    """
    lines: list[str] = []
    for word in filter(None, BETWEEN_WORDS.split(text.replace("\n", " "))):
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    if len(lines) > most > 0:
        lines = [*lines[: most - 1], fit(" ".join(lines[most - 1 :]), width)]
    return lines[:most]
