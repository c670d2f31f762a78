"""The gift cards that the counter sells."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.kinds import VoucherPurpose
from boxoffice.models import GiftProduct, Product, table

_terms, _product = table(GiftProduct), table(Product)


@dataclass(frozen=True, slots=True)
class GiftOffer:
    """A gift card on sale, for an amount between two, in cents; equal, they are its price.

    `vat_rate` is that of a single-purpose voucher, None of a multi-purpose one. None: it is never over.
    """

    product_id: int
    code: str
    position: int
    label: str
    least_cents: int
    most_cents: int
    vat_rate: int | None
    valid_days: int | None


def read_gift_offers(session: Session) -> tuple[GiftOffer, ...]:
    """The gift cards on sale, in the order of their keys."""
    rows = session.execute(
        select(
            _product.c.id,
            _product.c.code,
            _product.c.position,
            _product.c.label,
            _terms.c.least_cents,
            _terms.c.most_cents,
            _product.c.vat_rate,
            _terms.c.valid_days,
            _terms.c.purpose,
        )
        .join(_terms, _terms.c.product_id == _product.c.id)
        .where(_product.c.active)
        .order_by(_product.c.position, _product.c.code)
    )
    return tuple(
        GiftOffer(
            row.id,
            row.code,
            row.position,
            row.label,
            row.least_cents,
            row.most_cents,
            row.vat_rate if row.purpose is VoucherPurpose.SINGLE else None,
            row.valid_days,
        )
        for row in rows
    )
