"""What happens on the screen of closings while one is on its way: keys pressed too early, late answers."""

import threading
from pathlib import Path
from typing import Any

import pytest

from boxoffice.house import House
from boxoffice.kinds import ClosingPeriod
from boxoffice.models import Closing
from boxoffice.sales.staff.shift_closing import ShiftEnd
from boxoffice.screens import closings, dialogs, permitting
from boxoffice.screens.closings import ClosingsDialog
from boxoffice.screens.dialogs import Confirm
from boxoffice.screens.manager_pin import ManagerPin
from boxoffice.screens.rows import Choices
from tests.sales.closed_books import close_the_till
from tests.sales.conftest import Festival

from .stage import UNANSWERED, Stage, house_of, press, settle, until

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

UNCOUNTED = ShiftEnd(reason="Non compté")


@pytest.fixture
def house(festival: Festival, tmp_path: Path) -> House:
    return house_of(festival, folder=tmp_path)


def days_closed(festival: Festival) -> int:
    return sum(closing.period is ClosingPeriod.DAY for closing in festival.rows(Closing))


def close_both_tills(festival: Festival) -> None:
    for till in range(2):
        close_the_till(festival, till, end=UNCOUNTED)


async def test_escape_waits_until_the_day_is_closed_and_its_z_is_printed(
    festival: Festival, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    close_both_tills(festival)
    go, close = threading.Event(), closings.close_the_period
    woken: list[int] = []
    monkeypatch.setattr(House, "wake_printers", lambda _house: woken.append(days_closed(festival)))

    def slow(*told: Any) -> object:
        go.wait(30)
        return close(*told)

    monkeypatch.setattr(closings, "close_the_period", slow)
    app = Stage(house, ClosingsDialog(house, festival.manager))
    async with app.run_test() as pilot:
        await press(pilot, "enter")
        await pilot.press("enter", "escape")
        assert app.answer is UNANSWERED
        go.set()
        await settle(pilot)
        assert days_closed(festival) == 1
        assert woken == [1]
        await press(pilot, "escape")
    assert app.answer is False


async def test_enter_pressed_twice_asks_for_one_pin(
    festival: Festival, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, ask = threading.Event(), permitting.may

    def slow(*asked: Any) -> bool:
        go.wait(30)
        return ask(*asked)

    monkeypatch.setattr(permitting, "may", slow)
    app = Stage(house, ClosingsDialog(house, festival.cashier))
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("enter", "enter")
        go.set()
        await settle(pilot)
        assert [type(screen) for screen in app.screen_stack[1:]] == [ClosingsDialog, ManagerPin]
        await press(pilot, "escape", "enter")
        assert isinstance(app.screen, ManagerPin)


async def test_nobody_closes_a_day_by_an_enter_too_many(
    festival: Festival, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    close_both_tills(festival)
    monkeypatch.setattr(dialogs, "READ_IN_SECONDS", 3_600.0)
    app = Stage(house, ClosingsDialog(house, festival.manager))
    async with app.run_test() as pilot:
        await press(pilot, "enter", "enter", "enter")
        assert isinstance(app.screen, Confirm)
        assert days_closed(festival) == 0
        await press(pilot, "escape")
        assert isinstance(app.screen, ClosingsDialog)


async def test_a_look_that_answers_late_changes_nothing_of_a_later_one(
    festival: Festival, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    close_the_till(festival, 0, end=UNCOUNTED)
    go, looked, read = threading.Event(), threading.Event(), closings.read_state
    looks = 0

    def slow(*asked: Any, **how: Any) -> object:
        nonlocal looks
        looks += 1
        mine, found = looks, read(*asked, **how)
        if mine == 2:
            looked.set()
            go.wait(30)
        return found

    monkeypatch.setattr(closings, "read_state", slow)
    app = Stage(house, ClosingsDialog(house, festival.manager))
    async with app.run_test() as pilot:
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, ClosingsDialog)
        screen.changed_elsewhere()
        await until(pilot, looked.is_set)
        close_the_till(festival, 1, end=UNCOUNTED)
        screen.action_look()
        rows = screen.query_one(Choices)
        await until(pilot, lambda: "à clore" in str(rows.get_option_at_index(0).prompt))
        before = [str(row.prompt) for row in rows.options]
        go.set()
        await settle(pilot)
        assert [str(row.prompt) for row in rows.options] == before
