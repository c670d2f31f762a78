"""Gift cards: sold for an amount, scanned or typed to pay with it, until nothing is left or they are over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, or_, select
from sqlmodel import Session

from boxoffice.clock import Clock, business_day, say
from boxoffice.errors import Refusal
from boxoffice.kinds import MovementKind, StoredValueKind, StoredValueState, VoucherPurpose
from boxoffice.language import _, spoken
from boxoffice.models import (
    FormerValueCode,
    GiftCard,
    GiftMessage,
    Product,
    StoredValue,
    ValueMovement,
    table,
)

from .. import settlement
from ..basket import GiftCardLine
from ..books.bookkeeping import code_told
from ..codes import CodeKind, masked, new_code, new_typed_code, read_code, read_typed_code
from ..pricing import Priced
from ..settlement import Stored, Tender
from ..staff.desk import Desk
from ..wording import one_line
from .guessing import UnknownCode
from .obstacles import state_words, validity_words
from .value_changes import Move, NewValue

_card, _message, _former = table(GiftCard), table(GiftMessage), table(FormerValueCode)
_value, _movement = table(StoredValue), table(ValueMovement)
_product = table(Product)

LONGEST_NAME = 60
LONGEST_MESSAGE = 200
_CARDS = (
    select(
        _value,
        _card.c.typed_code,
        _card.c.vat_rate,
        _card.c.sale_id,
        _card.c.sale_position,
        _product.c.label,
        _movement.c.amount.label("sold_with"),
    )
    .join(_card, _card.c.value_id == _value.c.id)
    .join(_product, _product.c.id == _card.c.product_id)
    .join(_movement, (_movement.c.value_id == _value.c.id) & (_movement.c.sequence == 1))
)
_BY_ID = _CARDS.where(_value.c.id == bindparam("id"))
_BY_CODE = select(_card.c.value_id).where(
    or_(_card.c.code == bindparam("code"), _card.c.typed_code == bindparam("code"))
)
_REPLACED = select(_former.c.replaced_at).where(_former.c.code == bindparam("code"))
_RATE = select(_card.c.vat_rate).where(_card.c.value_id == bindparam("id"))


@dataclass(frozen=True, slots=True)
class GiftCardState:
    """A gift card as a scan finds it; amounts are cents. `masked` is its code as it may be shown.

    `vat_rate` is that of a single-purpose voucher, None of a multi-purpose one. `trouble` says in a sentence
    why it pays nothing; empty when it pays.
    """

    value_id: UUID
    label: str
    masked: str
    left_cents: int
    sold_cents: int
    vat_rate: int | None
    valid_until: date | None
    issued_at: datetime
    sale_id: UUID
    sale_position: int
    is_blocked: bool
    trouble: str = ""

    @property
    def stored(self) -> Stored:
        """How a payment names this card."""
        return Stored(self.value_id, self.vat_rate)


def find(session: Session, text: str) -> UUID:
    """The value of a scanned or typed code. Raises UnknownCode, and Refusal for one that was replaced."""
    scanned = read_code(text)
    code = scanned[1] if scanned and scanned[0] is CodeKind.GIFT_CARD else read_typed_code(text)
    found: UUID | None = session.execute(_BY_CODE, {"code": code}).scalar_one_or_none()
    if found is not None:
        return found
    if replaced_at := session.execute(_REPLACED, {"code": code}).scalar_one_or_none():
        raise Refusal(
            _("Cette carte a été remplacée le {when}.").format(
                when=say(replaced_at, _("EEE d MMM 'à' H 'h' mm"), spoken())
            ),
            _("Demandez la nouvelle."),
        )
    raise UnknownCode(_("Cette carte cadeau est inconnue."), _("Vérifiez son code."))


def look_up(session: Session, text: str, desk: Desk, *, clock: Clock) -> GiftCardState:
    """The card of a scanned or typed code, with what is left on it; see `guessing.look_up`.

    Raises UnknownCode, and Refusal for one that was replaced.
    """
    return state(session, find(session, text), desk, clock=clock)


def state(session: Session, value_id: UUID, desk: Desk, *, clock: Clock) -> GiftCardState:
    """A card as it is now. Raises Refusal for a value that is no gift card."""
    card = session.execute(_BY_ID, {"id": value_id}).mappings().one_or_none()
    if card is None:
        raise Refusal(_("Cette carte cadeau est inconnue."), _("Scannez-la de nouveau."))
    hidden = masked(card["typed_code"])
    name = _("Carte cadeau {code}").format(code=hidden)
    today = business_day(clock.now(), desk.post.rules.business_day_starts)
    trouble = state_words(card, name) or validity_words(card, name, today)
    if not trouble and not card["amount"]:
        trouble = _("{name} : il ne reste rien.").format(name=name)
    return GiftCardState(
        value_id=card["id"],
        label=card["label"],
        masked=hidden,
        left_cents=card["amount"],
        sold_cents=card["sold_with"],
        vat_rate=card["vat_rate"],
        valid_until=card["valid_until"],
        issued_at=card["issued_at"],
        sale_id=card["sale_id"],
        sale_position=card["sale_position"],
        is_blocked=card["state"] is StoredValueState.BLOCKED,
        trouble=trouble,
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
