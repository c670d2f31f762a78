"""The cockpit of a pass: one scan shows its places and its bookings, one key books, cancels or exchanges."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import uuid4

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.language import _, later, spoken
from boxoffice.sales.basket import SeatLine
from boxoffice.sales.bookings import CancelBookings, SwapBooking
from boxoffice.sales.cockpit import Cockpit, read_cockpit
from boxoffice.sales.desk import Desk
from boxoffice.sales.passes import find_pass
from boxoffice.sales.programme import Programme, ScreeningRow, Seats

from . import errands
from .choosing import Choose, Thing
from .dialogs import AskQuantity, Confirm, Dialog, Rows, keys_line
from .pass_desk import PassDesk
from .pass_printing import PassPrinter
from .pass_words import (
    Outing,
    Showing,
    companion_line,
    other_showings,
    outing_detail,
    outing_row,
    outings,
    places_words,
    reason_words,
    showing_of,
    showing_words,
    validity_words,
)

if TYPE_CHECKING:
    from boxoffice.house import House

TICK_SECONDS = 1.0
OFFERED = 3


@dataclass(frozen=True, slots=True)
class Around:
    """What the counter shows under the cockpit: its programme, the seats heard of last, where it stands."""

    programme: Programme
    seats: dict[int, Seats]
    chosen: ScreeningRow | None


class CockpitScreen(Dialog[None]):
    """A pass, its places and its bookings. What is done is done at once, and shown."""

    HELP = later(
        "Entrée réserve la séance choisie au guichet. Sur une réservation : Suppr l'annule, E l'échange "
        "contre une autre séance du film, A vend un supplément à l'accompagnant. B imprime le badge, L la "
        "liste des réservations. Jusqu'à 24 h avant, le titulaire change d'avis librement ; ensuite, il faut "
        "un responsable."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "book",
            later("Réserver"),
            id="pass.book",
            tooltip=later("Réserve la séance choisie au guichet"),
        ),
        Binding(
            "delete,backspace",
            "cancel",
            later("Annuler la réservation"),
            id="pass.cancel",
            tooltip=later("Rend la place au pass et à la séance"),
        ),
        Binding(
            "e",
            "swap",
            later("Échanger"),
            id="pass.swap",
            tooltip=later("Une autre séance à la place de celle-ci, ou rien ne change"),
        ),
        Binding(
            "a",
            "companion",
            later("Accompagnant"),
            id="pass.companion",
            tooltip=later("Met au panier le supplément de l'accompagnant"),
        ),
        Binding(
            "b",
            "badge",
            later("Badge"),
            id="pass.badge",
            tooltip=later("Imprime le badge du pass"),
        ),
        Binding(
            "l",
            "list",
            later("Liste"),
            id="pass.list",
            tooltip=later("Imprime la liste des réservations"),
        ),
        Binding("up", "move(-1)", later("Monter"), id="pass.up", tooltip=later("La réservation au-dessus")),
        Binding(
            "down", "move(1)", later("Descendre"), id="pass.down", tooltip=later("La réservation en dessous")
        ),
    ]
    DEFAULT_CSS = """
    CockpitScreen {
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

    def __init__(
        self, house: "House", desk: Desk, shown: Cockpit, around: Around, put: Callable[[SeatLine], None]
    ) -> None:
        """`put` takes the extra ticket of a companion into the basket."""
        super().__init__()
        self._house, self._desk, self._around, self._put = house, desk, around, put
        self._pass = shown
        self._outings = outings(shown)
        self._printer = PassPrinter(self, house, desk, self._say, self._refuse)
        self._bookings = PassDesk(self, house, desk, shown, self._renew, self._say, self._refuse)

    def compose_question(self) -> ComposeResult:
        yield Static("", id="pass-holder", markup=False)
        yield Static("", id="pass-facts", markup=False)
        yield Static("", id="pass-places", markup=False)
        yield Static("", id="pass-chosen", markup=False)
        rows = Rows(markup=False, compact=True)
        rows.can_focus = False
        yield rows
        yield Static("", id="pass-detail", markup=False)
        yield Static("", classes="dialog-wrong", markup=False)
        yield keys_line(
            ("enter", _("Entrée réserver")),
            ("delete", _("Suppr annuler")),
            ("e", _("E échanger")),
            ("a", _("A accompagnant")),
            ("b", _("B badge")),
            ("l", _("L liste")),
            ("escape", _("Échap")),
        )

    def on_mount(self) -> None:
        self._show_pass()
        self._stand_on(self._next_outing())
        self.set_interval(TICK_SECONDS, self._tick)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self._show_rows)

    def nothing(self) -> None:
        return None

    # -- what is shown

    def _show_pass(self) -> None:
        shown = self._pass
        name = shown.holder or shown.organisation or _("Titulaire inconnu")
        self.query_one("#pass-holder", Static).update(f"{name} · {shown.label}")
        facts = (_("n° {number}").format(number=shown.number), shown.organisation, validity_words(shown))
        self.query_one("#pass-facts", Static).update(" · ".join(filter(None, facts)))
        self.query_one("#pass-places", Static).update(places_words(shown))
        self._show_chosen()
        self._show_rows()

    def _show_chosen(self) -> None:
        """The screening that Enter books; or why not, and where else the film can be seen."""
        showing = self._showing
        reason = reason_words(self._pass, showing)
        shown = self.query_one("#pass-chosen", Static)
        shown.set_class(bool(reason), "-closed")
        if not reason and showing is not None:
            shown.update(_("Entrée réserve : {what}").format(what=showing_words(showing)))
            return
        lines = [reason]
        for digit, other in enumerate(self._others(), start=1):
            lines.append(f"{digit}  {showing_words(other)}")
        shown.update("\n".join(lines))

    def _show_rows(self) -> None:
        now = self._house.clock.now()
        rows = self.query_one(Rows)
        stood = rows.highlighted
        with self.prevent(OptionList.OptionHighlighted):
            if self._outings:
                rows.set_options([Option(outing_row(outing, now, self._width)) for outing in self._outings])
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
            rows.replace_option_prompt_at_index(place, outing_row(outing, now, self._width))
        self._show_chosen()

    def _next_outing(self) -> int:
        """The place of the first booking to come."""
        now = self._house.clock.now()
        return next((place for place, outing in enumerate(self._outings) if not outing.is_past(now)), 0)

    def _stand_on(self, place: int) -> None:
        if self._outings:
            self.query_one(Rows).highlighted = min(max(place, 0), len(self._outings) - 1)
            self._show_detail()

    @property
    def _width(self) -> int:
        """The columns of a row, its edges and a scroll bar left out."""
        return max(self.query_one(Rows).size.width - 3, 40)

    @property
    def _chosen_outing(self) -> Outing | None:
        place = self.query_one(Rows).highlighted
        return self._outings[place] if place is not None and place < len(self._outings) else None

    @property
    def _showing(self) -> Showing | None:
        row = self._around.chosen
        return None if row is None else self._showing_of(row)

    def _showing_of(self, row: ScreeningRow) -> Showing:
        around = self._around
        return showing_of(row, around.programme, around.seats, self._pass, self._house.clock.now())

    def _others(self) -> tuple[Showing, ...]:
        """Where else the film of the chosen screening can be seen, when it cannot be booked."""
        row = self._around.chosen
        if row is None or self._pass.obstacle or not reason_words(self._pass, self._showing):
            return ()
        booked = {seat.screening_id for seat in self._pass.standing}
        found = self._other_showings(row.event_id, but=row.id)
        return tuple(showing for showing in found if showing.row.id not in booked)[:OFFERED]

    def _other_showings(self, event_id: int, *, but: int) -> tuple[Showing, ...]:
        around, now = self._around, self._house.clock.now()
        return tuple(other_showings(event_id, around.programme, around.seats, self._pass, now, but=but))

    # -- keys

    def key_typed(self, event: events.Key) -> None:
        if event.character and event.character in "123":
            event.stop()
            others = self._others()
            if int(event.character) <= len(others):
                self._book(others[int(event.character) - 1].row)

    def action_move(self, by: int) -> None:
        self._stand_on((self.query_one(Rows).highlighted or 0) + by)

    @on(OptionList.OptionHighlighted)
    def moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._show_detail()

    def action_book(self) -> None:
        if self._around.chosen is not None and not reason_words(self._pass, self._showing):
            self._book(self._around.chosen)
        else:
            self._refuse(Refusal(reason_words(self._pass, self._showing)))

    def action_cancel(self) -> None:
        outing = self._chosen_outing
        if outing is None:
            return
        what = self._what(outing)

        def cancel(count: int | None) -> None:
            if count:
                self._bookings.cancel(CancelBookings(tuple(seat.id for seat in outing.seats[-count:])))

        if len(outing.seats) > 1:
            question = _("{what} : combien de places rendre ?").format(what=what)
            most = len(outing.seats)
            self.app.push_screen(AskQuantity(question, most, most=most), cancel)
        else:
            detail = _("La place est rendue au pass et remise en vente.")
            self.app.push_screen(
                Confirm(_("Annuler {what} ?").format(what=what), detail), lambda yes: cancel(1 if yes else 0)
            )

    def action_swap(self) -> None:
        outing = self._chosen_outing
        if outing is None:
            return
        others = list(self._other_showings(outing.first.event_id, but=outing.first.screening_id))
        chosen = self._showing
        if (
            chosen is not None
            and chosen.is_open
            and all(other.row.id != chosen.row.id for other in others)
            and chosen.row.id != outing.first.screening_id
        ):
            others.append(chosen)
        if not others:
            self._refuse(
                Refusal(
                    _("Aucune autre séance de ce film n'a de place."),
                    _("Choisissez une séance au guichet, puis scannez le pass de nouveau."),
                )
            )
            return

        def swap(place: int | None) -> None:
            if place is not None:
                self._bookings.swap(SwapBooking(outing.first.id, uuid4(), others[place].row.id))

        title = _("Échanger {what} contre :").format(what=self._what(outing))
        self.app.push_screen(Choose(title, [Thing(showing_words(other)) for other in others]), swap)

    def action_companion(self) -> None:
        """Offer the extra ticket at the booking chosen, or at the only one there is."""
        outing = self._chosen_outing
        row = None
        if outing is not None:
            rows = self._around.programme.screenings
            row = next((each for each in rows if each.id == outing.first.screening_id), None)
        line = None if row is None else companion_line(row, self._around.programme, self._pass)
        if outing is None or line is None:
            self._refuse(
                Refusal(
                    _("Ce pass n'ouvre pas de supplément ici."),
                    _("Réservez d'abord la place du titulaire, ou vendez un billet."),
                )
            )
            return
        self._put(line)
        self._say(_("Au panier : {label}, {what}.").format(label=line.tariff_label, what=self._what(outing)))

    def action_badge(self) -> None:
        self._printer.print_badge(self._pass.pass_id, self._pass.holder or self._pass.organisation)

    def action_list(self) -> None:
        self._printer.print_bookings(self._pass.pass_id)

    def _what(self, outing: Outing) -> str:
        seat = outing.first
        return _("{title} de {time}").format(
            title=seat.event_title, time=say(seat.starts_at, _("EEE d HH:mm"), spoken())
        )

    def _renew(self, shown: Cockpit, seats: Mapping[int, Seats], stand_on: int | None) -> None:
        """Show the pass as it has become, standing on the screening just booked."""
        self._pass, self._outings = shown, outings(shown)
        self._around.seats.update(seats)
        self._show_pass()
        places = [place for place, each in enumerate(self._outings) if each.first.screening_id == stand_on]
        if places:
            self._stand_on(places[0])

    def _book(self, row: ScreeningRow) -> None:
        """Book one seat; a pass that gives several at a screening is asked how many."""
        per_screening = self._pass.places_per_screening
        if per_screening == 1 or (self._pass.left or 2) == 1:
            self._bookings.book(row.id, 1)
            return

        def book(count: int | None) -> None:
            if count:
                self._bookings.book(row.id, count)

        question = _("{title} : combien de places ?").format(title=row.event_title)
        most = min(filter(None, (per_screening, self._pass.left, 999)))
        self.app.push_screen(AskQuantity(question, 1, most=most), book)

    def _say(self, words: str) -> None:
        self.query_one(".dialog-wrong", Static).update("")
        self.notify(words, markup=False, timeout=4)

    def _refuse(self, refusal: Refusal) -> None:
        self.query_one(".dialog-wrong", Static).update(str(refusal))


def open_pass(
    screen: Screen[Any],
    house: "House",
    desk: Desk,
    text: str,
    around: Around,
    put: Callable[[SeatLine], None],
    refused: Callable[[Refusal], None],
) -> None:
    """Open the cockpit of a pass, by its scanned code or its number."""

    def read() -> Cockpit:
        with house.database.read() as session:
            return read_cockpit(session, find_pass(session, text), house.post.rules)

    def show(shown: Cockpit) -> None:
        screen.app.push_screen(CockpitScreen(house, desk, shown, around, put))

    errands.send(screen, read, show, refused)
