"""Merging kinds of place cards: those with a price are sold at the counter, each by a product of its own."""

from typing import Any

from sqlmodel import select

from boxoffice.language import _
from boxoffice.models import Event, PlaceCardKind, PriceList, Product
from boxoffice.sales.vouchers.eligibility import named_in

from .layouts import Key, Kind
from .merging import Merge
from .reading import Row

_OF_PRODUCT = ("position", "price_cents")


def merge_place_card_kinds(merge: Merge) -> None:
    """Merge the kinds of place cards; a card issued keeps its places and its end of validity."""
    session = merge.session
    rows = merge.sheets.of(Kind.PLACE_CARD)
    if not rows:
        return
    session.flush()
    products: dict[Key, Product] = {(product.code,): product for product in session.exec(select(Product))}
    kinds: dict[Key, PlaceCardKind] = {(kind.code,): kind for kind in session.exec(select(PlaceCardKind))}
    known = {
        "price_lists": set(session.exec(select(PriceList.code))),
        "sections": set(session.exec(select(Event.section))),
    }
    for row in rows:
        merge.step()
        kind, product = kinds.get(row.key), products.get(row.key)
        if product is not None and (kind is None or kind.product_id != product.id):
            merge.fault(row.fault("code", _("« {code} » est un produit").format(code=row.values["code"])))
        elif not _find_faults(merge, row, known):
            _put(merge, row, kind, product)
    listed = {row.key for row in rows}
    if merge.complete:
        for key, kind in kinds.items():
            if key not in listed and kind.active:
                kind.active = False
                _stop_selling(products.get(key))
                merge.tally(Kind.PLACE_CARD).withdrawn += 1


def _find_faults(merge: Merge, row: Row, known: dict[str, set[str]]) -> bool:
    """Tell what in a row makes no sense; whether anything does not."""
    before = len(merge.sheets.faults)
    values = row.values
    for field, names in known.items():
        for name in sorted(named_in(values.get(field, "")) - names):
            merge.fault(row.fault(field, _("« {code} » n'existe pas").format(code=name)))
    sold = values.get("price_cents") is not None
    if sold and values.get("position") is None:
        merge.fault(row.fault("price_cents", _("il manque la touche qui la vend")))
    if sold and values.get("places") is None:
        merge.fault(row.fault("price_cents", _("une invitation permanente ne se vend pas")))
    for field in ("points", "birthday"):
        if values.get(field) and values.get("places") != 1:
            merge.fault(row.fault(field, _("une place offerte est une carte d'une place")))
        if values.get(field) and values.get("nominative"):
            merge.fault(row.fault(field, _("une place offerte n'est pas nominative")))
    return len(merge.sheets.faults) > before


def _put(merge: Merge, row: Row, kind: PlaceCardKind | None, product: Product | None) -> None:
    """Bring a kind to what its row says, with the product that sells it where it has a price."""
    values: dict[str, Any] = {name: each for name, each in row.values.items() if name not in _OF_PRODUCT}
    if row.values.get("price_cents") is None:
        _stop_selling(product)
    else:
        product = product or Product(code=row.values["code"], label="", position=0, price_cents=0, vat_rate=0)
        product.label, product.vat_rate = row.values["label"], row.values["vat_rate"]
        product.price_cents, product.position = row.values["price_cents"], row.values["position"]
        product.active = row.values.get("active", True)
        merge.session.add(product)
        merge.session.flush()
    merge.put(Kind.PLACE_CARD, kind, PlaceCardKind, {**values, "product_id": product.id if product else None})


def _stop_selling(product: Product | None) -> None:
    if product is not None:
        product.active = False
