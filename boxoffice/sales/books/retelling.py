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

from sqlmodel import Session

from boxoffice.kinds import SaleKind
from boxoffice.models import LineKind, Payment, Sale, SaleLine, Ticket, table
from boxoffice.prepared import Row

from .bookkeeping import (
    Names,
    Shown,
    code_told,
    describe_line,
    describe_payment,
    describe_sale,
    describe_ticket,
    describe_vat,
    vat_amounts,
)
from .entries import EntryRow
from .journal import canonical
from .told_rows import REMEMBERED, ToldRows, as_it_is

_sale, _line, _ticket, _payment = table(Sale), table(SaleLine), table(Ticket), table(Payment)

_OF_ONE_SALE: dict[str, Any] = {
    "at": datetime.min.replace(tzinfo=UTC),
    "id": UUID(int=0),
    "number": 0,
    "total_cents": 0,
}
_OF_ONE_LINE: dict[str, Any] = {"position": 0}
_OF_ONE_TICKET: dict[str, Any] = {"code": "", "number": 0, "position": 0}
"""What no two rows share, with anything in its place: what is told around it is often the same."""

_DIGITS_OF_A_UUID = 32
_NO_END = 2**31 - 1
"""An entry beyond any."""


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

    The price is that before a promo code took something off; the label is what papers call it.
    """

    screening_id: int | None
    tariff: str | None
    product_id: int | None
    cents: int
    rate: int
    label: str


class IssuedFor(NamedTuple):
    """What a ticket says of its screening."""

    screening_id: int
    starts_at: datetime
    place: str
    title: str
    version: str


class Answered(NamedTuple):
    """A kind of operation of a till that somebody answered for, by their ids."""

    till_id: int
    kind: SaleKind
    by: int


class Frame(NamedTuple):
    """What an entry tells that no row holds, in JSON: as in the entry before, but after an upgrade."""

    establishment: str
    version: str


class Retelling:
    """Tells sales from their rows, remembering how those that are often the same are told.

    `sold`, `issued`, `shown` and `answered` are all that was, each once, in what was read so far; tickets of
    each screening were sold `until` a moment, and reversed until another, as the driver gives them.
    """

    def __init__(self, session: Session, names: Names) -> None:
        self.sold: set[SoldAs] = set()
        self.issued: set[IssuedFor] = set()
        self.shown: set[tuple[int, Shown]] = set()
        self.answered: set[Answered] = set()
        self._stands = dict(names.shown)
        self._ids = {code: row_id for row_id, code in names.screenings.items()}
        self._until: dict[int, Any] = {}
        self._reversed_until: dict[int, Any] = {}
        dialect = session.connection().dialect
        self._session, self._names = session, names
        self._next: tuple[int, int] | None = None
        self._sales = ToldRows(_sale, _sale.c.id, dialect, self._around_sale, _OF_ONE_SALE)
        self._lines = ToldRows(_line, _line.c.sale_id, dialect, self._around_line, _OF_ONE_LINE)
        self._tickets = ToldRows(_ticket, _ticket.c.sale_id, dialect, self._around_ticket, _OF_ONE_TICKET)
        self._payments = ToldRows(_payment, _payment.c.sale_id, dialect, self._tell_payment)
        self._all = (self._sales, self._lines, self._tickets, self._payments)
        self._read_moment: Callable[[Any], Any] = (
            _sale.c.at.type.dialect_impl(dialect).result_processor(dialect, None) or as_it_is
        )
        self._quoted = lru_cache(REMEMBERED)(canonical)
        self.moment = lru_cache(REMEMBERED)(self._moment)
        self._vat = lru_cache(REMEMBERED)(self._tell_vat)

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

    def told_besides(self, content: Mapping[str, Any], sale: SaleTold) -> bool:
        """Whether an entry tells a sale to the letter, whatever it tells besides."""
        operator, told, lines, tickets, payments, vat = sale
        return canonical({part: content.get(part) for part in SaleTold._fields}) == (
            f'{{"lines":[{lines}],"operator":{operator},"payments":[{payments}],"sale":{told},'
            f'"tickets":[{tickets}],"vat":[{vat}]}}'
        )

    def read(self, till_id: int, first: int, last: int, *, goes_on: bool) -> dict[int, SaleTold]:
        """The sales that these entries of a till tell, by entry; more may be to come after them.

        Raises what making a value raises where a column holds none: LookupError, ValueError, TypeError,
        AttributeError or DBAPIError.
        """
        if self._next != (till_id, first):
            run = {"till": till_id, "first": first, "last": _NO_END if goes_on else last}
            for rows in self._all:
                rows.open(self._session, run, is_long=goes_on)
        self._next = None
        lines, amounts, tickets, payments = (defaultdict[int, list[Any]](list) for _part in range(4))
        sold = self._sales.take(last)
        moments, until = {row[0]: row[1] for row in sold}, self._until
        taken_back = []
        for entry, position, shared in self._lines.take(last):
            start, end, counted, returned = self._lines.known[shared]
            lines[entry].append(f"{start}{_whole(position)}{end}")
            amounts[entry] += counted
            if returned is not None:
                taken_back.append((entry, returned))
        for entry, code, number, position, shared in self._tickets.take(last):
            screening, start, to_number, to_position, end = self._tickets.known[shared]
            code = code_told(code)
            tickets[entry].append(
                f'{start}"{code}"{to_number}{_whole(number)}{to_position}{_whole(position)}{end}'
            )
            if until.setdefault(screening, at := moments[entry]) < at:
                until[screening] = at
        for entry, shared in self._payments.take(last):
            told, counted = self._payments.known[shared]
            payments[entry].append(told)
            amounts[entry] += counted
        sales, reversals = {}, set()
        for entry, at, sale_id, number, total, shared in sold:
            is_reversal, operator, start, to_id, to_number, to_total, end = self._sales.known[shared]
            if is_reversal:
                reversals.add(entry)
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
        for entry, screening in taken_back:
            if entry in reversals:
                at = moments[entry]
                self._reversed_until[screening] = max(self._reversed_until.get(screening, at), at)
        self._next = (till_id, last + 1)
        return sales

    def learn(self, content: Mapping[str, Any]) -> bool:
        """Take in of what, and where, an entry tells its screenings to be; whether they were told otherwise.

        No row holds it: it is told as in the entry before. Versions of before told nothing of it.
        """
        lines = [line for line in content["lines"] if line["screening"] is not None]
        known, told = self._names.shown, {}
        for line in lines:
            if "event" in line:
                told[self._ids.get(line["screening"], 0)] = Shown(line["event"], line["venue"])
        if not lines or (told.items() <= known.items() and bool(told) == bool(known)):
            return False
        if not told:
            known.clear()
        else:
            known.update({**({} if known else self._stands), **told})
        self._lines.known.clear()
        return True

    def until(self) -> dict[int, datetime]:
        """When the last ticket of each screening was sold, by id."""
        return {screening: self._read_moment(at) for screening, at in self._until.items()}

    def reversed_until(self) -> dict[int, datetime]:
        """When the last ticket of each screening was reversed, by id; credit notes go by their requests."""
        return {screening: self._read_moment(at) for screening, at in self._reversed_until.items()}

    def close(self) -> None:
        """Have no more rows come; to be done before the transaction ends."""
        for rows in self._all:
            rows.close()

    def _moment(self, stored: Any) -> str:
        return f'"{self._read_moment(stored).isoformat()}"'

    def _around_line(self, line: Row) -> tuple[str, str, tuple[tuple[int, int], ...], int | None]:
        """What is told of a line around its position, what VAT counts of it, the screening it returns to."""
        if line["kind"] is not LineKind.FEE:
            self.sold.add(
                SoldAs(
                    line["screening_id"],
                    line["tariff_code"],
                    line["product_id"],
                    line["unit_price_cents"] + line["discount_cents"],
                    line["vat_rate"],
                    line["label"],
                )
            )
        if (shown := self._names.shown.get(line["screening_id"])) is not None:
            self.shown.add((line["screening_id"], shown))
        start, end = _around(describe_line(line, self._names), *_OF_ONE_LINE)
        returned = line["screening_id"] if line["quantity"] < 0 else None
        return start, end, tuple(vat_amounts((line,), ())), returned

    def _tell_payment(self, payment: Row) -> tuple[str, tuple[tuple[int, int], ...]]:
        """A payment as told, and what VAT was counted of it before."""
        return canonical(describe_payment(payment)), tuple(vat_amounts((), (payment,)))

    def _tell_vat(self, amounts: tuple[tuple[int, int], ...]) -> str:
        return ",".join(canonical(share) for share in describe_vat(amounts))

    def _around_ticket(self, ticket: Row) -> tuple[Any, ...]:
        """The screening of a ticket, and what is told of it around what is only its own."""
        self.issued.add(
            IssuedFor(
                ticket["screening_id"],
                ticket["starts_at"],
                ticket["place"],
                ticket["event_title"],
                ticket["event_version"],
            )
        )
        return (ticket["screening_id"], *_around(describe_ticket(ticket, self._names), *_OF_ONE_TICKET))

    def _around_sale(self, sale: Row) -> tuple[Any, ...]:
        """Whether it is a reversal, who sold, as told, and what is told around what is only its own."""
        if sale["authorized_by_id"] is not None:
            self.answered.add(Answered(sale["till_id"], sale["kind"], sale["authorized_by_id"]))
        operator = canonical(self._names.operators.get(sale["operator_id"]))
        around = _around(describe_sale(sale, self._names), "at", "id", "number", "total")
        return (sale["kind"] is SaleKind.REVERSAL, operator, *around)


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
