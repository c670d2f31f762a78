"""The cockpit of a pass: one scan shows its places and its bookings, one key books, cancels or exchanges."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID, uuid4

from textual import events
from textual.binding import Binding, BindingType
from textual.screen import Screen

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.language import _, later, spoken
from boxoffice.sales.holders.bookings import CancelBookings, SwapBooking
from boxoffice.sales.holders.cockpit import Cockpit
from boxoffice.sales.people.customer_record import tell_opened
from boxoffice.sales.screenings.programme import ScreeningRow
from boxoffice.sales.staff.desk import Desk

from . import errands
from .asking import AskQuantity
from .choosing import Choose, Thing
from .dialogs import Confirm, leave_scanned
from .extras import Extras
from .pass_caring import PassCare
from .pass_desk import Looked, PassDesk, look_at
from .pass_printing import PassPrinter
from .pass_showings import Around
from .pass_view import PassView
from .pass_words import Outing, left_words, outing_detail, reason_words, where_words

if TYPE_CHECKING:
    from boxoffice.house import House


class CockpitScreen(PassView):
    """A pass, its places and its bookings; the answer is the holder whose card is wanted, if it is.

    What is done is done at once, and shown.
    """

    HELP = later(
        "Entrée réserve la séance choisie au guichet. Sur une réservation : Suppr l'annule, E l'échange "
        "contre une autre séance du film, A vend un supplément à l'accompagnant. G bloque un pass perdu, le "
        "remplace ou le change de titulaire. Jusqu'à 24 h avant, le titulaire change d'avis librement. "
        "Ensuite, il faut un responsable."
    )
    OPENED_BY_SCANS = True
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
        Binding(
            "h",
            "history",
            later("Historique"),
            id="pass.history",
            tooltip=later("Montre ou cache les réservations annulées ou échangées"),
        ),
        Binding(
            "f3,ctrl+n",
            "holder",
            later("Fiche"),
            id="pass.holder",
            tooltip=later("Ouvre la fiche du titulaire"),
        ),
        Binding(
            "g",
            "care",
            later("Gérer"),
            id="pass.care",
            tooltip=later("Bloque, remplace ou change de titulaire"),
        ),
        Binding("up", "move(-1)", later("Monter"), id="pass.up", tooltip=later("La réservation au-dessus")),
        Binding(
            "down", "move(1)", later("Descendre"), id="pass.down", tooltip=later("La réservation en dessous")
        ),
    ]

    def __init__(self, house: "House", desk: Desk, held: Cockpit, around: Around, extras: Extras) -> None:
        """`extras` takes the extra ticket of a companion into the basket."""
        super().__init__(house, held, around)
        self._extras = extras
        self._printer = PassPrinter(self, house, desk, self.say_done, self.say_wrong)
        self._bookings = PassDesk(self, house, desk, extras.follow)
        self._care = PassCare(self, house, desk, self._bookings, self._printer, self.say_wrong)

    def changed_elsewhere(self) -> None:
        self._bookings.look()

    # -- keys

    def key_typed(self, event: events.Key) -> None:
        if event.character and event.character in "123":
            event.stop()
            others = self.others()
            if int(event.character) <= len(others):
                self._book(others[int(event.character) - 1].row)

    def action_move(self, by: int) -> None:
        self.stand_on(self._place + by)

    def action_book(self) -> None:
        showing = self.showing
        if showing is not None and not reason_words(self.held, showing):
            self._book(showing.row)
        elif showing is not None and showing.refused is not None and not self.held.obstacle:
            self.say_wrong(showing.refused)
        else:
            self.say_wrong(reason_words(self.held, showing))

    def _standing_outing(self) -> Outing | None:
        """The chosen booking, unless it has ended, which is said."""
        outing = self.chosen_outing
        if outing is not None and outing.ended is not None:
            self.say_wrong(outing_detail(outing, self.house.clock.now()))
            return None
        return outing

    def action_cancel(self) -> None:
        outing = self._standing_outing()
        if outing is None:
            return
        what = self._what(outing)

        def cancel(count: int | None) -> None:
            if count:
                self._bookings.cancel(CancelBookings(tuple(seat.id for seat in outing.seats[-count:])))

        if len(outing.seats) > 1:
            question = _("{what} : combien de places rendre ?").format(what=what)
            most = len(outing.seats)
            self.app.push_screen(AskQuantity(question, most, least=1, most=most), cancel)
        else:
            detail = _("La place est rendue au pass et remise en vente.")
            self.app.push_screen(
                Confirm(_("Annuler {what} ?").format(what=what), detail), lambda yes: cancel(1 if yes else 0)
            )

    def action_swap(self) -> None:
        if self.held.obstacle:
            self.say_wrong(Refusal(self.held.obstacle))
            return
        outing = self._standing_outing()
        if outing is None:
            return
        others = list(self.other_showings(outing.first.event_id, but=outing.first.screening_id))
        chosen = self.showing
        if (
            chosen is not None
            and chosen.is_open
            and all(other.row.id != chosen.row.id for other in others)
            and chosen.row.id != outing.first.screening_id
        ):
            others.append(chosen)
        if not others:
            self.say_wrong(
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
        things = [
            Thing(f"{where_words(other)} · {other.row.event_title}", end=left_words(other))
            for other in others
        ]
        self.app.push_screen(Choose(title, things), swap)

    def action_companion(self) -> None:
        """Offer the extra ticket at the booking chosen, or at the only one there is."""
        outing = self.chosen_outing
        stands = outing is not None and outing.ended is None
        line = self.around.companion_line(outing.first.screening_id, self.held) if outing and stands else None
        if outing is None or line is None:
            self.say_wrong(
                Refusal(
                    _("Ce pass n'ouvre pas de supplément ici."),
                    _("Réservez d'abord la place du titulaire, ou vendez un billet."),
                )
            )
            return
        said = _("Au panier : {label}, {what}.").format(label=line.tariff_label, what=self._what(outing))
        self._extras.put(self, line, lambda: self.say_done(said), self.say_wrong)

    def action_badge(self) -> None:
        self._printer.print_badge(self.held.pass_id, self.held.holder or self.held.organisation)

    def action_list(self) -> None:
        self.unless_scanned(lambda: self._printer.print_bookings(self.held.pass_id))

    def action_history(self) -> None:
        stood = self.chosen_outing
        self.ended_shown = not self.ended_shown
        self.show_rows(stood)

    def action_holder(self) -> None:
        self.dismiss(self.held.holder_id)

    def action_care(self) -> None:
        self._care.offer(self.held)

    def _what(self, outing: Outing) -> str:
        seat = outing.first
        when = say(seat.starts_at, _("EEE d 'à' H 'h' mm"), spoken())
        return _("{title} du {when}").format(title=seat.event_title, when=when)

    def _book(self, row: ScreeningRow) -> None:
        """Book one seat; a pass that gives several at a screening is asked how many."""
        per_screening = self.held.places_per_screening
        if per_screening == 1 or (self.held.left or 2) == 1:
            self._bookings.book(row.id, 1)
            return

        def book(count: int | None) -> None:
            if count:
                self._bookings.book(row.id, count)
            elif count == 0:
                self.say_wrong(Refusal(_("Aucune place n'est réservée.")))

        question = _("{title} : combien de places ?").format(title=row.event_title)
        most = min(filter(None, (per_screening, self.held.left, 999)))
        self.app.push_screen(AskQuantity(question, 1, least=1, most=most), book)


def open_pass(
    screen: Screen[Any],
    house: "House",
    desk: Desk,
    text: str,
    around: Around,
    extras: Extras,
    ask_holder: Callable[[UUID], None],
    refused: Callable[[Refusal], None],
) -> None:
    """Open the cockpit of a pass, by its scanned code or its number, in place of the one that is open.

    The journal tells whose it is that was looked at. `ask_holder` opens the card of its holder.
    """

    def show(looked: Looked) -> None:
        held, now_around = looked
        leave_scanned(screen)
        opened = CockpitScreen(house, desk, held, now_around, extras)
        screen.app.push_screen(opened, answered)
        opened.call_after_refresh(tell, held)

    def tell(held: Cockpit) -> None:
        """Once it is painted, which waits for no disk; what cannot be told does not stay in sight."""

        def work() -> None:
            with house.database.write() as session:
                tell_opened(session, held.holder_id, desk, clock=house.clock)

        errands.send(screen, work, lambda _told: None, untold)

    def untold(refusal: Refusal) -> None:
        leave_scanned(screen)
        refused(refusal)

    def answered(holder_id: UUID | None) -> None:
        if holder_id is not None:
            ask_holder(holder_id)

    errands.send(screen, lambda: look_at(house, text, around, anew=False), show, refused)
