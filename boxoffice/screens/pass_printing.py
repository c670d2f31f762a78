"""The papers of a pass, ordered from any screen: a badge printed before is copied only on purpose."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from textual.screen import Screen

from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.sales.holders import badges
from boxoffice.sales.holders.badges import PrintedBefore
from boxoffice.sales.staff.desk import PrintingDesk

from . import errands
from .dialogs import Confirm

if TYPE_CHECKING:
    from boxoffice.house import House


class PassPrinter:
    """Orders papers of passes for a screen, which is told what to say, or why nothing is printed."""

    def __init__(
        self,
        screen: Screen[Any],
        house: "House",
        desk: PrintingDesk,
        say: Callable[[str], None],
        refused: Callable[[Refusal], None],
    ) -> None:
        self._screen, self._house, self._desk = screen, house, desk
        self._say, self._refused = say, refused

    def print_badge(self, pass_id: UUID, holder: str, *, again: bool = False) -> None:
        """Order a badge; if it was printed before, tell when and by whom, and ask whether to copy it."""

        def order() -> int:
            copy = self._house.database.attempt(
                lambda session: badges.print_badge(
                    session, self._desk, pass_id, clock=self._house.clock, again=again
                )
            )
            self._house.wake_printers()
            return copy

        def ordered(copy: int) -> None:
            said = _("Badge de {name} demandé.")
            if copy:
                said = _("Badge de {name} demandé : duplicata n° {copy}.")
            self._say(said.format(name=holder, copy=copy))

        def refused(refusal: Refusal) -> None:
            if isinstance(refusal, PrintedBefore):
                question = Confirm(
                    refusal.message, refusal.remedy, yes=_("Imprimer une copie"), no=_("Renoncer")
                )
                self._screen.app.push_screen(question, answered)
            else:
                self._refused(refusal)

        def answered(yes: bool | None) -> None:
            if yes:
                self.print_badge(pass_id, holder, again=True)

        errands.send(self._screen, order, ordered, refused)

    def print_bookings(self, pass_id: UUID) -> None:
        """Order the list of what is booked on a pass."""

        def order() -> None:
            with self._house.database.write() as session:
                badges.print_bookings(session, self._desk, pass_id, clock=self._house.clock)
            self._house.wake_printers()

        errands.send(
            self._screen, order, lambda _done: self._say(_("Liste des réservations demandée.")), self._refused
        )
