"""No keyboard at hand: what a mouse alone does, from the log-in to the closing."""

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input, OptionList, Static

from boxoffice.app import BoxOfficeApp
from boxoffice.config import settings_in
from boxoffice.models import Closing, Payment, TillSession
from boxoffice.screens.counter import CounterScreen
from boxoffice.screens.dialogs import Confirm
from boxoffice.screens.keypad import Keypad
from boxoffice.screens.lock import LockScreen
from boxoffice.screens.login import LoginScreen, StaffList
from boxoffice.screens.menu import ManagementMenu
from boxoffice.screens.outbox import OutboxScreen
from boxoffice.screens.shift import ShiftScreen
from boxoffice.screens.widgets.panel import Panel
from tests.sales.conftest import Festival

from . import stage

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def _click_digits(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        (digit,) = [each for each in pilot.app.screen.query_one(Keypad).query(Button) if each.name == key]
        await pilot.click(digit)
        await stage.settle(pilot)


async def _click_word(pilot: Pilot[None], panel: str, word: str) -> None:
    """Click in the middle of a word that a panel shows."""
    drawn = pilot.app.screen.query_one(f"#{panel}", Panel)
    places = [(drawn.render_line(y).text.find(word), y) for y in range(drawn.size.height)]
    x, y = next(place for place in places if place[0] >= 0)
    await pilot.click(drawn, offset=(x + len(word) // 2, y))
    await stage.settle(pilot)


async def _choose(pilot: Pilot[None], word: str) -> None:
    """Click on the row of a list that has this word, turning the wheel if it is out of sight."""
    rows = pilot.app.screen.query_one(OptionList)
    place = next(place for place, row in enumerate(rows.options) if word in str(row.prompt))
    rows.scroll_to(y=place - rows.scrollable_content_region.height + 1, animate=False)
    await stage.settle(pilot)
    down = place - rows.scroll_offset.y
    await pilot.click(rows, offset=(rows.gutter.left + 1, rows.gutter.top + down))
    await stage.settle(pilot)


async def _log_in(pilot: Pilot[None]) -> None:
    assert isinstance(pilot.app.screen, LoginScreen)
    await pilot.click(StaffList, offset=(10, 2))
    await stage.settle(pilot)
    await _click_digits(pilot, *"2345", "enter")


async def _count(pilot: Pilot[None], *keys: str) -> None:
    await pilot.click("#cash-amount", offset=(20, 0))
    await stage.settle(pilot)
    await _click_digits(pilot, *keys)


async def _click_keys_line(pilot: Pilot[None], word: str) -> None:
    """Click on a key in the line of keys of a dialog."""
    line = pilot.app.screen.query_one(".dialog-keys", Static)
    await pilot.click(line, offset=(str(line.content).index(word), 0))
    await stage.settle(pilot)


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_day_at_the_till_with_a_mouse_alone(
    festival: Festival, keys: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    app = BoxOfficeApp(settings_in(tmp_path, keys_folder=keys), festival.database, festival.clock)
    async with app.run_test(size=size) as pilot:
        await stage.settle(pilot)
        assert not app.screen.query(Keypad), "digits come with the first click"
        await _log_in(pilot)

        counter = app.screen
        assert isinstance(counter, CounterScreen)
        await _click_word(pilot, "tariffs", "Plein")
        await _click_word(pilot, "keys", "F9")
        await pilot.click("#payment", offset=(2, 1))
        await _click_word(pilot, "payment", " 4 ")
        await _click_word(pilot, "payment", "Carte")
        await _click_word(pilot, "payment", "Espèces")
        paid = [(each.means, each.amount_cents) for each in festival.rows(Payment)]
        assert paid == [("card", 400), ("cash", 450)]

        await _click_word(pilot, "keys", "F12")
        assert isinstance(app.screen_stack[-1], OutboxScreen)
        await _click_keys_line(pilot, "Échap")
        assert app.screen is counter

        await _click_word(pilot, "keys", "F10")
        assert isinstance(app.screen, ManagementMenu)
        await _choose(pilot, "Verrouiller")
        assert isinstance(app.screen, LockScreen)
        await pilot.click(Input)
        await stage.settle(pilot)
        await _click_digits(pilot, *"2345", "enter")
        assert app.screen is counter

        await _click_word(pilot, "keys", "F10")
        await _choose(pilot, "Fermer ma session")
        await _count(pilot, *"54", "enter")
        assert isinstance(app.screen, Confirm), "far from what is expected: asked once"
        await pilot.click("#no")
        await stage.settle(pilot)
        assert app.screen.query_one("#cash-amount", Input).value == "54,00", "only to be corrected"
        await _count(pilot, *["backspace"] * 5, *"104", "enter")
        await _click_keys_line(pilot, "F9")
        await _log_in(pilot)
        assert isinstance(app.screen, ShiftScreen)
        await _count(pilot, *"104", "enter")
        assert isinstance(app.screen, CounterScreen)
    first, *_others, last = sorted(festival.rows(TillSession), key=lambda shift: shift.opened_at)
    assert (first.counted_cents, last.float_cents) == (10400, 10400)


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_till_is_closed_and_read_with_a_mouse_alone(
    festival: Festival, keys: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    app = BoxOfficeApp(settings_in(tmp_path, keys_folder=keys), festival.database, festival.clock)
    async with app.run_test(size=size) as pilot:
        await stage.settle(pilot)
        await _log_in(pilot)
        await _click_word(pilot, "keys", "F10")
        await _choose(pilot, "Clôtures")
        await _choose(pilot, "Caisse 1")
        await pilot.click("#pin")
        await stage.settle(pilot)
        await _click_digits(pilot, *"1234", "enter")
        await _count(pilot, *"100", "enter")
        await _click_keys_line(pilot, "F9")
        assert [row.period_cents for row in festival.rows(Closing)] == [0]
        await _choose(pilot, "Z n° 1")
        await pilot.click("#pin")
        await stage.settle(pilot)
        await _click_digits(pilot, *"1234", "enter")
        await _click_keys_line(pilot, "P duplicata")
        assert "Duplicata n° 1" in stage.told(app.screen)
        await _click_keys_line(pilot, "Échap")
        await _click_keys_line(pilot, "Échap")
        assert isinstance(app.screen, LoginScreen)
