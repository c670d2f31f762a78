"""Merging pass products: each is a product of the counter, and what its holder is given."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import select

from boxoffice.language import _
from boxoffice.models import PassKind, PassProduct, Product, Tariff

from .layouts import Key, Kind
from .merging import Merge, differs
from .reading import Row

_OF_PRODUCT = ("code", "position", "label", "price_cents", "vat_rate", "active")


def merge_pass_products(merge: Merge) -> None:
    """Merge the passes and accreditations on offer; a pass sold keeps the places that it was sold with."""
    session = merge.session
    rows = merge.sheets.of(Kind.PASS)
    session.flush()
    products: dict[Key, Product] = {(product.code,): product for product in session.exec(select(Product))}
    terms = {each.product_id: each for each in session.exec(select(PassProduct))}
    tariffs = set(session.exec(select(Tariff.code)))
    tariffs |= {code for _price_list, code in merge.sheets.misread.get(Kind.TARIFF, set())}
    for row in rows:
        merge.step()
        product = products.get(row.key)
        known = None if product is None else terms.get(product.id or 0)
        if product is not None and known is None:
            merge.fault(row.fault("code", _("« {code} » est un produit").format(code=row.values["code"])))
        elif not _find_faults(merge, row, known, tariffs):
            _put(merge, row, product, known)
    listed = {row.key for row in rows}
    if merge.complete and rows:
        for key, product in products.items():
            if product.id in terms and key not in listed and product.active:
                product.active = False
                merge.tally(Kind.PASS).withdrawn += 1


def _find_faults(merge: Merge, row: Row, known: PassProduct | None, tariffs: set[str]) -> bool:
    """Tell what in a row makes no sense, alone or with what is known already; whether anything does not."""
    before = len(merge.sheets.faults)
    values: dict[str, Any] = known.model_dump() if known else {}
    values |= row.values
    for field in ("place_tariff", "companion_tariff"):
        code = row.values.get(field)
        if code and code not in tariffs:
            message = _("« {code} » n'est le code d'aucun tarif").format(code=code)
            merge.fault(row.fault(field, message))
    since, until = values.get("valid_from"), values.get("valid_until")
    if since and until and until < since:
        place = "valid_until" if "valid_until" in row.values else "valid_from"
        merge.fault(row.fault(place, _("la validité finit avant de commencer")))
    if values.get("companions") and not values.get("companion_tariff"):
        place = "companions" if "companions" in row.values else "companion_tariff"
        merge.fault(row.fault(place, _("il manque le tarif accompagnant")))
    if values.get("kind") is PassKind.ACCREDITATION and row.values["price_cents"]:
        merge.fault(row.fault("price_cents", _("une accréditation n'est pas vendue : son prix est 0")))
    if known is not None and values["kind"] is not known.kind:
        merge.fault(row.fault("kind", _("un pass ne devient pas une accréditation, ni l'inverse")))
    return len(merge.sheets.faults) > before


def _put(merge: Merge, row: Row, product: Product | None, known: PassProduct | None) -> None:
    session, tally = merge.session, merge.tally(Kind.PASS)
    unchanged_before = tally.unchanged
    values = {name: value for name, value in row.values.items() if name in _OF_PRODUCT}
    terms: Mapping[str, Any] = {name: value for name, value in row.values.items() if name not in _OF_PRODUCT}
    product = merge.put(Kind.PASS, product, Product, values)
    if known is None:
        session.flush()
        session.add(PassProduct(**{"kind": PassKind.PASS, **terms, "product_id": product.id}))
    elif differs(known, terms):
        for name, value in terms.items():
            setattr(known, name, value)
        session.add(known)
        if tally.unchanged > unchanged_before:
            tally.unchanged -= 1
            tally.changed += 1
