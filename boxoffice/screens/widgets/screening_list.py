"""The list of screenings: 600 of them, each keystroke in one frame."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from boxoffice.language import _

from ..agenda import Agenda, Listed, say_day
from .panel import Panel, Piece, cut, fit, target, target_of, width_of

FEW_SEATS = 10
BAR = 10
HALL = 14
PAST_ROWS = 3
WORD = 10
NARROW = 64


class ScreeningList(Panel):
    """Shows an agenda from its line `top`; the chosen one is marked by an arrow and by colour."""

    FRAME_BOTTOM: ClassVar[str] = ""

    class Chosen(Message):
        """A screening was pointed at."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, agenda: Agenda, now: Callable[[], datetime]) -> None:
        super().__init__(id="screenings")
        self.agenda = agenda
        self._now = now
        self.chosen: int | None = None
        self.literal = False
        self.active = True
        self._top = 0
        self._strips: dict[tuple[int, bool], Strip] = {}

    @property
    def chosen_screening(self) -> Listed | None:
        return None if self.chosen is None else self.agenda.shown[self.chosen]

    def choose(self, index: int | None) -> None:
        """Mark another screening, scrolling no more than needed."""
        before, self.chosen = self.chosen, index
        top = self._top
        if index is not None and self.body_height:
            top = min(max(top, index - self.body_height + 1), index)
            if top != self._top or not 0 <= index - top < self.body_height:
                top = self._top_for(index, before)
        if top != self._top:
            self._top = top
            self.refresh_body(0, self.body_height - 1)
            return
        for line in {before, index} - {None}:
            assert line is not None
            if 0 <= line - self._top < self.body_height:
                self.refresh_body(line - self._top)

    def _top_for(self, index: int, before: int | None) -> int:
        """The line to scroll to: by one when walking; after a jump, a few rows before it stay in sight."""
        lowest = max(len(self.agenda.shown) - self.body_height, 0)
        if before is not None and abs(index - before) == 1:
            return min(max(self._top, index - self.body_height + 1), index)
        return min(max(index - min(PAST_ROWS, self.body_height // 4), 0), lowest)

    def show(self, chosen: int | None) -> None:
        """Show the agenda as it has become."""
        self._strips.clear()
        self.chosen = chosen
        self._top = 0 if chosen is None else self._top_for(chosen, None)
        self.refresh()

    def refresh_seats(self, changed: Iterable[int]) -> None:
        """Repaint the screenings whose seats have changed."""
        changed = set(changed)
        for key in [key for key in self._strips if key[0] in changed]:
            del self._strips[key]
        for line in range(self.body_height):
            index = self._top + line
            if index < len(self.agenda.shown) and self.agenda.shown[index].row.id in changed:
                self.refresh_body(line)

    def forget_looks(self) -> None:
        """Draw every line anew: time has passed, or the theme has changed."""
        self._strips.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        self._strips.clear()
        super().notify_style_update()

    def on_resize(self) -> None:
        self._strips.clear()
        if self.chosen is not None:
            self._top = self._top_for(self.chosen, None)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        kind, _dot, index = target_of(event).partition(".")
        if kind == "screening" and int(index) < len(self.agenda.shown):
            self.post_message(self.Chosen(int(index)))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._scroll_by(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._scroll_by(-3)

    def _scroll_by(self, lines: int) -> None:
        lowest = max(len(self.agenda.shown) - self.body_height, 0)
        self._top = min(max(self._top + lines, 0), lowest)
        self.refresh_body(0, self.body_height - 1)

    def title(self) -> list[Piece]:
        frame, strong, muted = self.look("frame"), self.look("title"), self.look("muted")
        agenda = self.agenda
        pieces: list[Piece] = [(_("Séances"), strong)]
        if agenda.search or self.literal:
            slash = "/" if self.literal else ""
            pieces += [(" ── ", frame), (f"{slash}{agenda.search}▏", self.look("warning"))]
            if agenda.elsewhere:
                pieces += [(_(" rien ce jour-là, trouvé les autres jours"), muted)]
        else:
            pieces += [(" ── ", frame), (_("tapez pour chercher"), muted)]
        section = agenda.section or _("Toutes sections")
        return [
            *pieces,
            (" ── ", frame),
            (f"◂ {agenda.day_title()} ▸", strong),
            (" ── ", frame),
            (section, strong if agenda.section else muted),
        ]

    def render_line(self, y: int) -> Strip:
        index = self._top + y - 1
        if y == 0 or index >= len(self.agenda.shown):
            return super().render_line(y)
        chosen = index == self.chosen
        key = (self.agenda.shown[index].row.id, chosen)
        if key not in self._strips:
            self._strips[key] = super().render_line(y)
        return self._strips[key]

    def body(self, y: int) -> list[Piece]:
        index = self._top + y
        if index >= len(self.agenda.shown):
            return self._nothing_found(y)
        return self._row(index, self.agenda.shown[index])

    def _nothing_found(self, y: int) -> list[Piece]:
        if self.agenda.shown or y != 1:
            return []
        return [
            ("  ", Style.null()),
            (_("Aucune séance ne correspond. Échap efface la recherche."), self.look("muted")),
        ]

    def _row(self, index: int, listed: Listed) -> list[Piece]:
        row, seats = listed.row, self.agenda.seats[listed.row.id]
        on_sale = self.agenda.is_on_sale(row, self._now())
        base, tone, word = self._looks(listed, index == self.chosen, on_sale)
        day = f"{say_day(listed.day, 'EEE d'):<8}" if self.agenda.shows_days else ""
        left: list[Piece] = [("▶" if index == self.chosen else " ", base), (f"{day}{listed.time}  ", base)]
        right: list[Piece] = [(f"{word:>{WORD}}", tone)]
        if self.body_width >= NARROW:
            right = [(f"  {fit(row.hall, HALL)}  ", base), *right, ("  ", base)]
            right += [(_bar(seats.sold, seats.capacity), tone), (" ", base)]
        else:
            right = [(" ", base), *right]
        space = self.body_width - width_of(left) - width_of(right)
        over = target(f"screening.{index}")
        pieces = cut([*left, (fit(row.event_title, space), base), *right], self.body_width)
        return [(text, style + over) for text, style in pieces]

    def _looks(self, listed: Listed, chosen: bool, on_sale: bool) -> tuple[Style, Style, str]:
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
            return _("COMPLET"), "alarm"
        return _("reste {left}").format(
            left=f"{seats.left:>4}"
        ), "warning" if seats.left <= FEW_SEATS else "good"


def _bar(sold: int, capacity: int) -> str:
    """How full the hall is, in eighths of a cell; never quite full before it is."""
    if capacity <= 0 or sold >= capacity:
        return "█" * BAR
    whole, eighths = divmod(sold * BAR * 8 // capacity, 8)
    return ("█" * whole + (" ▏▎▍▌▋▊▉"[eighths] if eighths else "")).ljust(BAR, "░")
