"""The sales told again from the books, to the letter: what agrees with the journal need not be taken apart.

Only equal text counts as agreement. Whatever is not told the same is left to the reconciliation, which reads
it column by column and names what is wrong: nothing is passed over here.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Column, Dialect, Table, bindparam, select
from sqlmodel import Session

from boxoffice.models import JournalEntry, LineKind, Payment, Sale, SaleLine, Ticket, table
from boxoffice.prepared import Prepared, Stored

from .bookkeeping import (
    Names,
    code_told,
    describe_line,
    describe_payment,
    describe_sale,
    describe_ticket,
    describe_vat,
    vat_amounts,
)
from .journal import canonical

_entry, _sale, _line = table(JournalEntry), table(Sale), table(SaleLine)
_ticket, _payment = table(Ticket), table(Payment)

_OF_ONE_SALE: dict[str, Any] = {
    "at": datetime.min.replace(tzinfo=UTC),
    "id": UUID(int=0),
    "number": 0,
    "total_cents": 0,
}
_OF_ONE_TICKET: dict[str, Any] = {"code": "", "number": 0}
"""What no two rows share, with anything in its place: what is told around it is often the same."""

_REMEMBERED = 10_000
"""Rows that are the same but for their sale, such as a seat of a screening at a tariff, are told once."""

_DIGITS_OF_A_UUID = 32


class EntryRow(NamedTuple):
    """An entry of the journal, its columns as the driver gives them."""

    till_id: int
    sequence: int
    at: Any
    kind: str
    content: str
    digest: str
    signature: str
    key_fingerprint: str
    has_sale: bool


class SaleTold(NamedTuple):
    """The parts of an entry that tell a sale, in canonical JSON; those of several rows without brackets."""

    operator: str
    sale: str
    lines: str
    tickets: str
    payments: str
    vat: str


class SoldAs(NamedTuple):
    """What a line was sold as: the tariff of a screening, or a product; its price in cents, its VAT rate.

    The price is that before a promo code took something off.
    """

    screening_id: int | None
    tariff: str | None
    product_id: int | None
    cents: int
    rate: int


class IssuedFor(NamedTuple):
    """What a ticket says of its screening."""

    screening_id: int
    starts_at: datetime
    place: str


class Frame(NamedTuple):
    """What an entry tells that no row holds, in JSON: as in the entry before, but after an upgrade."""

    establishment: str
    version: str


class _Rows:
    """How rows of a table are read, for the entries of a till; `first` are the columns that come first."""

    def __init__(self, rows: Table, sale_id: Column[Any], dialect: Dialect, *first: str) -> None:
        rest = (column.name for column in rows.c if column.name not in {*first, sale_id.name})
        self.first, self.rest = first, tuple(rest)
        processes = {
            column.name: column.type.dialect_impl(dialect).result_processor(dialect, None)
            for column in rows.c
        }
        self.process: dict[str, Callable[[Any], Any]] = {
            name: process for name, process in processes.items() if process
        }
        names = (*self.first, *self.rest)
        order = (rows.c.position,) if "position" in rows.c else ()
        self.query = Prepared(
            select(_entry.c.sequence.label("entry"), *(rows.c[name] for name in names))
            .join(rows, sale_id == _entry.c.sale_id)
            .where(
                _entry.c.till_id == bindparam("till"),
                _entry.c.sequence.between(bindparam("first"), bindparam("last")),
            )
            .order_by(_entry.c.sequence, *order)
        )

    def values(self, stored: Stored) -> dict[str, Any]:
        """What the columns mean that come after the first."""
        values = dict(zip(self.rest, stored, strict=True))
        for name, process in self.process.items():
            if name in values:
                values[name] = process(values[name])
        return values


class Retelling:
    """Tells sales from their rows, remembering how those that are often the same are told.

    `sold` and `issued` are all that was, each once, in what was read so far.
    """

    def __init__(self, session: Session, names: Names) -> None:
        self.sold: set[SoldAs] = set()
        self.issued: set[IssuedFor] = set()
        dialect = session.connection().dialect
        self._names = names
        self._sales = _Rows(_sale, _sale.c.id, dialect, *_OF_ONE_SALE)
        self._lines = _Rows(_line, _line.c.sale_id, dialect)
        self._tickets = _Rows(_ticket, _ticket.c.sale_id, dialect, *_OF_ONE_TICKET)
        self._payments = _Rows(_payment, _payment.c.sale_id, dialect)
        self._quoted = lru_cache(_REMEMBERED)(canonical)
        self.moment = lru_cache(_REMEMBERED)(self._moment)
        self._line = lru_cache(_REMEMBERED)(self._tell_line)
        self._payment = lru_cache(_REMEMBERED)(self._tell_payment)
        self._vat = lru_cache(_REMEMBERED)(self._tell_vat)
        self._ticket = lru_cache(_REMEMBERED)(self._around_ticket)
        self._sale = lru_cache(_REMEMBERED)(self._around_sale)

    def entry(self, entry: EntryRow, sale: SaleTold, till: int, frame: Frame) -> str:
        """A whole entry as the journal must tell it, from its own columns and the sale."""
        operator, told, lines, tickets, payments, vat = sale
        return (
            f'{{"at":{self.moment(entry.at)},"entry":{self._quoted(entry.kind)},'
            f'"establishment":{frame.establishment},"key":{self._quoted(entry.key_fingerprint)},'
            f'"lines":[{lines}],"operator":{operator},"payments":[{payments}],"sale":{told},'
            f'"sequence":{entry.sequence},"tickets":[{tickets}],"till":{till},"vat":[{vat}],'
            f'"version":{frame.version}}}'
        )

    def read(self, session: Session, till_id: int, first: int, last: int) -> dict[int, SaleTold]:
        """The sales that these entries of a till tell, by entry.

        Raises what making a value raises where a column holds none: LookupError, ValueError, TypeError,
        AttributeError or DBAPIError.
        """
        run = {"till": till_id, "first": first, "last": last}
        lines, amounts, tickets, payments = (defaultdict[int, list[Any]](list) for _part in range(4))
        for row in self._lines.query.stored(session, run):
            told, counted = self._line(row[1:])
            lines[row[0]].append(told)
            amounts[row[0]].extend(counted)
        for row in self._tickets.query.stored(session, run):
            entry, code, number = row[:3]
            start, middle, end = self._ticket(row[3:])
            tickets[entry].append(f'{start}"{code_told(code)}"{middle}{_whole(number)}{end}')
        for row in self._payments.query.stored(session, run):
            told, counted = self._payment(row[1:])
            payments[row[0]].append(told)
            amounts[row[0]].extend(counted)
        sales = {}
        for row in self._sales.query.stored(session, run):
            entry, at, sale_id, number, total = row[:5]
            operator, (start, to_id, to_number, to_total, end) = self._sale(row[5:])
            told = (
                f"{start}{self.moment(at)}{to_id}{_uuid(sale_id)}"
                f"{to_number}{_whole(number)}{to_total}{_whole(total)}{end}"
            )
            sales[entry] = SaleTold(
                operator,
                told,
                ",".join(lines[entry]),
                ",".join(tickets[entry]),
                ",".join(payments[entry]),
                self._vat(tuple(amounts[entry])),
            )
        return sales

    def _moment(self, stored: Any) -> str:
        return f'"{self._sales.process["at"](stored).isoformat()}"'

    def _tell_line(self, stored: Stored) -> tuple[str, tuple[tuple[int, int], ...]]:
        """A line as told, and what VAT counts of it."""
        line = self._lines.values(stored)
        if line["kind"] is not LineKind.FEE:
            self.sold.add(
                SoldAs(
                    line["screening_id"],
                    line["tariff_code"],
                    line["product_id"],
                    line["unit_price_cents"] + line["discount_cents"],
                    line["vat_rate"],
                )
            )
        return canonical(describe_line(line, self._names)), tuple(vat_amounts((line,), ()))

    def _tell_payment(self, stored: Stored) -> tuple[str, tuple[tuple[int, int], ...]]:
        """A payment as told, and what VAT was counted of it before."""
        payment = self._payments.values(stored)
        return canonical(describe_payment(payment)), tuple(vat_amounts((), (payment,)))

    def _tell_vat(self, amounts: tuple[tuple[int, int], ...]) -> str:
        return ",".join(canonical(share) for share in describe_vat(amounts))

    def _around_ticket(self, stored: Stored) -> tuple[str, ...]:
        ticket = {**_OF_ONE_TICKET, **self._tickets.values(stored)}
        self.issued.add(IssuedFor(ticket["screening_id"], ticket["starts_at"], ticket["place"]))
        return _around(describe_ticket(ticket, self._names), "code", "number")

    def _around_sale(self, stored: Stored) -> tuple[str, tuple[str, ...]]:
        """Who sold, as told, and what is told of the sale around what is only its own."""
        sale = {**_OF_ONE_SALE, **self._sales.values(stored)}
        operator = canonical(self._names.operators.get(sale["operator_id"]))
        return operator, _around(describe_sale(sale, self._names), "at", "id", "number", "total")


def _around(told: Mapping[str, Any], *keys: str) -> tuple[str, ...]:
    """The text of what is told around the values of some keys, given in their order."""
    pieces, rest = [], canonical(told)
    for key in keys:
        start, _value, rest = rest.partition(_pair(key, told[key]))
        pieces.append(f'{start}"{key}":')
    return (*pieces, rest)


@cache
def _pair(key: str, value: str | int) -> str:
    """A key and its value as told."""
    return canonical({key: value})[1:-1]


def _whole(number: Any) -> str:
    """A whole number as told. Raises TypeError for anything else: it could hold the text around it."""
    if type(number) is not int:
        raise TypeError
    return str(number)


def _uuid(stored: Any) -> str:
    """A UUID as it is told; SQLite keeps its digits alone. Raises ValueError if it is none."""
    if not isinstance(stored, str):
        return f'"{stored}"'
    if len(stored) != _DIGITS_OF_A_UUID or not stored.isalnum():
        raise ValueError
    return f'"{stored[:8]}-{stored[8:12]}-{stored[12:16]}-{stored[16:20]}-{stored[20:]}"'
