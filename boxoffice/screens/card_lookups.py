"""What the books are asked about a card that is to pay, while no key counts."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from boxoffice.sales.basket import Basket
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.vouchers import at_payment
from boxoffice.sales.vouchers.at_payment import AtHand, Beside, PaidWith

from .payment import Lookup, Payment

if TYPE_CHECKING:
    from boxoffice.house import House


def cards_asked(
    house: "House", desk: Desk, basket: Basket, payment: Payment, lookup: Lookup
) -> Callable[[], PaidWith]:
    """An errand that tells what one card pays, or several that were scanned one after the other."""
    if lookup.more:
        several = partial(
            at_payment.pay_by_codes,
            texts=(lookup.text, *lookup.more),
            basket=basket,
            settlement=payment.settlement,
            desk=desk,
            clock=house.clock,
        )
        return lambda: house.database.attempt(several)
    one = partial(
        at_payment.pay_by_code,
        text=lookup.text,
        basket=basket,
        settlement=payment.settlement,
        desk=desk,
        clock=house.clock,
        surname=lookup.surname,
        most_cents=payment.typed_cents,
    )
    return lambda: house.database.attempt(one)


def hand_asked(house: "House", desk: Desk, basket: Basket, beside: Beside) -> Callable[[], AtHand]:
    """An errand that tells what the customer of a basket has to pay it with, and `beside` them."""

    def read() -> AtHand:
        with house.database.read() as session:
            return at_payment.at_hand(session, basket, desk, clock=house.clock, beside=beside)

    return read


def order_accepted(
    house: "House", desk: Desk, basket: Basket, seen: AtHand, beside: Beside
) -> Callable[[], AtHand]:
    """An errand that has the order in which cards were `seen` to pay carried out."""
    return lambda: house.database.attempt(
        lambda session: at_payment.accept(session, basket, seen, desk, clock=house.clock, beside=beside)
    )


def place_given(
    house: "House", desk: Desk, basket: Basket, kind_id: int, beside: Beside
) -> Callable[[], AtHand]:
    """An errand that gives the customer of a basket the place of their birthday."""
    return lambda: house.database.attempt(
        lambda session: at_payment.give_birthday_place(
            session, basket, kind_id, desk, clock=house.clock, beside=beside
        )
    )
