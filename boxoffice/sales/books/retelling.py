"""The sales told again from the books, to the letter: what agrees with the journal need not be taken apart.

Only equal text counts as agreement. Whatever is not told the same is left to the reconciliation, which reads
it column by column and names what is wrong: nothing is passed over here.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import Session

from boxoffice.kinds import SaleKind
from boxoffice.models import LineKind, Payment, Sale, SaleLine, Ticket, table
from boxoffice.prepared import Row, Stored

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

_PARTS = ("lines", "operator", "payments", "sale", "tickets", "vat")
"""What tells a sale in an entry, in the order of canonical JSON."""
_DIGITS_OF_A_UUID = 32
_LETTERS_OF_A_MOMENT = len("2026-01-21 09:00:00.000000")
"""As SQLite's driver writes it, in UTC."""


class SaleTold(NamedTuple):
    """The parts of an entry that tell a sale, in canonical JSON: those before its sequence, and then."""

    lines_to_sale: str
    tickets: str
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


class _Taken(NamedTuple):
    """The rows of some sales of a till, in the order of their numbers."""

    sales: Sequence[Stored]
    lines: Sequence[Stored]
    tickets: Sequence[Stored]
    payments: Sequence[Stored]


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
        self._till_id = 0
        self._told_by: dict[Any, int] = {}
        self._taken: _Taken | None = None
        self._told = 0
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
        lines_to_sale, tickets, vat = sale
        return (
            f'{{"at":{self.moment(entry.at)},"entry":{self._quoted(entry.kind)},'
            f'"establishment":{frame.establishment},"key":{self._quoted(entry.key_fingerprint)},'
            f'{lines_to_sale},"sequence":{entry.sequence},{tickets},"till":{till},{vat},'
            f'"version":{frame.version}}}'
        )

    def told_besides(self, content: Mapping[str, Any], sale: SaleTold) -> bool:
        """Whether an entry tells a sale to the letter, whatever it tells besides."""
        return canonical({part: content.get(part) for part in _PARTS}) == f"{{{','.join(sale)}}}"

    def read(self, till_id: int, entries: Sequence[EntryRow], *, is_long: bool) -> dict[int, SaleTold]:
        """The sales that these entries of a till tell, by entry; many may be to come where it `is_long`.

        Raises what making a value raises where a column holds none: LookupError, ValueError, TypeError,
        AttributeError or DBAPIError.
        """
        self._told_by = {entry.sale_id: entry.sequence for entry in entries if entry.sale_id is not None}
        if not self._told_by:
            return {}
        if self._till_id != till_id:
            self._till_id = till_id
            for rows in self._all:
                rows.open(self._session, till_id, is_long=is_long)
        self._taken = None
        sales = self._sales.take_some(len(self._told_by))
        last = sales[-1][0] if sales else 0
        self._taken = _Taken(
            sales, self._lines.take(last), self._tickets.take(last), self._payments.take(last)
        )
        told = self.tell()
        self._told += len(told)
        return told

    def tell(self) -> dict[int, SaleTold]:
        """The sales that were read last, by entry, as they are told by now. Raises what reading them does."""
        lines, amounts, tickets, payments = (defaultdict[int, list[Any]](list) for _part in range(4))
        if self._taken is None:
            return {}
        moments, until = {row[0]: row[1] for row in self._taken.sales}, self._until
        reversals = {row[0] for row in self._taken.sales if self._sales.known[row[-1]][0]}
        for of, position, shared in _with_whole(self._taken.lines, 1):
            start, end, counted, returned = self._lines.known[shared]
            lines[of].append(f"{start}{position}{end}")
            amounts[of] += counted
            if returned is not None and of in reversals:
                at = moments[of]
                self._reversed_until[returned] = max(self._reversed_until.get(returned, at), at)
        for of, code, number, position, shared in _with_whole(self._taken.tickets, 2, 3):
            screening, start, to_number, to_position, end = self._tickets.known[shared]
            tickets[of].append(f'{start}"{code_told(code)}"{to_number}{number}{to_position}{position}{end}')
            if until.setdefault(screening, at := moments[of]) < at:
                until[screening] = at
        for of, shared in self._taken.payments:
            told, counted = self._payments.known[shared]
            payments[of].append(told)
            amounts[of] += counted
        sales = {}
        for of, at, sale_id, number, total, shared in _with_whole(self._taken.sales, 3, 4):
            entry = self._told_by.get(sale_id)
            if entry is None:
                continue
            _is_reversal, operator, start, to_id, to_number, to_total, end = self._sales.known[shared]
            sales[entry] = SaleTold(
                f'"lines":[{",".join(lines[of])}],"operator":{operator},'
                f'"payments":[{",".join(payments[of])}],"sale":{start}{self.moment(at)}'
                f"{to_id}{_uuid(sale_id)}{to_number}{number}{to_total}{total}{end}",
                f'"tickets":[{",".join(tickets[of])}]',
                self._vat(tuple(amounts[of])),
            )
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

    def met(self) -> dict[str, int]:
        """How many rows were met: sales that an entry tells, and rows of other tables of any sale."""
        parts = (self._lines, self._tickets, self._payments)
        return {_sale.name: self._told, **{part.name: part.taken for part in parts}}

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
        """A moment as it is told; raises ValueError where it is not spelled as SQLite's driver writes it."""
        moment = self._read_moment(stored)
        if isinstance(stored, str) and moment.isoformat(" ", "microseconds")[:_LETTERS_OF_A_MOMENT] != stored:
            raise ValueError
        return f'"{moment.isoformat()}"'

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
        return f'"vat":{canonical(describe_vat(amounts))}'

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


def _with_whole(rows: Sequence[Stored], *places: int) -> Sequence[Stored]:
    """Rows whose values in these places are whole numbers, as their sum then is.

    Raises TypeError for any others: they could hold the text around them.
    """
    for place in places:
        if type(sum(map(itemgetter(place), rows))) is not int:
            raise TypeError
    return rows


def _uuid(stored: Any) -> str:
    """A UUID as it is told; SQLite keeps its digits alone. Raises ValueError if it is not spelled so."""
    if not isinstance(stored, str):
        return f'"{stored}"'
    if len(stored) != _DIGITS_OF_A_UUID or not stored.isalnum() or stored != stored.lower():
        raise ValueError
    return f'"{stored[:8]}-{stored[8:12]}-{stored[12:16]}-{stored[16:20]}-{stored[20:]}"'
