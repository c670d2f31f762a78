"""Leaving the program: what becomes of the basket, and what the journal is told."""

from typing import TYPE_CHECKING

from boxoffice.language import _
from boxoffice.sales import parking
from boxoffice.sales.books import occurrences
from boxoffice.sales.staff import operators
from boxoffice.sales.staff.operators import StaffMember

from .parked import left_words
from .sale_words import charged_words

if TYPE_CHECKING:
    from boxoffice.house import House

    from .counter import CounterScreen


def what_stays(counter: "CounterScreen | None") -> str:
    """What to say of the shift and of the basket, to whoever wants to leave."""
    if counter is None or not counter.basket:
        return _("La session de caisse reste ouverte.")
    if counter.in_doubt:
        return _("La session de caisse reste ouverte ; le panier, dont le règlement est en doute, attend.")
    if counter.charged_cents:
        stays = _("La session de caisse reste ouverte ; le panier attend.")
        return f"{charged_words(counter.charged_cents)} {stays}"
    return _("La session de caisse reste ouverte ; le panier, qui n'est pas encaissé, est perdu.")


def tell_who_leaves(house: "House", member: StaffMember, counter: "CounterScreen | None") -> None:
    """Tell the journal who left, and what was in the basket.

    One whose payment is in doubt is set aside, for it may be sold already; so is one that a card has been
    charged for.
    """
    with house.database.write() as session:
        if counter is not None and counter.basket:
            in_doubt, charged = counter.in_doubt, counter.charged_cents
            if in_doubt or charged:
                parking.park(
                    session,
                    counter.basket,
                    left_words(in_doubt=in_doubt, exchanged="", charged_cents=charged),
                    counter.desk,
                    clock=house.clock,
                    sale_id=counter.paying.sale_id,
                    charged_cents=0 if in_doubt else charged,
                )
            else:
                occurrences.lines_removed(session, counter.desk, counter.basket, clock=house.clock)
        operators.log_out(session, house.post, member, clock=house.clock)
