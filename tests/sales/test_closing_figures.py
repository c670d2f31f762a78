"""Every figure of every closing, computed once more by other means from the raw rows: equal to the cent."""

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from boxoffice.card_crowd import CardHolders
from boxoffice.clock import SettableClock
from boxoffice.closing_crowd import Managers
from boxoffice.config import settings_in
from boxoffice.database import Database
from boxoffice.demonstration import open_other_tills
from boxoffice.festival_sample import make_sample_festival
from boxoffice.gift_crowd import GiftGivers
from boxoffice.kinds import ClosingPeriod, JobState
from boxoffice.models import PrintJob, table
from boxoffice.pass_crowd import PassHolders
from boxoffice.sales.books.verification import verify
from boxoffice.sales.closings.figures import ShiftFigures, tell
from boxoffice.sales.closings.period_closing import ClosePeriod, close_period
from boxoffice.sales.closings.readings import read_box_office, read_till
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.exports.closed_days import closed_days
from boxoffice.sales.exports.fec import Entry, entries
from boxoffice.sales.prints import outbox
from boxoffice.sales.staff.desk import Desk, Post
from boxoffice.sales.staff.operators import authorize, staff
from boxoffice.sales.staff.rules import Rules
from boxoffice.sales.staff.shift_closing import ShiftEnd
from boxoffice.simulation import Plan, simulate
from tests.sales.closed_books import close_the, close_the_till
from tests.sales.conftest import Festival
from tests.sales.recomputing import (
    Books,
    Period,
    as_told,
    check_closings,
    compare,
    in_the_drawers,
    recompute,
)

SALES_A_DAY = 25
NIGHTS = {
    1: datetime(2026, 1, 21, 9, 0, tzinfo=UTC),
    2: datetime(2026, 3, 28, 10, 0, tzinfo=UTC),
    3: datetime(2026, 10, 24, 10, 0, tzinfo=UTC),
}
"""When each festival begins, by its seed: the second and third go through a change of hour at night."""


def test_a_little_of_everything_closes_to_the_cent(festival: Festival, full_books: CompletedSale) -> None:
    """Credit notes, exchanges, codes, cards, passes and reversals, in the books of two tills."""
    assert full_books.tickets
    festival.clock.advance(timedelta(minutes=1))
    for till in range(2):
        close_the_till(festival, till, None, ShiftEnd(reason="Non compté"))
    close_the(festival, ClosingPeriod.DAY)
    assert check_closings(festival.database) == 3
    festival.stands()


@pytest.mark.usefixtures("closed_books")
def test_what_was_closed_by_hand_closes_to_the_cent(festival: Festival) -> None:
    assert check_closings(festival.database) == 9


@pytest.mark.parametrize("seed", NIGHTS)
def test_simulated_festivals_close_to_the_cent(database: Database, tmp_path: Path, seed: int) -> None:
    """Two days until after midnight, closed after 04:00; then the month and the year."""
    clock = SettableClock(NIGHTS[seed])
    settings = settings_in(tmp_path)
    posts = make_sample_festival(database, settings, clock=clock)
    managers = Managers(database, posts, random.Random(f"managers {seed}"), clock)
    desks = open_other_tills(database, settings, clock=clock)
    for day in range(2):
        _sell_a_day(database, desks, clock, seed * 10 + day, come=day == 0)
        managers.carry_cash(desks)
        _a_paper_is_uncertain(database, desks[0], clock)
        clock.advance(timedelta(minutes=1))
        _check_readings(database, posts, clock)
        clock.advance(timedelta(minutes=1))
        if day == 0:
            managers.close_the_day()
            clock.advance(timedelta(hours=8))
            desks = managers.next_morning(desks)
        else:
            clock.advance(timedelta(hours=3))
            managers.close_the_day()
    clock.at = datetime(2027, 1, 2, 9, 0, tzinfo=UTC)
    for period in (ClosingPeriod.MONTH, ClosingPeriod.YEAR):
        _close(database, posts[1], period, clock)
    assert check_closings(database) >= 8
    with database.read() as session:
        assert verify(session).fault is None
        _check_entries(database, entries(closed_days(session, date.max)))


def _check_entries(database: Database, found: Iterable[Entry]) -> None:
    """Entries of two days balance; cash is what lies in the drawers, what is owed what may still be spent."""
    books = Books.read(database)
    totals: dict[str, int] = defaultdict(int)
    for entry in found:
        assert sum(posting.cents for posting in entry.postings) == 0
        for posting in entry.postings:
            totals[posting.account] += posting.cents
    assert totals["530"] == in_the_drawers(books) > 0
    taxed = {row["value_id"] for row in books["giftcard"] if row["vat_rate"] is not None}
    owed = {"balance": 0, "gift_card": 0}
    for value in books["storedvalue"]:
        if value["kind"] in owed and value["id"] not in taxed:
            owed[value["kind"]] += value["amount"]
    assert (-totals["4198"], -totals["4191"]) == (owed["balance"], owed["gift_card"])


