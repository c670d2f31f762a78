"""The tariffs of the chosen screening on their digits, and what to ask the customer."""

from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from boxoffice.clock import say
from boxoffice.language import _, spoken
from boxoffice.money import format_amount
from boxoffice.sales.screenings.programme import ScreeningRow

from ..choices import Choice
from ..room import at_most
from .panel import Panel, Piece, fill, spread, target, target_of, width_of, wrap

TALL = 30
TILE = 22
TOUCH_TILE_LINES = 3
EDGES = 4
SHORTEST_TITLE = 10


def title_words(row: ScreeningRow, room: int) -> tuple[str, str]:
    """A screening in so many cells: its title, then when and where it is; the hall is never what is cut.

    Director and version go first, then the day, then the end of the title.
    """
    hour, day = say(row.starts_at, "HH:mm", spoken()), say(row.starts_at, "EEE d", spoken())
    most = (day, hour, row.hall, row.version, row.director)
    about = ""
    for known in (most, most[:-1], most[:-2], (hour, row.hall)):
        about = " · ".join(text for text in known if text)
        if cell_len(f"{row.event_title} · {about}") <= room:
            break
    return at_most(row.event_title, max(room - cell_len(about) - 3, SHORTEST_TITLE)), about


class TariffPanel(Panel):
    """Tiles of tariffs, then lines for the age limit and the proof to ask for.

    Its height is that of the longest price list, so that it never moves; in touch mode a tile is three lines.
    A tariff that a promo code opens has a diamond before its name.
    An advice too long for its lines covers the last tiles, as far as none of them can be chosen.
    """

    FRAME_TOP: ClassVar[str] = "├┤"

    class Chosen(Message):
        """A tariff was pointed at."""

        def __init__(self, tariff_id: int) -> None:
            super().__init__()
            self.tariff_id = tariff_id

    def __init__(self, most_tariffs: int, *, touch: bool) -> None:
        super().__init__("tariffs")
        self._most = most_tariffs
        self._tile_lines = TOUCH_TILE_LINES if touch else 1
        self.screening: ScreeningRow | None = None
        self.choices: tuple[Choice, ...] = ()
        self.advice = ""
        self._covered = 0
        self._tiles: dict[tuple[int, tuple[Choice, ...]], Strip] = {}

    def _lines_of_tiles(self, width: int) -> int:
        return -(-self._most // self._columns(width)) * self._tile_lines

    def _columns(self, width: int) -> int:
        return max(width // (TILE + 2), 1)

    def get_content_height(self, _container: Size, viewport: Size, width: int) -> int:
        return self._lines_of_tiles(width - 2) + (3 if viewport.height >= TALL else 2) + 2

    def show(self, screening: ScreeningRow | None, choices: tuple[Choice, ...]) -> None:
        """Show the tariffs of a screening, as they can be chosen now."""
        if (screening, choices) == (self.screening, self.choices):
            return
        if screening is not self.screening:
            self.advice = ""
        self.screening, self.choices = screening, choices
        self.repaint()

    def advise(self, advice: str) -> None:
        """Tell what to ask the customer for, beside the age limit."""
        if advice != self.advice:
            self.advice = advice
            self.repaint()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        kind, _dot, tariff = target_of(event).partition(".")
        if kind == "tariff":
            self.post_message(self.Chosen(int(tariff)))

    def title(self) -> list[Piece]:
        pieces: list[Piece] = [(_("Tarifs"), self.look("title"))]
        if self.screening is None:
            return pieces
        pieces.append((" ── ", self.look("frame")))
        title, about = title_words(self.screening, self.body_width - EDGES - width_of(pieces))
        return [*pieces, (title, self.look("strong")), (f" · {about}", self.look("muted"))]

    def repaint(self) -> None:
        self._covered = self._lines_to_cover()
        super().repaint()

    def forget_drawn(self) -> None:
        self._tiles.clear()
        super().forget_drawn()
        self._covered = self._lines_to_cover()

    def _lines_to_cover(self) -> int:
        """How many of the last lines of tiles a long advice takes, none of them with a tariff to choose."""
        width = self.body_width
        if not self.advice or width <= 0:
            return 0
        tiles = self._lines_of_tiles(width)
        room = self.body_height - tiles - self._age_lines
        needed = len(wrap(self.advice, width - 2, tiles + room)) - room
        covered = 0
        while covered < min(needed, tiles):
            if not all(choice.obstacle for choice in self._choices_at(tiles - 1 - covered)):
                break
            covered += 1
        return covered

    @property
    def _age_lines(self) -> int:
        """How many lines the age limit takes."""
        return int(self.screening is not None and self.screening.minimum_age > 0)

    def line(self, y: int) -> Strip:
        """One line; those of tiles are kept, for most screenings have the tariffs of their neighbours."""
        if not 0 < y <= self._lines_of_tiles(self.body_width) - self._covered:
            return super().line(y)
        key = ((y - 1) % self._tile_lines, self._choices_at(y - 1))
        if key not in self._tiles:
            self._tiles[key] = super().line(y)
        return self._tiles[key]

    def _choices_at(self, y: int) -> tuple[Choice, ...]:
        """The choices whose tiles line `y` of the body crosses."""
        columns = self._columns(self.body_width)
        first = y // self._tile_lines * columns
        return self.choices[first : first + columns]

    def body(self, y: int) -> list[Piece]:
        under = y - self._lines_of_tiles(self.body_width) + self._covered
        if under >= 0:
            return self._advice(under)
        part = y % self._tile_lines
        width = self.body_width // self._columns(self.body_width) - 1
        pieces: list[Piece] = []
        for choice in self._choices_at(y):
            over = target(f"tariff.{choice.offer.id}")
            tile = fill(self._tile(choice, width, part), width)
            pieces += [(" ", Style.null()), *((text, style + over) for text, style in tile)]
        return pieces

    def _tile(self, choice: Choice, width: int, part: int) -> list[Piece]:
        if self._tile_lines == 1:
            return spread(*self._words(choice), width)
        back = self.look("button")
        if part == 0:
            return [(" " * (width - 1), back)]
        if part == TOUCH_TILE_LINES - 1:
            return [("▀" * (width - 1), Style(color=back.bgcolor))]
        left, right = self._words(choice)
        inside = spread([(" ", back), *left], right, width - 1)
        return [(text, back + style) for text, style in inside]

    def _words(self, choice: Choice) -> tuple[list[Piece], list[Piece]]:
        """The two ends of a tile: digit and name, then the price, or why there is none."""
        offer = choice.offer
        digit = choice.digit or ("␣" if choice.opened_by is not None else "·")
        if choice.obstacle:
            muted = self.look("muted")
            return [(f"{digit} {offer.label}", muted)], [(f" {choice.word}  ", muted + Style(italic=True))]
        strong = self.look("strong")
        if choice.opened_by is not None:
            good = self.look("good") + Style(bold=True)
            return (
                [(digit, self.look("key")), (f" ◆ {offer.label}{'°' if offer.proof else ''}", good)],
                [(f" {format_amount(offer.price_cents)}  ", good)],
            )
        name = f" {offer.label}{'°' if offer.proof else ''}"
        group = f" ≥{offer.minimum_group}" if offer.minimum_group > 1 else ""
        return (
            [(digit, self.look("key")), (name, strong)],
            [(group, self.look("muted")), (f" {format_amount(offer.price_cents)}  ", strong)],
        )

    def _advice(self, line: int) -> list[Piece]:
        room = self.body_height - self._lines_of_tiles(self.body_width) + self._covered
        if self.screening is not None and line < self._age_lines:
            words = _(" Interdit aux moins de {age} ans : demandez l'âge ").format(
                age=self.screening.minimum_age
            )
            return [(" ", Style.null()), (words, self.look("alarm") + Style(reverse=True))]
        lines = wrap(self.advice, self.body_width - 2, room - self._age_lines)
        line -= self._age_lines
        return [(f" {lines[line]}", self.look("warning"))] if line < len(lines) else []
