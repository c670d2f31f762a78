"""What happens before a till is open while something is on its way: lost answers, keys pressed too often."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen

from boxoffice.app import BoxOfficeApp
from boxoffice.config import settings_in
from boxoffice.database import DatabaseLost
from boxoffice.house import House
from boxoffice.kinds import Action, CashKind, ClosingPeriod, JournalKind
from boxoffice.models import CashMovement, Closing, JournalEntry
from boxoffice.sales.staff import operators
from boxoffice.sales.staff.permission_changes import change_permission
from boxoffice.sales.staff.shift_closing import ShiftEnd
from boxoffice.screens import carrying_cash, permitting, shift, shift_ending
from boxoffice.screens.carrying_cash import CarryCash, OpenDrawer
from boxoffice.screens.cash_count import CountDrawer
from boxoffice.screens.counter import CounterScreen
from boxoffice.screens.dialogs import RefusalDialog
from boxoffice.screens.help import HelpScreen
from boxoffice.screens.login import LoginScreen
from boxoffice.screens.manager_pin import ManagerPin
from boxoffice.screens.shift import ShiftScreen
from boxoffice.screens.shift_ending import EndShift, close_own_shift
from tests.sales.closed_books import close_the_till
from tests.sales.conftest import Festival

from .playing import PIN
from .stage import MuteDatabase, Stage, hold, house_of, press, released, settle, told, until
from .test_closings import overnight

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

UNCOUNTED = ShiftEnd(reason="Non compté")


def fail_once(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, error: Exception) -> None:
    """Have a function fail the next time it is called, and never again."""
    original = getattr(owner, name)

    def failing(*_told: Any, **_how: Any) -> None:
        monkeypatch.setattr(owner, name, original)
        raise error

    monkeypatch.setattr(owner, name, failing)


@pytest.fixture
def program(festival: Festival, keys: Path, tmp_path: Path) -> BoxOfficeApp:
    """The whole program; Karim finds his shift again once he has typed his PIN."""
    return BoxOfficeApp(settings_in(tmp_path, keys_folder=keys), festival.database, festival.clock)


async def test_a_counter_whose_programme_was_not_read_is_opened_once_that_is_said(
    program: BoxOfficeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_once(monkeypatch, House, "programme", DatabaseLost("La base de données ne répond pas."))
    async with program.run_test(size=(120, 36)) as pilot:
        await press(pilot, *PIN, "enter")
        assert isinstance(program.screen, RefusalDialog)
        assert "La base de données ne répond pas." in told(program.screen)
        await press(pilot, "enter")
        assert isinstance(program.screen, CounterScreen)
        assert program.desk is not None


async def test_after_an_incident_before_the_counter_another_try_opens_it(
    program: BoxOfficeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_once(monkeypatch, CounterScreen, "__init__", RuntimeError("unforeseen"))
    async with program.run_test(size=(120, 36)) as pilot:
        await press(pilot, *PIN, "enter")
        assert isinstance(program.screen, ShiftScreen)
        await press(pilot, "escape")
        assert isinstance(program.screen, LoginScreen)
        await press(pilot, *PIN, "enter")
        assert isinstance(program.screen, CounterScreen)


async def test_help_read_while_the_counter_is_made_ready_leaves_nothing_beneath_the_counter(
    program: BoxOfficeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    programme = hold(monkeypatch, House, "programme")
    async with program.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await pilot.press(*PIN, "enter")
        await programme.until_asked(pilot)
        await pilot.press("f1")
        assert isinstance(program.screen, HelpScreen)
        programme.go.set()
        await until(pilot, lambda: isinstance(program.screen, CounterScreen))
        assert [type(screen) for screen in program.screen_stack] == [LoginScreen, CounterScreen]


# -- keys pressed again while the first is on its way


@pytest.fixture
def house(festival: Festival, tmp_path: Path) -> House:
    return house_of(festival, folder=tmp_path)


def days_closed(festival: Festival) -> int:
    return sum(closing.period is ClosingPeriod.DAY for closing in festival.rows(Closing))


def forget_the_day(festival: Festival) -> None:
    """The day after: every till was closed, the day was not."""
    for till in range(2):
        close_the_till(festival, till, end=UNCOUNTED)
    overnight(festival)


@pytest.mark.parametrize(("who", "asked"), [("manager", EndShift), ("cashier", ManagerPin)])
async def test_a_forgotten_day_closed_with_enter_twice_asks_once(
    festival: Festival, house: House, monkeypatch: pytest.MonkeyPatch, who: str, asked: type[Screen[Any]]
) -> None:
    festival.sell()
    overnight(festival)
    leave = hold(monkeypatch, permitting, "may")
    app = Stage(house, ShiftScreen(house, getattr(festival, who)))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "down")
        await pilot.press("enter")
        await leave.until_asked(pilot)
        await pilot.press("enter")
        leave.go.set()
        await settle(pilot)
        assert [type(screen) for screen in app.screen_stack[1:]] == [ShiftScreen, asked]
        await press(pilot, "escape")
        await released(pilot)
        await press(pilot, "enter")
        assert [type(screen) for screen in app.screen_stack[1:]] == [ShiftScreen, asked], "and again later"


async def test_the_drawer_of_another_is_counted_once_with_enter_twice(
    festival: Festival, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave = hold(monkeypatch, shift_ending, "may")
    app = Stage(house, ShiftScreen(house, festival.manager))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await leave.until_asked(pilot)
        await pilot.press("enter")
        leave.go.set()
        await settle(pilot)
        assert [type(screen) for screen in app.screen_stack[1:]] == [ShiftScreen, CountDrawer]


@pytest.mark.parametrize("key", ["enter", "escape"])
async def test_a_forgotten_day_is_closed_once_and_said_to_be_whatever_is_pressed_meanwhile(
    festival: Festival, house: House, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    forget_the_day(festival)
    closing = hold(monkeypatch, shift, "close_the_period")
    app = Stage(house, ShiftScreen(house, festival.manager))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await closing.until_asked(pilot)
        await pilot.press(key)
        assert not app.heard, "nobody leaves while it is made"
        closing.go.set()
        await settle(pilot)
        assert isinstance(app.screen, ShiftScreen)
        assert "Combien y a-t-il dans le tiroir" in told(app.screen)
    assert days_closed(festival) == 1
    assert len(app.said) == 1


async def test_a_forgotten_day_whose_closing_nobody_heard_of_is_not_closed_again(
    festival: Festival, house: House
) -> None:
    forget_the_day(festival)
    lost = DatabaseLost("La base de données ne répond pas.")
    mute = MuteDatabase(house.database.engine, house.database.write_engine, losses=[lost])
    house = replace(house, database=mute)
    app = Stage(house, ShiftScreen(house, festival.manager))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "enter")
        assert isinstance(app.screen, RefusalDialog)
        await press(pilot, "enter")
        assert "Combien y a-t-il dans le tiroir" in told(app.screen)
    assert days_closed(festival) == 1


# -- the end of a shift, and cash carried


async def test_f9_twice_counts_a_blind_count_once_against_who_counts(
    festival: Festival, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind = replace(house, post=replace(house.post, rules=replace(house.post.rules, blind_count=True)))
    festival.sell()
    app = Stage(blind, Screen())
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        desk = replace(festival.desk, post=blind.post)
        close_own_shift(app.screen, blind, desk, lambda: None, lambda refusal: pytest.fail(str(refusal)))
        await press(pilot, *"10", "enter")
        managers = hold(monkeypatch, operators, "managers")
        await pilot.press("f9")
        await managers.until_asked(pilot)
        await pilot.press("f9")
        managers.go.set()
        await settle(pilot)
        assert [type(screen) for screen in app.screen_stack[2:]] == [EndShift, ManagerPin]
    refused = [row for row in festival.rows(JournalEntry) if row.kind == JournalKind.COUNT_REFUSED]
    assert len(refused) == 1


@pytest.mark.parametrize(("form", "typed"), [("cash", ("80", "tab", "Lisa")), ("drawer", ("Monnaie",))])
async def test_f9_twice_asks_one_manager_about_cash_that_leaves_or_a_drawer_that_opens(
    festival: Festival, house: House, monkeypatch: pytest.MonkeyPatch, form: str, typed: tuple[str, ...]
) -> None:
    desk = festival.desk
    festival.write(
        lambda session: change_permission(
            session,
            desk.post,
            Action.OPEN_DRAWER,
            frozenset(),
            clock=festival.clock,
            manager=festival.manager,
        )
    )
    shown = CarryCash(house, desk, CashKind.PICKUP) if form == "cash" else OpenDrawer(house, desk)
    app = Stage(house, shown)
    async with app.run_test(size=(100, 30)) as pilot:
        for each in typed:
            await press(pilot, *([each] if each == "tab" else each))
        managers = hold(monkeypatch, operators, "managers")
        await pilot.press("f9")
        await managers.until_asked(pilot)
        await pilot.press("f9")
        managers.go.set()
        await settle(pilot)
        assert [type(screen) for screen in app.screen_stack[1:]] == [type(shown), ManagerPin]
        await press(pilot, *"1234", "enter")
    assert app.answer


async def test_escape_waits_until_cash_that_was_carried_is_written_down(
    festival: Festival, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Stage(house, CarryCash(house, festival.desk, CashKind.IN))
    async with app.run_test(size=(100, 30)) as pilot:
        await press(pilot, *"80", "tab", *"Lisa", "tab", *"Monnaie")
        moving = hold(monkeypatch, carrying_cash, "move_cash")
        await pilot.press("f9")
        await moving.until_asked(pilot)
        await pilot.press("escape")
        moving.go.set()
        await settle(pilot)
    assert "80,00" in app.answer
    assert festival.count(CashMovement) == 1
