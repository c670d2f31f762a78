"""How the whole program hears keys: each by the screen that the one before opened, capital or small alike."""

from collections import deque
from enum import Enum
from functools import partial
from typing import Any

from textual import events
from textual.binding import Binding
from textual.dom import DOMNode
from textual.message import Message
from textual.screen import ModalScreen, Screen
from textual.widgets import Input

from boxoffice.sales.codes import read_code

from . import errands
from .commands import key_name
from .scanning import CODE_LETTERS, Before, Scanner, WithScanner, is_foreign
from .themes import THEMES

PATIENCE_SECONDS = 3.0
"""For how long a key waits at most for what the one before opens: on a slow post, what is typed ahead."""
TURNS_OF_ENTER = 2
"""Enter goes up to the program, which has it say what it enters: that goes up in its turn."""
OPENED_BY_ONE_KEY = 3
"""How many screens one key may lead through, each answering the one below it."""

LOOK_AGAIN_SECONDS = 0.02
"""How soon a screen that keys wait for is looked at again."""

TYPED = frozenset({"enter", "backspace", "tab"})
"""The keys that are typed into what comes next, beside those that can be printed."""

FieldBefore = tuple[Input | None, str, int]


class Awaited(Enum):
    """What the keys are for that are typed while a screen asks the books."""

    ITSELF = "itself"
    ANOTHER = "another"
    """The screen that it leads to: if it leads to none, or a box comes up instead, they are forgotten."""
    BOX = "box"
    """The box that it asks in: if it asks nothing, they are forgotten."""
    NOTHING = "nothing"
    """Nobody: what is being done was written before."""


