"""The extra tickets that a pass opens, in the basket of the counter; they follow its bookings."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.sales import basket as baskets
from boxoffice.sales.basket import Basket, SeatLine
from boxoffice.sales.checkout import rehearse
from boxoffice.sales.holders.cockpit import Cockpit
from boxoffice.sales.staff.desk import Desk

from . import errands
from .pass_showings import Around

if TYPE_CHECKING:
    from boxoffice.house import House


class Extras:
    """Puts extra tickets in the basket once the books have nothing against them, one at a time."""

    def __init__(
        self, house: "House", desk: Desk, basket: Callable[[], Basket], change: Callable[[Basket], None]
    ) -> None:
        self._house, self._desk = house, desk
        self._basket, self._change = basket, change
        self._asking = False

    def put(
        self,
        screen: Screen[Any],
        line: SeatLine,
        then: Callable[[], None],
        refused: Callable[[Refusal], None],
    ) -> None:
        """Put one more in the basket; refuse it if its pass would not open as many."""
        if self._asking:
            return
        self._asking = True
        asked = Basket(
            tuple(_named(each) for each in baskets.add(self._basket(), line) if _is_of(each, line))
        )

        def check() -> None:
            with self._house.database.read() as session:
                rehearse(session, asked, self._desk, clock=self._house.clock)

        def put(_checked: None) -> None:
            self._asking = False
            self._change(baskets.add(self._basket(), line))
            then()

        def refuse(refusal: Refusal) -> None:
            self._asking = False
            refused(refusal)

        errands.send(screen, check, put, refuse)

    def follow(self, shown: Cockpit, around: Around, moved_to: int | None) -> str:
        """Take out what a pass no longer opens, or take it along to the screening its seat has moved to.

        Says so, or nothing.
        """
        basket = before = self._basket()
        booked = {seat.screening_id for seat in shown.standing}
        said = ""
        for line in before:
            if not isinstance(line, SeatLine) or line.pass_id != shown.pass_id or line.screening_id in booked:
                continue
            basket = baskets.remove(basket, basket.lines.index(line))
            there = None if moved_to is None else around.companion_line(moved_to, shown)
            if there is None:
                said = _("Le supplément de cette séance est retiré du panier.")
            else:
                basket = baskets.add(basket, replace(there, quantity=line.quantity))
                said = _("Le supplément suit dans le panier.")
        if said:
            self._change(basket)
        return said


def _is_of(line: baskets.Line, extra: SeatLine) -> bool:
    return isinstance(line, SeatLine) and line.pass_id == extra.pass_id


def _named(line: baskets.Line) -> baskets.Line:
    """The line with its names, which are asked for later, as if they were known."""
    return replace(line, holders=("…",) * line.quantity) if isinstance(line, SeatLine) else line
