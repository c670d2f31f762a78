"""Once all is closed, papers, closings, statements and health are reached without opening any till again."""

from pathlib import Path

import pytest

from boxoffice.house import House
from boxoffice.kinds import ClosingPeriod
from boxoffice.models import TillSession
from boxoffice.screens.closings import ClosingsDialog
from boxoffice.screens.health import HealthDialog
from boxoffice.screens.manager_pin import ManagerPin
from boxoffice.screens.outbox import OutboxScreen
from boxoffice.screens.rows import Rows
from boxoffice.screens.shift import ShiftScreen
from boxoffice.screens.statements import StatementsDialog
from tests.sales.closed_books import close_the, close_the_till
from tests.sales.conftest import Festival

from .stage import Stage, house_of, press, settle

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def house(festival: Festival, tmp_path: Path) -> House:
    return house_of(festival, folder=tmp_path)


@pytest.fixture
def closed(festival: Festival) -> Festival:
    """A day that is closed at both tills, and for the box office."""
    festival.sell()
    close_the_till(festival, 0, 10_850)
    close_the_till(festival, 1, 5_000)
    close_the(festival, ClosingPeriod.DAY)
    return festival


async def test_the_papers_of_a_day_that_is_closed_are_seen_without_opening_the_till(
    closed: Festival, house: House
) -> None:
    app = Stage(house, ShiftScreen(house, closed.manager))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "f12")
        assert isinstance(app.screen, OutboxScreen)
        papers = app.screen.query_one(Rows).options
        assert any("Clôture (Z)" in str(paper.prompt) for paper in papers)
        await press(pilot, "escape")
        assert isinstance(app.screen, ShiftScreen)
    assert closed.count(TillSession) == 2


@pytest.mark.parametrize(
    ("letter", "screen"), [("z", ClosingsDialog), ("s", StatementsDialog), ("d", HealthDialog)]
)
async def test_a_manager_opens_what_is_for_managers_at_a_till_that_is_closed(
    closed: Festival, house: House, letter: str, screen: type
) -> None:
    app = Stage(house, ShiftScreen(house, closed.manager))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "f10", letter)
        assert isinstance(app.screen, screen)


async def test_a_cashier_has_a_manager_type_their_code_there_as_at_the_counter(
    closed: Festival, house: House
) -> None:
    app = Stage(house, ShiftScreen(house, closed.cashier))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "f10", "s")
        assert isinstance(app.screen, ManagerPin)
        await press(pilot, *"1234", "enter")
        assert isinstance(app.screen, StatementsDialog)
