"""Closings under trouble: two managers at once, a sale on its way, a program killed half-way; always once."""

import os
import signal
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.kinds import ClosingPeriod, JobState
from boxoffice.models import Closing, PrintJob, Sale, ShiftClosing
from boxoffice.sales.checkout import checkout
from boxoffice.sales.closings.figures import told_figures
from boxoffice.sales.closings.outcomes import Made
from boxoffice.sales.closings.period_closing import ClosePeriod, close_period
from boxoffice.sales.closings.till_closing import CloseTill, close_till
from boxoffice.sales.prints import outbox
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.sales.staff.operators import lock
from boxoffice.sales.staff.shift_closing import ShiftEnd
from boxoffice.sales.staff.shifts import OpenShift, open_shift
from tests.sales.closed_books import answered, close_the, close_the_till
from tests.sales.conftest import Festival
from tests.sales.meanwhile import meanwhile
from tests.sales.processes import fork, in_processes

NOT_COUNTED = ShiftEnd(reason="Non compté")


def closing(festival: Festival, till: int, at_till: int | None = None) -> Callable[[Session], Made]:
    """The closing of a till, asked for at itself or at the other one; each has its own id."""
    command = CloseTill(uuid4(), festival.posts[till].till_id, None, NOT_COUNTED)
    post = festival.posts[till if at_till is None else at_till]
    return partial(close_till, command=command, post=post, manager=festival.manager, clock=festival.clock)


def attempted(festival: Festival, work: Callable[[Session], Made]) -> Callable[[], Made]:
    return partial(festival.database.attempt, work)


def test_two_managers_who_close_a_till_at_once_close_it_once(festival: Festival) -> None:
    festival.sell()
    second = meanwhile(festival, closing(festival, 0), attempted(festival, closing(festival, 0, at_till=1)))
    assert isinstance(second, Refusal)
    assert second.message == "La caisse 1 n'a rien fait depuis sa dernière clôture."
    assert festival.count(Closing) == festival.count(ShiftClosing) == 1
    festival.stands()


def test_one_closing_sent_twice_at_once_is_made_once(festival: Festival) -> None:
    festival.sell()
    work = closing(festival, 0)
    second = meanwhile(festival, work, attempted(festival, work))
    assert isinstance(second, Made)
    assert festival.count(Closing) == 1
    festival.stands()


def test_two_managers_who_close_each_others_tills_both_come_to_an_end(festival: Festival) -> None:
    for desk in festival.desks:
        festival.sell(desk=desk)
    second = meanwhile(
        festival, closing(festival, 0, at_till=1), attempted(festival, closing(festival, 1, at_till=0))
    )
    assert isinstance(second, Made)
    assert sorted(row.till_id for row in festival.rows(Closing)) == [1, 2]
    festival.stands()


def test_a_till_closed_from_another_waits_for_its_numbers_without_holding_those_of_the_other(
    festival: Festival,
) -> None:
    """Somebody at work at both tills meanwhile is not in its way; nobody has to try twice."""
    first, second = festival.posts
    festival.sell()
    made = meanwhile(
        festival,
        partial(lock, post=first, member=festival.cashier, clock=festival.clock),
        partial(festival.write, closing(festival, 0, at_till=1)),
        lambda session: lock(session, second, festival.manager, clock=festival.clock),
    )
    assert isinstance(made, Made)
    festival.stands()


def uncertain(festival: Festival) -> Callable[[Session], object]:
    """The end of a paper of the first till, which falls silent in the middle of it."""
    festival.sell()
    row = next(job for job in festival.rows(PrintJob) if job.state is JobState.QUEUED)
    job = festival.read(lambda session: outbox.find_job(session, row.id))
    assert job is not None
    assert festival.write(lambda session: outbox.begin_sending(session, job, clock=festival.clock))
    return lambda session: outbox.finish_sending(session, job.id, JobState.UNCERTAIN, clock=festival.clock)


def test_a_print_that_becomes_uncertain_while_its_till_is_closed_is_on_the_next_z(festival: Festival) -> None:
    end = uncertain(festival)
    made: list[Made] = []
    meanwhile(
        festival,
        lambda session: made.append(closing(festival, 0)(session)),
        lambda: festival.write(end),
    )
    assert made[0].figures.uncertain == 0
    festival.clock.advance(timedelta(minutes=1))
    command = answered(festival, 10_850)
    post, member = festival.posts[0], festival.cashier
    festival.write(lambda session: open_shift(session, post, member, command, clock=festival.clock))
    assert close_the_till(festival, 0, None, NOT_COUNTED).figures.uncertain == 1
    festival.stands()


