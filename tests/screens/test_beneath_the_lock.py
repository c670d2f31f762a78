"""The till is locked while something is on its way: nothing of it opens the lock, or stands over it."""

import threading
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import pytest_asyncio
from textual.screen import Screen

from boxoffice.app import BoxOfficeApp
from boxoffice.kinds import Action
from boxoffice.models import Pass
from boxoffice.screens import cockpit, errands, manager_pin, permitting
from boxoffice.screens.cockpit import CockpitScreen
from boxoffice.screens.help import HelpScreen
from boxoffice.screens.lock import LockScreen
from boxoffice.screens.login import LoginScreen
from boxoffice.screens.manager_pin import ManagerPin
from boxoffice.screens.permitting import once_allowed
from boxoffice.screens.reading import ReadingDialog
from boxoffice.screens.settings.editing import SectionDialog
from tests.sales.conftest import Festival

from .playing import PIN, Player, at_the_counter
from .stage import hold, settle, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def cashier(festival: Festival, keys: Path, tmp_path: Path) -> AsyncIterator[Player]:
    async with at_the_counter(festival, keys, tmp_path) as player:
        yield player


def slowed(monkeypatch: pytest.MonkeyPatch, asks: ModuleType, name: str) -> threading.Event:
    """Have the books answer this of a manager only once the event is set."""
    answer, ask = threading.Event(), getattr(asks, name)

    def wait(*asked: Any) -> object:
        answer.wait(30)
        return ask(*asked)

    monkeypatch.setattr(asks, name, wait)
    return answer


def shown(player: Player) -> Screen[Any]:
    return player.pilot.app.screen


async def locked(player: Player, *keys: str) -> None:
    """Press keys whose last is not answered yet, and lock at once."""
    await player.pilot.press(*keys, "ctrl+l")
    await player.wait_until(lambda: isinstance(shown(player), LockScreen))


async def answered(player: Player, answer: threading.Event, so: Callable[[], bool]) -> None:
    answer.set()
    await player.wait_until(so)
    await player.press()


