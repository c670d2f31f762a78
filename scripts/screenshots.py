"""Take the pictures of the README from the running program: the sample festival, one evening at 18:42.

The clock stands still and the crowd buys by a seed, so the same program always takes the same pictures.
"""

import asyncio
import re
import tempfile
from collections.abc import Callable
from datetime import date, time
from pathlib import Path

from textual.pilot import Pilot

from boxoffice import database as databases
from boxoffice.app import BoxOfficeApp
from boxoffice.clock import SettableClock, paris
from boxoffice.config import settings_in
from boxoffice.demonstration import Demonstration, prepare
from boxoffice.printing import rendering
from boxoffice.printing.format import BY_COLUMNS
from boxoffice.printing.samples import sample
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.screens.cash_count import CashCount
from boxoffice.screens.counter import CounterScreen
from boxoffice.screens.login import LoginScreen, StaffList
from boxoffice.screens.shift import ShiftScreen

IMAGES = Path(__file__).parents[1] / "docs" / "images"
MOMENT = paris(date(2026, 1, 21), time(18, 42))
SIZE = (120, 36)
PATIENCE_SECONDS = 60.0
WEB_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


async def take_pictures() -> None:
    """Sell from the log-in on, and keep what is worth seeing."""
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_in(Path(folder), demo=True)
        clock = SettableClock(MOMENT)
        database = databases.connect(settings.database_url)
        databases.migrate(database)
        prepare(database, settings, Demonstration(), clock=clock, progress=lambda *_step: None)
        app = BoxOfficeApp(settings, database, clock)
        async with app.run_test(size=SIZE) as pilot:
            await _until(pilot, lambda: isinstance(app.screen, LoginScreen) and _names_staff(app.screen))
            await pilot.press("1", *"1234", "enter")
            await _until(pilot, lambda: isinstance(app.screen, ShiftScreen) and _asks_for_float(app.screen))
            await pilot.press(*"150", "enter")
            await _until(pilot, lambda: isinstance(app.screen, CounterScreen))
            await pilot.press("down", "1", "1", "3")
            await _keep(pilot, "guichet")
            await pilot.press("enter", "q")
            await _keep(pilot, "reglement")


def draw_ticket() -> None:
    """Draw the ticket of the samples, as it comes out of a printer of 80 mm."""
    ticket, paper = sample(DocumentKind.TICKET), BY_COLUMNS[48]
    (IMAGES / "billet.png").write_bytes(rendering.to_png(ticket, paper))


def _names_staff(screen: LoginScreen) -> bool:
    return bool(screen.query_one(StaffList).display)


def _asks_for_float(screen: ShiftScreen) -> bool:
    return bool(screen.query_one(CashCount).display)


async def _until(pilot: Pilot[None], seen: Callable[[], object]) -> None:
    """Wait for what threads tell the screen."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not seen():
            await pilot.pause(0.05)
    await pilot.pause()


async def _keep(pilot: Pilot[None], name: str) -> None:
    """Write the screen as SVG, in whatever monospaced font the reader has, stretched to its cells."""
    await pilot.pause(1.0)
    picture = WEB_FONTS.sub("", pilot.app.export_screenshot(title="boxoffice"))
    picture = picture.replace("Fira Code, monospace", "monospace")
    picture = picture.replace(" textLength=", ' lengthAdjust="spacingAndGlyphs" textLength=')
    (IMAGES / f"{name}.svg").write_text(picture, "utf-8")


if __name__ == "__main__":
    IMAGES.mkdir(parents=True, exist_ok=True)
    asyncio.run(take_pictures())
    draw_ticket()
