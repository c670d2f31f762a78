"""What befalls a pass, from its cockpit: blocked, replaced, put in the right name, by the keys of a list."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from textual.screen import Screen

from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind, PassState, PassTrouble
from boxoffice.language import _
from boxoffice.sales.holders import pass_care
from boxoffice.sales.holders.cockpit import Cockpit
from boxoffice.sales.holders.pass_care import BlockPass, GivePass, ReplacePass, UnblockPass
from boxoffice.sales.people.customer_changes import CreateCustomer, create_customer
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.people.customers import FoundCustomer
from boxoffice.sales.staff.desk import Desk

from .caring import REPLACING, ask_trouble, offer_acts
from .customer_form import CustomerForm, FilledForm, FormAnswer
from .customer_search import CustomerSearch, NewCustomer, SearchAnswer
from .dialogs import Confirm
from .manager_pin import Authorization
from .pass_desk import PassDesk
from .pass_printing import PassPrinter

if TYPE_CHECKING:
    from boxoffice.house import House

BLOCKING = (PassTrouble.LOST, PassTrouble.STOLEN, PassTrouble.LENT, PassTrouble.OTHER)


class PassCare:
    """Offers what may be done with a pass beyond its bookings, and does it through its cockpit's desk."""

    def __init__(
        self,
        screen: Screen[Any],
        house: "House",
        desk: Desk,
        passes: PassDesk,
        printer: PassPrinter,
        refused: Callable[[Refusal], None],
    ) -> None:
        self._screen, self._house, self._desk = screen, house, desk
        self._passes, self._printer, self._refused = passes, printer, refused

    def offer(self, held: Cockpit) -> None:
        """Ask what is to be done with a pass."""
        if held.state is PassState.CANCELLED:
            self._refused(Refusal(held.obstacle, _("Sa vente a été annulée : il faut en vendre un autre.")))
            return
        serving = (
            (_("Débloquer"), _("il sert de nouveau"), self._unblock)
            if held.state is PassState.BLOCKED
            else (_("Bloquer"), _("perdu, volé : il n'ouvre plus rien"), self._ask_why_blocked)
        )
        acts = (
            serving,
            (_("Remplacer"), _("nouveau code, mêmes places"), self._ask_why_replaced),
            (_("Changer le titulaire"), _("au nom du bon client"), self._ask_holder),
        )

        offer_acts(self._screen, _("Pass {number}").format(number=held.number), acts, held)

    # -- blocked

    def _ask_why_blocked(self, held: Cockpit) -> None:
        ask_trouble(
            self._screen,
            _("Bloquer le pass : pourquoi ?"),
            BLOCKING,
            lambda trouble, note: self._block(BlockPass(held.pass_id, trouble, note)),
            in_words=_("Pourquoi bloquer le pass ? N'écrivez aucun nom."),
        )

    def _block(self, command: BlockPass) -> None:
        def block() -> None:
            self._house.database.attempt(
                lambda session: pass_care.block(session, command, self._desk, clock=self._house.clock)
            )

        self._passes.do(block, lambda _done: _("Pass bloqué : il n'ouvre plus rien."))

    def _unblock(self, held: Cockpit) -> None:
        self._unblock_by(UnblockPass(held.pass_id))

    def _unblock_by(self, command: UnblockPass) -> None:
        def unblock() -> None:
            self._house.database.attempt(
                lambda session: pass_care.unblock(session, command, self._desk, clock=self._house.clock)
            )

        def again(leave: Authorization) -> None:
            self._unblock_by(replace(command, authorized_by=leave.manager.id))

        said = _("Pass débloqué : il sert de nouveau.")
        self._passes.do(unblock, lambda _done: said, again, allowing=JournalKind.PASS_UNBLOCKED)

    # -- replaced

    def _ask_why_replaced(self, held: Cockpit) -> None:
        ask_trouble(
            self._screen,
            _("Remplacer le pass : pourquoi ?"),
            REPLACING,
            lambda trouble, _note: self._replace(
                ReplacePass(held.pass_id, held.code, trouble), held.holder or held.organisation
            ),
        )

    def _replace(self, command: ReplacePass, holder: str) -> None:
        def renew() -> str:
            return self._house.database.attempt(
                lambda session: pass_care.replace(session, command, self._desk, clock=self._house.clock)
            )

        def renewed() -> None:
            self._printer.print_badge(command.pass_id, holder, again=True)

        def again(leave: Authorization) -> None:
            self._replace(replace(command, authorized_by=leave.manager.id), holder)

        said = _("Pass remplacé : l'ancien code n'ouvre plus rien.")
        self._passes.do(renew, lambda _code: said, again, allowing=JournalKind.PASS_REPLACED, then=renewed)

    # -- in the right name

    def _ask_holder(self, held: Cockpit) -> None:
        title = _("Pass {number} : au nom de qui ?").format(number=held.number)

        def found(answer: SearchAnswer) -> None:
            match answer:
                case FoundCustomer(id=customer_id, details=details):
                    ask(GivePass(held.pass_id, customer_id), details, None)
                case NewCustomer(details=details):
                    form = CustomerForm(self._house, details, title=title)
                    self._screen.app.push_screen(form, filled)

        def filled(answer: FormAnswer) -> None:
            match answer:
                case FoundCustomer(id=customer_id, details=details):
                    ask(GivePass(held.pass_id, customer_id), details, None)
                case FilledForm(details=details, not_these=not_these):
                    new = CreateCustomer(uuid4(), details, not_these)
                    ask(GivePass(held.pass_id, new.customer_id), details, new)

        def ask(command: GivePass, details: CustomerDetails, new: CreateCustomer | None) -> None:
            question = _("Mettre le pass {number} au nom de {name} ?")
            self._screen.app.push_screen(
                Confirm(
                    question.format(number=held.number, name=details.name),
                    _("Ses places et ses réservations le suivent."),
                ),
                lambda yes: self._give(command, new) if yes else None,
            )

        self._screen.app.push_screen(CustomerSearch(self._house, title=title), found)

    def _give(self, command: GivePass, new: CreateCustomer | None) -> None:
        """Put the pass in a customer's name, who is written down first if nobody knew them."""
        clock = self._house.clock

        def give() -> None:
            def work(session: Any) -> None:
                if new is not None:
                    create_customer(session, new, self._desk, clock=clock)
                pass_care.give(session, command, self._desk, clock=clock)

            self._house.database.attempt(work)

        def again(leave: Authorization) -> None:
            self._give(replace(command, authorized_by=leave.manager.id), new)

        said = _("Le pass a changé de titulaire.")
        self._passes.do(give, lambda _done: said, again, allowing=JournalKind.PASS_GIVEN)