class Listening(WithScanner, inherit_bindings=False):
    """Hears keys in order, and keeps what a scanner sends out of the fields that people type in.

    A screen whose field is for scans says `TAKES_SCANS`; one whose letters open no other, so that the next
    key need not wait for what they do, `LETTERS_OPEN_NOTHING`. One that is `awaiting` an answer of the books
    says for whom it is that somebody types ahead.
    """

    def __init__(self) -> None:
        super().__init__()
        self._field_scanner = Scanner()
        self._before: Before[FieldBefore] = Before((None, "", 0))
        self._held: deque[events.Key] = deque()
        self._heard = 0
        self._follows = False
        self._awaited: tuple[Screen[Any], Awaited] | None = None
        self._arrives = False
        self._has_given_up = False
        self._looks_again = False

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        if self._awaits():
            if not (event.is_printable or event.key in TYPED):
                await self._hear(event)
                return
            if self._has_given_up or self._is_bounce(event):
                return
        self._held.append(event)
        if self._follows:
            self._wait()
        else:
            await self._hear_held()

    def _wait(self) -> None:
        """Let the keys behind one wait for what it opens, and no longer than it can take."""
        self.set_timer(PATIENCE_SECONDS, partial(self._follow_no_more, self._heard))

    async def _hear(self, event: events.Key) -> None:
        _make_small(event)
        if self._is_scanned_into_a_field(event):
            return
        part = self.focused or self.screen
        await super().on_event(event)
        if not (event.is_printable and self.focused is None and getattr(part, "LETTERS_OPEN_NOTHING", False)):
            self._heard += 1
            self._follows = True
            parts = [*part.ancestors_with_self] * (TURNS_OF_ENTER if event.key == "enter" else 1)
            self._follow(self._heard, parts, self.screen, OPENED_BY_ONE_KEY)
            if self._held:
                self._wait()

    def _follow(self, key: int, parts: list[DOMNode], opened: Screen[Any], more: int) -> None:
        """Go where a key goes: from a part to what it is part of, then to the screens that it opens.

        What is behind it in the queue of each is done by then; the next key is for who is there at the end.
        """
        if not self.is_running or not self.screen_stack:
            return
        if parts:
            part, *others = parts
            if not part.call_later(self._follow, key, others, opened, more):
                self._follow(key, others, opened, more)
        elif self.screen is not opened and more:
            self._follow(key, [self.screen], self.screen, more - 1)
        else:
            self.call_later(self._follow_no_more, key)

    async def _follow_no_more(self, key: int) -> None:
        """Hear what waited for a key to be done, or has waited too long for it."""
        if self._follows and key == self._heard:
            self._follows = False
            await self._hear_held()

    async def _hear_held(self) -> None:
        """Hear the next of the keys that waited, then those behind it."""
        if self._held and self._awaits():
            self._look_again()
        elif self._held and self._arrives:
            self._arrives = False
            self._heard += 1
            self._follows = True
            self._follow(self._heard, [self.screen], self.screen, OPENED_BY_ONE_KEY)
        elif self._held:
            await self._hear(self._held.popleft())
            if self._held and not self._follows:
                self.call_later(self._hear_held)

    def _awaits(self) -> bool:
        """Whether what is typed waits for an answer of the books; what nobody is to have is forgotten."""
        screen, awaiting = self.screen, _awaited_by(self.screen)
        before, self._awaited = self._awaited, None if awaiting is None else (screen, awaiting)
        if awaiting is Awaited.NOTHING or (before is not None and self._is_missed(*before, screen, awaiting)):
            self._held.clear()
        if before is not None:
            self._arrives = screen is not before[0]
        self._has_given_up = self._has_given_up and awaiting is not None
        return awaiting is not None

    def _is_missed(
        self, asked: Screen[Any], what_for: Awaited, screen: Screen[Any], awaiting: Awaited | None
    ) -> bool:
        """Whether what was typed while a screen asked the books was for something that does not come."""
        if screen is asked:
            return what_for is not Awaited.ITSELF and awaiting not in (what_for, Awaited.ANOTHER)
        instead = isinstance(screen, ModalScreen) and asked in self.screen_stack
        return what_for is Awaited.ANOTHER and instead

    def _is_bounce(self, event: events.Key) -> bool:
        """Whether this Enter is the one that has just been heard, once more."""
        is_first = event.key == "enter" and not self._held
        return is_first and self._awaited is not None and self._awaited[1] is Awaited.ANOTHER

    def _look_again(self) -> None:
        """See soon whether the books have answered; keys that have waited too long for that are forgotten.

        So are all that follow until then: what is typed arrives whole, or not at all.
        """
        if self._looks_again:
            return
        self._looks_again = True

        async def look() -> None:
            self._looks_again = False
            if self._held and Message().time - self._held[0].time > PATIENCE_SECONDS:
                self._held.clear()
                self._has_given_up = True
            await self._hear_held()

        self.set_timer(LOOK_AGAIN_SECONDS, look)

    def _is_scanned_into_a_field(self, event: events.Key) -> bool:
        """Whether this Enter ends a scan that no field waits for; its letters are then taken back."""
        field = self.focused
        sent = self._field_scanner.sends(event)
        if event.key != "enter":
            self._keep(event, field)
            return False
        scanned = self._field_scanner.text
        if not isinstance(field, Input) or getattr(self.screen, "TAKES_SCANS", False) or not sent:
            return False
        code = read_code(scanned[-CODE_LETTERS:])
        if code is None and not is_foreign(scanned):
            return False
        before, value, cursor = self._before.of(len(scanned))
        if before is not field:
            return False

        def take_back() -> None:
            field.value, field.cursor_position = value, cursor

        field.call_later(take_back)
        self.scanned_into_a_field(scanned if code is None else code[1])
        return True

    def _keep(self, event: events.Key, field: object) -> None:
        """Know what stood in a field before each of its keys."""
        now: FieldBefore = (field, field.value, field.cursor_position) if isinstance(field, Input) else _NONE
        if event.is_printable:
            self._before.keep(now)
        else:
            self._before.begin(now)

    def scanned_into_a_field(self, text: str) -> None:
        """Show what was scanned over the form that is being filled, which stays as it was."""
        raise NotImplementedError

    # -- the keys of every screen

    def action_palette(self) -> None:
        from .palette import offer_commands

        offer_commands(self)

    def action_help(self) -> None:
        from .help import HelpScreen

        self.push_screen(HelpScreen(self.screen))

    def action_turn_theme(self) -> None:
        names = list(THEMES)
        if self.theme not in names:
            return
        self.theme = names[(names.index(self.theme) + 1) % len(names)]

    def get_key_display(self, binding: Binding) -> str:
        return key_name(binding.key)


_NONE: FieldBefore = (None, "", 0)


def _awaited_by(screen: Screen[Any]) -> Awaited | None:
    """For whom the keys are that are typed now, by what a screen says or what is on its way over it."""
    awaiting: Awaited | None = getattr(screen, "awaiting", None)
    return Awaited.BOX if awaiting is None and errands.is_on_its_way(screen) else awaiting


def _make_small(event: events.Key) -> None:
    """With the capitals locked, a letter is the same key; what is typed in a field stays a capital."""
    if len(event.key) == 1 and event.key.isupper():
        event.key = event.key.lower()
