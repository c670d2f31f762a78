"""The whole program played at the counter, and what its panels show read back as text."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.events import Mount
from textual.pilot import Pilot

from boxoffice import app as app_module
from boxoffice.app import BoxOfficeApp
from boxoffice.config import settings_in
from boxoffice.database import Database
from boxoffice.house import open_house
from boxoffice.sales.staff.operators import log_in, staff
from boxoffice.sales.staff.shifts import resume_shift
from boxoffice.screens.counter import CounterScreen
from boxoffice.screens.widgets.panel import Panel
from tests.sales.conftest import Festival

from . import stage

PIN = "2345"


@dataclass
class Player:
    """A cashier at the keyboard, who counts the keys."""

    pilot: Pilot[None]
    counter: CounterScreen
    pressed: int = 0

    async def press(self, *keys: str) -> None:
        """Press keys, looking at the screen after each, or after what they write in a field."""
        self.pressed += len(keys)
        await stage.settle(self.pilot)
        for key, following in zip(keys, (*keys, "")[1:], strict=True):
            was_written = stage.is_written(self.pilot, key)
            await self.pilot.press(key)
            if was_written and stage.is_written(self.pilot, following):
                continue
            await stage.settle(self.pilot)
            await self._have_an_answer()

    async def type(self, text: str) -> None:
        """Type a text, looking at the screen once it is there."""
        await self.hurry(*text)

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
        await stage.until(self.pilot, seen)

    def shows(self, panel: str) -> str:
        """What a panel shows, line by line; `panel` is its identity: `screenings`, `tariffs`, `basket`…"""
        drawn = self.counter.query_one(f"#{panel}", Panel)
        return "\n".join(drawn.render_line(y).text for y in range(drawn.size.height))

    def notices(self) -> str:
        """What is said in passing: Textual keeps it, and its driver draws none of it on the screen."""
        return "\n".join(said.title for said in self.pilot.app._notifications)

    @property
    def screening(self) -> str:
        """The code of the screening that the list stands on."""
        listed = self.counter.screenings.chosen_screening
        assert listed is not None
        return listed.row.code


class StandingCounter(BoxOfficeApp):
    """The program as it stands once Karim has logged in and found his shift again.

    He does both by the services, and no screen that leads to the counter is shown: a test that is about
    them plays them with `BoxOfficeApp`.
    """

    CSS_PATH = Path(app_module.__file__).parent / "screens" / "boxoffice.tcss"

    async def on_mount(self, event: Mount) -> None:
        event.prevent_default()
        house = open_house(self.settings, self._database, self._clock)
        house.open_for_business()
        with house.database.write() as session:
            karim = next(member for member in staff(session) if member.name == "Karim D.")
            member = log_in(session, house.post, karim.id, PIN, clock=house.clock)
        with house.database.read() as session:
            desk = resume_shift(session, house.post, member)
        assert desk is not None
        self.on_box_office_app_house_opened(self.HouseOpened(house))
        self.member, self.desk, self._last_key = member, desk, house.clock.now()
        await self.push_screen(CounterScreen(house, desk, house.programme()))


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
    app = StandingCounter(chosen, database or festival.database, festival.clock)
    async with app.run_test(size=size) as pilot:
        await stage.settle(pilot)
        yield Player(pilot, counter_of(app))
        assert bool(app.incidents.total) is incidents


def counter_of(app: BoxOfficeApp) -> CounterScreen:
    """The counter that an app shows."""
    assert isinstance(app.screen, CounterScreen)
    return app.screen
