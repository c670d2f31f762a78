"""Gift cards, place cards and balances at the payment: what is pressed, seen, and kept in the books."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import pytest_asyncio
from textual.events import Key

from boxoffice.errors import Refusal
from boxoffice.models import CodeTries, GiftCard, Payment, PlaceCard, Sale, StoredValue
from boxoffice.sales.basket import name_customer
from boxoffice.sales.codes import CodeKind, grouped, new_code
from boxoffice.sales.vouchers import at_payment
from boxoffice.sales.vouchers.at_payment import AtHand
from tests.sales.conftest import Festival
from tests.sales.credit_life import cents_of, credited, customer, sell_to
from tests.sales.value_life import (
    add_customer,
    add_kind,
    card_state,
    give_card,
    make,
    named_basket,
    sell_basket,
)

from .playing import Player, at_the_counter

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def cashier(festival: Festival, keys: Path, tmp_path: Path) -> AsyncIterator[Player]:
    async with at_the_counter(festival, keys, tmp_path) as player:
        yield player


def cards(festival: Festival) -> list[GiftCard]:
    return festival.rows(GiftCard)


def left_on(festival: Festival, card: GiftCard) -> int | None:
    return next(row.amount for row in festival.rows(StoredValue) if row.id == card.value_id)


def paid(festival: Festival) -> list[tuple[str, int]]:
    """How the last sale was paid."""
    last = max(festival.rows(Sale), key=lambda sale: sale.number)
    rows = [row for row in festival.rows(Payment) if row.sale_id == last.id]
    return [(row.means, row.amount_cents) for row in sorted(rows, key=lambda row: row.position)]


async def scan(player: Player, code: str) -> None:
    await player.hurry(*code.lower(), "enter")
    player.pressed -= len(code) + 1


def scan_at_once(player: Player, code: str) -> None:
    """Send a code without a look at the screen."""
    for key in (*code.lower(), "enter"):
        player.pilot.app.post_message(Key(key, key if len(key) == 1 else None))


async def test_a_card_scanned_at_payment_pays_and_the_rest_is_exact_cash(
    festival: Festival, cashier: Player
) -> None:
    festival.sell_gift(cents=1000)
    (card,) = cards(festival)
    await cashier.press("1", "1", "enter")
    cashier.pressed = 0
    await scan(cashier, card.code)
    assert "il y reste 0,00" in cashier.shows("payment")
    assert "7,00" in cashier.shows("payment")
    await cashier.press("enter")
    assert paid(festival) == [("gift_card", 1000), ("cash", 700)]
    assert left_on(festival, card) == 0
    assert cashier.pressed <= 2


async def test_what_is_refused_once_all_is_paid_leaves_enter_to_end_the_sale(
    festival: Festival, cashier: Player
) -> None:
    festival.sell_gift(cents=5000)
    (card,) = cards(festival)
    await cashier.press("1", "enter")
    await scan(cashier, card.code)
    payment = cashier.counter.paying.payment
    assert payment is not None
    cashier.counter.paying.panel.show(replace(payment, refusal=Refusal("Cette carte paie déjà cette vente.")))
    assert "Cette carte paie déjà" in cashier.shows("payment")
    assert "Terminer la vente" in cashier.shows("payment")
    assert "Essayer encore" not in cashier.shows("payment")
    await cashier.press("enter")
    assert paid(festival) == [("gift_card", 850)]


async def test_a_card_that_pays_all_waits_for_enter_and_keeps_the_rest(
    festival: Festival, cashier: Player
) -> None:
    festival.sell_gift(cents=5000)
    (card,) = cards(festival)
    await cashier.press("1", "enter")
    await scan(cashier, card.code)
    assert "41,50" in cashier.shows("payment")
    assert "Terminer la vente" in cashier.shows("payment")
    assert festival.count(Sale) == 1
    await cashier.press("enter")
    assert paid(festival) == [("gift_card", 850)]
    assert left_on(festival, card) == 4150


async def test_several_cards_pay_one_sale_and_each_can_be_taken_back(
    festival: Festival, cashier: Player
) -> None:
    festival.sell_gift(cents=1000)
    festival.sell_gift(cents=1200)
    first, second = sorted(cards(festival), key=lambda card: left_on(festival, card) or 0)
    await cashier.press("1", "1", "1", "enter")
    await scan(cashier, first.code)
    await scan(cashier, second.code)
    await cashier.press("backspace")
    await scan(cashier, second.code)
    await cashier.press("c")
    assert sorted(paid(festival)) == [("card", 350), ("gift_card", 1000), ("gift_card", 1200)]


async def test_cards_scanned_one_upon_the_other_all_pay(festival: Festival, cashier: Player) -> None:
    """Three vouchers and an unknown one, sent without a pause: none is lost."""
    for _card in range(3):
        festival.sell_gift("BON850")
    first, second, third = cards(festival)
    await cashier.press("1", "1", "1", "enter")
    for code in (first.code, new_code(CodeKind.GIFT_CARD), second.code, third.code):
        scan_at_once(cashier, code)
    assert cashier.counter.paying.payment is not None
    await cashier.wait_until(lambda: len(cashier.counter.paying.payment.settlement.tenders) == 3)
    await cashier.press("enter")
    assert sorted(paid(festival)[-3:]) == [("gift_card", 850)] * 3
    assert [left_on(festival, card) for card in (first, second, third)] == [0, 0, 0]
    festival.stands()


async def test_the_same_card_scanned_twice_pays_once_and_says_so(festival: Festival, cashier: Player) -> None:
    festival.sell_gift(cents=1000)
    (card,) = cards(festival)
    await cashier.press("1", "1", "enter")
    await scan(cashier, card.code)
    await scan(cashier, card.code)
    assert "Cette carte paie déjà cette vente." in cashier.shows("payment")
    await cashier.press("enter")
    assert paid(festival) == [("gift_card", 1000), ("cash", 700)]


async def test_a_code_is_typed_in_groups_and_part_of_the_card_is_used(
    festival: Festival, cashier: Player
) -> None:
    festival.sell_gift(cents=5000)
    (card,) = cards(festival)
    await cashier.press("1", "enter", "5", "g", *grouped(card.typed_code).lower().replace("-", " "), "enter")
    assert "5,00" in cashier.shows("payment")
    await cashier.press("enter")
    assert paid(festival) == [("gift_card", 500), ("cash", 350)]


async def test_an_unknown_code_is_refused_counted_and_loses_nothing(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("1", "enter", "g", *("b" * 16), "enter")
    assert "Aucune carte n'a ce code ni ce numéro." in cashier.shows("payment")
    assert [row.wrong for row in festival.rows(CodeTries)] == [1]
    await cashier.press("escape", "enter")
    assert paid(festival) == [("cash", 850)]


async def test_a_mistyped_code_is_typed_anew_where_it_stands(festival: Festival, cashier: Player) -> None:
    """Its letters are no keys of the payment: the H of a code must not take a cheque."""
    festival.sell_gift(cents=5000)
    (card,) = cards(festival)
    code = card.typed_code.lower()
    await cashier.press("1", "enter", "g", *code[:-1], "enter")
    assert "Aucune carte n'a ce code" in cashier.shows("payment")
    await cashier.press("h", "h", "backspace", "backspace", *code, "enter")
    assert "il y reste 41,50" in cashier.shows("payment")
    await cashier.press("enter")
    assert paid(festival) == [("gift_card", 850)]


async def test_a_mistyped_code_is_corrected_by_its_last_letter(festival: Festival, cashier: Player) -> None:
    festival.sell_gift(cents=5000)
    (card,) = cards(festival)
    await cashier.press("1", "enter", "g", *card.typed_code.lower(), "b", "enter")
    await cashier.press("backspace", "enter")
    assert "il y reste 41,50" in cashier.shows("payment")


async def test_an_empty_code_gives_up(festival: Festival, cashier: Player) -> None:
    await cashier.press("1", "enter", "g", "enter", "enter")
    assert paid(festival) == [("cash", 850)]


async def test_the_balance_pays_as_much_as_wanted_and_says_what_stays(
    festival: Festival, cashier: Player
) -> None:
    """75,00 on 100,00 in the source: here 17,00 due, 8,50 on the balance, 5,00 of it used."""
    lea = customer(festival)
    credited(festival, sell_to(festival, lea, festival.seat_line("KNEECAP2")), customer_id=lea)
    assert cents_of(festival, lea) == 850
    cashier.counter.change(name_customer(cashier.counter.basket, lea, "Léa"))
    await cashier.press("1", "1", "enter", "s")
    seen = cashier.shows("payment")
    assert "8,50" in seen
    assert "Il y restera" in seen
    await cashier.press("5")
    seen = cashier.shows("payment")
    assert "5,00" in seen
    assert "3,50" in seen
    assert "12,00" in seen
    await cashier.press("right", "left", "enter", "c")
    assert paid(festival) == [("balance", 500), ("card", 1200)]
    assert cents_of(festival, lea) == 350


async def test_the_arrows_stay_within_the_balance_and_what_is_due(
    festival: Festival, cashier: Player
) -> None:
    lea = customer(festival)
    credited(festival, sell_to(festival, lea, festival.seat_line("KNEECAP2")), customer_id=lea)
    cashier.counter.change(name_customer(cashier.counter.basket, lea, "Léa"))
    await cashier.press("1", "enter", "s", "up", "right", "down", "left")
    payment = cashier.counter.paying.payment
    assert payment is not None
    assert payment.drawing_cents == 0
    await cashier.press("up", "enter", "enter")
    assert paid(festival) == [("balance", 850)]


async def test_what_one_customer_has_is_not_offered_to_the_next(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The books answer late for Léa, whose payment was left for that of somebody without a name."""
    lea = customer(festival)
    credited(festival, sell_to(festival, lea, festival.seat_line("KNEECAP2")), customer_id=lea)
    asked, answering, at_hand = Event(), Event(), at_payment.at_hand

    def late(*wish: Any, **told: Any) -> AtHand:
        hand = at_hand(*wish, **told)
        asked.set()
        assert answering.wait(30)
        return hand

    monkeypatch.setattr(at_payment, "at_hand", late)
    basket, paying = festival.basket(festival.seat_line()), cashier.counter.paying
    paying.open(name_customer(basket, lea, "Léa"))
    await cashier.wait_until(asked.is_set)
    paying.press("escape", "")
    paying.open(basket)
    answering.set()
    await cashier.press("s")
    assert "Aucun solde" in cashier.shows("payment")


