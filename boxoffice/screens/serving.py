"""The part of the counter for who says who they are: a code scanned, a pass, a customer's card."""

from uuid import UUID

from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.sales import basket as baskets
from boxoffice.sales.codes import CodeKind, read_code

from .cockpit import open_pass
from .customer_card import CardAnswer, NameBasket, PassChosen, ReservationChosen
from .customers import open_card, serve_customer
from .extras import Extras
from .pass_showings import Around
from .reserving import ReservingScreen
from .sales_search import SalesSearch


class ServingScreen(ReservingScreen):
    """Opens what is scanned or looked for, over the basket, which stays."""

    def show_scanned(self, text: str) -> None:
        """Show what was scanned: the pass, the reservation, or the sale of the ticket."""
        match read_code(text):
            case CodeKind.PASS, code:
                self.open_pass(code)
            case CodeKind.RESERVATION, code:
                self.show_reservations(code)
            case CodeKind.TICKET, code:
                self.action_find_sale(code)
            case _:
                self._tell_unknown()

    def _tell_unknown(self) -> None:
        """Say that nothing is known by what was scanned, where the cashier looks."""
        said = _("Ce code-barres n'est pas celui d'un billet.")
        if self.is_current:
            self.advise(said)
        else:
            self.say(Refusal(said))

    def open_pass(self, text: str) -> None:
        """Open the cockpit of a pass, by its code or its number, on the screening chosen here."""
        listed = self.screenings.chosen_screening
        around = Around(self.programme, self.agenda.seats, None if listed is None else listed.row)
        extras = Extras(self.house, self.desk, lambda: self.basket, self.reduce)
        open_pass(self, self.house, self.desk, text, around, extras, self._open_card, self.say)

    def _open_card(self, customer_id: UUID) -> None:
        open_card(self, self.house, self.desk, customer_id, self._know, self.say)

    def action_customers(self) -> None:
        serve_customer(self, self.house, self.desk, self._know, self.say)

    def _know(self, answer: CardAnswer) -> None:
        """Go on with what the card of a customer was left for."""
        match answer:
            case NameBasket(customer_id=customer_id, name=name):
                self.change(baskets.name_customer(self.basket, customer_id, name))
            case PassChosen(number=number):
                self.open_pass(number)
            case ReservationChosen(reference=reference):
                self.show_reservations(reference)

    def action_find_sale(self, text: str = "") -> None:
        self.app.push_screen(SalesSearch(self.house, self.desk, text))
