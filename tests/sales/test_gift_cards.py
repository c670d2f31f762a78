"""Gift cards: sold, paying all or part of a sale, given back, looked up; VAT by the kind of voucher."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from boxoffice.errors import Refusal
from boxoffice.models import (
    Customer,
    GiftCard,
    GiftMessage,
    JournalEntry,
    LineKind,
    Payment,
    SaleLine,
    StoredValue,
    StoredValueState,
    table,
)
from boxoffice.sales import means
from boxoffice.sales.basket import GiftCardLine, Line, name_customer
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.people.personal_data import erase_customers, erase_inactive
from boxoffice.sales.refunds import Refund
from boxoffice.sales.settlement import Settlement, Tender
from boxoffice.sales.vouchers import at_payment, card_care, gift_cards, stored_values
from boxoffice.sales.vouchers.at_payment import PaidWith
from boxoffice.sales.vouchers.gift_cards import GiftCardState
from tests.sales.conftest import Festival
from tests.sales.value_life import add_kind, card_line


def by_card(line: GiftCardLine, cents: int, vat_rate: int | None = None) -> Tender:
    return Tender(means.GIFT_CARD.code, cents, value_id=line.value_id, vat_rate=vat_rate)


def codes(festival: Festival) -> tuple[str, str]:
    """What is scanned and what is typed of the only card."""
    (card,) = festival.rows(GiftCard)
    return card.code, card.typed_code


def look_up(festival: Festival, text: str) -> GiftCardState:
    return festival.read(
        lambda session: gift_cards.look_up(session, text, festival.desk, clock=festival.clock)
    )


def told(festival: Festival, sale: CompletedSale) -> dict[str, Any]:
    """What the journal tells of a sale."""
    content = next(row.content for row in festival.rows(JournalEntry) if row.sale_id == sale.sale_id)
    return dict(json.loads(content))


def test_a_multi_purpose_card_is_owed_when_sold_and_is_no_turnover(festival: Festival) -> None:
    line = festival.gift_line(cents=5000)
    sale = festival.sell(line)
    (sold,) = festival.rows(SaleLine)
    assert (sold.kind, sold.unit_price_cents, sold.vat_rate) == (LineKind.VOUCHER, 5000, 0)
    assert told(festival, sale)["vat"] == []
    assert festival.left_on(line.value_id) == 5000
    festival.stands()


def test_a_single_purpose_voucher_is_taxed_when_sold_and_not_again_when_used(festival: Festival) -> None:
    line = festival.gift_line("BON850")
    bought = festival.sell(line)
    # 8,50 at 5,5 %: net 8,50 / 1,055 = 8,056…, so 8,06 + 0,44.
    assert told(festival, bought)["vat"] == [{"rate": 550, "gross": 850, "net": 806, "vat": 44}]

    used = festival.complete(festival.paid(festival.seat_line(), by=[by_card(line, 850, 550)]))
    assert told(festival, used)["vat"] == [{"rate": 550, "gross": 0, "net": 0, "vat": 0}]
    assert festival.left_on(line.value_id) == 0
    festival.stands()


def test_mixed_rates_partly_paid_with_a_multi_purpose_card_are_taxed_in_full(festival: Festival) -> None:
    card = festival.sell_gift(cents=1000)
    basket = (festival.seat_line(), festival.product_line())
    sale = festival.complete(festival.paid(*basket, by=[by_card(card, 1000)]))
    # 8,50 at 5,5 % is 8,06 + 0,44; 3,00 at 20 % is 2,50 + 0,50; 11,50 in all, 10,00 by card and 1,50 in cash.
    assert told(festival, sale)["vat"] == [
        {"rate": 550, "gross": 850, "net": 806, "vat": 44},
        {"rate": 2000, "gross": 300, "net": 250, "vat": 50},
    ]
    paid = [row for row in festival.rows(Payment) if row.sale_id == sale.sale_id]
    assert [(row.means, row.amount_cents) for row in paid] == [("gift_card", 1000), ("cash", 150)]


@pytest.mark.parametrize(
    ("held", "total", "paid", "left"),
    [(1700, 1700, 1700, 0), (1000, 1700, 1000, 0), (5000, 1700, 1700, 3300)],
    ids=["equal", "below", "above"],
)
def test_a_card_pays_all_or_part_or_keeps_the_rest(
    festival: Festival, held: int, total: int, paid: int, left: int
) -> None:
    card = festival.sell_gift(cents=held)
    command = festival.paid(festival.seat_line(quantity=2), by=[by_card(card, paid)])
    assert festival.complete(command).total_cents == total
    assert festival.left_on(card.value_id) == left
    festival.stands()


@pytest.mark.parametrize("code", ["CADEAU", "BON850"])
def test_a_gift_card_buys_no_gift_card_nor_voucher(festival: Festival, code: str) -> None:
    card = festival.sell_gift(cents=5000)
    line = festival.gift_line(code, cents=2000)
    with pytest.raises(Refusal, match="ne paie ni carte cadeau, ni bon, ni carte de places"):
        festival.complete(festival.paid(line, by=[by_card(card, line.price_cents)]))
    assert festival.left_on(card.value_id) == 5000


def test_a_gift_card_buys_no_place_card(festival: Festival) -> None:
    add_kind(festival, price_cents=3000)
    card = festival.sell_gift(cents=5000)
    with pytest.raises(Refusal, match="ne paie ni carte cadeau, ni bon, ni carte de places"):
        festival.complete(festival.paid(card_line(festival), by=[by_card(card, 1)]))


def test_a_gift_card_pays_the_rest_of_a_basket_that_has_one_in_it(festival: Festival) -> None:
    card = festival.sell_gift(cents=5000)
    lines = (festival.gift_line(cents=2000), festival.seat_line(), festival.product_line())
    with pytest.raises(Refusal, match="ne paie ni carte cadeau"):
        festival.complete(festival.paid(*lines, by=[by_card(card, 1151)]))
    festival.complete(festival.paid(*lines, by=[by_card(card, 1150)]))
    assert festival.left_on(card.value_id) == 3850
    festival.stands()


def test_at_payment_a_gift_card_is_proposed_for_what_it_may_pay_only(festival: Festival) -> None:
    card = festival.sell_gift(cents=5000)
    code, _typed = codes(festival)
    value, seat = festival.gift_line(cents=2000), festival.seat_line()

    def pay(*lines: Line) -> PaidWith:
        basket = festival.basket(*lines)
        due = Settlement(basket.total_cents)
        return festival.read(
            lambda session: at_payment.pay_by_code(
                session, code, basket, due, festival.desk, clock=festival.clock
            )
        )

    assert pay(value, seat).tenders == (by_card(card, 850),)
    with pytest.raises(Refusal, match="ne paie ni carte cadeau, ni bon, ni carte de places"):
        pay(value)

    scanned = at_payment.Beside(cards=(card.value_id,))
    at_hand = festival.read(
        lambda session: at_payment.at_hand(
            session, festival.basket(value, seat), festival.desk, clock=festival.clock, beside=scanned
        )
    )
    assert (at_hand.proposed, at_hand.proposal.remaining_cents) == ((by_card(card, 850),), 2000)


def test_several_cards_pay_one_sale(festival: Festival) -> None:
    first, second = festival.sell_gift(cents=1000), festival.sell_gift("BON600")
    by = [by_card(second, 600, 550), by_card(first, 1000)]
    festival.complete(festival.paid(festival.seat_line(quantity=2), by=by))
    assert (festival.left_on(first.value_id), festival.left_on(second.value_id)) == (0, 0)
    festival.stands()


def test_a_second_try_of_a_sale_paid_by_card_takes_nothing_more(festival: Festival) -> None:
    card = festival.sell_gift(cents=5000)
    command = festival.paid(festival.seat_line(), by=[by_card(card, 850)])
    assert festival.complete(command) == festival.complete(command)
    assert festival.left_on(card.value_id) == 4150


def test_more_than_a_card_holds_is_refused_and_leaves_no_trace(festival: Festival) -> None:
    card = festival.sell_gift(cents=1000)
    refusal = festival.refused(festival.paid(festival.seat_line(quantity=2), by=[by_card(card, 1700)]))
    assert "il reste 10,00" in refusal.message


def test_a_single_purpose_voucher_pays_nothing_of_another_rate(festival: Festival) -> None:
    card = festival.sell_gift("BON850")
    command = festival.paid(festival.product_line(quantity=5), by=[by_card(card, 850, 550)])
    assert "ne paie que ce qui est à" in festival.refused(command).message
    told_as_multi = festival.paid(festival.product_line(quantity=5), by=[by_card(card, 850)])
    assert "inconnue" in festival.refused(told_as_multi).message


def test_a_single_purpose_voucher_does_not_buy_another_voucher(festival: Festival) -> None:
    card = festival.sell_gift("BON850")
    for code in ("CADEAU", "BON850"):
        command = festival.paid(festival.gift_line(code, cents=1000), by=[by_card(card, 850, 550)])
        assert "ne paie ni carte cadeau, ni bon" in festival.refused(command).message


def test_a_card_that_is_blocked_or_empty_pays_nothing_and_says_why(festival: Festival) -> None:
    empty, blocked = festival.sell_gift(cents=1000), festival.sell_gift(cents=1000)
    festival.complete(festival.paid(festival.seat_line(quantity=2), by=[by_card(empty, 1000)]))
    festival.write(
        lambda session: stored_values.set_state(
            session, blocked.value_id, StoredValueState.BLOCKED, "carte volée"
        )
    )
    for card, reason in ((empty, "il ne reste rien"), (blocked, "carte volée")):
        command = festival.paid(festival.seat_line(), by=[by_card(card, 850)])
        assert reason in festival.refused(command).message


def test_a_card_is_over_the_day_after_its_last(festival: Festival) -> None:
    card = festival.sell_gift(cents=1000)
    (row,) = festival.rows(StoredValue)
    festival.clock.advance(timedelta(days=365))
    assert festival.clock.now().date() == row.valid_until
    by = [by_card(card, 300)]
    festival.complete(festival.paid(festival.product_line(), by=by))
    festival.clock.advance(timedelta(days=1))
    refusal = festival.refused(festival.paid(festival.product_line(), by=by))
    assert "n'était valable que jusqu'au" in refusal.message


@pytest.mark.parametrize("amount", [999, 20_001])
def test_an_amount_out_of_bounds_is_not_sold(festival: Festival, amount: int) -> None:
    refusal = festival.refused(festival.order(festival.gift_line(cents=amount)))
    assert "de 10,00" in refusal.message


def test_a_gift_card_is_not_sold_as_an_article_nor_the_other_way_round(festival: Festival) -> None:
    card, article = festival.gift_line(), festival.product_line()
    as_card = replace(card, product_id=article.product_id, price_cents=article.price_cents)
    as_article = replace(article, product_id=card.product_id, price_cents=1000)
    for line in (as_card, as_article):
        assert "ne se vend pas ainsi" in festival.refused(festival.order(line)).message


def test_a_reversed_sale_puts_the_value_back_on_the_card(festival: Festival) -> None:
    card = festival.sell_gift(cents=1000)
    sale = festival.complete(festival.paid(festival.seat_line(quantity=2), by=[by_card(card, 1000)]))
    undone = festival.reverse(sale)
    assert undone.refunds == (Refund("gift_card", 1000, card.value_id), Refund("cash", 700))
    assert festival.left_on(card.value_id) == 1000
    festival.stands()


def test_part_of_a_sale_goes_back_to_the_card_first(festival: Festival) -> None:
    card = festival.sell_gift(cents=1000)
    sale = festival.complete(festival.paid(festival.seat_line(quantity=2), by=[by_card(card, 1000)]))
    assert festival.reverse(sale, 1).refunds == (Refund("gift_card", 850, card.value_id),)
    rest = festival.reverse(sale, 2, desk=festival.managers_desk).refunds
    assert rest == (Refund("gift_card", 150, card.value_id), Refund("cash", 700))
    assert festival.left_on(card.value_id) == 1000
    festival.stands()


def test_what_a_single_purpose_voucher_paid_goes_back_without_vat(festival: Festival) -> None:
    card = festival.sell_gift("BON850")
    lines = festival.seat_line(), festival.product_line()
    sale = festival.complete(festival.paid(*lines, by=[by_card(card, 850, 550)]))
    festival.reverse(sale)
    assert festival.left_on(card.value_id) == 850
    shares: dict[int, int] = {}
    for row in festival.rows(JournalEntry):
        for share in json.loads(row.content).get("vat", ()):
            shares[share["rate"]] = shares.get(share["rate"], 0) + share["gross"]
    assert shares == {550: 850, 2000: 0}
    festival.stands()


def test_reversing_the_sale_of_a_card_cancels_it(festival: Festival) -> None:
    line = festival.gift_line(cents=5000)
    sale = festival.sell(line)
    festival.reverse(sale)
    assert festival.left_on(line.value_id) == 0
    (row,) = festival.rows(StoredValue)
    assert row.state is StoredValueState.CANCELLED
    refusal = festival.refused(festival.paid(festival.seat_line(), by=[by_card(line, 850)]))
    assert "annulée" in refusal.message
    festival.stands()


def test_a_card_that_has_paid_cannot_be_taken_back(festival: Festival) -> None:
    line = festival.gift_line(cents=5000)
    sale = festival.sell(line)
    paid = festival.complete(festival.paid(festival.seat_line(), by=[by_card(line, 850)]))
    with pytest.raises(Refusal, match="déjà utilisée"):
        festival.reverse(sale, desk=festival.managers_desk)
    festival.reverse(paid)
    festival.reverse(sale, desk=festival.managers_desk)
    festival.stands()


def test_a_balance_check_is_one_scan_or_the_code_typed_in_groups(festival: Festival) -> None:
    card = festival.sell_gift(cents=5000)
    festival.complete(festival.paid(festival.seat_line(), by=[by_card(card, 850)]))
    scanned, typed = codes(festival)
    shown = look_up(festival, scanned)
    assert (shown.left_cents, shown.sold_cents, shown.trouble) == (4150, 5000, "")
    assert shown.masked == f"····-····-····-{typed[-4:]}"
    groups = "-".join(typed[start : start + 4] for start in range(0, 16, 4))
    assert look_up(festival, groups.lower()) == look_up(festival, groups.replace("-", " ")) == shown


def test_no_list_log_or_refusal_shows_a_code_in_full(festival: Festival) -> None:
    card = festival.sell_gift(cents=1000)
    refusal = festival.refused(festival.paid(festival.seat_line(quantity=2), by=[by_card(card, 1700)]))
    journal = "".join(row.content for row in festival.rows(JournalEntry))
    for code in codes(festival):
        assert code not in journal
        assert code not in str(refusal)
    assert codes(festival)[1][-4:] in refusal.message


def test_what_a_card_says_is_kept_apart(festival: Festival) -> None:
    words = {"giver": "Papi", "recipient": "Léa", "message": "Bon anniversaire\n!"}
    card = festival.sell_gift(cents=1000, **words)
    (kept,) = festival.rows(GiftMessage)
    assert (kept.value_id, kept.recipient, kept.message) == (card.value_id, "Léa", "Bon anniversaire !")
    assert "Léa" not in "".join(row.content for row in festival.rows(JournalEntry))


def test_what_a_card_says_is_erased_for_whoever_asks(festival: Festival) -> None:
    card = festival.sell_gift(recipient="Léa", message="Bonne toile !")

    def forget() -> bool:
        return festival.write(
            lambda session: card_care.forget_words(
                session,
                card.value_id,
                festival.desk.post,
                manager=festival.manager,
                clock=festival.clock,
            )
        )

    assert (forget(), forget()) == (True, False)
    assert not festival.count(GiftMessage)
    assert [row.kind for row in festival.rows(JournalEntry)].count("value.words_forgotten") == 1
    assert festival.left_on(card.value_id) == 5000
    festival.stands()


def test_what_a_card_says_goes_with_its_buyer_or_after_three_years(festival: Festival) -> None:
    lea = known_customer(festival, "Léa")
    festival.sell_gift(recipient="Zoé")
    theirs = festival.gift_line(recipient="Noé")
    festival.complete(
        replace(
            festival.order(theirs),
            basket=name_customer(festival.basket(theirs), lea, "Léa"),
        )
    )
    manager, post, clock = festival.manager, festival.desk.post, festival.clock
    festival.write(lambda session: erase_customers(session, [lea], post, manager=manager, clock=clock))
    assert [row.recipient for row in festival.rows(GiftMessage)] == ["Zoé"]
    clock.advance(timedelta(days=3 * 366))
    festival.write(lambda session: erase_inactive(session, post, manager=manager, clock=clock))
    assert not festival.count(GiftMessage)
    festival.stands()


def known_customer(festival: Festival, surname: str) -> UUID:
    customer_id, at = uuid4(), festival.clock.now()
    row = {"id": customer_id, "surname": surname, "created_at": at, "seen_at": at}
    festival.write(lambda session: session.execute(table(Customer).insert().values(row)))
    return customer_id


def test_words_too_long_for_the_card_are_refused(festival: Festival) -> None:
    refusal = festival.refused(festival.order(festival.gift_line(message="a" * 201)))
    assert "trop long" in refusal.message


def test_an_establishment_that_charges_no_vat_sells_vouchers_without(festival: Festival) -> None:
    desk = replace(festival.desk, post=replace(festival.desk.post, charges_vat=False))
    line = festival.gift_line("BON850")
    festival.sell(line, desk=desk)
    command = festival.paid(festival.seat_line(), by=[by_card(line, 850, 0)])
    festival.complete(command, desk)
    assert festival.left_on(line.value_id) == 0


def test_the_same_card_pays_once_in_a_sale(festival: Festival) -> None:
    card = festival.sell_gift(cents=5000)
    twice = [by_card(card, 500), by_card(card, 350)]
    refusal = festival.refused(replace(festival.order(festival.seat_line()), tenders=tuple(twice)))
    assert "paie déjà" in refusal.message


def test_a_card_that_does_not_exist_pays_nothing(festival: Festival) -> None:
    by = [Tender(means.GIFT_CARD.code, 850, value_id=uuid4())]
    assert "inconnue" in festival.refused(festival.paid(festival.seat_line(), by=by)).message
