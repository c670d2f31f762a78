"""Sales that were made, as the books hold them: what a second try finds."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import Session

from boxoffice.models import Payment, Sale, SaleKind, Ticket, Till, table

from .numbers import paper_number

_sale, _payment, _ticket, _till = table(Sale), table(Payment), table(Ticket), table(Till)

_DONE = (
    select(_sale.c.total_cents, _sale.c.number, _till.c.number.label("till_number"))
    .join(_till, _till.c.id == _sale.c.till_id)
    .where(_sale.c.id == bindparam("id"), _sale.c.kind == SaleKind.SALE)
)
_TICKETS_DONE = (
    select(_ticket.c.number).where(_ticket.c.sale_id == bindparam("id")).order_by(_ticket.c.position)
)
_CHANGE_DONE = select(_payment.c.amount_cents, _payment.c.tendered_cents).where(
    _payment.c.sale_id == bindparam("id")
)


@dataclass(frozen=True, slots=True)
class CompletedSale:
    """What the books hold of a sale; amounts are cents. `operation` and `tickets` are numbers as printed."""

    sale_id: UUID
    operation: str
    total_cents: int
    change_cents: int
    tickets: tuple[str, ...]


def completed_sale(session: Session, sale_id: UUID) -> CompletedSale | None:
    """The sale of this id as the books hold it, if it was made."""
    connection = session.connection()
    done = connection.execute(_DONE, {"id": sale_id}).one_or_none()
    if done is None:
        return None
    payments = connection.execute(_CHANGE_DONE, {"id": sale_id}).all()
    return CompletedSale(
        sale_id=sale_id,
        operation=paper_number(done.till_number, done.number),
        total_cents=done.total_cents,
        change_cents=sum(tendered - amount for amount, tendered in payments if tendered is not None),
        tickets=tuple(
            paper_number(done.till_number, number)
            for (number,) in connection.execute(_TICKETS_DONE, {"id": sale_id})
        ),
    )
