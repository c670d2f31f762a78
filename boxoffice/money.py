"""Amounts are integer cents and VAT rates are basis points, everywhere and always."""

import re
from typing import NamedTuple

LARGEST_CENTS = 100_000_000
"""The largest amount that a sale comes to, that is handed over, or that a drawer holds: a million euros."""

LARGEST_PRICE_CENTS = 1_000_000
"""The largest price of one seat or one article: ten thousand euros."""

_AMOUNT = re.compile(r"(?P<euros>\d{1,7})(?:[.,](?P<cents>\d{1,2}))?")
_SPACES_AND_SIGN = str.maketrans("", "", " \u00a0\u202f€")


class NetAndVat(NamedTuple):
    """A gross amount split, all in cents: `net + vat` is the gross."""

    net: int
    vat: int


def parse_amount(text: str) -> int:
    """Read what a cashier types (`12`, `12,5`, `12.50`, `12,50 €`) as cents.

    Raises ValueError on anything else, a negative amount included.
    """
    match = _AMOUNT.fullmatch(text.translate(_SPACES_AND_SIGN))
    if match is None:
        raise ValueError(text)
    return int(match["euros"]) * 100 + int((match["cents"] or "0").ljust(2, "0"))


def format_amount(cents: int) -> str:
    """Write cents the French way, without the unit: `1 234,50`, `-8,50`."""
    sign = "-" if cents < 0 else ""
    euros, rest = divmod(abs(cents), 100)
    return f"{sign}{euros:,}".replace(",", "\u00a0") + f",{rest:02d}"


def format_euros(cents: int) -> str:
    """Write cents with the unit: `12,50 €`."""
    return f"{format_amount(cents)}\u00a0€"


def split_vat(gross: int, rate: int) -> NetAndVat:
    """Split `gross` cents at `rate` basis points: the net rounded half up, the VAT what is left.

    A negative amount splits as the mirror of the positive one, so that a reversal cancels its sale.
    """
    scaled, divisor = abs(gross) * 10_000, 10_000 + rate
    net = (2 * scaled + divisor) // (2 * divisor)
    net = -net if gross < 0 else net
    return NetAndVat(net, gross - net)


def format_rate(rate: int) -> str:
    """Write basis points as a percentage: `5,5 %`, `20 %`."""
    return f"{rate / 100:g}".replace(".", ",") + "\u00a0%"
