"""The wallet of a customer: cards kept in their name, and offered when they pay."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import StoredValueKind
from boxoffice.language import _
from boxoffice.models import StoredValue, table

from ..people.customers import held_customer, known_customer
from ..staff.desk import Desk
from ..staff.standing import shift_still_open
from . import stored_values

_value = table(StoredValue)

CARDS = (StoredValueKind.GIFT_CARD, StoredValueKind.PLACE_CARD)
"""What is kept in a wallet."""


@dataclass(frozen=True, slots=True)
class PutInWallet:
    """The wish to keep a card in the name of a customer, or of nobody any more.

    `before` is whose it was when that was asked for.
    """

    value_id: UUID
    customer_id: UUID | None
    before: UUID | None = None


def put_in_wallet(session: Session, command: PutInWallet, desk: Desk, *, clock: Clock) -> None:
    """Keep a card in a customer's name, or take it out of their wallet, and tell the journal.

    Raises Refusal for what is no card, and for a card that another counter has put elsewhere meanwhile.
    """
    shift_still_open(session, desk, at=clock.now())
    wanted = held_customer(session, command.customer_id) if command.customer_id else None
    if wanted is not None:
        known_customer(session, wanted)
    held = stored_values.hold(session, command.value_id)
    if held["kind"] not in CARDS:
        raise Refusal(_("Seules les cartes se gardent dans un portefeuille."))
    if held["customer_id"] == wanted:
        return
    if held["customer_id"] != command.before:
        raise Refusal(
            _("Cette carte vient d'être mise dans un autre portefeuille."), _("Scannez-la de nouveau.")
        )
    session.execute(update(_value).where(_value.c.id == command.value_id).values(customer_id=wanted))
    told = {
        "value": str(command.value_id),
        "customer": str(wanted) if wanted else None,
        "former_customer": str(command.before) if command.before else None,
    }
    stored_values.tell(session, desk, "given", at=clock.now(), content=told)
