"""Cancelling or moving a screening, and the lists of whom earlier changes concern."""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, TypeVar
from uuid import uuid4

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.clock import say
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _, later, plural, spoken
from boxoffice.sales.screenings.affected import (
    Affected,
    Change,
    Taken,
    count_taken,
    list_changes,
    read_affected,
)
from boxoffice.sales.screenings.halls import HallRow, read_halls
from boxoffice.sales.screenings.programme import ScreeningRow
from boxoffice.sales.screenings.screening_changes import (
    CancelScreening,
    ChangedScreening,
    MoveScreening,
    cancel_screening,
    move_screening,
)
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.wording import reason_line

from . import errands
from .affected import AffectedScreen, change_words
from .asking import AskText
from .choosing_returned import ExchangeWish
from .dialogs import Confirm, Dialog
from .manager_pin import Authorization
from .move_screening import AskMove, Move
from .permitting import Act, ask_leave
from .rows import Choices

if TYPE_CHECKING:
    from boxoffice.house import House

Answer = TypeVar("Answer")


class AskReason(AskText):
    """Why a screening is cancelled."""

    def read(self, text: str) -> str:
        return super().read(reason_line(text))


class ScreeningChanges(Dialog[ExchangeWish | None]):
    """The chosen screening, to cancel or to move; below it, what was changed before.

    The answer is the wish to exchange seats of a sale that a change concerns, if it is.
    """

    HELP = later(
        "A annule la séance choisie au guichet, D la déplace ; un responsable l'autorise. Entrée montre qui "
        "un changement concerne."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "a", "cancel", later("Annuler"), id="changes.cancel", tooltip=later("Annule la séance choisie")
        ),
        Binding(
            "d", "move", later("Déplacer"), id="changes.move", tooltip=later("Déplace la séance choisie")
        ),
    ]
    DEFAULT_CSS = """
    ScreeningChanges {
        .dialog { width: 80; }
        #changes-chosen { height: auto; padding: 0 1; border-left: thick $primary; margin-bottom: 1; }
        #changes-before { height: auto; color: $text-muted; }
        Choices { height: auto; max-height: 10; margin-bottom: 1; }
    }
    """

    def __init__(self, house: "House", desk: Desk, chosen: ScreeningRow | None) -> None:
        super().__init__()
        self.title_text = _("Annuler ou déplacer une séance")
        self._house, self._desk, self._chosen = house, desk, chosen
        self._changes: tuple[Change, ...] = ()
        self._at_work = False
        self._asked: Move | None = None

    def compose_question(self) -> ComposeResult:
        yield Static(_("Aucune séance n'est choisie."), id="changes-chosen", markup=False)
        yield Static("", id="changes-before", markup=False)
        yield Choices(markup=False, compact=True)
        yield from self.foot(
            ("a", _("A annuler")),
            ("d", _("D déplacer")),
            ("enter", _("Entrée qui est concerné")),
            ("escape", _("Échap fermer")),
        )

    def on_mount(self) -> None:
        self.query_one(Choices).focus()
        self._look()

    def nothing(self) -> None:
        return None

    def _look(self) -> None:
        chosen = self._chosen

        def read() -> tuple[Taken | None, tuple[Change, ...]]:
            with self._house.database.read() as session:
                return count_taken(session, chosen.id) if chosen else None, list_changes(session)

        def show(answer: tuple[Taken | None, tuple[Change, ...]]) -> None:
            taken, self._changes = answer
            if chosen is not None and taken is not None:
                self.query_one("#changes-chosen", Static).update(_chosen_words(chosen, taken))
            rows = self.query_one(Choices)
            rows.set_options([Option(Content(change_words(change)[:72])) for change in self._changes])
            rows.highlighted = 0 if self._changes else None
            before = _("Changements déjà faits") if self._changes else _("Aucun changement encore.")
            self.query_one("#changes-before", Static).update(before)

        errands.send(self, read, show, self._refuse)

    # -- what was changed

    @on(OptionList.OptionSelected)
    def opened(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._open(self._changes[event.option_index].number)

    def _open(self, number: int) -> None:
        def read() -> Affected:
            with self._house.database.read() as session:
                return read_affected(session, number)

        def answered(wish: ExchangeWish | None) -> None:
            if wish is not None:
                self.dismiss(wish)

        def show(shown: Affected) -> None:
            self.app.push_screen(AffectedScreen(self._house, self._desk, shown), answered)

        errands.send(self, read, show, self._refuse)

    # -- changing

    def action_cancel(self) -> None:
        row = self._chosen
        if row is None:
            return
        change_id = uuid4()

        def reasoned(reason: str | None) -> None:
            if reason is None:
                return

            def work(leave: Authorization | None) -> ChangedScreening:
                command = CancelScreening(change_id, row.id, reason, leave.manager.id if leave else None)
                return self._house.database.attempt(
                    lambda session: cancel_screening(session, command, self._desk, clock=self._house.clock)
                )

            self._confirm(
                _("Annuler {what} ?").format(what=_what(row)),
                _(
                    "Les billets payés seront à transformer en avoirs, chacun par sa vente, depuis la liste "
                    "qui suit. Les places des pass sont rendues, les réservations libérées. Elle ne se "
                    "rétablit pas."
                ),
                work,
                f"{JournalKind.SCREENING_CANCELLED} {row.code}",
            )

        question = _("Annuler {what} : motif ?").format(what=_what(row))
        asking = AskReason(question, placeholder=_("Motif, sans aucun nom"), longest=120, required=True)
        self.app.push_screen(asking, reasoned)

    def action_move(self) -> None:
        row = self._chosen
        if row is None:
            return
        change_id = uuid4()

        def answered(move: Move | None) -> None:
            if move is None:
                return
            self._asked = move

            def work(leave: Authorization | None) -> ChangedScreening:
                command = MoveScreening(
                    change_id,
                    row.id,
                    move.starts_at,
                    move.hall.id,
                    move.reason,
                    leave.manager.id if leave else None,
                )
                return self._house.database.attempt(
                    lambda session: move_screening(session, command, self._desk, clock=self._house.clock)
                )

            when = say(move.starts_at, _("EEE d MMM 'à' H 'h' mm"), spoken())
            self._confirm(
                _("Déplacer {what} ?").format(what=_what(row)),
                _(
                    "Au {when}, {place}. Les places prises le restent, les billets sont toujours valables ; "
                    "ils se reprennent si le client le demande."
                ).format(when=when, place=move.hall.place),
                work,
                f"{JournalKind.SCREENING_MOVED} {row.code}",
            )

        def read() -> tuple[HallRow, ...]:
            with self._house.database.read() as session:
                return read_halls(session)

        def ask(halls: tuple[HallRow, ...]) -> None:
            self.app.push_screen(AskMove(row, halls, self._asked), answered)

        errands.send(self, read, ask, self._refuse)

    def _confirm(
        self,
        question: str,
        detail: str,
        work: Callable[[Authorization | None], ChangedScreening],
        act: str,
    ) -> None:
        def answered(yes: bool | None) -> None:
            if yes:
                self._do(work, act, None, f"{question}\n{detail}")

        self.app.push_screen(Confirm(question, detail), answered)

    def _do(
        self,
        work: Callable[[Authorization | None], ChangedScreening],
        act: str,
        leave: Authorization | None,
        about: str,
    ) -> None:
        """Make the change, with a manager's leave where one is needed; then show whom it concerns."""
        if self._at_work:
            return
        self._at_work = True

        def done(changed: ChangedScreening) -> None:
            self._at_work, self._asked = False, None
            self._look()
            self._open(changed.number)

        def refused(refusal: Refusal) -> None:
            self._at_work = False
            if isinstance(refusal, ManagerNeeded) and leave is None:
                ask_leave(
                    self,
                    self._house,
                    Act(act, about),
                    refusal,
                    lambda given: self._do(work, act, given, about),
                    self._refuse,
                )
            else:
                self._refuse(refusal)

        errands.send(self, lambda: work(leave), done, refused)

    def _refuse(self, refusal: Refusal) -> None:
        self.say_wrong(refusal)


def _what(row: ScreeningRow) -> str:
    when = say(row.starts_at, _("EEE d 'à' H 'h' mm"), spoken())
    return _("{title}, {when}").format(title=row.event_title, when=when)


def _chosen_words(row: ScreeningRow, taken: Taken) -> str:
    counts = (
        plural("{count} billet", "{count} billets", taken.tickets).format(count=taken.tickets),
        plural("{count} place de pass", "{count} places de pass", taken.bookings).format(
            count=taken.bookings
        ),
        plural("{count} place réservée", "{count} places réservées", taken.reserved).format(
            count=taken.reserved
        ),
    )
    state = [_("ANNULÉE")] if row.seats.cancelled else []
    return f"{_what(row)} · {row.place}\n{' · '.join([*state, *counts])}"
