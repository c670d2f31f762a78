"""What customers may spend later: cards, balances, points and codes."""

from enum import StrEnum


class StoredValueKind(StrEnum):
    """What a customer may spend later: cents of a gift card or balance, places, points, uses of a code."""

    GIFT_CARD = "gift_card"
    BALANCE = "balance"
    PLACE_CARD = "place_card"
    POINTS = "points"
    PROMO_CODE = "promo_code"


class StoredValueState(StrEnum):
    """`CANCELLED` once the sale that issued it is reversed: it never serves again."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"


class MovementKind(StrEnum):
    """Why a stored value grew or shrank."""

    ISSUED = "issued"
    TAKEN_BACK = "taken_back"
    USED = "used"
    GIVEN_BACK = "given_back"
    CREDITED = "credited"
    EARNED = "earned"
    REWARDED = "rewarded"
    EXPIRED = "expired"
    CORRECTED = "corrected"
    MERGED = "merged"


class VoucherPurpose(StrEnum):
    """When VAT and turnover count: at sale if their rate is known, else at use (CGI art. 256 ter)."""

    SINGLE = "single"
    MULTI = "multi"


class CardSource(StrEnum):
    """Where a place card comes from: sold here, given by the festival, or numbered and sold elsewhere."""

    COUNTER = "counter"
    GIVEN = "given"
    ELSEWHERE = "elsewhere"


class PromoEffect(StrEnum):
    """What a promo code does: it opens a tariff, or takes a part or an amount off each seat it covers."""

    OPENS_TARIFF = "opens_tariff"
    PERCENTAGE_OFF = "percentage_off"
    AMOUNT_OFF = "amount_off"
