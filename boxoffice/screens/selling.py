"""Selling from a screen: the errands to the books, and what to say of their outcome."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from boxoffice.database import DatabaseLost
from boxoffice.errors import Refusal
from boxoffice.language import _, plural
from boxoffice.money import format_euros
from boxoffice.sales.checkout import Checkout, CompletedSale, checkout, completed_sale
from boxoffice.sales.desk import Desk
from boxoffice.sales.programme import Seats, read_seats

from .widgets.basket_panel import Farewell

if TYPE_CHECKING:
    from boxoffice.house import House

_log = logging.getLogger(__name__)


class Doubtful(Refusal):
    """Nobody knows whether the sale was made: only asking again, with the same id, can tell."""


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale in the books, and the seats as they were just after it."""

    sale: CompletedSale
    seats: Mapping[int, Seats]


def sell(house: "House", command: Checkout, desk: Desk) -> Sold:
    """Check out, once however often it is asked.

    Raises Refusal when nothing was sold for a reason, Doubtful when that is not known.
    """
    try:
        sale = house.database.attempt(lambda session: checkout(session, command, desk, clock=house.clock))
    except DatabaseLost as lost:
        raise Doubtful(
            lost.message,
            _("Le panier est gardé. Entrée pour essayer encore : la vente ne sera pas faite deux fois."),
        ) from lost
    except Refusal:
        raise
    except Exception as error:
        _log.exception("A checkout failed")
        raise Doubtful(
            _("Un incident imprévu a interrompu la vente."),
            _("Le panier est gardé. Entrée pour essayer encore : la vente ne sera pas faite deux fois."),
        ) from error
    house.wake_printers()
    return Sold(sale, _seats(house))


def find_out(house: "House", sale_id: UUID) -> CompletedSale | None:
    """The sale that an unanswered checkout made after all, or None if it made none."""
    try:
        with house.database.read() as session:
            return completed_sale(session, sale_id)
    except Exception as error:
        _log.exception("Nobody answers whether a sale was made")
        raise Doubtful(
            _("La base de données ne répond toujours pas."),
            _("Le panier est gardé. Entrée ou Échap pour essayer encore."),
        ) from error


def farewell(sale: CompletedSale) -> Farewell:
    """What to show once the customer has paid."""
    tickets = plural("{count} billet", "{count} billets", len(sale.tickets)).format(count=len(sale.tickets))
    return Farewell(
        _("Vente {operation}").format(operation=sale.operation),
        f"{tickets} · {format_euros(sale.total_cents)}",
        sale.change_cents,
    )


def _seats(house: "House") -> Mapping[int, Seats]:
    """The seats now; none if they cannot be read, for the sale is made all the same."""
    try:
        with house.database.read() as session:
            return read_seats(session)
    except Exception:
        _log.exception("The seats cannot be read")
        return {}
