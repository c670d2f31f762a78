"""Checkout: what a basket becomes in the books."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from boxoffice.models import (
    Event,
    JournalEntry,
    Payment,
    PrintJob,
    Product,
    Quota,
    Sale,
    SaleLine,
    Screening,
    Tariff,
    Ticket,
    TicketHolder,
    table,
)
from boxoffice.money import split_vat
from boxoffice.sales import means
from boxoffice.sales.books.verification import verify
from boxoffice.sales.checkout import checkout
from boxoffice.sales.settlement import LONGEST_REFERENCE, Settlement, Tender, tender
from boxoffice.sales.staff.rules import ReceiptPolicy
from boxoffice.sales.wording import one_line
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house


@pytest.fixture(autouse=True)
def _the_house_stands(festival: Festival) -> object:
    yield
    festival.read(check_the_house)


def last_content(festival: Festival) -> dict:
    entries = [row for row in festival.rows(JournalEntry) if row.sale_id is not None]
    return json.loads(entries[-1].content)


def test_a_basket_paid_in_cash_becomes_a_sale_with_its_tickets_and_papers(festival: Festival) -> None:
    sold = festival.sell(festival.seat_line(quantity=2), festival.seat_line(tariff="REDUIT"))
    assert sold.total_cents == 2300
    assert sold.operation == "1-000001"
    assert sold.tickets == ("1-000001", "1-000002", "1-000003")
    assert festival.count(Ticket) == festival.count(SaleLine) == festival.count(PrintJob) == 3
    assert festival.allocated() == 3
    verdict = festival.read(verify)
    assert verdict.entries == festival.count(JournalEntry)
    assert verdict.sales == 1


def test_change_is_given_on_cash_and_kept_in_the_books(festival: Festival) -> None:
    basket = festival.basket(festival.seat_line(quantity=2))
    paid = tender(Settlement(1700), means.CASH, 5000, cash_limit_cents=100_000)
    sold = festival.sell(*basket, tenders=paid.tenders)
    assert sold.change_cents == 3300
    (payment,) = festival.rows(Payment)
    assert (payment.amount_cents, payment.tendered_cents) == (1700, 5000)


def test_a_total_may_be_split_over_any_means(festival: Festival) -> None:
    sold = festival.sell(
        festival.seat_line(quantity=3),
        tenders=(Tender("card", 1000, None, "A1"), Tender("cheque", 500), Tender("cash", 1050, 2000)),
    )
    assert sold.change_cents == 950
    assert [(row.means, row.amount_cents, row.reference) for row in festival.rows(Payment)] == [
        ("card", 1000, "A1"),
        ("cheque", 500, ""),
        ("cash", 1050, ""),
    ]


def test_a_total_of_zero_needs_no_payment(festival: Festival) -> None:
    sold = festival.sell(festival.seat_line(tariff="INVIT", quantity=2))
    assert (sold.total_cents, sold.change_cents, len(sold.tickets)) == (0, 0, 2)
    assert festival.count(Payment) == 0


def test_exactly_the_legal_limit_may_be_paid_in_cash(festival: Festival) -> None:
    festival.write(lambda session: _reprice(session, 100_000))
    sold = festival.sell(festival.product_line())
    assert sold.total_cents == 100_000
    assert festival.rows(Payment)[0].means == "cash"


def test_cash_at_its_limit_leaves_the_rest_to_another_means(festival: Festival) -> None:
    festival.write(lambda session: _reprice(session, 100_001))
    sold = festival.sell(
        festival.product_line(), tenders=(Tender("cash", 100_000, 100_000), Tender("card", 1))
    )
    assert sold.total_cents == 100_001


def _reprice(session, cents: int) -> None:
    product = session.exec(select(Product).where(Product.code == "TOUR")).one()
    product.price_cents = cents
    session.add(product)


def test_articles_are_sold_without_a_ticket(festival: Festival) -> None:
    sold = festival.sell(festival.product_line(quantity=2))
    assert (sold.total_cents, sold.tickets) == (600, ())
    assert festival.count(Ticket) == festival.count(PrintJob) == 0


def test_one_basket_holds_several_screenings_and_articles(festival: Festival) -> None:
    sold = festival.sell(
        festival.seat_line("KNEECAP"),
        festival.seat_line("ETERNAL", quantity=2),
        festival.seat_line("KNEECAP2", "INVIT"),
        festival.product_line(),
    )
    assert sold.total_cents == 850 + 1700 + 300
    assert [festival.allocated(code) for code in ("KNEECAP", "ETERNAL", "KNEECAP2")] == [1, 2, 1]
    assert [row.event_title for row in festival.rows(Ticket)] == [
        "Kneecap",
        "The Eternal Daughter",
        "The Eternal Daughter",
        "Kneecap",
    ]


def test_a_group_is_sold_from_its_minimum_on(festival: Festival) -> None:
    assert festival.sell(festival.seat_line(tariff="GROUPE", quantity=4)).total_cents == 2400


def test_a_wheelchair_seat_comes_from_its_quota_and_from_no_other_seat(festival: Festival) -> None:
    festival.sell(festival.seat_line(tariff="UFR", quantity=2))
    assert festival.allocated() == 0
    (quota,) = festival.rows(Quota)
    assert quota.allocated == 2


def test_where_a_screening_has_no_such_quota_its_tariff_takes_an_open_seat(festival: Festival) -> None:
    festival.sell(festival.seat_line("ETERNAL", "UFR"))
    assert festival.allocated("ETERNAL") == 1
    assert festival.rows(SaleLine)[0].quota is None


def test_a_nominative_ticket_keeps_its_holder_apart_from_the_books(festival: Festival) -> None:
    festival.sell(festival.seat_line("RENCONTRE", quantity=2, holders=(" Zoé Œuvrard ", "O'Brien [/] 🎬")))
    assert [row.name for row in festival.rows(TicketHolder)] == ["Zoé Œuvrard", "O'Brien [/] 🎬"]
    assert all("Œuvrard" not in row.content for row in festival.rows(JournalEntry))


def test_names_typed_for_a_screening_that_asks_for_none_are_not_kept(festival: Festival) -> None:
    festival.sell(festival.seat_line(quantity=3, holders=("Zoé",)))
    assert festival.count(TicketHolder) == 0


STRANGE_TITLES = (
    "L'Étrange Histoire de Monsieur Œuvrard et de ses 23 chats noirs",
    "[COMPLET] [/] [bold]Hamlet[/bold]",
    "Tiré \x1b@\x1bd\x03 par la manche",
    "Le 🎬 de Noël 👨‍👩‍👧",
    "'; DROP TABLE sale; --",
    "‏שלום",
)


@pytest.mark.parametrize("title", STRANGE_TITLES)
def test_a_title_is_kept_as_it_is_written(festival: Festival, title: str) -> None:
    def rename(session) -> None:
        event = session.exec(select(Event).where(Event.title == "Kneecap")).one()
        event.title = title
        session.add(event)

    festival.write(rename)
    reference = one_line(title)[:LONGEST_REFERENCE]
    festival.sell(tenders=(Tender("cash", 850, 850, reference),))
    assert festival.rows(Ticket)[0].event_title == title
    assert festival.rows(Payment)[0].reference == reference
    assert last_content(festival)["tickets"][0]["title"] == title


def test_trying_again_finds_the_first_sale(festival: Festival) -> None:
    command = festival.order(
        festival.seat_line(quantity=2), tenders=(Tender("card", 700), Tender("cash", 1000, 2000))
    )
    first = festival.write(lambda session: checkout(session, command, festival.desk, clock=festival.clock))
    festival.clock.advance(timedelta(hours=9))
    again = festival.write(lambda session: checkout(session, command, festival.desk, clock=festival.clock))
    assert again == first
    assert first.change_cents == 1000
    assert festival.count(Sale) == 1
    assert festival.allocated() == 2


def test_the_id_of_a_sale_is_that_of_no_other_of_the_same_total(festival: Festival) -> None:
    lanyards = festival.product_line(quantity=2)
    first = festival.order(festival.seat_line(tariff="REDUIT"), lanyards)
    festival.write(lambda session: checkout(session, first, festival.desk, clock=festival.clock))
    others = {
        "another tariff": festival.basket(festival.seat_line(tariff="GROUPE"), lanyards),
        "another screening": festival.basket(festival.seat_line("ETERNAL", "REDUIT"), lanyards),
        "articles alone": festival.basket(festival.product_line(quantity=4)),
        "seats alone": festival.basket(festival.seat_line(tariff="REDUIT", quantity=2)),
    }
    for other in others.values():
        assert other.total_cents == first.basket.total_cents
        refusal = festival.refused(replace(first, basket=other))
        assert refusal.message.startswith("La vente 1-000001 a déjà été faite, d'un autre panier")
    by_card = (Tender("card", first.basket.total_cents),)
    assert "payée autrement" in festival.refused(replace(first, tenders=by_card)).message


def test_a_nominative_order_sent_again_is_the_same_in_the_same_names(festival: Festival) -> None:
    line = festival.seat_line("RENCONTRE", quantity=2, holders=("Zoé", "Léa "), nominative=True)
    order = festival.order(line)
    first = festival.write(lambda session: checkout(session, order, festival.desk, clock=festival.clock))
    again = festival.write(lambda session: checkout(session, order, festival.desk, clock=festival.clock))
    assert again == first
    others = festival.basket(replace(line, holders=("Zoé", "Lou")))
    assert "déjà été faite" in festival.refused(replace(order, basket=others)).message
    festival.write(lambda session: session.execute(table(TicketHolder).delete()))
    again = festival.write(lambda session: checkout(session, order, festival.desk, clock=festival.clock))
    assert again == first, "erasing the names makes no other sale of it"


def test_a_tariff_renamed_since_changes_nothing_to_a_second_try(festival: Festival) -> None:
    order = festival.order(festival.seat_line())
    first = festival.write(lambda session: checkout(session, order, festival.desk, clock=festival.clock))
    festival.write(lambda session: session.execute(table(Tariff).update().values(label="Autre")))
    again = festival.write(lambda session: checkout(session, order, festival.desk, clock=festival.clock))
    assert again == first


def test_the_same_order_sent_twice_at_once_makes_one_sale(festival: Festival) -> None:
    command = festival.order(festival.seat_line(quantity=2))

    def send(_turn: int):
        return festival.database.attempt(
            lambda session: checkout(session, command, festival.desk, clock=festival.clock)
        )

    with ThreadPoolExecutor(4) as threads:
        results = set(threads.map(send, range(4)))
    assert len(results) == 1
    assert festival.count(Sale) == 1
    assert festival.allocated() == 2


def test_two_tills_number_apart(festival: Festival) -> None:
    sold = [festival.sell(desk=desk) for desk in (*festival.desks, *festival.desks)]
    assert [sale.operation for sale in sold] == ["1-000001", "2-000001", "1-000002", "2-000002"]
    assert [sale.tickets for sale in sold] == [("1-000001",), ("2-000001",), ("1-000002",), ("2-000002",)]


def test_codes_of_tickets_never_repeat_and_the_journal_keeps_them_secret(festival: Festival) -> None:
    festival.sell(festival.seat_line(quantity=6))
    codes = {row.code for row in festival.rows(Ticket)}
    assert len(codes) == 6
    entries = "".join(row.content for row in festival.rows(JournalEntry))
    assert not any(code in entries for code in codes)


def test_a_receipt_is_ordered_when_it_is_asked_for(festival: Festival) -> None:
    festival.sell(receipt=True)
    assert [row.document for row in festival.rows(PrintJob)] == ["ticket", "receipt"]


def test_a_receipt_is_ordered_each_time_where_the_house_says_so(festival: Festival) -> None:
    rules = replace(festival.desk.post.rules, receipt=ReceiptPolicy.ALWAYS)
    desk = replace(festival.desk, post=replace(festival.desk.post, rules=rules))
    festival.sell(desk=desk)
    assert [row.document for row in festival.rows(PrintJob)] == ["ticket", "receipt"]


def test_the_journal_tells_the_vat_of_each_rate_once(festival: Festival) -> None:
    festival.sell(festival.seat_line(quantity=3), festival.product_line(quantity=2))
    content = last_content(festival)
    assert content["vat"] == [
        {"gross": 2550, "net": 2417, "rate": 550, "vat": 133},
        {"gross": 600, "net": 500, "rate": 2000, "vat": 100},
    ]
    assert content["vat"][0]["net"] == split_vat(2550, 550).net
    assert content["sale"]["total"] == 3150
    assert [line["label"] for line in content["lines"]] == ["Plein"] * 3 + ["Tour de cou"] * 2
    assert content["operator"] == festival.cashier.number
    assert content["establishment"] == "73282932000074"


@pytest.mark.parametrize(
    ("at", "day"),
    [
        pytest.param(datetime(2026, 1, 21, 22, 59, 59, tzinfo=UTC), date(2026, 1, 21), id="23:59:59"),
        pytest.param(datetime(2026, 1, 21, 23, 0, tzinfo=UTC), date(2026, 1, 21), id="midnight"),
        pytest.param(datetime(2026, 1, 22, 2, 59, 59, tzinfo=UTC), date(2026, 1, 21), id="03:59:59"),
        pytest.param(datetime(2026, 1, 22, 3, 0, tzinfo=UTC), date(2026, 1, 22), id="04:00"),
        pytest.param(datetime(2026, 3, 29, 1, 59, 59, tzinfo=UTC), date(2026, 3, 28), id="spring, 03:59:59"),
        pytest.param(datetime(2026, 3, 29, 2, 0, tzinfo=UTC), date(2026, 3, 29), id="spring, 04:00"),
        pytest.param(
            datetime(2026, 10, 25, 2, 59, 59, tzinfo=UTC), date(2026, 10, 24), id="autumn, 03:59:59"
        ),
        pytest.param(datetime(2026, 10, 25, 3, 0, tzinfo=UTC), date(2026, 10, 25), id="autumn, 04:00"),
    ],
)
def test_a_night_belongs_to_the_evening_before(festival: Festival, at: datetime, day: date) -> None:
    festival.clock.at = at
    festival.sell(festival.product_line())
    (sale,) = festival.rows(Sale)
    assert sale.business_day == day
    assert sale.at == at
    assert last_content(festival)["sale"]["business_day"] == day.isoformat()


def test_a_seat_is_sold_until_the_last_second_of_its_sale(festival: Festival) -> None:
    line = festival.seat_line()
    festival.clock.at = line.starts_at + timedelta(minutes=20)
    assert festival.sell(line).total_cents == 850


def test_a_screening_may_stay_on_sale_for_longer_than_the_house(festival: Festival) -> None:
    _sale_ends(festival, 60)
    line = festival.seat_line()
    festival.clock.at = line.starts_at + timedelta(minutes=60)
    assert festival.sell(line).total_cents == 850


def test_a_seat_is_never_sold_after_the_end_however_long_the_sale(festival: Festival) -> None:
    _sale_ends(festival, 600)
    line = festival.seat_line()
    festival.clock.at = line.starts_at + timedelta(minutes=105)
    assert festival.sell(line).total_cents == 850
    festival.clock.advance(timedelta(seconds=1))
    assert "n'est plus en vente" in festival.refused(festival.order(line)).message


def _sale_ends(festival: Festival, minutes: int) -> None:
    def change(session) -> None:
        screening = session.exec(select(Screening).where(Screening.code == "KNEECAP")).one()
        screening.sale_ends_minutes = minutes
        session.add(screening)

    festival.write(change)


def test_a_sale_is_given_the_uuid_of_its_order(festival: Festival) -> None:
    sale_id = uuid4()
    assert festival.sell(sale_id=sale_id).sale_id == sale_id
    assert festival.rows(Sale)[0].id == sale_id
