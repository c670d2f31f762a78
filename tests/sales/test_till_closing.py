"""A till is closed by a manager: all since its last Z is in the next, once, and nothing sells meanwhile."""

import json
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import ClosingPeriod
from boxoffice.models import Closing, JournalEntry, PrintJob
from boxoffice.printing.rendering import to_plain
from boxoffice.sales.closings.closing import find_numbered
from boxoffice.sales.closings.figures import Counted
from boxoffice.sales.closings.papers_of_closings import print_closing_again, print_reading
from boxoffice.sales.closings.readings import read_box_office, read_till
from boxoffice.sales.closings.till_closing import CloseTill, close_till
from boxoffice.sales.prints import outbox
from boxoffice.sales.prints.closing_papers import ClosingPaper, ReadingPaper
from boxoffice.sales.prints.letterhead import read_letterhead
from boxoffice.sales.prints.paper_loading import load_paper
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.shift_closing import ShiftEnd, close_shift
from boxoffice.sales.staff.shifts import OpenShift, current_shift, open_shift
from tests.sales.closed_books import answered, close_the, close_the_till
from tests.sales.conftest import Festival

NOT_COUNTED = ShiftEnd(reason="Non compté")


def next_shift(festival: Festival) -> Desk:
    """The first till opened again."""
    return festival.write(
        lambda session: open_shift(
            session, festival.posts[0], festival.cashier, answered(festival), clock=festival.clock
        )
    )


def stay_overnight(festival: Festival) -> None:
    """A day later, and nobody has closed anything."""
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=1))


def test_a_sale_is_read_closed_and_printed(festival: Festival) -> None:
    festival.sell(festival.seat_line(quantity=2))
    rules = festival.desk.post.rules
    reading = festival.read(lambda session: read_till(session, rules, 1, clock=festival.clock))
    assert reading.figures.turnover_cents == 1_700
    assert reading.open_shifts[0].counts == (
        Counted("cash", 11_700, None),
        Counted("card", 0, None),
        Counted("cheque", 0, None),
    )
    made = close_the_till(festival, 0, 11_700)
    assert (made.number, made.till, made.period_cents, made.perpetual_cents) == (1, 1, 1_700, 1_700)
    assert made.figures.tariffs == reading.figures.tariffs
    assert made.figures.tickets[0].missing == 0
    plain = to_plain(ClosingPaper(festival.read(read_letterhead), made), 42)
    assert "CLÔTURE DE CAISSE" in plain
    assert made.entry
    assert made.entry in plain.replace("\n  ", " ")
    festival.stands()


def test_a_reading_closes_nothing_and_may_be_printed(festival: Festival) -> None:
    festival.sell()
    before = festival.count(Closing)
    for till_id in (None, 1):
        festival.write(
            lambda session, till_id=till_id: print_reading(
                session, festival.posts[0], till_id, clock=festival.clock
            )
        )
    papers = []
    for row in festival.rows(PrintJob):
        if row.document == "reading":
            job = festival.read(lambda session, row=row: outbox.find_job(session, row.id))
            assert job is not None
            papers.append(
                festival.read(lambda session, job=job: load_paper(session, job, clock=festival.clock))
            )
    assert festival.count(Closing) == before
    assert [paper.reading.till for paper in papers if isinstance(paper, ReadingPaper)] == [None, 1]
    assert all("LECTURE X" in to_plain(paper, 48) for paper in papers)


def test_where_drawers_are_counted_blind_no_reading_tells_what_they_should_hold(festival: Festival) -> None:
    festival.sell()
    rules = replace(festival.desk.post.rules, blind_count=True)
    for reading in (
        festival.read(lambda session: read_till(session, rules, 1, clock=festival.clock, blind=True)),
        festival.read(lambda session: read_box_office(session, rules, clock=festival.clock, blind=True)),
    ):
        assert reading.open_shifts == ()
        assert reading.figures.turnover_cents == 850


def test_only_a_manager_closes_a_till(festival: Festival) -> None:
    festival.sell()
    command = CloseTill(uuid4(), 1, 10_850)
    with pytest.raises(ManagerNeeded):
        festival.write(
            lambda session: close_till(
                session, command, festival.posts[0], festival.cashier, clock=festival.clock
            )
        )
    assert festival.count(Closing) == 0


def test_a_till_that_was_closed_does_not_sell_on_but_opens_again_the_same_day(festival: Festival) -> None:
    festival.sell()
    close_the_till(festival, 0, 10_850)
    festival.refused(festival.order(festival.seat_line()))
    desk = festival.write(
        lambda session: open_shift(
            session, festival.posts[0], festival.cashier, answered(festival), clock=festival.clock
        )
    )
    festival.sell(desk=desk)
    again = close_the_till(festival, 0, 850)
    assert (again.number, again.period_cents, again.perpetual_cents) == (2, 850, 1_700)
    assert again.figures.spans[0].first_operation == 2
    festival.stands()


