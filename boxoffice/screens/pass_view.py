"""A pass as its cockpit shows it: the holder, the places, the bookings and the screening to book."""

from typing import TYPE_CHECKING
from uuid import UUID

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.language import _
from boxoffice.sales.holders.cockpit import Cockpit

from .dialogs import Dialog, keys_line
from .pass_showings import Around, Showing
from .pass_words import (
    Outing,
    clash_words,
    outing_detail,
    outing_row,
    outings,
    places_words,
    reason_words,
    showing_words,
    validity_words,
)
from .rows import Rows

if TYPE_CHECKING:
    from boxoffice.house import House

TICK_SECONDS = 1.0
OFFERED = 3
BOX, AROUND_ROWS = 84, 10
"""Columns of the box, and those that its edges, its margins and a scroll bar take from a row."""


class PassView(Dialog[UUID | None]):
    """What a pass holds, each countdown going on; it says what there is, and does nothing."""

    DEFAULT_CSS = """
    PassView {
        .dialog { width: 84; height: 100%; padding: 0 2; }
        #pass-holder { text-style: bold; height: auto; }
        #pass-facts { height: auto; color: $text-muted; }
        #pass-places { height: 1; }
        #pass-chosen {
            height: auto; margin-top: 1; padding: 0 1; border-left: thick $primary;
            &.-closed { border-left: thick $warning; color: $text-warning; }
        }
        Rows { height: 1fr; margin-top: 1; scrollbar-size-vertical: 1; }
        Rows > .option-list--option-highlighted {
            background: $primary 30%; color: $foreground; text-style: bold;
        }
        #pass-detail { height: auto; min-height: 1; color: $text-accent; }
        .dialog-wrong { margin-top: 0; }
        .dialog-keys { margin-top: 0; }
    }
    """

    def __init__(self, house: "House", shown: Cockpit, around: Around) -> None:
        super().__init__()
        self._house, self._around = house, around
        self._pass = shown
        self._outings = outings(shown)
        self._ended_shown = False
        self._rows_shown_in = 0

    def compose_question(self) -> ComposeResult:
        yield Static("", id="pass-holder", markup=False)
        yield Static("", id="pass-facts", markup=False)
        yield Static("", id="pass-places", markup=False)
        yield Static("", id="pass-chosen", markup=False)
        rows = Rows(markup=False, compact=True)
        rows.can_focus = False
        yield rows
        yield Static("", id="pass-detail", markup=False)
        yield from self.foot(
            ("enter", _("Entrée réserver")),
            ("delete", _("Suppr annuler")),
            ("e", _("E échanger")),
            ("a", _("A supplément")),
            ("b", _("B badge")),
        )
        yield keys_line(
            ("l", _("L liste")),
            ("h", _("H annulées")),
            ("f3", _("F3 fiche")),
            ("g", _("G bloquer, remplacer")),
            ("escape", _("Échap")),
        )

    def on_mount(self) -> None:
        self._show_pass()
        self._stand_on(self._first_to_show())
        self.set_interval(TICK_SECONDS, self._tick)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        if self._room != self._rows_shown_in:
            self._show_rows()

    def nothing(self) -> None:
        return None

    # -- what is shown

    def _show_pass(self) -> None:
        shown = self._pass
        name = shown.holder or shown.organisation or _("Titulaire inconnu")
        self.query_one("#pass-holder", Static).update(f"{name} · {shown.label}")
        facts = (_("n° {number}").format(number=shown.number), shown.organisation, validity_words(shown))
        self.query_one("#pass-facts", Static).update(" · ".join(filter(None, facts)))
        self.query_one("#pass-places", Static).update(places_words(shown, self._house.clock.now()))
        self._show_chosen()
        self._show_rows()

    def _show_chosen(self) -> None:
        """The screening that Enter books, and what it clashes with; or where else the film can be seen."""
        showing = self._showing
        reason = reason_words(self._pass, showing)
        shown = self.query_one("#pass-chosen", Static)
        if not reason and showing is not None:
            row = showing.row
            clash = self._pass.clash_with(row.starts_at, row.ends_at, row.venue_id)
            booking = _("Entrée réserve : {what}").format(what=showing_words(showing))
            lines = [booking] if clash is None else [booking, clash_words(clash)]
            shown.set_class(clash is not None, "-closed")
        else:
            others = enumerate(self._others(), start=1)
            lines = [reason, *(f"{digit}  {showing_words(other)}" for digit, other in others)]
            shown.set_class(True, "-closed")
        shown.update("\n".join(lines))

    def _show_rows(self) -> None:
        now = self._house.clock.now()
        rows = self.query_one(Rows)
        stood = rows.highlighted
        self._rows_shown_in = self._room
        with self.prevent(OptionList.OptionHighlighted):
            if self._outings:
                rows.set_options([Option(outing_row(outing, now, self._room)) for outing in self._outings])
                rows.highlighted = min(stood or 0, len(self._outings) - 1)
            else:
                rows.set_options([Option(Content(_("Aucune réservation.")), disabled=True)])
        self._show_detail()

    def _show_detail(self) -> None:
        outing = self._chosen_outing
        words = "" if outing is None else outing_detail(outing, self._house.clock.now())
        self.query_one("#pass-detail", Static).update(words)

    def _tick(self) -> None:
        """Each countdown goes on, and seats are sold elsewhere."""
        now = self._house.clock.now()
        rows = self.query_one(Rows)
        for place, outing in enumerate(self._outings):
            rows.replace_option_prompt_at_index(place, outing_row(outing, now, self._room))
        self._show_chosen()

    def _first_to_show(self) -> int:
        """The place of the booking of the chosen screening, else of the next one."""
        chosen = self._around.chosen
        for place, outing in enumerate(self._outings):
            if chosen is not None and outing.first.screening_id == chosen.id:
                return place
        return self._next_outing()

    def _next_outing(self) -> int:
        """The place of the first booking to come."""
        now = self._house.clock.now()
        return next((place for place, outing in enumerate(self._outings) if not outing.is_past(now)), 0)

    def _stand_on(self, place: int) -> None:
        if self._outings:
            self.query_one(Rows).highlighted = min(max(place, 0), len(self._outings) - 1)
            self._show_detail()

    @property
    def _room(self) -> int:
        """The columns of a row: those of the box, its edges and a scroll bar left out."""
        return max(min(BOX, self.app.size.width * 96 // 100) - AROUND_ROWS, 40)

    @property
    def _chosen_outing(self) -> Outing | None:
        place = self.query_one(Rows).highlighted
        return self._outings[place] if place is not None and place < len(self._outings) else None

    @property
    def _showing(self) -> Showing | None:
        return self._around.showing(self._pass, self._house.clock.now())

    def _others(self) -> tuple[Showing, ...]:
        """Where else the film of the chosen screening can be seen, when it cannot be booked."""
        row = self._around.chosen
        if row is None or self._pass.obstacle or not reason_words(self._pass, self._showing):
            return ()
        booked = {seat.screening_id for seat in self._pass.standing}
        found = self._other_showings(row.event_id, but=row.id)
        return tuple(showing for showing in found if showing.row.id not in booked)[:OFFERED]

    def _other_showings(self, event_id: int, *, but: int) -> tuple[Showing, ...]:
        return tuple(self._around.others(event_id, self._pass, self._house.clock.now(), but=but))

    @on(OptionList.OptionHighlighted)
    def moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._show_detail()
