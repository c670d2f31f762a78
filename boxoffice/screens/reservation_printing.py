"""The slip of a reservation, ordered from any screen."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.sales.reserving.reservation_slip import print_slip
from boxoffice.sales.staff.desk import Desk

from . import errands

if TYPE_CHECKING:
    from boxoffice.house import House


def print_reservation(
    screen: Screen[Any], house: "House", desk: Desk, reference: str, refused: Callable[[Refusal], None]
) -> None:
    """Order the slip of a reservation for its customer, and say so."""

    def order() -> None:
        with house.database.write() as session:
            print_slip(session, desk, reference, clock=house.clock)
        house.wake_printers()

    def ordered(_nothing: None) -> None:
        screen.notify(_("Papier de la réservation demandé."), markup=False, timeout=4)

    errands.send(screen, order, ordered, refused)
