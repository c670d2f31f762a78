"""What Textual's test driver guesses from the time that goes by, known from the event loop instead.

Nobody looks at a screen before everything is quiet: it is painted then, once, however often it has changed.
"""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Any

from textual.screen import Screen

SOON_SECONDS = 0.06
"""A timer due within this is waited for: screens are painted after 1/60 s, those switched to after 1/20."""

_paint: Callable[[Screen[Any]], None] = Screen._compositor_refresh
_to_paint: dict[Screen[Any], None] = {}


def paint_once_quiet(screen: Screen[Any]) -> None:
    """Leave the screen to be painted for later."""
    _to_paint[screen] = None


async def until_quiet(_least_seconds: float = 0.0, most_seconds: float = 1.0) -> None:
    """Wait until nobody on the event loop has anything to do, or means to soon."""
    loop: Any = asyncio.get_running_loop()
    end = monotonic() + most_seconds
    while monotonic() < end:
        await asyncio.sleep(0)
        if loop._ready:
            continue
        now = loop.time()
        due = [timer.when() for timer in loop._scheduled if not timer.cancelled()]
        soon = min(due, default=now + 1) - now
        if soon <= SOON_SECONDS:
            await asyncio.sleep(max(soon, 0))
        elif _to_paint:
            _paint_all()
        else:
            return


def _paint_all() -> None:
    """Paint what is still on the screen, as the screen's own timer would."""
    while _to_paint:
        screen, _ = _to_paint.popitem()
        if not screen.is_running:
            continue
        with screen._context():
            try:
                _paint(screen)
            except Exception as error:
                screen.app._handle_exception(error)
