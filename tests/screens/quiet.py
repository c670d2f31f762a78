"""What Textual's test driver guesses from the time that goes by, known from the event loop instead.

Nobody looks at a screen before everything is settled: it is painted then, once, however often it has changed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakSet

from textual._context import active_app
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

SOON_SECONDS = 0.06
"""A timer due within this is waited for: screens that are switched to are painted after 1/20 s."""

LEAST_SECONDS = 0.002
"""What each wait counts for, however soon its timer is due: some begin anew for ever."""

UPDATE_SECONDS = 0.002
"""How soon a screen that changed is laid out: nobody watches it for longer than that, 60 times a second."""

paint: Callable[[Screen[Any]], None] = Screen._compositor_refresh
"""How Textual paints a screen, at once."""

run_test = App.run_test
"""How Textual runs an app under test."""

_to_paint: dict[Screen[Any], None] = {}
_painted: WeakSet[Screen[Any]] = WeakSet()


def paint_later(screen: Screen[Any]) -> None:
    """Leave the screen to be painted once everything is settled."""
    _to_paint[screen] = None


def paint_now(*, only_new: bool = False) -> bool:
    """Paint what changed since, as its screen's own timer would; whether there was anything.

    `only_new` leaves screens that were painted before to be painted in the end.
    """
    changed = [screen for screen in _to_paint if not (only_new and screen in _painted)]
    for screen in changed:
        del _to_paint[screen]
        _painted.add(screen)
        if not screen.is_running:
            continue
        with screen._context():
            try:
                paint(screen)
            except Exception as error:
                screen.app._handle_exception(error)
    return bool(changed)


@asynccontextmanager
async def painted_in_the_end(app: App[Any], **options: Any) -> AsyncIterator[Pilot[Any]]:
    """Run an app under test; all that changed and was not painted yet is painted before it ends."""
    async with run_test(app, **options) as pilot:
        yield pilot
        paint_now()


def was_quit() -> bool:
    """Whether the app ends: the timers of its screens go on for nobody until it has."""
    app = active_app.get(None)
    return app is not None and app._exit


async def until_quiet(_least_seconds: float = 0.0, most_seconds: float = 1.0) -> None:
    """Wait until nobody on the event loop has anything to do, or means to soon; or the program was quit.

    Of timers that begin anew at once it has heard enough after `most_seconds` of waiting for them; what is
    done between them takes as long as it does, on a busy machine.
    """
    loop: Any = asyncio.get_running_loop()
    waited = 0.0
    while waited < most_seconds:
        await asyncio.sleep(0)
        if loop._ready:
            continue
        now = loop.time()
        due = [timer.when() for timer in loop._scheduled if not timer.cancelled()]
        soon = min(due, default=now + 1) - now
        if soon > SOON_SECONDS or was_quit():
            return
        waited += max(soon, LEAST_SECONDS)
        await asyncio.sleep(max(soon, 0))
