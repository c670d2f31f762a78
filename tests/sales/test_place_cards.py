"""Place cards: sold, given and numbered elsewhere; what they pay, and what comes back to them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, col, update

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import CardSource, StoredValueState
from boxoffice.models import Event, Payment, PlaceCard, PriceList, Sale, SaleLine, StoredValue
from boxoffice.sales import means
from boxoffice.sales.checkout import Checkout, checkout
from boxoffice.sales.settlement import Settlement, Tender
from boxoffice.sales.vouchers import place_cards
from boxoffice.sales.vouchers.at_payment import PaidWith, pay_by_code
from boxoffice.sales.vouchers.eligibility import PlaceTerms, SeatAsked, covered_cents, obstacle
from boxoffice.sales.vouchers.giving import GiveCards, give_cards
from boxoffice.sales.vouchers.guessing import CodeRefused
from boxoffice.sales.vouchers.place_cards import CardState, SurnameNeeded
from tests.sales.conftest import Festival
from tests.sales.value_life import (
    add_customer,
    add_kind,
    books_hold,
    card_line,
    card_state,
    give_card,
    later,
    ledger,
    left_in,
    named_basket,
    numbered_card,
    order_with_card,
    seat_of,
    sell_basket,
    sell_with_card,
)

TWENTIETH = date(2026, 5, 20)
EVENING = datetime(2026, 5, 21, 18, tzinfo=UTC)


def asked(starts_at: datetime = EVENING, **changes: object) -> SeatAsked:
    seat = SeatAsked("Kneecap", starts_at, "Compétition", "FILMS", 850, 550)
    return replace(seat, **changes)  # type: ignore[arg-type]


TERMS = PlaceTerms("Carte 3 places", 550)


@pytest.mark.parametrize(
    ("terms", "seat", "said"),
    [
        # Validity is the day of the screening: 20 May does not pay for 21 May, whatever the day of the sale.
        (
            {"valid_until": TWENTIETH},
            asked(),
            "séance du 20/05/2026 au plus tard, et celle-ci est le 21/05/2026",
        ),
        ({"valid_until": TWENTIETH}, asked(EVENING - timedelta(days=1)), ""),
        ({"valid_until": date(2026, 5, 21)}, asked(), ""),
        ({"valid_from": date(2026, 5, 22)}, asked(), "à partir du 22/05/2026"),
        # Twenty past midnight in Angers is the day after, though it is still the evening before in UTC.
        ({"valid_until": TWENTIETH}, asked(datetime(2026, 5, 20, 22, 20, tzinfo=UTC)), "le 21/05/2026"),
        ({"weekdays": "12345"}, asked(), ""),
        ({"weekdays": "12345"}, asked(EVENING + timedelta(days=2)), "pas valable le samedi"),
        ({"sections": frozenset({"Chenaplans"})}, asked(), "pas valable pour « Kneecap »"),
        ({"price_lists": frozenset({"SOIREES"})}, asked(), "pas valable aux tarifs"),
        ({}, asked(vat_rate=210), "taux de TVA"),
        ({}, asked(price_cents=0), "rien à payer"),
        ({}, asked(price_cents=150, supplement_cents=150), "rien à payer"),
    ],
)
def test_a_card_pays_the_seats_that_its_kind_is_for(
    terms: dict[str, object], seat: SeatAsked, said: str
) -> None:
    why = obstacle(replace(TERMS, **terms), seat)  # type: ignore[arg-type]
    assert said in why
    assert bool(said) is bool(why)


def test_the_supplement_is_paid_by_the_cards_that_include_it() -> None:
    seat = asked(price_cents=1050, supplement_cents=200)
    assert covered_cents(TERMS, seat) == 850
    assert covered_cents(replace(TERMS, includes_supplement=True), seat) == 1050


def test_a_card_sold_at_the_counter_pays_a_seat_and_keeps_the_others(festival: Festival) -> None:
    add_kind(festival, price_cents=3400, valid_days=60)
    line = card_line(festival)
    festival.sell(line)
    card = card_state(festival, line.value_id)
    assert (card.places_left, card.valid_until) == (5, date(2026, 3, 22))
    festival.clock.advance(timedelta(minutes=1))
    sell_with_card(festival, line.value_id, festival.seat_line(quantity=2))
    assert ledger(festival, line.value_id) == [("issued", 5, 5), ("used", -1, 4), ("used", -1, 3)]
    paid = [row for row in festival.rows(Payment) if row.means == "place_card"]
    assert [(row.amount_cents, row.vat_rate, row.covers) for row in paid] == [(850, 550, 1), (850, 550, 2)]
    books_hold(festival)


def test_a_card_is_found_by_its_code_and_by_its_number(festival: Festival) -> None:
    value_id = give_card(festival, add_kind(festival), number="CINE000123")

    def found(text: str) -> CardState:
        return festival.read(
            lambda session: place_cards.look_up(session, text, festival.desk, clock=festival.clock)
        )

    assert found("cine-000 123").value_id == value_id
    code = festival.rows(PlaceCard)[0].code
    assert found(code).value_id == value_id
    assert found(code).masked == "····-··-0123"
    with pytest.raises(Refusal):
        found("CINE000124")


def test_a_nominative_card_needs_its_number_and_the_surname(festival: Festival) -> None:
    kind = add_kind(festival, "PERMANENTE", places=None, nominative=True)
    with pytest.raises(Refusal):
        give_card(festival, kind)
    value_id = give_card(festival, kind, number="PERM0001", surname="Lefèvre-Ibáñez")

    def look_up(surname: str | None) -> CardState:
        return festival.read(
            lambda session: place_cards.look_up(
                session, "PERM0001", festival.desk, clock=festival.clock, surname=surname
            )
        )

    with pytest.raises(SurnameNeeded):
        look_up(None)
    with pytest.raises(Refusal) as refused:
        look_up("Dupont")
    assert "ne vont pas ensemble" in refused.value.message
    assert look_up("lefevre ibanez").value_id == value_id
    for _time in range(3):
        sell_with_card(festival, value_id, festival.seat_line())
    assert left_in(festival, value_id) is None
    assert ledger(festival, value_id) == [("used", -1, None)] * 3
    books_hold(festival)


def test_a_card_valid_until_the_20th_is_refused_on_the_19th_for_the_21st(festival: Festival) -> None:
    """20 May, 21 May and 19 May of the source are today, tomorrow and today's morning of this festival."""
    value_id = give_card(festival, add_kind(festival), until=date(2026, 1, 21))
    tonight, tomorrow = festival.seat_line("KNEECAP"), festival.seat_line("KNEECAP2")
    card = card_state(festival, value_id)
    with pytest.raises(Refusal) as refused:
        place_cards.pay(card, 1, seat_of(festival, tomorrow), 550)
    assert "au plus tard" in refused.value.message
    forced = order_with_card(festival, value_id, tonight)
    basket = festival.basket(tomorrow)
    assert "au plus tard" in festival.refused(replace(forced, basket=basket)).message
    sell_with_card(festival, value_id, tonight)


