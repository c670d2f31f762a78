"""A card or account brought to the payment of a basket: what it pays beside what pays already."""

import pytest

from boxoffice.errors import Refusal
from boxoffice.sales.basket import Basket
from boxoffice.sales.settlement import Settlement
from boxoffice.sales.vouchers.at_payment import PaidWith, pay_by_code, pay_by_codes
from tests.sales.conftest import Festival
from tests.sales.value_life import add_kind, give_card


def scanned(festival: Festival, basket: Basket, text: str, before: PaidWith | None = None) -> PaidWith:
    """What a card pays, once what it paid `before` is taken."""
    settlement = Settlement(basket.total_cents, before.tenders if before else ())
    return festival.write(
        lambda session: pay_by_code(session, text, basket, settlement, festival.desk, clock=festival.clock)
    )


def test_a_card_scanned_again_pays_with_the_places_it_has_left(festival: Festival) -> None:
    give_card(festival, add_kind(festival, places=1), number="CINE000001")
    basket = festival.basket(festival.seat_line(quantity=2))
    once = scanned(festival, basket, "CINE000001")
    assert [tender.covers for tender in once.tenders] == [1]
    with pytest.raises(Refusal, match="paie déjà cette vente"):
        scanned(festival, basket, "CINE000001", once)


def test_a_card_taken_for_some_seats_tells_the_places_that_others_leave(festival: Festival) -> None:
    give_card(festival, add_kind(festival, places=5), number="CINE000005")
    two, three = (festival.basket(festival.seat_line(quantity=quantity)) for quantity in (2, 3))
    more = scanned(festival, three, "CINE000005", scanned(festival, two, "CINE000005"))
    assert [tender.covers for tender in more.tenders] == [3]
    assert "il y reste 2 places" in more.said


def test_of_cards_scanned_in_a_row_each_pays_what_those_before_leave_and_a_wrong_one_is_named(
    festival: Festival,
) -> None:
    kind = add_kind(festival, places=1)
    for number in ("CINE1", "CINE2", "CINE3"):
        give_card(festival, kind, number=number)
    basket = festival.basket(festival.seat_line(quantity=3))
    texts = ["CINE1", "CINE9", "CINE2", "CINE3"]
    paid = festival.write(
        lambda session: pay_by_codes(
            session, texts, basket, Settlement(basket.total_cents), festival.desk, clock=festival.clock
        )
    )
    assert [tender.covers for tender in paid.tenders] == [1, 2, 3]
    assert len({tender.value_id for tender in paid.tenders}) == 3
    assert paid.refused is not None
    assert paid.refused.message == "Aucune carte n'a ce code ni ce numéro."
