"""Sales that were made, as the books hold them: what a second try finds."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from boxoffice.models import (
    Payment,
    Sale,
    SaleKind,
    SaleLine,
    Tariff,
    Ticket,
    TicketHolder,
    Till,
    table,
)
from boxoffice.prepared import Prepared

from .basket import Basket, SeatLine
from .books.numbers import paper_number
from .settlement import Tender
from .wording import one_line

_sale, _payment, _ticket, _till = table(Sale), table(Payment), table(Ticket), table(Till)
_line, _holder, _tariff = table(SaleLine), table(TicketHolder), table(Tariff)

_DONE = Prepared(
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
_LINES_DONE = (
    select(
        _line.c.screening_id,
        _line.c.tariff_code,
        _line.c.product_id,
        _line.c.unit_price_cents,
        _line.c.promo_code_id,
        func.count().label("quantity"),
    )
    .where(_line.c.sale_id == bindparam("id"))
    .group_by(
        _line.c.screening_id,
        _line.c.tariff_code,
        _line.c.product_id,
        _line.c.unit_price_cents,
        _line.c.promo_code_id,
    )
)
_PAYMENTS_DONE = (
    select(*(_payment.c[field.name] for field in fields(Tender)))
    .where(_payment.c.sale_id == bindparam("id"))
    .order_by(_payment.c.position)
)
_HOLDERS_DONE = select(_holder.c.name).where(_holder.c.sale_id == bindparam("id"))
_CODES = select(_tariff.c.id, _tariff.c.code).where(_tariff.c.id.in_(bindparam("ids", expanding=True)))


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
    done = _DONE.first(session, {"id": sale_id})
    if done is None:
        return None
    connection = session.connection()
    payments = connection.execute(_CHANGE_DONE, {"id": sale_id}).all()
    return CompletedSale(
        sale_id=sale_id,
        operation=paper_number(done["till_number"], done["number"]),
        total_cents=done["total_cents"],
        change_cents=sum(tendered - amount for amount, tendered in payments if tendered is not None),
        tickets=tuple(
            paper_number(done["till_number"], number)
            for (number,) in connection.execute(_TICKETS_DONE, {"id": sale_id})
        ),
    )


def is_of(session: Session, sale_id: UUID, basket: Basket, tenders: Sequence[Tender]) -> bool:
    """Whether the sale of this id is of this basket paid this way: a second try of it, not another sale.

    Names of holders count while they are kept: they may have been erased.
    """
    connection, wanted = session.connection(), {"id": sale_id}
    paid = tuple(Tender(*payment) for payment in connection.execute(_PAYMENTS_DONE, wanted))
    if paid != tuple(tenders):
        return False
    sold = {row[:-1]: row.quantity for row in connection.execute(_LINES_DONE, wanted)}
    if sold != _articles_of(session, basket):
        return False
    holders = Counter(connection.execute(_HOLDERS_DONE, wanted).scalars())
    named = (line.holders[: line.quantity] for line in basket if isinstance(line, SeatLine))
    return not holders or holders == Counter(one_line(name) for names in named for name in names)


def _articles_of(session: Session, basket: Basket) -> Counter[tuple[object, ...]]:
    """How many of each thing a basket asks for, as the lines of a sale name it."""
    tariffs = {line.tariff_id for line in basket if isinstance(line, SeatLine)}
    found = session.connection().execute(_CODES, {"ids": list(tariffs)})
    codes = {row.id: row.code for row in found}
    asked: Counter[tuple[object, ...]] = Counter()
    for line in basket:
        if isinstance(line, SeatLine):
            tariff = codes.get(line.tariff_id)
            wanted = (line.screening_id, tariff, None, line.price_cents, line.promo_code_id)
            asked[wanted] += line.quantity
        else:
            asked[None, None, line.product_id, line.price_cents, None] += line.quantity
    return asked
