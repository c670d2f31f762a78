"""The tariffs of the chosen screening on their digits, and what to ask the customer."""

from typing import ClassVar

from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message

from boxoffice.clock import say
from boxoffice.language import _, spoken
from boxoffice.money import format_amount
from boxoffice.sales.programme import ScreeningRow

from ..choices import Choice
from .panel import Panel, Piece, fill, fit, spread, target, target_of

ADVICE_LINES = 2
TILE = 24
TOUCH_TILE_LINES = 3


class TariffPanel(Panel):
    """Tiles of tariffs, then two lines for the age limit and the proof to ask for.

    Its height is that of the longest price list, so that it never moves; in touch mode a tile is three lines.
    """

    FRAME_TOP: ClassVar[str] = "├┤"

    class Chosen(Message):
        """A tariff was pointed at."""

        def __init__(self, tariff_id: int) -> None:
            super().__init__()
            self.tariff_id = tariff_id

    def __init__(self, most_tariffs: int, *, touch: bool) -> None:
        super().__init__(id="tariffs")
        self._most = most_tariffs
        self._tile_lines = TOUCH_TILE_LINES if touch else 1
        self.screening: ScreeningRow | None = None
        self.choices: tuple[Choice, ...] = ()
        self.advice = ""

    @property
    def _columns(self) -> int:
        return max(self.body_width // (TILE + 2), 1)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        columns = max((width - 2) // (TILE + 2), 1)
        return -(-self._most // columns) * self._tile_lines + ADVICE_LINES + 2

    def show(self, screening: ScreeningRow | None, choices: tuple[Choice, ...]) -> None:
        """Show the tariffs of a screening, as they can be chosen now."""
        if (screening, choices) == (self.screening, self.choices):
            return
        if screening is not self.screening:
            self.advice = ""
        self.screening, self.choices = screening, choices
        self.refresh()

    def advise(self, advice: str) -> None:
        """Tell what to ask the customer for, beside the age limit."""
        if advice != self.advice:
            self.advice = advice
            self.refresh_body(self.body_height - ADVICE_LINES, self.body_height - 1)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        kind, _dot, tariff = target_of(event).partition(".")
        if kind == "tariff":
            self.post_message(self.Chosen(int(tariff)))

    def title(self) -> list[Piece]:
        pieces: list[Piece] = [(_("Tarifs"), self.look("title"))]
        if self.screening is None:
            return pieces
        row = self.screening
        when = say(row.starts_at, "EEE d · HH:mm", spoken())
        about = " · ".join(text for text in (when, row.hall, row.version, row.director) if text)
        return [
            *pieces,
            (" ── ", self.look("frame")),
            (row.event_title, self.look("strong")),
            (f" · {about}", self.look("muted")),
        ]

    def body(self, y: int) -> list[Piece]:
        first_advice = self.body_height - ADVICE_LINES
        if y >= first_advice:
            return self._advice(y - first_advice)
        line, part = divmod(y, self._tile_lines)
        width = self.body_width // self._columns
        pieces: list[Piece] = []
        for choice in self.choices[line * self._columns : (line + 1) * self._columns]:
            tile = self._tile(choice, width - 1, part)
            over = target(f"tariff.{choice.offer.id}")
            pieces += [(" ", Style.null()), *((text, style + over) for text, style in fill(tile, width - 1))]
        return pieces

    def _tile(self, choice: Choice, width: int, part: int) -> list[Piece]:
        offer = choice.offer
        price = format_amount(offer.price_cents)
        if choice.obstacle:
            muted = self.look("muted")
            left: list[Piece] = [(f"{choice.digit or '·':>1} ", muted), (offer.label, muted)]
            right: list[Piece] = [(f" {choice.word}  ", muted + Style(italic=True))]
        else:
            proof = "°" if offer.proof else ""
            left = [
                (f"{choice.digit or '·'}", self.look("key")),
                (f" {offer.label}{proof}", self.look("strong")),
            ]
            group = [(_(" dès {minimum}").format(minimum=offer.minimum_group), self.look("muted"))]
            right = [*(group if offer.minimum_group > 1 else []), (f" {price}  ", self.look("strong"))]
        if self._tile_lines == 1:
            return spread(left, right, width)
        back = self.look("button")
        inside: list[Piece] = [("", back), *spread([(" ", back), *left], right, width - 1), ("", back)]
        content = (
            inside if part == 1 else [(" " * (width - 1), back)] if part == 0 else [("▁" * (width - 1), back)]
        )
        return [(text, back + style) for text, style in content]

    def _advice(self, line: int) -> list[Piece]:
        age = ""
        if self.screening is not None and self.screening.minimum_age:
            age = _(" Interdit aux moins de {age} ans : demandez l'âge ").format(
                age=self.screening.minimum_age
            )
        lines = _wrapped(self.advice, self.body_width - 2, ADVICE_LINES - bool(age))
        if age:
            lines = ["", *lines]
        if age and line == 0:
            return [(" ", Style.null()), (age, self.look("alarm") + Style(reverse=True))]
        return [(f" {lines[line]}", self.look("warning"))] if line < len(lines) else []


def _wrapped(text: str, width: int, most: int) -> list[str]:
    """The text on at most `most` lines, the last one cut where it is too long."""
    lines: list[str] = []
    words = text.split(" ")
    while words and width > 0:
        line = words.pop(0)
        while words and len(line) + 1 + len(words[0]) <= width:
            line = f"{line} {words.pop(0)}"
        lines.append(line)
    if len(lines) > most:
        lines = [*lines[: most - 1], fit(" ".join(lines[most - 1 :]), width)]
    return lines
