"""The basket is a frozen value: each key makes a new one."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.models import Requirement
from boxoffice.sales.basket import (
    Basket,
    ProductLine,
    SeatLine,
    add,
    remove,
    set_holders,
    set_quantity,
)
from boxoffice.sales.conditions import group_obstacle, requirement_obstacle, seats_obstacle

SEAT = SeatLine(1, 1, "Kneecap", datetime(2026, 1, 21, 19, 0, tzinfo=UTC), "Plein", 850)
POSTER = ProductLine(1, "Affiche", 500)
LINES = st.builds(
    lambda screening, tariff, cents, quantity: replace(
        SEAT, screening_id=screening, tariff_id=tariff, price_cents=cents, quantity=quantity
    ),
    st.integers(1, 3),
    st.integers(1, 3),
    st.sampled_from([0, 600, 850]),
    st.integers(1, 9),
) | st.builds(ProductLine, st.integers(1, 2), st.just("Affiche"), st.just(500), st.integers(1, 9))


def test_an_empty_basket_is_nothing() -> None:
    assert not Basket()
    assert (Basket().total_cents, Basket().seats) == (0, 0)


def test_the_same_seat_at_the_same_price_grows_its_line() -> None:
    basket = add(add(add(Basket(), SEAT), POSTER), replace(SEAT, quantity=2))
    assert [line.quantity for line in basket] == [3, 1]
    assert (basket.total_cents, basket.seats) == (3050, 3)


def test_the_same_seat_at_another_price_is_another_line() -> None:
    basket = add(add(Basket(), SEAT), replace(SEAT, price_cents=900))
    assert [line.price_cents for line in basket] == [850, 900]


def test_a_line_is_found_by_what_it_is_of() -> None:
    basket = add(add(Basket(), SEAT), POSTER)
    assert basket.find(POSTER.key) == POSTER
    assert basket.find(("seat", 9, 9)) is None


def test_nothing_left_of_a_line_takes_it_away() -> None:
    basket = add(add(Basket(), SEAT), POSTER)
    assert set_quantity(basket, 0, 0) == remove(basket, 0) == Basket((POSTER,))


def test_fewer_seats_keep_as_many_names() -> None:
    basket = set_holders(add(Basket(), replace(SEAT, quantity=3)), 0, ("Zoé", "Anouk", "Mehdi"))
    assert set_quantity(basket, 0, 2).lines[0].holders == ("Zoé", "Anouk")
    assert set_quantity(basket, 0, 4).lines[0].holders == ("Zoé", "Anouk", "Mehdi")


def test_an_article_takes_no_names() -> None:
    basket = add(Basket(), POSTER)
    assert set_holders(basket, 0, ("Zoé",)) is basket


@given(st.lists(LINES, max_size=12))
def test_adding_loses_nothing_and_charges_nothing_more(lines: list[SeatLine | ProductLine]) -> None:
    basket = Basket()
    for line in lines:
        before = basket
        basket = add(basket, line)
        assert basket.total_cents == before.total_cents + line.total_cents
    assert basket.seats == sum(line.quantity for line in lines if isinstance(line, SeatLine))
    assert len({(line.key, line.price_cents) for line in basket}) == len(basket.lines)


@pytest.mark.parametrize(
    ("requirement", "words"),
    [
        (Requirement.NOTHING, ""),
        (Requirement.PASS, "réservé aux détenteurs de pass : scannez le pass"),
        (Requirement.ACCREDITATION, "réservé aux accrédités : scannez l'accréditation"),
        (Requirement.PROMO_CODE, "ouvert par un code promo"),
    ],
)
def test_a_tariff_that_waits_for_something_says_what(requirement: Requirement, words: str) -> None:
    assert requirement_obstacle(requirement) == words


@pytest.mark.parametrize(("left", "words"), [(1, ""), (0, "complet"), (-1, "complet")])
def test_a_tariff_without_a_seat_left_says_so(left: int, words: str) -> None:
    assert seats_obstacle(left) == words


def test_a_group_starts_at_its_minimum() -> None:
    assert group_obstacle(4, 4) == ""
    assert group_obstacle(4, 3) == "à partir de 4 places"
    assert group_obstacle(1, 0) == "à partir de 1 place"
