"""Nothing stands over the lock: what the screens beneath it were about to show waits until it is opened."""

from __future__ import annotations

from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any

from textual._context import active_message_pump
from textual.app import App
from textual.dom import DOMNode

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen

    from .lock import LockScreen


class Locking(App[None], inherit_bindings=False):
    """Covers all that is shown, while what was asked of the books goes on being answered."""

    def __init__(self) -> None:
        super().__init__()
        self._lock_screen: LockScreen | None = None
        self._waiting: list[Callable[[], object]] = []

    @property
    def is_locked(self) -> bool:
        """Whether the lock stands over the screens."""
        return self._lock_screen is not None and self._lock_screen in self.screen_stack

    def cover(self, lock: LockScreen, freed: Callable[[], object]) -> None:
        """Lock; `freed` is called if somebody else than the operator opens it, and nothing is shown then."""

        def opened(same: bool | None) -> None:
            waiting, self._waiting = self._waiting, []
            if not same:
                freed()
                return
            for show in waiting:
                show()

        self._lock_screen = lock
        self.push_screen(lock, opened)

    def push_screen(self, screen: Screen[Any] | str, *answered: Any, **how: Any) -> Any:
        """Show a screen: one that is asked for beneath the lock, once the operator is back."""
        show = partial(super().push_screen, screen, *answered, **how)
        if not self._is_asked_beneath_the_lock():
            return show()
        self._waiting.append(partial(copy_context().run, show))
        return None

    def _is_asked_beneath_the_lock(self) -> bool:
        """Whether a screen that the lock covers goes on with what it was doing when it was covered."""
        asking = active_message_pump.get(self)
        if asking is self or not isinstance(asking, DOMNode):
            return False
        return self.is_locked and asking.screen is not self._lock_screen