def _sell_a_day(
    database: Database, desks: tuple[Desk, ...], clock: SettableClock, seed: int, *, come: bool
) -> None:
    """A crowd from morning until two hours after midnight; the first day, holders of all sorts come too."""
    if come:
        holders = PassHolders(database, desks, random.Random(f"passes {seed}"), clock)
        holders.come()
        GiftGivers(database, desks, random.Random(f"gifts {seed}"), clock).come()
        CardHolders(database, desks, random.Random(f"cards {seed}"), clock).come()
    until = clock.now().replace(hour=0, minute=30) + timedelta(days=1)
    plan = Plan(SALES_A_DAY, seed=seed, reversals=0.2, reprints=0.2, until=until)
    done = simulate(database, desks, plan, clock=clock)
    assert done.sales > SALES_A_DAY // 2
    assert done.reversed
    clock.advance(timedelta(minutes=1))


def _a_paper_is_uncertain(database: Database, desk: Desk, clock: SettableClock) -> None:
    """The printer of a till falls silent in the middle of a paper; a manager allows something there."""
    jobs = table(PrintJob)
    with database.write() as session:
        first = jobs.select().where(
            jobs.c.till_id == desk.post.till_id, jobs.c.state == JobState.QUEUED, jobs.c.copy_number == 0
        )
        row = session.execute(first.order_by(jobs.c.id).limit(1)).one()
        job = outbox.find_job(session, row.id)
        assert job is not None
        assert outbox.begin_sending(session, job, clock=clock)
        outbox.finish_sending(session, job.id, JobState.UNCERTAIN, clock=clock)
        manager = next(member for member in staff(session) if member.is_manager)
        authorize(session, desk.post, manager.id, "1234", "sale.reversed", clock=clock)


def _check_readings(database: Database, posts: tuple[Post, ...], clock: SettableClock) -> None:
    """The X of each till, and of all: what they did since their last Z, and since the last day closed."""
    books, rules = Books.read(database), Rules()
    closed = {row["till_id"]: row["at"] for row in sorted(books["closing"], key=lambda row: row["number"])}
    for post in posts:
        since = closed.get(post.till_id)

        def within(till_id: int, at: datetime, post: Post = post, since: datetime | None = since) -> bool:
            return till_id == post.till_id and (since is None or at > since)

        period = Period(lambda sale, within=within: within(sale["till_id"], sale["at"]), within)
        with database.read() as session:
            reading = read_till(session, rules, post.till_id, clock=clock)
        expected = recompute(books, period)
        compare(expected, as_told(tell(reading.figures)), f"X {post.till_number}")
        _check_expected_cash(books, reading.open_shifts)
    days = [row["at"] for row in books["closing"] if row["period"] == ClosingPeriod.DAY]

    def today(_till_id: int, at: datetime) -> bool:
        return not days or at > max(days)

    period = Period(lambda sale: today(sale["till_id"], sale["at"]), today)
    with database.read() as session:
        reading = read_box_office(session, rules, clock=clock)
    expected = recompute(books, period, outstanding_until=clock.now())
    compare(expected, as_told(tell(reading.figures)), "X")


def _check_expected_cash(books: Books, shifts: tuple[ShiftFigures, ...]) -> None:
    """What an X says a drawer should hold: its float, its cash, and what was carried."""
    sales = books.by_id("sale")
    for shift in shifts:
        (opened,) = (
            row
            for row in books["tillsession"]
            if row["closed_at"] is None and books.till_of(row) == shift.till
        )
        cash = opened["float_cents"]
        for payment in books["payment"]:
            if payment["means"] == "cash" and sales[payment["sale_id"]]["till_session_id"] == opened["id"]:
                cash += payment["amount_cents"]
        for moved in books["cashmovement"]:
            if moved["till_session_id"] == opened["id"]:
                cash += moved["amount_cents"] if moved["kind"] == "in" else -moved["amount_cents"]
        assert {count.means: count.expected_cents for count in shift.counts}["cash"] == cash


def _close(database: Database, post: Post, period: ClosingPeriod, clock: SettableClock) -> None:
    with database.write() as session:
        manager = next(member for member in staff(session) if member.is_manager)
        close_period(session, ClosePeriod(uuid4(), period), post, manager, clock=clock)
