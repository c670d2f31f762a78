"""Merging gift cards on offer: each is a product of the counter, at its price or for an amount to choose."""

from typing import Any

from sqlmodel import select

from boxoffice.kinds import VoucherPurpose
from boxoffice.language import _
from boxoffice.models import GiftProduct, Product

from .layouts import Key, Kind
from .merging import Merge, differs
from .reading import Row

_OF_PRODUCT = ("code", "position", "label", "active")


def merge_gift_products(merge: Merge) -> None:
    """Merge the gift cards on offer; one sold keeps its value, its rate of VAT and its end of validity."""
    session = merge.session
    rows = merge.sheets.of(Kind.GIFT_CARD)
    if not rows:
        return
    session.flush()
    products: dict[Key, Product] = {(product.code,): product for product in session.exec(select(Product))}
    terms = {each.product_id: each for each in session.exec(select(GiftProduct))}
    for row in rows:
        merge.step()
        product = products.get(row.key)
        known = None if product is None else terms.get(product.id or 0)
        if product is not None and known is None:
            merge.fault(row.fault("code", _("« {code} » est un produit").format(code=row.values["code"])))
        elif not _find_faults(merge, row):
            _put(merge, row, product, known)
    listed = {row.key for row in rows}
    if merge.complete:
        for key, product in products.items():
            if product.id in terms and key not in listed and product.active:
                product.active = False
                merge.tally(Kind.GIFT_CARD).withdrawn += 1


def _find_faults(merge: Merge, row: Row) -> bool:
    """Tell what in a row makes no sense; whether anything does not."""
    before = len(merge.sheets.faults)
    values = row.values
    least, most = _amounts(row)
    if not least or not most or least > most:
        place = "price_cents" if "price_cents" in values else "least_cents"
        merge.fault(row.fault(place, _("il faut un prix, ou un minimum et un maximum")))
    if values.get("price_cents") is not None and values.get("least_cents") is not None:
        merge.fault(row.fault("least_cents", _("un prix, ou un minimum et un maximum : pas les deux")))
    if values["purpose"] is VoucherPurpose.SINGLE and values.get("vat_rate") is None:
        merge.fault(row.fault("purpose", _("il manque le taux de TVA de ce qu'elle paie")))
    return len(merge.sheets.faults) > before


def _amounts(row: Row) -> tuple[int | None, int | None]:
    """The least and the most that a card is sold for; its price is both."""
    price = row.values.get("price_cents")
    if price is not None:
        return price, price
    return row.values.get("least_cents"), row.values.get("most_cents")


def _put(merge: Merge, row: Row, product: Product | None, known: GiftProduct | None) -> None:
    session, tally = merge.session, merge.tally(Kind.GIFT_CARD)
    unchanged_before = tally.unchanged
    least, most = _amounts(row)
    single = row.values["purpose"] is VoucherPurpose.SINGLE
    values = {name: value for name, value in row.values.items() if name in _OF_PRODUCT}
    values |= {"price_cents": least, "vat_rate": row.values["vat_rate"] if single else 0}
    terms: dict[str, Any] = {
        "purpose": row.values["purpose"],
        "least_cents": least,
        "most_cents": most,
        "valid_days": row.values.get("valid_days"),
    }
    product = merge.put(Kind.GIFT_CARD, product, Product, values)
    if known is None:
        session.flush()
        session.add(GiftProduct(**terms | {"product_id": product.id}))
    elif differs(known, terms):
        for name, value in terms.items():
            setattr(known, name, value)
        session.add(known)
        if tally.unchanged > unchanged_before:
            tally.unchanged -= 1
            tally.changed += 1
