"""The basket: a frozen value; each key at the counter makes a new one. No session is needed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SeatLine:
    """Seats wanted at one screening under one tariff. The price is in cents, as shown to the customer."""

    screening_id: int
    tariff_id: int
    event_title: str
    starts_at: datetime
    tariff_label: str
    price_cents: int
    quantity: int = 1
    proof: str = ""
    minimum_group: int = 1
    nominative: bool = False
    holders: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, int, int]:
        return ("seat", self.screening_id, self.tariff_id)

    @property
    def label(self) -> str:
        """What the line is called, as every kind of line has it: the tariff."""
        return self.tariff_label

    @property
    def total_cents(self) -> int:
        return self.quantity * self.price_cents


@dataclass(frozen=True, slots=True)
class ProductLine:
    """Articles wanted: lanyards, catalogues, posters. The price is in cents."""

    product_id: int
    label: str
    price_cents: int
    quantity: int = 1

    @property
    def key(self) -> tuple[str, int, int]:
        return ("product", self.product_id, 0)

    @property
    def total_cents(self) -> int:
        return self.quantity * self.price_cents


Line = SeatLine | ProductLine


@dataclass(frozen=True, slots=True)
class Basket:
    """What the customer is about to buy, in the order it was asked for."""

    lines: tuple[Line, ...] = ()

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)

    def __bool__(self) -> bool:
        return bool(self.lines)

    @property
    def total_cents(self) -> int:
        return sum(line.total_cents for line in self.lines)

    @property
    def seats(self) -> int:
        """How many tickets will be printed."""
        return sum(line.quantity for line in self.lines if isinstance(line, SeatLine))

    @property
    def articles(self) -> int:
        """How many things of the shop go with them."""
        return sum(line.quantity for line in self.lines if not isinstance(line, SeatLine))

    def find(self, key: tuple[str, int, int]) -> Line | None:
        return next((line for line in self.lines if line.key == key), None)


def add(basket: Basket, line: Line) -> Basket:
    """The basket with `line` in it; a line for the same thing at the same price grows instead."""
    for index, there in enumerate(basket.lines):
        if there.key == line.key and there.price_cents == line.price_cents:
            grown = replace(there, quantity=there.quantity + line.quantity)
            return _with(basket, index, grown)
    return Basket((*basket.lines, line))


def set_quantity(basket: Basket, index: int, quantity: int) -> Basket:
    """The basket with the line at `index` changed to `quantity`; nothing left of it at zero or below."""
    line = basket.lines[index]
    if quantity <= 0:
        return remove(basket, index)
    changed: Line
    if isinstance(line, SeatLine):
        changed = replace(line, quantity=quantity, holders=line.holders[:quantity])
    else:
        changed = replace(line, quantity=quantity)
    return _with(basket, index, changed)


def set_holders(basket: Basket, index: int, holders: tuple[str, ...]) -> Basket:
    """The basket with the names on the nominative tickets of the line at `index`."""
    line = basket.lines[index]
    if not isinstance(line, SeatLine):
        return basket
    return _with(basket, index, replace(line, holders=holders))


def remove(basket: Basket, index: int) -> Basket:
    """The basket without the line at `index`."""
    return Basket(basket.lines[:index] + basket.lines[index + 1 :])


def taken_out(before: Basket, after: Basket) -> tuple[Line, ...]:
    """What `before` had and `after` has no more, with the quantities that are gone."""
    gone = []
    for line in before:
        there = after.find(line.key)
        less = line.quantity - (there.quantity if there else 0)
        if less > 0:
            gone.append(replace(line, quantity=less))
    return tuple(gone)


def _with(basket: Basket, index: int, line: Line) -> Basket:
    return Basket((*basket.lines[:index], line, *basket.lines[index + 1 :]))
