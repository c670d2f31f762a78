"""The basket with its total, always in sight; and, once sold, the change due until the next key."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from rich.style import Style
from textual import events
from textual.message import Message

from boxoffice.clock import in_paris, say
from boxoffice.language import _, plural, spoken
from boxoffice.money import format_amount, format_euros
from boxoffice.sales.basket import (
    Basket,
    GiftCardLine,
    Line,
    PassLine,
    PlaceCardLine,
    ProductLine,
    SeatLine,
    Several,
)

from ..choices import line_note
from .panel import Panel, Piece, fill, fit, fit_ends, large, spread, target, target_of, width_of, wrap

FOOT = 3
NARROW = 32
SHORTEST_TITLE = 4
MOST_DETAIL = 4


def counted(tickets: int, basket: Basket) -> str:
    """How many tickets, passes, cards and articles of a basket, leaving out what there is none of."""
    articles, passes = basket.articles, basket.passes
    counts = []
    if passes:
        counts.append(plural("{count} pass", "{count} pass", passes).format(count=passes))
    if basket.cards:
        counts.append(plural("{count} carte", "{count} cartes", basket.cards).format(count=basket.cards))
    if articles:
        counts.append(plural("{count} article", "{count} articles", articles).format(count=articles))
    if tickets or not counts:
        counts.insert(0, plural("{count} billet", "{count} billets", tickets).format(count=tickets))
    return " · ".join(counts)


@dataclass(frozen=True, slots=True)
class Farewell:
    """What to tell the customer who has just paid; the change is in cents."""

    said: str
    detail: str
    change_cents: int = 0


Returned = tuple[str, str, int]
"""A seat that comes back: its tariff, its event, and what it is worth in cents."""


class BasketPanel(Panel):
    """Two lines for each line of the basket, the chosen one marked, the total below."""

    class Recalled(Message):
        """The baskets that wait were pointed at."""

    class Chosen(Message):
        """A line was pointed at."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__("basket")
        self._now = now
        self.basket = Basket()
        self.chosen: int | None = None
        self.farewell: Farewell | None = None
        self._note = ""
        self._returned: tuple[Returned, ...] = ()
        self._parked = 0

    def note(self, words: str) -> None:
        """Show these words in the foot, beside how much there is."""
        if words != self._note:
            self._note = words
            self.repaint()

    def show_returned(self, returned: tuple[Returned, ...]) -> None:
        """Show the seats that come back, on lines of their own above the others."""
        if returned != self._returned:
            self._returned = returned
            self.repaint()

    def tell_parked(self, count: int) -> None:
        """Say how many baskets wait, at any till."""
        if count != self._parked:
            self._parked = count
            self.repaint()

    def show(self, basket: Basket, chosen: int | None = None, farewell: Farewell | None = None) -> None:
        """Show the basket as it has become."""
        if (basket, chosen, farewell) == (self.basket, self.chosen, self.farewell):
            return
        self.basket, self.chosen, self.farewell = basket, chosen, farewell
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        kind, _dot, index = target_of(event).partition(".")
        if kind == "parked":
            self.post_message(self.Recalled())
        if kind == "line" and int(index) < len(self.basket.lines):
            self.post_message(self.Chosen(int(index)))

    def title(self) -> list[Piece]:
        title = [(_("Panier"), self.look("title"))]
        if self.basket.customer_id is not None and self.farewell is None:
            title += [(" · ", self.look("title")), (self.basket.customer_name, self.look("key"))]
        if self._parked:
            words = _("{count} en attente").format(count=self._parked)
            title += [(" ── ", self.look("frame")), (words, self.look("muted") + target("parked"))]
        return title

    def body(self, y: int) -> list[Piece]:
        if self.farewell is not None:
            return self._farewell(y, self.farewell)
        foot = self.body_height - FOOT
        if y >= foot:
            return self._foot(y - foot)
        if y < len(self._returned):
            return self._returned_line(*self._returned[y])
        y, foot = y - len(self._returned), foot - len(self._returned)
        if not self.basket:
            return [(" " + _("Le panier est vide."), self.look("muted"))] if y == 0 else []
        index, part = divmod(y + 2 * self._first(foot // 2), 2)
        if index >= len(self.basket.lines):
            return []
        line, chosen = self.basket.lines[index], index == self.chosen
        base = self.look("chosen") if chosen else Style.null()
        pieces = self._second(line, base) if part else self._headline(line, base)
        return [(text, base + style + target(f"line.{index}")) for text, style in pieces]

    def _returned_line(self, label: str, title: str, cents: int) -> list[Piece]:
        warning = self.look("warning")
        amount = f" {format_amount(-cents):>8} "
        room = self.body_width - width_of([("−1 ", warning), (amount, warning)])
        return spread(
            [("−1 ", warning), (fit(f"{label} · {title}", room).rstrip(), warning)],
            [(amount, warning)],
            self.body_width,
        )

    def _first(self, room: int) -> int:
        """The line to begin with, so that the chosen one, or else the last, is seen."""
        last = len(self.basket.lines) - 1 if self.chosen is None else self.chosen
        return max(last - room + 1, 0)

    def _headline(self, line: Line, base: Style) -> list[Piece]:
        match line:
            case SeatLine():
                label = line.tariff_label
            case PassLine() | PlaceCardLine() | GiftCardLine():
                beside = 3 + width_of(self._amounts(line, base))
                label = fit_ends(line.label, self.body_width - beside).rstrip()
            case ProductLine():
                label = self._article(line)[0]
        strong = base + Style(bold=True)
        left: list[Piece] = [(f"{line.quantity:>2} ", strong), (label, strong)]
        return spread(left, self._amounts(line, base), self.body_width)

    def _amounts(self, line: Line, base: Style) -> list[Piece]:
        """The unit price, where there is room for it and it says more, and the total of a line."""
        has_room = self.body_width >= NARROW and isinstance(line, Several)
        unit = f" {format_amount(line.price_cents):>5}" if has_room else ""
        return [(unit, base), (f" {format_amount(line.total_cents):>8} ", base + Style(bold=True))]

    def _article(self, line: ProductLine) -> list[str]:
        """The name of an article, on as many as the two lines that it has."""
        beside = 3 + width_of(self._amounts(line, Style.null()))
        return wrap(line.label, self.body_width - beside, 2) or [""]

    def _second(self, line: Line, base: Style) -> list[Piece]:
        muted = base if base else self.look("muted")
        mark = "▶  " if base else "   "
        if isinstance(line, PassLine):
            proof = [(_("à justifier"), base + self.look("warning")), (" ", base)] if line.proof else []
            return spread([(mark, muted), (line.holder.name, muted)], proof, self.body_width)
        if isinstance(line, PlaceCardLine):
            return fill([(mark, muted), (line.surname, muted)], self.body_width)
        if isinstance(line, GiftCardLine):
            return fill([(mark, muted), (line.recipient, muted)], self.body_width)
        if isinstance(line, ProductLine):
            return fill([(mark, muted), (" ".join(self._article(line)[1:]), muted)], self.body_width)
        note, tone = "", muted
        if reason := line_note(line):
            note, tone = reason, base + self.look("alarm")
        elif line.discount_cents:
            note = _("code −{off}").format(off=format_amount(line.discount_cents))
            note = f"{note}, {_('à justifier')}" if line.proof else note
            tone = base + self.look("warning" if line.proof else "good")
        elif line.promo_code_id is not None:
            note, tone = _("code promo"), base + self.look("good")
        elif line.proof:
            note, tone = _("à justifier"), base + self.look("warning")
        elif line.reservation_id is not None:
            note, tone = _("réservée"), base + self.look("good")
        today = in_paris(line.starts_at).date() == in_paris(self._now()).date()
        when = say(line.starts_at, "HH:mm" if today else "EEE HH:mm", spoken())
        room = self.body_width - len(mark) - len(when) - 2 - len(note) - bool(note) - 1
        where = f"{fit(line.event_title, room).rstrip()}  {when}" if room >= SHORTEST_TITLE else when
        return spread([(mark, muted), (where, muted)], [(note, tone), (" ", base)], self.body_width)

    def _foot(self, line: int) -> list[Piece]:
        if line == 0:
            return [("─" * self.body_width, self.look("frame"))]
        if line == 1:
            count = [(f" {counted(self.basket.seats, self.basket)}", self.look("muted"))]
            return spread(count, [(f"{self._note} ", self.look("good"))], self.body_width)
        due = self.basket.total_cents - sum(cents for _label, _title, cents in self._returned)
        total = format_euros(abs(due))
        strong = self.look("strong") + Style(bold=True)
        words = _("TOTAL")
        if self._returned and not self.basket:
            words, total = _("DIFFÉRENCE"), _("à choisir")
        elif self._returned:
            words = _("DIFFÉRENCE À PAYER") if due >= 0 else _("DIFFÉRENCE CRÉDITÉE")
        return spread([(" " + words, strong)], [(f"{total} ", strong)], self.body_width)

    def _farewell(self, y: int, farewell: Farewell) -> list[Piece]:
        good, banner = self.look("good"), self.look("banner")
        rows: list[list[Piece]] = [
            [],
            [(" ✓ ", good), (farewell.said, good + Style(bold=True))],
            *(
                [("   ", good), (line, self.look("muted"))]
                for line in wrap(farewell.detail, self.body_width - 4, MOST_DETAIL)
            ),
            [],
        ]
        if farewell.change_cents:
            figures = large(format_amount(farewell.change_cents))
            blank = fit("", self.body_width)
            rows += [
                [(blank, banner)],
                [(fit(f"  {_('À RENDRE')}", self.body_width), banner)],
                *([(fit(f"  {line}", self.body_width), banner)] for line in figures),
                [(blank, banner)],
            ]
        return rows[y] if y < len(rows) else []
