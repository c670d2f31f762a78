"""Sales already made, as a cashier looks at them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, func, select
from sqlmodel import Session

from boxoffice.kinds import CreditState
from boxoffice.models import (
    CreditAnswer,
    CreditRequest,
    Operator,
    Payment,
    Sale,
    SaleKind,
    SaleLine,
    Ticket,
    TicketScan,
    Till,
    table,
)

from .books.numbers import paper_number
from .undone import exchanged, last_request, undone

_sale, _line, _payment, _ticket = table(Sale), table(SaleLine), table(Payment), table(Ticket)
_scan, _operator, _till = table(TicketScan), table(Operator), table(Till)
_request, _answer = table(CreditRequest), table(CreditAnswer)
_earlier = table(Sale).alias("earlier")
_original, _there = table(Sale).alias("original"), table(Till).alias("there")


class LineState(StrEnum):
    """What has become of a line since it was sold."""

    SOLD = "sold"
    USED = "used"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line of a sale as it stands now; the price is in cents, negative on a reversal.

    `credit` is where the last request to turn its seat into a credit note is, `credit_reason` why that was
    refused. `exchanged` is a seat that became another.
    """

    position: int
    label: str
    event_title: str
    starts_at: datetime | None
    place: str
    total_cents: int
    ticket_number: str
    state: LineState
    credit: CreditState | None = None
    credit_reason: str = ""
    exchanged: bool = False


@dataclass(frozen=True, slots=True)
class SaleSummary:
    """A sale or reversal, with its lines and its payments as (means, cents).

    `reverses` is the operation that a reversal undoes, as printed; empty on a sale. `far` is one that was
    looked for by a name which the customer's is only a little like.
    """

    id: UUID
    operation: str
    reverses: str
    kind: SaleKind
    at: datetime
    till_id: int
    till_name: str
    operator_name: str
    total_cents: int
    lines: tuple[SoldLine, ...]
    payments: tuple[tuple[str, int], ...]
    far: bool = False

    @property
    def can_be_reversed(self) -> bool:
        return self.kind is SaleKind.SALE and any(
            line.state is LineState.SOLD and line.credit is not CreditState.PENDING for line in self.lines
        )


def last_sale(session: Session, till_id: int) -> SaleSummary | None:
    """The last sale (not reversal) of a till by its number, even where the clock was set back."""
    last = (
        select(func.max(_earlier.c.number))
        .where(_earlier.c.till_id == till_id, _earlier.c.kind == SaleKind.SALE)
        .scalar_subquery()
    )
    found = _summaries(session, [_sale.c.till_id == till_id, _sale.c.number == last], limit=1)
    return found[0] if found else None


def read_sale(session: Session, sale_id: UUID) -> SaleSummary | None:
    """One sale by its id."""
    found = _summaries(session, [_sale.c.id == sale_id], limit=1)
    return found[0] if found else None


def read_sales(session: Session, *which: ColumnElement[bool], limit: int | None) -> tuple[SaleSummary, ...]:
    """The sales and reversals that meet these conditions on them, the latest first."""
    return _summaries(session, which, limit=limit)


def _summaries(
    session: Session, where: Iterable[ColumnElement[bool]], *, limit: int | None
) -> tuple[SaleSummary, ...]:
    """The sales that meet these conditions, the latest first."""
    sales = (
        session.execute(
            select(
                _sale,
                _till.c.number.label("till_number"),
                _till.c.name.label("till_name"),
                _operator.c.name.label("operator_name"),
                _original.c.number.label("original_number"),
                _there.c.number.label("original_till_number"),
            )
            .join(_till, _till.c.id == _sale.c.till_id)
            .join(_operator, _operator.c.id == _sale.c.operator_id)
            .outerjoin(_original, _original.c.id == _sale.c.reverses_sale_id)
            .outerjoin(_there, _there.c.id == _original.c.till_id)
            .where(*where)
            .order_by(_sale.c.at.desc(), _sale.c.number.desc())
            .limit(limit)
        )
        .mappings()
        .all()
    )
    if not sales:
        return ()
    ids = [sale["id"] for sale in sales]
    lines = session.execute(
        select(
            _line,
            _till.c.number.label("till_number"),
            _ticket.c.number.label("ticket_number"),
            _ticket.c.event_title,
            _ticket.c.starts_at,
            _ticket.c.place,
            _scan.c.at.label("used_at"),
            undone(_line.c.sale_id, _line.c.position).label("undone"),
            exchanged(_line.c.sale_id, _line.c.position).label("exchanged"),
            _request.c.id.label("request_id"),
            _answer.c.accepted,
            _answer.c.reason.label("credit_reason"),
        )
        .outerjoin(_ticket, (_ticket.c.sale_id == _line.c.sale_id) & (_ticket.c.position == _line.c.position))
        .outerjoin(_till, _till.c.id == _ticket.c.till_id)
        .outerjoin(_scan, (_scan.c.sale_id == _line.c.sale_id) & (_scan.c.position == _line.c.position))
        .outerjoin(_request, last_request(_line.c.sale_id, _line.c.position))
        .outerjoin(_answer, _answer.c.request_id == _request.c.id)
        .where(_line.c.sale_id.in_(ids))
        .order_by(_line.c.sale_id, _line.c.position)
    ).mappings()
    payments = session.execute(
        select(_payment.c.sale_id, _payment.c.means, _payment.c.amount_cents)
        .where(_payment.c.sale_id.in_(ids))
        .order_by(_payment.c.sale_id, _payment.c.position)
    ).all()
    lines_of: dict[UUID, list[SoldLine]] = defaultdict(list)
    for line in lines:
        lines_of[line["sale_id"]].append(_sold_line(line))
    payments_of: dict[UUID, list[tuple[str, int]]] = defaultdict(list)
    for sale_id, means, cents in payments:
        payments_of[sale_id].append((means, cents))
    return tuple(_summary(sale, lines_of[sale["id"]], payments_of[sale["id"]]) for sale in sales)


def _summary(sale: RowMapping, lines: list[SoldLine], payments: list[tuple[str, int]]) -> SaleSummary:
    return SaleSummary(
        id=sale["id"],
        operation=paper_number(sale["till_number"], sale["number"]),
        reverses=paper_number(sale["original_till_number"], sale["original_number"])
        if sale["original_number"]
        else "",
        kind=sale["kind"],
        at=sale["at"],
        till_id=sale["till_id"],
        till_name=sale["till_name"],
        operator_name=sale["operator_name"],
        total_cents=sale["total_cents"],
        lines=tuple(lines),
        payments=tuple(payments),
    )


def _sold_line(line: RowMapping) -> SoldLine:
    state = LineState.SOLD
    if line["undone"]:
        state = LineState.REVERSED
    elif line["used_at"] is not None:
        state = LineState.USED
    return SoldLine(
        position=line["position"],
        label=line["label"],
        event_title=line["event_title"] or "",
        starts_at=line["starts_at"],
        place=line["place"] or "",
        total_cents=line["quantity"] * line["unit_price_cents"],
        ticket_number=paper_number(line["till_number"], line["ticket_number"])
        if line["ticket_number"]
        else "",
        state=state,
        credit=_credit_state(line),
        credit_reason=line["credit_reason"] or "",
        exchanged=line["exchanged"],
    )


def _credit_state(line: RowMapping) -> CreditState | None:
    if line["request_id"] is None:
        return None
    if line["accepted"] is None:
        return CreditState.PENDING
    return CreditState.ACCEPTED if line["accepted"] else CreditState.REFUSED
