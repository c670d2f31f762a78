"""Sales found again, by whatever the customer or the cashier knows of them, whichever till made them."""

import re
from contextlib import suppress
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlmodel import Session

from boxoffice.clock import paris
from boxoffice.models import Payment, Sale, Ticket, Till, table
from boxoffice.money import parse_amount

from .codes import read_code
from .history import SaleSummary, read_sales
from .people.customer_index import CustomerIndex
from .people.customer_record import sales_of
from .people.customers import find_customers

_sale, _payment, _ticket, _till = table(Sale), table(Payment), table(Ticket), table(Till)
_TILLS = select(_till.c.id)
"""Every till, named in a search for a number so that the database looks it up by till and number."""

LONGEST_NUMBER = 9
"""Digits of the largest number that every database holds in an integer."""
MOST_CUSTOMERS = 40

_TIME = re.compile(r"\d{1,2}\s*(?:h|:)\s*\d{0,2}", re.IGNORECASE)
_PAPER_NUMBER = re.compile(r"(\d*)-(\d*)", re.ASCII)
_REFERENCE = re.compile(r"[A-Za-z0-9]{3,12}", re.ASCII)
_NAME = re.compile(r"[^\W\d_].*[^\W\d_]")
"""At least two letters: a customer is not looked for by less."""


def find_sales(
    session: Session,
    text: str,
    *,
    among: ColumnElement[bool] | None = None,
    index: CustomerIndex | None = None,
    limit: int = 50,
) -> tuple[SaleSummary, ...]:
    """Sales that `text` may mean, of those that meet the condition `among`; all of them when it is empty.

    It is a number as printed (`1-000123`), digits of one, a scanned ticket, an amount (`23,50`), a time of
    day (`18:42`, `18h`), the last digits of the reference of a card payment, or what a customer is found by.
    Whoever types on keeps an `index` of customers. The latest sale is first.
    """
    text, within = text.strip(), true() if among is None else among
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
        return read_sales(session, within, _till.c.number == int(till), or_(*_numbered(number)), limit=limit)
    meanings = [
        *_numbered(text),
        *_of_amount(text),
        *_paid_by_reference(text),
        *_of_customers(session, text, index),
    ]
    return read_sales(session, within, or_(*meanings), limit=limit) if meanings else ()


def _numbered(text: str) -> list[ColumnElement[bool]]:
    """The operation of this number at any till, or the one that sold the ticket of this number."""
    if not _is_number(text):
        return []
    numbered = _sale.c.till_id.in_(_TILLS) & (_sale.c.number == int(text))
    of_ticket = select(_ticket.c.sale_id).where(_ticket.c.till_id.in_(_TILLS), _ticket.c.number == int(text))
    return [_sale.c.id.in_(select(_sale.c.id).where(numbered)), _sale.c.id.in_(of_ticket)]


def _is_number(text: str) -> bool:
    """Whether the text may be a number that the books hold."""
    return text.isdecimal() and len(text) <= LONGEST_NUMBER


def _of_amount(text: str) -> list[ColumnElement[bool]]:
    with suppress(ValueError):
        return [func.abs(_sale.c.total_cents) == parse_amount(text)]
    return []


def _paid_by_reference(text: str) -> list[ColumnElement[bool]]:
    """What was paid by card or cheque under a reference that ends like this; they are kept in capitals."""
    if not _REFERENCE.fullmatch(text):
        return []
    paid = select(_payment.c.sale_id).where(_payment.c.reference.like(f"%{text.upper()}"))
    return [_sale.c.id.in_(paid)]


def _of_customers(session: Session, text: str, index: CustomerIndex | None) -> list[ColumnElement[bool]]:
    """What was sold to whoever `text` may name, misspelt names aside."""
    if not _NAME.search(text):
        return []
    found = find_customers(session, text, index=index, misspelt=False, limit=MOST_CUSTOMERS)
    return [sales_of([customer.id for customer in found])] if found else []


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
