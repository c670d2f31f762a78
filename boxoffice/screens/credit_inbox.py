"""Requests for credit notes that wait for an answer: accepted or refused, one or several at once."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID, uuid4

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import CreditState, JournalKind
from boxoffice.language import _, later, plural
from boxoffice.money import format_euros
from boxoffice.sales.credits import answers, listing
from boxoffice.sales.credits.answers import AcceptCredits, RefuseCredits
from boxoffice.sales.credits.credit_notes import CompletedCredit
from boxoffice.sales.credits.listing import CreditRow
from boxoffice.sales.staff.desk import Desk

from . import errands
from .asking import AskText
from .credit_messages import write_messages
from .credit_words import accepted_words, asked_words, detail_words, given_words, heading, request_row
from .dialogs import Confirm, Dialog
from .manager_pin import Authorization
from .permitting import Act, ask_leave
from .rows import Rows

if TYPE_CHECKING:
    from boxoffice.house import House

WIDEST_ROW, EDGES = 78, 6


class CreditInbox(Dialog[None]):
    """Requests, the oldest first; those answered here stay in sight, to tell their customers.

    Tab turns to those answered last, and back.
    """

    HELP = later(
        "La plus ancienne demande d'abord, avec le temps qui reste et le remplissage de la séance. Entrée "
        "accepte : la place est remise en vente et le client crédité. R refuse avec un motif : le billet "
        "sert de nouveau. Espace en choisit plusieurs, M prépare le message au client."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter,a",
            "accept",
            later("Accepter"),
            id="credits.accept",
            tooltip=later("Accepte la demande choisie, ou toutes celles qui sont cochées"),
        ),
        Binding(
            "r",
            "refuse",
            later("Refuser"),
            id="credits.refuse",
            tooltip=later("Refuse, avec un motif que le client reçoit"),
        ),
        Binding(
            "space",
            "mark",
            later("Cocher"),
            id="credits.mark",
            tooltip=later("Coche ou décoche la demande, pour répondre à plusieurs"),
        ),
        Binding(
            "m",
            "message",
            later("Message"),
            id="credits.message",
            tooltip=later("Prépare le message au client : fichier texte et presse-papiers"),
        ),
        Binding(
            "tab",
            "turn",
            later("Répondues"),
            id="credits.turn",
            tooltip=later("Passe des demandes en attente à celles qui ont une réponse"),
            priority=True,
        ),
        Binding("f8", "leave", later("Fermer"), id="credits.leave", tooltip=later("Ferme la liste")),
    ]
    DEFAULT_CSS = """
    CreditInbox {
        align: left middle;
        .dialog { width: 84; max-width: 100%; height: 100%; padding: 0 1; }
        .dialog-title { margin-bottom: 0; }
        #credits-heading { color: $text-muted; height: 1; }
        Rows { height: 1fr; scrollbar-size-vertical: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        Rows > .option-list--option-highlighted, Rows:focus > .option-list--option-highlighted {
            background: $primary 30%; color: $foreground; text-style: bold;
        }
        #credits-chosen { height: auto; min-height: 4; margin-top: 1; }
        .dialog-wrong { margin-top: 0; }
        .dialog-keys { margin-top: 0; }
    }
    """

    def __init__(self, house: "House", desk: Desk) -> None:
        super().__init__()
        self.title_text = _("Demandes d'avoir")
        self._house, self._desk = house, desk
        self._requests: tuple[CreditRow, ...] = ()
        self._marked: frozenset[UUID] = frozenset()
        self._answered_here: tuple[UUID, ...] = ()
        self._answering: tuple[frozenset[UUID], UUID] = (frozenset(), uuid4())
        self._of_answered = self._at_work = self._accept_early = False
        self._is_read = False

    def compose_question(self) -> ComposeResult:
        yield Static("", id="credits-heading", markup=False)
        yield Rows(markup=False, compact=True)
        yield Static("", id="credits-chosen", markup=False)
        yield from self.foot(
            ("enter", _("Entrée accepter")),
            ("r", _("R refuser")),
            ("space", _("Espace cocher")),
            ("m", _("M message")),
            ("tab", _("Tab répondues")),
            ("escape", _("Échap fermer")),
        )

    def on_mount(self) -> None:
        self.query_one(Rows).focus()
        self._read()

    def nothing(self) -> None:
        return None

    # -- reading

    def _read(self) -> None:
        """Read again what waits for an answer, and what became of those answered here."""
        of_answered, answered_here = self._of_answered, self._answered_here

        def read() -> tuple[CreditRow, ...]:
            with self._house.database.read() as session:
                if of_answered:
                    return listing.answered_credits(session)
                here = [listing.read_credit(session, request_id) for request_id in answered_here]
                rows = [*listing.pending_credits(session), *(row for row in here if row is not None)]
            return tuple(sorted(rows, key=lambda row: (row.asked_at, row.request_id)))

        errands.send(self, read, self._show, self._refuse)

    def _show(self, requests: tuple[CreditRow, ...]) -> None:
        chosen = self.chosen
        self._requests, self._is_read = requests, True
        pending = {row.request_id for row in requests if row.state is CreditState.PENDING}
        self._marked &= pending
        title = plural(
            "Demandes d'avoir · {count} en attente", "Demandes d'avoir · {count} en attente", len(pending)
        ).format(count=len(pending))
        self.query_one(".dialog-title", Static).update(
            _("Demandes d'avoir · réponses données") if self._of_answered else title
        )
        rows = self.query_one(Rows)
        with self.prevent(OptionList.OptionHighlighted):
            rows.set_options([Option(self._row(row)) for row in requests])
            rows.highlighted = self._place_of(chosen, requests)
        self._show_chosen()
        if self._accept_early:
            self._accept_early = False
            self.action_accept()

    def _place_of(self, chosen: CreditRow | None, requests: tuple[CreditRow, ...]) -> int | None:
        """Where to stand: on the same request while it waits, else on the oldest that waits."""
        waiting = [place for place, row in enumerate(requests) if row.state is CreditState.PENDING]
        for place, row in enumerate(requests):
            if chosen is not None and row.request_id == chosen.request_id:
                return place
        return waiting[0] if waiting else (0 if requests else None)

    def _row(self, row: CreditRow) -> Content:
        return request_row(row, self._house.clock.now(), self._columns, marked=row.request_id in self._marked)

    @property
    def _columns(self) -> int:
        return min(self.app.size.width - EDGES, WIDEST_ROW)

    @property
    def chosen(self) -> CreditRow | None:
        """The request whose row is lit."""
        place = self.query_one(Rows).highlighted
        return self._requests[place] if place is not None and place < len(self._requests) else None

    def _show_chosen(self) -> None:
        self.query_one("#credits-heading", Static).update(heading(self._columns))
        words = _("Aucune demande d'avoir n'attend de réponse.")
        if self.chosen is not None:
            words = detail_words(self.chosen)
        elif self._of_answered:
            words = _("Aucune demande n'a encore reçu de réponse.")
        self.query_one("#credits-chosen", Static).update(words)

    @on(OptionList.OptionHighlighted)
    def moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._show_chosen()

    # -- choosing

    @on(OptionList.OptionSelected)
    def clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_mark()

    def action_mark(self) -> None:
        row = self.chosen
        if row is None or row.state is not CreditState.PENDING:
            return
        self._marked ^= {row.request_id}
        rows = self.query_one(Rows)
        assert rows.highlighted is not None
        rows.replace_option_prompt_at_index(rows.highlighted, self._row(row))
        self.say_wrong()

    def action_turn(self) -> None:
        self._of_answered = not self._of_answered
        self._marked = frozenset()
        self.say_wrong()
        self._read()

    def _wanted(self) -> tuple[CreditRow, ...]:
        """The requests to answer: those marked, else the chosen one if it waits."""
        if self._marked:
            return tuple(row for row in self._requests if row.request_id in self._marked)
        row = self.chosen
        return (row,) if row is not None and row.state is CreditState.PENDING else ()

    # -- answering

    def action_accept(self) -> None:
        """Say what is credited, then do it; who may not alone has a manager type their PIN instead."""
        if not self._is_read:
            self._accept_early = True
            return
        wanted = self._wanted()
        if self._at_work or not wanted:
            self._say_nothing_waits()
            return
        ids = frozenset(row.request_id for row in wanted)
        if self._answering[0] != ids:
            self._answering = (ids, uuid4())
        command = AcceptCredits(self._answering[1], tuple(row.request_id for row in wanted))

        def look() -> bool:
            with self._house.database.read() as session:
                return answers.needs_manager(session, self._desk)

        def go_on(needs_manager: bool) -> None:
            if needs_manager:
                self._accept(command)
            elif not self._at_work:
                self._confirm(command, wanted)

        errands.send(self, look, go_on, self._refuse)

    def _confirm(self, command: AcceptCredits, wanted: tuple[CreditRow, ...]) -> None:
        def answered(yes: bool | None) -> None:
            if yes:
                self._accept(command)

        question = plural("Accepter cette demande ?", "Accepter ces {count} demandes ?", len(wanted))
        self.app.push_screen(
            Confirm(question.format(count=len(wanted)), _promise(wanted), yes=_("Accepter")), answered
        )

    def _accept(self, command: AcceptCredits) -> None:
        def accept() -> tuple[CompletedCredit, ...]:
            return self._house.database.attempt(
                lambda session: answers.accept(session, command, self._desk, clock=self._house.clock)
            )

        def accepted(notes: tuple[CompletedCredit, ...]) -> None:
            self._done(command.request_ids, accepted_words(notes))

        def again(leave: Authorization) -> None:
            self._accept(replace(command, authorized_by=leave.manager.id))

        printed = errands.and_print(self._house, accept)
        self._answer(printed, accepted, again, JournalKind.SALE_CREDITED, command.request_ids)

    def action_refuse(self) -> None:
        wanted = self._wanted()
        if self._at_work or not wanted:
            self._say_nothing_waits()
            return
        ids = tuple(row.request_id for row in wanted)

        def given(reason: str | None) -> None:
            if reason is not None:
                self._refuse_requests(RefuseCredits(ids, reason))

        question = plural(
            "Refuser cette demande : pour quel motif ?",
            "Refuser ces {count} demandes : pour quel motif ?",
            len(ids),
        )
        ask = AskText(
            question.format(count=len(ids)),
            placeholder=_("Le client le reçoit ; aucun nom : séance complète, délai dépassé…"),
            longest=120,
            required=True,
        )
        self.app.push_screen(ask, given)

    def _refuse_requests(self, command: RefuseCredits) -> None:
        def refuse() -> int:
            return self._house.database.attempt(
                lambda session: answers.refuse(session, command, self._desk, clock=self._house.clock)
            )

        def refused(_count: int) -> None:
            count = len(command.request_ids)
            words = plural(
                "Demande refusée : le billet sert de nouveau.",
                "{count} demandes refusées : les billets servent de nouveau.",
                count,
            )
            self._done(command.request_ids, words.format(count=count))

        def again(leave: Authorization) -> None:
            self._refuse_requests(replace(command, authorized_by=leave.manager.id))

        self._answer(refuse, refused, again, JournalKind.CREDIT_REFUSED, command.request_ids)

    def _answer(
        self,
        work: Callable[[], object],
        then: Callable[..., None],
        again: Callable[[Authorization], None],
        act: str,
        request_ids: tuple[UUID, ...],
    ) -> None:
        """Answer once, with a manager's leave typed in place where it takes one."""
        self._at_work = True
        about = asked_words([row for row in self._requests if row.request_id in request_ids])

        def refused(refusal: Refusal) -> None:
            self._at_work = False
            if isinstance(refusal, ManagerNeeded):
                ask_leave(self, self._house, Act(act, about), refusal, again, self._refuse)
            else:
                self._refuse(refusal)
                self._read()

        errands.send(self, work, then, refused)

    def _done(self, request_ids: tuple[UUID, ...], words: str) -> None:
        self._at_work = False
        self._answered_here = (*self._answered_here, *request_ids)
        self._marked = frozenset()
        self.say_wrong()
        self.notify(words, markup=False, timeout=8)
        self._read()

    def unlock(self) -> None:
        """Whatever was asked can be asked again: it is done once."""
        self._at_work = False

    def action_message(self) -> None:
        """Write what the customers are to be told of where their requests stand."""
        chosen = self._wanted() if self._marked else tuple(filter(None, (self.chosen,)))
        if chosen:
            write_messages(self, self._house, [row.request_id for row in chosen])

    def _say_nothing_waits(self) -> None:
        if not self._at_work:
            self._refuse(Refusal(_("Cette demande a déjà sa réponse."), _("M prépare le message au client.")))

    def _refuse(self, refusal: Refusal) -> None:
        self.say_wrong(refusal)


def _promise(wanted: tuple[CreditRow, ...]) -> str:
    """What accepting does, told before it is done."""
    given = given_words(_("{cents} crédités"), wanted)
    paid = format_euros(sum(row.paid_cents for row in wanted))
    if len(wanted) == 1:
        (row,) = wanted
        return _("{title} : {paid} payés, {given} à {name}. La place est remise en vente.").format(
            title=row.event_title,
            paid=paid,
            given=given,
            name=row.customer_name or _("qui l'a payée"),
        )
    return _("{paid} payés, {given}. Les places sont remises en vente.").format(paid=paid, given=given)