async def test_a_pin_that_is_found_right_beneath_the_lock_opens_no_till(
    cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cashier.press("f10", "z", "enter")
    pin = shown(cashier)
    assert isinstance(pin, ManagerPin)
    answer = slowed(monkeypatch, manager_pin, "_authorize")
    await locked(cashier, *"1234", "enter")
    await answered(cashier, answer, lambda: all(work.is_finished for work in cashier.pilot.app.workers))
    assert isinstance(shown(cashier), LockScreen)
    await cashier.press(*PIN, "enter")
    await cashier.wait_until(lambda: shown(cashier) is cashier.counter)
    assert pin not in cashier.pilot.app.screen_stack
    assert "Ce qu'un responsable avait ouvert est refermé." in cashier.notices()


async def test_what_was_asked_before_the_lock_is_shown_after_it(
    cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cashier.press("f10", "z")
    answer = slowed(monkeypatch, permitting, "may")
    await locked(cashier, "enter")
    await answered(cashier, answer, lambda: all(work.is_finished for work in cashier.pilot.app.workers))
    assert isinstance(shown(cashier), LockScreen)
    await cashier.press(*PIN, "enter")
    await cashier.wait_until(lambda: isinstance(shown(cashier), ManagerPin))
    assert "Un responsable répond d'une clôture." in told(shown(cashier))


async def test_what_was_asked_before_the_lock_is_lost_when_a_manager_frees_the_till(
    cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    await cashier.press("f10", "z")
    answer = slowed(monkeypatch, permitting, "may")
    await locked(cashier, "enter")
    await answered(cashier, answer, lambda: all(work.is_finished for work in cashier.pilot.app.workers))
    await cashier.press("down", *"1234", "enter")
    await cashier.wait_until(lambda: isinstance(shown(cashier), LoginScreen))
    await cashier.press()
    assert len(cashier.pilot.app.screen_stack) == 1


async def test_what_was_typed_of_a_pin_is_forgotten_by_the_lock(cashier: Player) -> None:
    await cashier.press("f10", "r", "1", "2")
    assert isinstance(shown(cashier), ManagerPin)
    await cashier.press("ctrl+l", *PIN, "enter")
    await cashier.wait_until(lambda: isinstance(shown(cashier), ManagerPin))
    await cashier.press(*"1234", "enter", "down", "enter")
    assert isinstance(shown(cashier), SectionDialog), "not 121234"


async def test_help_is_read_over_the_lock(cashier: Player) -> None:
    await cashier.press("ctrl+l", "f1")
    assert "Tapez le code PIN" in told(shown(cashier))
    await cashier.press("escape")
    assert isinstance(shown(cashier), LockScreen)


async def test_what_a_manager_opened_is_closed_when_the_cashier_is_back(cashier: Player) -> None:
    await cashier.press("1", "f10", "r", *"1234", "enter", "down", "enter")
    assert isinstance(shown(cashier), SectionDialog)
    await cashier.press("ctrl+l", *PIN, "enter")
    await cashier.wait_until(lambda: shown(cashier) is cashier.counter)
    assert "Ce qu'un responsable avait ouvert est refermé." in cashier.notices()
    assert len(cashier.counter.basket.lines) == 1, "the basket is their own"
    await cashier.press("f10", "r")
    assert isinstance(shown(cashier), ManagerPin)


async def test_a_pass_scanned_over_what_a_manager_opened_is_shown_once_that_is_closed(
    festival: Festival, cashier: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal tells that its holder was looked at."""
    festival.sell_pass()
    (held,) = festival.rows(Pass)
    app = cashier.pilot.app
    assert isinstance(app, BoxOfficeApp)
    await cashier.press("f10", "r", *"1234", "enter", "down", "enter")
    assert isinstance(shown(cashier), SectionDialog)
    looking = hold(monkeypatch, cockpit, "look_at")
    app.scanned_into_a_field(held.code)
    await locked(cashier)
    await answered(cashier, looking.go, lambda: all(work.is_finished for work in app.workers))
    assert isinstance(shown(cashier), LockScreen)
    await cashier.press(*PIN, "enter")
    await cashier.wait_until(lambda: isinstance(shown(cashier), CockpitScreen))
    assert "Ce qu'un responsable avait ouvert est refermé." in cashier.notices()
    await cashier.press("escape")
    assert shown(cashier) is cashier.counter


async def test_what_a_manager_allowed_is_not_shown_to_who_unlocks_however_late_it_comes(
    cashier: Player,
) -> None:
    counter, app = cashier.counter, cashier.pilot.app
    assert isinstance(app, BoxOfficeApp)
    waits, comes = threading.Event(), list[str]()

    def begin(_manager: object) -> None:
        errands.send(counter, lambda: waits.wait(30), show, counter.say)

    def show(_answer: bool) -> None:
        comes.append("here")
        app.push_screen(HelpScreen(counter))

    await cashier.press("1")
    once_allowed(counter, counter.house, counter.desk, Action.SEE_FIGURES, begin)
    await cashier.wait_until(lambda: isinstance(shown(cashier), ManagerPin))
    await settle(cashier.pilot)
    await cashier.pilot.press(*"1234", "enter")
    await cashier.wait_until(lambda: shown(cashier) is counter)
    app.action_lock()
    await cashier.wait_until(lambda: isinstance(shown(cashier), LockScreen))
    await answered(cashier, waits, lambda: bool(comes))
    await cashier.press(*PIN, "enter")
    await cashier.wait_until(lambda: shown(cashier) is counter)
    await cashier.press()
    assert shown(cashier) is counter
    assert counter.basket.seats == 1


async def test_what_a_cashier_opened_alone_is_found_again_after_the_lock(cashier: Player) -> None:
    await cashier.press("f10", "r", *"1234", "enter", "escape", "f10", "x")
    assert isinstance(shown(cashier), ReadingDialog)
    await cashier.press("ctrl+l", *PIN, "enter")
    await cashier.wait_until(lambda: isinstance(shown(cashier), ReadingDialog))
    assert cashier.notices() == ""


async def test_nothing_is_said_to_be_closed_where_what_a_manager_allowed_is_done(
    festival: Festival, cashier: Player
) -> None:
    app = cashier.pilot.app
    assert isinstance(app, BoxOfficeApp)
    await cashier.press("1", "enter", "c")
    festival.clock.advance(timedelta(minutes=festival.desk.post.rules.grace_minutes + 1))
    await cashier.press("f6", "enter", "enter", *"1234", "enter", *"erreur", "enter")
    await cashier.wait_until(lambda: shown(cashier) is cashier.counter)
    festival.clock.advance(timedelta(minutes=festival.desk.post.rules.idle_lock_minutes))
    app.lock_if_idle()
    await cashier.wait_until(lambda: isinstance(shown(cashier), LockScreen))
    await cashier.press(*PIN, "enter")
    await cashier.wait_until(lambda: shown(cashier) is cashier.counter)
    assert "Ce qu'un responsable avait ouvert" not in cashier.notices()
