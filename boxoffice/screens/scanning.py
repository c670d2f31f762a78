"""Telling a scanner from a cashier: a scan is a burst of keys, faster than fingers, ended by Enter."""

from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from textual import events
from textual.app import App
from textual.screen import Screen

from boxoffice.sales.codes import LENGTH, begins_code, read_code

Standing = TypeVar("Standing")

CODE_LETTERS = LENGTH + 1
BURST_SECONDS = 0.02
SHORTEST_SCAN = 6
SHORTEST_BARCODE = 8
"""Fewer digits in a burst may be a hurried cashier's tariffs."""

LATE, PATIENCE, LATE_ENTER = 2, 5, 25
"""How long a slow scanner is waited for, between two keys, in the end and for its Enter, in bursts."""


SURE_LETTERS = 3
"""So many keys at once are no fingers': the next may come a little later, and are of the same scan."""


class Scanner:
    """Listens to the keys of a screen whose letters and Enter do things, so that a scan does none of them."""

    def __init__(self) -> None:
        self.text = ""
        self.entered_at = 0.0
        self.heard = 0
        self._typed = ""
        self._last = 0.0
        self._ended = False

    def sends(self, event: events.Key) -> bool:
        """Whether a scanner sent this key; at the Enter of a scan, `text` is what was scanned.

        It sends what can be printed and Enter, nothing else: an arrow is a cashier's, and ends a burst.
        A code of ours is known at any pace, by its letters: nobody types them.

        The first key of a burst is taken for a cashier's: nothing tells it yet.
        """
        patience = BURST_SECONDS * (PATIENCE if len(self.text) >= SURE_LETTERS else 1)
        quick = event.time - self._last < patience
        self.heard += 1
        self._last, self.entered_at = event.time, event.time if event.key == "enter" else 0.0
        if event.key == "enter":
            self._ended = True
            code, self._typed = self._typed[-CODE_LETTERS:], ""
            if read_code(code):
                self.text = code
                return True
            return quick and len(self.text) >= SHORTEST_SCAN
        if not event.is_printable:
            self.text, self._typed, self._last = "", "", 0.0
            return False
        goes_on = quick and not self._ended
        self.text, self._ended = (self.text if goes_on else "") + (event.character or ""), False
        self._typed = (self._typed + (event.character or ""))[-CODE_LETTERS:]
        return quick

    @property
    def is_amid_code(self) -> bool:
        """Whether the burst so far is a code of ours: nobody types so many of its letters so fast."""
        return len(self.text) >= SHORTEST_SCAN and begins_code(self.text)


class WithScanner(App[None]):
    """A program whose dialogs hear one scanner, whichever of them a key reaches."""

    def __init__(self) -> None:
        super().__init__()
        self.dialogs_scanner = Scanner()


class Before(Generic[Standing]):
    """How a screen stood before each of the last keys typed, so that a scan can be taken back from its first.

    At whatever pace a scan comes: only at its end is it known for one.
    """

    LONGEST = 400

    def __init__(self, standing: Standing) -> None:
        self._kept: deque[Standing] = deque([standing], self.LONGEST)

    def begin(self, standing: Standing) -> None:
        """Forget what was typed: whatever is scanned next begins here."""
        self._kept = deque([standing], self.LONGEST)

    def keep(self, standing: Standing) -> None:
        """One more key is to be typed."""
        self._kept.append(standing)

    def of(self, keys: int) -> Standing:
        """How it stood before the last `keys`."""
        return self._kept[-min(keys, len(self._kept))]


def is_foreign(text: str) -> bool:
    """Whether a burst is another house's code: words alone, or a few digits, may be a hurried cashier's."""
    if text.isdecimal():
        return len(text) >= SHORTEST_BARCODE
    return not all(letter.isalpha() or letter.isspace() for letter in text)


class ScanGuard:
    """Keeps a scan from keys that nothing takes back, by holding quick keys until it is known whose they are.

    The first key of a burst is acted upon at once: nothing tells it yet. `act` answers whether a cashier
    would stop there. If no other follows, `sure` is called: it was a cashier's. A few quick ones are a
    hurried cashier's, and `act` gets them in their order. More are a scan, which `scanned` is told of, with
    how many of its keys were acted upon: it has to undo them. They are many where the scanner is slow, which
    only its Enter gives away: that of a code of ours at any pace, of another if no hand is so fast for long.
    """

    def __init__(
        self,
        screen: Screen[Any],
        act: Callable[[events.Key], bool],
        sure: Callable[[], None],
        scanned: Callable[[str, int], None],
    ) -> None:
        self._screen, self._act, self._sure, self._scanned = screen, act, sure, scanned
        self._last = self._last_of_scan = 0.0
        self._first = self._typed = ""
        self._brisk = 0
        self._stops = False
        self._held: list[events.Key] = []

    def take(self, event: events.Key) -> None:
        """Act upon a key, or hold it."""
        late = event.time - self._last
        self._last = event.time
        if event.key == "enter" and (scanned := self._slowly_scanned(late)):
            held, self._held = self._held, []
            self._forget()
            self._scanned(scanned, max(len(scanned) - len(held), 0))
            return
        self._note(event, late)
        quick = late < (PATIENCE if self._is_amid_code else LATE) * BURST_SECONDS
        if not quick and not (self._held and self._is_scan):
            self._let_go()
            if event.key == "enter" and event.time - self._last_of_scan < LATE_ENTER * BURST_SECONDS:
                return
            self._first = _letter(event)
            self._stops = self._act(event)
            if self._stops:
                self._screen.set_timer(LATE * BURST_SECONDS, self._await_late_keys)
            return
        self._held.append(event)
        if event.key == "enter" and self._is_scan:
            self._let_go()
        else:
            self._screen.set_timer(PATIENCE * BURST_SECONDS, self._await_late_keys)

    def _note(self, event: events.Key, late: float) -> None:
        """Remember what was typed since the last key that is no letter, and how much of it briskly."""
        if not event.is_printable:
            self._typed, self._brisk = "", 0
            return
        self._typed = (self._typed + _letter(event))[-Before.LONGEST :]
        self._brisk = 1 + (self._brisk if late < PATIENCE * BURST_SECONDS else 0)

    @property
    def _is_amid_code(self) -> bool:
        """Whether the letters that came briskly may be the first of a code of ours."""
        return self._brisk > 1 and begins_code(self._typed[-self._brisk :])

    def _slowly_scanned(self, late: float) -> str:
        """What was scanned if an Enter ends it that comes so late, though it may look typed; or nothing."""
        code = self._typed[-CODE_LETTERS:]
        if read_code(code):
            return code
        brisk = self._brisk >= SHORTEST_BARCODE and late < PATIENCE * BURST_SECONDS
        return self._typed[-self._brisk :] if brisk and not self._held else ""

    def _forget(self) -> None:
        """Begin anew: what was typed so far is told."""
        self._typed, self._brisk = "", 0
        self._stops, self._last_of_scan = False, 0.0

    @property
    def _is_scan(self) -> bool:
        """Whether nobody types this: so many keys at once, or on where a cashier would stop."""
        letters = [_letter(event) for event in self._held if event.is_printable]
        too_many = bool(self._first) + len(letters) >= SHORTEST_SCAN
        return too_many or (self._stops and any(letter != self._first for letter in letters))

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
            self._forget()
            if held[-1].key != "enter":
                self._last_of_scan = held[-1].time
            self._scanned(self._first + "".join(_letter(event) for event in held), len(self._first))
            return
        self._sure()
        for event in held:
            self._act(event)
        self._sure()


def _letter(event: events.Key) -> str:
    return event.character if event.character and event.is_printable else ""
