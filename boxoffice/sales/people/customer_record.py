"""One screen on a customer: what they bought, hold, booked and gave back. Whoever opens it is told of."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, union_all
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.kinds import JournalKind, StoredValueKind
from boxoffice.models import (
    Customer,
    Event,
    Pass,
    Reservation,
    ReservedSeat,
    ReservedSeatState,
    Sale,
    SaleLine,
    Screening,
    TicketHolder,
    table,
)

from .. import history
from ..books import journal
from ..credits.listing import CreditRow, credits_of
from ..history import SaleSummary
from ..holders.cockpit import Cockpit, read_cockpit
from ..staff.desk import Desk
from ..staff.rules import Rules
from ..vouchers.balances import LedgerRow, read_ledger
from ..vouchers.holdings import Holding, holdings_of
from ..vouchers.stored_values import account_id
from .customer_details import CustomerDetails
from .customers import known_customer

_customer, _pass, _sale, _line = table(Customer), table(Pass), table(Sale), table(SaleLine)
_sold = _sale.alias("sold")
_reservation, _seat = table(Reservation), table(ReservedSeat)
_screening, _event, _holder = table(Screening), table(Event), table(TicketHolder)

MOST_SALES = 200


@dataclass(frozen=True, slots=True)
class ReservedPlaces:
    """Equal seats of an e-reservation, and what became of them."""

    reference: str
    made_at: datetime
    event_title: str
    starts_at: datetime
    state: ReservedSeatState
    seats: int


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """All that the festival knows of a customer; the latest first, but bookings in order of time.

    `ticket_names` are those printed on nominative tickets of their sales, by sale and line. `holdings` are
    their balance, points and cards, `credits` the seats they asked to give back.
    """

    id: UUID
    details: CustomerDetails
    created_at: datetime
    seen_at: datetime
    passes: tuple[Cockpit, ...]
    ticket_names: Mapping[tuple[UUID, int], str]
    reservations: tuple[ReservedPlaces, ...]
    sales: tuple[SaleSummary, ...]
    holdings: tuple[Holding, ...]
    balance_ledger: tuple[LedgerRow, ...]
    credits: tuple[CreditRow, ...]


def open_record(session: Session, customer_id: UUID, desk: Desk, *, clock: Clock) -> CustomerRecord:
    """The record of a customer, or of the one whom they were merged into; the journal tells who asked.

    Raises Refusal for a customer who is no more.
    """
    record = read_record(session, customer_id, desk.post.rules)
    tell_opened(session, record.id, desk, clock=clock)
    return record


def tell_opened(session: Session, customer_id: UUID, desk: Desk, *, clock: Clock) -> None:
    """Tell the journal that somebody looked at what is known of a customer, by their card or their pass."""
    journal.append(
        session,
        desk.post,
        JournalKind.CUSTOMER_OPENED,
        {"customer": str(customer_id)},
        at=clock.now(),
        operator_number=desk.operator_number,
    )


def read_record(
    session: Session, customer_id: UUID, rules: Rules, *, most_sales: int | None = MOST_SALES
) -> CustomerRecord:
    """The same for whoever tells of it in other words; with every sale, if `most_sales` is None."""
    customer = known_customer(session, customer_id)
    row = session.execute(
        select(_customer.c.created_at, _customer.c.seen_at).where(_customer.c.id == customer.id)
    ).one()
    held = session.scalars(
        select(_pass.c.id).where(_pass.c.holder_id == customer.id).order_by(_pass.c.issued_at.desc())
    ).all()
    return CustomerRecord(
        id=customer.id,
        details=customer.details,
        created_at=row.created_at,
        seen_at=row.seen_at,
        passes=tuple(read_cockpit(session, pass_id, rules) for pass_id in held),
        ticket_names=_ticket_names(session, customer.id),
        reservations=_reservations(session, customer.id),
        sales=history.read_sales(session, sales_of([customer.id]), limit=most_sales),
        holdings=holdings_of(session, customer.id),
        balance_ledger=read_ledger(session, account_id(customer.id, StoredValueKind.BALANCE)),
        credits=credits_of(session, customer.id),
    )


def sales_of(customers: Sequence[UUID] | Select[tuple[UUID]]) -> ColumnElement[bool]:
    """The sales of these customers: in their name, in one that was merged into theirs, or, where nobody was
    named, with a pass of theirs.
    """
    once = select(_customer.c.id).where(
        or_(_customer.c.id.in_(customers), _customer.c.merged_into_id.in_(customers))
    )
    theirs = select(_pass.c.id).where(_pass.c.holder_id.in_(customers))
    with_pass = select(_line.c.sale_id).where(_line.c.pass_id.in_(theirs))
    in_name = select(_sold.c.id).where(_sold.c.customer_id.in_(once))
    in_none = select(_sold.c.id).where(_sold.c.customer_id.is_(None), _sold.c.id.in_(with_pass))
    return _sale.c.id.in_(union_all(in_name, in_none))


def _ticket_names(session: Session, customer_id: UUID) -> dict[tuple[UUID, int], str]:
    rows = session.execute(
        select(_holder.c.sale_id, _holder.c.position, _holder.c.name)
        .join(_sale, _sale.c.id == _holder.c.sale_id)
        .where(sales_of([customer_id]))
    )
    return {(sale_id, position): name for sale_id, position, name in rows}


def _reservations(session: Session, customer_id: UUID) -> tuple[ReservedPlaces, ...]:
    rows = session.execute(
        select(
            _reservation.c.reference,
            _reservation.c.made_at,
            _event.c.title,
            _screening.c.starts_at,
            _seat.c.state,
        )
        .join(_seat, _seat.c.reservation_id == _reservation.c.id)
        .join(_screening, _screening.c.id == _seat.c.screening_id)
        .join(_event, _event.c.id == _screening.c.event_id)
        .where(_reservation.c.customer_id == customer_id)
        .order_by(_reservation.c.made_at.desc(), _screening.c.starts_at, _seat.c.position)
    )
    counted: dict[tuple[str, datetime, str, datetime, ReservedSeatState], int] = defaultdict(int)
    for reference, made_at, title, starts_at, state in rows:
        counted[reference, made_at, title, starts_at, state] += 1
    return tuple(ReservedPlaces(*same, seats) for same, seats in counted.items())
