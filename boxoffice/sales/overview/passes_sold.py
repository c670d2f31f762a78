"""Passes and accreditations by product: how many there are, and the places still unused on them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, case, func, select
from sqlmodel import Session

from boxoffice.clock import Clock, business_day, paris
from boxoffice.kinds import PassKind, PassSource, PassState
from boxoffice.models import Pass, PassProduct, Product, table
from boxoffice.prepared import Prepared

from ..staff.rules import Rules

_pass, _terms, _product = table(Pass), table(PassProduct), table(Product)

LISTED = 500
"""The most passes that are listed of one product."""

_STANDS = _pass.c.state != PassState.CANCELLED
_BY_PRODUCT = Prepared(
    select(
        _product.c.id,
        _product.c.label,
        _terms.c.kind,
        func.sum(case((_STANDS, 1), else_=0)).label("passes"),
        func.sum(case((_STANDS & (_pass.c.source == PassSource.COUNTER), 1), else_=0)).label("here"),
        func.sum(case((_STANDS & (_pass.c.issued_at >= bindparam("since")), 1), else_=0)).label("today"),
        func.sum(case((_STANDS, _pass.c.places), else_=0)).label("places"),
        func.sum(case((_STANDS, _pass.c.used), else_=0)).label("used"),
        func.sum(case((_STANDS & _pass.c.places.is_(None), 1), else_=0)).label("unlimited"),
        func.sum(case((_STANDS & _pass.c.places.is_not(None), _pass.c.places - _pass.c.used), else_=0)).label(
            "unused"
        ),
    )
    .select_from(_pass)
    .join(_product, _product.c.id == _pass.c.product_id)
    .join(_terms, _terms.c.product_id == _pass.c.product_id)
    .group_by(_product.c.id, _product.c.label, _terms.c.kind, _product.c.position)
    .order_by(_product.c.position, _product.c.label)
)
_OF_PRODUCT = Prepared(
    select(
        _pass.c.id,
        _pass.c.number,
        _pass.c.source,
        _pass.c.state,
        _pass.c.places,
        _pass.c.used,
        _pass.c.issued_at,
    )
    .where(_pass.c.product_id == bindparam("product"), _STANDS)
    .order_by(_pass.c.issued_at.desc(), _pass.c.number)
    .limit(LISTED)
)


@dataclass(frozen=True, slots=True)
class PassesOf:
    """The passes of one product that were not cancelled, `here` those sold at a counter of this box office.

    `places` are those of passes that have so many; `unlimited` passes have as many as wanted. `used` places
    are booked, or were; `unused` ones may still be, and are counted on passes that have so many alone.
    """

    product_id: int
    label: str
    kind: PassKind
    passes: int
    here: int
    today: int
    places: int
    used: int
    unlimited: int
    unused: int


@dataclass(frozen=True, slots=True)
class ListedPass:
    """A pass as listed: by its number, without the name of its holder."""

    id: UUID
    number: str
    source: PassSource
    state: PassState
    places: int | None
    used: int
    issued_at: datetime


def read_passes_sold(session: Session, rules: Rules, *, clock: Clock) -> tuple[PassesOf, ...]:
    """Every product of which there are passes, in the order in which they are sold."""
    today = business_day(clock.now(), rules.business_day_starts)
    since = paris(today, rules.business_day_starts)
    rows = _BY_PRODUCT.all(session, {"since": since})
    return tuple(PassesOf(*row.values()) for row in rows)


def read_passes_of(session: Session, product_id: int) -> tuple[ListedPass, ...]:
    """The last passes of a product, the latest first."""
    return tuple(ListedPass(**row) for row in _OF_PRODUCT.all(session, {"product": product_id}))
