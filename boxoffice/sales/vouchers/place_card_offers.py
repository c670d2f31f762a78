"""The prepaid place cards that the counter sells."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.models import PlaceCardKind, Product, table

_kind, _product = table(PlaceCardKind), table(Product)


@dataclass(frozen=True, slots=True)
class PlaceCardOffer:
    """A kind of card on sale; the price is in cents, `nominative` asks for a surname."""

    kind_id: int
    product_id: int
    label: str
    price_cents: int
    nominative: bool


def read_place_card_offers(session: Session) -> tuple[PlaceCardOffer, ...]:
    """The kinds of cards that the counter sells, in the order of their keys."""
    rows = session.execute(
        select(
            _kind.c.id,
            _kind.c.nominative,
            _product.c.id.label("product_id"),
            _product.c.label,
            _product.c.price_cents,
        )
        .join(_product, _product.c.id == _kind.c.product_id)
        .where(_kind.c.active, _product.c.active)
        .order_by(_product.c.position, _product.c.code)
    )
    return tuple(
        PlaceCardOffer(row.id, row.product_id, row.label, row.price_cents, row.nominative) for row in rows
    )
