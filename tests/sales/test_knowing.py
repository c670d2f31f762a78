"""What may pay a basket, and the proposal that is made of it, from the tables to a sale in the books."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.kinds import MovementKind, StoredValueKind
from boxoffice.sales.basket import Basket
from boxoffice.sales.checkout import Checkout, checkout
from boxoffice.sales.settlement import Tender
from boxoffice.sales.vouchers import place_cards, stored_values
from boxoffice.sales.vouchers.knowing import lines_due, propose, tenders_of
from boxoffice.sales.vouchers.promo_basket import PromoOffer, put_on
from boxoffice.sales.vouchers.proposal import BalanceStep, CodeStep, PlaceStep, Proposal, RewardStep
from boxoffice.sales.vouchers.stored_values import Hand, Move
from boxoffice.sales.vouchers.wallet import PutInWallet, put_in_wallet
from tests.sales.conftest import Festival
from tests.sales.value_life import (
    add_customer,
    add_kind,
    books_hold,
    give_card,
    left_in,
    look_up,
    make,
    named_basket,
    sell_basket,
)


def credit(festival: Festival, customer_id: UUID, cents: int) -> UUID:
    """So much on the balance of a customer."""

    def work(session: Session) -> UUID:
        at = festival.clock.now()
        value_id = stored_values.account_id(customer_id, StoredValueKind.BALANCE)
        opened = stored_values.open_account(session, customer_id, StoredValueKind.BALANCE, at=at)
        by = Hand(festival.posts[0], festival.manager.id, festival.manager.number)
        moves = [Move(value_id, MovementKind.CREDITED, cents)]
        stored_values.tell(session, by, "corrected", at=at, moves=moves, opened=opened)
        return value_id

    return festival.write(work)


def proposal(
    festival: Festival, basket: Basket, *, scanned: tuple[UUID, ...] = (), codes: tuple[PromoOffer, ...] = ()
) -> Proposal:
    return festival.read(
        lambda session: propose(
            session, basket, festival.desk, clock=festival.clock, scanned=scanned, codes=codes
        )
    )


def test_the_proposal_of_a_named_customer_pays_as_it_stands(festival: Festival) -> None:
    """8,50 + 8,50 + 3,00 = 20,00 €: a place of the wallet, then 11,50 of a balance of 15,00 €."""
    customer_id = add_customer(festival)
    card = give_card(festival, add_kind(festival, places=1), customer_id=customer_id, until=date(2026, 1, 21))
    balance = credit(festival, customer_id, 1500)
    basket = named_basket(festival, customer_id, festival.seat_line(quantity=2), festival.product_line())
    found = proposal(festival, basket)
    assert [type(step) for step in found.steps] == [PlaceStep, BalanceStep]
    assert found.remaining_cents == 0
    command = Checkout(uuid4(), basket, tenders_of(found))
    festival.write(lambda session: checkout(session, command, festival.desk, clock=festival.clock))
    assert (left_in(festival, card), left_in(festival, balance)) == (0, 350)
    books_hold(festival)


def test_what_is_scanned_pays_for_somebody_without_a_name(festival: Festival) -> None:
    card = give_card(festival, add_kind(festival))
    found = proposal(festival, festival.basket(festival.seat_line(quantity=2)), scanned=(card,))
    assert [type(step) for step in found.steps] == [PlaceStep, PlaceStep]
    assert found.remaining_cents == 0
    nothing = proposal(festival, festival.basket(festival.seat_line()))
    assert (nothing.steps, nothing.remaining_cents) == ((), 850)


def test_a_code_goes_on_the_seat_that_no_place_pays(festival: Festival) -> None:
    """8,50 and 6,00, a place and half off: the place for the dearer, the code for the other."""
    card = give_card(festival, add_kind(festival, places=1))
    offer = look_up(festival, make(festival).codes[0])
    basket = festival.basket(festival.seat_line(), festival.seat_line(tariff="REDUIT"))
    found = proposal(festival, basket, scanned=(card,), codes=(offer,))
    (code,) = [step for step in found.steps if isinstance(step, CodeStep)]
    assert code.off == ((2, 300),)
    assert found.remaining_cents == 300
    lowered = put_on(basket, offer, [position for position, _off in code.off])
    again = proposal(festival, lowered, scanned=(card,), codes=(offer,))
    tenders = (*tenders_of(again), Tender("cash", 300, 300))
    command = Checkout(uuid4(), lowered, tenders)
    festival.write(lambda session: checkout(session, command, festival.desk, clock=festival.clock))
    assert (left_in(festival, card), left_in(festival, offer.value_id)) == (0, 0)
    books_hold(festival)


def test_points_are_proposed_once_there_are_enough(festival: Festival) -> None:
    add_kind(festival, "FIDELITE", label="Place 7/7", places=1, points=240)
    customer_id = add_customer(festival)
    basket = named_basket(festival, customer_id, festival.seat_line())
    sell_basket(festival, named_basket(festival, customer_id, festival.product_line(quantity=79)))
    assert proposal(festival, basket).steps == ()
    sell_basket(festival, named_basket(festival, customer_id, festival.product_line()))
    (step,) = proposal(festival, basket).steps
    assert isinstance(step, RewardStep)
    assert step.reason == "240 points, Place 7/7 : 8,50\u00a0€ pour « Plein »"


def test_the_lines_of_a_basket_are_told_as_the_sale_will_have_them(festival: Festival) -> None:
    basket = festival.basket(festival.product_line(quantity=2), festival.seat_line())
    lines = festival.read(lambda session: lines_due(session, basket))
    assert [(line.position, line.price_cents, line.vat_rate) for line in lines] == [
        (1, 300, 2000),
        (2, 300, 2000),
        (3, 850, 550),
    ]


def test_a_card_is_put_in_a_wallet_and_taken_out_of_it(festival: Festival) -> None:
    customer_id = add_customer(festival)
    card = give_card(festival, add_kind(festival))

    def put(customer: UUID | None, before: UUID | None) -> None:
        command = PutInWallet(card, customer, before)
        festival.write(lambda session: put_in_wallet(session, command, festival.desk, clock=festival.clock))

    def wallet() -> list[UUID]:
        kept = festival.read(
            lambda session: place_cards.in_wallet(session, customer_id, festival.desk, clock=festival.clock)
        )
        return [each.value_id for each in kept]

    put(customer_id, None)
    assert wallet() == [card]
    put(customer_id, None)
    with pytest.raises(Refusal):
        put(None, uuid4())
    put(None, customer_id)
    assert wallet() == []
    books_hold(festival)
