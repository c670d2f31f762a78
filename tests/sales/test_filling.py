"""How full screenings are, when they sell out, what is left tonight, and the rows behind figures."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from boxoffice.clock import in_paris
from boxoffice.errors import Refusal
from boxoffice.models import PassProduct, PrintJob, Product, Screening, table
from boxoffice.printing.rendering import to_plain
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.overview.behind import Behind, read_behind, read_bookings_of
from boxoffice.sales.overview.coming import (
    Tonight,
    load_left_tonight,
    print_left_tonight,
    read_left_tonight,
)
from boxoffice.sales.overview.filling import (
    USUAL_HOURS,
    Filling,
    read_filling,
    selling_hours,
    sells_out_at,
    taken_lately,
)
from boxoffice.sales.overview.pace import begins, read_pace
from boxoffice.sales.overview.passes_sold import read_passes_of, read_passes_sold
from boxoffice.sales.overview.takings import read_takings
from boxoffice.sales.prints.outbox import find_job
from boxoffice.sales.prints.paper_loading import load_paper
from boxoffice.sales.prints.papers import Paper
from boxoffice.sales.prints.statement_papers import LeftTonightPaper
from tests.sales.conftest import Festival
from tests.sales.pass_life import book, cancel
from tests.sales.recomputing import Books

NINE = datetime(2026, 1, 21, 8, 0, tzinfo=UTC)
"""Nine in the morning in Angers."""


def filling_of(festival: Festival, code: str) -> Filling:
    rules = festival.posts[0].rules
    found = festival.read(lambda session: read_filling(session, rules, clock=festival.clock))
    return next(filling for filling in found if filling.screening.code == code)


@pytest.mark.parametrize(
    ("hours", "until", "full_at"),
    [
        (2.5, 12, 2.5),
        (2.5, 2, None),
        (1.0, 1, 1.0),
        (16.0, 48, 25.0),
        (16.0, 24, None),
    ],
    ids=["on the way", "too late", "just in time", "after a night", "not before the next morning"],
)
def test_a_pace_goes_on_through_the_hours_at_which_something_is_sold(
    hours: float, until: float, full_at: float | None
) -> None:
    """From nine to midnight, that is for fifteen hours; the sixteenth is the first of the next day."""
    found = sells_out_at(hours, USUAL_HOURS, NINE, NINE + timedelta(hours=until))
    assert found == (None if full_at is None else NINE + timedelta(hours=full_at))


def test_seats_that_went_in_the_last_hours_say_when_the_last_one_goes(festival: Festival) -> None:
    """Four of eight seats in an hour: the four left go in the next one."""
    festival.sell(festival.seat_line(quantity=2))
    festival.clock.advance(timedelta(hours=1))
    festival.sell(festival.seat_line(quantity=2))
    filling = filling_of(festival, "KNEECAP")
    assert (filling.screening.taken, filling.screening.left, filling.percent) == (4, 4, 40)
    assert filling.an_hour == 4
    assert filling.full_at == festival.clock.now() + timedelta(hours=1)


def test_a_screening_that_nobody_asks_for_does_not_fill_up(festival: Festival) -> None:
    festival.sell(festival.seat_line())
    filling = filling_of(festival, "ETERNAL")
    assert (filling.an_hour, filling.full_at, filling.is_full) == (0, None, False)


def test_what_sells_out_first_comes_first_and_what_is_full_last(festival: Festival) -> None:
    festival.sell(festival.seat_line(quantity=8))
    festival.sell(festival.seat_line("ETERNAL", "REDUIT", quantity=2))
    rules = festival.posts[0].rules
    found = festival.read(lambda session: read_filling(session, rules, clock=festival.clock))
    by_code = {filling.screening.code: place for place, filling in enumerate(found)}
    assert by_code["ETERNAL"] == 0
    assert found[by_code["KNEECAP"]].is_full
    assert by_code["KNEECAP"] == len(found) - 1


def test_seats_booked_and_given_back_are_taken_for_what_they_are(festival: Festival) -> None:
    """A booking counts while it stands, a sale undone does not."""
    pass_id = festival.sell_pass()
    booked = book(festival, pass_id, "ETERNAL")
    sale = festival.sell(festival.seat_line("ETERNAL", "REDUIT", quantity=3))
    screening = festival.screening_id("ETERNAL")
    now = festival.clock.now()
    taken, hours = festival.read(lambda session: taken_lately(session, now))
    assert (taken[screening], hours) == (4, 0.5)
    festival.reverse(sale, 1)
    taken, _hours = festival.read(lambda session: taken_lately(session, now))
    assert taken[screening] == 3
    cancel(festival, *booked.booking_ids)
    taken, _hours = festival.read(lambda session: taken_lately(session, now))
    assert taken[screening] == 2


def test_it_sells_at_the_hours_of_the_day_before(festival: Festival) -> None:
    now, today = festival.clock.now(), in_paris(festival.clock.now()).date()
    assert festival.read(lambda session: selling_hours(session, today, now)) == USUAL_HOURS
    festival.sell()
    tomorrow = today + timedelta(days=1)
    later = now + timedelta(hours=27)
    assert festival.read(lambda session: selling_hours(session, tomorrow, later)) == {12, 15}


def left_tonight(festival: Festival) -> Tonight:
    rules = festival.posts[0].rules
    return festival.read(lambda session: read_left_tonight(session, rules, clock=festival.clock))


def test_what_is_left_tonight_is_neither_full_nor_of_tomorrow(festival: Festival) -> None:
    festival.sell(festival.seat_line(quantity=8))
    now = festival.clock.now()
    expected = []
    books = Books.read(festival.database)
    for row in books["screening"]:
        same_day = in_paris(row["starts_at"] - timedelta(hours=4)).date() == in_paris(now).date()
        seats = row["capacity"] - row["held"] - row["allocated"]
        if same_day and row["starts_at"] > now and seats > 0 and row["state"] == "scheduled":
            expected.append((row["starts_at"], row["code"], seats))
    assert [(each.starts_at, each.code, each.left) for each in left_tonight(festival).screenings] == sorted(
        expected
    )
    assert expected
    assert "KNEECAP" not in {code for _at, code, _seats in expected}


def test_a_screening_that_began_is_left_for_as_long_as_the_counter_sells_it(festival: Festival) -> None:
    """Twenty minutes after it starts, by the rule of the house: the last instant is sold in."""
    starts_at = festival.seat_line().starts_at
    festival.clock.advance(starts_at + timedelta(minutes=20) - festival.clock.now())
    festival.sell(festival.seat_line())
    tonight = left_tonight(festival)
    assert {each.code: each.left for each in tonight.screenings}["KNEECAP"] == 7
    paper = festival.read(lambda session: load_left_tonight(session, clock=festival.clock))
    assert "commencée" in to_plain(paper, 48)
    festival.clock.advance(timedelta(seconds=1))
    with pytest.raises(Refusal, match="n'est plus en vente"):
        festival.sell(festival.seat_line())
    assert "KNEECAP" not in {each.code for each in left_tonight(festival).screenings}


def test_an_evening_that_is_over_is_not_called_sold_out(festival: Festival) -> None:
    festival.clock.advance(timedelta(hours=14))
    assert left_tonight(festival) == Tonight((), is_sold_out=False)
    words = to_plain(festival.read(lambda session: load_left_tonight(session, clock=festival.clock)), 48)
    assert "Plus de séance à venir ce soir." in words
    assert "COMPLET" not in words
    assert "IL RESTE" not in words


def test_an_evening_without_a_seat_left_is_called_sold_out(festival: Festival) -> None:
    for screening in left_tonight(festival).screenings:
        festival.write(
            lambda session, of=screening.id: session.exec(
                sa.update(table(Screening))
                .where(table(Screening).c.id == of)
                .values(held=table(Screening).c.capacity - table(Screening).c.allocated)
            )
        )
    assert left_tonight(festival) == Tonight((), is_sold_out=True)
    words = to_plain(festival.read(lambda session: load_left_tonight(session, clock=festival.clock)), 48)
    assert "COMPLET" in words
    assert "Il n'y a plus de place ce soir." in words
    assert "gardées" not in words


def test_the_list_for_the_queue_comes_out_as_things_stand_then(festival: Festival) -> None:
    festival.write(
        lambda session: print_left_tonight(session, festival.posts[0].till_id, clock=festival.clock)
    )
    job_id = festival.rows(PrintJob)[-1].id
    festival.sell(festival.seat_line())

    def load(session: Session) -> Paper:
        job = find_job(session, job_id)
        assert job is not None
        return load_paper(session, job, clock=festival.clock)

    paper = festival.read(load)
    assert isinstance(paper, LeftTonightPaper)
    assert paper == festival.read(lambda session: load_left_tonight(session, clock=festival.clock))
    assert {each.event_title: each.left for each in paper.screenings}["Kneecap"] == 7


def test_passes_are_counted_by_product_with_the_places_nobody_has_taken(
    festival: Festival, life: Festival
) -> None:
    books, rules = Books.read(life.database), festival.posts[0].rules
    found = festival.read(lambda session: read_passes_sold(session, rules, clock=festival.clock))
    labels = {row["id"]: row["label"] for row in books["product"]}
    standing = [row for row in books["pass"] if row["state"] != "cancelled"]
    assert standing
    assert {each.label: each.passes for each in found if each.passes} == Counter(
        labels[row["product_id"]] for row in standing
    )
    unused: Counter[str] = Counter()
    for row in standing:
        unused[labels[row["product_id"]]] += (row["places"] or row["used"]) - row["used"]
    assert {each.label: each.unused for each in found if each.unused} == {
        label: count for label, count in unused.items() if count
    }
    for each in found:
        listed = festival.read(lambda session, of=each.product_id: read_passes_of(session, of))
        assert len(listed) == each.passes
        assert sum(row.used for row in listed) == each.used


def test_the_rows_behind_a_figure_come_to_that_figure(festival: Festival, full_books: CompletedSale) -> None:
    """Sales by hour, cashier, till and means, each counted as it is listed."""
    assert full_books.tickets
    rules = festival.posts[0].rules
    listed = 0
    for day in {sale["business_day"] for sale in Books.read(festival.database)["sale"]}:
        takings = festival.read(lambda session, day=day: read_takings(session, rules, day))
        figures = [
            *((Behind(day=day, hour=each.key), each.sales) for each in takings.hours),
            *((Behind(day=day, operator_id=each.key), each.sales) for each in takings.cashiers),
            *((Behind(day=day, till_id=each.key), each.sales) for each in takings.tills),
            (Behind(day=day), takings.sales),
        ]
        for behind, sales in figures:
            found = festival.read(lambda session, behind=behind: read_behind(session, behind))
            assert sum(sale.kind == "sale" for sale in found) == sales
            listed += len(found)
        for each in takings.means:
            behind = Behind(day=day, means=each.means)
            found = festival.read(lambda session, behind=behind: read_behind(session, behind))
            paid = [cents for sale in found for means, cents in sale.payments if means == each.means]
            assert (len(paid), sum(paid)) == (each.payments, each.cents)
    assert listed


def test_the_sales_of_the_last_minutes_are_those_that_the_pace_counts(festival: Festival) -> None:
    for _sale in range(3):
        festival.sell()
        festival.clock.advance(timedelta(minutes=5))
    now = festival.clock.now()
    for pace in festival.read(lambda session: read_pace(session, clock=festival.clock)):
        behind = Behind(since=begins(pace.minutes, now), until=now)
        found = festival.read(lambda session, behind=behind: read_behind(session, behind))
        assert len(found) == pace.sales


def test_behind_a_screening_are_its_sales_and_its_bookings(festival: Festival) -> None:
    sale = festival.sell(festival.seat_line())
    festival.sell(festival.seat_line("ETERNAL", "REDUIT"))
    pass_id = festival.sell_pass()
    book(festival, pass_id, "KNEECAP")
    screening = festival.screening_id("KNEECAP")
    found = festival.read(lambda session: read_behind(session, Behind(screening_id=screening)))
    assert [each.operation for each in found] == [sale.operation]
    (seat,) = festival.read(lambda session: read_bookings_of(session, screening))
    assert seat.pass_number == next(row["number"] for row in Books.read(festival.database)["pass"])


def test_an_unlimited_pass_hides_no_place_of_the_others(festival: Festival) -> None:
    book(festival, festival.sell_pass())
    terms, products = table(PassProduct), table(Product)
    twenty = sa.select(products.c.id).where(products.c.code == "PASS20").scalar_subquery()
    festival.write(
        lambda session: session.execute(
            terms.update().where(terms.c.product_id == twenty).values(places=None)
        )
    )
    festival.sell_pass()
    rules = festival.posts[0].rules
    (found,) = festival.read(lambda session: read_passes_sold(session, rules, clock=festival.clock))
    assert (found.passes, found.unlimited, found.unused) == (2, 1, 19)
