"""What goes wrong without ending the program: one message is lost, and the screen stays."""

from collections import deque
from time import monotonic
from traceback import walk_tb

from textual._context import active_message_pump
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widget import Widget
from textual.worker import Worker, WorkerState

MOST, WITHIN_SECONDS = 8, 3.0
"""Incidents that come faster than fingers are no cashier's: they would go on for ever."""

MOST_PAINTS, PAINTS_WITHIN_SECONDS = 3, 30.0
_PAINTING = frozenset({"_compositor_refresh", "_refresh_layout", "_on_timer_update", "_display"})


class Enduring(MessagePump):
    """Goes on with the next message when one could not be dealt with; the app is told why.

    Textual would end the loop of whoever failed, and leave a screen that hears nothing.
    """

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            self.app._handle_exception(error)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR and isinstance(event.worker.error, Exception):
            self.app._handle_exception(event.worker.error)

    def unlock(self) -> None:
        """Hear keys again, if they wait for what will not come any more."""


def endures() -> bool:
    """Whether who failed just now still hears: Textual has ended the loop of a widget of its own."""
    pump = active_message_pump.get(None)
    return isinstance(pump, Enduring) or not isinstance(pump, Widget)


class Incidents:
    """What went wrong of late, to tell a mishap from a program that cannot go on."""

    def __init__(self) -> None:
        self.total = 0
        self._any: deque[float] = deque(maxlen=MOST)
        self._painting: deque[float] = deque(maxlen=MOST_PAINTS)

    def note(self, error: Exception) -> bool:
        """Count one more; whether the program can go on."""
        self.total += 1
        now = monotonic()
        self._any.append(now)
        if is_of_painting(error):
            self._painting.append(now)
        return not (
            _is_too_many(self._any, MOST, WITHIN_SECONDS)
            or _is_too_many(self._painting, MOST_PAINTS, PAINTS_WITHIN_SECONDS)
        )


def is_of_painting(error: Exception) -> bool:
    """Whether it happened while the screen was drawn, so that it may happen at each try."""
    return any(frame.f_code.co_name in _PAINTING for frame, _line in walk_tb(error.__traceback__))


def _is_too_many(moments: deque[float], most: int, seconds: float) -> bool:
    return len(moments) == most and moments[-1] - moments[0] < seconds
