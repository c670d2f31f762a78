"""What is given by hand is given once, though its answer was lost and it is asked for again."""

from uuid import UUID, uuid4

import pytest

from boxoffice.kinds import PromoEffect, StoredValueKind
from boxoffice.models import JournalEntry, PlaceCard, PromoCode, StoredValue
from boxoffice.sales.vouchers import loyalty
from boxoffice.sales.vouchers.giving import GiveCards, give_cards
from boxoffice.sales.vouchers.place_cards import CardState
from boxoffice.sales.vouchers.promo_batches import MakeCodes, make_codes
from tests.sales.conftest import Festival
from tests.sales.meanwhile import meanwhile
from tests.sales.value_life import add_customer, add_kind, books_hold, named_basket, sell_basket


def gift(festival: Festival, gift_id: UUID) -> GiveCards:
    kind = add_kind(festival, f"INVIT{gift_id.hex[:6]}", places=1)
    return GiveCards(kind, "Panne", festival.manager.id, count=3, gift_id=gift_id)


def given(festival: Festival, command: GiveCards) -> tuple[CardState, ...]:
    return festival.database.attempt(
        lambda session: give_cards(session, command, festival.desk, clock=festival.clock)
    )


def test_cards_given_again_under_the_same_id_are_those_of_the_first_try(festival: Festival) -> None:
    command = gift(festival, uuid4())
    first = given(festival, command)
    told = festival.count(JournalEntry)
    assert given(festival, command) == first
    assert (festival.count(PlaceCard), festival.count(JournalEntry)) == (3, told)
    assert len(given(festival, gift(festival, uuid4()))) == 3
    assert festival.count(PlaceCard) == 6
    books_hold(festival)


def test_cards_given_while_the_first_try_is_being_written_are_given_once(festival: Festival) -> None:
    command = gift(festival, uuid4())
    second = meanwhile(
        festival,
        lambda session: give_cards(session, command, festival.desk, clock=festival.clock),
        lambda: given(festival, command),
    )
    assert isinstance(second, tuple)
    assert len(second) == festival.count(PlaceCard) == 3
    books_hold(festival)


def points_of(festival: Festival, customer_id: UUID) -> int:
    return festival.read(
        lambda session: loyalty.read_loyalty(session, customer_id, clock=festival.clock)
    ).points


def rich_customer(festival: Festival) -> UUID:
    """Somebody with 34 points."""
    customer_id = add_customer(festival)
    sell_basket(festival, named_basket(festival, customer_id, festival.seat_line(quantity=4)))
    assert points_of(festival, customer_id) == 34
    return customer_id


def test_points_are_turned_into_one_place_however_often_it_is_tried(festival: Festival) -> None:
    kind, customer_id = add_kind(festival, "FIDELITE", places=1, points=10), rich_customer(festival)

    def turn(value_id: UUID) -> CardState:
        return festival.database.attempt(
            lambda session: loyalty.reward(
                session, customer_id, kind, festival.desk, clock=festival.clock, value_id=value_id
            )
        )

    value_id = uuid4()
    first = turn(value_id)
    assert turn(value_id) == first
    assert points_of(festival, customer_id) == 24
    turn(uuid4())
    assert points_of(festival, customer_id) == 14
    books_hold(festival)


def test_points_that_are_just_enough_are_turned_once_by_two_tries_at_a_time(festival: Festival) -> None:
    kind, customer_id = add_kind(festival, "FIDELITE", places=1, points=34), rich_customer(festival)
    value_id = uuid4()
    second = meanwhile(
        festival,
        lambda session: loyalty.reward(
            session, customer_id, kind, festival.desk, clock=festival.clock, value_id=value_id
        ),
        lambda: festival.database.attempt(
            lambda session: loyalty.reward(
                session, customer_id, kind, festival.desk, clock=festival.clock, value_id=value_id
            )
        ),
    )
    assert isinstance(second, CardState)
    assert second.value_id == value_id
    assert points_of(festival, customer_id) == 0
    books_hold(festival)


@pytest.mark.parametrize("word", ["", "PRESSE"])
def test_a_batch_of_codes_is_made_once(festival: Festival, word: str) -> None:
    count = 1 if word else 5
    command = MakeCodes("Presse", PromoEffect.PERCENTAGE_OFF, count=count, word=word, percentage=5000)

    def make(command: MakeCodes) -> tuple[str, ...]:
        return festival.database.attempt(
            lambda session: make_codes(
                session, command, festival.posts[0], festival.manager, clock=festival.clock
            )
        ).codes

    first = make(command)
    assert make(command) == first
    assert festival.count(PromoCode) == count
    values = [row for row in festival.rows(StoredValue) if row.kind is StoredValueKind.PROMO_CODE]
    assert len(values) == count
    books_hold(festival)
