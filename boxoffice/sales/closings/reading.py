"""Reading figures from the books: readings, closings and their verification ask the same questions.

Each question is one grouped pass over the rows of a till, from its first number to its last: no clock tells
what belongs to a period.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import BigInteger, bindparam, case, func, literal_column, select, union_all
from sqlmodel import Session

from boxoffice.kinds import LineKind, PassKind, SaleKind
from boxoffice.models import (
    Event,
    Hall,
    Pass,
    PassProduct,
    Payment,
    Product,
    Sale,
    SaleLine,
    Screening,
    Ticket,
    Till,
    Venue,
    table,
)

from .acts import read_acts
from .figures import (
    Figures,
    Free,
    FreeTickets,
    Paid,
    Place,
    PrintSteps,
    Sold,
    Span,
    Stored,
    Taxed,
    TicketNumbers,
    Vat,
)
from .shift_figures import read_floats, read_shifts
from .stored_figures import read_stored

_sale, _line, _payment, _ticket = table(Sale), table(SaleLine), table(Payment), table(Ticket)
_screening, _event, _hall, _venue = table(Screening), table(Event), table(Hall), table(Venue)
_product, _pass, _pass_product = table(Product), table(Pass), table(PassProduct)

_IN_SPAN = (
    _sale.c.till_id == bindparam("till_id"),
    _sale.c.number.between(bindparam("first_operation"), bindparam("last_operation")),
)
_OPERATIONS = (
    select(_sale.c.kind, func.count(), func.sum(_sale.c.total_cents), func.count(_sale.c.authorized_by_id))
    .where(*_IN_SPAN)
    .group_by(_sale.c.kind)
)
_LINE_GROUPS = (
    _line.c.kind,
    _line.c.tariff_code,
    _line.c.label,
    _line.c.product_id,
    _line.c.screening_id,
    _line.c.vat_rate,
    _line.c.quantity,
    (_line.c.unit_price_cents == 0).label("is_free"),
    _line.c.promo_code_id.is_not(None).label("by_code"),
    _line.c.pass_id.is_not(None).label("by_pass"),
)
_LINES = (
    select(*_LINE_GROUPS, func.count().label("lines"), func.sum(_line.c.unit_price_cents).label("cents"))
    .select_from(_sale)
    .join(_line, _line.c.sale_id == _sale.c.id)
    .where(*_IN_SPAN)
    .group_by(*(literal_column(str(place)) for place in range(1, len(_LINE_GROUPS) + 1)))
)
_PAYMENTS = (
    select(
        _payment.c.means,
        (_payment.c.amount_cents > 0).label("taken"),
        _payment.c.vat_rate,
        func.count(),
        func.sum(_payment.c.amount_cents),
    )
    .select_from(_sale)
    .join(_payment, _payment.c.sale_id == _sale.c.id)
    .where(*_IN_SPAN)
    .group_by(literal_column("1"), literal_column("2"), literal_column("3"))
)
_amounts = union_all(
    select(
        _sale.c.id.label("sale"),
        _line.c.vat_rate.label("rate"),
        (_line.c.quantity * _line.c.unit_price_cents).label("cents"),
    )
    .select_from(_sale)
    .join(_line, _line.c.sale_id == _sale.c.id)
    .where(*_IN_SPAN, _line.c.kind != LineKind.VOUCHER),
    select(_sale.c.id, _payment.c.vat_rate, -_payment.c.amount_cents)
    .select_from(_sale)
    .join(_payment, _payment.c.sale_id == _sale.c.id)
    .where(*_IN_SPAN, _payment.c.vat_rate.is_not(None)),
).subquery()
_split = (
    select(_amounts.c.rate, func.sum(_amounts.c.cents).label("gross"))
    .group_by(_amounts.c.sale, _amounts.c.rate)
    .subquery()
)
_divisor = 10_000 + _split.c.rate
_net = (2 * 10_000 * func.abs(_split.c.gross, type_=BigInteger) + _divisor) // (2 * _divisor)
_VAT = select(
    _split.c.rate,
    func.sum(_split.c.gross).label("gross"),
    func.sum(case((_split.c.gross < 0, -_net), else_=_net)).label("net"),
    func.sum(func.abs(_split.c.gross)).label("absolute"),
).group_by(_split.c.rate)
"""`money.split_vat` of each operation and rate, in whole numbers of the database: what the receipts say."""
_FREE_BY_PASS = (
    select(_pass_product.c.kind, _line.c.label, func.sum(_line.c.quantity))
    .select_from(_sale)
    .join(_line, _line.c.sale_id == _sale.c.id)
    .join(_pass, _pass.c.id == _line.c.pass_id)
    .join(_pass_product, _pass_product.c.product_id == _pass.c.product_id)
    .where(*_IN_SPAN, _line.c.unit_price_cents == 0, _line.c.kind == LineKind.TICKET)
    .group_by(_pass_product.c.kind, _line.c.label)
)
_TICKETS = select(func.count()).where(
    _ticket.c.till_id == bindparam("till_id"),
    _ticket.c.number.between(bindparam("first_ticket"), bindparam("last_ticket")),
)
_SCREENINGS = (
    select(_screening.c.id, _event.c.section, _venue.c.name)
    .join(_event, _event.c.id == _screening.c.event_id)
    .join(_hall, _hall.c.id == _screening.c.hall_id)
    .join(_venue, _venue.c.id == _hall.c.venue_id)
)
_TILLS = select(table(Till).c.number, table(Till).c.id)
_PRODUCTS = select(_product.c.id, _product.c.code)
_PASS_REASONS = {PassKind.PASS: Free.PASS, PassKind.ACCREDITATION: Free.ACCREDITATION}


def read_figures(
    session: Session,
    spans: Sequence[Span],
    *,
    prints: tuple[PrintSteps, ...] | None = None,
    uncertain: int = 0,
) -> Figures:
    """The figures of these spans together, with the `prints` of the same time.

    `uncertain` papers are handed in for what was closed before they were told by their numbers.
    """
    tills = {row.number: row.id for row in session.execute(_TILLS)}
    bound = [_bind(span, tills[span.till]) for span in spans]
    operations = _operations(session, bound)
    lines = _Lines(session)
    for of_till in bound:
        lines.add(session, of_till)
    payments, taxed = _payments(session, bound)
    copies, overrides, acts = read_acts(session, bound)
    return Figures(
        spans=tuple(spans),
        sales=operations[SaleKind.SALE][0],
        reversals=operations[SaleKind.REVERSAL][0],
        reversed_cents=operations[SaleKind.REVERSAL][1],
        credit_notes=operations[SaleKind.CREDIT_NOTE][0],
        credited_cents=operations[SaleKind.CREDIT_NOTE][1],
        authorized=sum(each[2] for each in operations.values()),
        tariffs=lines.sold(LineKind.TICKET),
        products=lines.sold(LineKind.PRODUCT),
        vouchers=lines.sold(LineKind.VOUCHER),
        fees=lines.sold(LineKind.FEE),
        sections=lines.places("section"),
        venues=lines.places("venue"),
        payments=payments,
        vat=_vat(session, bound),
        stored=read_stored(session, bound),
        free=lines.free(),
        tickets=tuple(_tickets(session, span, each) for span, each in zip(spans, bound, strict=True)),
        copies=copies,
        overrides=overrides,
        acts=acts,
        shifts=read_shifts(session, spans, tills),
        uncertain=uncertain if prints is None else sum(each.uncertain for each in prints),
        taxed=taxed,
        floats=read_floats(session, spans, tills),
        prints=prints,
    )


def read_taxed(session: Session, spans: Sequence[Span]) -> tuple[Taxed, ...]:
    """What of these spans was taxed when vouchers were sold: for figures that do not tell it."""
    tills = {row.number: row.id for row in session.execute(_TILLS)}
    return _payments(session, [_bind(span, tills[span.till]) for span in spans])[1]


def stored_in(session: Session, span: Span, till_id: int) -> tuple[Stored, ...]:
    """What became of stored values in one span alone."""
    return read_stored(session, [_bind(span, till_id)])


def turnover(session: Session, span: Span, till_id: int) -> tuple[int, int]:
    """The turnover of one span alone, in cents, and with what came back added instead of subtracted."""
    vat = _vat(session, [_bind(span, till_id)])
    return sum(each.gross_cents for each in vat), sum(each.absolute_cents for each in vat)


def _bind(span: Span, till_id: int) -> Mapping[str, int]:
    return {"till_id": till_id} | span.numbers()


def _operations(session: Session, spans: Iterable[Mapping[str, int]]) -> dict[SaleKind, tuple[int, int, int]]:
    """How many operations of each kind, what they came to, and how many a manager answered for."""
    counted = dict.fromkeys(SaleKind, (0, 0, 0))
    for span in spans:
        for kind, times, cents, authorized in session.execute(_OPERATIONS, span):
            before = counted[kind]
            counted[kind] = (before[0] + times, before[1] + int(cents), before[2] + authorized)
    return counted


class _Lines:
    """The lines of all spans, gathered in one pass and folded by what is asked."""

    def __init__(self, session: Session) -> None:
        self._places = {row[0]: (row[1], row[2]) for row in session.execute(_SCREENINGS)}
        self._codes = {row.id: row.code for row in session.execute(_PRODUCTS)}
        self._sold: dict[tuple[LineKind, str, str, int], list[int]] = defaultdict(lambda: [0, 0, 0])
        self._of_places: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
        self._free: Counter[tuple[Free, str]] = Counter()

    def add(self, session: Session, span: Mapping[str, int]) -> None:
        """Take in the lines of a span."""
        by_pass = False
        for line in session.execute(_LINES, span):
            sold, back = (line.lines, 0) if line.quantity > 0 else (0, line.lines)
            counted = (sold, back, line.quantity * int(line.cents))
            code = line.tariff_code or self._codes.get(line.product_id, "")
            _add(self._sold[line.kind, code, line.label, line.vat_rate], counted)
            if line.kind is LineKind.TICKET:
                section, venue = self._places[line.screening_id]
                _add(self._of_places["section", section], counted)
                _add(self._of_places["venue", venue], counted)
            if line.is_free and line.kind is LineKind.TICKET:
                by_pass |= line.by_pass
                if not line.by_pass:
                    reason = Free.PROMO_CODE if line.by_code else Free.TARIFF
                    self._free[reason, line.label] += sold - back
        if by_pass:
            for kind, label, tickets in session.execute(_FREE_BY_PASS, span):
                self._free[_PASS_REASONS[kind], label] += int(tickets)

    def sold(self, kind: LineKind) -> tuple[Sold, ...]:
        return tuple(
            Sold(code, label, rate, *counted)
            for (of_kind, code, label, rate), counted in sorted(self._sold.items())
            if of_kind is kind
        )

    def places(self, what: str) -> tuple[Place, ...]:
        return tuple(
            Place(name, *counted) for (of, name), counted in sorted(self._of_places.items()) if of == what
        )

    def free(self) -> tuple[FreeTickets, ...]:
        return tuple(
            FreeTickets(reason, label, count) for (reason, label), count in sorted(self._free.items())
        )


def _add(totals: list[int], more: Iterable[int]) -> None:
    totals[:] = [total + each for total, each in zip(totals, more, strict=True)]


def _payments(
    session: Session, spans: Iterable[Mapping[str, int]]
) -> tuple[tuple[Paid, ...], tuple[Taxed, ...]]:
    """What each means brought in and gave back; and what of it was for seats whose vouchers were taxed."""
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    taxed: Counter[tuple[str, int]] = Counter()
    for span in spans:
        for means, is_taken, rate, times, cents in session.execute(_PAYMENTS, span):
            _add(totals[means], (times, int(cents), 0, 0) if is_taken else (0, 0, times, int(cents)))
            if rate is not None:
                taxed[means, rate] += int(cents)
    return (
        tuple(Paid(means, *counted) for means, counted in sorted(totals.items())),
        tuple(Taxed(means, rate, cents) for (means, rate), cents in sorted(taxed.items())),
    )


def _vat(session: Session, spans: Iterable[Mapping[str, int]]) -> tuple[Vat, ...]:
    totals: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for span in spans:
        for rate, *cents in session.execute(_VAT, span):
            _add(totals[rate], map(int, cents))
    return tuple(
        Vat(rate, gross, net, gross - net, absolute)
        for rate, (gross, net, absolute) in sorted(totals.items())
    )


def _tickets(session: Session, span: Span, bound: Mapping[str, int]) -> TicketNumbers:
    issued = session.execute(_TICKETS, bound).scalar_one()
    return TicketNumbers(span.till, span.first_ticket, span.last_ticket, issued)
