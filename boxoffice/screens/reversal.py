"""« Je me suis trompé »: a sale undone, whole or by line, with what goes back to the customer told first."""

from typing import TYPE_CHECKING, ClassVar
from uuid import UUID, uuid4

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Static
from textual.widgets.option_list import Option

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _, later, plural
from boxoffice.money import format_euros
from boxoffice.sales import history
from boxoffice.sales.history import LineState, SaleSummary, SoldLine
from boxoffice.sales.refunds import Refund, refunds_due
from boxoffice.sales.reversal import CompletedReversal, Reverse
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.shifts import member_at

from . import errands, selling
from .dialogs import button, button_words, keys_line
from .manager_pin import Authorization
from .permitting import Act, LeftTo, ask_leave
from .rows import Rows
from .sale_words import line_words, refund_words, sale_header
from .selling import Doubtful
from .ticking import TickingDialog

if TYPE_CHECKING:
    from boxoffice.house import House

ROW_COLUMNS = 65


class ReversalDialog(TickingDialog[CompletedReversal | None]):
    """Shows a sale and undoes it at the second Enter; None when nothing was undone.

    Without a sale named, it is the last of this till. Lines are chosen by Space or by their digit; none
    chosen means all. Where a manager is needed, they type their PIN over it. Once in doubt whether the books
    hold it, the same is asked again or found out; nothing else can be done.
    """

    HELP = later(
        "Annule une vente, en entier ou par ligne : l'argent est rendu comme il a été reçu, les billets ne "
        "valent plus rien et les places sont remises en vente."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "go_on",
            later("Annuler la vente"),
            id="reversal.go_on",
            tooltip=later("Une fois pour préparer l'annulation, une seconde pour la faire"),
        ),
        Binding(
            "space",
            "tick",
            later("Choisir la ligne"),
            id="reversal.tick",
            tooltip=later("N'annule que les lignes choisies"),
        ),
    ]
    DEFAULT_CSS = """
    ReversalDialog {
        .dialog { width: 78; }
        Rows { height: auto; max-height: 12; margin-bottom: 1; }
        #reversal-refund { height: auto; margin-bottom: 1; }
        #reversal-refund.-armed { background: $warning; color: auto; text-style: bold; padding: 0 1; }
    }
    """

    def __init__(self, house: "House", desk: Desk, sale_id: UUID | None = None) -> None:
        super().__init__()
        self.title_text = _("Je me suis trompé")
        self._house, self._desk = house, desk
        self._wanted_id, self._reversal_id = sale_id, uuid4()
        self._sale: SaleSummary | None = None
        self._ticked: frozenset[int] = frozenset()
        self._asked_early = self._armed = self._at_work = False
        self._asked: Reverse | None = None
        self._in_doubt: Reverse | None = None

    def compose_question(self) -> ComposeResult:
        yield Static("", id="reversal-sale", classes="dialog-text", markup=False)
        yield Rows(markup=False, compact=True)
        yield Static("", id="reversal-refund", markup=False)
        yield Static("", classes="dialog-wrong", markup=False)
        with Horizontal(classes="dialog-buttons"):
            yield button(_("Annuler toute la vente"), _("Entrée"), "reverse", primary=True)
            yield button(_("Fermer"), _("Échap"), "leave")
        yield keys_line(("space", _("Espace ou chiffre : n'annuler que certaines lignes")))

    def on_mount(self) -> None:
        def read() -> SaleSummary | None:
            with self._house.database.read() as session:
                if self._wanted_id is None:
                    return history.last_sale(session, self._desk.post.till_id)
                return history.read_sale(session, self._wanted_id)

        errands.send(self, read, self._show_sale, self._refuse)

    @property
    def stays(self) -> bool:
        return self.unanswered is not None

    def nothing(self) -> None:
        return None

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "leave":
            self.action_leave()
        else:
            self.action_go_on()

    def action_leave(self) -> None:
        if self._at_work:
            return
        if self._in_doubt is None:
            super().action_leave()
        else:
            self._find_out(self._in_doubt)

    def action_go_on(self) -> None:
        """First say what will happen, then do it; never before the sale is shown."""
        if self._sale is None:
            self._asked_early = True
        elif self._at_work:
            return
        elif self._in_doubt is not None:
            self._ask(self._in_doubt)
        elif not self._armed:
            self._arm()
        else:
            self._reverse(None)

    def _show_sale(self, sale: SaleSummary | None) -> None:
        self._sale = sale
        header = self.query_one("#reversal-sale", Static)
        if sale is None:
            header.update(_("Il n'y a encore aucune vente à cette caisse."))
            self._show_buttons()
            return
        header.update(sale_header(sale, self._house))
        rows = self.query_one(Rows)
        rows.add_options([Option(self._row(place, line)) for place, line in enumerate(sale.lines, start=1)])
        rows.highlighted = 0
        rows.focus()
        self._show_refund(then_arm=self._asked_early)

    @property
    def _lines_stay(self) -> bool:
        """Whether the books have been asked, so that the lines stay as they are."""
        return self._at_work or self._in_doubt is not None

    def _chosen(self) -> list[SoldLine]:
        """The lines to undo: those ticked, or all that still stand."""
        assert self._sale is not None
        if self._ticked:
            return [line for line in self._sale.lines if line.position in self._ticked]
        return [line for line in self._sale.lines if line.state is not LineState.REVERSED]

    def turn(self, place: int) -> None:
        """Tick or untick a line. One already reversed stays as it is."""
        if self._sale is None or self._lines_stay or place >= len(self._sale.lines):
            return
        line = self._sale.lines[place]
        if line.state is LineState.REVERSED:
            self.say_wrong(_("Cette ligne est déjà annulée."))
            return
        self._ticked ^= {line.position}
        rows = self.query_one(Rows)
        for index, shown in enumerate(self._sale.lines):
            rows.replace_option_prompt_at_index(index, self._row(index + 1, shown))
        rows.highlighted = place
        self._disarm()
        self._show_refund()

    def _row(self, place: int, line: SoldLine) -> Content:
        chosen = line.position in self._ticked or (not self._ticked and line.state is not LineState.REVERSED)
        row = Content.assemble(
            "● " if chosen else "○ ",
            f"{place} " if place < 10 else "  ",
            line_words(line, ROW_COLUMNS),
        )
        return row if line.state is LineState.SOLD else row.stylize("dim")

    def _show_refund(self, *, then_arm: bool = False) -> None:
        """Say what goes back to the customer and by which means, as the books will have it."""
        assert self._sale is not None
        sale_id, chosen = self._sale.id, self._chosen()
        self._show_buttons()
        if not chosen:
            self.query_one("#reversal-refund", Static).update(_("Cette vente est déjà annulée en entier."))
            return
        positions = [line.position for line in chosen]

        def read() -> tuple[Refund, ...]:
            with self._house.database.read() as session:
                return refunds_due(session, sale_id, positions)

        def show(refunds: tuple[Refund, ...]) -> None:
            if chosen == self._chosen() and not self._armed:
                self.query_one("#reversal-refund", Static).update(self._promise(chosen, refunds))
                if then_arm:
                    self._arm()

        errands.send(self, read, show, self._refuse)

    def _promise(self, chosen: list[SoldLine], refunds: tuple[Refund, ...]) -> str:
        assert self._sale is not None
        if len(chosen) == len(self._sale.lines):
            what = _("Toute la vente.")
        else:
            what = plural("{count} ligne.", "{count} lignes.", len(chosen)).format(count=len(chosen))
        return f"{what} {refund_words(refunds)}"

    def _arm(self) -> None:
        if not self._chosen():
            self.say_wrong(_("Rien n'est à rembourser une seconde fois."))
            return
        self._armed = True
        promise = self.query_one("#reversal-refund", Static)
        promise.add_class("-armed")
        self.say_wrong()
        self._show_buttons()

    def _disarm(self) -> None:
        self._armed = False
        self.query_one("#reversal-refund").remove_class("-armed")
        self.say_wrong()
        self._show_buttons()

    def _show_buttons(self) -> None:
        """Say on the buttons what they do to the sale as it is chosen; none undoes what is undone."""
        count = len(self._chosen()) if self._sale is not None else 0
        whole = not self._ticked
        reverse, leave = self.query_one("#reverse", Button), self.query_one("#leave", Button)
        if self._armed:
            words = (
                _("Oui, annuler toute la vente")
                if whole
                else plural("Oui, annuler cette ligne", "Oui, annuler ces {count} lignes", count)
            )
        else:
            words = (
                _("Annuler toute la vente")
                if whole
                else plural("Annuler cette ligne", "Annuler ces {count} lignes", count)
            )
        reverse.label = button_words(words.format(count=count), _("Entrée"))
        leave.label = button_words(_("Ne rien annuler") if count else _("Fermer"), _("Échap"))
        reverse.display = bool(count)
        self.query_one(".dialog-keys").display = count > 1 or bool(self._ticked)
        for shown in (reverse, leave):
            shown.refresh(layout=True)

    def _reverse(self, authorization: Authorization | None) -> None:
        assert self._sale is not None
        self._ask(
            Reverse(
                sale_id=self._reversal_id,
                original_id=self._sale.id,
                positions=tuple(sorted(self._ticked)) or None,
                reason=authorization.reason if authorization else "",
                authorized_by=authorization.manager.id if authorization else None,
            )
        )

    def _ask(self, command: Reverse) -> None:
        """Ask the books to undo, as often as it takes: they do it once."""
        self._at_work = True
        self._asked = command

        def refused(refusal: Refusal) -> None:
            self._in_doubt = command if isinstance(refusal, Doubtful) else None
            self._refuse(refusal)

        errands.send(self, lambda: selling.undo(self._house, command, self._desk), self._finish, refused)

    def unlock(self) -> None:
        """What was asked and not heard is in doubt."""
        if self._at_work:
            self._at_work = False
            self._in_doubt = self._asked

    @property
    def unanswered(self) -> Reverse | None:
        """What the books were asked to undo, if nobody knows whether they did."""
        return self._asked if self._at_work else self._in_doubt

    def _find_out(self, command: Reverse) -> None:
        """Before leaving in doubt, ask the books whether they hold the reversal."""
        self._at_work = True

        def found(done: CompletedReversal | None) -> None:
            self._at_work = False
            if done is not None:
                self._finish(done)
                return
            self._in_doubt = None
            self._disarm()
            self.say_wrong(_("Rien n'a été annulé : ne rendez rien. Échap ferme."))

        errands.send(self, lambda: selling.find_out_undone(self._house, command.sale_id), found, self._refuse)

    def _finish(self, done: CompletedReversal) -> None:
        self.dismiss(done)

    def _refuse(self, refusal: Refusal) -> None:
        self._at_work = False
        if isinstance(refusal, ManagerNeeded):
            self._ask_manager(refusal)
            return
        if not isinstance(refusal, Doubtful):
            self._disarm()
        self.say_wrong(refusal)

    def _ask_manager(self, refusal: ManagerNeeded) -> None:
        assert self._sale is not None
        chosen = self._chosen()
        about = plural(
            "Vente {operation} : {count} ligne, {total} à rendre.",
            "Vente {operation} : {count} lignes, {total} à rendre.",
            len(chosen),
        )
        total = format_euros(sum(line.total_cents for line in chosen))
        act = Act(
            f"{JournalKind.SALE_REVERSED} {self._sale.operation}",
            about.format(operation=self._sale.operation, count=len(chosen), total=total),
            ask_reason=True,
            left_to=LeftTo(member_at(self._desk), Action.REVERSE_LATE),
        )
        ask_leave(self, self._house, act, refusal, self._reverse, self._refuse, self._disarm)
