"""What happens on the screen of closings while one is on its way: keys pressed too early, late answers."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from boxoffice.database import DatabaseLost
from boxoffice.house import House
from boxoffice.kinds import ClosingPeriod
from boxoffice.models import Closing
from boxoffice.sales.staff.shift_closing import ShiftEnd, close_shift
from boxoffice.screens import closing_acts, closings, dialogs, permitting
from boxoffice.screens.closings import ClosingsDialog
from boxoffice.screens.dialogs import Confirm, RefusalDialog
from boxoffice.screens.manager_pin import ManagerPin
from boxoffice.screens.rows import Choices
from tests.sales.closed_books import close_the_till
from tests.sales.conftest import Festival

from .stage import UNANSWERED, MuteDatabase, Stage, hold, house_of, press, settle, told, until

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


@pytest.mark.parametrize("key", ["escape", "enter"])
async def test_a_till_whose_shift_is_closed_has_one_z_that_is_said_whatever_is_pressed_meanwhile(
    festival: Festival, house: House, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    desk = festival.desk
    festival.sell()
    festival.write(
        lambda session: close_shift(
            session, desk.post, festival.cashier, desk.till_session_id, 10_850, clock=festival.clock
        )
    )
    closing = hold(monkeypatch, closing_acts, "close_till")
    app = Stage(house, ClosingsDialog(house, festival.manager))
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "enter")
        await pilot.press("enter")
        await closing.until_asked(pilot)
        await pilot.press(key)
        assert app.answer is UNANSWERED
        closing.go.set()
        await settle(pilot)
        assert isinstance(app.screen, ClosingsDialog)
        assert "Z n° 1" in told(app.screen)
        assert festival.count(Closing) == 1
        await press(pilot, "escape")
    assert app.answer is True, "this till was closed"


async def test_a_till_whose_closing_nobody_heard_of_is_not_closed_again(
    festival: Festival, house: House
) -> None:
    desk = festival.desk
    festival.sell()
    festival.write(
        lambda session: close_shift(
            session, desk.post, festival.cashier, desk.till_session_id, 10_850, clock=festival.clock
        )
    )
    lost = DatabaseLost("La base de données ne répond pas.")
    mute = MuteDatabase(house.database.engine, house.database.write_engine, losses=[lost])
    app = Stage(house, ClosingsDialog(replace(house, database=mute), festival.manager))
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, "enter", "enter")
        assert isinstance(app.screen, RefusalDialog)
        await press(pilot, "enter", "enter", "enter")
        assert festival.count(Closing) == 1
        assert "n'a rien fait depuis sa dernière clôture" not in told(app.screen)
        assert "Z n° 1" in told(app.screen)
