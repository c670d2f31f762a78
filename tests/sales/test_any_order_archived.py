"""Whatever happened in whatever order, under whatever clock: what was closed is archived, and holds."""

import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from boxoffice.errors import Refusal
from boxoffice.kinds import ClosingPeriod
from boxoffice.models import Closing, Sale
from boxoffice.sales.staff.shift_closing import ShiftEnd
from tests.sales.archived import archived
from tests.sales.at_two_tills import AtTwoTills, explore
from tests.sales.closed_books import close_the, close_the_till
from tests.sales.conftest import Festival
from tests.sales.test_any_order_of_cards import AnyOrderOfCards
from tests.sales.test_any_order_of_closings import AnyOrderUnderAnyClock

NOT_COUNTED = ShiftEnd(reason="Non compté")


def time_goes_by(festival: Festival, days: int) -> None:
    """So many days in which nobody works."""
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=days))


def as_often_as_it_can_be(close: Callable[[], object]) -> Iterator[object]:
    """Close until nothing is left to be closed."""
    try:
        while True:
            yield close()
    except Refusal:
        return


def close_all_that_is_left(festival: Festival) -> None:
    """Both tills and their days, then, long after, the months and years."""
    time_goes_by(festival, 60)
    for till in range(2):
        next(as_often_as_it_can_be(partial(close_the_till, festival, till, end=NOT_COUNTED)), None)
    list(as_often_as_it_can_be(partial(close_the, festival, ClosingPeriod.DAY)))
    time_goes_by(festival, 800)
    for period in (ClosingPeriod.MONTH, ClosingPeriod.YEAR):
        list(as_often_as_it_can_be(partial(close_the, festival, period)))


class Archived(AtTwoTills):
    """At the end of it all, each day is archived by itself, and all of them together."""

    def teardown(self) -> None:
        close_all_that_is_left(self.festival)
        rows = self.festival.rows(Closing)
        days = sorted({row.last_day for row in rows if row.period is ClosingPeriod.DAY})
        with tempfile.TemporaryDirectory() as folder:
            each = [archived(self.festival, Path(folder) / f"{day}.zip", day, day).sales for day in days]
            whole = archived(self.festival, Path(folder) / "all.zip", days[0], days[-1])
        assert sum(each) == whole.sales == self.festival.count(Sale)
        super().teardown()


class ClosingsArchived(Archived, AnyOrderUnderAnyClock):
    """Closings, under a clock that is set ahead and back."""


class CardsArchived(Archived, AnyOrderOfCards):
    """Cards, codes and points that are sold, used, given back and over."""


@pytest.mark.parametrize(
    ("machine", "new_festival"),
    [(ClosingsArchived, "sqlite"), (ClosingsArchived, "postgresql"), (CardsArchived, "sqlite")],
    indirect=["new_festival"],
)
def test_in_any_order_what_was_closed_is_archived(
    new_festival: Callable[[], Festival], machine: type[Archived]
) -> None:
    explore(machine, new_festival)