def test_a_closing_waits_for_a_print_that_is_becoming_uncertain(festival: Festival) -> None:
    done = meanwhile(festival, uncertain(festival), attempted(festival, closing(festival, 0)))
    assert isinstance(done, Made)
    assert done.figures.uncertain == 1
    festival.stands()


def test_two_managers_who_close_the_day_at_once_close_it_once(festival: Festival) -> None:
    festival.sell()
    for till in range(2):
        close_the_till(festival, till, None, NOT_COUNTED)

    def day(post: int) -> Callable[[Session], Made]:
        command = ClosePeriod(uuid4(), ClosingPeriod.DAY)
        return partial(
            close_period,
            command=command,
            post=festival.posts[post],
            manager=festival.manager,
            clock=festival.clock,
        )

    second = meanwhile(festival, day(0), attempted(festival, day(1)))
    assert isinstance(second, Refusal)
    assert [row.period for row in festival.rows(Closing)].count(ClosingPeriod.DAY) == 1
    festival.stands()


@pytest.mark.parametrize(
    ("period", "seen", "oldest"),
    [
        (ClosingPeriod.DAY, date(2026, 1, 20), date(2026, 1, 21)),
        (ClosingPeriod.MONTH, date(2025, 12, 31), date(2026, 1, 31)),
    ],
)
def test_who_answers_for_what_is_closed_meanwhile_closes_nothing_else(
    festival: Festival, period: ClosingPeriod, seen: date, oldest: date
) -> None:
    festival.sell()
    for till in range(2):
        close_the_till(festival, till, None, NOT_COUNTED)
    if period is ClosingPeriod.MONTH:
        close_the(festival, ClosingPeriod.DAY)
        festival.clock.advance(timedelta(days=31))
    close = partial(close_period, post=festival.posts[1], manager=festival.manager, clock=festival.clock)
    closings = festival.count(Closing)
    with pytest.raises(Refusal, match="Entre-temps"):
        festival.write(partial(close, command=ClosePeriod(uuid4(), period, seen)))
    assert festival.count(Closing) == closings
    made = festival.write(partial(close, command=ClosePeriod(uuid4(), period, oldest)))
    assert made.last_day == oldest


def test_a_sale_on_its_way_is_in_the_closing_that_waits_for_it(festival: Festival) -> None:
    order = festival.order(festival.seat_line())
    made = meanwhile(
        festival,
        partial(checkout, command=order, desk=festival.desk, clock=festival.clock),
        attempted(festival, closing(festival, 0)),
    )
    assert isinstance(made, Made)
    assert made.period_cents == 850
    festival.stands()


def test_a_sale_that_comes_while_its_till_is_closed_is_refused(festival: Festival) -> None:
    festival.sell()
    order = festival.order(festival.seat_line())
    sell = partial(checkout, command=order, desk=festival.desk, clock=festival.clock)
    refused = meanwhile(festival, closing(festival, 0), partial(festival.database.attempt, sell))
    assert isinstance(refused, Refusal)
    assert refused.message == "Cette session de caisse a été fermée."
    assert festival.count(Sale) == 1
    festival.stands()


def test_a_till_that_opens_while_the_day_is_closed_is_refused(festival: Festival) -> None:
    festival.sell()
    for till in range(2):
        close_the_till(festival, till, None, NOT_COUNTED)
    command = ClosePeriod(uuid4(), ClosingPeriod.DAY)
    day = partial(
        close_period, command=command, post=festival.posts[0], manager=festival.manager, clock=festival.clock
    )
    opening = partial(
        open_shift,
        post=festival.posts[1],
        member=festival.cashier,
        command=OpenShift(0),
        clock=festival.clock,
    )
    refused = meanwhile(festival, day, partial(festival.database.attempt, opening))
    assert isinstance(refused, Refusal)
    assert "est close" in refused.message


