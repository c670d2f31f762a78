"""Baskets set aside with a note while the customer looks for a wallet. They hold no seat.

Each waits under the id of the sale that it is to become, so that paying it once it is taken back is the same
sale, even if the books were asked for it before and did not answer.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.models import Operator, ParkedBasket, Till, table

from .basket import Basket
from .books.occurrences import basket_charged, basket_discarded
from .completed_sales import CompletedSale, completed_sale
from .staff.desk import Desk
from .wording import one_line

_parked = table(ParkedBasket)


@dataclass(frozen=True, slots=True)
class Parked:
    """A basket that waits, and where it was left; None if this program cannot read it."""

    sale_id: UUID
    note: str
    parked_at: datetime
    till_name: str
    operator_name: str
    basket: Basket | None


@dataclass(frozen=True, slots=True)
class Recalled:
    """A basket taken back, and its note.

    `sale` is what it became, if the books hold it after all: it is paid.
    """

    sale_id: UUID
    basket: Basket
    sale: CompletedSale | None
    note: str = ""


def park(
    session: Session,
    basket: Basket,
    note: str,
    desk: Desk,
    *,
    clock: Clock,
    sale_id: UUID | None = None,
    in_doubt: bool = False,
) -> UUID:
    """Set a basket aside under the id of its sale, or a new one if it was never to be paid.

    It replaces what waits under that id already. The journal is told of what the card terminal has taken for
    it, unless a sale may hold that (`in_doubt`). Raises Refusal if it is empty.
    """
    if not basket:
        raise Refusal(_("Le panier est vide : il n'y a rien à mettre en attente."))
    sale_id = sale_id or uuid4()
    session.merge(
        ParkedBasket(
            id=sale_id,
            till_id=desk.post.till_id,
            operator_id=desk.operator_id,
            parked_at=clock.now(),
            note=one_line(note),
            content=_adapter().dump_json(basket).decode(),
        )
    )
    if basket.charges and not in_doubt:
        basket_charged(session, desk, sale_id, basket.charged_cents, clock=clock)
    return sale_id


def parked(session: Session) -> tuple[Parked, ...]:
    """Every basket that waits, at any till, the oldest first."""
    rows = session.exec(
        select(ParkedBasket, Till, Operator)
        .join(Till, col(Till.id) == ParkedBasket.till_id)
        .join(Operator, col(Operator.id) == ParkedBasket.operator_id)
        .order_by(col(ParkedBasket.parked_at))
    )
    return tuple(
        Parked(
            sale_id=row.id,
            note=row.note,
            parked_at=row.parked_at,
            till_name=till.name,
            operator_name=operator.name,
            basket=_read(row.content),
        )
        for row, till, operator in rows
    )


def count_parked(session: Session) -> int:
    """How many baskets wait, at any till."""
    return session.exec(select(func.count()).select_from(ParkedBasket)).one()


def recall(session: Session, sale_id: UUID) -> Recalled:
    """Take a basket back; it waits no more. Raises Refusal if another till was faster, or if unreadable."""
    taken = session.execute(
        delete(_parked).where(_parked.c.id == sale_id).returning(_parked.c.content, _parked.c.note)
    ).one_or_none()
    if taken is None:
        raise Refusal(_("Ce panier a déjà été repris ou vidé."))
    basket = _read(taken.content)
    if basket is None:
        raise Refusal(
            _("Ce panier ne se lit pas : ressaisissez-le."), _("Suppr le retire des paniers en attente.")
        )
    return Recalled(sale_id, basket, completed_sale(session, sale_id), taken.note)


def discard_unreadable(session: Session, sale_id: UUID, desk: Desk, *, clock: Clock) -> None:
    """Remove a basket that this program cannot read, and tell the journal. Raises Refusal if it can be."""
    row = session.get(ParkedBasket, sale_id)
    if row is None:
        raise Refusal(_("Ce panier a déjà été repris ou vidé."))
    if _read(row.content) is not None:
        raise Refusal(_("Ce panier se lit."), _("Reprenez-le, puis videz-le."))
    session.delete(row)
    basket_discarded(session, desk, sale_id, clock=clock)


def _read(content: str) -> Basket | None:
    """A basket as it was set aside, or None if another version of the program wrote it otherwise."""
    try:
        return _adapter().validate_json(content)
    except ValidationError:
        return None


def _adapter() -> TypeAdapter[Basket]:
    return TypeAdapter(Basket)
