"""What the festival gives for a seat that comes back: all or a part of it, less a fee, by the time left."""

import re
from dataclasses import dataclass
from datetime import timedelta

from boxoffice.money import format_amount, format_rate, parse_amount

WHOLE = 10_000
"""All of what was paid, in basis points."""

_TIER = re.compile(
    r"(?:(?P<hours>\d{1,4})\s*h\s*:\s*)?(?P<part>\d{1,3}(?:[.,]\d{1,2})?)\s*%"
    r"(?:\s*-\s*(?P<fee>\d{1,4}(?:[.,]\d{1,2})?)\s*€?)?"
)


@dataclass(frozen=True, slots=True)
class Tier:
    """What is given for a seat at least so long before its screening: a part in basis points, less cents."""

    before: timedelta = timedelta()
    part: int = WHOLE
    fee_cents: int = 0

    def credited(self, paid_cents: int) -> int:
        """The cents given for a seat, rounded half up, never below zero."""
        part = (2 * paid_cents * self.part + WHOLE) // (2 * WHOLE)
        return max(part - self.fee_cents, 0)


def read_tiers(text: str) -> tuple[Tier, ...]:
    """The tiers that a rule is written as, the earliest first: `48 h : 100 % ; 24 h : 50 % - 1,00`.

    Without a time, a tier holds until the deadline. Raises ValueError for anything else, and for two tiers of
    the same time.
    """
    tiers = [_read_tier(part.strip()) for part in text.split(";")]
    if len({tier.before for tier in tiers}) != len(tiers):
        raise ValueError(text)
    return tuple(sorted(tiers, key=lambda tier: tier.before, reverse=True))


def write_tiers(tiers: tuple[Tier, ...]) -> str:
    """Tiers the way that `read_tiers` reads them."""
    return " ; ".join(map(_written, tiers))


def tier_for(tiers: tuple[Tier, ...], left: timedelta) -> Tier | None:
    """The tier in force so long before a screening, the limit itself included; None once all have passed."""
    return next((tier for tier in tiers if left >= tier.before), None)


def _read_tier(text: str) -> Tier:
    match = _TIER.fullmatch(text.replace("\u00a0", " "))
    if match is None:
        raise ValueError(text)
    part = parse_amount(match["part"])
    if not 0 < part <= WHOLE:
        raise ValueError(text)
    return Tier(timedelta(hours=int(match["hours"] or 0)), part, parse_amount(match["fee"] or "0"))


def _written(tier: Tier) -> str:
    hours = tier.before // timedelta(hours=1)
    time = f"{hours} h : " if hours else ""
    fee = f" - {format_amount(tier.fee_cents)}" if tier.fee_cents else ""
    return f"{time}{format_rate(tier.part)}{fee}".replace("\u00a0", " ")