def test_a_ticket_for_later_is_paid_by_a_card_that_ends_after_the_screening_only(festival: Festival) -> None:
    """Sold on the 21st for two in the afternoon of the 22nd: the card begins that day."""
    value_id = give_card(festival, add_kind(festival), since=date(2026, 1, 22), until=date(2026, 1, 22))
    sell_with_card(festival, value_id, festival.seat_line("KNEECAP2"))
    assert left_in(festival, value_id) == 4


def test_the_supplement_is_left_to_pay(festival: Festival) -> None:
    festival.write(
        lambda session: session.exec(
            update(PriceList).where(col(PriceList.code) == "FILMS").values(supplement_cents=150)
        )
    )
    plain = give_card(festival, add_kind(festival))
    full = give_card(festival, add_kind(festival, "TECHNO", places=1, includes_supplement=True))
    sell_with_card(festival, plain, festival.seat_line())
    sell_with_card(festival, full, festival.seat_line())
    assert [(row.means, row.amount_cents) for row in festival.rows(Payment)].count(("cash", 150)) == 1
    assert sorted(row.amount_cents for row in festival.rows(Payment)) == [150, 700, 850]


def test_a_reversal_gives_the_place_back_and_no_money(festival: Festival) -> None:
    value_id = give_card(festival, add_kind(festival))
    sale = sell_with_card(festival, value_id, festival.seat_line(quantity=2))
    reversal = festival.reverse(sale, 2)
    assert [(refund.means, refund.amount_cents) for refund in reversal.refunds] == [("place_card", 850)]
    assert left_in(festival, value_id) == 4
    festival.reverse(sale, desk=festival.managers_desk)
    assert left_in(festival, value_id) == 5
    books_hold(festival)


