"""Prices as the journal tells them: each import signs those in force, and nothing is sold at any other.

Without it a price could be changed in the database for the time of a sale, and put back after.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import case, select
from sqlmodel import Session

from boxoffice.language import _
from boxoffice.models import (
    GiftProduct,
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
from boxoffice.prepared import Prepared

from .bookkeeping import Names
from .numbers import paper_number
from .reconciliation import Wrong
from .retelling import SoldAs
from .supplements import supplements_in_force

_tariff, _list, _product = table(Tariff), table(PriceList), table(Product)
_line, _sale, _till, _gift = table(SaleLine), table(Sale), table(Till), table(GiftProduct)

_TARIFFS = Prepared(
    select(_list.c.code, _tariff.c.code, _tariff.c.price_cents, _tariff.c.vat_rate)
    .join(_list, _list.c.id == _tariff.c.price_list_id)
    .order_by(_list.c.code, _tariff.c.code)
)
_PRODUCTS = Prepared(
    select(
        _product.c.code,
        case((_gift.c.purpose.is_not(None), _gift.c.least_cents), else_=_product.c.price_cents),
        case((_gift.c.purpose == VoucherPurpose.MULTI, 0), else_=_product.c.vat_rate),
        _gift.c.most_cents,
    )
    .outerjoin(_gift, _gift.c.product_id == _product.c.id)
    .order_by(_product.c.code)
)

Price = tuple[int, int]
"""Cents and basis points of VAT."""


def prices_in_force(session: Session) -> dict[str, list[list[Any]]]:
    """The price and rate of every tariff, by list and code, and of every product, for the journal.

    A gift card for an amount that is chosen has the least, the rate, and the most. The supplements of price
    lists are beside.
    """
    return {
        "products": [_product_told(*row) for row in _PRODUCTS.rows(session)],
        "supplements": supplements_in_force(session),
        "tariffs": [list(row) for row in _TARIFFS.rows(session)],
    }


@dataclass
class Prices:
    """Those told so far, of tariffs by code and price list, and of products by code.

    Before any is told, nothing is held to them.
    """

    tariffs: dict[str, dict[str, set[Price]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    products: dict[str, set[Price]] = field(default_factory=lambda: defaultdict(set))
    ranges: dict[str, set[tuple[int, int, int]]] = field(default_factory=lambda: defaultdict(set))

    def hear(self, told: Mapping[str, Any]) -> None:
        """Take in the prices that an entry leaves in force, or has changed."""
        for list_code, code, cents, rate in told.get("tariffs", ()):
            self.tariffs[code][list_code].add((cents, rate))
        for code, cents, rate, *most in told.get("products", ()):
            self.products[code].add((cents, rate))
            if most:
                self.ranges[code].add((cents, rate, most[0]))

    def compare(
        self,
        session: Session,
        sold: Collection[SoldAs],
        names: Names,
        price_lists: Mapping[str, set[str]],
        *,
        may_be_exempt: bool,
    ) -> None:
        """Raise Wrong at a line sold at a price, or with a rate of VAT, that none of its kind ever had.

        `price_lists` are those that each screening was told to have, if it was.
        """
        if not self.tariffs and not self.products:
            return
        for line in sorted(sold, key=repr):
            screening = names.screenings.get(line.screening_id or 0, "")
            product = names.products.get(line.product_id or 0, "")
            known = self._known(line, product, price_lists.get(screening))
            if (line.cents, line.rate) in known:
                continue
            if may_be_exempt and line.rate == 0 and line.cents in dict(known):
                continue
            if self._is_chosen(product, line, may_be_exempt=may_be_exempt):
                continue
            said = _("« {code} » à {price}, TVA {rate} : aucun programme importé n'a eu ce prix.")
            if (line.cents, line.rate) in self._known(line, product, None):
                said = _("« {code} » à {price}, TVA {rate} : la séance {screening} n'a jamais eu ce prix.")
            raise Wrong(
                first_sale(session, line),
                said.format(
                    code=line.tariff or product,
                    price=format_euros(line.cents),
                    rate=format_rate(line.rate),
                    screening=screening,
                ),
            )

    def _known(self, line: SoldAs, product: str, price_lists: set[str] | None) -> set[Price]:
        """The prices that a line may have been sold at, in some price lists, or else in any."""
        if line.tariff is None:
            return self.products.get(product, set())
        lists = self.tariffs.get(line.tariff, {})
        return set().union(
            *(prices for code, prices in lists.items() if price_lists is None or code in price_lists)
        )

    def _is_chosen(self, product: str, line: SoldAs, *, may_be_exempt: bool) -> bool:
        """Whether an amount is one that could be chosen for a product."""
        return any(
            least <= line.cents <= most and line.rate in ({told, 0} if may_be_exempt else {told})
            for least, told, most in self.ranges.get(product, ())
        )


def _product_told(code: str, cents: int, rate: int, most: int | None) -> list[Any]:
    return [code, cents, rate] if most is None or most == cents else [code, cents, rate, most]


def first_sale(session: Session, line: SoldAs) -> str:
    """The first sale that has such a line."""
    found = session.execute(
        select(_till.c.number, _sale.c.number)
        .join(_sale, _sale.c.till_id == _till.c.id)
        .join(_line, _line.c.sale_id == _sale.c.id)
        .where(
            _line.c.screening_id.is_not_distinct_from(line.screening_id),
            _line.c.tariff_code.is_not_distinct_from(line.tariff),
            _line.c.product_id.is_not_distinct_from(line.product_id),
            _line.c.unit_price_cents + _line.c.discount_cents == line.cents,
            _line.c.vat_rate == line.rate,
            _line.c.label == line.label,
        )
        .order_by(_sale.c.at, _sale.c.number)
        .limit(1)
    ).one()
    return _("vente {number}").format(number=paper_number(*found))
