"""Telling a scanner from a cashier: a scan is a burst of keys, faster than fingers, ended by Enter."""

from collections.abc import Callable
from typing import Any

from textual import events
from textual.screen import Screen

BURST_SECONDS = 0.02
SHORTEST_SCAN = 6
SHORTEST_BARCODE = 8
"""Fewer digits in a burst may be a hurried cashier's tariffs."""

LATE, PATIENCE = 2, 5
"""By how much a slow scanner is waited for, between two keys and in the end, in bursts."""


class Scanner:
    """Listens to the keys of a screen whose letters and Enter do things, so that a scan does none of them."""

    def __init__(self) -> None:
        self.text = ""
        self._last = 0.0

    def sends(self, event: events.Key) -> bool:
        """Whether a scanner sent this key; at the Enter of a scan, `text` is what was scanned.

        The first key of a burst is taken for a cashier's: nothing tells it yet.
        """
        quick = event.time - self._last < BURST_SECONDS
        self._last = event.time
        if event.key == "enter":
            return quick and len(self.text) >= SHORTEST_SCAN
        self.text = (self.text if quick else "") + (event.character or "")
        return quick and event.is_printable


class ScanGuard:
    """Keeps a scan from keys that nothing takes back, by holding quick keys until it is known whose they are.

    A few of them are a hurried cashier's: `act` gets them in their order once no other follows. More are a
    scan, which `scanned` is told of. The first key of a burst is acted upon: nothing tells it yet.
    """

    def __init__(
        self, screen: Screen[Any], act: Callable[[events.Key], None], scanned: Callable[[], None]
    ) -> None:
        self._screen, self._act, self._scanned = screen, act, scanned
        self._last = 0.0
        self._first = 0
        self._held: list[events.Key] = []

    def take(self, event: events.Key) -> None:
        """Act upon a key, or hold it."""
        quick = event.time - self._last < LATE * BURST_SECONDS
        self._last = event.time
        if not quick and not (self._held and self._is_scan):
            self._let_go()
            self._first = int(event.is_printable)
            self._act(event)
            return
        self._held.append(event)
        if event.key == "enter" and self._is_scan:
            self._let_go()
        else:
            self._screen.set_timer(PATIENCE * BURST_SECONDS, self._await_late_keys)

    @property
    def _is_scan(self) -> bool:
        return self._first + sum(event.is_printable for event in self._held) >= SHORTEST_SCAN

    def _await_late_keys(self) -> None:
        """Let the keys come first that wait behind a slow moment of the screen."""
        held = len(self._held)
        self._screen.app.call_later(self._screen.call_later, self._let_go_unless_more, held)

    def _let_go_unless_more(self, held: int) -> None:
        if held == len(self._held):
            self._let_go()

    def _let_go(self) -> None:
        is_scan = self._is_scan
        held, self._held = self._held, []
        if held and is_scan:
            self._scanned()
        elif not is_scan:
            for event in held:
                self._act(event)