def test_a_card_sold_is_taken_back_unless_it_has_served(festival: Festival) -> None:
    add_kind(festival, price_cents=3400)
    line, used = card_line(festival), card_line(festival)
    sale = festival.sell(line)
    festival.reverse(sale)
    with festival.database.read() as session:
        value = session.get_one(StoredValue, line.value_id)
    assert (value.amount, value.state) == (0, StoredValueState.CANCELLED)
    assert "annulée" in card_state(festival, line.value_id).trouble
    sale = festival.sell(used)
    sell_with_card(festival, used.value_id, festival.seat_line())
    with pytest.raises(Refusal) as refused:
        festival.reverse(sale, desk=festival.managers_desk)
    assert "déjà utilisée" in refused.value.message
    books_hold(festival)


def test_what_a_place_covers_is_held_to_the_seat(festival: Festival) -> None:
    value_id = give_card(festival, add_kind(festival))
    good = order_with_card(festival, value_id, festival.seat_line(quantity=2))
    first, second = good.tenders
    for tenders in (
        (replace(first, amount_cents=800), replace(second, amount_cents=900)),
        (first, replace(second, covers=1)),
        (first, replace(second, covers=3)),
        (first, replace(second, vat_rate=2000)),
        (first, replace(second, value_id=uuid4())),
    ):
        festival.refused(replace(good, tenders=tenders))
    two_cards = replace(second, covers=1, value_id=give_card(festival, add_kind(festival, "AUTRE")))
    festival.refused(replace(good, tenders=(first, two_cards)))


def test_a_card_pays_no_lanyard(festival: Festival) -> None:
    value_id = give_card(festival, add_kind(festival))
    basket = festival.basket(festival.product_line())
    tender = Tender(means.PLACE_CARD.code, 300, value_id=value_id, vat_rate=2000, covers=1)
    assert "une place d'une séance" in festival.refused(Checkout(uuid4(), basket, (tender,))).message


def test_two_counters_with_the_last_place_one_wins(festival: Festival) -> None:
    value_id = give_card(festival, add_kind(festival, places=1))
    orders = [
        order_with_card(festival, value_id, festival.seat_line(name)) for name in ("KNEECAP", "ETERNAL")
    ]
    said: list[str] = []
    start = Barrier(2)

    def buy(till: int) -> None:
        start.wait()
        try:
            with festival.database.write() as session:
                checkout(session, orders[till], festival.desks[till], clock=festival.clock)
            said.append("sold")
        except Refusal as refusal:
            said.append(refusal.message)

    tills = [Thread(target=buy, args=(till,)) for till in (0, 1)]
    for till in tills:
        till.start()
    for till in tills:
        till.join()
    assert said.count("sold") == 1
    assert sum("il ne reste rien" in words for words in said) == 1
    assert left_in(festival, value_id) == 0
    books_hold(festival)


def test_a_card_bought_by_a_named_customer_is_in_their_wallet(festival: Festival) -> None:
    add_kind(festival, price_cents=3400)
    customer_id = add_customer(festival)
    line = card_line(festival)
    sell_basket(festival, named_basket(festival, customer_id, line))

    def wallet(session: Session) -> list[UUID]:
        return [
            card.value_id
            for card in place_cards.in_wallet(session, customer_id, festival.desk, clock=festival.clock)
        ]

    assert festival.read(wallet) == [line.value_id]
    books_hold(festival)


def test_an_empty_or_ended_card_says_so_and_leaves_the_wallet(festival: Festival) -> None:
    kind = add_kind(festival, places=1)
    customer_id = add_customer(festival)
    ended = give_card(festival, kind, until=date(2026, 1, 20), customer_id=customer_id)
    empty = give_card(festival, kind, customer_id=customer_id)
    sell_with_card(festival, empty, festival.seat_line())
    assert "n'était valable que jusqu'au 20/01/2026" in card_state(festival, ended).trouble
    assert "aucune place" in card_state(festival, empty).trouble
    kept = festival.read(
        lambda session: place_cards.in_wallet(session, customer_id, festival.desk, clock=festival.clock)
    )
    assert kept == ()


def test_vat_and_turnover_of_a_place_counted_when_it_was_sold(festival: Festival) -> None:
    """34,00 € at 5,5 % when the card is sold: 32,23 + 1,77; nothing when a place of it pays 8,50 €."""
    add_kind(festival, price_cents=3400)
    line = card_line(festival)
    festival.sell(line)
    sell_with_card(festival, line.value_id, festival.seat_line())
    sold = festival.rows(SaleLine)
    assert sorted((row.kind.value, row.unit_price_cents, row.vat_rate) for row in sold) == [
        ("product", 3400, 550),
        ("ticket", 850, 550),
    ]
    assert {row.total_cents for row in festival.rows(Sale)} == {3400, 850}


