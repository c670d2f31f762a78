"""What is sold once a day is closed counts on the next: exports say so, and entries that it lacks."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from boxoffice.exporting.accounting import WrittenEntries
from boxoffice.kinds import ClosingPeriod
from boxoffice.sales.exports.operations import Scope
from boxoffice.sales.staff.shift_closing import ShiftEnd
from boxoffice.sales.staff.shifts import open_shift
from tests.sales.closed_books import answered, close_the, close_the_till
from tests.sales.conftest import Festival
from tests.sales.exported import written_entries, written_operations
from tests.sales.spreadsheets import csv_rows

DAY = date(2026, 1, 21)
NOT_COUNTED = ShiftEnd(reason="Non compté")


@pytest.fixture
def reopened(festival: Festival) -> Festival:
    """A day of 8,50 that was closed, and 3,00 sold on it since, which a manager allowed."""
    festival.sell()
    for till in range(2):
        close_the_till(festival, till, end=NOT_COUNTED)
    close_the(festival, ClosingPeriod.DAY)
    sell_again(festival)
    return festival


def sell_again(festival: Festival) -> None:
    desk = festival.write(
        lambda session: open_shift(
            session, festival.posts[0], festival.cashier, answered(festival), clock=festival.clock
        )
    )
    festival.sell(festival.product_line(), desk=desk)


def entries(festival: Festival, folder: Path, last: date = DAY) -> WrittenEntries:
    return written_entries(festival, folder, DAY, last)


def exported(festival: Festival, folder: Path, day: date = DAY) -> list[list[tuple[Any, ...]]]:
    """Of each table of a day, what it says that things came to and on which Z they are counted."""
    written = written_operations(festival, folder, Scope(day, day))
    return [
        [(row.get("montant", row.get("TTC")), row["compté au Z du"]) for row in csv_rows(path)]
        for path in written.paths
    ]


def close_the_next_day(festival: Festival) -> None:
    """The till closes what it sold again, and the box office closes it the day after."""
    close_the_till(festival, 0, end=NOT_COUNTED)
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=1))
    close_the(festival, ClosingPeriod.DAY)


def test_entries_name_the_day_on_which_something_was_sold_after_it_was_closed(
    reopened: Festival, tmp_path: Path
) -> None:
    assert entries(reopened, tmp_path / "before").not_closed == (DAY,)
    close_the_next_day(reopened)
    assert entries(reopened, tmp_path / "after").not_closed == ()


def test_an_export_of_a_day_says_what_is_counted_on_the_z_of_another(
    reopened: Festival, tmp_path: Path
) -> None:
    assert exported(reopened, tmp_path / "before")[0] == [("8,50", ""), ("3,00", "")]
    close_the_next_day(reopened)
    lines, payments, totals = exported(reopened, tmp_path / "after")
    assert lines == payments == [("8,50", ""), ("3,00", "22/01/2026")]
    assert sorted(totals) == [("3,00", "22/01/2026"), ("8,50", "")]


def test_what_was_sold_under_a_clock_ahead_is_closed_with_the_day_that_counts_it(
    festival: Festival, tmp_path: Path
) -> None:
    """The till is closed under the date of the 23rd, then under that of the 22nd, which counts both."""
    for till in range(2):
        close_the_till(festival, till, end=NOT_COUNTED)
    close_the(festival, ClosingPeriod.DAY)
    for days in (2, -1):
        with festival.clock.without_nights():
            festival.clock.at += timedelta(days=days)
        sell_again(festival)
        close_the_till(festival, 0, end=NOT_COUNTED)
    close_the(festival, ClosingPeriod.DAY)
    assert entries(festival, tmp_path, last=DAY + timedelta(days=2)).not_closed == ()
    assert exported(festival, tmp_path, DAY + timedelta(days=2))[0] == [("3,00", "22/01/2026")]
