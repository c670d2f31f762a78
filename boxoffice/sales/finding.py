"""Sales found again, by whatever the customer or the cashier knows of them, whichever till made them."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true, union_all
from sqlmodel import Session

from boxoffice.clock import day_after, paris
from boxoffice.models import Operator, Payment, Sale, Ticket, Till, TillSession, table
from boxoffice.money import parse_amount

from .codes import read_code
from .history import SaleSummary, read_sales
from .people.customer_details import folded
from .people.customer_index import CustomerIndex
from .people.customer_record import sales_of
from .people.customers import FoundCustomer, find_customers
from .typed_day import day_named

_sale, _payment, _ticket, _till = table(Sale), table(Payment), table(Ticket), table(Till)
_operator, _shift = table(Operator), table(TillSession)
_sold = _sale.alias("sold")
_TILLS = select(_till.c.id)
"""Every till, named in a search for a number so that the database looks it up by till and number."""

LONGEST_NUMBER = 9
"""Digits of the largest number that every database holds in an integer."""
MOST_CUSTOMERS = 40

_TIME = re.compile(r"\d{1,2}\s*(?:h|:)\s*\d{0,2}", re.IGNORECASE)
_PAPER_NUMBER = re.compile(r"(\d*)-(\d*)", re.ASCII)
_REFERENCE = re.compile(r"[A-Za-z0-9]{3,12}", re.ASCII)
_SOLD_BY = re.compile(r"(?:par|by)\s+(.+)", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_].*[^\W\d_]")
"""At least two letters: a customer is not looked for by less."""


def find_sales(
    session: Session,
    text: str,
    *,
    today: date,
    among: ColumnElement[bool] | None = None,
    index: CustomerIndex | None = None,
    limit: int = 50,
) -> tuple[SaleSummary, ...]:
    """Sales that `text` may mean, of those that meet the condition `among`; all of them when it is empty.

    It is a number as printed (`1-000123`), digits of one, a scanned ticket, an amount (`23,50`), a time of
    day (`18:42`, `18h`), the last digits of the reference of a card payment, what a customer is found by, or
    the name of a cashier (`Chloé`, or `par Chloé` where a customer has it too). A day before or after it
    (`22/11`, `hier`) keeps to what was sold then; `today` is the business day. Whoever types on keeps an
    `index` of customers. The latest sale is first, those of cashiers after those of customers.
    """
    text, within = text.strip(), true() if among is None else among
    if (named := day_named(text, today)) is not None:
        if named.day is None:
            return ()
        text, within = named.beside, and_(within, _sold_on(named.day))
    if not text:
        return read_sales(session, within, limit=limit)
    if scanned := read_code(text):
        by_code = select(_ticket.c.sale_id).where(_ticket.c.code == scanned[1])
        return read_sales(session, within, _sale.c.id.in_(by_code), limit=limit)
    if _TIME.fullmatch(text):
        return _sold_at(session, text, within, limit)
    if printed := _PAPER_NUMBER.fullmatch(text):
        till, number = printed.groups()
        if not (_is_number(till) and _is_number(number)):
            return ()
        of_number = _sale.c.id.in_(union_all(*_numbered(number)))
        return read_sales(session, within, _till.c.number == int(till), of_number, limit=limit)
    if by := _SOLD_BY.fullmatch(text):
        return _sold_by(session, by[1], within, limit)
    return _of_that_name_or_number(session, text, within, index, limit)


def _of_that_name_or_number(
    session: Session, text: str, within: ColumnElement[bool], index: CustomerIndex | None, limit: int
) -> tuple[SaleSummary, ...]:
    """What the text says of a sale itself or of its customer, then what a cashier of that name sold.

    Where it says nothing of any, the name of a customer may be misspelt.
    """
    customers = _customers(session, text, index)
    meant = [*_numbered(text), *_paid_by_reference(text), *_sold_to(customers)]
    meanings = [*([_sale.c.id.in_(union_all(*meant))] if meant else []), *_of_amount(text)]
    found = read_sales(session, within, or_(*meanings), limit=limit) if meanings else ()
    if len(found) < limit:
        known = {sale.id for sale in found}
        by_name = _sold_by(session, text, within, limit)
        found = (*found, *(sale for sale in by_name if sale.id not in known))[:limit]
    if found or customers:
        return found
    return _of_misspelt_customers(session, text, within, index, limit)


def _sold_on(day: date) -> ColumnElement[bool]:
    """What was sold on a day, until midnight and on into its night; and in the night that it began with."""
    begins, ends = paris(day, time()), paris(day_after(day), time())
    counted = or_(_sale.c.business_day == day, _sale.c.at < ends)
    return and_(_sale.c.at >= begins, _sale.c.at < ends + timedelta(days=1), counted)


def _numbered(text: str) -> list[Select[tuple[UUID]]]:
    """The operation of this number at any till, or the one that sold the ticket of this number."""
    if not _is_number(text):
        return []
    numbered = select(_sold.c.id).where(_sold.c.till_id.in_(_TILLS), _sold.c.number == int(text))
    of_ticket = select(_ticket.c.sale_id).where(_ticket.c.till_id.in_(_TILLS), _ticket.c.number == int(text))
    return [numbered, of_ticket]


def _is_number(text: str) -> bool:
    """Whether the text may be a number that the books hold."""
    return text.isdecimal() and len(text) <= LONGEST_NUMBER


def _of_amount(text: str) -> list[ColumnElement[bool]]:
    """Asked of each sale, the latest first: many may be of one amount, and most of them are not wanted."""
    with suppress(ValueError):
        return [func.abs(_sale.c.total_cents) == parse_amount(text)]
    return []


def _paid_by_reference(text: str) -> list[Select[tuple[UUID]]]:
    """What was paid by card or cheque under a reference that ends like this; they are kept in capitals."""
    if not _REFERENCE.fullmatch(text):
        return []
    return [select(_payment.c.sale_id).where(_payment.c.reference.like(f"%{text.upper()}"))]


def _customers(session: Session, text: str, index: CustomerIndex | None) -> tuple[FoundCustomer, ...]:
    """Those whom `text` may name, misspelt names aside."""
    if not _NAME.search(text):
        return ()
    return find_customers(session, text, index=index, misspelt=False, limit=MOST_CUSTOMERS)


def _of_misspelt_customers(
    session: Session, text: str, within: ColumnElement[bool], index: CustomerIndex | None, limit: int
) -> tuple[SaleSummary, ...]:
    """What was sold to those who are nearly called that; `far` if their name is only a little like it."""
    if not _NAME.search(text):
        return ()
    nearly = find_customers(session, text, index=index, limit=MOST_CUSTOMERS)
    close = [customer for customer in nearly if not customer.far]
    if not nearly:
        return ()
    found = read_sales(session, within, _sale.c.id.in_(*_sold_to(close or nearly)), limit=limit)
    return found if close else tuple(replace(sale, far=True) for sale in found)


def _sold_to(customers: Sequence[FoundCustomer]) -> list[Select[tuple[UUID]]]:
    if not customers:
        return []
    theirs = sales_of([customer.id for customer in customers])
    return [select(_sale.c.id).where(theirs).correlate(None)]


def _sold_by(session: Session, text: str, within: ColumnElement[bool], limit: int) -> tuple[SaleSummary, ...]:
    """What was sold by the cashiers whose name has words that begin with all those of `text`."""
    words = folded(text).split()
    known = session.execute(select(_operator.c.id, _operator.c.name)).all() if words else []
    cashiers = [
        operator_id
        for operator_id, name in known
        if all(any(part.startswith(word) for part in folded(name).split()) for word in words)
    ]
    if not cashiers:
        return ()
    theirs = select(_shift.c.id).where(_shift.c.operator_id.in_(cashiers))
    return read_sales(session, within, _sale.c.till_session_id.in_(theirs), limit=limit)


def _sold_at(session: Session, text: str, within: ColumnElement[bool], limit: int) -> tuple[SaleSummary, ...]:
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
        found += read_sales(session, within, *during, limit=limit - len(found))
        if len(found) == limit:
            break
    return tuple(found)


def _read_time(text: str) -> tuple[time, timedelta] | None:
    """When a time of day begins, and how long what was typed of it lasts: an hour for `18h`."""
    hour, _colon, minute = (part.strip() for part in text.lower().replace("h", ":").partition(":"))
    lasts = timedelta(minutes=(60, 10, 1)[len(minute)])
    with suppress(ValueError):
        return time(int(hour), int(minute.ljust(2, "0"))), lasts
    return None
