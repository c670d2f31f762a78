"""Why a value cannot be used, in the cashier's words: what is left, or what befell it."""

from datetime import date, time
from uuid import UUID

from sqlalchemy import RowMapping, select
from sqlmodel import Session

from boxoffice.clock import paris, say
from boxoffice.errors import Refusal
from boxoffice.kinds import PassTrouble, StoredValueKind, StoredValueState
from boxoffice.language import _, plural, spoken
from boxoffice.models import GiftCard, PlaceCard, PlaceCardKind, PromoCode, StoredValue, table
from boxoffice.money import format_euros

from ..codes import masked
from ..holders.passes import reason_words

_NOON = time(12)
_value = table(StoredValue)
_gift, _place, _promo = table(GiftCard), table(PlaceCard), table(PromoCode)
_kind = table(PlaceCardKind)
_CODES = {
    StoredValueKind.GIFT_CARD: select(_gift.c.typed_code, _gift.c.value_id),
    StoredValueKind.PLACE_CARD: select(_place.c.number, _place.c.value_id),
    StoredValueKind.PROMO_CODE: select(_promo.c.code, _promo.c.value_id),
}


def obstacle(session: Session, value_id: UUID, wanted: int, day: date) -> Refusal:
    """The refusal to take `wanted` of a value on `day`, once the ledger would not give it."""
    value = session.execute(select(_value).where(_value.c.id == value_id)).mappings().one_or_none()
    if value is None:
        return Refusal(_("Cette carte est inconnue."), _("Scannez-la de nouveau."))
    name = name_of(session, value)
    if said := state_words(value, name):
        return Refusal(said, _("Demandez un autre moyen de paiement."))
    if said := validity_words(value, name, day):
        return Refusal(said, _("Demandez un autre moyen de paiement."))
    return Refusal(_too_little(value, name, wanted), _("Diminuez le montant, ou complétez autrement."))


def state_words(value: RowMapping, name: str) -> str:
    """Why a blocked or cancelled value does not serve, in a sentence; empty when it does."""
    match value["state"]:
        case StoredValueState.BLOCKED:
            said = _("{name} : bloquée ({reason}).")
            return said.format(name=name, reason=_why_blocked(value["state_reason"]))
        case StoredValueState.CANCELLED:
            return _("{name} : annulée.").format(name=name)
    return ""


def _why_blocked(reason: str) -> str:
    """Why a card is blocked: a trouble by its words, which agree with it, or what was noted as it is."""
    match reason:
        case PassTrouble.LOST:
            return _("perdue")
        case PassTrouble.STOLEN:
            return _("volée")
        case PassTrouble.SPOILT:
            return _("abîmée")
        case PassTrouble.LENT:
            return _("présentée par quelqu'un d'autre")
    return reason_words(reason)


def validity_words(value: RowMapping, name: str, day: date) -> str:
    """Why a value does not serve on that day, in a sentence; empty when it does."""
    if value["valid_from"] is not None and day < value["valid_from"]:
        return _("{name} : valable à partir du {day}.").format(name=name, day=_day(value["valid_from"]))
    if value["valid_until"] is not None and day > value["valid_until"]:
        return _("{name} : n'était valable que jusqu'au {day}.").format(
            name=name, day=_day(value["valid_until"])
        )
    return ""


def name_of(session: Session, value: RowMapping) -> str:
    """What a value is called where its code must not be read in full."""
    kind: StoredValueKind = value["kind"]
    code = masked_code(session, kind, value["id"])
    match kind:
        case StoredValueKind.GIFT_CARD:
            return _("Carte cadeau {code}").format(code=code)
        case StoredValueKind.PLACE_CARD:
            return f"{_kind_label(session, value['id'])} {code}"
        case StoredValueKind.PROMO_CODE:
            return _("Code promo {code}").format(code=code)
        case StoredValueKind.BALANCE:
            return _("Solde du client")
        case StoredValueKind.POINTS:
            return _("Points de fidélité")


def _kind_label(session: Session, value_id: UUID) -> str:
    """What the kind of a place card is called: an invitation is no place of a birthday."""
    labels = select(_kind.c.label).where(_kind.c.id == _place.c.kind_id, _place.c.value_id == value_id)
    return str(session.execute(labels).scalar_one())


def masked_code(session: Session, kind: StoredValueKind, value_id: UUID) -> str:
    """The end of the code or number of a card; nothing for an account, which has none."""
    if kind not in _CODES:
        return ""
    codes = _CODES[kind]
    row = session.execute(codes.where(codes.selected_columns.value_id == value_id)).one_or_none()
    return masked(row[0]) if row else ""


def amount_words(kind: StoredValueKind, amount: int | None) -> str:
    """An amount of a value with its unit."""
    if amount is None:
        return _("autant que voulu")
    match kind:
        case StoredValueKind.GIFT_CARD | StoredValueKind.BALANCE:
            return format_euros(amount)
        case StoredValueKind.PLACE_CARD:
            return plural("{count} place", "{count} places", amount).format(count=amount)
        case StoredValueKind.POINTS:
            return plural("{count} point", "{count} points", amount).format(count=amount)
        case StoredValueKind.PROMO_CODE:
            return plural("{count} utilisation", "{count} utilisations", amount).format(count=amount)


def _too_little(value: RowMapping, name: str, wanted: int) -> str:
    left: int = value["amount"] or 0
    if value["kind"] is StoredValueKind.PROMO_CODE and not left:
        return _("{name} : déjà utilisé.").format(name=name)
    if not left:
        return _("{name} : il ne reste rien.").format(name=name)
    return _("{name} : il reste {left}, il faudrait {wanted}.").format(
        name=name, left=amount_words(value["kind"], left), wanted=amount_words(value["kind"], wanted)
    )


def _day(day: date) -> str:
    return say(paris(day, _NOON), _("d MMMM yyyy"), spoken())
