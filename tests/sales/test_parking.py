"""Baskets set aside and taken back, whole, once."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import Session, select

from boxoffice.errors import Refusal
from boxoffice.models import JournalEntry, ParkedBasket
from boxoffice.sales.basket import Basket, PlaceCardLine
from boxoffice.sales.books.verification import verify
from boxoffice.sales.checkout import Checkout, checkout
from boxoffice.sales.parking import discard_unreadable, park, parked, recall
from boxoffice.sales.settlement import Tender
from tests.sales.conftest import Festival


def test_a_basket_comes_back_as_it_was_left(festival: Festival) -> None:
    basket = festival.basket(
        festival.seat_line(quantity=3),
        festival.seat_line("RENCONTRE", quantity=2, holders=("Zoé [/] 🎬", "O'Brien")),
        festival.seat_line(tariff="GROUPE", quantity=4, proof="carte"),
        festival.product_line(quantity=2),
    )
    parked_id = festival.write(
        lambda session: park(session, basket, " dame au [chapeau] ", festival.desk, clock=festival.clock)
    )
    (waiting,) = festival.read(parked)
    assert (waiting.sale_id, waiting.note) == (parked_id, "dame au [chapeau]")
    assert (waiting.till_name, waiting.operator_name) == ("Caisse 1", "Karim D.")
    assert waiting.parked_at == festival.clock.now()
    assert waiting.basket == basket
    taken = festival.write(lambda session: recall(session, parked_id))
    assert (taken.basket, taken.sale) == (basket, None)
    assert festival.sell(*taken.basket.lines).total_cents == basket.total_cents


def test_a_basket_is_taken_back_once(festival: Festival) -> None:
    basket = festival.basket(festival.seat_line())
    parked_id = festival.write(lambda session: park(session, basket, "", festival.desk, clock=festival.clock))
    festival.write(lambda session: recall(session, parked_id))
    with pytest.raises(Refusal, match=r"Ce panier a déjà été repris ou vidé."):
        festival.write(lambda session: recall(session, parked_id))
    assert festival.read(parked) == ()


def test_baskets_of_every_till_wait_the_oldest_first(festival: Festival) -> None:
    for desk, note in ((festival.desks[1], "un"), (festival.desks[0], "deux"), (festival.desks[1], "trois")):
        basket = festival.basket(festival.product_line())
        festival.write(
            lambda session, desk=desk, note=note, basket=basket: park(
                session, basket, note, desk, clock=festival.clock
            )
        )
        festival.clock.advance(timedelta(seconds=1))
    assert [waiting.note for waiting in festival.read(parked)] == ["un", "deux", "trois"]


def test_an_empty_basket_is_not_set_aside(festival: Festival) -> None:
    with pytest.raises(Refusal, match=r"Le panier est vide : il n'y a rien à mettre en attente."):
        festival.write(lambda session: park(session, Basket(), "", festival.desk, clock=festival.clock))


def test_a_basket_that_waits_holds_no_seat(festival: Festival) -> None:
    basket = festival.basket(festival.seat_line(quantity=8))
    festival.write(lambda session: park(session, basket, "", festival.desk, clock=festival.clock))
    assert festival.allocated() == 0
    assert festival.count(ParkedBasket) == 1


def test_a_basket_that_cannot_be_read_hides_no_other_and_is_not_taken_back(festival: Festival) -> None:
    readable = festival.basket(festival.seat_line())
    first, second = [
        festival.write(lambda session: park(session, readable, "", festival.desk, clock=festival.clock))
        for _time in range(2)
    ]

    def spoil(session: Session) -> None:
        row = session.get_one(ParkedBasket, first)
        row.content = '{"lines": [{"sort": "of another version"}]}'
        session.add(row)

    festival.write(spoil)
    baskets = {waiting.sale_id: waiting.basket for waiting in festival.read(parked)}
    assert baskets == {first: None, second: readable}
    with pytest.raises(Refusal, match=r"Ce panier ne se lit pas"):
        festival.write(lambda session: recall(session, first))
    assert festival.count(ParkedBasket) == 2
    with pytest.raises(Refusal, match=r"Reprenez-le, puis videz-le."):
        festival.write(
            lambda session: discard_unreadable(session, second, festival.desk, clock=festival.clock)
        )
    festival.write(lambda session: discard_unreadable(session, first, festival.desk, clock=festival.clock))
    assert [waiting.sale_id for waiting in festival.read(parked)] == [second]
    told = festival.read(lambda session: session.exec(select(JournalEntry.kind)).all())
    assert told[-1] == "basket.discarded"
    assert festival.read(verify).fault is None


def test_a_basket_taken_back_after_it_was_paid_says_what_sale_it_is(festival: Festival) -> None:
    basket = festival.basket(festival.seat_line())
    command = Checkout(uuid4(), basket, (Tender("card", basket.total_cents),))
    festival.write(
        lambda session: park(
            session, basket, "", festival.desk, clock=festival.clock, sale_id=command.sale_id
        )
    )
    sold = festival.write(lambda session: checkout(session, command, festival.desk, clock=festival.clock))
    assert festival.write(lambda session: recall(session, command.sale_id)).sale == sold
    assert festival.read(parked) == ()


def test_a_basket_set_aside_twice_waits_once_as_it_was_left_last(festival: Festival) -> None:
    small, large = (festival.basket(festival.seat_line(quantity=quantity)) for quantity in (1, 2))
    sale_id = festival.write(lambda session: park(session, small, "", festival.desk, clock=festival.clock))
    festival.write(
        lambda session: park(session, large, "", festival.desk, clock=festival.clock, sale_id=sale_id)
    )
    assert [waiting.basket for waiting in festival.read(parked)] == [large]


def test_cards_wait_as_what_they_are(festival: Festival) -> None:
    gift = festival.gift_line(giver="Papi", recipient="Léa", message="Bonne toile !")
    silent, place = festival.gift_line(), PlaceCardLine(uuid4(), 1, "CinéCarte", 3500)
    basket = festival.basket(gift, silent, place, replace(place, value_id=uuid4(), surname="Benali"))
    sale_id = festival.write(lambda session: park(session, basket, "", festival.desk, clock=festival.clock))
    assert festival.write(lambda session: recall(session, sale_id)).basket == basket
