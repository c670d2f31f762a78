"""What goes back to a customer, and by which means, when lines of a sale are undone. Amounts are cents.

Each line goes back first to what paid for it alone; then to the cards whose VAT was counted when they were
sold, at their rate; then to the other cards and the balance; money comes last. The means used last gives back
first, and none more than it brought.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, select
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.kinds import LineKind, StoredValueKind
from boxoffice.language import _
from boxoffice.models import Payment, Sale, SaleLine, StoredValue, table
from boxoffice.money import format_euros

from .means import BALANCE, BY_CODE, EXCHANGE
from .people.customers import read_customer, standing_id
from .vouchers.stored_values import account_id

_sale, _line, _payment = table(Sale), table(SaleLine), table(Payment)
_value = table(StoredValue)
_undoing = table(SaleLine).alias("undoing")

_PAYMENT = (_payment.c.means, _payment.c.value_id, _payment.c.vat_rate)
_PAID = (
    select(*_PAYMENT, _payment.c.covers, _payment.c.amount_cents)
    .where(_payment.c.sale_id == bindparam("id"))
    .order_by(_payment.c.position)
)
_GIVEN_BACK = (
    select(*_PAYMENT, _undoing.c.reverses_position.label("covers"), _payment.c.amount_cents)
    .join(_sale, _sale.c.id == _payment.c.sale_id)
    .outerjoin(
        _undoing,
        (_undoing.c.sale_id == _payment.c.sale_id) & (_undoing.c.position == _payment.c.covers),
    )
    .where(_sale.c.reverses_sale_id == bindparam("id"))
)
_UNDONE = select(_line).where(
    _line.c.sale_id == bindparam("id"), _line.c.position.in_(bindparam("positions", expanding=True))
)
_CUSTOMER = select(_sale.c.customer_id).where(_sale.c.id == bindparam("id"))


@dataclass(frozen=True, slots=True)
class Refund:
    """Money or value to give back by one means: positive cents.

    `covers` is the line, by its position in the operation that gives back, that a place comes back for.
    """

    means: str
    amount_cents: int
    value_id: UUID | None = None
    vat_rate: int | None = None
    covers: int | None = None


@dataclass(frozen=True, slots=True)
class LineBack:
    """A line of a sale that is undone: its position there, what is given for it, and its rate of VAT.

    `owed` is a multi-purpose voucher, which no rate pays for.
    """

    position: int
    cents: int
    vat_rate: int
    owed: bool = False


class Paid(NamedTuple):
    """What one means brought to a sale: `covers` is the line of the sale that it paid for alone."""

    means: str
    value_id: UUID | None = None
    vat_rate: int | None = None
    covers: int | None = None

    @property
    def is_stored(self) -> bool:
        return self.means in BY_CODE and BY_CODE[self.means].stored


@dataclass(frozen=True, slots=True)
class Shares:
    """Who gets what back, and what is left that no means of the sale brought."""

    refunds: tuple[Refund, ...]
    left_cents: int


def refunds_due(session: Session, original_id: UUID, positions: Sequence[int]) -> tuple[Refund, ...]:
    """What goes back when the lines of a sale at `positions` are undone, in that order.

    Raises Refusal where something is left that no means brought.
    """
    rows = session.execute(_UNDONE, {"id": original_id, "positions": list(positions)}).mappings().all()
    by_position = {row["position"]: line_back(row) for row in rows}
    shares = share(paid_for(session, original_id), [by_position[position] for position in positions])
    if shares.left_cents:
        due = format_euros(shares.left_cents)
        raise Refusal(_("Il reste {due} sans moyen de remboursement.").format(due=due))
    return out_of_exchange(session, original_id, shares.refunds)


def line_back(line: RowMapping) -> LineBack:
    """A line given back in full."""
    owed = line["kind"] is LineKind.VOUCHER
    return LineBack(line["position"], line["unit_price_cents"], line["vat_rate"], owed)


def paid_for(session: Session, original_id: UUID) -> dict[Paid, int]:
    """What each means brought to a sale and was not given back yet, in the order of the payments."""
    left: dict[Paid, int] = {}
    for row in session.execute(_PAID, {"id": original_id}):
        paid = _of_today(session, Paid(*row[:-1]))
        left[paid] = left.get(paid, 0) + row.amount_cents
    for row in session.execute(_GIVEN_BACK, {"id": original_id}):
        paid = _of_today(session, Paid(*row[:-1]))
        if paid.means == BALANCE.code and paid.vat_rate is not None:
            paid = Paid(EXCHANGE.code, vat_rate=paid.vat_rate)  # only an exchange gives a balance a rate
        if paid in left:
            left[paid] += row.amount_cents
    return left


def _of_today(session: Session, paid: Paid) -> Paid:
    """The same, but a balance is that of whom its customer was merged into."""
    if paid.means != BALANCE.code:
        return paid
    owner = session.execute(select(_value.c.customer_id).where(_value.c.id == paid.value_id)).scalar_one()
    return paid._replace(value_id=account_id(standing_id(session, owner), StoredValueKind.BALANCE))


def share(paid: dict[Paid, int], lines: Sequence[LineBack], *, money: bool = True) -> Shares:
    """Share what is given for `lines` among what was paid; without `money`, only to cards and the balance."""
    left, due, refunds = dict(paid), [line.cents for line in lines], _Refunds()
    for index, line in enumerate(lines):
        for each in left:
            if each.covers == line.position:
                due[index] -= refunds.give(left, each, due[index], covers=index + 1)
    rates: Counter[int] = Counter()
    for line, cents in zip(lines, due, strict=True):
        rates[line.vat_rate] += 0 if line.owed else cents
    total = sum(due)
    for each in left:
        if each.vat_rate is not None and each.covers is None and (money or each.is_stored):
            part = refunds.give(left, each, rates[each.vat_rate])
            rates[each.vat_rate] -= part
            total -= part
    for stored in (True, False) if money else (True,):
        for each in reversed(left):
            if each.is_stored is stored and each.vat_rate is None and each.covers is None:
                total -= refunds.give(left, each, total)
    return Shares(tuple(refunds.given), total)


def out_of_exchange(session: Session, original_id: UUID, refunds: Iterable[Refund]) -> tuple[Refund, ...]:
    """The same refunds, but what an exchange brought goes to the balance of the customer of the sale.

    Raises Refusal where nobody is named there, or who is was erased.
    """
    found = []
    for refund in refunds:
        if refund.means == EXCHANGE.code:
            customer_id = session.execute(_CUSTOMER, {"id": original_id}).scalar_one()
            if customer_id is None or read_customer(session, customer_id) is None:
                raise Refusal(
                    _("Ces places viennent d'un échange, et la vente n'est au nom de personne."),
                    _("Échangez-les de nouveau, ou demandez un avoir au nom du client."),
                )
            balance = account_id(standing_id(session, customer_id), StoredValueKind.BALANCE)
            refund = Refund(BALANCE.code, refund.amount_cents, balance, refund.vat_rate)
        found.append(refund)
    return tuple(found)


def given_back(session: Session, sale_id: UUID) -> tuple[Refund, ...]:
    """What an operation gave back, by the payments that did."""
    rows = session.execute(_PAID, {"id": sale_id})
    return tuple(Refund(row.means, -row.amount_cents, *row[1:4]) for row in rows)


class _Refunds:
    """What has been given back so far."""

    def __init__(self) -> None:
        self.given: list[Refund] = []

    def give(self, left: dict[Paid, int], paid: Paid, most: int, *, covers: int | None = None) -> int:
        """Give back what is left of a payment, up to `most`; says how much that is."""
        part = min(left[paid], most)
        if part <= 0:
            return 0
        left[paid] -= part
        self.given.append(Refund(paid.means, part, paid.value_id, paid.vat_rate, covers))
        return part


def payment_rows(sale_id: UUID, refunds: Iterable[Refund]) -> list[dict[str, Any]]:
    """The rows of the payments that give back."""
    return [
        {
            "sale_id": sale_id,
            "position": position,
            "means": refund.means,
            "amount_cents": -refund.amount_cents,
            "tendered_cents": None,
            "reference": "",
            "value_id": refund.value_id,
            "vat_rate": refund.vat_rate,
            "covers": refund.covers,
        }
        for position, refund in enumerate(refunds, start=1)
    ]
