"""What a customer or a manager may ask of a customer's data: copied, merged with those of another, erased."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _
from boxoffice.private_file import written_aside
from boxoffice.sales.people import customer_changes, customer_copy
from boxoffice.sales.people.customers import FoundCustomer
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.operators import StaffMember

from .customer_search import CustomerSearch, SearchAnswer
from .customer_words import detail_lines
from .dialogs import Confirm, Dialog, RefusalDialog
from .erasing_customer import erase_customer
from .permitting import Act, ask_leave, left_to_role
from .told_path import Written

if TYPE_CHECKING:
    from boxoffice.house import House


class CustomerData:
    """Asks over a card, which is told what to say once a merger is done, and closed by an erasure.

    `do` has one thing done at a time, then calls with what came of it.
    """

    def __init__(
        self,
        card: Dialog[Any],
        house: "House",
        desk: Desk,
        customer: FoundCustomer,
        do: Callable[[Callable[[], Any], Callable[[Any], None]], None],
        read_again: Callable[[str], None],
    ) -> None:
        self._card, self._house, self._desk, self._customer = card, house, desk, customer
        self._do, self._read_again = do, read_again

    def copy(self) -> None:
        """Have all that is known of the customer written to files."""

        def copy() -> Path:
            house, desk = self._house, self._desk
            with written_aside(house.settings.copies_folder) as aside:
                with house.database.write() as session:
                    record = customer_copy.export_customer(
                        session,
                        self._customer.id,
                        house.post,
                        operator_number=desk.operator_number,
                        clock=house.clock,
                    )
                    copies = customer_copy.write_copy(record, aside.unfinished, house.clock.now())
                return aside.publish(*copies)[1]

        def tell(page: Path) -> None:
            more = _("Et à côté, le même nom en .json.")
            self._card.app.push_screen(Written(_("La copie est prête."), page, more))

        self._do(copy, tell)

    def search_other(self) -> None:
        """Ask which other card is of the same customer."""

        def answered(answer: SearchAnswer) -> None:
            if isinstance(answer, FoundCustomer):
                self.propose_merge(answer)

        title = _("Quelle autre fiche est celle de {name} ?").format(name=self._customer.details.name)
        self._card.app.push_screen(
            CustomerSearch(self._house, title=title, double_of=self._customer), answered
        )

    def propose_merge(self, other: FoundCustomer) -> None:
        """Ask whether another card is to become this one, then a manager."""
        if other.id == self._customer.id:
            self._card.say_wrong(_("C'est cette fiche même : choisissez l'autre."))
            return
        lines = "\n".join(
            _("{field} : {value}").format(field=field, value=" · ".join(detail_lines(details)))
            for field, details in ((_("Gardée"), self._customer.details), (_("Fusionnée"), other.details))
        )
        question = _("Fusionner les deux fiches ? Pass, réservations et achats seront réunis.")

        def answered(yes: bool | None) -> None:
            if yes:
                self._ask_manager(
                    _("Un responsable fusionne {other} avec {name}.").format(
                        other=other.details.name, name=self._customer.details.name
                    ),
                    f"{JournalKind.CUSTOMER_MERGED} {other.id}",
                    Action.MERGE_CUSTOMERS,
                    partial(self._merge, other.id),
                )

        self._card.app.push_screen(Confirm(question, lines), answered)

    def _merge(self, other_id: UUID, manager: StaffMember) -> None:
        def merge() -> FoundCustomer:
            return self._house.database.attempt(
                lambda session: customer_changes.merge_customers(
                    session,
                    other_id,
                    self._customer.id,
                    self._desk,
                    manager_id=manager.id,
                    clock=self._house.clock,
                )
            )

        self._do(merge, lambda _kept: self._read_again(_("Les deux fiches n'en font plus qu'une.")))

    def ask_erasure(self) -> None:
        """Ask whether everything is to go, then a manager."""
        detail = _(
            "Son nom, ses coordonnées et les papiers imprimés ici disparaissent pour toujours. Les ventes "
            "restent, sans nom ; ses pass aussi, et qui les présente ne peut plus être reconnu."
        )

        def answered(yes: bool | None) -> None:
            if yes:
                self._ask_manager(
                    _("Un responsable efface toutes les données de {name}.").format(
                        name=self._customer.details.name
                    ),
                    f"{JournalKind.CUSTOMER_ERASED} {self._customer.id}",
                    Action.ERASE_CUSTOMERS,
                    partial(self._erase, self._customer.id),
                )

        question = _("{name} : effacer toutes ses données ?").format(name=self._customer.details.name)
        self._card.app.push_screen(Confirm(question, detail, yes=_("Effacer")), answered)

    def _erase(self, customer_id: UUID, manager: StaffMember) -> None:
        def erased(left: Refusal | None) -> None:
            self._card.dismiss(None)
            if left is None:
                self._card.app.notify(_("Il ne reste rien de ce client."), markup=False, timeout=6)
            else:
                self._card.app.push_screen(RefusalDialog(left))

        self._do(lambda: erase_customer(self._house, customer_id, manager), erased)

    def _ask_manager(
        self, words: str, act: str, action: Action, allowed: Callable[[StaffMember], None]
    ) -> None:
        """Have a manager's PIN typed in place, unless it is left to who is here, then go on."""
        left_to = left_to_role(self._desk, action)
        ask_leave(
            self._card,
            self._house,
            Act(act, left_to=left_to),
            Refusal(words),
            lambda leave: allowed(leave.manager),
            self._card.say_wrong,
        )
