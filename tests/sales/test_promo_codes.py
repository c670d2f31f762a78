"""Promo codes: made by a manager, looked up, used up by a sale and freed by its reversal."""

import json
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from sqlmodel import Session, select

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import PromoEffect
from boxoffice.models import JournalEntry, SaleLine
from boxoffice.sales.basket import SeatLine
from boxoffice.sales.checkout import checkout
from boxoffice.sales.codes import masked, normalised
from boxoffice.sales.vouchers.promo_basket import put_on
from boxoffice.sales.vouchers.promo_batches import MakeCodes, batches, export_batch, make_codes
from tests.sales.conftest import Festival
from tests.sales.value_life import (
    add_promo_tariff,
    books_hold,
    in_cash,
    later,
    ledger,
    left_in,
    look_up,
    make,
    sell_basket,
)


def test_a_code_typed_in_any_manner_is_the_same_code(festival: Festival) -> None:
    batch = make(festival, word="Ciné été 2026")
    assert batch.codes == ("CINEETE2026",)
    assert look_up(festival, " ciné-été 2026 ").value_id == look_up(festival, "CINEETE2026").value_id


def test_generated_codes_are_all_different_and_sixteen_letters(festival: Festival) -> None:
    batch = make(festival, count=50)
    assert len(set(batch.codes)) == 50
    assert {len(code) for code in batch.codes} == {16}
    spaced = "-".join(batch.codes[0][n : n + 4].lower() for n in (0, 4, 8, 12))
    assert look_up(festival, spaced).code == masked(batch.codes[0])


