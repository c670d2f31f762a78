"""Customers as a cashier looks for them: by what they say of themselves, or by what they hold.

Those merged into another or erased are never found.
"""

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, func, or_, select
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.models import Customer, Pass, Reservation, Sale, SaleKind, Ticket, Till, table

from ..codes import CodeKind, read_code
from .customer_details import CustomerDetails, folded, phone_digits
from .customer_index import STANDING, CustomerIndex, read_index

_customer, _pass, _sale, _till = table(Customer), table(Pass), table(Sale), table(Till)
_ticket, _reservation = table(Ticket), table(Reservation)

FEW = 5
"""Fewer found letter by letter than this: words that are nearly those typed are looked for too."""

_LABELLED = re.compile(r"[\d.+() /-]+", re.ASCII)
_PASS_NUMBER = re.compile(r"\d{1,3}-\d{7}(-\d{0,5})?", re.ASCII)
_NUMBER_ELSEWHERE = re.compile(r"[a-z]{1,4}[ -]?\d{3,9}", re.ASCII | re.IGNORECASE)
"""A pass or an accreditation that came in a file has the number that others gave it: `W-100005`."""
_DIGITS = re.compile(r"[1-9]\d{3,8}", re.ASCII)
_PAPER_NUMBER = re.compile(r"(\d{1,3})-(\d{1,9})", re.ASCII)

