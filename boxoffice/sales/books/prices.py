"""Prices as the journal tells them: each import signs those in force, and nothing is sold at any other.

Without it a price could be changed in the database for the time of a sale, and put back after.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select
from sqlmodel import Session

from boxoffice.language import _
from boxoffice.models import PriceList, Product, Sale, SaleLine, Tariff, Till, table
from boxoffice.money import format_euros, format_rate

from .numbers import paper_number
from .reconciliation import Wrong, readable

_tariff, _list, _product = table(Tariff), table(PriceList), table(Product)
_line, _sale, _till = table(SaleLine), table(Sale), table(Till)

_TARIFFS = (
    select(_list.c.code, _tariff.c.code, _tariff.c.price_cents, _tariff.c.vat_rate)
    .join(_list, _list.c.id == _tariff.c.price_list_id)
    .order_by(_list.c.code, _tariff.c.code)
)
_PRODUCTS = select(_product.c.code, _product.c.price_cents, _product.c.vat_rate).order_by(_product.c.code)
_SOLD_AS: tuple[ColumnElement[Any], ...] = (
    _line.c.screening_id,
    _line.c.tariff_code,
    _product.c.code,
    _line.c.unit_price_cents,
    _line.c.vat_rate,
)
_SOLD = (
    select(*_SOLD_AS)
    .select_from(_line)
    .outerjoin(_product, _product.c.id == _line.c.product_id)
    .distinct()
    .order_by(*_SOLD_AS)
)

Price = tuple[int, int]
"""Cents and basis points of VAT."""


def prices_in_force(session: Session) -> dict[str, list[list[Any]]]:
    """The price and rate of every tariff, by list and code, and of every product, for the journal."""
    return {
        "products": [list(row) for row in session.execute(_PRODUCTS)],
        "tariffs": [list(row) for row in session.execute(_TARIFFS)],
    }


class _SoldAs(NamedTuple):
    """What a line was sold as: the tariff of a screening, or a product."""

    screening: int | None
    tariff: str | None
    product: str | None
    cents: int
    rate: int


@dataclass
class Prices:
    """Those told so far, of tariffs by code and price list, and of products by code.

    Before any is told, nothing is held to them.
    """

    tariffs: dict[str, dict[str, set[Price]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    products: dict[str, set[Price]] = field(default_factory=lambda: defaultdict(set))

    def hear(self, told: Mapping[str, Any]) -> None:
        """Take in the prices that an import found or left in force."""
        for list_code, code, cents, rate in told["tariffs"]:
            self.tariffs[code][list_code].add((cents, rate))
        for code, cents, rate in told["products"]:
            self.products[code].add((cents, rate))

    def compare(
        self,
        session: Session,
        codes: Mapping[int, str],
        price_lists: Mapping[str, set[str]],
        *,
        may_be_exempt: bool,
    ) -> None:
        """Raise Wrong at a line sold at a price, or with a rate of VAT, that none of its kind ever had.

        `codes` are those of screenings by id, `price_lists` those that each was told to have, if it was.
        """
        if not self.tariffs and not self.products:
            return
        with readable(_("table {name}").format(name=_line.name)):
            sold = [_SoldAs(*row) for row in session.execute(_SOLD)]
        for line in sold:
            screening = codes.get(line.screening or 0, "")
            known = self._known(line, price_lists.get(screening))
            if (line.cents, line.rate) in known:
                continue
            if may_be_exempt and line.rate == 0 and line.cents in dict(known):
                continue
            elsewhere = (line.cents, line.rate) in self._known(line, None)
            said = _("« {code} » à {price}, TVA {rate} : aucun programme importé n'a eu ce prix.")
            if elsewhere:
                said = _("« {code} » à {price}, TVA {rate} : la séance {screening} n'a jamais eu ce prix.")
            raise Wrong(
                _first_sale(session, line),
                said.format(
                    code=line.tariff or line.product,
                    price=format_euros(line.cents),
                    rate=format_rate(line.rate),
                    screening=screening,
                ),
            )

    def _known(self, line: _SoldAs, price_lists: set[str] | None) -> set[Price]:
        """The prices that a line may have been sold at, in some price lists, or else in any."""
        if line.tariff is None:
            return self.products.get(line.product or "", set())
        lists = self.tariffs.get(line.tariff, {})
        return set().union(
            *(prices for code, prices in lists.items() if price_lists is None or code in price_lists)
        )


def _first_sale(session: Session, line: _SoldAs) -> str:
    """The first sale that has such a line."""
    found = session.execute(
        select(_till.c.number, _sale.c.number)
        .join(_sale, _sale.c.till_id == _till.c.id)
        .join(_line, _line.c.sale_id == _sale.c.id)
        .outerjoin(_product, _product.c.id == _line.c.product_id)
        .where(*(column.is_not_distinct_from(value) for column, value in zip(_SOLD_AS, line, strict=True)))
        .order_by(_sale.c.at, _sale.c.number)
        .limit(1)
    ).one()
    return _("vente {number}").format(number=paper_number(*found))