def test_only_a_manager_makes_codes(festival: Festival) -> None:
    command = MakeCodes("Presse", PromoEffect.PERCENTAGE_OFF, percentage=5000)
    with pytest.raises(ManagerNeeded):
        festival.write(
            lambda session: make_codes(
                session, command, festival.posts[0], festival.cashier, clock=festival.clock
            )
        )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"percentage": None}, "ouvre un tarif, ou baisse"),
        ({"amount_cents": 100}, "ouvre un tarif, ou baisse"),
        ({"percentage": 10_001}, "0,01 à 100"),
        ({"name": " "}, "Donnez un nom"),
        ({"count": 0}, "à la fois"),
        ({"uses": 0}, "au moins une fois"),
        ({"word": "abc"}, "de 4 à 32"),
        ({"screenings": ("NULLE",)}, "Séance inconnue : NULLE"),
        ({"sections": ("Nulle",)}, "Section inconnue : Nulle"),
        (
            {"effect": PromoEffect.OPENS_TARIFF, "percentage": None, "tariff_code": "PASS"},
            "demande un pass",
        ),
        (
            {"screenings_from": date(2026, 1, 22), "screenings_until": date(2026, 1, 21)},
            "finit avant de commencer",
        ),
    ],
)
def test_terms_that_make_no_sense_are_refused(
    festival: Festival, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(Refusal) as refused:
        make(festival, **changes)
    assert said in refused.value.message


def test_a_word_is_a_code_once(festival: Festival) -> None:
    make(festival, word="PLANS")
    with pytest.raises(Refusal) as refused:
        make(festival, word="plans")
    assert "existe déjà" in refused.value.message


def test_a_code_covers_the_screenings_named_and_the_days_between(festival: Festival) -> None:
    kneecap, second = festival.screening_id("KNEECAP"), festival.screening_id("KNEECAP2")
    named = make(festival, screenings=("KNEECAP",))
    dated = make(festival, screenings_from=date(2026, 1, 22))
    assert look_up(festival, named.codes[0]).screenings == {kneecap}
    assert look_up(festival, dated.codes[0]).screenings == {second}


def test_a_code_opens_a_tariff_that_nothing_else_opens(festival: Festival) -> None:
    add_promo_tariff(festival)
    line = festival.seat_line(tariff="PROMO")
    assert "code promo" in festival.refused(in_cash(festival.basket(line))).message
    batch = make(
        festival, effect=PromoEffect.OPENS_TARIFF, percentage=None, tariff_code="PROMO", name="Presse"
    )
    offer = look_up(festival, batch.codes[0])
    assert offer.opened[line.screening_id].price_cents == 0
    sell_basket(festival, put_on(festival.basket(festival.seat_line()), offer))
    assert left_in(festival, offer.value_id) == 0
    sold = festival.rows(SaleLine)[-1]
    assert (sold.tariff_code, sold.unit_price_cents, sold.promo_code_id) == ("PROMO", 0, offer.value_id)
    books_hold(festival)


def test_a_single_use_code_is_used_up_when_it_is_paid_and_not_before(festival: Festival) -> None:
    code = make(festival).codes[0]
    offer = look_up(festival, code)
    basket = put_on(festival.basket(festival.seat_line(quantity=2)), offer)
    assert look_up(festival, code) == offer
    sell_basket(festival, basket)
    with pytest.raises(Refusal) as refused:
        look_up(festival, code)
    assert refused.value.message == f"Code promo {masked(code)} : déjà utilisé."
    again = festival.refused(in_cash(basket))
    assert "déjà utilisé" in again.message
    charged = [(row.unit_price_cents, row.discount_cents) for row in festival.rows(SaleLine)]
    assert sorted(charged) == [(425, 425), (850, 0)]
    books_hold(festival)


def test_a_reversal_frees_the_code_whole_or_in_part(festival: Festival) -> None:
    offer = look_up(festival, make(festival, uses=3).codes[0])
    sale = sell_basket(festival, put_on(festival.basket(festival.seat_line(quantity=3)), offer))
    assert left_in(festival, offer.value_id) == 0
    festival.reverse(sale, 1)
    assert left_in(festival, offer.value_id) == 1
    festival.reverse(sale, desk=festival.managers_desk)
    assert left_in(festival, offer.value_id) == 3
    assert [kind for kind, _amount, _left in ledger(festival, offer.value_id)] == [
        "issued",
        "used",
        "given_back",
        "given_back",
    ]
    books_hold(festival)


def test_a_code_for_as_many_as_wanted_never_ends(festival: Festival) -> None:
    offer = look_up(festival, make(festival, word="PLANS", uses=None, seats_per_use=None).codes[0])
    for _time in range(2):
        sale = sell_basket(festival, put_on(festival.basket(festival.seat_line(quantity=2)), offer))
    festival.reverse(sale)
    assert left_in(festival, offer.value_id) is None
    books_hold(festival)


def test_the_place_bought_is_not_undone_without_the_place_given(festival: Festival) -> None:
    add_promo_tariff(festival)
    batch = make(
        festival,
        effect=PromoEffect.OPENS_TARIFF,
        percentage=None,
        tariff_code="PROMO",
        needs_paid_seat=True,
    )
    offer = look_up(festival, batch.codes[0])
    basket = put_on(festival.basket(festival.seat_line(quantity=2)), offer)
    alone = replace(basket, lines=basket.lines[1:])
    assert "deux personnes" in festival.refused(in_cash(alone)).message
    sale = sell_basket(festival, basket)
    with pytest.raises(Refusal) as refused:
        festival.reverse(sale, 1)
    assert "place offerte" in refused.value.message
    festival.reverse(sale)
    assert left_in(festival, offer.value_id) == 1


def test_a_discount_that_nobody_gave_is_refused(festival: Festival) -> None:
    offer = look_up(festival, make(festival, percentage=2000).codes[0])
    basket = put_on(festival.basket(festival.seat_line()), offer)
    (line,) = basket.lines
    assert isinstance(line, SeatLine)
    cheaper = replace(line, price_cents=line.price_cents - 100, discount_cents=line.discount_cents + 100)
    assert "pas à ce prix" in festival.refused(in_cash(replace(basket, lines=(cheaper,)))).message
    unknown = replace(line, promo_code_id=uuid4())
    assert "ne vaut pas" in festival.refused(in_cash(replace(basket, lines=(unknown,)))).message


def test_expired_unknown_and_early_codes_are_refused_in_one_sentence(festival: Festival) -> None:
    past = make(festival, valid_until=date(2026, 1, 20)).codes[0]
    early = make(festival, valid_from=date(2026, 1, 22)).codes[0]
    for code, said in (
        (past, "n'était valable que jusqu'au 20 janvier 2026."),
        (early, "valable à partir du 22 janvier 2026."),
        ("NULPART", "Ce code promo est inconnu."),
    ):
        with pytest.raises(Refusal) as refused:
            look_up(festival, code)
        assert refused.value.message.endswith(said)


def test_a_code_over_since_it_was_put_on_the_basket_is_refused_at_payment(festival: Festival) -> None:
    offer = look_up(festival, make(festival, valid_until=date(2026, 1, 21)).codes[0])
    line = festival.seat_line("KNEECAP2")
    basket = put_on(festival.basket(line), offer)
    later(festival, hours=24)
    assert "jusqu'au 21 janvier 2026" in festival.refused(in_cash(basket)).message


def test_two_counters_with_the_same_code_one_wins(festival: Festival) -> None:
    offer = look_up(festival, make(festival).codes[0])
    said: list[str] = []
    start = Barrier(2)

    def buy(till: int) -> None:
        command = in_cash(put_on(festival.basket(festival.seat_line(("KNEECAP", "ETERNAL")[till])), offer))
        start.wait()
        try:
            with festival.database.write() as session:
                checkout(session, command, festival.desks[till], clock=festival.clock)
            said.append("sold")
        except Refusal as refusal:
            said.append(refusal.message)

    tills = [Thread(target=buy, args=(till,)) for till in (0, 1)]
    for till in tills:
        till.start()
    for till in tills:
        till.join()
    assert sorted(said) == [f"Code promo {offer.code} : déjà utilisé.", "sold"]
    assert left_in(festival, offer.value_id) == 0
    books_hold(festival)


def test_codes_go_out_as_a_file_and_never_into_the_journal(festival: Festival) -> None:
    batch = make(festival, count=2, valid_until=date(2026, 1, 25))
    text = festival.write(
        lambda session: export_batch(
            session, batch.batch_id, festival.posts[0], festival.manager, clock=festival.clock
        )
    )
    lines = text.splitlines()
    assert lines[0] == "code;lot;utilisations restantes;valable du;valable jusqu'au"
    assert {normalised(line.split(";")[0]) for line in lines[1:]} == set(batch.codes)
    assert lines[1].endswith(";Presse;1;;2026-01-25")

    def told(session: Session) -> str:
        return json.dumps(list(session.exec(select(JournalEntry.content))))

    journal = festival.read(told)
    assert "promo.exported" in journal
    assert not any(code in journal for code in batch.codes)


def test_the_list_of_batches_counts_what_is_used(festival: Festival) -> None:
    batch = make(festival, count=3)
    sell_basket(festival, put_on(festival.basket(festival.seat_line()), look_up(festival, batch.codes[1])))
    (row,) = festival.read(batches)
    assert (row.name, row.codes, row.used, row.uses_left) == ("Presse", 3, 1, 2)


def test_screenings_that_are_over_are_not_offered(festival: Festival) -> None:
    code = make(festival, screenings=("ETERNAL",)).codes[0]
    festival.clock.advance(timedelta(hours=6))
    with pytest.raises(Refusal) as refused:
        look_up(festival, code)
    assert "aucune séance à venir" in refused.value.message


def test_one_seat_bought_is_company_for_one_given_whatever_the_codes(festival: Festival) -> None:
    first, second = (
        look_up(festival, make(festival, word=word, percentage=10_000, needs_paid_seat=True).codes[0])
        for word in ("ADEUX", "ATROIS")
    )
    three = put_on(put_on(festival.basket(festival.seat_line(quantity=3)), first), second)
    assert three.total_cents == 850
    assert "deux personnes" in festival.refused(in_cash(three)).message
    four = put_on(put_on(festival.basket(festival.seat_line(quantity=4)), first), second)
    sale = sell_basket(festival, four)
    with pytest.raises(Refusal, match="place offerte"):
        festival.reverse(sale, 1)
    festival.reverse(sale)
    assert [left_in(festival, offer.value_id) for offer in (first, second)] == [1, 1]
    books_hold(festival)
