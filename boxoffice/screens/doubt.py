"""A paper in doubt: the cashier is asked as soon as there is one, and the answer settles it."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Button, Static

from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _, later
from boxoffice.sales.prints import outbox_listing, reprinting
from boxoffice.sales.prints.outbox_listing import OutboxLine
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.sales.staff.desk import BadgeDesk, PrintingDesk

from . import errands
from .dialogs import Dialog, button, keys_line
from .permitting import Act, with_leave

if TYPE_CHECKING:
    from boxoffice.house import House

MOST_IN_DOUBT = 20


class DidItComeOut(Dialog[bool | None]):
    """Asked when a printer left somebody in doubt: True it came out, False it did not, None later.

    It comes up by itself, so it hears nothing at first: keys on their way to the counter are no answer.
    """

    AUTO_FOCUS = ""
    DEAF_SECONDS: ClassVar[float] = 0.8

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "o,y", "say(True)", later("Il est sorti"), id="doubt.came_out", tooltip=later("Il est bien sorti")
        ),
        Binding(
            "n",
            "say(False)",
            later("Pas sorti"),
            id="doubt.did_not",
            tooltip=later("Il n'est pas sorti, ou abîmé : il ressort en DUPLICATA"),
        ),
    ]

    def __init__(self, job: OutboxLine) -> None:
        super().__init__()
        self.title_text = _("{title} est-il sorti, et bien lisible ?").format(title=job.title)
        self._job = job
        self._hears = False

    def compose_question(self) -> ComposeResult:
        facts = [self._job.printer, self._job.reason, self._job.detail]
        yield Static("\n".join(fact for fact in facts if fact), classes="dialog-text", markup=False)
        with Horizontal(classes="dialog-buttons"):
            yield button(_("Oui, il est sorti"), "O", "came-out", primary=True)
            yield button(_("Non, le réimprimer"), "N", "did-not")
        yield keys_line(("escape", _("Échap répondre plus tard, par F12")))

    def on_mount(self) -> None:
        self.set_timer(self.DEAF_SECONDS, self.listen)

    def listen(self) -> None:
        """From now on, a key is an answer."""
        self._hears = True

    def nothing(self) -> None:
        return None

    def action_leave(self) -> None:
        if self._hears:
            super().action_leave()

    def action_say(self, came_out: bool) -> None:
        if self._hears:
            self.dismiss(came_out)

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "came-out")


def ask_about_doubtful(
    screen: Screen[Any],
    house: "House",
    desk: PrintingDesk,
    settled: Callable[[], None],
    refused: Callable[[Refusal], None],
) -> None:
    """Ask over `screen` about each paper in doubt, one after the other until one is put off.

    `settled` is called after each answer, `refused` with the reason when one could not be kept.
    """

    def read() -> OutboxLine | None:
        with house.database.read() as session:
            lines = outbox_listing.list_outbox(session, desk.post.till_id, limit=MOST_IN_DOUBT)
        return next((line for line in lines if line.needs_answer and _is_theirs(line, desk)), None)

    def ask(line: OutboxLine | None) -> None:
        if line is not None and screen.is_active:
            screen.app.push_screen(DidItComeOut(line), lambda came_out: settle(line, came_out))

    def settle(line: OutboxLine, came_out: bool | None) -> None:
        if came_out is None:
            return

        def act(authorized_by: int | None) -> int | None:
            with house.database.write() as session:
                copy = answering(house, desk, line, came_out=came_out)(session, authorized_by=authorized_by)
            house.wake_printers()
            return copy

        told = Act(JournalKind.DOCUMENT_REPRINTED, f"{line.title} · {line.detail}")
        with_leave(screen, house, told, act, lambda number: tell(number, came_out), refused)

    def tell(copy_number: int | None, came_out: bool) -> None:
        screen.notify(answer_words(copy_number, came_out=came_out), markup=False, timeout=4)
        settled()
        ask_about_doubtful(screen, house, desk, settled, refused)

    errands.send(screen, read, ask, refused)


def answering(
    house: "House", desk: PrintingDesk, job: OutboxLine, *, came_out: bool
) -> Callable[..., int | None]:
    """The act that settles a doubtful paper as the cashier saw it."""
    return partial(reprinting.answer, desk=desk, job_id=job.job_id, came_out=came_out, clock=house.clock)


def _is_theirs(line: OutboxLine, desk: PrintingDesk) -> bool:
    """Whether the paper concerns who is asked: badge staff answer for badges."""
    return line.document is DocumentKind.BADGE or not isinstance(desk, BadgeDesk)


def answer_words(copy_number: int | None, *, came_out: bool) -> str:
    """What to say once a doubtful paper is settled."""
    if came_out:
        return _("Noté : il est sorti.")
    if copy_number is None:
        return _("Noté : il n'est pas sorti, et il n'y a pas lieu de le réimprimer.")
    return _("Il ressort : duplicata n° {number}.").format(number=copy_number)
