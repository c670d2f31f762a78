"""What may pay a sale, and what is proposed of it: frozen values, no session. Amounts are cents."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

CentsByRate = tuple[tuple[int | None, int], ...]
"""Cents that pay for what has a rate of VAT alone, or for anything."""


@dataclass(frozen=True, slots=True)
class LineDue:
    """One seat or article to pay, by its position in the sale. `buys_value`: a gift card
    or place card, which no gift card pays: its end of validity would start anew.
    """

    position: int
    label: str
    price_cents: int
    vat_rate: int
    buys_value: bool = False


@dataclass(frozen=True, slots=True)
class PlacesKnown:
    """A place card: `covers` is what one place pays of each line that it may pay, by position."""

    value_id: UUID
    label: str
    places: int | None
    covers: Mapping[int, int]
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class CardKnown:
    """A gift card; one with a `vat_rate` pays lines of that rate alone."""

    value_id: UUID
    label: str
    amount_cents: int
    valid_until: date | None = None
    vat_rate: int | None = None


@dataclass(frozen=True, slots=True)
class BalanceKnown:
    value_id: UUID
    amount_cents: int


@dataclass(frozen=True, slots=True)
class RewardKnown:
    """A place that may be had for so many points."""

    kind_id: int
    label: str
    points: int
    covers: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class CodeKnown:
    """A promo code not on the basket yet: what it takes off each line, and off how many seats (None: all)."""

    value_id: UUID
    label: str
    off: Mapping[int, int]
    seats: int | None = 1
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """All that may pay or lower the price, of the customer who stands there.

    `exchanged` is what seats given back pay before anything else.
    """

    places: tuple[PlacesKnown, ...] = ()
    cards: tuple[CardKnown, ...] = ()
    balance: BalanceKnown | None = None
    points: int = 0
    rewards: tuple[RewardKnown, ...] = ()
    codes: tuple[CodeKnown, ...] = ()
    exchanged: CentsByRate = ()


@dataclass(frozen=True, slots=True)
class CodeStep:
    """Put a code on these lines, and on no other, before anything is paid; on none, it is kept."""

    value_id: UUID
    off: tuple[tuple[int, int], ...]
    reason: str


@dataclass(frozen=True, slots=True)
class RewardStep:
    """Turn points into a place that pays one line."""

    kind_id: int
    points: int
    covers: int
    amount_cents: int
    reason: str


@dataclass(frozen=True, slots=True)
class PlaceStep:
    """One place for one line."""

    value_id: UUID
    covers: int
    amount_cents: int
    vat_rate: int
    reason: str


@dataclass(frozen=True, slots=True)
class CardStep:
    """So much of a gift card."""

    value_id: UUID
    amount_cents: int
    vat_rate: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class BalanceStep:
    """So much of the balance."""

    value_id: UUID
    amount_cents: int
    reason: str


Step = CodeStep | RewardStep | PlaceStep | CardStep | BalanceStep


@dataclass(frozen=True, slots=True)
class Proposal:
    """What to pay with, in order, and what then remains to pay with money."""

    steps: tuple[Step, ...] = ()
    remaining_cents: int = 0

    @property
    def cost(self) -> tuple[int, int, int, int, int]:
        """What it takes of the customer, the most precious first: money, balance, points, cards, things."""
        balance = sum(step.amount_cents for step in self.steps if isinstance(step, BalanceStep))
        points = sum(step.points for step in self.steps if isinstance(step, RewardStep))
        cards = sum(step.amount_cents for step in self.steps if isinstance(step, CardStep))
        return self.remaining_cents, balance, points, cards, len(self.steps)
