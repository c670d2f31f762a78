"""A clock set ahead and mended between two closings of a till: honest books are true, and nobody waits."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from boxoffice.kinds import ClosingPeriod
from boxoffice.sales.archives.verifying import verify_archive
from boxoffice.sales.books.verification import verify
from boxoffice.sales.closings.outcomes import Made
from boxoffice.sales.staff.business_days import open_day
from boxoffice.sales.staff.shift_closing import ShiftEnd
from boxoffice.sales.staff.shifts import open_shift
from tests.sales.archived import archived
from tests.sales.closed_books import answered, close_the, close_the_till
from tests.sales.conftest import Festival

NOT_COUNTED = ShiftEnd(reason="Non compté")
TODAY = date(2026, 1, 22)


def turn(festival: Festival, days: int) -> None:
    """Set the clock so many days ahead, or back."""
    with festival.clock.without_nights():
        festival.clock.at += timedelta(days=days)


def a_shift(festival: Festival, till: int = 0) -> Made:
    """Open a till, sell one thing, and close it."""
    desk = festival.write(
        lambda session: open_shift(
            session, festival.posts[till], festival.cashier, answered(festival), clock=festival.clock
        )
    )
    festival.sell(festival.product_line(), desk=desk)
    return close_the_till(festival, till, end=NOT_COUNTED)


@pytest.fixture
def morning(festival: Festival) -> Festival:
    """The festival on the morning after its first day, which is closed."""
    for till in range(2):
        close_the_till(festival, till, end=NOT_COUNTED)
    close_the(festival, ClosingPeriod.DAY)
    turn(festival, 1)
    return festival


@pytest.mark.parametrize("ahead", [1, 5, 400])
def test_what_a_clock_set_ahead_closed_is_of_the_day_on_which_it_is_mended(
    morning: Festival, ahead: int
) -> None:
    """Nobody waits for the day that it told, were that years ahead."""
    turn(morning, ahead)
    assert a_shift(morning).last_day == TODAY + timedelta(days=ahead)
    turn(morning, -ahead)
    assert a_shift(morning).last_day == TODAY
    a_shift(morning, till=1)
    day = close_the(morning, ClosingPeriod.DAY)
    assert (day.last_day, day.period_cents) == (TODAY, 900)
    assert morning.read(open_day) is None
    assert morning.read(verify).fault is None
    turn(morning, 1)
    a_shift(morning)
    assert close_the(morning, ClosingPeriod.DAY).period_cents == 300
    assert morning.read(verify).fault is None


def test_each_day_around_a_clock_set_ahead_is_archived_with_what_it_counts(
    morning: Festival, tmp_path: Path
) -> None:
    turn(morning, 1)
    a_shift(morning)
    turn(morning, -1)
    a_shift(morning)
    close_the(morning, ClosingPeriod.DAY)
    turn(morning, 1)
    a_shift(morning)
    close_the(morning, ClosingPeriod.DAY)
    turn(morning, 1)
    sales = [
        verify_archive(archived(morning, tmp_path / f"{day}.zip", day, day).path).sales
        for day in (TODAY, TODAY + timedelta(days=1))
    ]
    assert sales == [2, 1]
