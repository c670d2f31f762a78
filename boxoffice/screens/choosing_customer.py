"""Somebody chosen: found as one types, or written down on a new card."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from textual.screen import Screen

from boxoffice.errors import Refusal
from boxoffice.sales.people.customer_changes import CreateCustomer, create_customer
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.people.customers import FoundCustomer
from boxoffice.sales.staff.desk import Desk

from . import errands
from .customer_form import CustomerForm, FormAnswer
from .customer_search import CustomerSearch, NewCustomer, SearchAnswer

if TYPE_CHECKING:
    from boxoffice.house import House


def choose_customer(
    screen: Screen[Any],
    house: "House",
    desk: Desk,
    then: Callable[[FoundCustomer], None],
    refused: Callable[[Refusal], None],
    *,
    text: str = "",
    title: str = "",
) -> None:
    """Look for a customer, or write a new one down; `then` gets who it is, nobody if it is given up."""

    def found(answer: SearchAnswer) -> None:
        match answer:
            case FoundCustomer():
                then(answer)
            case NewCustomer(details=details):
                fill(details)

    def fill(details: CustomerDetails) -> None:
        screen.app.push_screen(CustomerForm(house, details), filled)

    def filled(answer: FormAnswer) -> None:
        match answer:
            case None:
                return
            case FoundCustomer():
                then(answer)
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

        errands.send(screen, work, then, refuse)

    screen.app.push_screen(CustomerSearch(house, text, title=title), found)
