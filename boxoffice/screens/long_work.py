"""A long errand over the screen: how far it is, and Escape to stop it."""

from collections.abc import Callable
from threading import Event

from textual.app import ComposeResult
from textual.widgets import Static

from boxoffice.errors import Refusal
from boxoffice.language import _

from . import errands
from .dialogs import Answer, Dialog

Show = Callable[[int, int], None]
"""Told how much of how much is done, from any thread."""

WIDTH = 40
EACH_SECONDS = 0.2


class Stopped(Refusal):
    """Somebody pressed Escape: raised in the thread of the errand, at the next step that it tells of."""


class LongWork(Dialog[Answer | None]):
    """Does an errand in a thread; the answer is None if it was stopped, or could not be done.

    The errand is handed what it tells its progress to. It must leave nothing half-done when that raises.
    """

    def __init__(self, title: str, errand: Callable[[Show], Answer]) -> None:
        super().__init__()
        self.title_text = title
        self._errand = errand
        self._stopping = Event()
        self._done, self._total = 0, 0
        self._at_work = True
        self._answer: Answer | None = None

    def compose_question(self) -> ComposeResult:
        yield Static(_("Un instant…"), id="work-progress", markup=False)
        yield from self.foot(("escape", _("Échap arrêter")))

    def on_mount(self) -> None:
        self.set_interval(EACH_SECONDS, self._draw)
        errands.send(self, lambda: self._errand(self._tell), self._end, self._refuse)

    @property
    def stays(self) -> bool:
        return self._at_work

    def nothing(self) -> Answer | None:
        return self._answer

    def action_leave(self) -> None:
        """Have the errand stop at its next step; once it is over, close."""
        if self._at_work:
            self._stopping.set()
            self.query_one("#work-progress", Static).update(_("On arrête…"))
        else:
            self.dismiss(self.nothing())

    def _tell(self, done: int, total: int) -> None:
        if self._stopping.is_set():
            raise Stopped(_("C'est arrêté."))
        self._done, self._total = done, total

    def _draw(self) -> None:
        if self._at_work and self._total and not self._stopping.is_set():
            self.query_one("#work-progress", Static).update(progress_words(self._done, self._total))

    def _end(self, answer: Answer) -> None:
        self._answer = answer
        self._leave()

    def _refuse(self, refusal: Refusal) -> None:
        if isinstance(refusal, Stopped):
            self._leave()
            return
        self._at_work = False
        self.query_one("#work-progress", Static).update("")
        self.say_wrong(refusal)

    def _leave(self) -> None:
        self._at_work = False
        self.dismiss(self._answer)


def progress_words(done: int, total: int) -> str:
    """A bar, and the percentage beside it."""
    share = min(done / total, 1.0)
    full = round(share * WIDTH)
    return f"{'█' * full}{'░' * (WIDTH - full)}  {share:4.0%}".replace("%", " %")