def test_closing_the_same_till_twice_finds_the_first(festival: Festival) -> None:
    festival.sell()
    command = CloseTill(uuid4(), 1, 10_850)
    first, second = (
        festival.write(
            lambda session: close_till(
                session, command, festival.posts[0], festival.manager, clock=festival.clock
            )
        )
        for _try in range(2)
    )
    assert first == second
    assert festival.count(Closing) == 1


def test_a_till_that_did_nothing_since_is_not_closed_again(festival: Festival) -> None:
    festival.sell()
    close_the_till(festival, 0, 10_850)
    with pytest.raises(Refusal, match=r"La caisse 1 n'a rien fait depuis sa dernière clôture."):
        close_the_till(festival, 0)


def test_a_past_day_stops_the_sales_until_it_is_closed(festival: Festival) -> None:
    festival.sell()
    stay_overnight(festival)
    refusal = festival.refused(festival.order(festival.product_line()))
    assert refusal.message == "La journée du mer. 21 janv. n'est pas close à cette caisse."
    assert "boxoffice close till" in refusal.remedy
    made = close_the_till(festival, 0, 10_850)
    assert f"{made.first_day:%d/%m/%Y}" == "21/01/2026"
    close_the_till(festival, 1, end=NOT_COUNTED)
    close_the(festival, ClosingPeriod.DAY)
    assert festival.sell(festival.product_line(), desk=next_shift(festival)).total_cents == 300


def test_a_till_whose_shift_was_closed_but_not_its_day_does_not_open(festival: Festival) -> None:
    festival.sell()
    shift = festival.desk.till_session_id
    festival.write(
        lambda session: close_shift(
            session, festival.posts[0], festival.cashier, shift, 10_850, clock=festival.clock
        )
    )
    stay_overnight(festival)
    work = answered(festival)
    with pytest.raises(Refusal, match=r"La journée du mer. 21 janv. n'est pas close à cette caisse."):
        festival.write(
            lambda session: open_shift(
                session, festival.posts[0], festival.cashier, work, clock=festival.clock
            )
        )


def test_a_till_whose_computer_is_dead_is_closed_from_another(festival: Festival) -> None:
    festival.sell(desk=festival.desks[1])
    with pytest.raises(Refusal, match="Le tiroir n'a pas été compté"):
        close_the_till(festival, 1, None, at_till=0)
    made = close_the_till(festival, 1, None, NOT_COUNTED, at_till=0)
    assert (made.till, made.made_at_till) == (2, 1)
    assert festival.read(lambda session: current_shift(session, 2)) is None
    assert made.figures.shifts[0].counts[1].counted_cents is None
    festival.stands()
    desk = festival.write(
        lambda session: open_shift(
            session, festival.posts[1], festival.cashier, answered(festival), clock=festival.clock
        )
    )
    festival.sell(desk=desk)
    again = close_the_till(festival, 1, 850)
    assert again.figures.spans[0].first_entry == made.figures.spans[0].last_entry + 1
    festival.stands()


def test_a_closing_printed_again_is_a_copy_that_the_journal_tells(festival: Festival) -> None:
    festival.sell()
    made = close_the_till(festival, 0, 10_850)
    for expected in (1, 2):
        copy = festival.write(
            lambda session: print_closing_again(
                session, festival.posts[0], festival.manager, made.id, clock=festival.clock
            )
        )
        assert copy == expected
    jobs = [row for row in festival.rows(PrintJob) if row.closing_id == made.id]
    assert [job.copy_number for job in jobs] == [0, 1, 2]
    job = festival.read(lambda session: outbox.find_job(session, jobs[-1].id))
    assert job is not None
    paper = festival.read(lambda session: load_paper(session, job, clock=festival.clock))
    assert "DUPLICATA n° 2" in to_plain(paper, 42)
    last = [json.loads(row.content) for row in festival.rows(JournalEntry) if row.till_id == 1][-1]
    assert (last["entry"], last["document"], last["number"]) == ("document.reprinted", "closing", "1-1")
    festival.stands()
    assert festival.read(lambda session: find_numbered(session, ClosingPeriod.TILL, 1, 1)) == made


def test_a_copy_of_a_closing_needs_a_manager(festival: Festival) -> None:
    festival.sell()
    made = close_the_till(festival, 0, 10_850)
    with pytest.raises(ManagerNeeded):
        festival.write(
            lambda session: print_closing_again(
                session, festival.posts[0], festival.cashier, made.id, clock=festival.clock
            )
        )


def test_what_managers_and_cashiers_did_is_on_the_closing(festival: Festival) -> None:
    sold = festival.sell(festival.seat_line(quantity=2))
    festival.reverse(sold, 1)
    made = close_the_till(festival, 0, 10_850)
    figures = made.figures
    assert (figures.sales, figures.reversals, figures.reversed_cents) == (1, 1, -850)
    assert (figures.tariffs[0].sold, figures.tariffs[0].returned, figures.tariffs[0].cents) == (2, 1, 850)
    assert (figures.turnover_cents, figures.absolute_cents) == (850, 2_550)
    assert (figures.vat[0].gross_cents, figures.vat[0].net_cents) == (850, 1_611 - 806)


