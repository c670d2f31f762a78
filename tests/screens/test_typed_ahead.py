"""What is typed while the books are asked arrives whole on the screen it was meant for, or not at all."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from textual._time import get_time
from textual.events import Key
from textual.widgets import Input

from boxoffice.app import BoxOfficeApp
from boxoffice.config import settings_in
from boxoffice.models import CashMovement, TillSession
from boxoffice.sales.staff import shifts
from boxoffice.sales.staff.shift_closing import close_shift
from boxoffice.screens import carrying_cash, listening, lock, manager_pin, permitting, shift_ending
from boxoffice.screens.carrying_cash import CarryCash
from boxoffice.screens.cash_count import CountDrawer
from boxoffice.screens.counter import CounterScreen
from boxoffice.screens.lock import LockScreen
from boxoffice.screens.login import LoginScreen
from boxoffice.screens.manager_pin import ManagerPin
from boxoffice.screens.shift import ShiftScreen
from tests.sales.conftest import Festival

from .playing import PIN, Player, at_the_counter, counter_of
from .stage import Held, hold, press, settle, until

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow this computer is, no key waits too long but those that are said to."""
    monkeypatch.setattr(listening, "PATIENCE_SECONDS", 600.0)


@pytest_asyncio.fixture
async def cashier(festival: Festival, keys: Path, tmp_path: Path) -> AsyncIterator[Player]:
    async with at_the_counter(festival, keys, tmp_path) as player:
        yield player


@pytest.fixture
def program(festival: Festival, keys: Path, tmp_path: Path) -> BoxOfficeApp:
    """The whole program, at a till that nobody has open."""
    desk, karim = festival.desk, festival.cashier
    festival.write(
        lambda session: close_shift(
            session, desk.post, karim, desk.till_session_id, 10_000, clock=festival.clock
        )
    )
    return BoxOfficeApp(settings_in(tmp_path, keys_folder=keys), festival.database, festival.clock)


def typed(app: object, *keys: str, seconds_ago: float = 0.0) -> None:
    """Send keys as a terminal does, without waiting for what they do."""
    assert isinstance(app, BoxOfficeApp)
    for key in keys:
        sent = Key(key, "\r" if key == "enter" else key)
        sent.time = get_time() - seconds_ago
        app.post_message(sent)


@contextmanager
def meanwhile(held: Held) -> Iterator[None]:
    """What happens before the books answer."""
    yield
    held.go.set()


