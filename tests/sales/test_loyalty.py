"""Points: earned by money, given for places, taken back when the sale is."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session

from boxoffice.clock import paris
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.models import StoredValue
from boxoffice.sales.checkout import Checkout, checkout
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.people.customer_changes import (
    CorrectCustomer,
    CreateCustomer,
    correct_customer,
    create_customer,
)
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.reversal import completed_reversal
from boxoffice.sales.settlement import Tender
from boxoffice.sales.vouchers import loyalty, place_cards
from boxoffice.sales.vouchers.loyalty import Loyalty, last_birthday
from boxoffice.sales.vouchers.place_cards import CardState
from tests.sales.conftest import Festival
from tests.sales.value_life import (
    add_customer,
    add_kind,
    books_hold,
    card_state,
    give_card,
    ledger,
    named_basket,
    seat_of,
    sell_basket,
)


def points_of(festival: Festival, customer_id: UUID) -> Loyalty:
    return festival.read(lambda session: loyalty.read_loyalty(session, customer_id, clock=festival.clock))


def spend(festival: Festival, customer_id: UUID, posters: int) -> CompletedSale:
    """Buy so many lanyards at 3,00 €."""
    return sell_basket(festival, named_basket(festival, customer_id, festival.product_line(quantity=posters)))


def test_a_named_customer_earns_a_point_per_euro_of_the_whole_sale(festival: Festival) -> None:
    """3 x 8,50 = 25,50 €: 25 points; nobody named earns none."""
    customer_id = add_customer(festival)
    festival.sell(festival.seat_line())
    assert festival.count(StoredValue) == 0
    sell_basket(festival, named_basket(festival, customer_id, festival.seat_line(quantity=3)))
    found = points_of(festival, customer_id)
    assert found.points == 25
    assert ledger(festival, found.value_id) == [("earned", 25, 25)]
    books_hold(festival)


def test_the_rule_says_how_many_points_an_euro_is(festival: Festival) -> None:
    customer_id = add_customer(festival)
    for rate, total in ((0, 0), (3, 25)):
        post = replace(festival.desk.post, rules=replace(festival.desk.post.rules, points_per_euro=rate))
        desk = replace(festival.desk, post=post)
        sell_basket(festival, named_basket(festival, customer_id, festival.seat_line()), desk)
        assert points_of(festival, customer_id).points == total


def test_what_a_place_pays_earns_nothing(festival: Festival) -> None:
    """8,50 by a place and 3,00 in cash: 3 points."""
    customer_id = add_customer(festival)
    value_id = give_card(festival, add_kind(festival))
    line = festival.seat_line()
    basket = named_basket(festival, customer_id, line, festival.product_line())
    place = place_cards.pay(card_state(festival, value_id), 1, seat_of(festival, line), 550)
    command = Checkout(uuid4(), basket, (place, Tender("cash", 300, 300)))
    festival.write(lambda session: checkout(session, command, festival.desk, clock=festival.clock))
    assert points_of(festival, customer_id).points == 3


def test_a_reversal_takes_back_what_its_money_brought(festival: Festival) -> None:
    """25,50 € are 25 points; 17,00 € left are 25 x 17,00 / 25,50 = 16; then none."""
    customer_id = add_customer(festival)
    sale = sell_basket(festival, named_basket(festival, customer_id, festival.seat_line(quantity=3)))
    festival.reverse(sale, 1)
    assert points_of(festival, customer_id).points == 16
    festival.reverse(sale, desk=festival.managers_desk)
    assert points_of(festival, customer_id).points == 0
    books_hold(festival)


def test_points_spent_already_are_not_taken_and_what_is_missing_is_told(festival: Festival) -> None:
    kind = add_kind(festival, "FIDELITE", label="Place 5/7", places=1, points=240, weekdays="12345")
    customer_id = add_customer(festival)
    sale = spend(festival, customer_id, 90)
    festival.write(
        lambda session: loyalty.reward(session, customer_id, kind, festival.desk, clock=festival.clock)
    )
    assert points_of(festival, customer_id).points == 30
    reversal = festival.reverse(sale, desk=festival.managers_desk)
    found = points_of(festival, customer_id)
    assert found.points == 0
    assert [moved[:2] for moved in ledger(festival, found.value_id)] == [
        ("earned", 270),
        ("rewarded", -240),
        ("taken_back", -30),
    ]
    back = reversal.points
    assert (back.due, back.taken, back.missing) == (270, 30, 240)
    assert festival.read(lambda session: completed_reversal(session, reversal.sale_id)) == reversal
    books_hold(festival)


def test_240_points_are_a_place_five_days_of_seven_and_300_any_day(festival: Festival) -> None:
    five = add_kind(
        festival, "PLACE57", label="Place 5/7", places=1, points=240, weekdays="12345", valid_days=90
    )
    seven = add_kind(festival, "PLACE77", label="Place 7/7", places=1, points=300, valid_days=90)
    customer_id = add_customer(festival)
    spend(festival, customer_id, 84)
    found = points_of(festival, customer_id)
    assert found.points == 252
    assert [(offer.label, offer.points, offer.missing) for offer in found.rewards] == [
        ("Place 5/7", 240, 0),
        ("Place 7/7", 300, 48),
    ]

    def reward(kind: int) -> CardState:
        return festival.write(
            lambda session: loyalty.reward(session, customer_id, kind, festival.desk, clock=festival.clock)
        )

    with pytest.raises(Refusal) as refused:
        reward(seven)
    assert "il faut 300 points, et le client en a 252" in refused.value.message
    card = reward(five)
    assert (card.places_left, card.valid_until, card.customer_id) == (1, date(2026, 4, 21), customer_id)
    kept = festival.read(
        lambda session: place_cards.in_wallet(session, customer_id, festival.desk, clock=festival.clock)
    )
    assert [each.value_id for each in kept] == [card.value_id]
    books_hold(festival)


@pytest.mark.parametrize(
    ("born", "today", "latest"),
    [
        (date(1990, 1, 21), date(2026, 1, 21), date(2026, 1, 21)),
        (date(1990, 1, 22), date(2026, 1, 21), date(2025, 1, 22)),
        # Born on the leap day: on the 28th in other years.
        (date(2000, 2, 29), date(2026, 2, 28), date(2026, 2, 28)),
        (date(2000, 2, 29), date(2026, 2, 27), date(2025, 2, 28)),
        (date(2000, 2, 29), date(2028, 2, 28), date(2027, 2, 28)),
        (date(2000, 2, 29), date(2028, 2, 29), date(2028, 2, 29)),
    ],
)
def test_the_latest_birthday(born: date, today: date, latest: date) -> None:
    assert last_birthday(born, today) == latest


def give(festival: Festival, customer_id: UUID, kind: int) -> CardState:
    return festival.write(
        lambda session: loyalty.give_birthday_place(
            session, customer_id, kind, festival.desk, clock=festival.clock
        )
    )


def test_a_birthday_place_is_given_once_a_year_in_the_days_that_follow(festival: Festival) -> None:
    kind = add_kind(festival, "ANNIVERSAIRE", label="Anniversaire", places=1, birthday=True, valid_days=30)
    customer_id = add_customer(festival, birth_date=date(1990, 1, 10))
    assert points_of(festival, customer_id).birthday == ((kind, "Anniversaire"),)
    card = give(festival, customer_id, kind)
    assert (card.places_left, card.customer_id) == (1, customer_id)
    assert points_of(festival, customer_id).birthday == ()
    with pytest.raises(Refusal, match=r"lui a été donnée le mer\. 21 janv\. à 12 h 00"):
        give(festival, customer_id, kind)
    festival.clock.at = paris(date(2027, 1, 9), datetime.min.time())
    with pytest.raises(Refusal):
        give(festival, customer_id, kind)
    festival.clock.advance(timedelta(days=1))
    assert give(festival, customer_id, kind).value_id != card.value_id
    books_hold(festival)


def test_a_date_of_birth_that_is_corrected_brings_no_second_place(festival: Festival) -> None:
    kind = add_kind(festival, "ANNIVERSAIRE", label="Anniversaire", places=1, birthday=True)
    customer_id = add_customer(festival, birth_date=date(1990, 12, 30))
    give(festival, customer_id, kind)
    before = CustomerDetails("Dupont", "Léa", email="lea@example.fr", birth_date=date(1990, 12, 30))
    command = CorrectCustomer(customer_id, before, replace(before, birth_date=date(1990, 1, 10)))
    festival.write(lambda session: correct_customer(session, command, festival.desk, clock=festival.clock))
    assert points_of(festival, customer_id).birthday == ()
    with pytest.raises(Refusal):
        give(festival, customer_id, kind)
    festival.clock.at = paris(date(2027, 1, 10), datetime.min.time())
    give(festival, customer_id, kind)
    books_hold(festival)


def test_a_month_later_or_without_a_date_of_birth_there_is_no_birthday_place(festival: Festival) -> None:
    kind = add_kind(festival, "ANNIVERSAIRE", label="Anniversaire", places=1, birthday=True)
    for born in (date(1990, 12, 21), None, date(2026, 1, 21)):
        customer_id = festival.write(partial(_somebody, festival=festival, born=born))
        with pytest.raises(Refusal) as refused:
            give(festival, customer_id, kind)
        assert "n'est due" in refused.value.message


def _somebody(session: Session, festival: Festival, born: date | None) -> UUID:
    details = CustomerDetails(f"Dupont {born}", "Léa", birth_date=born)
    command = CreateCustomer(uuid4(), details)
    return create_customer(session, command, festival.desk, clock=festival.clock).id


def test_a_sale_whose_points_were_spent_is_undone_by_a_manager_alone(festival: Festival) -> None:
    kind = add_kind(festival, "FIDELITE", label="Place 5/7", places=1, points=240)
    customer_id = add_customer(festival)
    sale = spend(festival, customer_id, 90)
    festival.write(
        lambda session: loyalty.reward(session, customer_id, kind, festival.desk, clock=festival.clock)
    )
    with pytest.raises(ManagerNeeded) as refused:
        festival.reverse(sale)
    assert refused.value.message == "Cette vente a donné des points, et 240 ont déjà servi."
    assert points_of(festival, customer_id).points == 30
    assert festival.reverse(sale, authorized_by=festival.manager.id).points.missing == 240
    books_hold(festival)
