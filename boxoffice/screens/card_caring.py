"""What befalls a gift card or place card: printed, sent, kept in a wallet, blocked, replaced."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from textual.screen import Screen

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action, JournalKind, PassTrouble, StoredValueState
from boxoffice.language import _
from boxoffice.printing import gift_pdf
from boxoffice.printing.erasing import leave_no_trace
from boxoffice.private_file import written_aside
from boxoffice.sales.basket import Basket
from boxoffice.sales.people.customers import FoundCustomer
from boxoffice.sales.prints.letterhead import read_letterhead
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.vouchers import card_care, card_view, value_papers
from boxoffice.sales.vouchers.card_care import (
    BlockCard,
    LengthenCard,
    ReplaceCard,
    ReplacedCard,
    UnblockCard,
)
from boxoffice.sales.vouchers.card_view import CardView
from boxoffice.sales.vouchers.wallet import PutInWallet, put_in_wallet

from . import errands
from .caring import REPLACING, ask_trouble, offer_acts
from .choosing import Choose, Thing
from .customer_search import CustomerSearch, NewCustomer, SearchAnswer
from .dialogs import Confirm, RefusalDialog
from .lengthening import ask_lengthening
from .manager_pin import Authorization
from .permitting import Act, ask_leave, left_to_role

if TYPE_CHECKING:
    from boxoffice.house import House

Done = TypeVar("Done")

BLOCKING = (PassTrouble.LOST, PassTrouble.STOLEN, PassTrouble.OTHER)


class CardCare:
    """Does things to a card for a screen, one at a time, and has it shown as it has become."""

    def __init__(
        self,
        screen: Screen[Any],
        house: "House",
        desk: Desk,
        basket: Basket,
        renewed: Callable[[CardView], None],
        say: Callable[[str], None],
        refused: Callable[[Refusal], None],
    ) -> None:
        self._screen, self._house, self._desk, self._basket = screen, house, desk, basket
        self._renewed, self._say, self._refused = renewed, say, refused
        self._at_work = False

    # -- on paper and as a file

    def print_paper(self, card: CardView) -> None:
        """Order the paper of a card; a copy of what may pay already is asked about first."""
        if not card.has_paper:
            self._refused(
                Refusal(
                    _("Cette carte a été imprimée ailleurs."),
                    _("Remplacez-la pour en imprimer une d'ici."),
                )
            )
        elif card.copies is None:
            self._print(card)
        else:
            question = Confirm(
                _("Imprimer une copie de {label} {code} ?").format(label=card.label, code=card.masked),
                _("Elle sera marquée DUPLICATA : la carte et sa copie ont la même valeur, une seule fois."),
                yes=_("Imprimer une copie"),
                no=_("Renoncer"),
            )
            self._screen.app.push_screen(question, lambda yes: self._print(card) if yes else None)

    def _print(self, card: CardView) -> None:
        def order() -> None:
            with self._house.database.write() as session:
                value_papers.print_papers(session, self._desk, [card.value_id], clock=self._house.clock)
            self._house.wake_printers()

        said = _("Carte demandée.") if card.copies is None else _("Copie demandée, marquée DUPLICATA.")
        self._do(card.value_id, order, lambda _done: self._say(said))

    def export(self, card: CardView) -> None:
        """Write a gift card as a PDF, and tell where."""
        if not card.is_gift:
            self._refused(Refusal(_("Seule une carte cadeau s'envoie en PDF."), _("I imprime cette carte.")))
            return
        house = self._house

        def write() -> Path:
            with written_aside(house.settings.exports_folder) as aside:
                with house.database.write() as session:
                    paper = value_papers.export_gift_card(
                        session, self._desk, card.value_id, read_letterhead(session), clock=house.clock
                    )
                    unfinished = gift_pdf.write_pdf(paper, aside.unfinished, house.clock.now())
                return aside.publish(unfinished)[0]

        def tell(path: Path) -> None:
            words = _("{path}\nQui a ce fichier peut payer : effacez-le une fois envoyé.").format(path=path)
            self._screen.app.push_screen(RefusalDialog(Refusal(_("Le PDF est prêt."), words)))

        self._do(card.value_id, write, tell)

    # -- in a wallet

    def choose_wallet(self, card: CardView) -> None:
        """Put a card into a wallet, most likely of the customer named on the basket, or take it out."""
        acts: list[tuple[Thing, Callable[[], None]]] = []
        named, name = self._basket.customer_id, self._basket.customer_name
        if named is not None and named != card.customer_id:
            acts.append((Thing(_("Client du panier"), name), lambda: self._put(card, named, name)))
        acts.append((Thing(_("Autre client"), _("le chercher")), lambda: self._search(card)))
        if card.customer_id is not None:
            out = Thing(_("Retirer"), _("du portefeuille de {name}").format(name=card.customer_name))
            acts.append((out, lambda: self._put(card, None, "")))
        if len(acts) == 1:
            self._search(card)
            return

        def chosen(place: int | None) -> None:
            if place is not None:
                acts[place][1]()

        title = _("Portefeuille : {label} {code}").format(label=card.label, code=card.masked)
        self._screen.app.push_screen(Choose(title, [thing for thing, _act in acts]), chosen)

    def _search(self, card: CardView) -> None:
        def found(answer: SearchAnswer) -> None:
            match answer:
                case FoundCustomer(id=customer_id, details=details):
                    self._put(card, customer_id, details.name)
                case NewCustomer():
                    self._refused(
                        Refusal(_("Ce client n'a pas encore de fiche."), _("F3 au guichet l'inscrit."))
                    )

        title = _("{label} {code} : dans quel portefeuille ?").format(label=card.label, code=card.masked)
        self._screen.app.push_screen(CustomerSearch(self._house, title=title), found)

    def _put(self, card: CardView, customer_id: UUID | None, name: str) -> None:
        command = PutInWallet(card.value_id, customer_id, before=card.customer_id)

        def put() -> None:
            self._house.database.attempt(
                lambda session: put_in_wallet(session, command, self._desk, clock=self._house.clock)
            )

        said = _("Carte retirée du portefeuille.")
        if customer_id is not None:
            said = _("Carte rangée dans le portefeuille de {name}.").format(name=name)
        self._do(card.value_id, put, lambda _done: self._say(said))

    # -- blocked, replaced

    def offer(self, card: CardView) -> None:
        """Ask what is to be done with a card."""
        if card.state is StoredValueState.CANCELLED:
            self._refused(Refusal(card.trouble, _("Sa vente a été annulée : il faut en vendre une autre.")))
            return
        serving = (
            (_("Débloquer"), _("elle sert de nouveau"), self._unblock)
            if card.state is StoredValueState.BLOCKED
            else (_("Bloquer"), _("perdue ou volée"), self._ask_why_blocked)
        )
        acts = (
            serving,
            (_("Remplacer"), _("nouveau code, même valeur"), self._ask_why_replaced),
            (_("Prolonger"), _("jusqu'à une autre date"), self._ask_until_when),
        )

        words = (_("Effacer les mots"), _("ce qu'elle dit, et à qui"), self._ask_to_forget_words)
        offer_acts(
            self._screen, f"{card.label} {card.masked}", (*acts, words) if card.is_gift else acts, card
        )

    def _ask_why_blocked(self, card: CardView) -> None:
        ask_trouble(
            self._screen,
            _("Bloquer la carte : pourquoi ?"),
            BLOCKING,
            lambda trouble, note: self._block(BlockCard(card.value_id, trouble, note)),
            in_words=_("Pourquoi bloquer la carte ? N'écrivez aucun nom."),
        )

    def _block(self, command: BlockCard) -> None:
        def block() -> None:
            self._house.database.attempt(
                lambda session: card_care.block(session, command, self._desk, clock=self._house.clock)
            )

        said = _("Carte bloquée : elle ne paie plus rien.")
        self._do(command.value_id, block, lambda _done: self._say(said))

    def _unblock(self, card: CardView) -> None:
        self._unblock_by(UnblockCard(card.value_id), card.masked)

    def _unblock_by(self, command: UnblockCard, masked: str) -> None:
        def unblock() -> None:
            self._house.database.attempt(
                lambda session: card_care.unblock(session, command, self._desk, clock=self._house.clock)
            )

        def again(leave: Authorization) -> None:
            self._unblock_by(replace(command, authorized_by=leave.manager.id), masked)

        said = _("Carte débloquée : elle sert de nouveau.")
        act = f"{JournalKind.VALUE_UNBLOCKED} {masked}"
        self._do(command.value_id, unblock, lambda _done: self._say(said), again, act=act)

    def _ask_why_replaced(self, card: CardView) -> None:
        ask_trouble(
            self._screen,
            _("Remplacer la carte : pourquoi ?"),
            REPLACING,
            lambda trouble, _note: self._replace(ReplaceCard(card.value_id, card.masked, trouble)),
        )

    def _replace(self, command: ReplaceCard) -> None:
        def renew() -> ReplacedCard:
            return self._house.database.attempt(
                lambda session: card_care.replace(session, command, self._desk, clock=self._house.clock)
            )

        def renewed(_card: ReplacedCard) -> None:
            self._say(_("Carte remplacée : l'ancien code ne paie plus rien."))
            self._print_replaced(command.value_id)

        def again(leave: Authorization) -> None:
            self._replace(replace(command, authorized_by=leave.manager.id))

        act = f"{JournalKind.VALUE_REPLACED} {command.masked}"
        self._do(command.value_id, renew, renewed, again, act=act)

    def _print_replaced(self, value_id: UUID) -> None:
        def order() -> None:
            with self._house.database.write() as session:
                value_papers.print_papers(session, self._desk, [value_id], clock=self._house.clock)
            self._house.wake_printers()

        self._do(value_id, order, lambda _done: None)

    def _ask_until_when(self, card: CardView) -> None:
        ask_lengthening(self._screen, self._house, self._desk, card, self._lengthen, self._refused)

    def _lengthen(self, command: LengthenCard) -> None:
        def lengthen() -> None:
            self._house.database.attempt(
                lambda session: card_care.lengthen(session, command, self._desk, clock=self._house.clock)
            )

        said = _("Carte prolongée ; celle du client porte encore l'ancienne date.")
        self._do(command.value_id, lengthen, lambda _done: self._say(said))

    def _ask_to_forget_words(self, card: CardView) -> None:
        """Erase what a gift card says at the wish of whom it names, once somebody answers for it."""

        def forget(leave: Authorization) -> None:
            post, clock = self._house.post, self._house.clock

            def work() -> bool:
                forgot = self._house.database.attempt(
                    lambda session: card_care.forget_words(
                        session, card.value_id, post, manager=leave.manager, clock=clock
                    )
                )
                leave_no_trace(self._house.database, self._house.settings)
                return forgot

            self._do(card.value_id, work, told)

        def told(forgot: bool) -> None:
            self._say(
                _("Mots effacés ; la carte paie toujours.") if forgot else _("Cette carte ne dit rien.")
            )

        def answered(yes: bool | None) -> None:
            if yes:
                words = Refusal(
                    _("Un responsable efface ce que dit la carte {code}.").format(code=card.masked)
                )
                left_to = left_to_role(self._desk, Action.ERASE_CUSTOMERS)
                act = Act(f"{JournalKind.VALUE_WORDS_FORGOTTEN} {card.masked}", left_to=left_to)
                ask_leave(self._screen, self._house, act, words, forget, self._refused)

        question = _("{label} {code} : effacer ce qu'elle dit ?").format(label=card.label, code=card.masked)
        detail = _("Pour qui, de la part de qui et le message disparaissent d'ici pour toujours.")
        self._screen.app.push_screen(Confirm(question, detail, yes=_("Effacer")), answered)

    # -- one thing at a time

    def _do(
        self,
        value_id: UUID,
        act_upon: Callable[[], Done],
        then: Callable[[Done], None],
        again: Callable[[Authorization], None] | None = None,
        *,
        act: str = "",
    ) -> None:
        """Do something to a card and show it as it has become; `again` does it with a manager's leave.

        `act` names in the journal what a manager then allows. A key pressed meanwhile does nothing.
        """
        if self._at_work:
            return
        self._at_work = True

        def work() -> tuple[Done, CardView]:
            done = act_upon()
            with self._house.database.read() as session:
                return done, card_view.read_card(session, value_id, self._desk, clock=self._house.clock)

        def shown(answer: tuple[Done, CardView]) -> None:
            self._at_work = False
            done, became = answer
            self._renewed(became)
            then(done)

        def refused(refusal: Refusal) -> None:
            self._at_work = False
            if isinstance(refusal, ManagerNeeded) and again is not None:
                about = _("Carte {code}").format(code=act.partition(" ")[2])
                ask_leave(self._screen, self._house, Act(act, about), refusal, again, self._refused)
            else:
                self._refused(refusal)

        errands.send(self._screen, work, shown, refused)
