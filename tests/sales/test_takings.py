"""What a day took, by hour, means, cashier and till, computed once more from the raw rows."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from boxoffice.clock import in_paris
from boxoffice.models import Sale
from boxoffice.sales.closings.readings import read_box_office
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.overview.hours import clock_hour, spans_of_hour
from boxoffice.sales.overview.pace import read_pace
from boxoffice.sales.overview.takings import DayTakings, read_takings, same_day_last_year
from tests.sales.conftest import Festival
from tests.sales.recomputing import Books


def recomputed(books: Books, day: date) -> dict[str, Any]:
    """The takings of a business day in plain Python: turnover line by line, VAT counted already left out."""
    sales = {sale["id"]: sale for sale in books["sale"] if sale["business_day"] == day}
    by_hour, by_cashier, by_till, means = Counter[int](), Counter[str](), Counter[str](), Counter[str]()
    people, tills = books.by_id("operator"), books.by_id("till")

    def count(sale_id: Any, cents: int) -> None:
        sale = sales[sale_id]
        by_hour[in_paris(sale["at"]).hour] += cents
        by_cashier[people[sale["operator_id"]]["name"]] += cents
        by_till[tills[sale["till_id"]]["name"]] += cents

    for line in books["saleline"]:
        if line["sale_id"] in sales and line["kind"] != "voucher":
            count(line["sale_id"], line["quantity"] * line["unit_price_cents"])
    for payment in books["payment"]:
        if payment["sale_id"] in sales:
            means[payment["means"]] += payment["amount_cents"]
            if payment["vat_rate"] is not None:
                count(payment["sale_id"], -payment["amount_cents"])
    return {"hours": by_hour, "cashiers": by_cashier, "tills": by_till, "means": means}


def as_told(takings: DayTakings) -> dict[str, Any]:
    return {
        "hours": Counter({hour.key: hour.cents for hour in takings.hours}),
        "cashiers": Counter({each.name: each.cents for each in takings.cashiers}),
        "tills": Counter({each.name: each.cents for each in takings.tills}),
        "means": Counter({each.means: each.cents for each in takings.means}),
    }


def takings_of(festival: Festival, day: date) -> DayTakings:
    return festival.read(lambda session: read_takings(session, festival.posts[0].rules, day))


def test_a_little_of_everything_is_taken_to_the_cent(festival: Festival, full_books: CompletedSale) -> None:
    """Vouchers, cards taxed when they were sold, codes, credit notes and reversals at two tills."""
    assert full_books.tickets
    books = Books.read(festival.database)
    for day in {sale["business_day"] for sale in books["sale"]}:
        takings = takings_of(festival, day)
        assert as_told(takings) == recomputed(books, day)
        assert takings.sales == sum(
            sale["kind"] == "sale" and sale["business_day"] == day for sale in books["sale"]
        )


def test_the_takings_are_those_of_the_reading(festival: Festival, full_books: CompletedSale) -> None:
    assert full_books.tickets
    rules, clock = festival.posts[0].rules, festival.clock
    figures = festival.read(lambda session: read_box_office(session, rules, clock=clock)).figures
    days = {sale["business_day"] for sale in Books.read(festival.database)["sale"]}
    takings = [takings_of(festival, day) for day in days]
    assert sum(each.cents for each in takings) == figures.turnover_cents > 0
    means: Counter[str] = Counter()
    for each in takings:
        means.update({taken.means: taken.cents for taken in each.means})
    assert means == Counter({paid.means: paid.cents for paid in figures.payments})


@pytest.mark.usefixtures("closed_books")
def test_days_that_are_closed_are_taken_to_the_cent(festival: Festival) -> None:
    books = Books.read(festival.database)
    for day in {sale["business_day"] for sale in books["sale"]}:
        assert as_told(takings_of(festival, day)) == recomputed(books, day)


@pytest.mark.usefixtures("full_books")
def test_all_means_together_are_the_turnover_and_what_is_none(festival: Festival) -> None:
    rules = festival.desk.post.rules
    days = {row.business_day for row in festival.rows(Sale)}
    takings = [festival.read(lambda session, day=day: read_takings(session, rules, day)) for day in days]
    for day in takings:
        came_in = sum(taken.cents for taken in day.means)
        assert came_in == day.cents + day.gift_cards_cents + day.counted_before_cents
    assert any(day.gift_cards_cents + day.counted_before_cents for day in takings)


def test_a_sale_after_midnight_counts_for_the_evening_before(festival: Festival) -> None:
    day = in_paris(festival.clock.now()).date()
    festival.sell(festival.product_line())
    festival.clock.advance(timedelta(hours=13))
    festival.sell(festival.product_line(quantity=2))
    takings = takings_of(festival, day)
    assert [(hour.key, hour.cents) for hour in takings.hours] == [(12, 300), (1, 600)]
    assert takings.before(1) == 300
    assert takings.before(12) == 0


def test_a_day_on_which_nothing_was_sold_took_nothing(festival: Festival) -> None:
    takings = takings_of(festival, date(2025, 1, 22))
    assert (takings.cents, takings.sales, takings.hours) == (0, 0, ())


def test_the_same_day_last_year_is_of_the_same_week_day() -> None:
    assert same_day_last_year(date(2026, 1, 21)) == date(2025, 1, 22)


@pytest.mark.parametrize(
    "day", [date(2026, 1, 21), date(2026, 3, 28), date(2026, 10, 24)], ids=["winter", "spring", "autumn"]
)
def test_the_spans_of_an_hour_hold_the_moments_at_which_the_clock_shows_it(day: date) -> None:
    begins = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    for minutes in range(0, 23 * 60, 10):
        at = begins + timedelta(minutes=minutes)
        hour = clock_hour(f"{at:%Y-%m-%d %H}")
        assert hour == in_paris(at).hour
        holding = [
            each
            for each in range(24)
            if any(since <= at < until for since, until in spans_of_hour(day, each))
        ]
        assert holding == [hour]


def test_the_pace_counts_the_sales_of_the_last_minutes(festival: Festival) -> None:
    for minutes in (50, 30, 6, 3):
        sale = festival.sell()
        festival.clock.advance(timedelta(minutes=1))
        if minutes == 3:
            festival.reverse(sale)
        festival.clock.advance(timedelta(minutes=minutes - 1))
    pace = festival.read(lambda session: read_pace(session, clock=festival.clock))
    assert [(each.minutes, each.sales) for each in pace] == [(5, 1), (15, 2), (60, 3)]
    assert [each.a_minute for each in pace] == [1 / 5, 2 / 15, 3 / 60]
