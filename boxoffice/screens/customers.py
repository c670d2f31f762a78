"""Serving a customer who says who they are: found or written down, then their card, then the counter."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from textual.screen import Screen

from boxoffice.errors import Refusal
from boxoffice.sales.people.customer_record import CustomerRecord, open_record
from boxoffice.sales.people.customers import FoundCustomer
from boxoffice.sales.staff.desk import Desk

from . import errands
from .choosing_customer import choose_customer
from .customer_card import CardAnswer, CustomerCard
from .giving_places import PlaceDue, read_due

if TYPE_CHECKING:
    from boxoffice.house import House


def serve_customer(
    screen: Screen[Any],
    house: "House",
    desk: Desk,
    then: Callable[[CardAnswer], None],
    refused: Callable[[Refusal], None],
    text: str = "",
) -> None:
    """Look for a customer, or write a new one down, and open their card; `then` gets what it answers."""

    def chosen(customer: FoundCustomer) -> None:
        open_card(screen, house, desk, customer.id, then, refused)

    choose_customer(screen, house, desk, chosen, refused, text=text)


def open_card(
    screen: Screen[Any],
    house: "House",
    desk: Desk,
    customer_id: UUID,
    then: Callable[[CardAnswer], None],
    refused: Callable[[Refusal], None],
) -> None:
    """Open the card of a customer, and let the journal know."""

    def read() -> tuple[CustomerRecord, tuple[PlaceDue, ...]]:
        with house.database.write() as session:
            record = open_record(session, customer_id, desk, clock=house.clock)
        return record, read_due(house, record.id)

    def show(read: tuple[CustomerRecord, tuple[PlaceDue, ...]]) -> None:
        def closed(answer: CardAnswer | None) -> None:
            then(answer)

        screen.app.push_screen(CustomerCard(house, desk, *read), closed)

    errands.send(screen, read, show, refused)