async def test_without_a_customer_there_is_no_balance_and_it_says_why(
    festival: Festival, cashier: Player
) -> None:
    await cashier.press("1", "enter", "s")
    assert "Aucun solde" in cashier.shows("payment")
    await cashier.press("enter")
    assert paid(festival) == [("cash", 850)]


async def test_a_place_card_pays_the_seats_it_can(festival: Festival, cashier: Player) -> None:
    value_id = give_card(festival, add_kind(festival), number="CINE000123")
    await cashier.press("1", "1", "enter", "p", *"cine000123", "enter")
    assert "Terminer la vente" in cashier.shows("payment")
    await cashier.press("enter")
    assert paid(festival) == [("place_card", 850), ("place_card", 850)]
    assert card_state(festival, value_id).places_left == 3


async def test_a_card_that_serves_no_more_says_why_and_the_sale_waits_for_another_means(
    festival: Festival, cashier: Player
) -> None:
    gift = festival.sell_gift(cents=1000)
    three = add_kind(festival, "CINE1", places=1)
    give_card(festival, three, number="CINE0OVER", until=festival.clock.now().date() - timedelta(days=1))
    give_card(festival, three, number="CINE0USED")
    await cashier.press("1", "enter", "p", *"cine0used", "enter", "enter")
    await cashier.press("1", "enter", "p", *"cine0over", "enter")
    assert "n'était valable que jusqu'au" in cashier.shows("payment")
    await cashier.press("p", *"cine0used", "enter")
    assert "il ne reste aucune place" in cashier.shows("payment")
    festival.clock.advance(timedelta(days=366))
    (card,) = [card for card in cards(festival) if card.value_id == gift.value_id]
    await scan(cashier, card.code)
    shown = " ".join(cashier.shows("payment").split())
    assert "n'était valable que jusqu'au" in shown
    assert "Demandez un autre moyen de paiement." in shown
    assert paid(festival) == [("place_card", 850)]


