"""The inbox of requests for credit notes, with what a manager needs to decide; cheap to count."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlmodel import Session

from boxoffice.kinds import CreditRequestSource, CreditState, ScreeningState
from boxoffice.models import (
    CreditAnswer,
    CreditNote,
    CreditRequest,
    Customer,
    Event,
    Hall,
    Operator,
    Payment,
    Quota,
    Sale,
    SaleLine,
    Screening,
    Ticket,
    TicketScan,
    Till,
    table,
)

from ..books.numbers import paper_number

_request, _answer, _note = table(CreditRequest), table(CreditAnswer), table(CreditNote)
_ticket, _line, _sale, _scan = table(Ticket), table(SaleLine), table(Sale), table(TicketScan)
_screening, _event, _hall, _quota = table(Screening), table(Event), table(Hall), table(Quota)
_customer, _operator, _payment = table(Customer), table(Operator), table(Payment)
_once = table(Customer).alias("once")
_till, _sold_by, _noted_by = table(Till), table(Till).alias("sold_by"), table(Till).alias("noted_by")

_COUNT = (
    select(func.count())
    .select_from(_request)
    .outerjoin(_answer, _answer.c.request_id == _request.c.id)
    .where(_answer.c.request_id.is_(None))
)
_IN_QUOTAS = (
    select(func.coalesce(func.sum(_quota.c.allocated), 0))
    .where(_quota.c.screening_id == _screening.c.id)
    .scalar_subquery()
)
_COVERED = (
    select(func.coalesce(func.sum(_payment.c.amount_cents), 0))
    .where(_payment.c.sale_id == _request.c.sale_id, _payment.c.covers == _request.c.position)
    .scalar_subquery()
)
_ROWS = (
    select(
        _request,
        _COVERED.label("covered_cents"),
        _answer.c.accepted,
        _answer.c.reason,
        _answer.c.at.label("answered_at"),
        _operator.c.name.label("answered_by"),
        _note.c.number.label("note_number"),
        _noted_by.c.number.label("note_till"),
        _sale.c.number.label("sale_number"),
        _sold_by.c.number.label("sale_till"),
        _ticket.c.number.label("ticket_number"),
        _till.c.number.label("ticket_till"),
        _line.c.label,
        _event.c.title,
        _hall.c.short_name.label("hall"),
        _screening.c.starts_at,
        _screening.c.state,
        _screening.c.capacity,
        (_screening.c.allocated + _IN_QUOTAS).label("sold"),
        _customer.c.id.label("known_as"),
        _customer.c.surname,
        _customer.c.first_name,
        _customer.c.organisation,
        _customer.c.email,
    )
    .join(_ticket, (_ticket.c.sale_id == _request.c.sale_id) & (_ticket.c.position == _request.c.position))
    .join(_line, (_line.c.sale_id == _request.c.sale_id) & (_line.c.position == _request.c.position))
    .join(_sale, _sale.c.id == _request.c.sale_id)
    .join(_sold_by, _sold_by.c.id == _sale.c.till_id)
    .join(_till, _till.c.id == _ticket.c.till_id)
    .join(_screening, _screening.c.id == _ticket.c.screening_id)
    .join(_event, _event.c.id == _screening.c.event_id)
    .join(_hall, _hall.c.id == _screening.c.hall_id)
    .outerjoin(_once, _once.c.id == _request.c.customer_id)
    .outerjoin(_customer, _customer.c.id == func.coalesce(_once.c.merged_into_id, _once.c.id))
    .outerjoin(_answer, _answer.c.request_id == _request.c.id)
    .outerjoin(_operator, _operator.c.id == func.coalesce(_answer.c.authorized_by_id, _answer.c.operator_id))
    .outerjoin(_note, _note.c.sale_id == _answer.c.sale_id)
    .outerjoin(_noted_by, _noted_by.c.id == _note.c.till_id)
)


@dataclass(frozen=True, slots=True)
class CreditRow:
    """A request for a credit note, as a manager decides on it; amounts are cents, moments UTC.

    `covered_cents` of what is credited are a place that returns to its card. `operation` and `ticket_number`
    are as printed, `credit_note` too once it was accepted. `sold` of
    `capacity` seats of the screening are taken.
    """

    request_id: UUID
    state: CreditState
    source: CreditRequestSource
    asked_at: datetime
    operation: str
    sale_id: UUID
    ticket_number: str
    label: str
    event_title: str
    hall: str
    starts_at: datetime
    cancelled: bool
    sold: int
    capacity: int
    customer_id: UUID | None
    customer_name: str
    customer_email: str
    paid_cents: int
    credited_cents: int
    covered_cents: int = 0
    reason: str = ""
    answered_at: datetime | None = None
    answered_by: str = ""
    credit_note: str = ""

    @property
    def worth_cents(self) -> int:
        """What is given as money, beside the place that returns to its card."""
        return self.credited_cents - self.covered_cents

    @property
    def place_comes_back(self) -> bool:
        """Whether a card that paid for it gets its place back."""
        return self.covered_cents > 0

    def time_left(self, at: datetime) -> timedelta:
        """How long before the screening; negative once it has started."""
        return self.starts_at - at

    @property
    def fullness(self) -> int:
        """How full the screening is, in per cent rounded down."""
        return 100 * self.sold // self.capacity


def count_pending(session: Session) -> int:
    """How many requests wait for an answer: read whenever another counter has written something."""
    counted: int = session.connection().execute(_COUNT).scalar_one()
    return counted


def pending_credits(session: Session) -> tuple[CreditRow, ...]:
    """The requests that wait for an answer, the oldest first."""
    waiting = _ROWS.where(_answer.c.request_id.is_(None))
    return _rows(session, waiting.order_by(_request.c.asked_at, _request.c.id))


def answered_credits(session: Session, *, limit: int = 200) -> tuple[CreditRow, ...]:
    """The requests answered last, the latest first."""
    answered = _ROWS.where(_answer.c.request_id.is_not(None))
    return _rows(session, answered.order_by(_answer.c.at.desc(), _request.c.id).limit(limit))


def all_credits(session: Session) -> tuple[CreditRow, ...]:
    """Every request there ever was, the oldest first."""
    return _rows(session, _ROWS.order_by(_request.c.asked_at, _request.c.id))


def read_credit(session: Session, request_id: UUID) -> CreditRow | None:
    """One request as it stands."""
    found = _rows(session, _ROWS.where(_request.c.id == request_id))
    return found[0] if found else None


def credits_of(session: Session, customer_id: UUID) -> tuple[CreditRow, ...]:
    """What a customer asked for, the latest first."""
    theirs = _ROWS.where(_customer.c.id == customer_id)
    return _rows(session, theirs.order_by(_request.c.asked_at.desc(), _request.c.id))


def _rows(session: Session, statement: Select[Any]) -> tuple[CreditRow, ...]:
    return tuple(
        CreditRow(
            request_id=row["id"],
            state=_state(row["accepted"]),
            source=row["source"],
            asked_at=row["asked_at"],
            operation=paper_number(row["sale_till"], row["sale_number"]),
            sale_id=row["sale_id"],
            ticket_number=paper_number(row["ticket_till"], row["ticket_number"]),
            label=row["label"],
            event_title=row["title"],
            hall=row["hall"],
            starts_at=row["starts_at"],
            cancelled=row["state"] is ScreeningState.CANCELLED,
            sold=row["sold"],
            capacity=row["capacity"],
            customer_id=row["known_as"],
            customer_name=_name(row["first_name"], row["surname"], row["organisation"]),
            customer_email=row["email"] or "",
            paid_cents=row["paid_cents"],
            credited_cents=row["credited_cents"],
            covered_cents=row["covered_cents"],
            reason=row["reason"] or "",
            answered_at=row["answered_at"],
            answered_by=row["answered_by"] or "",
            credit_note=paper_number(row["note_till"], row["note_number"]) if row["note_number"] else "",
        )
        for row in session.execute(statement).mappings()
    )


def _state(accepted: bool | None) -> CreditState:
    if accepted is None:
        return CreditState.PENDING
    return CreditState.ACCEPTED if accepted else CreditState.REFUSED


def _name(first_name: str | None, surname: str | None, organisation: str | None) -> str:
    return " ".join(filter(None, (first_name, surname))) or organisation or ""
