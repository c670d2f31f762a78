"""Cash that moves without a sale: carried in, out or away from a full drawer; a drawer merely opened."""

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from textual.screen import Screen

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import CashKind, JournalKind
from boxoffice.language import _
from boxoffice.money import format_euros
from boxoffice.sales.closings.cash import MoveCash, move_cash, open_drawer
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.operators import StaffMember

from . import errands
from .choosing import Choose, Thing
from .manager_pin import Authorization
from .permitting import Act, ask_leave
from .short_form import Filled, Line, WorkingForm

if TYPE_CHECKING:
    from boxoffice.house import House


def carry_cash(screen: Screen[Any], house: "House", desk: Desk, say: Callable[[str], None]) -> None:
    """Ask what moves, then have it written down; `say` tells what was done."""
    kinds = (CashKind.IN, CashKind.OUT, CashKind.PICKUP)
    things = [
        Thing(_("Entrée d'espèces"), _("monnaie apportée, fond complété")),
        Thing(_("Sortie d'espèces"), _("dépense, achat")),
        Thing(_("Prélèvement"), _("vers le coffre")),
        Thing(_("Ouvrir le tiroir"), _("sans vente, avec un motif")),
    ]

    def chosen(place: int | None) -> None:
        if place is None:
            return
        form = OpenDrawer(house, desk) if place == len(kinds) else CarryCash(house, desk, kinds[place])
        screen.app.push_screen(form, lambda said: say(said) if said else None)

    screen.app.push_screen(Choose(_("Espèces et tiroir"), things), chosen)


class CarryCash(WorkingForm[str]):
    """How much, why, and in whose hands; the answer says what was written down."""

    LEADS_ON = True

    def __init__(self, house: "House", desk: Desk, kind: CashKind) -> None:
        titles = {
            CashKind.IN: _("Entrée d'espèces"),
            CashKind.OUT: _("Sortie d'espèces"),
            CashKind.PICKUP: _("Prélèvement"),
        }
        lines = [
            Line("amount", _("Montant"), is_amount=True, placeholder=_("par exemple 150")),
            Line("carrier", _("Porté par"), placeholder=_("prénom et nom de qui porte l'argent")),
        ]
        if kind is not CashKind.PICKUP:
            lines.append(Line("reason", _("Motif"), placeholder=_("pourquoi, sans aucun nom de client")))
        super().__init__(titles[kind], lines)
        self._house, self._desk, self._kind = house, desk, kind
        self._ids: defaultdict[tuple[int, str, str], UUID] = defaultdict(uuid4)

    def filled(self, form: Filled) -> None:
        amount = form.cents["amount"]
        if amount is None:
            self.say_wrong(_("Tapez le montant."))
            return
        carrier, reason = form.texts["carrier"], form.texts.get("reason", "")
        movement_id = self._ids[amount, carrier, reason]
        self._move(MoveCash(movement_id, self._kind, amount, carrier, reason), None)

    def _move(self, command: MoveCash, manager: StaffMember | None) -> None:
        if self.is_busy:
            return
        self.at_work = True

        def work() -> int:
            return self._house.database.attempt(
                lambda session: move_cash(
                    session, command, self._desk, clock=self._house.clock, authorized_by=manager
                )
            )

        def done(number: int) -> None:
            self._house.open_drawer()
            words = _("{what} n° {number} : {amount}, bordereau imprimé.")
            self.dismiss(
                words.format(what=self.title_text, number=number, amount=format_euros(command.amount_cents))
            )

        def refused(refusal: Refusal) -> None:
            self.at_work = False
            if isinstance(refusal, ManagerNeeded):
                self._ask_manager(command, refusal)
            else:
                self.say_wrong(refusal)

        errands.send(self, errands.and_print(self._house, work), done, refused)

    def _ask_manager(self, command: MoveCash, refusal: Refusal) -> None:
        def allowed(leave: Authorization) -> None:
            self._move(command, leave.manager)

        ask_leave(self, self._house, Act(JournalKind.CASH_MOVED), refusal, allowed, self.say_wrong)


class OpenDrawer(WorkingForm[str]):
    """Why the drawer is opened without a sale."""

    LEADS_ON = True

    def __init__(self, house: "House", desk: Desk) -> None:
        reason = Line("reason", _("Motif"), placeholder=_("faire de la monnaie, vérifier…"))
        super().__init__(_("Ouvrir le tiroir sans vente"), [reason])
        self._house, self._desk = house, desk

    def filled(self, form: Filled) -> None:
        self._open(form.texts["reason"], None)

    def _open(self, reason: str, manager: StaffMember | None) -> None:
        if self.is_busy:
            return
        self.at_work = True

        def work() -> None:
            with self._house.database.write() as session:
                open_drawer(session, self._desk, reason, clock=self._house.clock, authorized_by=manager)

        def done(_told: None) -> None:
            self._house.open_drawer()
            self.dismiss(_("Tiroir ouvert ; le journal le raconte."))

        def refused(refusal: Refusal) -> None:
            self.at_work = False
            if not isinstance(refusal, ManagerNeeded):
                self.say_wrong(refusal)
                return
            act = Act(JournalKind.DRAWER_OPENED, _("Motif : {reason}").format(reason=reason))
            ask_leave(
                self,
                self._house,
                act,
                refusal,
                lambda leave: self._open(reason, leave.manager),
                self.say_wrong,
            )

        errands.send(self, work, done, refused)
