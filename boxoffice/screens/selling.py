"""Selling and undoing from a screen: the errands to the books, and what to say of their outcome."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from boxoffice.database import DatabaseLost
from boxoffice.errors import Refusal
from boxoffice.language import _, plural
from boxoffice.money import format_euros
from boxoffice.sales import means
from boxoffice.sales.basket import Basket
from boxoffice.sales.checkout import Checkout, checkout
from boxoffice.sales.checkout import rehearse as rehearse_sale
from boxoffice.sales.completed_sales import CompletedSale, completed_sale
from boxoffice.sales.credits.credit_notes import CompletedCredit
from boxoffice.sales.credits.exchange import Exchange, exchange
from boxoffice.sales.reversal import CompletedReversal, Reverse, completed_reversal, reverse
from boxoffice.sales.screenings.programme import Seats, read_seats
from boxoffice.sales.staff.desk import Desk

from .sale_words import undone_words
from .widgets.basket_panel import Farewell, counted

if TYPE_CHECKING:
    from boxoffice.house import House

Done = TypeVar("Done")

_log = logging.getLogger(__name__)


class Doubtful(Refusal):
    """Nobody knows whether the books were written: only asking again, with the same id, can tell."""


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale in the books, and the seats as they were just after it; `credit`, what an exchange gave back."""

    sale: CompletedSale
    seats: Mapping[int, Seats]
    credit: CompletedCredit | None = None


def sell(house: "House", command: Checkout, desk: Desk) -> Sold:
    """Check out, once however often it is asked.

    Raises Refusal when nothing was sold for a reason, Doubtful when that is not known.
    """
    sale = _sure(
        lambda: house.database.attempt(lambda session: checkout(session, command, desk, clock=house.clock)),
        _("Un incident imprévu a interrompu la vente."),
        _("Le panier est gardé. Entrée pour essayer encore : la vente ne sera pas faite deux fois."),
    )
    house.wake_printers()
    return Sold(sale, _seats(house))


def rehearse(house: "House", basket: Basket, desk: Desk) -> None:
    """Ask the books whether they would take a sale: Refusal if not. A lost database has no say yet."""
    try:
        with house.database.read() as session:
            rehearse_sale(session, basket, desk, clock=house.clock)
    except Refusal:
        raise
    except Exception:
        _log.exception("A basket cannot be checked before it is paid")


def swap(house: "House", command: Exchange, desk: Desk) -> Sold:
    """Exchange seats, once however often it is asked; raises as `sell` does."""
    done = _sure(
        lambda: house.database.attempt(lambda session: exchange(session, command, desk, clock=house.clock)),
        _("Un incident imprévu a interrompu l'échange."),
        _("Le panier est gardé. Entrée pour essayer encore : l'échange ne sera pas fait deux fois."),
    )
    house.wake_printers()
    return Sold(done.sale, _seats(house), done.credit)


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


def undo(house: "House", command: Reverse, desk: Desk) -> CompletedReversal:
    """Reverse a sale, once however often it is asked.

    Raises Refusal when nothing was undone for a reason, Doubtful when that is not known.
    """
    done = _sure(
        lambda: house.database.attempt(lambda session: reverse(session, command, desk, clock=house.clock)),
        _("Un incident imprévu a interrompu l'annulation."),
        _("Entrée pour essayer encore : rien ne sera annulé deux fois. Ne rendez rien avant la réponse."),
    )
    house.wake_printers()
    return done


def find_out_undone(house: "House", reversal_id: UUID) -> CompletedReversal | None:
    """The reversal that was not answered but made after all, or None if none was."""
    try:
        with house.database.read() as session:
            done = completed_reversal(session, reversal_id)
    except Exception as error:
        _log.exception("Nobody answers whether a sale was reversed")
        raise Doubtful(
            _("La base de données ne répond toujours pas."),
            _("Ne rendez rien encore. Entrée ou Échap pour essayer encore."),
        ) from error
    if done is not None:
        house.wake_printers()
    return done


def farewell(sold: Sold, basket: Basket) -> Farewell:
    """What to show once the customer has paid; the books number the tickets, the basket counts the rest."""
    sale = sold.sale
    detail = f"{counted(len(sale.tickets), basket)} · {format_euros(sale.total_cents)}"
    if sold.credit is not None and (back := credited_words(sold.credit)):
        detail = f"{detail} · {back}"
    return Farewell(_("Vente {operation}").format(operation=sale.operation), detail, sale.change_cents)


def farewell_undone(reversal: CompletedReversal) -> Farewell:
    """What to show once a sale is undone, the cash that goes back as change due."""
    back = sum(refund.amount_cents for refund in reversal.refunds if refund.means == means.CASH.code)
    title = _("Annulation {operation}").format(operation=reversal.operation)
    return Farewell(title, undone_words(reversal), back)


def credited_words(credit: CompletedCredit) -> str:
    """What an exchange gave back beside the new seats, and where it went; empty when nothing."""
    given = [refund for refund in credit.refunds if refund.means != means.EXCHANGE.code]
    places = sum(refund.covers is not None for refund in given)
    cents = [refund for refund in given if refund.covers is None]
    onto_balance = sum(refund.amount_cents for refund in cents if refund.means == means.BALANCE.code)
    onto_card = sum(refund.amount_cents for refund in cents if refund.means != means.BALANCE.code)
    back = plural("{count} place rendue sur sa carte", "{count} places rendues sur leur carte", places)
    said = (
        _("{cents} au solde").format(cents=format_euros(onto_balance)) if onto_balance else "",
        _("{cents} sur la carte").format(cents=format_euros(onto_card)) if onto_card else "",
        back.format(count=places) if places else "",
    )
    return " · ".join(filter(None, said))


def _seats(house: "House") -> Mapping[int, Seats]:
    """The seats now; none if they cannot be read, for the sale is made all the same."""
    try:
        with house.database.read() as session:
            return read_seats(session)
    except Exception:
        _log.exception("The seats cannot be read")
        return {}


def _sure(work: Callable[[], Done], incident: str, remedy: str) -> Done:
    """Do `work`, and turn whatever leaves its outcome unknown into a doubt, with its remedy."""
    try:
        return work()
    except DatabaseLost as lost:
        raise Doubtful(lost.message, remedy) from lost
    except Refusal:
        raise
    except Exception as error:
        _log.exception("Nobody knows whether the books were written")
        raise Doubtful(incident, remedy) from error
