"""A stage for one screen: a real house behind it, and an app that only keeps what the screen answers."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, TypeVar

import pytest
from filelock import FileLock
from sqlmodel import Session
from textual.message import Message
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.worker import WorkerCancelled

from boxoffice.config import settings_in
from boxoffice.database import Database
from boxoffice.house import Bell, House
from boxoffice.printing.outbox import Outbox
from boxoffice.screens.login import LoginScreen
from boxoffice.screens.scanning import WithScanner
from boxoffice.screens.shift import ShiftScreen
from boxoffice.screens.widgets.panel import Panel
from boxoffice.screens.widgets.pass_panel import PassPanel
from tests.sales.conftest import Festival

from .quiet import paint_now

PATIENCE_SECONDS = 30.0
UNANSWERED = object()

Result = TypeVar("Result")


@dataclass(frozen=True)
class MuteDatabase(Database):
    """Does what it is asked, but loses its answer once for each of `losses`; `deaf`, the question too."""

    losses: list[Exception] = field(default_factory=list)
    deaf: bool = False

    def attempt(self, work: Callable[[Session], Result]) -> Result:
        loss = self.losses.pop() if self.losses else None
        if loss and self.deaf:
            raise loss
        done = super().attempt(work)
        if loss:
            raise loss
        return done


class Stage(WithScanner):
    """Shows `shown`; keeps its answer, what is said in passing, and the messages that the app acts upon."""

    def __init__(self, house: House | None, shown: Screen[Any]) -> None:
        super().__init__()
        self.house = house
        self.shown = shown
        self.answer: Any = UNANSWERED
        self.heard: list[Message] = []
        self.said: list[str] = []

    def on_mount(self) -> None:
        self.push_screen(self.shown, self._keep)

    def notify(self, message: str, **how: Any) -> None:
        """Keep what is said in passing."""
        self.said.append(message)
        super().notify(message, **how)

    def _keep(self, answer: Any) -> None:
        self.answer = answer

    def on_login_screen_logged_in(self, event: LoginScreen.LoggedIn) -> None:
        self.heard.append(event)

    def on_login_screen_try_again(self, event: LoginScreen.TryAgain) -> None:
        self.heard.append(event)

    def on_shift_screen_opened(self, event: ShiftScreen.Opened) -> None:
        self.heard.append(event)

    def on_shift_screen_left(self, event: ShiftScreen.Left) -> None:
        self.heard.append(event)


@dataclass
class Held:
    """A function that waits until it is let go, as on a slow line."""

    asked: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    async def until_asked(self, pilot: Pilot[None]) -> None:
        """Wait until somebody asks it, and until the keys that are pressed next are no bounce."""
        await until(pilot, self.asked.is_set)
        await released(pilot)


def hold(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> Held:
    """Have a function of the services wait until it is let go."""
    held, original = Held(), getattr(owner, name)

    def slow(*told: Any, **how: Any) -> Any:
        held.asked.set()
        held.go.wait(PATIENCE_SECONDS)
        return original(*told, **how)

    monkeypatch.setattr(owner, name, slow)
    return held


def house_of(festival: Festival, till: int = 0, **settings: Any) -> House:
    """The house as a till of the small festival has it; it prints nothing."""
    folder = settings.pop("folder")
    post, bell = festival.posts[till], Bell()
    return House(
        settings_in(folder, till=till + 1, **settings),
        festival.database,
        post,
        festival.clock,
        "",
        Outbox(festival.database, post.till_id, folder, clock=festival.clock, news=bell.ring),
        bell,
        FileLock(folder / "till.lock"),
    )


async def settle(pilot: Pilot[None]) -> None:
    """Wait until every errand is back, those it sends in its turn too, and what they changed is shown."""
    quiet = 0
    while quiet < 2:
        await pilot.pause()
        quiet += 1
        if any(not worker.is_finished for worker in pilot.app.workers):
            quiet = 0
            with suppress(WorkerCancelled):  # its screen was left
                await pilot.app.workers.wait_for_complete()
        elif paint_now(only_new=True):
            quiet = 0


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys one after the other, each errand awaited, as a cashier looks before going on.

    Nobody looks between two letters of what they write in a field.
    """
    await settle(pilot)
    for key, following in zip(keys, (*keys, "")[1:], strict=True):
        was_written = is_written(pilot, key)
        await pilot.press(key)
        if not (was_written and is_written(pilot, following)):
            await settle(pilot)


async def until(pilot: Pilot[None], seen: Callable[[], bool]) -> None:
    """Wait for something that another thread tells the screen, or that it sees by itself after a while."""
    end = monotonic() + PATIENCE_SECONDS
    while not seen():
        assert monotonic() < end, f"never seen; the screen says:\n{told(pilot.app.screen)}"
        await pilot.pause(0.01)


async def released(pilot: Pilot[None]) -> None:
    """Wait until a button may be pressed again: at once, it takes a second key for a bounce."""
    while pilot.app.screen.query("Button.-active"):
        await pilot.pause(0.02)


def is_written(pilot: Pilot[None], key: str) -> bool:
    """Whether a key is a letter or figure for the field that the cursor is in now."""
    return len(key) == 1 and isinstance(pilot.app.focused, Input)


def told(screen: Widget) -> str:
    """Every sentence that a screen shows, one per line; what a pass shows, in one."""
    panels = [_drawn(panel) for panel in screen.query(PassPanel)]
    return "\n".join([*(str(widget.render()) for widget in screen.query(Static) if widget.display), *panels])


def _drawn(panel: Panel) -> str:
    """The lines that a panel shows, its edges left out."""
    lines = (panel.render_line(y).text for y in range(panel.size.height))
    return " ".join(filter(None, (line.strip(" │▌") for line in lines)))
