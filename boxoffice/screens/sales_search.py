"""A sale found again, by whatever is known of it; then reversed, credited, exchanged or reprinted."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.content import Content

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.kinds import CreditState, JournalKind, SaleKind
from boxoffice.language import _, later, plural, spoken
from boxoffice.money import format_euros
from boxoffice.sales import means
from boxoffice.sales.finding import find_sales
from boxoffice.sales.history import LineState, SaleSummary, SoldLine
from boxoffice.sales.prints import reprinting
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.sales.reversal import CompletedReversal
from boxoffice.sales.staff.desk import Desk

from .ask_credit import AskCredit
from .choosing import Choose, Thing
from .choosing_returned import ChooseReturned, ExchangeWish
from .knowing_customers import KnowsCustomers
from .permitting import Act, with_leave
from .reversal import ReversalDialog
from .sale_words import line_story, line_words, sale_header, undone_words
from .searching import SearchDialog

if TYPE_CHECKING:
    from boxoffice.house import House

ROW_COLUMNS = 34

Done = TypeVar("Done")


class SalesSearch(SearchDialog[ExchangeWish | None, SaleSummary], KnowsCustomers):
    """Sales as one types, the latest first; Enter on one opens what can be done with it.

    In the list, ↩ marks a reversal, ✗ a sale of which nothing is left to reverse.
    """

    HELP = later(
        "Tapez le numéro d'une vente ou d'un billet, un montant (23,50), une heure (18:42), un client, un "
        "caissier (par Chloé), ou la fin de la référence d'un règlement par carte ; ou scannez un billet. Un "
        "jour (22/11, hier) se tape seul ou avec le reste : « hier 18h », « 22/11 Moreau »."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f6,ctrl+e",
            "reverse",
            later("Annuler"),
            id="search.reverse",
            tooltip=later("Annule la vente choisie"),
        ),
        Binding(
            "f8",
            "credit",
            later("Avoir"),
            id="search.credit",
            tooltip=later("Transforme des places de la vente choisie en avoir"),
        ),
    ]
    DEFAULT_CSS = """
    SalesSearch #search-found { width: 37; }
    """

    def __init__(self, house: "House", desk: Desk, text: str = "") -> None:
        """`text` is looked for at once: the code of a ticket just scanned, for instance."""
        placeholder = _("N°, montant, heure, jour (22/11), client, caissier, fin de carte ; scan")
        super().__init__(house, _("Retrouver une vente"), placeholder, text)
        self._desk = desk

    def nothing(self) -> None:
        return None

    def keys(self) -> Sequence[tuple[str, str]]:
        return (
            ("enter", _("Entrée que faire")),
            ("down", _("↑ ↓ choisir")),
            ("f6", _("F6 annuler")),
            ("f8", _("F8 avoir")),
            ("escape", _("Échap fermer")),
        )

    # -- finding

    def look_for(self, text: str) -> tuple[SaleSummary, ...]:
        with self._house.database.read() as session:
            return find_sales(session, text, today=self._house.today(), index=self._index)

    def doubt(self) -> str:
        """A name that is only a little like the one typed is nobody's choice before it is made."""
        return _("Aucun nom exact, peut-être :") if self._found and self._found[0].far else ""

    def row(self, found: SaleSummary) -> Content:
        at = say(found.at, "HH:mm" if self._house.is_today(found.at) else "d MMM HH:mm", spoken())
        mark = "↩" if found.reverses else " " if found.can_be_reversed else "✗"
        left, total = f"{mark} {found.operation} {at} ", format_euros(found.total_cents)
        row = left.ljust(ROW_COLUMNS - len(total)) + total
        return Content(row) if found.can_be_reversed else Content.styled(row, "dim")

    def about(self, chosen: SaleSummary | None) -> str:
        if chosen is None and self._found:
            return _("↓ choisit parmi ces ventes.")
        if chosen is None:
            return _("Aucune vente ne correspond.") if self._sought else _("Aucune vente encore.")
        lines = [sale_header(chosen, self._house), chosen.till_name]
        if chosen.kind is SaleKind.REVERSAL:
            lines.append(_("Annule la vente {operation}.").format(operation=chosen.reverses))
        elif chosen.kind is SaleKind.CREDIT_NOTE:
            lines.append(_("Reprend des places de la vente {operation}.").format(operation=chosen.reverses))
        lines += ["", *(line_story(line) for line in chosen.lines), ""]
        lines += [f"{means.label_of(code)}  {format_euros(cents)}" for code, cents in chosen.payments]
        return "\n".join(lines)

    # -- acting

    def act(self) -> None:
        """Offer what can be done with the chosen sale."""
        sale = self.chosen
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
        elif sale.kind is SaleKind.CREDIT_NOTE:
            acts.append((_("Réimprimer l'avoir"), lambda: self._reprint_slip(sale, DocumentKind.CREDIT_NOTE)))
        else:
            acts.append((_("Réimprimer le coupon de gestion"), lambda: self._reprint_slip(sale)))
        if any(line.state is LineState.SOLD for line in tickets) and sale.kind is SaleKind.SALE:
            acts.append((_("Transformer en avoir"), self.action_credit))
            acts.append((_("Échanger contre d'autres places"), lambda: self._exchange(sale)))

        def answered(index: int | None) -> None:
            if index is not None:
                acts[index][1]()

        title = sale_header(sale, self._house)
        self.app.push_screen(Choose(title, [Thing(label) for label, _act in acts]), answered)

    def action_reverse(self) -> None:
        sale = self.chosen
        if sale is None:
            return

        def answered(done: CompletedReversal | None) -> None:
            if done is not None:
                words = _("Vente {operation} annulée.").format(operation=sale.operation)
                self.notify(undone_words(done), title=words, markup=False, timeout=15)
            self.look()

        self.app.push_screen(ReversalDialog(self._house, self._desk, sale.id), answered)

    def action_credit(self) -> None:
        sale = self.chosen
        if sale is None or sale.kind is not SaleKind.SALE:
            return

        def answered(words: str | None) -> None:
            if words:
                self.notify(words, markup=False, timeout=10)
            self.look()

        self.app.push_screen(AskCredit(self._house, self._desk, sale), answered)

    def _exchange(self, sale: SaleSummary) -> None:
        """Leave for the counter with the seats that come back, those that still stand."""
        seats = [
            line
            for line in sale.lines
            if line.ticket_number and line.state is LineState.SOLD and line.credit is not CreditState.PENDING
        ]

        def chosen(returned: tuple[SoldLine, ...] | None) -> None:
            if returned:
                self.dismiss(ExchangeWish(sale.id, sale.operation, returned))

        if len(seats) == 1:
            chosen(tuple(seats))
        elif seats:
            self.app.push_screen(ChooseReturned(seats), chosen)
        else:
            self.say_wrong(Refusal(_("Une demande de reprise est en cours pour ces places.")))

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
        def copy(authorized_by: int | None) -> int:
            with self._house.database.write() as session:
                for ticket in tickets:
                    reprinting.reprint(
                        session,
                        self._desk,
                        DocumentKind.TICKET,
                        sale_id=sale.id,
                        position=ticket.position,
                        clock=self._house.clock,
                        authorized_by=authorized_by,
                    )
            return len(tickets)

        self._act(
            sale,
            copy,
            lambda count: plural("{count} duplicata demandé.", "{count} duplicatas demandés.", count).format(
                count=count
            ),
        )

    def _print_receipt(self, sale: SaleSummary) -> None:
        def order(authorized_by: int | None) -> int:
            with self._house.database.write() as session:
                return reprinting.request_receipt(
                    session, self._desk, sale.id, clock=self._house.clock, authorized_by=authorized_by
                )

        self._act(sale, order, _receipt_words)

    def _reprint_slip(self, sale: SaleSummary, document: DocumentKind = DocumentKind.REVERSAL_SLIP) -> None:
        def copy(authorized_by: int | None) -> int:
            with self._house.database.write() as session:
                return reprinting.reprint(
                    session,
                    self._desk,
                    document,
                    sale_id=sale.id,
                    clock=self._house.clock,
                    authorized_by=authorized_by,
                )

        said = _("Coupon de gestion demandé, marqué DUPLICATA.")
        if document is DocumentKind.CREDIT_NOTE:
            said = _("Avoir demandé, marqué DUPLICATA.")
        self._act(sale, copy, lambda _number: said)

    def _act(
        self, sale: SaleSummary, act: Callable[[int | None], Done], words: Callable[[Done], str]
    ) -> None:
        def order(authorized_by: int | None) -> Done:
            done = act(authorized_by)
            self._house.wake_printers()
            return done

        def tell(done: Done) -> None:
            self.say_wrong()
            self.say_done(words(done))

        about = _("Vente {operation}, {total}").format(
            operation=sale.operation, total=format_euros(sale.total_cents)
        )
        told = Act(JournalKind.DOCUMENT_REPRINTED, about)
        with_leave(self, self._house, told, order, tell, self.say_wrong)


def _receipt_words(copy_number: int) -> str:
    if copy_number:
        return _("Reçu demandé : duplicata n° {number}.").format(number=copy_number)
    return _("Reçu demandé.")
