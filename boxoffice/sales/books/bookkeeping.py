"""Writing an operation in the books, and telling it to the journal in words that need no database."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import Session

from boxoffice.kinds import BookingEndKind, JournalKind
from boxoffice.models import LineKind, Payment, Sale, SaleKind, SaleLine, Ticket, TicketHolder, table
from boxoffice.money import split_vat
from boxoffice.prepared import Prepared, Row

from ..prints.papers import VatShare
from ..staff.desk import Desk
from ..vouchers.stored_values import bring_in, carry_out
from ..vouchers.value_changes import Changes
from . import journal

_INSERT_SALE = Prepared(insert(table(Sale)))
_INSERT_LINES = Prepared(insert(table(SaleLine)))
_INSERT_TICKETS = Prepared(insert(table(Ticket)))
_INSERT_PAYMENTS = Prepared(insert(table(Payment)))
_INSERT_HOLDERS = Prepared(insert(table(TicketHolder)))

FOUNDED = "founded"
"""What an entry calls since when somebody sells, beside who."""
ENDS_TOLD = {
    BookingEndKind.CANCELLED: JournalKind.BOOKING_CANCELLED,
    BookingEndKind.SWAPPED: JournalKind.BOOKING_SWAPPED,
}
"""The ends of bookings that have an entry of their own; the festival's are told with their screening."""

ENTRIES_OF = {
    SaleKind.SALE: JournalKind.SALE_COMPLETED,
    SaleKind.REVERSAL: JournalKind.SALE_REVERSED,
    SaleKind.CREDIT_NOTE: JournalKind.SALE_CREDITED,
}
"""What the entry of each kind of operation is called."""

Name = TypeVar("Name", int, str)
Id = TypeVar("Id", int, UUID)


@dataclass(frozen=True, slots=True)
class Operation:
    """The rows of one sale, reversal or credit note, as the tables hold them.

    `passes` are those it sells, as they are at that moment, or takes back. `credit_note` is what a credit
    note tells besides: its number, and the requests that it answers.
    """

    sale: Row
    lines: Sequence[Row]
    tickets: Sequence[Row] = ()
    payments: Sequence[Row] = ()
    passes: Sequence[Row] = ()
    credit_note: Row | None = None


class Shown(NamedTuple):
    """What a screening is of, and where, by their codes: for whom its takings are."""

    event: str
    venue: str


@dataclass(frozen=True, slots=True)
class Names:
    """What the journal calls the things that the tables know by id; shifts go by (till id, shift id).

    Of screenings, `shown` are the event and the venue as they are when the journal tells of one. `people` are
    the names of the operators by their numbers.
    """

    tills: Mapping[int, int]
    operators: Mapping[int, int]
    sessions: Mapping[tuple[int, int], datetime]
    screenings: Mapping[int, str] = field(default_factory=dict)
    products: Mapping[int, str] = field(default_factory=dict)
    passes: Mapping[UUID, str] = field(default_factory=dict)
    people: Mapping[int, str] = field(default_factory=dict)
    shown: dict[int, Shown] = field(default_factory=dict)


def record(
    session: Session,
    desk: Desk,
    operation: Operation,
    names: Names,
    *,
    journal_sequence: int,
    holders: Sequence[Row] = (),
    changes: Changes | None = None,
) -> None:
    """Insert an operation whole, do to the values what it does, and seal it with its entry in the journal.

    Raises Refusal where a value does not give what it is to give.
    """
    at, sale_id = operation.sale["at"], operation.sale["id"]
    if changes:
        bring_in(session, changes.issued, at)
    _INSERT_SALE.insert(session, [operation.sale])
    _INSERT_LINES.insert(session, operation.lines)
    if operation.tickets:
        _INSERT_TICKETS.insert(session, operation.tickets)
    if holders:
        _INSERT_HOLDERS.insert(session, holders)
    if operation.payments:
        _INSERT_PAYMENTS.insert(session, operation.payments)
    told = describe(operation, names)
    if changes:
        told |= carry_out(session, changes, desk, at=at, sale_id=sale_id)
    entry = ENTRIES_OF[operation.sale["kind"]]
    journal.write_entry(session, desk.post, journal_sequence, entry, told, at=at, sale_id=sale_id)


def describe(operation: Operation, names: Names) -> dict[str, Any]:
    """Everything an operation is, for the journal: every column of its rows, ids told by name."""
    return {
        "operator": names.operators.get(operation.sale["operator_id"]),
        "sale": describe_sale(operation.sale, names),
        "lines": [describe_line(line, names) for line in operation.lines],
        "tickets": [describe_ticket(ticket, names) for ticket in operation.tickets],
        "payments": [describe_payment(payment) for payment in operation.payments],
        "vat": describe_vat(vat_amounts(operation.lines, operation.payments)),
        **({"passes": [describe_pass(row, names) for row in operation.passes]} if operation.passes else {}),
        **({"credit_note": operation.credit_note} if operation.credit_note else {}),
    }


