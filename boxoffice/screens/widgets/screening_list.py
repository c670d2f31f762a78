"""The list of screenings: 600 of them, each keystroke in one frame."""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from boxoffice.language import _, spoken
from boxoffice.sales.screenings.programme import Seats

from ..agenda import Agenda, Listed, say_day
from .panel import Panel, Piece, fit, target, target_of, width_of, wrap

BAR = 10
HALL = 14
PAST_ROWS = 3
WORD = 10
NARROW = 64
MOST_LINES = 3


RowState = tuple[Listed, Seats, bool, bool, bool]
"""What a drawn row depends on besides its screening: seats, chosen, on sale, with its day."""


class ScreeningList(Panel):
    """Shows an agenda from its line `top`; the chosen one is marked by an arrow and by colour."""

    FRAME_BOTTOM: ClassVar[str] = ""

    class Turned(Message):
        """Another day or section was asked for in the title, by this action."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    class Chosen(Message):
        """A screening was pointed at."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, agenda: Agenda, now: Callable[[], datetime]) -> None:
        super().__init__("screenings")
        self.agenda = agenda
        self._now = now
        self.chosen: int | None = None
        self.literal = False
        self._top = 0
        self._rows: dict[int, tuple[RowState, Strip]] = {}

    @property
    def chosen_screening(self) -> Listed | None:
        return None if self.chosen is None else self.agenda.shown[self.chosen]

    def choose(self, index: int) -> None:
        """Mark another screening, scrolling no more than needed."""
        self.chosen = index
        highest, lowest = index - self.body_height + 1, index
        if not self._top - 1 <= index <= self._top + self.body_height:
            self._top = self._top_for(index)
        self._top = max(min(max(self._top, highest), lowest), 0)
        self.repaint()

    def show(self, chosen: int | None) -> None:
        """Show the agenda as it has become."""
        self.chosen = chosen
        self._top = 0 if chosen is None else self._top_for(chosen)
        self.repaint()

    def _top_for(self, index: int) -> int:
        """The line to scroll to after a jump: a few rows before the chosen one stay in sight."""
        lowest = max(len(self.agenda.shown) - self.body_height, 0)
        return min(max(index - min(PAST_ROWS, self.body_height // 4), 0), lowest)

    def on_resize(self) -> None:
        super().on_resize()
        if self.chosen is not None:
            self._top = self._top_for(self.chosen)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        if event.y == 0 and (action := target_of(event)):
            self.post_message(self.Turned(action))
        index = self._top + event.y - 1
        if 0 < event.y <= self.body_height and index < len(self.agenda.shown):
            self.post_message(self.Chosen(index))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._scroll_by(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._scroll_by(-3)

    def _scroll_by(self, lines: int) -> None:
        lowest = max(len(self.agenda.shown) - self.body_height, 0)
        self._top = min(max(self._top + lines, 0), lowest)
        self.repaint()

    def title(self) -> list[Piece]:
        frame, strong, muted = self.look("frame"), self.look("title"), self.look("muted")
        agenda = self.agenda
        pieces: list[Piece] = [(_("Séances"), strong)]
        if agenda.search or self.literal:
            slash = "/" if self.literal else ""
            pieces += [(" ── ", frame), (f"{slash}{agenda.search}▏", self.look("warning"))]
            if agenda.nearly:
                pieces += [(_(" (à une lettre près)"), muted)]
            elif agenda.elsewhere:
                pieces += [(_(" (rien à vendre ce jour-là)"), muted)]
        elif self.body_width >= NARROW:
            pieces += [(" ── ", frame), (_("tapez pour chercher"), muted)]
        section = agenda.section or _("Toutes sections")
        return [
            *pieces,
            (" ── ", frame),
            ("◂ ", strong + target("turn_day(-1)")),
            (f"{agenda.day_title()} ▸", strong + target("turn_day(1)")),
            (" ── ", frame),
            (section, (strong if agenda.section else muted) + target("turn_section(1)")),
        ]

    def forget_drawn(self) -> None:
        self._rows.clear()
        super().forget_drawn()

    def line(self, y: int) -> Strip:
        index = self._top + y - 1
        if y == 0 or index >= len(self.agenda.shown):
            return super().line(y)
        listed = self.agenda.shown[index]
        on_sale = self.agenda.is_on_sale(listed.row, self._now())
        seats = self.agenda.seats[listed.row.id]
        state = (listed, seats, index == self.chosen, on_sale, self.agenda.shows_days)
        kept = self._rows.get(listed.row.id)
        if kept is None or kept[0] != state:
            kept = self._rows[listed.row.id] = (state, super().line(y))
        return kept[1]

    def body(self, y: int) -> list[Piece]:
        index = self._top + y
        if index >= len(self.agenda.shown):
            return self._nothing_found(y)
        return self._row(index, self.agenda.shown[index])

    def _nothing_found(self, y: int) -> list[Piece]:
        if self.agenda.shown or y == 0:
            return []
        if not self.agenda.listed:
            words = _("Le programme est vide. Un responsable l'importe, puis rouvrez la caisse.")
        elif self.agenda.search:
            words = _(
                "Aucune séance ne correspond. ⌫ efface une lettre, Échap toute la recherche, "
                "Entrée l'essaie comme code promo."
            )
        else:
            words = _("Aucune séance ce jour-là. ← → changent de jour, Ctrl+S de section.")
        lines = wrap(words, self.body_width - 4, MOST_LINES)
        return [("  ", Style.null()), (lines[y - 1], self.look("muted"))] if y <= len(lines) else []

    def _row(self, index: int, listed: Listed) -> list[Piece]:
        row, seats = listed.row, self.agenda.seats[listed.row.id]
        on_sale = self.agenda.is_on_sale(row, self._now())
        base, tone, word = self._row_looks(listed, index == self.chosen, on_sale)
        day = f"{say_day(listed.day, 'EEE d', spoken()):<8}" if self.agenda.shows_days else ""
        left: list[Piece] = [("▶" if index == self.chosen else " ", base), (f"{day}{listed.time}  ", base)]
        right: list[Piece] = [(f"{word:>{WORD}}", tone)]
        if self.body_width >= NARROW:
            beyond = max(len(word) - WORD, 0)
            right = [(f"  {fit(row.hall, HALL - beyond)}  ", base), *right, ("  ", base)]
            right += [(_bar(seats.sold, seats.capacity), tone), (" ", base)]
        else:
            right = [(" ", base), *right, (" ", base)]
        space = self.body_width - width_of(left) - width_of(right)
        return [*left, (fit(row.event_title, space), base), *right]

    def _row_looks(self, listed: Listed, chosen: bool, on_sale: bool) -> tuple[Style, Style, str]:
        """How to draw a row, how to draw its seats, and what to say of them."""
        word, tone = self._word(listed, on_sale)
        if chosen:
            base = self.look("chosen" if on_sale else "chosen-dim")
            return base, base, word
        base = self.look("strong" if on_sale else "muted")
        return base, self.look(tone) if tone else base, word

    def _word(self, listed: Listed, on_sale: bool) -> tuple[str, str]:
        """What to say of the seats, and in which tone."""
        seats = self.agenda.seats[listed.row.id]
        if seats.cancelled:
            return _("ANNULÉE"), "alarm"
        if not on_sale:
            return _("terminée"), ""
        if seats.left <= 0:
            kept = sum(seats.kept.values())
            return _("COMPLET") + (f" +{kept}" if kept else ""), "alarm"
        tone = "warning" if seats.left <= _few(seats.capacity) else "good"
        return _("reste {left}").format(left=f"{seats.left:>4}"), tone


def _few(capacity: int) -> int:
    """From how many seats left on to warn: three in the smallest hall, ten in a large one."""
    return min(max(capacity * 15 // 100, 3), 10)


def _bar(sold: int, capacity: int) -> str:
    """How full the hall is, in eighths of a cell; never quite full before it is."""
    if capacity <= 0 or sold >= capacity:
        return "█" * BAR
    whole, eighths = divmod(sold * BAR * 8 // capacity, 8)
    return ("█" * whole + ("▏▎▍▌▋▊▉"[eighths - 1] if eighths else "")).ljust(BAR, "░")
