"""A gift card or place card, opened by a scan: what is left on it, its history, and what is done with it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from boxoffice.errors import Refusal
from boxoffice.language import _, later
from boxoffice.sales.basket import Basket
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.vouchers import card_view
from boxoffice.sales.vouchers.card_view import CardView
from boxoffice.sales.vouchers.place_cards import SurnameNeeded

from . import errands
from .asking_codes import AskCode
from .card_caring import CardCare
from .card_words import facts_words, ledger_row, left_words, wallet_words
from .dialogs import Dialog, keys_line, leave_scanned
from .rows import Rows

if TYPE_CHECKING:
    from boxoffice.house import House

BOX, AROUND_ROWS = 84, 6


class CardScreen(Dialog[UUID | None]):
    """A card and its history; the answer is the customer whose wallet is wanted, if it is."""

    HELP = later(
        "Ce qui reste sur la carte, jusqu'à quand, et tout ce qui lui est arrivé. I imprime une copie, E "
        "écrit un PDF à envoyer, A la range dans le portefeuille d'un client. B bloque une carte perdue tout "
        "de suite ; un responsable la débloque, la remplace, la prolonge, ou efface ce que dit une carte "
        "cadeau. Elle paie au règlement, scannée ou tapée."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "i",
            "print",
            later("Imprimer"),
            id="card.print",
            tooltip=later("Imprime la carte ; une copie est marquée DUPLICATA"),
        ),
        Binding(
            "e",
            "export",
            later("Envoyer"),
            id="card.export",
            tooltip=later("Écrit la carte cadeau en PDF, à envoyer par e-mail"),
        ),
        Binding(
            "a",
            "wallet",
            later("Portefeuille"),
            id="card.wallet",
            tooltip=later("Met la carte dans le portefeuille d'un client, ou l'en retire"),
        ),
        Binding(
            "b",
            "care",
            later("Gérer"),
            id="card.care",
            tooltip=later("Bloque, débloque, remplace ou prolonge la carte, efface ce qu'elle dit"),
        ),
        Binding(
            "f3,ctrl+n",
            "holder",
            later("Fiche"),
            id="card.holder",
            tooltip=later("Ouvre la fiche du client dont c'est le portefeuille"),
        ),
        Binding("up", "move(-1)", later("Monter"), id="card.up", tooltip=later("Le mouvement au-dessus")),
        Binding(
            "down", "move(1)", later("Descendre"), id="card.down", tooltip=later("Le mouvement en dessous")
        ),
    ]
    OPENED_BY_SCANS = True
    DEFAULT_CSS = """
    CardScreen {
        align: left middle;
        .dialog { width: 84; max-width: 100%; height: 100%; padding: 0 1; }
        #card-name { text-style: bold; height: auto; }
        #card-left { text-style: bold; height: auto; color: $text-accent; margin-top: 1; }
        #card-facts, #card-wallet { height: auto; }
        #card-facts { color: $text-muted; }
        #card-trouble { height: auto; color: $text-warning; text-style: bold; }
        Rows { height: 1fr; margin-top: 1; scrollbar-size-vertical: 1; }
        Rows > .option-list--option-highlighted {
            background: $primary 30%; color: $foreground; text-style: bold;
        }
        .dialog-wrong { margin-top: 0; }
        .dialog-keys { margin-top: 0; }
    }
    """

    def __init__(self, house: "House", desk: Desk, shown: CardView, basket: Basket) -> None:
        """`basket` may name the customer whose wallet the card is likely to go into."""
        super().__init__()
        self._house, self._card = house, shown
        self._care = CardCare(self, house, desk, basket, self._renew, self._tell, self.say_wrong)
        self._rows_shown_in = 0

    def compose_question(self) -> ComposeResult:
        yield Static("", id="card-name", markup=False)
        yield Static("", id="card-left", markup=False)
        yield Static("", id="card-facts", markup=False)
        yield Static("", id="card-wallet", markup=False)
        yield Static("", id="card-trouble", markup=False)
        rows = Rows(markup=False, compact=True)
        rows.can_focus = False
        yield rows
        yield from self.foot(
            ("i", _("I imprimer")),
            *([("e", _("E envoyer (PDF)"))] if self._card.is_gift else []),
            ("a", _("A portefeuille")),
            ("b", _("B bloquer, remplacer")),
        )
        yield keys_line(("f3", _("F3 fiche du client")), ("escape", _("Échap fermer")))

    def on_mount(self) -> None:
        self._renew(self._card)

    def on_resize(self, event: Any) -> None:
        super().on_resize(event)
        if self._room != self._rows_shown_in:
            self._show_rows()

    def nothing(self) -> None:
        return None

    # -- what is shown

    def _renew(self, card: CardView) -> None:
        """Show the card as it has become."""
        self._card = card
        for name, words in (
            ("#card-name", f"{card.label} · {card.masked}"),
            ("#card-left", left_words(card)),
            ("#card-facts", facts_words(card)),
            ("#card-wallet", wallet_words(card)),
            ("#card-trouble", card.trouble),
        ):
            shown = self.query_one(name, Static)
            shown.update(words)
            shown.display = bool(words)
        self._show_rows()

    def _show_rows(self) -> None:
        rows = self.query_one(Rows)
        stood = rows.highlighted or 0
        self._rows_shown_in = self._room
        with self.prevent(OptionList.OptionHighlighted):
            rows.set_options(
                [Option(ledger_row(row, self._card.kind, self._room)) for row in self._card.ledger]
            )
            rows.highlighted = min(stood, len(self._card.ledger) - 1) if self._card.ledger else None

    @property
    def _room(self) -> int:
        """The columns of a row: those of the box, its edges and a scroll bar left out."""
        return max(min(BOX, self.app.size.width) - AROUND_ROWS, 40)

    # -- keys

    def action_move(self, by: int) -> None:
        rows = self.query_one(Rows)
        if self._card.ledger:
            rows.highlighted = min(max((rows.highlighted or 0) + by, 0), len(self._card.ledger) - 1)

    def action_print(self) -> None:
        self._care.print_paper(self._card)

    def action_export(self) -> None:
        self._care.export(self._card)

    def action_wallet(self) -> None:
        self._care.choose_wallet(self._card)

    def action_care(self) -> None:
        self._care.offer(self._card)

    def action_holder(self) -> None:
        if self._card.customer_id is None:
            self.say_wrong(Refusal(wallet_words(self._card), _("A l'y met.")))
        else:
            self.dismiss(self._card.customer_id)

    def _tell(self, words: str) -> None:
        self.say_wrong()
        self.notify(words, markup=False, timeout=4)


def open_card_view(
    screen: Screen[Any],
    house: "House",
    desk: Desk,
    text: str,
    basket: Basket,
    ask_holder: Callable[[UUID], None],
    found: Callable[[CardView], None],
    refused: Callable[[Refusal], None],
) -> None:
    """Open a card by its scanned code, in place of the one that is open.

    `found` is told which it is; `ask_holder` opens the card of the customer who keeps it.
    """

    def look_up(surname: str | None) -> CardView:
        return _find(house, desk, text, surname)

    def not_found(refusal: Refusal) -> None:
        if isinstance(refusal, SurnameNeeded):
            _ask_surname(screen, refusal, look_up, show)
        else:
            refused(refusal)

    def show(card: CardView) -> None:
        found(card)
        _show_card(screen, house, desk, card, basket, ask_holder)

    errands.send(screen, lambda: look_up(None), show, not_found)


def ask_for_card(
    screen: Screen[Any],
    house: "House",
    desk: Desk,
    basket: Basket,
    ask_holder: Callable[[UUID], None],
) -> None:
    """Open a card by its code or number, typed."""

    def look_up(text: str) -> CardView | tuple[str, SurnameNeeded]:
        try:
            return _find(house, desk, text, None)
        except SurnameNeeded as needed:
            return text, needed

    def answered(found: CardView | tuple[str, SurnameNeeded] | None) -> None:
        match found:
            case CardView():
                show(found)
            case (text, needed):
                _ask_surname(screen, needed, lambda surname: _find(house, desk, text, surname), show)

    def show(card: CardView) -> None:
        _show_card(screen, house, desk, card, basket, ask_holder)

    hint = _("Le code d'une carte cadeau, ou le numéro d'une carte de places ; ou scannez-la.")
    screen.app.push_screen(AskCode(_("Vérifier une carte"), hint, look_up), answered)


def _ask_surname(
    screen: Screen[Any],
    needed: SurnameNeeded,
    look_up: Callable[[str], CardView],
    show: Callable[[CardView], None],
) -> None:
    """Ask for the name that a nominative card serves with."""

    def answered(found: CardView | None) -> None:
        if found is not None:
            show(found)

    screen.app.push_screen(AskCode(needed.message, needed.remedy, look_up, placeholder=""), answered)


def _find(house: "House", desk: Desk, text: str, surname: str | None) -> CardView:
    return house.database.attempt(
        lambda session: card_view.find_card(session, text, desk, clock=house.clock, surname=surname)
    )


def _show_card(
    screen: Screen[Any],
    house: "House",
    desk: Desk,
    card: CardView,
    basket: Basket,
    ask_holder: Callable[[UUID], None],
) -> None:
    def answered(customer_id: UUID | None) -> None:
        if customer_id is not None:
            ask_holder(customer_id)

    leave_scanned(screen)
    screen.app.push_screen(CardScreen(house, desk, card, basket), answered)