async def test_what_is_typed_behind_the_float_is_for_the_counter(
    program: BoxOfficeApp, festival: Festival, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with program.run_test(size=(80, 24)) as pilot:
        await press(pilot, *PIN, "enter")
        opening = hold(monkeypatch, shifts, "open_shift")
        await pilot.press(*"100", "enter")
        await opening.until_asked(pilot)
        with meanwhile(opening):
            typed(program, "enter", "1", "1", "2")
            await pilot.pause()
        await until(pilot, lambda: isinstance(program.screen, CounterScreen))
        await settle(pilot)
        await until(pilot, lambda: counter_of(program).basket.seats == 3)
    floats = [row.float_cents for row in festival.rows(TillSession) if row.closed_at is None]
    assert 10_000 in floats


async def test_what_is_typed_behind_a_float_in_doubt_is_no_part_of_a_managers_pin(
    program: BoxOfficeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with program.run_test(size=(80, 24)) as pilot:
        await press(pilot, *PIN, "enter")
        opening = hold(monkeypatch, shifts, "open_shift")
        await pilot.press(*"5", "enter")
        await opening.until_asked(pilot)
        with meanwhile(opening):
            typed(program, "1", "1")
            await pilot.pause()
        await until(pilot, lambda: isinstance(program.screen, ManagerPin))
        await settle(pilot)
        assert program.screen.query_one("#pin", Input).value == ""
        await press(pilot, "escape")
        assert isinstance(program.screen, ShiftScreen)
        assert program.screen.query_one("#cash-amount", Input).value == "5"


async def test_keys_that_have_waited_too_long_are_forgotten_with_all_that_follow_them(
    program: BoxOfficeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with program.run_test(size=(80, 24)) as pilot:
        await press(pilot, *PIN, "enter")
        opening = hold(monkeypatch, shifts, "open_shift")
        await pilot.press(*"100", "enter")
        await opening.until_asked(pilot)
        with meanwhile(opening):
            typed(program, "1", seconds_ago=1_000.0)
            await pilot.pause(listening.LOOK_AGAIN_SECONDS)
            await until(pilot, lambda: program._has_given_up)
            typed(program, "1", "1")
            await pilot.pause()
        await until(pilot, lambda: isinstance(program.screen, CounterScreen))
        await settle(pilot)
        assert counter_of(program).basket.seats == 0
        await press(pilot, "1")
        assert counter_of(program).basket.seats == 1


async def test_what_is_typed_behind_cash_brought_in_is_for_the_counter(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cashier.press("f10", "e", "1", *"150", "enter", *"Lisa", "enter", *"Monnaie")
    moving = hold(monkeypatch, carrying_cash, "move_cash")
    await cashier.pilot.press("enter")
    await moving.until_asked(cashier.pilot)
    with meanwhile(moving):
        typed(cashier.pilot.app, "1", "1")
        await cashier.pilot.pause()
        assert isinstance(cashier.pilot.app.screen, CarryCash)
    await cashier.wait_until(lambda: cashier.counter.basket.seats == 2)
    (moved,) = festival.rows(CashMovement)
    assert moved.reason == "Monnaie"


async def test_what_is_typed_behind_a_pick_up_is_no_part_of_a_managers_pin(
    cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cashier.press("f10", "e", "3", *"50", "enter", *"Lisa")
    moving = hold(monkeypatch, carrying_cash, "move_cash")
    await cashier.pilot.press("enter")
    await moving.until_asked(cashier.pilot)
    with meanwhile(moving):
        typed(cashier.pilot.app, "1", "1")
        await cashier.pilot.pause()
    await cashier.wait_until(lambda: isinstance(cashier.pilot.app.screen, ManagerPin))
    await settle(cashier.pilot)
    assert cashier.pilot.app.screen.query_one("#pin", Input).value == ""


async def test_a_pin_typed_before_its_box_stands_is_whole_in_it(
    cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cashier.press("f10", "z")
    leave = hold(monkeypatch, permitting, "may")
    await cashier.pilot.press("enter")
    await leave.until_asked(cashier.pilot)
    with meanwhile(leave):
        typed(cashier.pilot.app, *"1234")
        await cashier.pilot.pause()
    await cashier.wait_until(lambda: isinstance(cashier.pilot.app.screen, ManagerPin))
    pin = cashier.pilot.app.screen.query_one("#pin", Input)
    await cashier.wait_until(lambda: pin.value == "1234")


async def test_a_count_typed_behind_a_managers_pin_is_whole_in_the_count(
    cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cashier.press("f10", "z", "enter", *"1234")
    checking = hold(monkeypatch, manager_pin, "_authorize")
    may = hold(monkeypatch, shift_ending, "may")
    await cashier.pilot.press("enter")
    await checking.until_asked(cashier.pilot)
    with meanwhile(checking):
        typed(cashier.pilot.app, *"14")
        await cashier.pilot.pause()
    await may.until_asked(cashier.pilot)
    with meanwhile(may):
        typed(cashier.pilot.app, "0")
        await cashier.pilot.pause()
    await cashier.wait_until(lambda: isinstance(cashier.pilot.app.screen, CountDrawer))
    amount = cashier.pilot.app.screen.query_one("#cash-amount", Input)
    await cashier.wait_until(lambda: amount.value == "140")


async def test_a_pin_and_the_count_behind_it_typed_in_one_go_are_both_whole(
    cashier: Player,
) -> None:
    await cashier.press("f10", "z", "enter")
    assert isinstance(cashier.pilot.app.screen, ManagerPin)
    typed(cashier.pilot.app, *"1234", "enter", *"140")
    await cashier.wait_until(lambda: isinstance(cashier.pilot.app.screen, CountDrawer))
    amount = cashier.pilot.app.screen.query_one("#cash-amount", Input)
    await cashier.wait_until(lambda: amount.value == "140")


async def test_what_is_typed_behind_the_pin_that_opens_the_lock_is_for_what_it_covers(
    cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cashier.press("ctrl+l", *PIN)
    opening = hold(monkeypatch, lock.operators, "log_in")
    await cashier.pilot.press("enter")
    await opening.until_asked(cashier.pilot)
    with meanwhile(opening):
        typed(cashier.pilot.app, "1", "1")
        await cashier.pilot.pause()
        assert isinstance(cashier.pilot.app.screen, LockScreen)
    await cashier.wait_until(lambda: cashier.counter.basket.seats == 2)


async def test_what_is_typed_behind_a_wrong_pin_is_forgotten(
    program: BoxOfficeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with program.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        checking = hold(monkeypatch, lock.operators, "log_in")
        await pilot.press(*"9999", "enter")
        await checking.until_asked(pilot)
        with meanwhile(checking):
            typed(program, "1", "0", "0")
            await pilot.pause()
        await settle(pilot)
        assert isinstance(program.screen, LoginScreen)
        assert program.screen._pin == ""
