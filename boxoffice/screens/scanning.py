"""Telling a scanner from a cashier: a scan is a burst of keys, faster than fingers, ended by Enter."""

from textual import events

BURST_SECONDS = 0.02
SHORTEST_SCAN = 6


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