DETAILS = tuple(_customer.c[name] for name in CustomerDetails.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class FoundCustomer:
    """A customer of the festival, and what is known of them.

    `far` is somebody whose name is only a little like the one that was looked for.
    """

    id: UUID
    details: CustomerDetails
    far: bool = False


def find_customers(
    session: Session,
    text: str,
    *,
    index: CustomerIndex | None = None,
    misspelt: bool = True,
    limit: int = 40,
) -> tuple[FoundCustomer, ...]:
    """The customers that `text` may mean, the likeliest first; when it is empty, those last seen.

    It may be a scanned code, the number of a pass, of a ticket or of a sale, or words and digits of a name,
    an e-mail or a phone, without accents and, unless told otherwise, `misspelt`. Whoever types on keeps an
    `index` at hand; without one, it is read.
    """
    text = text.strip()
    if not text:
        return _found(session, _all().order_by(_customer.c.seen_at.desc(), _customer.c.id).limit(limit))
    if (held_by := _holders(text)) is not None:
        return _found(session, _all().where(_customer.c.id.in_(held_by)).limit(limit))
    numbered = _with_number_given_elsewhere(session, text, limit)
    words = _words(text)
    if not words:
        return numbered
    index = index or read_index(session)
    texts = index.having(words, limit)
    far: set[str] = set()
    if misspelt and len(texts) < FEW:
        nearest = index.nearest(words, limit)
        far = {text for text, close in nearest.items() if not close}.difference(texts)
        texts += [text for text in nearest if text not in texts]
    others = tuple(found for found in _by_texts(session, texts, far) if found not in numbered)
    return (*numbered, *others)[:limit]


def read_customer(session: Session, customer_id: UUID) -> FoundCustomer | None:
    """One customer by their id, or the one that they were merged into; None for nobody, or if erased."""
    standing = standing_id(session, customer_id)
    found = _found(session, _all().where(_customer.c.id == standing))
    return found[0] if found else None


def known_customer(session: Session, customer_id: UUID) -> FoundCustomer:
    """One customer as `read_customer` finds them. Raises Refusal for nobody, and for one who was erased."""
    customer = read_customer(session, customer_id)
    if customer is None:
        raise erased()
    return customer


def erased() -> Refusal:
    """What is said of a customer who is no more."""
    return Refusal(_("Cette fiche n'existe plus : elle a été effacée."), _("Cherchez le client."))


def standing_id(session: Session, customer_id: UUID) -> UUID:
    """Whom an id means today: that of a customer merged into another is the other."""
    into = session.execute(
        select(_customer.c.merged_into_id).where(_customer.c.id == customer_id)
    ).scalar_one_or_none()
    return customer_id if into is None else standing_id(session, into)


def held_customer(session: Session, customer_id: UUID, *, alone: bool = False) -> UUID:
    """Whom an id means today, kept from being merged into another until the transaction ends.

    Held `alone`, nobody else holds them meanwhile.
    """
    while True:
        standing = standing_id(session, customer_id)
        held = select(_customer.c.merged_into_id).where(_customer.c.id == standing)
        merged = session.execute(
            held.with_for_update(read=not alone, key_share=not alone)
        ).scalar_one_or_none()
        if merged is None:
            return standing
        customer_id = merged


def usual_town(session: Session, postcode: str) -> str:
    """The town that most customers of this postcode live in; empty when nobody has said."""
    known = session.execute(
        select(_customer.c.town)
        .where(_customer.c.postcode == postcode, _customer.c.town != "")
        .group_by(_customer.c.town)
        .order_by(func.count().desc(), _customer.c.town)
        .limit(1)
    ).scalar_one_or_none()
    return known or ""


def is_of_something(text: str) -> bool:
    """Whether a text is the code or the number of something held, and so no part of a name or a phone."""
    text = text.strip()
    numbers = (_PASS_NUMBER, _PAPER_NUMBER, _NUMBER_ELSEWHERE)
    return bool(read_code(text) or any(number.fullmatch(text) for number in numbers))


def _holders(text: str) -> Select[tuple[UUID]] | None:
    """Whoever holds what was scanned, or what bears the number typed; None if it is neither."""
    scanned = read_code(text)
    if scanned is not None:
        kind, code = scanned
        match kind:
            case CodeKind.PASS:
                return select(_pass.c.holder_id).where(_pass.c.code == code)
            case CodeKind.TICKET:
                of_ticket = select(_ticket.c.sale_id).where(_ticket.c.code == code)
                return _customers_of(_sale.c.id.in_(of_ticket))
            case CodeKind.RESERVATION:
                return select(_reservation.c.customer_id).where(_reservation.c.code == code)
            case _:
                return None
    if _PASS_NUMBER.fullmatch(text):
        return select(_pass.c.holder_id).where(_pass.c.number.startswith(text, autoescape=True))
    if paper := _PAPER_NUMBER.fullmatch(text):
        till, number = map(int, paper.groups())
        of_till = select(_till.c.id).where(_till.c.number == till)
        of_ticket = select(_ticket.c.sale_id).where(
            _ticket.c.till_id.in_(of_till), _ticket.c.number == number
        )
        numbered = _sale.c.till_id.in_(of_till) & (_sale.c.number == number)
        return _customers_of(or_(_sale.c.id.in_(of_ticket), numbered))
    return None


def _with_number_given_elsewhere(session: Session, text: str, limit: int) -> tuple[FoundCustomer, ...]:
    """Whoever holds a pass whose number begins so, or ends with so many digits; dashes and capitals aside."""
    squeezed = text.replace(" ", "").replace("-", "").upper()
    number = func.upper(func.replace(func.replace(_pass.c.number, "-", ""), " ", ""))
    if _NUMBER_ELSEWHERE.fullmatch(text):
        is_it = number.startswith(squeezed, autoescape=True)
    elif _DIGITS.fullmatch(squeezed):
        is_it = number.endswith(squeezed, autoescape=True)
    else:
        return ()
    return _found(
        session, _all().where(_customer.c.id.in_(select(_pass.c.holder_id).where(is_it))).limit(limit)
    )


def _customers_of(sales: ColumnElement[bool]) -> Select[tuple[UUID]]:
    """The customers named on these sales, each as they are known today."""
    once = _customer.alias("once")
    return (
        select(func.coalesce(once.c.merged_into_id, once.c.id))
        .join(_sale, _sale.c.customer_id == once.c.id)
        .where(sales, _sale.c.kind == SaleKind.SALE)
    )


def _words(text: str) -> list[str]:
    """What is looked for in a customer's words: a phone number is one word, however it is spaced."""
    if _LABELLED.fullmatch(text):
        return [digits] if (digits := phone_digits(text)) else []
    return folded(text).split()


def _by_texts(session: Session, texts: Sequence[str], far: Container[str]) -> tuple[FoundCustomer, ...]:
    """The customers who are found by these texts today, in their order; some only by a `far` likeness."""
    order = {text: place for place, text in enumerate(texts)}
    wanted = select(_customer.c.id, _customer.c.search, *DETAILS).where(
        STANDING, _customer.c.search.in_(order)
    )
    rows = session.connection().execute(wanted).mappings() if order else ()
    ordered = sorted(rows, key=lambda row: order[row["search"]])
    return tuple(replace(found_customer(row), far=row["search"] in far) for row in ordered)


def _all() -> Select[tuple[UUID]]:
    return select(_customer.c.id, *DETAILS).where(STANDING)


def _found(session: Session, wanted: Select[tuple[UUID]]) -> tuple[FoundCustomer, ...]:
    return tuple(map(found_customer, session.connection().execute(wanted).mappings()))


def found_customer(row: RowMapping) -> FoundCustomer:
    """A customer from a row that has their id and all their details."""
    return FoundCustomer(row["id"], details_of(row))


def details_of(row: RowMapping) -> CustomerDetails:
    """The details in a row that has them all."""
    return CustomerDetails(**{name: row[name] for name in CustomerDetails.__dataclass_fields__})
