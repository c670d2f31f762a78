"""Errands to the services: done in a thread, their outcome brought back to the screen as a message."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from textual.screen import Screen

from boxoffice import system_errors
from boxoffice.errors import Refusal
from boxoffice.language import _

if TYPE_CHECKING:
    from boxoffice.house import House

Answer = TypeVar("Answer")

_log = logging.getLogger(__name__)

_asking: WeakKeyDictionary[Screen[Any], Screen[Any] | None] = WeakKeyDictionary()
"""Over which screens a question is on its way: in which box it stands, None while the books are asked."""


_lent: ContextVar[bool] = ContextVar("lent", default=False)
"""Whether what is being done is what a manager allowed, and whatever comes of it."""


@contextmanager
def lending() -> Iterator[None]:
    """What is begun now is lent by a manager, whose answer it goes on from, however late it comes."""
    token = _lent.set(True)
    try:
        yield
    finally:
        _lent.reset(token)


def is_lent() -> bool:
    """Whether what is being done now goes on from what a manager allowed."""
    return _lent.get()


def send(
    screen: Screen[Any],
    errand: Callable[[], Answer],
    then: Callable[[Answer], None],
    refused: Callable[[Refusal], None],
) -> None:
    """Do `errand` away from the screen, then call `then` with its answer, or `refused` with the reason.

    Both are called by the screen's own message loop, and not at all once the screen is gone.
    """
    goes_on = _lending_on if is_lent() else _as_it_is

    def run() -> None:
        try:
            answer = errand()
        except Refusal as refusal:
            screen.call_later(goes_on(refused), refusal)
        except Exception as error:
            _log.exception("An errand failed")
            screen.call_later(goes_on(refused), explain(error))
        else:
            screen.call_later(goes_on(then), answer)

    screen.run_worker(run, group="errands", thread=True, exit_on_error=False)


def _as_it_is(outcome: Callable[[Answer], None]) -> Callable[[Answer], None]:
    return outcome


def _lending_on(outcome: Callable[[Answer], None]) -> Callable[[Answer], None]:
    """The same, as part of what a manager allowed."""

    def told(what: Answer) -> None:
        with lending():
            outcome(what)

    return told


def ask(
    screen: Screen[Any],
    errand: Callable[[], Answer],
    then: Callable[[Answer], None],
    refused: Callable[[Refusal], None],
) -> None:
    """Do what a question takes as `send` does; the same key pressed again meanwhile asks no second one."""
    if is_asking(screen):
        return
    _asking[screen] = None

    def once(outcome: Callable[[Any], None]) -> Callable[[Any], None]:
        def told(what: Any) -> None:
            del _asking[screen]
            beneath = screen.app.screen
            outcome(what)
            if screen.app.screen is not beneath:
                _asking.setdefault(screen, screen.app.screen)

        return told

    send(screen, errand, once(then), once(refused))


def is_on_its_way(screen: Screen[Any]) -> bool:
    """Whether the books are asked for what a question over a screen needs: it will stand soon."""
    return screen in _asking and _asking[screen] is None


def is_asking(screen: Screen[Any]) -> bool:
    """Whether a question is on its way over a screen, or stands there unanswered."""
    box = _asking.get(screen)
    return screen in _asking if box is None else box in screen.app.screen_stack


def and_print(house: "House", order: Callable[[], Answer]) -> Callable[[], Answer]:
    """An errand that orders papers, and wakes the printers itself: its screen may be gone by then."""

    def do() -> Answer:
        answer = order()
        house.wake_printers()
        return answer

    return do


class Latest:
    """Questions that a screen asks one after the other: only the last is answered, however slow another."""

    def __init__(self, screen: Screen[Any]) -> None:
        self._screen = screen
        self._asked = 0

    def send(
        self,
        errand: Callable[[], Answer],
        then: Callable[[Answer], None],
        refused: Callable[[Refusal], None],
    ) -> None:
        """Ask, and forget what was asked before."""
        self._asked += 1
        asked = self._asked

        def if_last(outcome: Callable[[Any], None]) -> Callable[[Any], None]:
            return lambda told: outcome(told) if asked == self._asked else None

        send(self._screen, errand, if_last(then), if_last(refused))


def explain(error: Exception) -> Refusal:
    """What to say of what nobody refused: the database is lost, a disk is full, or nobody foresaw it."""
    from boxoffice import database

    if isinstance(error, OSError):
        return system_errors.explain(error)
    return database.lost(error) or Refusal(
        _("Un incident imprévu a interrompu cette opération."),
        _("Recommencez ; si cela se reproduit, prévenez un responsable."),
    )
