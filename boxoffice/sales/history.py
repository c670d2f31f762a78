"""Sales already made, as a cashier looks for them."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, func, or_, select
from sqlmodel import Session

from boxoffice.clock import paris
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
from boxoffice.money import parse_amount

from .books.numbers import paper_number
from .codes import read_code
from .undone import exchanged, last_request, undone

_sale, _line, _payment, _ticket = table(Sale), table(SaleLine), table(Payment), table(Ticket)
_scan, _operator, _till = table(TicketScan), table(Operator), table(Till)
_request, _answer = table(CreditRequest), table(CreditAnswer)
_earlier = table(Sale).alias("earlier")
_original, _there = table(Sale).alias("original"), table(Till).alias("there")
_TILLS = select(_till.c.id)
"""Every till, named in a search for a number so that the database looks it up by till and number."""

LONGEST_NUMBER = 9
"""Digits of the largest number that every database holds in an integer."""


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

    `reverses` is the operation that a reversal undoes, as printed; empty on a sale.
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


def read_sales(session: Session, which: ColumnElement[bool], *, limit: int | None) -> tuple[SaleSummary, ...]:
    """The sales and reversals that meet a condition on them, the latest first."""
    return _summaries(session, [which], limit=limit)


def find_sales(session: Session, text: str, *, limit: int = 50) -> tuple[SaleSummary, ...]:
    """Sales that `text` may mean: a number as printed (`1-000123`), digits of one, a scanned ticket,
    an amount (`23,50`) or a time of day (`18:42`, `18h`); every sale, the latest first, when it is empty.
    """
    text = text.strip()
    if not text:
        return _summaries(session, [], limit=limit)
    if scanned := read_code(text):
        by_code = select(_ticket.c.sale_id).where(_ticket.c.code == scanned[1])
        return _summaries(session, [_sale.c.id.in_(by_code)], limit=limit)
    if ":" in text or "h" in text.lower():
        return _sold_at(session, text, limit)
    till, dash, number = text.rpartition("-")
    meanings: list[ColumnElement[bool]] = []
    if _is_number(number):
        numbered = _sale.c.till_id.in_(_TILLS) & (_sale.c.number == int(number))
        of_ticket = select(_ticket.c.sale_id).where(
            _ticket.c.till_id.in_(_TILLS), _ticket.c.number == int(number)
        )
        meanings += [_sale.c.id.in_(select(_sale.c.id).where(numbered)), _sale.c.id.in_(of_ticket)]
    if dash:
        if not (meanings and _is_number(till)):
            return ()
        return _summaries(session, [_till.c.number == int(till), or_(*meanings)], limit=limit)
    with suppress(ValueError):
        meanings.append(func.abs(_sale.c.total_cents) == parse_amount(text))
    return _summaries(session, [or_(*meanings)], limit=limit) if meanings else ()


def _is_number(text: str) -> bool:
    """Whether the text may be a number that the books hold."""
    return text.isdecimal() and len(text) <= LONGEST_NUMBER


def _sold_at(session: Session, text: str, limit: int) -> tuple[SaleSummary, ...]:
    """The sales of a time of day, the latest first: each day on which something was sold is looked at."""
    spell = _read_time(text)
    if spell is None:
        return ()
    begins, lasts = spell
    booked = session.execute(select(_sale.c.business_day).distinct()).scalars().all()
    found: list[SaleSummary] = []
    for day in sorted({*booked, *(day + timedelta(days=1) for day in booked)}, reverse=True):
        ends = datetime.combine(day, begins) + lasts
        during = _sale.c.at >= paris(day, begins), _sale.c.at < paris(ends.date(), ends.time())
        found += _summaries(session, during, limit=limit - len(found))
        if len(found) == limit:
            break
    return tuple(found)


def _read_time(text: str) -> tuple[time, timedelta] | None:
    """When a time of day begins, and how long what was typed of it lasts: an hour for `18h`."""
    hour, _colon, minute = (part.strip() for part in text.lower().replace("h", ":").partition(":"))
    if not hour.isdecimal() or len(minute) > 2 or (minute and not minute.isdecimal()):
        return None
    lasts = timedelta(minutes=(60, 10, 1)[len(minute)])
    with suppress(ValueError):
        return time(int(hour), int(minute.ljust(2, "0"))), lasts
    return None


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
