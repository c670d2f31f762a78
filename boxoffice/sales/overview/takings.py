"""What a business day took: by hour, by means of payment, by cashier and by till, as a reading would tell.

Turnover counts what VAT counts, as in `bookkeeping.vat_amounts`. Amounts are cents; returns subtract.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlmodel import Session

from boxoffice.kinds import LineKind, SaleKind, StoredValueKind
from boxoffice.models import Operator, Payment, Sale, SaleLine, StoredValue, Till, table
from boxoffice.prepared import Prepared

from ..staff.rules import Rules
from .hours import UtcHour, clock_hour

_sale, _line, _payment, _value = table(Sale), table(SaleLine), table(Payment), table(StoredValue)
_operator, _till = table(Operator), table(Till)


def _cards(*kinds: StoredValueKind) -> Select[Any]:
    """The stored values of these kinds."""
    return select(_value.c.id).where(or_(*(_value.c.kind == kind for kind in kinds)))


_DAY: BindParameter[Any] = bindparam("day", type_=_sale.c.business_day.type)
_OF_DAY = _sale.c.business_day == _DAY
_OF_DAY_TOO = func.coalesce(_sale.c.business_day, _DAY) == _DAY
"""The same, said such that a database goes from the few cards to their sales, not from all sales to cards."""
_BY_THREE: tuple[ColumnElement[Any], ...] = tuple(literal_column(str(place)) for place in (1, 2, 3))
_WHEN_AND_WHO: tuple[ColumnElement[Any], ...] = (
    UtcHour(_sale.c.at).label("hour"),
    _sale.c.operator_id,
    _sale.c.till_id,
)
_SALES = Prepared(
    select(
        *_WHEN_AND_WHO,
        func.sum(case((_sale.c.kind == SaleKind.SALE, 1), else_=0)).label("sales"),
        func.sum(_sale.c.total_cents).label("cents"),
    )
    .where(_OF_DAY)
    .group_by(*_BY_THREE)
)
_VOUCHERS = Prepared(
    select(
        *_WHEN_AND_WHO,
        literal(0).label("sales"),
        func.sum(-_line.c.quantity * _line.c.unit_price_cents).label("cents"),
    )
    .select_from(_line)
    .join(_sale, _sale.c.id == _line.c.sale_id)
    .where(_line.c.value_id.in_(_cards(StoredValueKind.GIFT_CARD)), _line.c.kind == LineKind.VOUCHER)
    .where(_OF_DAY_TOO)
    .group_by(*_BY_THREE)
)
_COUNTED_ALREADY = Prepared(
    select(*_WHEN_AND_WHO, literal(0).label("sales"), func.sum(-_payment.c.amount_cents).label("cents"))
    .select_from(_payment)
    .join(_sale, _sale.c.id == _payment.c.sale_id)
    .where(_payment.c.value_id.in_(_cards(StoredValueKind.GIFT_CARD, StoredValueKind.PLACE_CARD)))
    .where(_payment.c.vat_rate.is_not(None), _OF_DAY_TOO)
    .group_by(*_BY_THREE)
)
"""What was paid with cards whose turnover counted when they were sold."""
_PAYMENTS = Prepared(
    select(
        _payment.c.means,
        func.count().label("payments"),
        func.sum(_payment.c.amount_cents).label("cents"),
    )
    .select_from(_sale)
    .join(_payment, _payment.c.sale_id == _sale.c.id)
    .where(_OF_DAY)
    .group_by(_payment.c.means)
)
_OPERATORS = select(_operator.c.id, _operator.c.name)
_TILLS = select(_till.c.id, _till.c.name)

_Cell = tuple[str, int, int]
"""An hour in UTC, an operator and a till."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a day's turnover: `key` is what its rows are found by, `name` what it is called."""

    key: int
    name: str
    sales: int
    cents: int


@dataclass(frozen=True, slots=True)
class MeansTaken:
    """What came in by a means of payment, what was given back deducted."""

    means: str
    payments: int
    cents: int


@dataclass(frozen=True, slots=True)
class DayTakings:
    """What a business day took; `hours` are those of the clock at which something was done, in their order.

    `first_hour` is the one in which the day begins. What came in by all means is the turnover, with the gift
    cards sold, which are none, and what was paid with cards whose turnover counted when they were sold.
    """

    day: date
    first_hour: int
    hours: tuple[Part, ...] = ()
    means: tuple[MeansTaken, ...] = ()
    cashiers: tuple[Part, ...] = ()
    tills: tuple[Part, ...] = ()
    gift_cards_cents: int = 0
    counted_before_cents: int = 0

    @property
    def cents(self) -> int:
        return sum(hour.cents for hour in self.hours)

    @property
    def sales(self) -> int:
        return sum(hour.sales for hour in self.hours)

    def before(self, hour: int) -> int:
        """The turnover of the hours of this day that come before one of the clock, in cents."""
        passed = place_of(hour, self.first_hour)
        return sum(each.cents for each in self.hours if place_of(each.key, self.first_hour) < passed)


def place_of(hour: int, first_hour: int) -> int:
    """Which hour of a business day one of the clock is, from 0 to 23."""
    return (hour - first_hour) % 24


def same_day_last_year(day: date) -> date:
    """The same day of the week, 52 weeks before: an edition begins on the same day of the week each year."""
    return day - timedelta(weeks=52)


def read_takings(session: Session, rules: Rules, day: date, *, with_means: bool = True) -> DayTakings:
    """The takings of one business day; by means as well, which takes longest, unless they are not wanted."""
    sales: dict[_Cell, int] = defaultdict(int)
    cents: dict[_Cell, int] = defaultdict(int)
    totals = []
    for statement in (_SALES, _VOUCHERS, _COUNTED_ALREADY):
        totals.append(0)
        for hour, operator_id, till_id, sold, total in statement.stored(session, {"day": day}):
            sales[hour, operator_id, till_id] += sold
            cents[hour, operator_id, till_id] += total
            totals[-1] += total
    first_hour = rules.business_day_starts.hour
    hours = _folded(sales, cents, lambda cell: clock_hour(cell[0]))
    cashiers, tills = _folded(sales, cents, lambda cell: cell[1]), _folded(sales, cents, lambda cell: cell[2])
    operator_names, till_names = (
        {row.id: row.name for row in session.execute(each)} for each in (_OPERATORS, _TILLS)
    )
    in_order = sorted(hours, key=lambda hour: place_of(hour, first_hour))
    means = (MeansTaken(*row) for row in (_PAYMENTS.stored(session, {"day": day}) if with_means else ()))
    return DayTakings(
        day,
        first_hour,
        tuple(Part(hour, f"{hour}", *hours[hour]) for hour in in_order),
        tuple(sorted(means, key=lambda taken: -taken.cents)),
        _named(cashiers, operator_names),
        _named(tills, till_names),
        gift_cards_cents=-totals[1],
        counted_before_cents=-totals[2],
    )


def _folded(
    sales: Mapping[_Cell, int], cents: Mapping[_Cell, int], by: Callable[[_Cell], int]
) -> dict[int, tuple[int, int]]:
    """Sales and cents added up by what a cell is asked by."""
    folded: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for cell in cents:
        before = folded[by(cell)]
        folded[by(cell)] = (before[0] + sales[cell], before[1] + cents[cell])
    return folded


def _named(parts: Mapping[int, tuple[int, int]], names: Mapping[int, str]) -> tuple[Part, ...]:
    """The parts by their names, the largest first."""
    found = (Part(key, names[key], *counted) for key, counted in parts.items())
    return tuple(sorted(found, key=lambda part: (-part.cents, part.name)))
