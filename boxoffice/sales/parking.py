"""Baskets set aside with a note while the customer looks for a wallet. They hold no seat."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete
from sqlmodel import Session, col, select

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.models import Operator, ParkedBasket, Till, table

from .basket import Basket
from .desk import Desk
from .wording import one_line

_parked = table(ParkedBasket)


@dataclass(frozen=True, slots=True)
class Parked:
    """A basket that waits, and where it was left; None if this program cannot read it."""

    id: UUID
    note: str
    parked_at: datetime
    till_name: str
    operator_name: str
    basket: Basket | None


def park(session: Session, basket: Basket, note: str, desk: Desk, *, clock: Clock) -> UUID:
    """Set a basket aside. Raises Refusal if it is empty."""
    if not basket:
        raise Refusal(_("Le panier est vide : il n'y a rien à mettre en attente."))
    parked_id = uuid4()
    session.add(
        ParkedBasket(
            id=parked_id,
            till_id=desk.post.till_id,
            operator_id=desk.operator_id,
            parked_at=clock.now(),
            note=one_line(note),
            content=_adapter().dump_json(basket).decode(),
        )
    )
    return parked_id


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
            id=row.id,
            note=row.note,
            parked_at=row.parked_at,
            till_name=till.name,
            operator_name=operator.name,
            basket=_read(row.content),
        )
        for row, till, operator in rows
    )


def recall(session: Session, parked_id: UUID) -> Basket:
    """Take a basket back; it waits no more. Raises Refusal if another till was faster, or if unreadable."""
    taken = session.execute(
        delete(_parked).where(_parked.c.id == parked_id).returning(_parked.c.content)
    ).scalar_one_or_none()
    if taken is None:
        raise Refusal(_("Ce panier a déjà été repris ou vidé."))
    basket = _read(taken)
    if basket is None:
        raise Refusal(_("Ce panier ne se lit pas : ressaisissez-le."))
    return basket


def _read(content: str) -> Basket | None:
    """A basket as it was set aside, or None if another version of the program wrote it otherwise."""
    try:
        return _adapter().validate_json(content)
    except ValidationError:
        return None


def _adapter() -> TypeAdapter[Basket]:
    return TypeAdapter(Basket)
