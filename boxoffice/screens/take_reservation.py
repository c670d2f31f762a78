"""Reserving what is in the basket instead of paying for it: a name, a phone, and a reference to tell."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar
from uuid import uuid4

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static

from boxoffice.clock import in_paris
from boxoffice.errors import Refusal
from boxoffice.language import _, later
from boxoffice.sales.basket import Basket, SeatLine
from boxoffice.sales.people.customer_details import LONGEST_TEXT, CustomerDetails, WrongDetails, read_details
from boxoffice.sales.people.customers import FoundCustomer
from boxoffice.sales.people.doubles import PossibleDoubles
from boxoffice.sales.reserving.reservations import Reserve, Reserved, reserve
from boxoffice.sales.screenings.programme import Programme
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.wording import ONE_LINE

from . import errands
from .customer_form import SamePerson
from .dialogs import Dialog
from .reservation_words import seats_words, wanted_seats

if TYPE_CHECKING:
    from boxoffice.house import House

FIELDS = {
    "surname": later("Nom"),
    "first_name": later("Prénom"),
    "phone": later("Téléphone"),
}


class TakeReservation(Dialog[Reserved | None]):
    """In whose name the seats of the basket are held; None when they are not."""

    HELP = later(
        "Les places du panier sont retenues sans être payées, jusqu'à l'heure dite. Entrée passe au champ "
        "suivant, puis réserve. F5 montre les réservations déjà prises."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f9,ctrl+s", "reserve", later("Réserver"), id="reserve.take", tooltip=later("Retient les places")
        ),
        Binding(
            "f12,ctrl+o",
            "reserve(True)",
            later("Réserver et imprimer"),
            id="reserve.print",
            tooltip=later("Retient les places, et imprime la réservation pour le client"),
        ),
        Binding(
            "f5,ctrl+x",
            "list",
            later("Réservations"),
            id="reserve.list",
            tooltip=later("Montre les réservations déjà prises ; le panier est gardé"),
        ),
        Binding("down", "next_field", later("Suivant"), id="reserve.next", tooltip=later("Le champ suivant")),
        Binding(
            "up",
            "previous_field",
            later("Précédent"),
            id="reserve.previous",
            tooltip=later("Le champ précédent"),
        ),
    ]
    DEFAULT_CSS = """
    TakeReservation {
        .dialog { width: 80; }
        .form-row { height: 1; }
        .form-label { width: 12; text-align: right; color: $text-muted; }
        Input, Input:focus { width: 1fr; margin: 0 1; background: $panel; }
        Input:focus { background: $primary 30%; }
        .dialog-wrong { margin-top: 1; }
    }
    """

    def __init__(
        self,
        house: "House",
        desk: Desk,
        basket: Basket,
        programme: Programme,
        show_list: Callable[[], None],
        print_taken: Callable[[Reserved], None],
    ) -> None:
        """`show_list` opens the reservations already taken, instead of taking this one.

        `print_taken` prints the one taken, where that is asked for.
        """
        super().__init__()
        self.title_text = _("Réserver sans payer : {seats}").format(seats=seats_words(basket.seats))
        self._house, self._desk = house, desk
        self._basket, self._programme = basket, programme
        self._show_list, self._print_taken = show_list, print_taken
        self._reservation_id = uuid4()
        self._at_work = False

    def compose_question(self) -> ComposeResult:
        yield Static(_basket_words(self._basket), classes="dialog-text", markup=False)
        if self._is_known:
            name = _("Au nom de {name}.").format(name=self._basket.customer_name)
            yield Static(name, classes="dialog-text", markup=False)
        else:
            yield from self._fields()
        yield from self.foot(
            ("enter", _("Entrée suivant, réserver")),
            ("f12", _("F12 imprimer")),
            ("f5", _("F5 la liste")),
            ("escape", _("Échap renoncer")),
        )

    def _fields(self) -> ComposeResult:
        for name, label in FIELDS.items():
            with Horizontal(classes="form-row"):
                yield Static(_(label), classes="form-label", markup=False)
                yield Input(
                    max_length=LONGEST_TEXT, restrict=ONE_LINE, select_on_focus=False, id=f"field-{name}"
                )

    @property
    def _is_known(self) -> bool:
        return self._basket.customer_id is not None

    def nothing(self) -> None:
        return None

    def key_typed(self, event: events.Key) -> None:
        if event.key == "enter" and self._is_known:
            event.stop()
            self.action_reserve()

    def action_list(self) -> None:
        self.dismiss(None)
        self._show_list()

    def action_next_field(self) -> None:
        self.focus_next(Input)

    def action_previous_field(self) -> None:
        self.focus_previous(Input)

    @on(Input.Submitted)
    def entered(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input is self._field("phone"):
            self.action_reserve()
        else:
            self.focus_next(Input)

    def action_reserve(self, printed: bool = False) -> None:
        """Hold the seats, once however often it is asked: the reservation has its id already."""
        if self._at_work:
            return
        try:
            details = self._details()
        except WrongDetails as wrong:
            self.say_wrong(wrong)
            self._field(next(iter(wrong.fields))).focus()
            return
        command = Reserve(
            self._reservation_id,
            wanted_seats(self._basket, self._programme),
            details,
            self._basket.customer_id,
        )
        self._send(command, printed)

    def _send(self, command: Reserve, printed: bool) -> None:
        self._at_work = True

        def work() -> Reserved:
            return self._house.database.attempt(
                lambda session: reserve(session, command, self._desk, clock=self._house.clock)
            )

        def done(reserved: Reserved) -> None:
            self.dismiss(reserved)
            if printed:
                self._print_taken(reserved)

        def refused(refusal: Refusal) -> None:
            self._at_work = False
            if isinstance(refusal, PossibleDoubles):
                self._ask_who(command, refusal.doubles, printed)
            else:
                self.say_wrong(refusal)

        errands.send(self, work, done, refused)

    def _ask_who(self, command: Reserve, doubles: Sequence[FoundCustomer], printed: bool) -> None:
        """Ask whether it is somebody known who reserves, in whose name the seats are then held."""

        def answered(answer: FoundCustomer | bool | None) -> None:
            if isinstance(answer, FoundCustomer):
                self._send(replace(command, customer_id=answer.id), printed)
            elif answer:
                others = command.not_these.union(double.id for double in doubles)
                self._send(replace(command, not_these=others), printed)

        self.app.push_screen(SamePerson(command.customer, doubles), answered)

    def _details(self) -> CustomerDetails:
        if self._is_known:
            return CustomerDetails()
        typed = {name: self._field(name).value for name in FIELDS}
        return read_details(typed, in_paris(self._house.clock.now()).date())

    def _field(self, name: str) -> Input:
        return self.query_one(f"#field-{name}", Input)


def _basket_words(basket: Basket) -> str:
    return "\n".join(
        f"{line.quantity} × {line.tariff_label} · {line.event_title}"
        for line in basket
        if isinstance(line, SeatLine)
    )