async def test_a_nominative_card_asks_for_the_surname(festival: Festival, cashier: Player) -> None:
    kind = add_kind(festival, "PERMANENTE", nominative=True, places=None)
    give_card(festival, kind, number="PERM01", surname="Le Goff")
    await cashier.press("1", "enter", "p", *"perm01", "enter")
    assert "Nom du titulaire" in cashier.shows("payment")
    await cashier.type("le goff")
    await cashier.press("enter", "enter")
    assert paid(festival) == [("place_card", 850)]


async def test_the_proposed_order_is_seen_with_its_reasons_and_accepted_by_one_key(
    festival: Festival, cashier: Player
) -> None:
    lea = customer(festival)
    credited(festival, sell_to(festival, lea, festival.seat_line("KNEECAP2")), customer_id=lea)
    give_card(festival, add_kind(festival), number="CINE000123", customer_id=lea)
    cashier.counter.change(name_customer(cashier.counter.basket, lea, "Léa"))
    await cashier.press("1", "enter")
    seen = cashier.shows("payment")
    assert "Ordre proposé" in seen
    await cashier.press("o")
    assert "Terminer la vente" in cashier.shows("payment")
    await cashier.press("enter")
    assert paid(festival) == [("place_card", 850)]
    assert cents_of(festival, lea) == 850


async def test_a_card_scanned_while_the_proposed_order_is_carried_out_pays_too(
    festival: Festival, cashier: Player
) -> None:
    lea = customer(festival)
    credited(festival, sell_to(festival, lea, festival.seat_line("KNEECAP2")), customer_id=lea)
    festival.sell_gift(cents=1000)
    (card,) = cards(festival)
    cashier.counter.change(name_customer(cashier.counter.basket, lea, "Léa"))
    await cashier.press("1", "1", "1", "enter")
    cashier.counter.paying.press("o", "o")
    scan_at_once(cashier, card.code)
    await cashier.press("r")
    await cashier.press("enter")
    assert paid(festival) == [("balance", 850), ("gift_card", 1000), ("cash", 700)]


