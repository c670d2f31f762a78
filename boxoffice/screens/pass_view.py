"""A pass as its cockpit shows it: the holder, the places, the bookings and the screening to book."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from textual import on
from textual.app import ComposeResult

from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.sales.holders.cockpit import Cockpit

from .dialogs import Dialog
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
from .widgets.pass_panel import PassPanel, PassSheet

if TYPE_CHECKING:
    from boxoffice.house import House

TICK_SECONDS = 1.0
OFFERED = 3


class PassView(Dialog[UUID | None]):
    """What a pass holds, each countdown going on. Its state is the pass, what is around it, and a row."""

    DEFAULT_CSS = """
    PassView {
        #pass { width: 84; max-width: 96%; height: 100%; max-height: 96%; }
        &.-wide #pass { margin-right: 36; }
    }
    """

    def __init__(self, house: "House", held: Cockpit, around: Around) -> None:
        super().__init__()
        self.house, self.held, self.around = house, held, around
        self.outings = outings(held)
        self.ended_shown = False
        self._said, self._is_done = "", False
        self._place = self._first_place()
        self._panel = PassPanel(self._sheet)

    def compose(self) -> ComposeResult:
        self._stand_beside_basket(self.app.size.width)
        yield self._panel

    def on_mount(self) -> None:
        self.set_interval(TICK_SECONDS, self._panel.repaint)

    def nothing(self) -> None:
        return None

    # -- what is shown

    def show_pass(self, held: Cockpit, around: Around, *, stand_on: int | None = None) -> None:
        """Show the pass as it has become, on the same row, or on that of the screening `stand_on`."""
        stood = self.chosen_outing
        self.held, self.around = held, around
        self.show_rows(stood, stand_on=stand_on)

    def show_rows(self, stood: Outing | None, *, stand_on: int | None = None) -> None:
        """Show the bookings, on the row that `stood` before if it still does."""
        self.outings = outings(self.held, ended=self.ended_shown)
        wanted = stand_on or (stood.first.screening_id if stood else None)
        place = self._place_of(wanted)
        if stood is None and place is None:
            place = self._first_place()
        self.stand_on(self._place if place is None else place)

    def stand_on(self, place: int) -> None:
        """Choose the booking in this place, or the nearest there is."""
        self._place = min(max(place, 0), max(len(self.outings) - 1, 0))
        self._panel.repaint()

    def say_wrong(self, what: str | Refusal = "") -> None:
        self._say(str(what), is_done=False)

    def say_done(self, what: str) -> None:
        self._say(what, is_done=True)

    def _say(self, what: str, *, is_done: bool) -> None:
        self._said, self._is_done = what, is_done
        self._panel.repaint()

    @on(PassPanel.Moved)
    def moved(self, event: PassPanel.Moved) -> None:
        event.stop()
        self.stand_on(self._place + event.by if event.place is None else event.place)

    @property
    def chosen_outing(self) -> Outing | None:
        return self.outings[self._place] if self._place < len(self.outings) else None

    @property
    def showing(self) -> Showing | None:
        """What this pass may have of the screening chosen at the counter."""
        return self.around.showing(self.held, self._now)

    def others(self) -> tuple[Showing, ...]:
        """Where else the film of the chosen screening can be seen, when it cannot be booked."""
        row = self.around.chosen
        if row is None or self.held.obstacle or not reason_words(self.held, self.showing):
            return ()
        return self.other_showings(row.event_id, but=row.id)[:OFFERED]

    def other_showings(self, event_id: int, *, but: int) -> tuple[Showing, ...]:
        return tuple(self.around.others(event_id, self.held, self._now, but=but))

    @property
    def _now(self) -> datetime:
        return self.house.clock.now()

    def _place_of(self, screening_id: int | None) -> int | None:
        """The place of the booking of a screening, the one that stands first."""
        places = (place for place, each in enumerate(self.outings) if each.first.screening_id == screening_id)
        return next(places, None)

    def _first_place(self) -> int:
        """The place of the booking of the chosen screening, else of the next one."""
        chosen = self.around.chosen
        place = None if chosen is None else self._place_of(chosen.id)
        if place is not None:
            return place
        coming = (place for place, outing in enumerate(self.outings) if not outing.is_past(self._now))
        return next(coming, 0)

    def _sheet(self, width: int) -> PassSheet:
        held, now, outing = self.held, self._now, self.chosen_outing
        name = held.holder or held.organisation or _("Titulaire inconnu")
        facts = (_("n° {number}").format(number=held.number), held.organisation, validity_words(held))
        chosen, hindered = self._chosen_words()
        rows = tuple(outing_row(each, now, width) for each in self.outings)
        return PassSheet(
            title=f"{name} · {held.label}",
            facts=" · ".join(filter(None, facts)),
            places=places_words(held, now),
            chosen=chosen,
            hindered=hindered,
            rows=rows or (((_("Aucune réservation."), "muted"),),),
            stands_on=self._place if rows else -1,
            detail="" if outing is None else outing_detail(outing, now),
            said=self._said,
            is_done=self._is_done,
            keys=_keys(),
        )

    def _chosen_words(self) -> tuple[tuple[str, ...], bool]:
        """What is said of the screening that Enter books, or of where else the film can be seen."""
        showing = self.showing
        if (reason := reason_words(self.held, showing)) or showing is None:
            others = enumerate(self.others(), start=1)
            return (reason, *(f"{digit}  {showing_words(other)}" for digit, other in others)), True
        row = showing.row
        booking = _("Entrée réserve : {what}").format(what=showing_words(showing))
        clash = self.held.clash_with(row.id, row.starts_at, row.ends_at, row.venue_id)
        return ((booking,), False) if clash is None else ((booking, clash_words(clash)), True)


def _keys() -> tuple[tuple[str, str], ...]:
    return (
        ("enter", _("Entrée réserver")),
        ("delete", _("Suppr annuler")),
        ("e", _("E échanger")),
        ("a", _("A supplément")),
        ("b", _("B badge")),
        ("l", _("L liste")),
        ("h", _("H annulées")),
        ("f3", _("F3 fiche")),
        ("g", _("G bloquer, remplacer")),
        ("escape", _("Échap")),
    )
