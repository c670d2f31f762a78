"""What customers may still spend, at any moment: issued, used, expired and outstanding, from the ledgers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session

from boxoffice.clock import day_after, paris
from boxoffice.kinds import MovementKind, StoredValueKind
from boxoffice.models import (
    GiftCard,
    PlaceCard,
    PlaceCardKind,
    Product,
    PromoBatch,
    PromoCode,
    StoredValue,
    ValueMovement,
    table,
)

_value, _movement = table(StoredValue), table(ValueMovement)
_gift, _product = table(GiftCard), table(Product)
_place, _place_kind = table(PlaceCard), table(PlaceCardKind)
_promo, _batch = table(PromoCode), table(PromoBatch)

_MOVES: Mapping[MovementKind, str] = {
    MovementKind.ISSUED: "issued",
    MovementKind.CREDITED: "issued",
    MovementKind.EARNED: "issued",
    MovementKind.TAKEN_BACK: "taken_back",
    MovementKind.USED: "used",
    MovementKind.REWARDED: "used",
    MovementKind.GIVEN_BACK: "used",
    MovementKind.EXPIRED: "expired",
    MovementKind.CORRECTED: "corrected",
    MovementKind.MERGED: "corrected",
}
_UNITS: Mapping[StoredValueKind, str] = {
    StoredValueKind.GIFT_CARD: "cents",
    StoredValueKind.BALANCE: "cents",
    StoredValueKind.PLACE_CARD: "places",
    StoredValueKind.POINTS: "points",
    StoredValueKind.PROMO_CODE: "uses",
}
_LESS = frozenset({"used", "expired", "taken_back"})
"""What is told as a positive number although it leaves less."""

_OF: tuple[ColumnElement[Any], ...] = (
    _value.c.kind,
    _product.c.code,
    _product.c.label,
    _place_kind.c.code,
    _place_kind.c.label,
    _batch.c.name,
    _gift.c.vat_rate,
    _value.c.amount.is_(None),
    _movement.c.kind,
)
_TOTALS = (
    select(
        _value.c.kind,
        func.coalesce(_product.c.code, _place_kind.c.code, _batch.c.name, "").label("code"),
        func.coalesce(_product.c.label, _place_kind.c.label, _batch.c.name, "").label("label"),
        _gift.c.vat_rate,
        _value.c.amount.is_(None).label("unlimited"),
        _movement.c.kind.label("movement"),
        func.sum(_movement.c.amount).label("amount"),
    )
    .select_from(_movement)
    .join(_value, _value.c.id == _movement.c.value_id)
    .outerjoin(_gift, _gift.c.value_id == _value.c.id)
    .outerjoin(_product, _product.c.id == _gift.c.product_id)
    .outerjoin(_place, _place.c.value_id == _value.c.id)
    .outerjoin(_place_kind, _place_kind.c.id == _place.c.kind_id)
    .outerjoin(_promo, _promo.c.value_id == _value.c.id)
    .outerjoin(_batch, _batch.c.id == _promo.c.batch_id)
    .group_by(*_OF)
)


@dataclass(slots=True)
class Outstanding:
    """What was issued of one kind and product, and what became of it, in its `unit`.

    `is_owed` is money of customers, no turnover yet: multi-purpose gift cards, and balances. What is good for
    as many uses as wanted has no amount, and only counts in `used_without_limit`.
    """

    kind: StoredValueKind
    code: str
    label: str
    vat_rate: int | None = None
    issued: int = 0
    taken_back: int = 0
    used: int = 0
    expired: int = 0
    corrected: int = 0
    used_without_limit: int = 0

    @property
    def unit(self) -> str:
        return _UNITS[self.kind]

    @property
    def is_owed(self) -> bool:
        return self.unit == "cents" and self.vat_rate is None

    @property
    def outstanding(self) -> int:
        return self.issued - self.taken_back - self.used - self.expired + self.corrected


@dataclass(frozen=True, slots=True)
class Liabilities:
    """Every kind and product, in the order of the kinds."""

    rows: tuple[Outstanding, ...] = field(default=())

    @property
    def owed_cents(self) -> int:
        """All that customers have paid or been credited, and may still spend."""
        return sum(row.outstanding for row in self.rows if row.is_owed)


def liabilities_on(session: Session, day: date, business_day_starts: time) -> Liabilities:
    """What was outstanding when that business day ended."""
    return liabilities_until(session, paris(day_after(day), business_day_starts))


def liabilities_until(session: Session, end: datetime) -> Liabilities:
    """What was outstanding at that moment, and all that made it."""
    return _read(session, _movement.c.at < end)


def _read(session: Session, which: ColumnElement[bool]) -> Liabilities:
    found: dict[tuple[StoredValueKind, str, int | None], Outstanding] = {}
    for row in session.execute(_TOTALS.where(which)):
        key = (row.kind, row.code, row.vat_rate)
        each = found.setdefault(key, Outstanding(row.kind, row.code, row.label, row.vat_rate))
        name = _MOVES[row.movement]
        if row.unlimited:
            each.used_without_limit -= row.amount
        else:
            amount = -row.amount if name in _LESS else row.amount
            setattr(each, name, getattr(each, name) + amount)
    return Liabilities(tuple(sorted(found.values(), key=_order)))


def _order(row: Outstanding) -> tuple[int, str, int]:
    kinds: Iterable[StoredValueKind] = StoredValueKind
    return (list(kinds).index(row.kind), row.code, row.vat_rate or 0)
