"""Gift cards: sold for an amount, scanned or typed to pay with it, until nothing is left or they are over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, bindparam, select
from sqlmodel import Session

from boxoffice.clock import business_day
from boxoffice.errors import Refusal
from boxoffice.kinds import MovementKind, StoredValueKind, VoucherPurpose
from boxoffice.language import _
from boxoffice.models import GiftCard, GiftMessage, GiftProduct, Product, table

from .. import settlement
from ..basket import GiftCardLine
from ..books.bookkeeping import code_told
from ..codes import CodeKind, new_code, new_typed_code
from ..pricing import Priced
from ..settlement import Tender
from ..staff.desk import Desk
from ..wording import one_line
from .stored_values import Move, NewValue

_card, _message = table(GiftCard), table(GiftMessage)
_terms, _product = table(GiftProduct), table(Product)

LONGEST_NAME = 60
LONGEST_MESSAGE = 200
_RATE = select(_card.c.vat_rate).where(_card.c.value_id == bindparam("id"))


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


def make(
    line: GiftCardLine, sold_by: Mapping[str, Any], priced: Priced, desk: Desk, *, at: datetime
) -> tuple[NewValue, tuple[tuple[Table, Mapping[str, Any]], ...]]:
    """A card that a line of a sale sells: its value, and the rows of its tables.

    Raises Refusal for words too long for the card, and for the number of a bank card among them.
    """
    article = priced.articles[line.product_id]
    valid_days: int | None = article["valid_days"]
    today = business_day(at, desk.post.rules.business_day_starts)
    single = article["purpose"] is VoucherPurpose.SINGLE
    card = {
        "value_id": line.value_id,
        "product_id": line.product_id,
        "code": new_code(CodeKind.GIFT_CARD),
        "typed_code": new_typed_code(),
        "vat_rate": sold_by["vat_rate"] if single else None,
        "sale_id": sold_by["sale_id"],
        "sale_position": sold_by["position"],
    }
    value = NewValue(
        line.value_id,
        StoredValueKind.GIFT_CARD,
        line.price_cents,
        valid_until=None if valid_days is None else today + timedelta(days=valid_days),
        told={
            "code": code_told(card["code"]),
            "product": article["code"],
            "typed_code": code_told(card["typed_code"]),
            **({"vat_rate": card["vat_rate"]} if single else {}),
        },
        position=sold_by["position"],
    )
    words = message_row(line)
    return value, ((_card, card), *(((_message, words),) if words else ()))


def message_row(line: GiftCardLine) -> dict[str, Any] | None:
    """What a card says, as it is kept; None if it says nothing. Raises Refusal for what it cannot say."""
    words = {name: one_line(getattr(line, name)) for name in ("giver", "recipient", "message")}
    if not any(words.values()):
        return None
    for name, text in words.items():
        settlement.refuse_card_number(text)
        most = LONGEST_MESSAGE if name == "message" else LONGEST_NAME
        if len(text) > most:
            raise Refusal(
                _("« {text} » est trop long pour la carte cadeau.").format(text=text),
                _("{most} caractères au plus.").format(most=most),
            )
    return {"value_id": line.value_id, **words}


def draw(session: Session, tender: Tender, position: int, _priced: Priced) -> Move:
    """What a card pays. Raises Refusal for one that is not told as it is."""
    found = session.execute(_RATE, {"id": tender.value_id}).one_or_none()
    if tender.value_id is None or found is None or found.vat_rate != tender.vat_rate or tender.covers:
        raise Refusal(_("Cette carte cadeau est inconnue."), _("Scannez-la de nouveau."))
    return Move(tender.value_id, MovementKind.USED, -tender.amount_cents, position)
