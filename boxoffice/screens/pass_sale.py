"""Selling a pass: which one, in whose name; then it is in the basket like anything else."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from textual.screen import Screen

from boxoffice.language import _, plural
from boxoffice.money import format_amount
from boxoffice.sales.basket import PassLine
from boxoffice.sales.holders.passes import PassOffer
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.people.customers import FoundCustomer

from .choosing import Choose, Thing
from .customer_form import CustomerForm, FilledForm, FormAnswer
from .customer_search import CustomerSearch, NewCustomer, SearchAnswer

if TYPE_CHECKING:
    from boxoffice.house import House


def sell_pass(
    screen: Screen[Any],
    house: "House",
    offers: tuple[PassOffer, ...],
    customer_name: str,
    put: Callable[[PassLine], None],
    advise: Callable[[str], None],
) -> None:
    """Ask which pass and for whom, and `put` its line; given up anywhere, nothing is left of it.

    `customer_name` is of the customer named on the basket, who is looked for first. `advise` says what
    proof to check, or that there is no pass to sell.
    """
    if not offers:
        advise(_("Aucun pass n'est en vente."))
        return

    def put_and_advise(line: PassLine) -> None:
        put(line)
        advise(_("{label} : {proof}").format(label=line.label, proof=line.proof) if line.proof else "")

    def chosen(place: int | None) -> None:
        if place is not None:
            _ask_holder(screen, house, offers[place], customer_name, put_and_advise)

    things = [Thing(offer.label, _terms(offer), format_amount(offer.price_cents)) for offer in offers]
    screen.app.push_screen(Choose(_("Vendre un pass"), things), chosen)


def _ask_holder(
    screen: Screen[Any],
    house: "House",
    offer: PassOffer,
    customer_name: str,
    put: Callable[[PassLine], None],
) -> None:
    def found(answer: SearchAnswer) -> None:
        match answer:
            case FoundCustomer(customer_id, details):
                put(_line(offer, customer_id, details))
            case NewCustomer(details):
                screen.app.push_screen(CustomerForm(house, details, title=title), filled)
            case None:
                pass

    def filled(answer: FormAnswer) -> None:
        match answer:
            case FilledForm(details, not_these):
                put(_line(offer, uuid4(), details, not_these))
            case FoundCustomer(customer_id, details):
                put(_line(offer, customer_id, details))
            case None:
                pass

    title = _("{label} : au nom de qui ?").format(label=offer.label)
    screen.app.push_screen(CustomerSearch(house, customer_name, title=title), found)


def _line(
    offer: PassOffer, holder_id: UUID, holder: CustomerDetails, not_these: frozenset[UUID] = frozenset()
) -> PassLine:
    return PassLine(
        pass_id=uuid4(),
        product_id=offer.product_id,
        label=offer.label,
        price_cents=offer.price_cents,
        holder_id=holder_id,
        holder=holder,
        proof=offer.proof,
        not_these=not_these,
    )


def _terms(offer: PassOffer) -> str:
    """What tells a pass from the others, in a few words."""
    if offer.proof:
        return offer.proof
    if offer.places is None:
        return _("sans compter")
    return plural("{places} place", "{places} places", offer.places).format(places=offer.places)
