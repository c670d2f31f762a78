"""The whole program played from log-in to the counter, and what its panels show read back as text."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from textual.pilot import Pilot

from boxoffice.app import BoxOfficeApp
from boxoffice.config import settings_in
from boxoffice.database import Database
from boxoffice.screens.counter import CounterScreen
from boxoffice.screens.widgets.panel import Panel
from tests.sales.conftest import Festival

from . import stage

PATIENCE_SECONDS = 30.0


@dataclass
class Player:
    """A cashier at the keyboard, who counts the keys."""

    pilot: Pilot[None]
    counter: CounterScreen
    pressed: int = 0

    async def press(self, *keys: str) -> None:
        """Press keys, looking at the screen after each."""
        self.pressed += len(keys)
        for key in keys:
            await stage.press(self.pilot, key)
            await self._have_an_answer()

    async def type(self, text: str) -> None:
        await self.press(*text)

    async def hurry(self, *keys: str) -> None:
        """Press keys without looking at the screen."""
        self.pressed += len(keys)
        await self.pilot.press(*keys)
        await stage.settle(self.pilot)
        await self._have_an_answer()

    async def _have_an_answer(self) -> None:
        """Wait until the books have answered a payment that was ended."""
        paying = self.counter.paying
        await self.wait_until(
            lambda: (
                paying.payment is None
                or not (paying.payment.settling or paying.payment.lookup or paying.is_reading_hand)
            )
        )
        await stage.settle(self.pilot)

    async def wait_until(self, seen: Callable[[], bool]) -> None:
        """Wait for something that another thread tells the screen."""
        end = monotonic() + PATIENCE_SECONDS
        while not seen():
            assert monotonic() < end, "never seen"
            await self.pilot.pause(0.01)

    def shows(self, panel: str) -> str:
        """What a panel shows, line by line; `panel` is its identity: `screenings`, `tariffs`, `basket`…"""
        drawn = self.counter.query_one(f"#{panel}", Panel)
        return "\n".join(drawn.render_line(y).text for y in range(drawn.size.height))

    @property
    def screening(self) -> str:
        """The code of the screening that the list stands on."""
        listed = self.counter.screenings.chosen_screening
        assert listed is not None
        return listed.row.code


@asynccontextmanager
async def at_the_counter(
    festival: Festival,
    signing_keys: Path,
    folder: Path,
    /,
    *,
    size: tuple[int, int] = (120, 36),
    database: Database | None = None,
    incidents: bool = False,
    **settings: Any,
) -> AsyncIterator[Player]:
    """Karim's counter: he has logged in, and his shift is open. `incidents` says whether some are wanted."""
    chosen = settings_in(folder, keys_folder=signing_keys, **settings)
    app = BoxOfficeApp(chosen, database or festival.database, festival.clock)
    async with app.run_test(size=size) as pilot:
        await stage.settle(pilot)
        await pilot.press("2", "3", "4", "5", "enter")
        await stage.settle(pilot)
        assert isinstance(app.screen, CounterScreen)
        yield Player(pilot, app.screen)
        assert bool(app.incidents.total) is incidents
