"""What is said when something unforeseen happens, and what is kept when the program cannot go on."""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from boxoffice.errors import Refusal
from boxoffice.language import _

if TYPE_CHECKING:
    from boxoffice.house import House
    from boxoffice.sales.basket import Basket
    from boxoffice.sales.staff.desk import Desk

_log = logging.getLogger(__name__)


def going_on() -> Refusal:
    """What to say of an incident that ends nothing."""
    return Refusal(
        _("Un incident imprévu : la dernière action n'a peut-être pas eu d'effet."),
        _("Vérifiez l'écran et continuez ; si cela se reproduit, prévenez un responsable."),
    )


@dataclass(frozen=True, slots=True)
class Rescued:
    """The basket that stood there, under the id of its sale: paid or `in_doubt`, it is never sold twice."""

    desk: "Desk"
    basket: "Basket"
    sale_id: UUID
    in_doubt: bool = False

    def keep(self, house: "House") -> Refusal:
        """Set the basket aside, if there is one; what to say of the end. Never raises."""
        what = _("La caisse a dû s'arrêter après un incident imprévu.")
        if not self.basket:
            return Refusal(what, _("Relancez-la et prévenez un responsable."))
        from boxoffice.sales import parking

        try:
            with house.database.write() as session:
                note = _("Arrêt imprévu : vérifiez la dernière vente")
                parking.park(
                    session,
                    self.basket,
                    note,
                    self.desk,
                    clock=house.clock,
                    sale_id=self.sale_id,
                    in_doubt=self.in_doubt,
                )
        except Exception:
            _log.exception("The basket is lost")
            return Refusal(what, _("Relancez-la et ressaisissez le panier ; prévenez un responsable."))
        return Refusal(what, _("Relancez-la : votre panier est parmi les paniers en attente."))
