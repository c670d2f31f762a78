"""What a customer holds, opened from their card: the ledger of an account, or a card of their wallet."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from boxoffice.errors import Refusal
from boxoffice.sales.basket import Basket, name_customer
from boxoffice.sales.people.customers import FoundCustomer
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.vouchers import card_view
from boxoffice.sales.vouchers.card_view import CardView
from boxoffice.sales.vouchers.holdings import Holding

from . import errands
from .card_screen import CardScreen
from .ledgers import LEDGERS

if TYPE_CHECKING:
    from boxoffice.house import House


def open_holding(
    screen: Screen[Any],
    house: "House",
    desk: Desk,
    customer: FoundCustomer,
    holding: Holding,
    seen: Callable[[], None],
    refused: Callable[[Refusal], None],
) -> None:
    """Show a holding over the screen; `seen` is called once that is closed."""

    def read() -> CardView:
        with house.database.read() as session:
            return card_view.read_card(session, holding.value_id, desk, clock=house.clock)

    def show(card: CardView) -> None:
        basket = name_customer(Basket(), customer.id, customer.details.name)
        screen.app.push_screen(CardScreen(house, desk, card, basket), lambda _wanted: seen())

    ledger = LEDGERS.get(holding.kind)
    if ledger is not None:
        screen.app.push_screen(ledger(house, desk, customer), lambda _seen: seen())
    else:
        errands.send(screen, read, show, refused)
