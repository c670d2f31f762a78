"""Finding a sale again, by whatever the customer or the cashier knows of it."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import ColumnElement

from boxoffice.clock import business_day
from boxoffice.models import Sale, SaleKind, Ticket, table
from boxoffice.sales.finding import find_sales
from boxoffice.sales.history import LineState, SaleSummary, last_sale, read_sale
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.screenings.entrance import admit
from boxoffice.sales.settlement import Tender
from boxoffice.sales.typed_day import NamedDay, day_named
from tests.sales.conftest import Festival
from tests.sales.credit_life import customer, sell_to


@pytest.fixture(autouse=True)
def _sales(festival: Festival) -> None:
    """Four sales and a reversal, a minute apart from 18:40, at two tills."""
    festival.clock.advance(timedelta(hours=6, minutes=40))
    for till, lines in (
        (0, [festival.seat_line(quantity=2)]),
        (1, [festival.product_line()]),
        (0, [festival.seat_line("RENCONTRE", "REDUIT", holders=("Zoé",))]),
    ):
        festival.sell(*lines, desk=festival.desks[till])
        festival.clock.advance(timedelta(minutes=1))
    festival.reverse(festival.sell())


def find(
    festival: Festival, text: str, among: ColumnElement[bool] | None = None, limit: int = 50
) -> tuple[SaleSummary, ...]:
    today = business_day(festival.clock.now(), festival.posts[0].rules.business_day_starts)
    return festival.read(lambda session: find_sales(session, text, today=today, among=among, limit=limit))


def found(festival: Festival, text: str, limit: int = 50) -> list[str]:
    return [sale.operation for sale in find(festival, text, limit=limit)]


def test_nothing_typed_shows_every_sale_the_latest_first(festival: Festival) -> None:
    assert found(festival, "  ") == ["1-000004", "1-000003", "1-000002", "2-000001", "1-000001"]
    assert found(festival, "", limit=2) == ["1-000004", "1-000003"]


@pytest.mark.parametrize(
    ("text", "operations"),
    [
        ("1-000002", ["1-000002", "1-000001"]),
        ("2-1", ["2-000001"]),
        ("2-000001", ["2-000001"]),
        ("9-000001", []),
        ("17,00", ["1-000001"]),
        ("17 €", ["1-000001"]),
        ("8,50", ["1-000004", "1-000003"]),
        ("3,00", ["2-000001"]),
        ("18:42", ["1-000002"]),
        ("18h42", ["1-000002"]),
        ("18 h 42", ["1-000002"]),
        ("18h", ["1-000004", "1-000003", "1-000002", "2-000001", "1-000001"]),
        ("17:42", []),
        ("bonjour", []),
        ("--", []),
        ("1-", []),
        ("-", []),
        ("[/]", []),
        ("99999999999999999999", []),
        ("9999999-99999999999999999999", []),
        ("½", []),
    ],
)
def test_a_sale_is_found_by_number_amount_or_time(
    festival: Festival, text: str, operations: list[str]
) -> None:
    assert found(festival, text) == operations


def test_a_number_alone_may_be_an_operation_a_ticket_or_an_amount(festival: Festival) -> None:
    assert found(festival, "3") == ["1-000003", "1-000002", "2-000001"]
    assert found(festival, "17") == ["1-000001"]


def test_a_scanned_ticket_opens_its_sale(festival: Festival) -> None:
    for ticket in festival.rows(Ticket):
        (sale,) = find(festival, f" {ticket.code.lower()} ")
        assert sale.id == ticket.sale_id


def test_a_ticket_of_another_house_opens_nothing(festival: Festival) -> None:
    assert found(festival, "T" + "B" * 30) == []


def test_the_last_sale_of_a_till_is_no_reversal_and_no_other_tills(festival: Festival) -> None:
    last = festival.read(lambda session: last_sale(session, 1))
    other = festival.read(lambda session: last_sale(session, 2))
    assert last is not None
    assert other is not None
    assert (last.operation, last.kind) == ("1-000003", SaleKind.SALE)
    assert other.operation == "2-000001"
    assert festival.read(lambda session: last_sale(session, 99)) is None


def test_the_last_sale_is_the_last_numbered_even_when_the_clock_goes_back(festival: Festival) -> None:
    festival.clock.advance(timedelta(hours=-3))
    sold = festival.sell()
    last = festival.read(lambda session: last_sale(session, 1))
    assert last is not None
    assert last.id == sold.sale_id


def read(festival: Festival, operation: str) -> SaleSummary:
    (sale,) = (sale for sale in find(festival, operation) if sale.operation == operation)
    assert festival.read(lambda session: read_sale(session, sale.id)) == sale
    return sale


def test_a_sale_is_told_with_its_lines_as_they_are_now(festival: Festival) -> None:
    first, second = (row for row in festival.rows(Ticket) if row.event_title == "Kneecap" and row.number < 3)
    festival.write(
        lambda session: admit(session, festival.posts[0], first.code, "Porte A", clock=festival.clock)
    )
    sale = read(festival, "1-000001")
    assert [(line.ticket_number, line.state) for line in sale.lines] == [
        ("1-000001", LineState.USED),
        ("1-000002", LineState.SOLD),
    ]
    assert sale.can_be_reversed
    assert (sale.lines[0].event_title, sale.lines[0].label, sale.lines[0].total_cents) == (
        "Kneecap",
        "Plein",
        850,
    )
    assert sale.payments == (("cash", 1700),)
    assert (sale.till_name, sale.operator_name) == ("Caisse 1", "Karim D.")
    assert second.number == 2


def test_a_reversed_sale_and_its_reversal_say_so(festival: Festival) -> None:
    sale, reversal = read(festival, "1-000003"), read(festival, "1-000004")
    assert [line.state for line in sale.lines] == [LineState.REVERSED]
    assert not sale.can_be_reversed
    assert reversal.kind is SaleKind.REVERSAL
    assert (reversal.total_cents, reversal.lines[0].total_cents) == (-850, -850)
    assert reversal.payments == (("cash", -850),)
    assert not reversal.can_be_reversed


def test_payments_are_told_in_the_order_they_were_made(festival: Festival) -> None:
    sold = festival.sell(tenders=(Tender("card", 350), Tender("cash", 500, 500)))
    assert read(festival, sold.operation).payments == (("card", 350), ("cash", 500))


def test_an_unknown_sale_is_nothing(festival: Festival) -> None:
    assert festival.read(lambda session: read_sale(session, uuid4())) is None


@pytest.mark.parametrize("typed", ["9c4d", "C4D", "A1B29C4D"])
def test_a_sale_paid_by_card_is_found_by_the_last_digits_of_its_reference(
    festival: Festival, typed: str
) -> None:
    card = Tender("card", 850, reference="A1B29C4D")
    sale = festival.sell(festival.seat_line(), desk=festival.desks[1], tenders=(card,))
    assert found(festival, typed) == [sale.operation]
    assert found(festival, "A1B2") == []


@pytest.mark.parametrize("typed", ["Hélène", "helene", "l'héritier", "dupont-l'héritier"])
def test_a_sale_in_the_name_of_a_customer_is_found_by_that_name(festival: Festival, typed: str) -> None:
    """An h in a name is no hour, and a hyphen no number of a paper."""
    helene = customer(festival, CustomerDetails("Dupont-L'Héritier", "Hélène", email="h@example.fr"))
    sale = sell_to(festival, helene, festival.seat_line())
    assert found(festival, typed) == [sale.operation]


def test_what_is_looked_for_may_be_kept_within_some_sales(festival: Festival) -> None:
    of_second_till = table(Sale).c.till_id == festival.posts[1].till_id

    def within(text: str) -> list[str]:
        return [sale.operation for sale in find(festival, text, of_second_till)]

    assert within("") == within("18h") == within("1") == within("3,00") == ["2-000001"]
    assert within("17,00") == within("1-000001") == []


@pytest.mark.parametrize("typed", ["moreu camile", "Moreaux", "camille moreu"])
def test_a_misspelt_name_finds_the_sales_of_whoever_it_is_near(festival: Festival, typed: str) -> None:
    camille = customer(festival, CustomerDetails("Moreau", "Camille", email="camille@example.fr"))
    sale = sell_to(festival, camille, festival.seat_line())
    (only,) = find(festival, typed)
    assert (only.operation, only.far) == (sale.operation, False)


def test_a_name_only_a_little_like_the_one_typed_says_so(festival: Festival) -> None:
    sale = sell_to(festival, customer(festival, CustomerDetails("Moreau", "Camille")), festival.seat_line())
    (only,) = find(festival, "morel")
    assert (only.operation, only.far) == (sale.operation, True)


def test_no_name_nearly_typed_stands_for_a_customer_who_is_called_that(festival: Festival) -> None:
    """Camilla Moreau bought nothing; what Camille Moreau bought is not hers."""
    sell_to(festival, customer(festival, CustomerDetails("Moreau", "Camille")), festival.seat_line())
    customer(festival, CustomerDetails("Moreau", "Camilla"))
    assert found(festival, "moreau camilla") == []


@pytest.fixture
def next_days(festival: Festival) -> None:
    """A sale of the next day at half past midnight, still of the evening before, and one of its evening."""
    festival.clock.advance(timedelta(hours=6))
    festival.sell(festival.product_line())
    festival.clock.advance(timedelta(hours=18))
    festival.sell(festival.product_line())


@pytest.mark.usefixtures("next_days")
@pytest.mark.parametrize(
    ("text", "operations"),
    [
        ("hier", ["1-000005", "1-000004", "1-000003", "1-000002", "2-000001", "1-000001"]),
        ("21/1", ["1-000005", "1-000004", "1-000003", "1-000002", "2-000001", "1-000001"]),
        ("21/01/26", ["1-000005", "1-000004", "1-000003", "1-000002", "2-000001", "1-000001"]),
        ("22/01/2026", ["1-000006", "1-000005"]),
        ("Aujourd'hui", ["1-000006", "1-000005"]),
        ("23/01", []),
        ("avant-hier", []),
        ("21/01/2025", []),
        ("31/02", []),
        ("99/99/9999", []),
        ("1/1/0000", []),
        ("hier 18h", ["1-000004", "1-000003", "1-000002", "2-000001", "1-000001"]),
        ("0 h 43 hier", ["1-000005"]),
        ("21/1 17,00", ["1-000001"]),
        ("3,00 hier", ["1-000005", "2-000001"]),
        ("22/1 3,00", ["1-000006", "1-000005"]),
        ("hier bonjour", []),
    ],
)
def test_a_day_alone_or_with_something_else_keeps_to_what_was_sold_then(
    festival: Festival, text: str, operations: list[str]
) -> None:
    """A sale of after midnight is found by the evening that it ends, and by the date that it bears."""
    assert found(festival, text) == operations


def test_a_day_without_its_year_is_the_last_one_of_that_name() -> None:
    assert day_named("22/11", date(2026, 11, 22)) == NamedDay(date(2026, 11, 22), "")
    assert day_named("22/11 Chloé", date(2026, 11, 23)) == NamedDay(date(2026, 11, 22), "Chloé")
    assert day_named("31/12", date(2027, 1, 1)) == NamedDay(date(2026, 12, 31), "")
    assert day_named("29/2", date(2027, 3, 1)) == NamedDay(date(2024, 2, 29), "")
    assert day_named("1/1", date(2026, 12, 31)) == NamedDay(date(2027, 1, 1), "")
    assert day_named("18:42", date(2026, 12, 31)) is None


@pytest.mark.parametrize("typed", ["Karim", "karim d", "par Karim", "by kar", "PAR  D"])
def test_the_sales_of_a_cashier_are_found_by_their_name(festival: Festival, typed: str) -> None:
    theirs = [sale.operation for sale in find(festival, "") if sale.operator_name == "Karim D."]
    assert theirs
    assert found(festival, typed) == theirs


def test_the_sales_of_a_customer_come_before_those_of_a_cashier_of_that_name(festival: Festival) -> None:
    karim = customer(festival, CustomerDetails("Benali", "Karim"))
    sale = sell_to(festival, karim, festival.seat_line(), desk=festival.desks[1])
    by_cashier = found(festival, "par karim")
    assert found(festival, "karim") == [
        sale.operation,
        *(operation for operation in by_cashier if operation != sale.operation),
    ]
    assert found(festival, "hier par karim") == []
