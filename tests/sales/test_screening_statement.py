"""The statement of a screening, counted again from the raw rows."""

from collections import Counter
from datetime import date, timedelta
from threading import Thread

import pytest
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.models import JournalEntry, PrintJob, Ticket
from boxoffice.printing.rendering import to_plain
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.prints import outbox
from boxoffice.sales.prints.paper_loading import load_paper
from boxoffice.sales.prints.statement_papers import StatementPaper
from boxoffice.sales.screenings.entrance import admit
from boxoffice.sales.statements.listing import list_statements, print_waiting
from boxoffice.sales.statements.screening_statement import print_statement, read_statement
from boxoffice.simulation import Plan, simulate
from tests.sales.conftest import Festival
from tests.sales.credit_life import credited, customer, sell_to
from tests.sales.raw_rows import RawRows
from tests.sales.test_tampering import behind_the_guards

TODAY = date(2026, 1, 21)


def statement(festival: Festival, code: str = "KNEECAP") -> StatementPaper:
    screening_id = festival.screening_id(code)
    return festival.read(lambda session: read_statement(session, screening_id, at=festival.clock.now()))


def let_in(festival: Festival, number: int) -> None:
    code = next(
        row.code
        for row in festival.rows(Ticket)
        if (row.till_id, row.number) == (festival.posts[0].till_id, number)
    )
    festival.write(lambda session: admit(session, festival.posts[0], code, "Porte A", clock=festival.clock))


def print_it(festival: Festival, code: str = "KNEECAP") -> StatementPaper:
    """Have the statement printed, and what comes out."""
    screening_id = festival.screening_id(code)
    festival.write(
        lambda session: print_statement(
            session, festival.posts[0], screening_id, operator_number=1, clock=festival.clock
        )
    )
    job_id = festival.rows(PrintJob)[-1].id

    def load(session: Session) -> StatementPaper:
        job = outbox.find_job(session, job_id)
        assert job is not None
        paper = load_paper(session, job, clock=festival.clock)
        assert isinstance(paper, StatementPaper)
        return paper

    return festival.read(load)


def test_each_category_tells_what_was_issued_cancelled_credited_and_used(festival: Festival) -> None:
    lea = customer(festival)
    sale = sell_to(festival, lea, festival.seat_line(quantity=3))
    festival.sell(festival.seat_line(tariff="INVIT"), desk=festival.desks[1])
    undone = festival.sell(festival.seat_line(tariff="REDUIT"))
    festival.reverse(undone)
    credited(festival, sale, [3])
    let_in(festival, 1)
    paper = statement(festival)
    assert [
        (row.code, row.price_cents, row.issued, row.cancelled, row.credited, row.used, row.takings_cents)
        for row in paper.tariffs
    ] == [
        ("PLEIN", 850, 3, 0, 1, 1, 1700),
        ("REDUIT", 600, 1, 1, 0, 0, 0),
        ("INVIT", 0, 1, 0, 0, 0, 0),
    ]
    assert (paper.sold, paper.free, paper.used, paper.takings_cents) == (3, 1, 1, 1700)
    assert paper.takings_by_rate == {550: 1700}
    assert [(row.first, row.last, row.tickets, row.missing) for row in paper.numbers] == [
        ("1-000001", "1-000004", 4, 0),
        ("2-000001", "2-000001", 1, 0),
    ]


def test_tickets_of_other_screenings_between_two_of_this_one_are_no_gap(festival: Festival) -> None:
    festival.sell(festival.seat_line())
    festival.sell(festival.seat_line("ETERNAL", quantity=2))
    festival.sell(festival.seat_line())
    (series,) = statement(festival).numbers
    assert (series.first, series.last, series.tickets, series.missing) == ("1-000001", "1-000004", 2, 0)


def test_a_number_that_is_gone_is_missed(festival: Festival) -> None:
    festival.sell(festival.seat_line(quantity=3))
    screening_id = festival.screening_id("KNEECAP")
    with behind_the_guards(festival) as session:
        session.connection().exec_driver_sql("DELETE FROM ticket WHERE number = 2")
        (series,) = read_statement(session, screening_id, at=festival.clock.now()).numbers
    assert (series.tickets, series.missing) == (2, 1)


@pytest.mark.usefixtures("full_books")
def test_every_statement_is_what_the_raw_rows_come_to(festival: Festival) -> None:
    """Plain Python over every row: nothing is shared with what is tested."""
    books = RawRows(festival.database)
    for screening in books["screening"]:
        paper = statement(festival, screening["code"])
        lines = [row for row in books["saleline"] if row["screening_id"] == screening["id"]]
        assert paper.takings_cents == sum(row["quantity"] * row["unit_price_cents"] for row in lines)
        assert paper.sold == sum(row["quantity"] for row in lines)
        assert sum(row.issued for row in paper.tariffs) == sum(row["quantity"] == 1 for row in lines)
        ended = {row["booking_id"] for row in books["bookingend"]}
        booked = [
            row
            for row in books["booking"]
            if row["screening_id"] == screening["id"] and row["id"] not in ended
        ]
        assert paper.booked == len(booked)
        tickets = {
            (row["sale_id"], row["position"])
            for row in books["ticket"]
            if row["screening_id"] == screening["id"]
        }
        scanned = [row for row in books["ticketscan"] if (row["sale_id"], row["position"]) in tickets]
        entered = {row["booking_id"] for row in books["bookingscan"]}
        assert paper.used == len(scanned) + sum(row["id"] in entered for row in booked)
        assert sum(row.tickets for row in paper.numbers) == len(tickets)
        held = [
            row
            for row in books["reservedseat"]
            if row["screening_id"] == screening["id"] and row["state"] == "held"
        ]
        assert paper.reserved == len(held)