async def test_an_order_that_changed_since_it_was_seen_pays_nothing_and_shows_the_new_one(
    festival: Festival, cashier: Player
) -> None:
    """A place given at another counter spares the points of one seat."""
    lea = add_customer(festival)
    kind = add_kind(festival, "FIDELITE", label="Place 7/7", places=1, points=10)
    sell_basket(festival, named_basket(festival, lea, festival.product_line(quantity=20)))
    cashier.counter.change(name_customer(cashier.counter.basket, lea, "Léa"))
    await cashier.press("1", "1", "enter")
    assert cashier.shows("payment").count("10 points") == 2
    given = give_card(festival, kind, customer_id=lea)
    await cashier.press("o")
    assert "L'ordre proposé a changé depuis : rien n'est réglé." in cashier.shows("payment")
    assert cashier.shows("payment").count("10 points") == 1
    assert festival.count(PlaceCard) == 1
    await cashier.press("o", "enter")
    assert paid(festival) == [("place_card", 850), ("place_card", 850)]
    assert card_state(festival, given).places_left == 0
    assert festival.count(PlaceCard) == 2
    festival.stands()


async def test_a_proposed_order_is_changed_freely(festival: Festival, cashier: Player) -> None:
    lea = customer(festival)
    credited(festival, sell_to(festival, lea, festival.seat_line("KNEECAP2")), customer_id=lea)
    cashier.counter.change(name_customer(cashier.counter.basket, lea, "Léa"))
    await cashier.press("1", "enter", "o", "backspace", "c")
    assert paid(festival) == [("card", 850)]
    assert cents_of(festival, lea) == 850


async def test_an_accepted_order_puts_a_code_on_the_seat_that_no_card_pays(
    festival: Festival, cashier: Player
) -> None:
    """Half off was on the dearer of 8,50 and 6,00; a place pays that one, and the code 3,00 of the other."""
    lea = customer(festival)
    value_id = give_card(festival, add_kind(festival, places=1), customer_id=lea)
    make(festival, word="PRESSE")
    cashier.counter.change(name_customer(cashier.counter.basket, lea, "Léa"))
    await cashier.press("1", "2", "f7", *"presse", "enter", "enter")
    assert cashier.counter.basket.total_cents == 1025
    assert "ESSE : 3,00" in cashier.shows("payment")
    await cashier.press("o")
    assert [line.price_cents for line in cashier.counter.basket] == [850, 300]
    await cashier.press("enter")
    assert paid(festival) == [("place_card", 850), ("cash", 300)]
    assert card_state(festival, value_id).places_left == 0
    festival.stands()


async def test_a_long_proposal_leaves_the_keys_in_sight_on_a_small_screen(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path, size=(80, 24)) as player:
        lea = customer(festival)
        give_card(festival, add_kind(festival), number="CINE000123", customer_id=lea)
        player.counter.change(name_customer(player.counter.basket, lea, "Léa"))
        await player.press("1", "1", "2", "enter")
        seen = player.shows("payment")
        assert "Ordre proposé : O pour l'accepter" in seen
        assert "Carte bancaire" in seen
        assert "Revenir" in seen


async def test_the_place_of_a_birthday_is_given_at_payment_and_pays_the_seat(
    festival: Festival, cashier: Player
) -> None:
    add_kind(festival, "ANNIV", label="Place anniversaire", birthday=True, places=1)
    lea = add_customer(festival, date(1990, 1, 20))
    cashier.counter.change(name_customer(cashier.counter.basket, lea, "Léa"))
    await cashier.press("1", "enter")
    assert "A Place d'anniversaire" in cashier.shows("payment")
    await cashier.press("a")
    seen = cashier.shows("payment")
    assert "Place d'anniversaire donnée" in seen
    assert "A Place d'anniversaire" not in seen
    await cashier.press("o", "enter")
    assert paid(festival) == [("place_card", 850)]
    festival.stands()


async def test_no_place_of_a_birthday_is_offered_where_it_would_pay_nothing(
    festival: Festival, cashier: Player
) -> None:
    add_kind(festival, "ANNIV", label="Place anniversaire", birthday=True, places=1, weekdays="7")
    lea = add_customer(festival, date(1990, 1, 20))
    cashier.counter.change(name_customer(cashier.counter.basket, lea, "Léa"))
    await cashier.press("1", "enter", "a")
    assert "A Place d'anniversaire" not in cashier.shows("payment")
    assert festival.rows(PlaceCard) == []
