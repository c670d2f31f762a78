"""Prices as the journal tells them: each import signs those in force, and nothing is sold at any other.

Without it a price could be changed in the database for the time of a sale, and put back after.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, case, select
from sqlmodel import Session

from boxoffice.language import _
from boxoffice.models import (
    GiftProduct,
    LineKind,
    PriceList,
    Product,
    Sale,
    SaleLine,
    Tariff,
    Till,
    VoucherPurpose,
    table,
)
from boxoffice.money import format_euros, format_rate

from .numbers import paper_number
from .reconciliation import Wrong, readable

_tariff, _list, _product = table(Tariff), table(PriceList), table(Product)
_line, _sale, _till, _gift = table(SaleLine), table(Sale), table(Till), table(GiftProduct)

_TARIFFS = (
    select(_list.c.code, _tariff.c.code, _tariff.c.price_cents, _tariff.c.vat_rate)
    .join(_list, _list.c.id == _tariff.c.price_list_id)
    .order_by(_list.c.code, _tariff.c.code)
)
_PRODUCTS = (
    select(
        _product.c.code,
        case((_gift.c.purpose.is_not(None), _gift.c.least_cents), else_=_product.c.price_cents),
        case((_gift.c.purpose == VoucherPurpose.MULTI, 0), else_=_product.c.vat_rate),
        _gift.c.most_cents,
    )
    .outerjoin(_gift, _gift.c.product_id == _product.c.id)
    .order_by(_product.c.code)
)
_told_cents = _line.c.unit_price_cents + _line.c.discount_cents
_SOLD_AS: tuple[ColumnElement[Any], ...] = (
    _line.c.tariff_code,
    _product.c.code,
    _told_cents.label("told_cents"),
    _line.c.vat_rate,
)
_SOLD = (
    select(*_SOLD_AS)
    .select_from(_line)
    .outerjoin(_product, _product.c.id == _line.c.product_id)
    .where(_line.c.kind != LineKind.FEE)
    .distinct()
    .order_by(*_SOLD_AS)
)

Price = tuple[int, int]
"""Cents and basis points of VAT."""


def prices_in_force(session: Session) -> dict[str, list[list[Any]]]:
    """The price and rate of every tariff, by list and code, and of every product, for the journal.

    A gift card for an amount that is chosen has the least, the rate, and the most.
    """
    return {
        "products": [_product_told(*row) for row in session.execute(_PRODUCTS)],
        "tariffs": [list(row) for row in session.execute(_TARIFFS)],
    }


@dataclass
class Prices:
    """Those told so far, of tariffs and of products by code. Before any is told, nothing is held to them."""

    tariffs: dict[str, set[Price]] = field(default_factory=lambda: defaultdict(set))
    products: dict[str, set[Price]] = field(default_factory=lambda: defaultdict(set))
    ranges: dict[str, set[tuple[int, int, int]]] = field(default_factory=lambda: defaultdict(set))

    def hear(self, told: Mapping[str, Any]) -> None:
        """Take in the prices that an import found or left in force."""
        for _list_code, code, cents, rate in told["tariffs"]:
            self.tariffs[code].add((cents, rate))
        for code, cents, rate, *most in told["products"]:
            self.products[code].add((cents, rate))
            if most:
                self.ranges[code].add((cents, rate, most[0]))

    def compare(self, session: Session, *, may_be_exempt: bool) -> None:
        """Raise Wrong at a line sold at a price, or with a rate of VAT, that none of its kind ever had."""
        if not self.tariffs and not self.products:
            return
        with readable(_("table {name}").format(name=_line.name)):
            sold = session.execute(_SOLD).all()
        for tariff, product, cents, rate in sold:
            known = self.products.get(product, set()) if tariff is None else self.tariffs.get(tariff, set())
            if (cents, rate) in known or (may_be_exempt and rate == 0 and cents in dict(known)):
                continue
            if self._is_chosen(product, cents, rate, may_be_exempt=may_be_exempt):
                continue
            raise Wrong(
                _first_sale(session, tariff, product, cents, rate),
                _("« {code} » à {price}, TVA {rate} : aucun programme importé n'a eu ce prix.").format(
                    code=tariff or product, price=format_euros(cents), rate=format_rate(rate)
                ),
            )

    def _is_chosen(self, product: str | None, cents: int, rate: int, *, may_be_exempt: bool) -> bool:
        """Whether an amount is one that could be chosen for a product."""
        return any(
            least <= cents <= most and rate in ({told, 0} if may_be_exempt else {told})
            for least, told, most in self.ranges.get(product or "", ())
        )


def _product_told(code: str, cents: int, rate: int, most: int | None) -> list[Any]:
    return [code, cents, rate] if most is None or most == cents else [code, cents, rate, most]


def _first_sale(session: Session, tariff: str | None, product: str | None, cents: int, rate: int) -> str:
    """The first sale that has such a line."""
    found = session.execute(
        select(_till.c.number, _sale.c.number)
        .join(_sale, _sale.c.till_id == _till.c.id)
        .join(_line, _line.c.sale_id == _sale.c.id)
        .outerjoin(_product, _product.c.id == _line.c.product_id)
        .where(
            _line.c.tariff_code.is_not_distinct_from(tariff),
            _product.c.code.is_not_distinct_from(product),
            _told_cents == cents,
            _line.c.vat_rate == rate,
        )
        .order_by(_sale.c.at, _sale.c.number)
        .limit(1)
    ).one()
    return _("vente {number}").format(number=paper_number(*found))
