"""Leaving the program: what becomes of the basket, and what the journal is told."""

from typing import TYPE_CHECKING

from boxoffice.language import _
from boxoffice.sales import parking
from boxoffice.sales.books import occurrences
from boxoffice.sales.staff import operators
from boxoffice.sales.staff.operators import StaffMember

from .charged import paid_before

if TYPE_CHECKING:
    from boxoffice.house import House

    from .counter import CounterScreen


def what_stays(counter: "CounterScreen | None") -> str:
    """What to say of the shift and of the basket, to whoever wants to leave."""
    if counter is None or not counter.basket:
        return _("La session de caisse reste ouverte.")
    if counter.in_doubt:
        return _("La session de caisse reste ouverte ; le panier, dont le règlement est en doute, attend.")
    if paid := paid_before(counter.left_basket):
        stays = _("La session de caisse reste ouverte ; le panier attend.")
        return f"{paid} {stays}"
    return _("La session de caisse reste ouverte ; le panier, qui n'est pas encaissé, est perdu.")


def what_is_lost(counter: "CounterScreen | None") -> str:
    """What to say to whoever wants to leave while the books take nothing; empty if they lose no money."""
    if counter is None or not counter.basket:
        return ""
    lost = _("La base de données ne répond pas : le panier serait perdu.")
    if counter.in_doubt:
        return f"{lost} " + _("Son règlement est en doute : notez-le, et vérifiez la dernière vente ensuite.")
    if paid := paid_before(counter.left_basket):
        return f"{paid} {lost} " + _("Notez-le, ou remboursez-les sur le terminal.")
    return ""


def tell_who_leaves(house: "House", member: StaffMember, counter: "CounterScreen | None") -> None:
    """Tell the journal who left, and what was in the basket.

    One whose payment is in doubt is set aside, for it may be sold already; so is one that a card has been
    charged for.
    """
    with house.database.write() as session:
        if counter is not None and counter.basket:
            basket, in_doubt = counter.left_basket, counter.in_doubt
            if in_doubt or basket.charges:
                parking.park(
                    session,
                    basket,
                    counter.left_note,
                    counter.desk,
                    clock=house.clock,
                    sale_id=counter.paying.sale_id,
                    in_doubt=in_doubt,
                )
            else:
                occurrences.lines_removed(session, counter.desk, counter.basket, clock=house.clock)
        operators.log_out(session, house.post, member, clock=house.clock)
