"""Serving a customer who says who they are: found or written down, then their card, then the counter."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from textual.screen import Screen

from boxoffice.errors import Refusal
from boxoffice.sales.people.customer_changes import CreateCustomer, create_customer
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.people.customer_record import CustomerRecord, open_record
from boxoffice.sales.people.customers import FoundCustomer
from boxoffice.sales.staff.desk import Desk

from . import errands
from .customer_card import CardAnswer, CustomerCard
from .customer_form import CustomerForm, FormAnswer
from .customer_search import CustomerSearch, NewCustomer, SearchAnswer

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

    def found(answer: SearchAnswer) -> None:
        match answer:
            case FoundCustomer(id=customer_id):
                open_card(screen, house, desk, customer_id, then, refused)
            case NewCustomer(details=details):
                fill(details)

    def fill(details: CustomerDetails) -> None:
        screen.app.push_screen(CustomerForm(house, details), filled)

    def filled(answer: FormAnswer) -> None:
        match answer:
            case None:
                return
            case FoundCustomer(id=customer_id):
                open_card(screen, house, desk, customer_id, then, refused)
            case form:
                create(CreateCustomer(uuid4(), form.details, form.not_these))

    def create(command: CreateCustomer) -> None:
        def work() -> FoundCustomer:
            return house.database.attempt(
                lambda session: create_customer(session, command, desk, clock=house.clock)
            )

        def refuse(refusal: Refusal) -> None:
            """Say why nobody was written down, over the form as it was filled."""
            fill(command.details)
            refused(refusal)

        errands.send(
            screen, work, lambda made: open_card(screen, house, desk, made.id, then, refused), refuse
        )

    screen.app.push_screen(CustomerSearch(house, text), found)


def open_card(
    screen: Screen[Any],
    house: "House",
    desk: Desk,
    customer_id: UUID,
    then: Callable[[CardAnswer], None],
    refused: Callable[[Refusal], None],
) -> None:
    """Open the card of a customer, and let the journal know."""

    def read() -> CustomerRecord:
        with house.database.write() as session:
            return open_record(session, customer_id, desk, clock=house.clock)

    def show(record: CustomerRecord) -> None:
        def closed(answer: CardAnswer | None) -> None:
            then(answer)

        screen.app.push_screen(CustomerCard(house, desk, record), closed)

    errands.send(screen, read, show, refused)
