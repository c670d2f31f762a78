"""Ending a shift: the drawer counted, the other means told if they were, differences answered for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _
from boxoffice.money import format_euros
from boxoffice.sales.closings.papers_of_closings import print_deposit, print_handover
from boxoffice.sales.means import CARD, CHEQUE
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.staff.shift_closing import ShiftEnd, close_shift

from . import errands
from .cash_count import Counted, count_drawer
from .manager_pin import Authorization, ask_manager
from .short_form import Filled, Line, ShortForm

if TYPE_CHECKING:
    from boxoffice.house import House

End = Callable[[int | None, ShiftEnd, StaffMember | None], None]
"""Ends a shift with the cash counted in cents (None: nobody could), what is told, and who allows it."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A shift that was ended: the cash counted, None if nobody could, and what of it stays in the drawer."""

    counted_cents: int | None
    left_cents: int


class EndShift(ShortForm[Ended]):
    """What is told at the end of a shift beside the cash.

    `counted` None asks for the cash here too, and takes none: nobody can count the drawer any more.
    """

    def __init__(
        self,
        house: "House",
        operator_name: str,
        counted: Counted | None,
        end: End,
        *,
        allowed_by: StaffMember | None = None,
        reason: str = "",
    ) -> None:
        optional = _("facultatif")
        lines = [
            Line("card", _("Cartes bancaires"), is_amount=True, placeholder=optional),
            Line("cheque", _("Chèques"), is_amount=True, placeholder=optional),
            Line("deposit", _("À la banque"), is_amount=True, placeholder=_("pris du tiroir ; 0 sinon")),
            Line("reason", _("Motif d'un écart"), placeholder=_("sans aucun nom"), text=reason),
            Line("note", _("Pour la relève"), placeholder=_("ce que le suivant doit savoir"), longest=300),
        ]
        if counted is None:
            uncounted = _("rien : non compté")
            lines.insert(0, Line("cash", _("Espèces du tiroir"), is_amount=True, placeholder=uncounted))
            words = _("Comptez ce qui peut l'être ; ce qui ne l'est pas est dit sur le Z.")
        else:
            words = _("Tiroir compté : {total}.").format(total=format_euros(counted.cents))
        super().__init__(_("Fermer la session de {name}").format(name=operator_name), lines, words)
        self._house, self._counted, self._end = house, counted, end
        self._allowed_by = allowed_by
        self._at_work = False

    def filled(self, form: Filled) -> None:
        typed = {CARD.code: form.cents["card"], CHEQUE.code: form.cents["cheque"]}
        end = ShiftEnd(
            pieces=self._counted.pieces if self._counted else {},
            totals=_told(typed),
            deposit_cents=form.cents["deposit"] or 0,
            reason=form.texts["reason"],
            note=form.texts["note"],
        )
        cash = self._counted.cents if self._counted else form.cents["cash"]
        self._send(cash, end, self._allowed_by)

    def _send(self, cash: int | None, end: ShiftEnd, allowed_by: StaffMember | None) -> None:
        if self._at_work:
            return
        self._at_work = True

        def done(_ended: None) -> None:
            self._house.wake_printers()
            self.dismiss(Ended(cash, (cash or 0) - end.deposit_cents))

        def refused(refusal: Refusal) -> None:
            self._at_work = False
            if isinstance(refusal, ManagerNeeded):
                self._ask_manager(cash, end, refusal)
            else:
                self.say_wrong(refusal)

        errands.send(self, lambda: self._end(cash, end, allowed_by), done, refused)

    def _ask_manager(self, cash: int | None, end: ShiftEnd, refusal: Refusal) -> None:
        """Have a manager answer for a difference; their reason counts if none was written."""

        def allowed(leave: Authorization) -> None:
            self._send(cash, replace(end, reason=end.reason or leave.reason), leave.manager)

        act = JournalKind.TILL_CLOSED
        ask_manager(self, self._house, refusal, act, allowed, self.say_wrong, ask_reason=not end.reason)


def end_shift(
    screen: Screen[Any],
    house: "House",
    shift_id: int,
    operator_name: str,
    end: End,
    ended: Callable[[Ended], None],
    refused: Callable[[Refusal], None],
    *,
    allowed_by: StaffMember | None = None,
) -> None:
    """Have the drawer of a shift counted over `screen`, then the shift ended with what is told of it."""

    def counted(found: Counted) -> None:
        form = EndShift(house, operator_name, found, end, allowed_by=allowed_by)
        screen.app.push_screen(form, answered)

    def answered(found: Ended | None) -> None:
        if found is not None:
            ended(found)

    title = _("Fermer la session de {name}").format(name=operator_name)
    count_drawer(screen, house, title, shift_id, counted, refused)


def closing_of_shift(house: "House", member: StaffMember, shift_id: int) -> End:
    """Close a shift of this till by `member`, and order the papers that whoever comes next needs."""

    def close(cash: int | None, end: ShiftEnd, allowed_by: StaffMember | None) -> None:
        with house.database.write() as session:
            close_shift(
                session,
                house.post,
                member,
                shift_id,
                cash,
                clock=house.clock,
                authorized_by=allowed_by,
                end=end,
            )
            print_handover(session, house.post, shift_id, clock=house.clock)
            if end.deposit_cents:
                print_deposit(session, house.post, shift_id, clock=house.clock)

    return close


def _told(typed: Mapping[str, int | None]) -> dict[str, int]:
    return {means: cents for means, cents in typed.items() if cents is not None}
