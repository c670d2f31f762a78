"""Passes as badge staff look for them, and whether their badge was printed."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlmodel import Session

from boxoffice.models import (
    Customer,
    Operator,
    Pass,
    PassKind,
    PassProduct,
    PassSource,
    PassState,
    PrintJob,
    Product,
    table,
)

from ..people.customer_details import folded
from ..prints.papers import DocumentKind
from .badges import BadgePrint, counts_for_nothing

_pass, _product, _terms = table(Pass), table(Product), table(PassProduct)
_customer, _operator = table(Customer), table(Operator)
_job = table(PrintJob)
_newer = _job.alias("newer")


@dataclass(frozen=True, slots=True)
class BadgeSelection:
    """Which passes are meant: all that is given must hold. `words` are of a name, organisation or number."""

    words: str = ""
    product_id: int | None = None
    sold_online: bool = False
    unprinted: bool = False
    pass_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class BadgeLine:
    """A pass as badge staff see it; `last` is the latest print of its badge, None if there was none."""

    pass_id: UUID
    number: str
    surname: str
    first_name: str
    organisation: str
    product: str
    kind: PassKind
    state: PassState
    last: BadgePrint | None


@dataclass(frozen=True, slots=True)
class UnprintedCount:
    """How many passes of a product have no badge yet."""

    product_id: int
    label: str
    kind: PassKind
    count: int


_HAS_BADGE = exists().where(
    _newer.c.pass_id == _pass.c.id, _newer.c.document == DocumentKind.BADGE, ~counts_for_nothing(_newer)
)
_LATEST_BADGE = and_(
    _job.c.pass_id == _pass.c.id,
    _job.c.document == DocumentKind.BADGE,
    ~exists().where(
        _newer.c.pass_id == _job.c.pass_id,
        _newer.c.document == DocumentKind.BADGE,
        or_(
            _newer.c.position > _job.c.position,
            and_(_newer.c.position == _job.c.position, _newer.c.copy_number > _job.c.copy_number),
        ),
    ),
)
_LINES = (
    select(
        _pass.c.id,
        _pass.c.number,
        _pass.c.state,
        _customer.c.surname,
        _customer.c.first_name,
        _customer.c.organisation,
        _product.c.label,
        _terms.c.kind,
        _job.c.id.label("job_id"),
        _job.c.copy_number,
        _job.c.state.label("job_state"),
        _job.c.created_at,
        _job.c.changed_at,
        _operator.c.name.label("operator"),
        _job.c.position,
        counts_for_nothing(_job).label("void"),
    )
    .join(_customer, _customer.c.id == _pass.c.holder_id)
    .join(_product, _product.c.id == _pass.c.product_id)
    .join(_terms, _terms.c.product_id == _pass.c.product_id)
    .outerjoin(_job, _LATEST_BADGE)
    .outerjoin(_operator, _operator.c.id == _job.c.operator_id)
)


def list_badges(session: Session, selection: BadgeSelection, *, limit: int = 100) -> tuple[BadgeLine, ...]:
    """The passes of a selection by name, with how far their badge got."""
    rows = session.execute(
        _LINES.where(*_conditions(selection)).order_by(_customer.c.search, _pass.c.number).limit(limit)
    )
    return tuple(
        BadgeLine(
            row.id,
            row.number,
            row.surname,
            row.first_name,
            row.organisation,
            row.label,
            row.kind,
            row.state,
            None
            if row.job_id is None
            else BadgePrint(
                row.job_id,
                row.copy_number,
                row.job_state,
                row.created_at,
                row.changed_at,
                row.operator or "",
                row.position,
                row.void,
            ),
        )
        for row in rows
    )


def count_badges(session: Session, selection: BadgeSelection) -> int:
    """How many passes a selection has."""
    return int(session.execute(select(func.count()).select_from(selected(selection).subquery())).scalar_one())


def count_unprinted(session: Session) -> tuple[UnprintedCount, ...]:
    """How many passes that serve have no badge yet, for each product that has any."""
    rows = session.execute(
        select(_product.c.id, _product.c.label, _terms.c.kind, func.count().label("passes"))
        .select_from(_pass)
        .join(_product, _product.c.id == _pass.c.product_id)
        .join(_terms, _terms.c.product_id == _pass.c.product_id)
        .where(_pass.c.state == PassState.ACTIVE, ~_HAS_BADGE)
        .group_by(_product.c.id, _product.c.label, _terms.c.kind, _product.c.position)
        .order_by(_product.c.position, _product.c.label)
    )
    return tuple(UnprintedCount(*row) for row in rows)


def selected(selection: BadgeSelection) -> Select[tuple[UUID]]:
    """The ids of the passes of a selection, by name."""
    return (
        select(_pass.c.id)
        .join(_customer, _customer.c.id == _pass.c.holder_id)
        .join(_terms, _terms.c.product_id == _pass.c.product_id)
        .where(*_conditions(selection))
        .order_by(_customer.c.search, _pass.c.number)
    )


def _conditions(selection: BadgeSelection) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        or_(
            _customer.c.search.contains(folded(word) or word, autoescape=True),
            _pass.c.number.contains(word, autoescape=True),
        )
        for word in selection.words.split()
    ]
    if selection.product_id is not None:
        conditions.append(_pass.c.product_id == selection.product_id)
    if selection.pass_id is not None:
        conditions.append(_pass.c.id == selection.pass_id)
    if selection.sold_online:
        conditions += [_pass.c.source == PassSource.ONLINE, _terms.c.kind == PassKind.PASS]
    if selection.unprinted:
        conditions += [_pass.c.state == PassState.ACTIVE, ~_HAS_BADGE]
    return conditions