def test_only_the_sections_of_a_kind_are_paid(festival: Festival) -> None:
    festival.write(
        lambda session: session.exec(
            update(Event).where(col(Event.title) == "Kneecap").values(section="Chenaplans")
        )
    )
    value_id = give_card(festival, add_kind(festival, sections="Chenaplans\nPlein écran"))
    card = card_state(festival, value_id)
    assert place_cards.pay(card, 1, seat_of(festival, festival.seat_line()), 550).amount_cents == 850
    with pytest.raises(Refusal):
        place_cards.pay(card, 1, seat_of(festival, festival.seat_line("ETERNAL")), 550)
    later(festival, minutes=1)


def test_a_manager_gives_invitations_with_a_reason(festival: Festival) -> None:
    kind, customer_id = add_kind(festival, "INVITATION", places=1), add_customer(festival)

    def give(authorized_by: int, reason: str) -> tuple[CardState, ...]:
        command = GiveCards(kind, reason, authorized_by, count=3, customer_id=customer_id)
        return festival.write(
            lambda session: give_cards(session, command, festival.desk, clock=festival.clock)
        )

    with pytest.raises(ManagerNeeded):
        give(festival.cashier.id, "Panne du projecteur")
    with pytest.raises(Refusal):
        give(festival.manager.id, " ")
    given = give(festival.manager.id, "Panne du projecteur")
    assert [card.places_left for card in given] == [1, 1, 1]
    sell_with_card(festival, given[0].value_id, festival.seat_line())
    assert left_in(festival, given[0].value_id) == 0
    books_hold(festival)


def test_a_card_issued_elsewhere_is_written_down_by_its_number_once(festival: Festival) -> None:
    kind = add_kind(festival, "CINECARTE3", places=3)

    def write_down(number: str) -> tuple[CardState, ...]:
        command = GiveCards(kind, "Vendue au Centre Jean Monnier", festival.manager.id, number=number)
        return festival.write(
            lambda session: give_cards(session, command, festival.desk, clock=festival.clock)
        )

    (card,) = write_down("ciné 0042-7")
    (row,) = festival.rows(PlaceCard)
    assert (row.number, row.code, row.source) == ("CINE00427", None, CardSource.ELSEWHERE)
    sell_with_card(festival, card.value_id, festival.seat_line())
    assert left_in(festival, card.value_id) == 2
    with pytest.raises(Refusal, match="déjà connue ici"):
        write_down("CINE-00427")
    with pytest.raises(Refusal, match="n'est pas un numéro de carte"):
        write_down("42")
    books_hold(festival)


def test_a_number_of_the_letters_of_our_codes_pays_as_any_other(festival: Festival) -> None:
    value_id = numbered_card(festival, add_kind(festival), "BCDFGHJKLNPRSTVX")
    basket = festival.basket(festival.seat_line())

    def pay(text: str) -> PaidWith:
        return festival.database.attempt(
            lambda session: pay_by_code(
                session, text, basket, Settlement(850), festival.desk, clock=festival.clock
            )
        )

    (tender,) = pay("bcdf-ghjk-lnpr-stvx").tenders
    assert (tender.value_id, tender.amount_cents) == (value_id, 850)
    with pytest.raises(CodeRefused, match="ni ce numéro"):
        pay("bcdf-ghjk-lnpr-stvb")


def test_a_card_for_as_many_places_as_wanted_is_taken_back_until_it_has_paid_one(festival: Festival) -> None:
    add_kind(festival, "PERMANENTE", places=None, price_cents=1000)
    first, second = card_line(festival, "PERMANENTE"), card_line(festival, "PERMANENTE")
    unused, used = festival.sell(first), festival.sell(second)
    seat = sell_with_card(festival, second.value_id, festival.seat_line())
    with pytest.raises(Refusal, match="déjà utilisée"):
        festival.reverse(used, desk=festival.managers_desk)
    festival.reverse(unused, desk=festival.managers_desk)
    assert "annulée" in card_state(festival, first.value_id).trouble
    festival.reverse(seat)
    festival.reverse(used, desk=festival.managers_desk)
    books_hold(festival)
