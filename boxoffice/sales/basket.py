"""The basket: a frozen value; each key at the counter makes a new one. No session is needed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from .people.customer_details import CustomerDetails

Key = tuple[object, ...]


def seat_key(screening_id: int, tariff_id: int) -> Key:
    """What the lines for the same seats under the same tariff have in common."""
    return ("seat", screening_id, tariff_id)


@dataclass(frozen=True, slots=True)
class FormerTariff:
    """The tariff that seats had before a promo code opened another: they have it again without the code."""

    tariff_id: int
    label: str
    price_cents: int
    proof: str = ""
    minimum_group: int = 1


@dataclass(frozen=True, slots=True)
class SeatLine:
    """Seats wanted at one screening under one tariff. The price is in cents, as shown to the customer.

    `pass_id` is the pass or accreditation that opens the tariff; `reservation_id` the e-reservation that
    holds these seats already. `promo_code_id` is the code that opens the tariff, or took `discount_cents` off
    the price of each seat.
    """

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
    pass_id: UUID | None = None
    reservation_id: UUID | None = None
    promo_code_id: UUID | None = None
    discount_cents: int = 0
    former_tariff: FormerTariff | None = None

    @property
    def key(self) -> Key:
        opened_by = (self.pass_id, self.reservation_id, self.promo_code_id, self.former_tariff)
        return (*seat_key(self.screening_id, self.tariff_id), *opened_by)

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
    def key(self) -> Key:
        return ("product", self.product_id)

    @property
    def total_cents(self) -> int:
        return self.quantity * self.price_cents


@dataclass(frozen=True, slots=True)
class PassLine:
    """One pass wanted, in its holder's name. The price is in cents.

    `pass_id` is made when the pass is put in the basket. `holder_id` is the customer's own, or a new one for
    somebody not known yet, whom the checkout writes down with `holder`: nobody is kept of a basket abandoned.
    `not_these` are customers who look like the holder and were said to be others.
    """

    pass_id: UUID
    product_id: int
    label: str
    price_cents: int
    holder_id: UUID
    holder: CustomerDetails
    proof: str = ""
    not_these: frozenset[UUID] = frozenset()

    @property
    def quantity(self) -> int:
        return 1

    @property
    def key(self) -> Key:
        return ("pass", self.pass_id)

    @property
    def total_cents(self) -> int:
        return self.price_cents


@dataclass(frozen=True, slots=True)
class GiftCardLine:
    """One gift card wanted, for an amount in cents that may have been chosen.

    `value_id` is made when the card is put in the basket. What it says, and to whom, is personal.
    """

    value_id: UUID
    product_id: int
    label: str
    price_cents: int
    giver: str = ""
    recipient: str = ""
    message: str = ""

    @property
    def quantity(self) -> int:
        return 1

    @property
    def key(self) -> Key:
        return ("gift_card", self.value_id)

    @property
    def total_cents(self) -> int:
        return self.price_cents


@dataclass(frozen=True, slots=True)
class PlaceCardLine:
    """One prepaid place card wanted. The price is in cents.

    `value_id` is made when the card is put in the basket. A nominative card bears a `surname`.
    """

    value_id: UUID
    product_id: int
    label: str
    price_cents: int
    surname: str = ""

    @property
    def quantity(self) -> int:
        return 1

    @property
    def key(self) -> Key:
        return ("place_card", self.value_id)

    @property
    def total_cents(self) -> int:
        return self.price_cents


Article = ProductLine | PassLine | GiftCardLine | PlaceCardLine
Line = SeatLine | Article
Several = SeatLine | ProductLine
"""The lines of which there may be more than one: each pass or card is its own."""


@dataclass(frozen=True, slots=True)
class CardCharge:
    """What the card terminal has taken for a basket, and the authorisation number that was noted."""

    amount_cents: int
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Basket:
    """What the customer is about to buy, in the order it was asked for.

    `customer_id` and `customer_name` are of the customer who said who they are, if they did. `codes` are the
    promo codes that were given for it, be they on any of its seats or not. `charges` were paid for it by card
    already, though its sale was left before its end.
    """

    lines: tuple[Line, ...] = ()
    customer_id: UUID | None = None
    customer_name: str = ""
    codes: tuple[UUID, ...] = ()
    charges: tuple[CardCharge, ...] = ()

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)

    def __bool__(self) -> bool:
        return bool(self.lines)

    @property
    def total_cents(self) -> int:
        return sum(line.total_cents for line in self.lines)

    @property
    def charged_cents(self) -> int:
        return sum(charge.amount_cents for charge in self.charges)

    @property
    def seats(self) -> int:
        """How many tickets will be printed."""
        return sum(line.quantity for line in self.lines if isinstance(line, SeatLine))

    @property
    def articles(self) -> int:
        """How many things of the shop go with them."""
        return sum(line.quantity for line in self.lines if isinstance(line, ProductLine))

    @property
    def passes(self) -> int:
        return sum(isinstance(line, PassLine) for line in self.lines)

    @property
    def cards(self) -> int:
        """How many gift cards and place cards it sells."""
        return sum(isinstance(line, GiftCardLine | PlaceCardLine) for line in self.lines)

    def find(self, key: Key) -> Line | None:
        return next((line for line in self.lines if line.key == key), None)

    def find_seats(self, screening_id: int, tariff_id: int, promo_code_id: UUID | None = None) -> Line | None:
        """The line for seats that nothing but their tariff opens, or a promo code."""
        return self.find((*seat_key(screening_id, tariff_id), None, None, promo_code_id, None))


def add(basket: Basket, line: Line) -> Basket:
    """The basket with `line` in it; a line for the same thing at the same price grows instead."""
    for index, there in enumerate(basket.lines):
        if there.key == line.key and there.price_cents == line.price_cents:
            if not isinstance(there, Several):
                return basket
            grown = replace(there, quantity=there.quantity + line.quantity)
            return _with(basket, index, grown)
    return replace(basket, lines=(*basket.lines, line))


def set_quantity(basket: Basket, index: int, quantity: int) -> Basket:
    """The basket with the line at `index` changed to `quantity`; nothing left of it at zero or below.

    A pass or card is always one.
    """
    line = basket.lines[index]
    if quantity <= 0:
        return remove(basket, index)
    if not isinstance(line, Several):
        return basket
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
    return replace(basket, lines=basket.lines[:index] + basket.lines[index + 1 :])


def name_customer(basket: Basket, customer_id: UUID | None, customer_name: str = "") -> Basket:
    """The basket in the name of a customer, or of nobody."""
    return replace(basket, customer_id=customer_id, customer_name=customer_name)


def taken_out(before: Basket, after: Basket) -> tuple[Line, ...]:
    """What `before` had and `after` has no more, with the quantities that are gone."""
    gone = []
    for line in before:
        there = after.find(line.key)
        less = line.quantity - (there.quantity if there else 0)
        if less > 0:
            gone.append(replace(line, quantity=less) if isinstance(line, Several) else line)
    return tuple(gone)


def _with(basket: Basket, index: int, line: Line) -> Basket:
    return replace(basket, lines=(*basket.lines[:index], line, *basket.lines[index + 1 :]))