def test_a_day_has_no_till_left_open_and_then_none_opens(festival: Festival) -> None:
    festival.sell()
    with pytest.raises(Refusal, match="Aucune caisse n'a été close"):
        close_the(festival, ClosingPeriod.DAY)
    close_the_till(festival, 0, 10_850)
    with pytest.raises(Refusal) as refused:
        close_the(festival, ClosingPeriod.DAY)
    assert refused.value.message == "La caisse 2 est ouverte (Chloé M.)."
    close_the_till(festival, 1, 5_000)
    made = close_the(festival, ClosingPeriod.DAY)
    assert (made.till, made.number, made.period_cents) == (None, 1, 850)
    with pytest.raises(ManagerNeeded, match=r"La journée du 21/01/2026 est close."):
        festival.write(
            lambda session: open_shift(
                session, festival.posts[0], festival.cashier, OpenShift(10_850), clock=festival.clock
            )
        )
    festival.stands()


def test_a_month_is_closed_once_it_is_over_and_a_year_after_its_months(festival: Festival) -> None:
    festival.sell()
    for till in range(2):
        close_the_till(festival, till, None, NOT_COUNTED)
    with pytest.raises(Refusal, match="Il n'y a rien à clore"):
        close_the(festival, ClosingPeriod.MONTH)
    close_the(festival, ClosingPeriod.DAY)
    with pytest.raises(Refusal, match="elle va jusqu'au 31/01/2026"):
        close_the(festival, ClosingPeriod.MONTH)
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=365))
    with pytest.raises(Refusal, match="Il n'y a rien à clore"):
        close_the(festival, ClosingPeriod.YEAR)
    month = close_the(festival, ClosingPeriod.MONTH)
    assert (f"{month.first_day}", f"{month.last_day}") == ("2026-01-01", "2026-01-31")
    year = close_the(festival, ClosingPeriod.YEAR)
    assert (year.period_cents, year.perpetual_cents) == (850, 850)
    festival.stands()


def test_a_day_forgotten_is_closed_the_next_morning_and_each_day_by_itself(festival: Festival) -> None:
    festival.sell()
    stay_overnight(festival)
    for till in range(2):
        close_the_till(festival, till, None, NOT_COUNTED)
    first = close_the(festival, ClosingPeriod.DAY)
    festival.sell(festival.product_line(), desk=next_shift(festival))
    close_the_till(festival, 0, 300)
    second = close_the(festival, ClosingPeriod.DAY)
    assert (f"{first.last_day}", first.period_cents) == ("2026-01-21", 850)
    assert (f"{second.last_day}", second.period_cents) == ("2026-01-22", 300)
    festival.stands()


def test_no_till_opens_while_a_past_day_of_the_box_office_is_open(festival: Festival) -> None:
    festival.sell()
    for till in range(2):
        close_the_till(festival, till, end=NOT_COUNTED)
    stay_overnight(festival)
    with pytest.raises(Refusal) as refused:
        next_shift(festival)
    assert "pas close pour toute la billetterie" in refused.value.message
    assert "boxoffice close day" in (refused.value.remedy or "")
    close_the(festival, ClosingPeriod.DAY)
    next_shift(festival)
    festival.stands()


def test_nothing_is_sold_by_a_clock_that_went_back_before_the_shift(festival: Festival) -> None:
    festival.clock.at -= timedelta(days=1)
    refused = festival.refused(festival.order(festival.product_line()))
    assert refused.message == (
        "L'horloge de ce poste a reculé : il y est le 20/01/2026, et la caisse a ouvert le 21/01/2026."
    )
    festival.clock.at += timedelta(days=1)
    festival.sell(festival.product_line())


def test_no_till_opens_before_the_last_day_that_was_closed(festival: Festival) -> None:
    festival.sell()
    for till in range(2):
        close_the_till(festival, till, end=NOT_COUNTED)
    close_the(festival, ClosingPeriod.DAY)
    festival.clock.at -= timedelta(days=30)
    with pytest.raises(Refusal) as refused:
        next_shift(festival)
    assert "dit le 22/12/2025" in refused.value.message


def test_a_day_that_a_clock_set_ahead_began_is_closed_as_the_day_it_was(festival: Festival) -> None:
    """The clock is put right before the till is closed: no day to come is shut."""
    for till in range(2):
        close_the_till(festival, till, end=NOT_COUNTED)
    close_the(festival, ClosingPeriod.DAY)
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=365))
        festival.sell(festival.product_line(), desk=next_shift(festival))
        festival.clock.advance(-timedelta(days=364))
    made = close_the_till(festival, 0, end=NOT_COUNTED)
    assert made.last_day == close_the(festival, ClosingPeriod.DAY).last_day == date(2026, 1, 22)
    festival.clock.at += timedelta(days=1)
    next_shift(festival)
    festival.stands()
