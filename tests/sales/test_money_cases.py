"""Amounts worked out by hand, with their arithmetic: what a balance pays, and where a seat's value goes."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from sqlmodel import Session, select

from boxoffice.kinds import StoredValueKind
from boxoffice.models import PriceList, Tariff
from boxoffice.money import split_vat
from boxoffice.sales import means
from boxoffice.sales.basket import name_customer
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.settlement import Tender
from boxoffice.sales.vouchers.stored_values import account_id
from tests.sales.conftest import Festival
from tests.sales.credit_life import accepted, asked, cents_of, customer
from tests.sales.invariants import check_the_house
from tests.sales.test_balances import correct
from tests.sales.test_credit_requests import desk_with
from tests.sales.test_exchange import payments, vat_of
from tests.sales.test_gift_cards import by_card
from tests.sales.value_life import add_kind, give_card, left_in, sell_with_card


def concert(festival: Festival, cents: int = 7500, rate: int = 210) -> str:
    """A tariff of a concert: 75,00 € at 2,1 %."""

    def add(session: Session) -> None:
        films = session.exec(select(PriceList)).one()
        assert films.id is not None
        session.add(
            Tariff(
                price_list_id=films.id,
                code="CONCERT",
                position=9,
                label="Concert",
                price_cents=cents,
                vat_rate=rate,
            )
        )

    festival.write(add)
    return "CONCERT"


@pytest.mark.parametrize(
    ("balance", "used", "to_pay", "left"),
    [
        # An order of 75,00 €: 50,00 of a balance of 100,00 leave 25,00 to pay and 50,00 on the balance.
        (10_000, 5_000, 2_500, 5_000),
        (10_000, 7_500, 0, 2_500),
        (5_000, 5_000, 2_500, 0),
        (7_500, 7_500, 0, 0),
        (10_000, 1, 7_499, 9_999),
    ],
)
def test_a_balance_pays_as_much_as_is_wanted(
    festival: Festival, balance: int, used: int, to_pay: int, left: int
) -> None:
    lea = customer(festival)
    correct(festival, lea, balance)
    sale = bought(festival, lea, used)
    money = [cents for code, cents in payments(festival, sale.sale_id) if code != "balance"]
    assert sum(money) == to_pay
    assert cents_of(festival, lea) == left
    # 75,00 / 1,021 = 73,457… → 73,46 net and 1,54 VAT, however it is paid.
    assert vat_of(festival, sale.sale_id) == [{"rate": 210, "gross": 7500, "net": 7346, "vat": 154}]
    festival.read(check_the_house)


def bought(festival: Festival, lea: UUID, used: int) -> CompletedSale:
    tariff = concert(festival)
    value_id = account_id(lea, StoredValueKind.BALANCE)
    command = festival.paid(
        festival.seat_line(tariff=tariff), by=[Tender(means.BALANCE.code, used, value_id=value_id)]
    )
    basket = name_customer(command.basket, lea, "Léa Dupont")
    return festival.complete(replace(command, basket=basket))


def test_a_reversed_sale_credits_the_balance_back(festival: Festival) -> None:
    lea = customer(festival)
    correct(festival, lea, 10_000)
    reversal = festival.reverse(bought(festival, lea, 5_000))
    # 50,00 came from the balance and 25,00 from the till: each goes back where it came from.
    given = [(refund.means, refund.amount_cents) for refund in reversal.refunds]
    assert sorted(given) == [("balance", 5_000), ("cash", 2_500)]
    assert cents_of(festival, lea) == 10_000
    festival.read(check_the_house)


def test_the_rule_for_vat_is_to_round_the_net_half_up() -> None:
    assert split_vat(7500, 210) == (7346, 154)


Paid = Callable[[Festival, UUID], tuple[CompletedSale, UUID | None]]


def in_cash(festival: Festival, lea: UUID) -> tuple[CompletedSale, UUID | None]:
    """Two seats at 8,50 in cash."""
    return named(festival, lea), None


def by_gift_card(festival: Festival, lea: UUID) -> tuple[CompletedSale, UUID | None]:
    """Two seats at 8,50: 5,00 of a gift card of 50,00, and 12,00 in cash."""
    card = festival.sell_gift(cents=5000)
    return named(festival, lea, by_card(card, 500)), card.value_id


def by_voucher(festival: Festival, lea: UUID) -> tuple[CompletedSale, UUID | None]:
    """Two seats at 8,50: a voucher of 8,50 for one place, and 8,50 in cash."""
    card = festival.sell_gift("BON850")
    return named(festival, lea, by_card(card, 850, 550)), card.value_id


def by_place_card(festival: Festival, lea: UUID) -> tuple[CompletedSale, UUID | None]:
    """Two seats at 8,50: a place of a card for each."""
    card = give_card(festival, add_kind(festival), customer_id=lea)
    return sell_with_card(festival, card, festival.seat_line(quantity=2)), card


def named(festival: Festival, lea: UUID, *by: Tender) -> CompletedSale:
    command = festival.paid(festival.seat_line(quantity=2), by=by)
    basket = name_customer(command.basket, lea, "Léa Dupont")
    return festival.complete(replace(command, basket=basket))


@pytest.mark.parametrize(
    ("paid", "rule", "positions", "given", "vat"),
    [
        # One seat: 8,50 on the balance; 8,50 / 1,055 = 8,056… → 8,06 + 0,44.
        (in_cash, "100 %", [1], [("balance", -850)], (-850, -806, -44)),
        # Two seats at 80 %: 2 × 6,80 = 13,60; 13,60 / 1,055 = 12,890… → 12,89 + 0,71.
        (in_cash, "80 %", [1, 2], [("balance", -1360)], (-1360, -1289, -71)),
        # One seat less 1,50: 7,00; 7,00 / 1,055 = 6,635… → 6,64 + 0,36.
        (in_cash, "100 % - 1,50", [2], [("balance", -700)], (-700, -664, -36)),
        # The card gets its 5,00 back first, the balance the other 3,50.
        (by_gift_card, "100 %", [1], [("gift_card", -500), ("balance", -350)], (-850, -806, -44)),
        # At half, 4,25 are less than the card brought: all of it goes back to the card. 4,25 → 4,03 + 0,22.
        (by_gift_card, "50 %", [1], [("gift_card", -425)], (-425, -403, -22)),
        # The voucher was taxed when it was sold: its 8,50 come back to it, and no VAT is corrected.
        (by_voucher, "100 %", [1], [("gift_card", -850)], (0, 0, 0)),
        # Both seats: 8,50 to the voucher, 8,50 to the balance, and the VAT of these alone.
        (by_voucher, "100 %", [1, 2], [("gift_card", -850), ("balance", -850)], (-850, -806, -44)),
        # A place comes back whole: no rule takes a part of it.
        (by_place_card, "50 % - 1,00", [2], [("place_card", -850)], (0, 0, 0)),
        (by_place_card, "100 %", [1, 2], [("place_card", -850), ("place_card", -850)], (0, 0, 0)),
    ],
)
def test_the_value_of_a_seat_goes_back_where_it_came_from(
    festival: Festival,
    paid: Paid,
    rule: str,
    positions: list[int],
    given: list[tuple[str, int]],
    vat: tuple[int, int, int],
) -> None:
    lea = customer(festival)
    sale, value_id = paid(festival, lea)
    before = left_in(festival, value_id) if value_id else 0
    (note,) = accepted(
        festival, asked(festival, sale, positions, desk=desk_with(festival, credit_value=rule))
    )
    assert payments(festival, note.sale_id) == given
    gross, net, tax = vat
    assert vat_of(festival, note.sale_id) == [{"rate": 550, "gross": gross, "net": net, "vat": tax}]
    assert cents_of(festival, lea) == -sum(cents for code, cents in given if code == "balance")
    if value_id:
        back = [cents for code, cents in given if code != "balance"]
        units = len(back) if paid is by_place_card else -sum(back)
        assert left_in(festival, value_id) == (before or 0) + units
    festival.read(check_the_house)
