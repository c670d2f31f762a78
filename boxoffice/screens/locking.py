"""Nothing stands over the lock: what the screens beneath it were about to show waits until it is opened."""

from __future__ import annotations

from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from textual._context import active_message_pump
from textual.app import App
from textual.dom import DOMNode
from textual.widgets import Input

from boxoffice.language import _

from . import errands
from .dialogs import Dialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen

    from .lock import LockScreen


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A screen that `asked` wants to show; it may be part of what a manager allowed."""

    asked: Screen[Any]
    is_lent: bool
    show: Callable[[], object]

    @property
    def is_their_own(self) -> bool:
        """Whether the operator asked for it, on a screen that stays when what is lent is closed."""
        return not self.is_lent and not (isinstance(self.asked, Dialog) and not self.asked.stays)


class Locking(App[None], inherit_bindings=False):
    """Covers all that is shown, while what was asked of the books goes on being answered.

    What a manager opened by their PIN is closed when somebody else unlocks the till.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock_screen: LockScreen | None = None
        self._waiting: list[_Waiting] = []
        self._is_lent = False

    @property
    def is_locked(self) -> bool:
        """Whether the lock stands over the screens."""
        return self._lock_screen is not None and self._lock_screen in self.screen_stack

    def on_manager_pin_allowed(self) -> None:
        self._is_lent = True

    def a_key_is_pressed(self) -> None:
        """Once all that a manager opened is closed, and nothing more of it comes, they answer for nothing."""
        if self._is_lent and all(worker.is_finished for worker in self.workers):
            opened = (screen for screen in self.screen_stack if screen is not self._lock_screen)
            self._is_lent = any(isinstance(screen, Dialog) for screen in opened)

    def cover(self, lock: LockScreen, freed: Callable[[], object]) -> None:
        """Lock; `freed` is called if somebody else than the operator opens it, and nothing is shown then."""

        def opened(same: bool | None) -> None:
            waiting, self._waiting = self._waiting, []
            if not same:
                freed()
                return
            if self._is_lent or any(each.is_lent for each in waiting):
                self._close_what_is_lent()
                waiting = [each for each in waiting if each.is_their_own]
            for each in waiting:
                each.show()

        self._forget_pins()
        self._lock_screen = lock
        self.push_screen(lock, opened)

    def _forget_pins(self) -> None:
        """Empty what somebody was typing of a PIN: whoever unlocks the till does not find a part of it."""
        for screen in self.screen_stack:
            for field in screen.query(Input):
                if field.password:
                    field.clear()

    def _close_what_is_lent(self) -> None:
        """Leave every dialog without an answer, from the top; what is beneath one that stays, after it."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, Dialog):
                screen.leave_unanswered()
        self.notify(
            _("Rouvrez-le : il tape son code de nouveau."),
            title=_("Ce qu'un responsable avait ouvert est refermé."),
            markup=False,
        )

    def push_screen(self, screen: Screen[Any] | str, *answered: Any, **how: Any) -> Any:
        """Show a screen: one that is asked for beneath the lock, once the operator is back."""
        show = partial(super().push_screen, screen, *answered, **how)
        if not self._is_asked_beneath_the_lock():
            return show()
        asking = active_message_pump.get()
        assert isinstance(asking, DOMNode)
        self._waiting.append(_Waiting(asking.screen, errands.is_lent(), partial(copy_context().run, show)))
        return None

    def _is_asked_beneath_the_lock(self) -> bool:
        """Whether a screen that the lock covers goes on with what it was doing when it was covered."""
        asking = active_message_pump.get(self)
        if asking is self or not isinstance(asking, DOMNode):
            return False
        return self.is_locked and asking.screen is not self._lock_screen
