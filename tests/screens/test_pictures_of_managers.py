"""What a manager watches, reads, exports and sets, compared with pictures kept beside the tests."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from textual.pilot import Pilot

from boxoffice.app import BoxOfficeApp
from boxoffice.config import settings_in
from boxoffice.models import JobState, PrintJob, table
from boxoffice.screens.counter import CounterScreen
from tests.sales.closed_books import close_the_till
from tests.sales.conftest import Festival

from . import stage

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WIDE_AND_DARK, SMALL_AND_LIGHT = ((120, 36), "sombre"), ((80, 24), "clair")


@pytest.fixture
def selling(festival: Festival) -> Festival:
    """An afternoon of sales at two tills, the second closed, and every paper out."""
    for lines, till in (
        ((festival.seat_line(quantity=2),), 0),
        ((festival.product_line(), festival.seat_line("ETERNAL", "REDUIT")), 1),
        ((festival.gift_line(), festival.seat_line()), 0),
        ((festival.seat_line("ETERNAL", quantity=2),), 1),
    ):
        festival.sell(*lines, desk=festival.desks[till])
        festival.clock.advance(timedelta(minutes=25))
    close_the_till(festival, 1, 7_100)
    festival.write(lambda session: session.execute(update(table(PrintJob)).values(state=JobState.PRINTED)))
    return festival


@pytest.mark.parametrize("look", [WIDE_AND_DARK, SMALL_AND_LIGHT], ids=["wide", "small"])
@pytest.mark.parametrize(
    "keys_pressed",
    [
        pytest.param(["f10", "t"], id="dashboard"),
        pytest.param(["f10", "t", "down", "down", "enter"], id="sales"),
        pytest.param(["f10", "j"], id="filling"),
        pytest.param(["f10", "s"], id="statements"),
        pytest.param(["f10", "s", "enter"], id="statement"),
        pytest.param(["f10", "s", "e"], id="exports"),
        pytest.param(["f10", "r"], id="settings"),
        pytest.param(["f10", "r", "2"], id="rules"),
        pytest.param(["f10", "r", "3"], id="permissions"),
        pytest.param(["f10", "r", *["down"] * 11, "enter", "enter"], id="tariff"),
    ],
)
def test_what_a_manager_opens_looks_as_it_did(
    snap_compare: Any,
    selling: Festival,
    keys: Path,
    tmp_path: Path,
    look: tuple[tuple[int, int], str],
    keys_pressed: list[str],
) -> None:
    size, theme = look

    async def play(pilot: Pilot[None]) -> None:
        await stage.settle(pilot)
        await pilot.press("2", "3", "4", "5", "enter")
        await stage.press(pilot, *keys_pressed[:2], *"1234", "enter", *keys_pressed[2:])
        assert not isinstance(pilot.app.screen, CounterScreen)

    settings = settings_in(tmp_path, keys_folder=keys, theme=theme)
    app = BoxOfficeApp(settings, selling.database, selling.clock)
    assert snap_compare(app, terminal_size=size, run_before=play)
