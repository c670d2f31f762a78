"""What Textual's test driver guesses from the time that goes by, known from the event loop instead."""

import asyncio
from time import monotonic
from typing import Any

SOON_SECONDS = 0.06
"""A timer due within this is waited for: screens are painted after 1/60 s, those switched to after 1/20."""


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
        if soon > SOON_SECONDS:
            return
        await asyncio.sleep(max(soon, 0))
