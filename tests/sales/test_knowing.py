"""What may pay a basket, and the proposal that is made of it, from the tables to a sale in the books."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.kinds import MovementKind, StoredValueKind
from boxoffice.models import PlaceCard
from boxoffice.sales.basket import Basket
from boxoffice.sales.checkout import Checkout, checkout
from boxoffice.sales.settlement import Tender
from boxoffice.sales.vouchers import place_cards, stored_values
from boxoffice.sales.vouchers.at_payment import AtHand, Beside, OrderChanged, accept, at_hand
from boxoffice.sales.vouchers.knowing import lines_due, propose, tenders_of
from boxoffice.sales.vouchers.promo_basket import PromoOffer, put_on, put_on_seats
from boxoffice.sales.vouchers.proposal import BalanceStep, CodeStep, PlaceStep, Proposal, RewardStep
from boxoffice.sales.vouchers.value_changes import Hand, Move
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


def hand(festival: Festival, basket: Basket, beside: Beside) -> AtHand:
    return festival.read(
        lambda session: at_hand(session, basket, festival.desk, clock=festival.clock, beside=beside)
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
    lowered = put_on_seats(basket, {position: offer for position, _off in code.off})
    again = proposal(festival, lowered, scanned=(card,), codes=(offer,))
    tenders = (*tenders_of(again), Tender("cash", 300, 300))
    command = Checkout(uuid4(), lowered, tenders)
    festival.write(lambda session: checkout(session, command, festival.desk, clock=festival.clock))
    assert (left_in(festival, card), left_in(festival, offer.value_id)) == (0, 0)
    books_hold(festival)


def test_a_code_on_the_basket_goes_to_another_seat_once_that_is_accepted(festival: Festival) -> None:
    """On the dearer of 8,50 and 6,00, half off leaves 4,25 to pay beside a place; on the other one 3,00."""
    card = give_card(festival, add_kind(festival, places=1))
    offer = look_up(festival, make(festival).codes[0])
    basket = put_on(festival.basket(festival.seat_line(), festival.seat_line(tariff="REDUIT")), offer)
    beside = Beside((card,), (offer,))
    known = hand(festival, basket, beside)
    assert (known.basket, known.proposal.remaining_cents) == (basket, 300)
    assert [type(step) for step in known.proposal.steps] == [CodeStep, PlaceStep]
    done = festival.write(
        lambda session: accept(session, basket, known, festival.desk, clock=festival.clock, beside=beside)
    )
    assert [line.price_cents for line in done.basket] == [850, 300]
    assert [type(step) for step in done.proposal.steps] == [PlaceStep]
    command = Checkout(uuid4(), done.basket, (*done.proposed, Tender("cash", 300, 300)))
    festival.write(lambda session: checkout(session, command, festival.desk, clock=festival.clock))
    books_hold(festival)


def test_codes_stay_where_they_are_unless_another_seat_is_worth_more(festival: Festival) -> None:
    """Of two codes the first took the only seat that the second lowers more; alone, it stays."""
    fifth, half = (
        look_up(festival, make(festival, name=name, percentage=part).codes[0])
        for name, part in (("Amis", 2000), ("Presse", 5000))
    )
    basket = put_on(festival.basket(festival.seat_line()), fifth)
    assert hand(festival, basket, Beside(codes=(fifth,))).proposal.steps == ()
    known = hand(festival, basket, Beside(codes=(fifth, half)))
    used = [step for step in known.proposal.steps if isinstance(step, CodeStep)]
    assert [(step.value_id, step.off) for step in used] == [
        (fifth.value_id, ()),
        (half.value_id, ((1, 425),)),
    ]
    assert known.proposal.remaining_cents == 425


def test_a_code_is_spared_where_a_place_pays_all(festival: Festival) -> None:
    card = give_card(festival, add_kind(festival))
    offer = look_up(festival, make(festival).codes[0])
    basket = put_on(festival.basket(festival.seat_line()), offer)
    known = hand(festival, basket, Beside((card,), (offer,)))
    assert [step.reason for step in known.proposal.steps if isinstance(step, CodeStep)] == [
        f"Code promo {offer.code} : gardé pour une autre fois"
    ]
    assert len(known.proposed) == 1
    done = festival.write(
        lambda session: accept(
            session, basket, known, festival.desk, clock=festival.clock, beside=Beside((card,), (offer,))
        )
    )
    assert done.basket == festival.basket(festival.seat_line())


def test_what_an_exchange_leaves_to_pay_is_proposed_too(festival: Festival) -> None:
    """17,00 of which 8,50 are exchanged: a place pays the rest, and none where 2,50 alone is missing."""
    card = give_card(festival, add_kind(festival))
    two = festival.basket(festival.seat_line(quantity=2))
    known = hand(festival, two, Beside((card,), exchanged=((None, 850),)))
    assert [(type(step), step.amount_cents) for step in known.proposal.steps if isinstance(step, PlaceStep)]
    assert (len(known.proposed), known.proposal.remaining_cents) == (1, 0)
    one = festival.basket(festival.seat_line())
    missing = hand(festival, one, Beside((card,), exchanged=((550, 600),)))
    assert (missing.proposed, missing.proposal.remaining_cents) == ((), 250)


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


def test_an_order_is_accepted_as_it_was_seen_and_once(festival: Festival) -> None:
    """A place given meanwhile would pay instead of the points: they are not spent in an order nobody saw."""
    kind = add_kind(festival, "FIDELITE", label="Place 7/7", places=1, points=10)
    customer_id = add_customer(festival)
    sell_basket(festival, named_basket(festival, customer_id, festival.product_line(quantity=20)))
    two = named_basket(festival, customer_id, festival.seat_line(quantity=2))

    def take(seen: AtHand) -> AtHand:
        return festival.database.attempt(
            lambda session: accept(session, two, seen, festival.desk, clock=festival.clock)
        )

    seen = hand(festival, two, Beside())
    assert [type(step) for step in seen.proposal.steps] == [RewardStep, RewardStep]
    card = give_card(festival, kind, customer_id=customer_id)
    with pytest.raises(OrderChanged) as changed:
        take(seen)
    assert festival.count(PlaceCard) == 1
    anew = changed.value.hand
    assert [type(step) for step in anew.proposal.steps] == [PlaceStep, RewardStep]
    first = take(anew)
    assert len(first.proposed) == 2
    assert card in {tender.value_id for tender in first.proposed}
    assert take(anew) == first
    assert festival.count(PlaceCard) == 2
    books_hold(festival)


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
