"""A sale found again, by its number, a ticket, its amount or its time; then reversed or reprinted."""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.kinds import SaleKind
from boxoffice.language import _, later, plural, spoken
from boxoffice.money import format_euros
from boxoffice.sales import history, means
from boxoffice.sales.history import LineState, SaleSummary, SoldLine
from boxoffice.sales.prints import reprinting
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.sales.reversal import CompletedReversal
from boxoffice.sales.staff.desk import Desk

from . import errands
from .choosing import Choose, Thing
from .dialogs import Dialog, Rows, keys_line
from .reversal import ReversalDialog
from .sale_words import line_story, line_words, refund_words, sale_header

if TYPE_CHECKING:
    from boxoffice.house import House

ROW_COLUMNS = 34

Done = TypeVar("Done")


class SalesSearch(Dialog[None]):
    """Sales as one types, the latest first; Enter on one opens what can be done with it.

    In the list, ↩ marks a reversal, ✗ a sale of which nothing is left to reverse.
    """

    HELP = later(
        "Tapez le numéro d'une vente ou d'un billet, un montant (23,50) ou une heure (18:42) ; "
        "ou scannez un billet."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", later("Monter"), id="search.up", tooltip=later("La vente au-dessus")),
        Binding(
            "down", "move(1)", later("Descendre"), id="search.down", tooltip=later("La vente en dessous")
        ),
        Binding(
            "pageup", "move(-8)", later("Page"), id="search.page_up", tooltip=later("Huit ventes plus haut")
        ),
        Binding(
            "pagedown", "move(8)", later("Page"), id="search.page_down", tooltip=later("Huit ventes plus bas")
        ),
        Binding(
            "f6,ctrl+e",
            "reverse",
            later("Annuler"),
            id="search.reverse",
            tooltip=later("Annule la vente choisie"),
        ),
    ]
    DEFAULT_CSS = """
    SalesSearch {
        align: left middle;
        .dialog { width: 84; max-width: 100%; height: 100%; padding: 0 1; }
        #search-panes { height: 1fr; }
        #search-found { width: 35; height: 100%; scrollbar-size-vertical: 1; }
        #search-found > .option-list--option-highlighted {
            background: $primary 30%; color: $foreground; text-style: bold;
        }
        #search-sale { width: 1fr; height: 100%; padding-left: 1; overflow-y: auto; }
    }
    """

    def __init__(self, house: "House", desk: Desk, text: str = "") -> None:
        """`text` is looked for at once: the code of a ticket just scanned, for instance."""
        super().__init__()
        self.title_text = _("Retrouver une vente")
        self._house, self._desk = house, desk
        self._sought = text
        self._sales: tuple[SaleSummary, ...] = ()
        self._then_open = False

    def compose_question(self) -> ComposeResult:
        yield Input(
            self._sought,
            placeholder=_("Numéro de vente ou de billet, montant, heure ; ou scannez un billet"),
            max_length=80,
            select_on_focus=False,
        )
        with Horizontal(id="search-panes"):
            found = Rows(id="search-found", markup=False, compact=True)
            found.can_focus = False
            yield found
            yield Static("", id="search-sale", markup=False)
        yield Static("", classes="dialog-wrong", markup=False)
        yield keys_line(
            ("enter", _("Entrée annuler, réimprimer…")),
            ("down", _("↑ ↓ choisir")),
            ("f6", _("F6 annuler")),
            ("escape", _("Échap fermer")),
        )

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self._look()

    def nothing(self) -> None:
        return None

    # -- finding

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._sought:
            self._sought = event.value
            self._look()

    @on(Input.Submitted)
    def entered(self, event: Input.Submitted) -> None:
        """Open the chosen sale, once what was typed last has been looked for."""
        event.stop()
        self._then_open = True
        self._look()

    @on(OptionList.OptionSelected)
    def clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._open()

    @on(OptionList.OptionHighlighted)
    def moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._show_chosen()

    def action_move(self, by: int) -> None:
        rows = self.query_one(Rows)
        if self._sales:
            rows.highlighted = min(max((rows.highlighted or 0) + by, 0), len(self._sales) - 1)

    def _look(self) -> None:
        sought = self._sought

        def read() -> tuple[SaleSummary, ...]:
            with self._house.database.read() as session:
                return history.find_sales(session, sought)

        def show(found: tuple[SaleSummary, ...]) -> None:
            if sought == self._sought:
                self._show(found)

        errands.send(self, read, show, self._refuse)

    def _show(self, found: tuple[SaleSummary, ...]) -> None:
        chosen = self._chosen
        self._sales = found
        rows = self.query_one(Rows)
        with self.prevent(OptionList.OptionHighlighted):
            rows.set_options([Option(self._row(sale)) for sale in found])
            places = [place for place, sale in enumerate(found) if chosen and sale.id == chosen.id]
            rows.highlighted = places[0] if places else (0 if found else None)
        self._show_chosen()
        if self._then_open:
            self._then_open = False
            self._open()

    @property
    def _chosen(self) -> SaleSummary | None:
        highlighted = self.query_one(Rows).highlighted
        if highlighted is None or highlighted >= len(self._sales):
            return None
        return self._sales[highlighted]

    def _row(self, sale: SaleSummary) -> Content:
        at = say(sale.at, "HH:mm" if self._house.is_today(sale.at) else "d MMM HH:mm", spoken())
        mark = "↩" if sale.reverses else " " if sale.can_be_reversed else "✗"
        left, total = f"{mark} {sale.operation} {at} ", format_euros(sale.total_cents)
        row = left.ljust(ROW_COLUMNS - len(total)) + total
        return Content(row) if sale.can_be_reversed else Content.styled(row, "dim")

    def _show_chosen(self) -> None:
        sale = self._chosen
        shown = self.query_one("#search-sale", Static)
        if sale is None:
            shown.update(_("Aucune vente ne correspond.") if self._sought else _("Aucune vente encore."))
            return
        lines = [sale_header(sale, self._house), sale.till_name]
        if sale.kind is SaleKind.REVERSAL:
            lines.append(_("Annule la vente {operation}.").format(operation=sale.reverses))
        lines += ["", *(line_story(line) for line in sale.lines), ""]
        lines += [f"{means.label_of(code)}  {format_euros(cents)}" for code, cents in sale.payments]
        shown.update("\n".join(lines))

    # -- acting

    def _open(self) -> None:
        """Offer what can be done with the chosen sale."""
        sale = self._chosen
        if sale is None:
            return
        acts: list[tuple[str, Callable[[], None]]] = []
        tickets = [line for line in sale.lines if line.ticket_number and line.state is not LineState.REVERSED]
        if sale.can_be_reversed:
            acts.append((_("Annuler, en entier ou par ligne"), self.action_reverse))
        if tickets and sale.kind is SaleKind.SALE:
            acts.append(
                (_("Réimprimer des billets, marqués DUPLICATA"), lambda: self._ask_tickets(sale, tickets))
            )
        if sale.kind is SaleKind.SALE:
            acts.append((_("Imprimer un reçu"), lambda: self._print_receipt(sale)))
        else:
            acts.append((_("Réimprimer le coupon de gestion"), lambda: self._reprint_slip(sale)))

        def answered(index: int | None) -> None:
            if index is not None:
                acts[index][1]()

        title = sale_header(sale, self._house)
        self.app.push_screen(Choose(title, [Thing(label) for label, _act in acts]), answered)

    def action_reverse(self) -> None:
        sale = self._chosen
        if sale is None:
            return

        def answered(done: CompletedReversal | None) -> None:
            if done is not None:
                words = _("Vente {operation} annulée.").format(operation=sale.operation)
                self.notify(refund_words(done.refunds), title=words, markup=False, timeout=15)
            self._look()

        self.app.push_screen(ReversalDialog(self._house, self._desk, sale.id), answered)

    def _ask_tickets(self, sale: SaleSummary, tickets: list[SoldLine]) -> None:
        if len(tickets) == 1:
            self._reprint(sale, tickets)
            return

        def answered(index: int | None) -> None:
            if index is not None:
                self._reprint(sale, tickets if index == 0 else [tickets[index - 1]])

        things = [Thing(_("Tous les billets")), *(Thing(line_words(ticket, 60)) for ticket in tickets)]
        self.app.push_screen(Choose(_("Quels billets réimprimer ?"), things), answered)

    def _reprint(self, sale: SaleSummary, tickets: list[SoldLine]) -> None:
        def copy() -> int:
            with self._house.database.write() as session:
                for ticket in tickets:
                    reprinting.reprint(
                        session,
                        self._desk,
                        DocumentKind.TICKET,
                        sale_id=sale.id,
                        position=ticket.position,
                        clock=self._house.clock,
                    )
            return len(tickets)

        self._act(
            copy,
            lambda count: plural("{count} duplicata demandé.", "{count} duplicatas demandés.", count).format(
                count=count
            ),
        )

    def _print_receipt(self, sale: SaleSummary) -> None:
        def order() -> int:
            with self._house.database.write() as session:
                return reprinting.request_receipt(session, self._desk, sale.id, clock=self._house.clock)

        self._act(order, _receipt_words)

    def _reprint_slip(self, sale: SaleSummary) -> None:
        def copy() -> int:
            with self._house.database.write() as session:
                return reprinting.reprint(
                    session, self._desk, DocumentKind.REVERSAL_SLIP, sale_id=sale.id, clock=self._house.clock
                )

        self._act(copy, lambda _number: _("Coupon de gestion demandé, marqué DUPLICATA."))

    def _act(self, act: Callable[[], Done], words: Callable[[Done], str]) -> None:
        def tell(done: Done) -> None:
            self._house.wake_printers()
            self.query_one(".dialog-wrong", Static).update("")
            self.notify(words(done), markup=False, timeout=4)

        errands.send(self, act, tell, self._refuse)

    def _refuse(self, refusal: Refusal) -> None:
        self.query_one(".dialog-wrong", Static).update(str(refusal))


def _receipt_words(copy_number: int) -> str:
    if copy_number:
        return _("Reçu demandé : duplicata n° {number}.").format(number=copy_number)
    return _("Reçu demandé.")
