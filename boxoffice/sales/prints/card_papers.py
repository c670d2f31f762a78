"""Papers with a code that is worth something: gift cards, place cards and promo codes, as frozen values."""

from dataclasses import dataclass
from datetime import date

from .paper_parts import Letterhead


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePaper:
    """What each has: the code as it is scanned, and as it is `typed`, in groups; its days, both included."""

    letterhead: Letterhead
    code: str
    typed: str
    valid_from: date | None = None
    valid_until: date | None = None
    copy_number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardPaper(CodePaper):
    """A gift card: what it was sold for, in cents, and what it says.

    `single_purpose` pays nothing but seats: its VAT was counted when it was sold.
    """

    label: str
    amount_cents: int
    single_purpose: bool
    giver: str = ""
    recipient: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCardPaper(CodePaper):
    """A prepaid place card, valid for screenings of its days. `places` None: as many as wanted.

    `typed` is its number; `terms` says what it is good for.
    """

    label: str
    places: int | None
    terms: tuple[str, ...] = ()
    nominative: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PromoCodePaper(CodePaper):
    """A promo code to hand out: what it gives, and on which `terms`."""

    name: str
    gives: str
    terms: tuple[str, ...] = ()