def test_tills_that_sell_while_they_are_closed_leave_no_sale_between_two_closings(festival: Festival) -> None:
    """Two counters sell in processes of their own until a manager closes both from a third."""
    orders = [[festival.order(festival.product_line()) for _sale in range(12)] for _till in festival.desks]
    festival.database.close()

    def sell(till: int) -> int:
        sold = 0
        for order in orders[till]:
            try:
                festival.database.attempt(
                    partial(checkout, command=order, desk=festival.desks[till], clock=festival.clock)
                )
            except Refusal:
                break
            sold += 1
        return sold

    def close_one(till: int) -> int:
        made = festival.database.attempt(closing(festival, till, at_till=1 - till))
        return made.figures.sales

    sold = in_processes([partial(sell, 0), partial(sell, 1), partial(close_one, 0)])
    assert festival.count(Sale) == sold[0] + sold[1]
    close_the_till(festival, 1, None, NOT_COUNTED)
    closed = {row.till_id: told_figures(row.figures).sales for row in festival.rows(Closing)}
    assert closed == {1: sold[0], 2: sold[1]}
    assert sold[2] == sold[0]
    close_the(festival, ClosingPeriod.DAY)
    festival.stands()


@pytest.mark.parametrize("committed", [False, True])
def test_a_closing_killed_half_way_is_finished_once(festival: Festival, committed: bool) -> None:
    festival.sell()
    command = CloseTill(uuid4(), 1, None, NOT_COUNTED)
    work = partial(
        close_till, command=command, post=festival.posts[0], manager=festival.manager, clock=festival.clock
    )
    festival.database.close()
    child = fork(lambda: _die(festival, work, committed=committed))
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert festival.count(Closing) == int(committed)
    made = festival.database.attempt(work)
    assert (made.id, made.number, made.period_cents) == (command.closing_id, 1, 850)
    assert festival.count(Closing) == festival.count(ShiftClosing) == 1
    festival.stands()


@pytest.mark.parametrize("committed", [False, True])
def test_a_day_a_month_and_a_year_closed_half_way_are_finished_once(
    festival: Festival, committed: bool
) -> None:
    festival.sell()
    for till in (0, 1):
        close_the_till(festival, till, None, NOT_COUNTED)
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=400))
    for done, period in enumerate((ClosingPeriod.DAY, ClosingPeriod.MONTH, ClosingPeriod.YEAR), start=2):
        command = ClosePeriod(uuid4(), period)
        work = partial(
            close_period,
            command=command,
            post=festival.posts[0],
            manager=festival.manager,
            clock=festival.clock,
        )
        festival.database.close()
        child = fork(partial(_die, festival, work, committed=committed))
        assert os.waitpid(child, 0)[1] == signal.SIGKILL
        assert festival.count(Closing) == done + committed
        made = festival.database.attempt(work)
        assert (made.id, made.number, made.period_cents) == (command.closing_id, 1, 850)
        assert festival.count(Closing) == done + 1
    festival.stands()


@pytest.mark.parametrize("committed", [False, True])
def test_the_slips_of_a_till_closed_from_the_list_come_once_however_it_is_killed(
    festival: Festival, committed: bool
) -> None:
    festival.sell()
    command = CloseTill(uuid4(), 1, 10_850, ShiftEnd(deposit_cents=850))
    work = partial(
        close_till, command=command, post=festival.posts[0], manager=festival.manager, clock=festival.clock
    )
    festival.database.close()
    os.waitpid(fork(lambda: _die(festival, work, committed=committed)), 0)
    festival.database.attempt(work)
    of_the_end = {DocumentKind.HANDOVER, DocumentKind.DEPOSIT_SLIP, DocumentKind.CLOSING}
    ordered = [job.document for job in festival.rows(PrintJob) if job.document in of_the_end]
    assert ordered == [DocumentKind.HANDOVER, DocumentKind.DEPOSIT_SLIP, DocumentKind.CLOSING]


def _die(festival: Festival, work: Callable[[Session], Made], *, committed: bool) -> None:
    """Close, and be killed before the commit, or before anybody hears of it."""
    with festival.database.write() as session:
        work(session)
        if not committed:
            os.kill(os.getpid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_closing_that_is_refused_half_way_leaves_the_shift_as_it_was(festival: Festival) -> None:
    festival.sell()
    before = festival.everything()
    command = CloseTill(UUID(int=7), 1, 10_000, ShiftEnd())
    with pytest.raises(Refusal, match="d'écart"):
        festival.write(
            lambda session: close_till(
                session, command, festival.posts[0], festival.manager, clock=festival.clock
            )
        )
    assert festival.everything() == before
