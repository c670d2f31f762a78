"""A promo code put on a basket and taken off again: no session is needed."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from boxoffice.errors import Refusal
from boxoffice.kinds import PromoEffect
from boxoffice.sales.basket import Basket, Line, ProductLine, SeatLine
from boxoffice.sales.vouchers.promo_basket import (
    OpenedTariff,
    PromoOffer,
    codes_on,
    discount_of,
    put_on,
    take_off,
    uses_of,
)

AT = datetime(2026, 1, 21, 19, tzinfo=UTC)
CODE = UUID(int=7)
FULL, REDUCED, PROMO = 1, 2, 9


def seats(quantity: int = 1, *, screening: int = 1, price: int = 850, tariff: int = FULL) -> SeatLine:
    return SeatLine(screening, tariff, "Kneecap", AT, "Plein", price, quantity)


def basket(*lines: Line) -> Basket:
    return Basket(lines)


def half(**changes: object) -> PromoOffer:
    offer = PromoOffer(
        CODE, "····-K3XV", "Presse", PromoEffect.PERCENTAGE_OFF, frozenset({1}), percentage=5000
    )
    return replace(offer, **changes)  # type: ignore[arg-type]


def opening(price: int = 0, **changes: object) -> PromoOffer:
    offer = PromoOffer(
        CODE,
        "····-K3XV",
        "Presse",
        PromoEffect.OPENS_TARIFF,
        frozenset({1}),
        opened={1: OpenedTariff(PROMO, "PROMO", "Tarif promo", price)},
    )
    return replace(offer, **changes)  # type: ignore[arg-type]


def prices(of: Basket) -> list[tuple[int, int, int]]:
    """Quantity, price and discount of each line."""
    return [
        (line.quantity, line.price_cents, line.discount_cents if isinstance(line, SeatLine) else 0)
        for line in of
    ]


def test_one_use_lowers_the_dearest_seat_and_leaves_the_others() -> None:
    after = put_on(basket(seats(2, price=600, tariff=REDUCED), seats(3)), half())
    assert prices(after) == [(2, 600, 0), (2, 850, 0), (1, 425, 425)]
    assert codes_on(after) == {CODE}


def test_a_code_without_limit_lowers_every_seat_it_covers_and_no_other() -> None:
    before = basket(seats(3), seats(1, screening=2), ProductLine(5, "Catalogue", 1000))
    after = put_on(before, half(seats_per_use=None))
    assert prices(after) == [(3, 425, 425), (1, 850, 0), (1, 1000, 0)]


def test_taken_off_the_basket_is_as_it_was() -> None:
    before = basket(seats(3), seats(2, screening=2))
    for offer in (half(), half(seats_per_use=None), opening(), opening(300, seats_per_use=2)):
        assert take_off(put_on(before, offer), CODE) == before


def test_put_on_twice_it_is_put_on_once() -> None:
    once = put_on(basket(seats(3)), half())
    assert put_on(once, half()) == once


def test_a_seat_moves_to_the_tariff_that_a_code_opens() -> None:
    after = put_on(basket(seats(2)), opening(300))
    assert prices(after) == [(1, 850, 0), (1, 300, 0)]
    line = after.lines[1]
    assert isinstance(line, SeatLine)
    assert (line.tariff_id, line.tariff_label, line.promo_code_id) == (PROMO, "Tarif promo", CODE)


def test_seats_chosen_at_the_opened_tariff_stay_and_count() -> None:
    chosen = replace(seats(1, price=0, tariff=PROMO), promo_code_id=CODE)
    after = put_on(basket(chosen, seats(1)), opening())
    assert prices(after) == [(1, 0, 0), (1, 850, 0)]
    assert prices(take_off(after, CODE)) == [(1, 850, 0)]


def test_one_bought_one_given_is_refused_alone() -> None:
    offer = opening(needs_paid_seat=True, seats_per_use=None)
    with pytest.raises(Refusal) as refused:
        put_on(basket(seats(1), seats(1, screening=2)), offer)
    assert "deux personnes" in refused.value.message
    assert prices(put_on(basket(seats(2)), offer)) == [(1, 850, 0), (1, 0, 0)]
    assert prices(put_on(basket(seats(5)), offer)) == [(3, 850, 0), (2, 0, 0)]


def test_a_place_is_given_where_another_is_bought_rather_than_on_the_dearest_seat() -> None:
    offer = half(percentage=10_000, needs_paid_seat=True, screenings=frozenset({1, 2}))
    after = put_on(basket(seats(1), seats(2, screening=2, price=600)), offer)
    assert prices(after) == [(1, 850, 0), (1, 600, 0), (1, 0, 600)]


def test_a_code_that_lowers_nothing_says_for_how_many_screenings_it_is() -> None:
    with pytest.raises(Refusal) as refused:
        put_on(basket(seats(1, screening=2)), half())
    assert "1 séance" in refused.value.message


def test_uses_left_bound_the_seats_of_one_basket() -> None:
    assert prices(put_on(basket(seats(5)), half(uses_left=3))) == [(2, 850, 0), (3, 425, 425)]
    assert uses_of(1, 3) == 3
    assert uses_of(2, 3) == 2
    assert uses_of(None, 30) == 1
    assert uses_of(2, 0) == 0


def test_a_group_stays_whole() -> None:
    group = replace(seats(4, price=600), minimum_group=4)
    with pytest.raises(Refusal):
        put_on(basket(group), half())
    assert prices(put_on(basket(group), half(seats_per_use=None))) == [(4, 300, 300)]


def test_names_follow_their_seats() -> None:
    named = replace(seats(2), nominative=True, holders=("Léa", "Zoé"))
    after = put_on(basket(named), half())
    held = [line.holders for line in after if isinstance(line, SeatLine)]
    assert sorted(name for names in held for name in names) == ["Léa", "Zoé"]
    assert take_off(after, CODE).seats == 2


@pytest.mark.parametrize(
    ("percentage", "amount", "price", "off"),
    [
        (2000, None, 850, 170),
        (3333, None, 850, 283),
        (5000, None, 5, 3),
        (10_000, None, 850, 850),
        (None, 200, 850, 200),
        (None, 1000, 850, 850),
    ],
)
def test_a_part_is_rounded_half_up_and_nothing_falls_below_zero(
    percentage: int | None, amount: int | None, price: int, off: int
) -> None:
    assert discount_of(percentage, amount, price) == off