def describe_sale(sale: Row, names: Names) -> dict[str, Any]:
    """A customer is told by an id that says nothing of anybody, and not at all where there is none."""
    return {
        "at": sale["at"].isoformat(),
        "authorized_by": named(names.operators, sale["authorized_by_id"]),
        "business_day": sale["business_day"].isoformat(),
        "id": str(sale["id"]),
        "kind": sale["kind"],
        "number": sale["number"],
        "reason": sale["reason"],
        "reverses": _text(sale["reverses_sale_id"]),
        "session": _moment(names.sessions.get((sale["till_id"], sale["till_session_id"]))),
        "till": names.tills.get(sale["till_id"]),
        "total": sale["total_cents"],
        **({"customer": str(sale["customer_id"])} if sale["customer_id"] else {}),
        **({"exchanges": str(sale["exchanges_sale_id"])} if sale["exchanges_sale_id"] else {}),
    }


def describe_line(line: Row, names: Names) -> dict[str, Any]:
    return {
        "kind": line["kind"],
        "label": line["label"],
        "position": line["position"],
        "price": line["unit_price_cents"],
        "product": named(names.products, line["product_id"]),
        "quantity": line["quantity"],
        "quota": line["quota"],
        "reverses": _text(line["reverses_sale_id"]),
        "reverses_position": line["reverses_position"],
        "screening": named(names.screenings, line["screening_id"]),
        "tariff": line["tariff_code"],
        "vat_rate": line["vat_rate"],
        **({"pass": named(names.passes, line["pass_id"])} if line["pass_id"] else {}),
        **({"value": str(line["value_id"])} if line["value_id"] else {}),
        **({"promo_code": str(line["promo_code_id"])} if line["promo_code_id"] else {}),
        **({"discount": line["discount_cents"]} if line["discount_cents"] != 0 else {}),
        **(names.shown[line["screening_id"]]._asdict() if line["screening_id"] in names.shown else {}),
    }


def describe_ticket(ticket: Row, names: Names) -> dict[str, Any]:
    return {
        "code": code_told(ticket["code"]),
        "number": ticket["number"],
        "place": ticket["place"],
        "position": ticket["position"],
        "screening": names.screenings.get(ticket["screening_id"]),
        "seat": ticket["seat"],
        "starts_at": ticket["starts_at"].isoformat(),
        "till": names.tills.get(ticket["till_id"]),
        "title": ticket["event_title"],
        "version": ticket["event_version"],
    }


def describe_pass(row: Row, names: Names) -> dict[str, Any]:
    """A pass as it is sold or brought in; its holder by an id that says nothing of anybody."""
    return {
        "code": code_told(row["code"]),
        "holder": str(row["holder_id"]),
        "id": str(row["id"]),
        "issued_at": row["issued_at"].isoformat(),
        "number": row["number"],
        "places": row["places"],
        "product": named(names.products, row["product_id"]),
        "source": row["source"],
        "valid_from": _moment(row["valid_from"]),
        "valid_until": _moment(row["valid_until"]),
    }


def code_told(code: str) -> str:
    """The SHA-256 of a code, in hex: the code itself opens a door."""
    return hashlib.sha256(code.encode()).hexdigest()


def describe_payment(payment: Row) -> dict[str, Any]:
    return {
        "amount": payment["amount_cents"],
        "means": payment["means"],
        "position": payment["position"],
        "reference": payment["reference"],
        "tendered": payment["tendered_cents"],
        **({"value": str(payment["value_id"])} if payment["value_id"] else {}),
        **({"vat_rate": payment["vat_rate"]} if payment["vat_rate"] is not None else {}),
        **({"covers": payment["covers"]} if payment["covers"] is not None else {}),
    }


def vat_amounts(lines: Iterable[Row], payments: Iterable[Row]) -> Iterator[tuple[int, int]]:
    """What VAT and turnover count of an operation, as (rate, gross cents) pairs: what is paid with a card
    whose VAT was counted when it was sold does not count again.
    """
    for line in lines:
        if line["kind"] is not LineKind.VOUCHER:
            yield line["vat_rate"], line["quantity"] * line["unit_price_cents"]
    for payment in payments:
        if payment["vat_rate"] is not None:
            yield payment["vat_rate"], -payment["amount_cents"]


def describe_vat(amounts: Iterable[tuple[int, int]]) -> list[dict[str, int]]:
    """The VAT of (rate, gross cents) pairs, as told."""
    return [
        {"gross": share.gross_cents, "net": share.net_cents, "rate": share.rate, "vat": share.vat_cents}
        for share in vat_shares(amounts)
    ]


def describe_establishment(establishment: Row) -> dict[str, str]:
    """Who sells, for the journal: all that is printed on papers."""
    return {
        name: str(establishment[name])
        for name in (
            "festival",
            "operator_name",
            "address",
            "postcode",
            "town",
            "siret",
            "vat_status",
            "vat_number",
            "specimen",
        )
    }


def vat_shares(amounts: Iterable[tuple[int, int]]) -> tuple[VatShare, ...]:
    """Totals per rate from (rate, gross cents) pairs: gross summed first, then split once per rate."""
    gross: dict[int, int] = defaultdict(int)
    for rate, cents in amounts:
        gross[rate] += cents
    return tuple(VatShare(rate, cents, *split_vat(cents, rate)) for rate, cents in sorted(gross.items()))


def named(names: Mapping[Id, Name], row_id: Id | None) -> Name | str | None:
    """The name of a row; an id that names nothing must not read as no id at all."""
    return None if row_id is None else names.get(row_id, f"unknown {row_id}")


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _moment(at: date | None) -> str | None:
    return None if at is None else at.isoformat()
