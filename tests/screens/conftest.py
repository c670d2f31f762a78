"""The small festival of the domain's tests, for the screens too."""

import pytest
import textual.app
import textual.pilot
import textual.screen
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from textual.screen import Screen

import boxoffice.app
import boxoffice.house
from boxoffice.screens import dialogs, paying, scanning
from tests.sales.conftest import festival, keys

from .quiet import UPDATE_SECONDS, paint_later, painted_in_the_end, until_quiet
from .stylesheets import rules_of, style_parts

__all__ = ["festival", "keys"]


@pytest.fixture(autouse=True)
def no_key_is_taken_for_a_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pilot types faster than fingers; tests of the scanner say so themselves."""
    monkeypatch.setattr(scanning, "BURST_SECONDS", 2e-4)
    monkeypatch.setattr(paying, "HELD", paying.BOUNCE)
    monkeypatch.setattr(dialogs, "READ_IN_SECONDS", 0.0)


@pytest.fixture(autouse=True)
def the_driver_waits_no_longer_than_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pilot takes a process for idle after 20 ms in which it did little, several times at each key."""

    async def all_heard(_pilot: Pilot[object], _timeout: float = 0) -> bool:
        await until_quiet()
        return True

    monkeypatch.setattr(textual.app, "wait_for_idle", until_quiet)
    monkeypatch.setattr(textual.pilot, "wait_for_idle", until_quiet)
    monkeypatch.setattr(Pilot, "_wait_for_screen", all_heard)
    monkeypatch.setattr(Screen, "_compositor_refresh", paint_later)
    monkeypatch.setattr(textual.app.App, "run_test", painted_in_the_end)
    monkeypatch.setattr(textual.screen, "UPDATE_PERIOD", UPDATE_SECONDS)


@pytest.fixture(autouse=True)
def memory_is_not_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes a third of a second at each counter, for keys pressed all day."""
    monkeypatch.setattr(boxoffice.app, "settle_memory", lambda: None)


@pytest.fixture(autouse=True)
def nobody_is_idle_by_the_time_that_a_test_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A till left alone is locked and backed up: on a slow machine, while something else is tested."""
    monkeypatch.setattr(boxoffice.app, "IDLE_CHECK_SECONDS", 3_600.0)


@pytest.fixture(autouse=True)
def closings_start_no_other_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """The backup made of a closing would go on beside the test, and beyond it, in the same journal."""
    monkeypatch.setattr(boxoffice.house, "back_up_apart", lambda *_told, **_more: None)


@pytest.fixture(autouse=True)
def stylesheets_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each app would read them anew, and find out with Python's slower hash which of their rules apply."""
    monkeypatch.setattr(Stylesheet, "_parse_rules", rules_of)
    monkeypatch.setattr(Stylesheet, "_process_component_classes", style_parts)
    monkeypatch.setattr(RuleSet, "__hash__", object.__hash__)
