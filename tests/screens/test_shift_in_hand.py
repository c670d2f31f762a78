"""What happens before a till is open while something is on its way: lost answers, keys pressed too often."""

import threading
from pathlib import Path
from typing import Any

import pytest

from boxoffice.app import BoxOfficeApp
from boxoffice.config import settings_in
from boxoffice.database import DatabaseLost
from boxoffice.house import House
from boxoffice.screens.counter import CounterScreen
from boxoffice.screens.dialogs import RefusalDialog
from boxoffice.screens.help import HelpScreen
from boxoffice.screens.login import LoginScreen
from boxoffice.screens.shift import ShiftScreen
from tests.sales.conftest import Festival

from .playing import PIN
from .stage import press, settle, told, until

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


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
    go, asked, read = threading.Event(), threading.Event(), House.programme

    def slow(*told: Any) -> object:
        asked.set()
        go.wait(30)
        return read(*told)

    monkeypatch.setattr(House, "programme", slow)
    async with program.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await pilot.press(*PIN, "enter")
        await until(pilot, asked.is_set)
        await pilot.press("f1")
        assert isinstance(program.screen, HelpScreen)
        go.set()
        await until(pilot, lambda: isinstance(program.screen, CounterScreen))
        assert [type(screen) for screen in program.screen_stack] == [LoginScreen, CounterScreen]