def test_before_the_end_it_is_provisional_and_afterwards_the_second_is_a_copy(
    festival: Festival, full_books: CompletedSale
) -> None:
    assert full_books.total_cents
    for _ in range(2):
        paper = print_it(festival)
        assert (paper.provisional, paper.copy_number) == (True, 0)
    assert "PROVISOIRE" in to_plain(paper, 32)
    festival.clock.advance(timedelta(hours=14))
    before = Counter(row.kind for row in festival.rows(JournalEntry))
    printed = [print_it(festival) for _ in range(3)]
    assert [(paper.provisional, paper.copy_number) for paper in printed] == [(False, n) for n in range(3)]
    assert "DUPLICATA n° 2" in to_plain(printed[-1], 42)
    told = Counter(row.kind for row in festival.rows(JournalEntry)) - before
    assert (told["statement.issued"], told["document.reprinted"]) == (1, 2)
    festival.stands()


def test_two_tills_that_print_it_at_once_make_one_original(festival: Festival) -> None:
    festival.sell()
    festival.clock.advance(timedelta(hours=14))
    screening_id, copies = festival.screening_id("KNEECAP"), list[StatementPaper]()

    def print_at(till: int) -> None:
        post = festival.posts[till]
        copies.append(
            festival.database.attempt(
                lambda session: print_statement(
                    session, post, screening_id, operator_number=1, clock=festival.clock
                )
            )
        )

    threads = [Thread(target=print_at, args=(till,)) for till in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(paper.copy_number for paper in copies) == [0, 1]
    festival.stands()


@pytest.mark.parametrize("seed", [1, 2])
def test_statements_of_a_crowd_are_what_the_raw_rows_come_to(festival: Festival, seed: int) -> None:
    simulate(festival.database, festival.desks, Plan(40, seed=seed, reversals=0.2), clock=festival.clock)
    books = RawRows(festival.database)
    taken = 0
    for screening in books["screening"]:
        paper = statement(festival, screening["code"])
        lines = [row for row in books["saleline"] if row["screening_id"] == screening["id"]]
        by_category: Counter[tuple[str, int]] = Counter()
        for row in lines:
            by_category[row["tariff_code"], row["unit_price_cents"]] += row["quantity"]
        found = {(row.code, row.price_cents): row.standing for row in paper.tariffs}
        assert found == dict(by_category)
        assert paper.takings_cents == sum(row["quantity"] * row["unit_price_cents"] for row in lines)
        assert sum(row.cancelled for row in paper.tariffs) == sum(row["quantity"] == -1 for row in lines)
        taken += paper.takings_cents
    assert taken > 0


def test_what_was_ordered_before_the_end_comes_out_as_provisional(festival: Festival) -> None:
    screening_id = festival.screening_id("KNEECAP")
    festival.write(
        lambda session: print_statement(
            session, festival.posts[0], screening_id, operator_number=1, clock=festival.clock
        )
    )
    job_id = festival.rows(PrintJob)[-1].id
    festival.clock.advance(timedelta(hours=14))

    def load(session: Session) -> StatementPaper:
        job = outbox.find_job(session, job_id)
        assert job is not None
        paper = load_paper(session, job, clock=festival.clock)
        assert isinstance(paper, StatementPaper)
        return paper

    assert festival.read(load).provisional


def test_the_statements_of_a_day_wait_until_they_are_printed(festival: Festival) -> None:
    festival.sell(festival.seat_line(quantity=2))
    festival.reverse(festival.sell(festival.seat_line("ETERNAL")))

    def listed() -> list[tuple[str, int, int, str]]:
        found = festival.read(lambda session: list_statements(session, TODAY, clock=festival.clock))
        return [(row.code, row.sold, row.takings_cents, row.state) for row in found]

    def print_all() -> tuple[str, ...]:
        return festival.write(
            lambda session: print_waiting(
                session, festival.posts[0], TODAY, operator_number=1, clock=festival.clock
            )
        )

    assert listed() == [
        ("ETERNAL", 0, 0, "not_over"),
        ("KNEECAP", 2, 1700, "not_over"),
        ("RENCONTRE", 0, 0, "not_over"),
    ]
    print_it(festival)
    festival.clock.advance(timedelta(hours=10))
    assert print_all() == ("ETERNAL", "KNEECAP")
    assert print_all() == ()
    festival.clock.advance(timedelta(hours=2))
    assert print_all() == ("RENCONTRE",)
    assert {row[-1] for row in listed()} == {"ordered"}


def test_there_is_no_statement_of_what_is_not_shown(festival: Festival) -> None:
    with pytest.raises(Refusal, match="n'existe pas"):
        festival.read(lambda session: read_statement(session, 999, at=festival.clock.now()))
