"""The figures of a reading or a closing, as frozen values, and as the journal and the papers tell them.

Amounts are cents, VAT rates basis points. What is returned counts below zero in `cents`.
"""

import json
import types
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar, get_args, get_origin, get_type_hints
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Span:
    """What figures are of, at one till: its numbers from first to last, none where the last is before."""

    till: int
    first_operation: int
    last_operation: int
    first_ticket: int
    last_ticket: int
    first_shift: int
    last_shift: int
    first_movement: int
    last_movement: int
    first_entry: int
    last_entry: int

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """What the numbers are called, in their order: first and last of each kind."""
        return tuple(field.name for field in fields(cls))[1:]

    def numbers(self) -> dict[str, int]:
        """Every number by its name."""
        return {name: getattr(self, name) for name in self.names()}

    def firsts(self) -> dict[str, int]:
        """The first number of each kind, by its name."""
        return dict(list(self.numbers().items())[::2])

    def lasts(self) -> dict[str, int]:
        """The last number of each kind, by its name."""
        return dict(list(self.numbers().items())[1::2])


class Free(StrEnum):
    """Why a ticket cost nothing."""

    TARIFF = "tariff"
    PROMO_CODE = "promo_code"
    PASS = "pass"
    ACCREDITATION = "accreditation"


@dataclass(frozen=True, slots=True)
class Sold:
    """How many of one kind were sold, how many came back, and what all that makes in cents."""

    code: str
    label: str
    rate: int
    sold: int
    returned: int
    cents: int


@dataclass(frozen=True, slots=True)
class Place:
    """The tickets of a section or venue, those that came back, and what all that makes in cents."""

    name: str
    sold: int
    returned: int
    cents: int


@dataclass(frozen=True, slots=True)
class Paid:
    """What a means of payment brought in, and what was given back by it."""

    means: str
    taken: int
    taken_cents: int
    given: int
    given_cents: int

    @property
    def cents(self) -> int:
        return self.taken_cents + self.given_cents


@dataclass(frozen=True, slots=True)
class Taxed:
    """What a means paid, or was given back, of seats whose VAT at a rate was due when a voucher was sold."""

    means: str
    rate: int
    cents: int


@dataclass(frozen=True, slots=True)
class Vat:
    """A rate: the sum of what each operation's own split told; `absolute_cents` counts returns as well."""

    rate: int
    gross_cents: int
    net_cents: int
    vat_cents: int
    absolute_cents: int


@dataclass(frozen=True, slots=True)
class FreeTickets:
    """The tickets that cost nothing for one reason, those that came back deducted."""

    reason: str
    label: str
    tickets: int


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of values of one kind, in its unit. `rate` is that of vouchers taxed when they were sold.

    `unlimited` counts the uses of what is good for as many as wanted. `outstanding` is what may still be
    spent anywhere, None where the figures are not of the whole box office.
    """

    kind: str
    rate: int | None
    issued: int = 0
    credited: int = 0
    taken_back: int = 0
    used: int = 0
    expired: int = 0
    corrected: int = 0
    unlimited: int = 0
    outstanding: int | None = None

    @property
    def change(self) -> int:
        """By how much what may still be spent has grown."""
        return self.issued + self.credited + self.corrected - self.taken_back - self.used - self.expired


@dataclass(frozen=True, slots=True)
class Counted:
    """What was expected of a means of payment, and what was counted; None: it was not."""

    means: str
    expected_cents: int
    counted_cents: int | None

    @property
    def difference_cents(self) -> int:
        return 0 if self.counted_cents is None else self.counted_cents - self.expected_cents


@dataclass(frozen=True, slots=True)
class ShiftFigures:
    """A shift closed: `pickup_cents` left its drawer meanwhile, `deposit_cents` go to the bank at its end.

    `left_before_cents` is what the till's shift before left as a float, or should have held where nobody
    counted it; 0 before the first, and None in figures of a version that did not tell it.
    """

    till: int
    number: int
    operator: int
    name: str
    opened_at: datetime
    closed_at: datetime
    float_cents: int
    in_cents: int
    out_cents: int
    pickup_cents: int
    counts: tuple[Counted, ...]
    deposit_cents: int
    left_cents: int
    reason: str = ""
    left_before_cents: int | None = None
    before_counted: bool = True

    @property
    def float_brought_cents(self) -> int:
        """The float of the first shift of a till, which nobody had left there."""
        return self.float_cents if self.number == 1 and self.left_before_cents is not None else 0

    @property
    def float_difference_cents(self) -> int:
        """How far a float is from what was left: below zero, some is missing."""
        if self.left_before_cents is None or self.number == 1:
            return 0
        return self.float_cents - self.left_before_cents


@dataclass(frozen=True, slots=True)
class FloatLeft:
    """What the drawer of a till holds once it is closed, or should hold where nobody counted it."""

    till: int
    cents: int
    counted: bool


@dataclass(frozen=True, slots=True)
class TicketNumbers:
    """The tickets of a till from the first to the last number, and how many of those numbers there are."""

    till: int
    first: int
    last: int
    issued: int

    @property
    def missing(self) -> int:
        return self.last - self.first + 1 - self.issued


@dataclass(frozen=True, slots=True)
class PrintSteps:
    """The steps of a till's papers from the first to the last number; of how many the end is unknown."""

    till: int
    first: int
    last: int
    uncertain: int


@dataclass(frozen=True, slots=True)
class Account:
    """An account that entries are written to, by the name of its setting."""

    name: str
    number: str


@dataclass(frozen=True, slots=True)
class Accounting:
    """What a day is written to the accounts by, as it was set when the day was closed.

    `goods` are the codes of the products that are things.
    """

    accounts: tuple[Account, ...]
    goods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Acts:
    """How many times something was done that an owner wants to know of."""

    what: str
    times: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that a reading or a closing tells of its spans.

    What has None as its default was not told by the first versions. `accounting` is that of a day alone.
    """

    spans: tuple[Span, ...]
    sales: int
    reversals: int
    reversed_cents: int
    credit_notes: int
    credited_cents: int
    authorized: int
    tariffs: tuple[Sold, ...]
    products: tuple[Sold, ...]
    vouchers: tuple[Sold, ...]
    fees: tuple[Sold, ...]
    sections: tuple[Place, ...]
    venues: tuple[Place, ...]
    payments: tuple[Paid, ...]
    vat: tuple[Vat, ...]
    stored: tuple[Stored, ...]
    free: tuple[FreeTickets, ...]
    tickets: tuple[TicketNumbers, ...]
    copies: tuple[Acts, ...]
    overrides: tuple[Acts, ...]
    acts: tuple[Acts, ...]
    shifts: tuple[ShiftFigures, ...]
    uncertain: int = 0
    taxed: tuple[Taxed, ...] | None = None
    floats: tuple[FloatLeft, ...] | None = None
    prints: tuple[PrintSteps, ...] | None = None
    accounting: Accounting | None = None

    @property
    def turnover_cents(self) -> int:
        """The turnover of the period: what comes back subtracts."""
        return sum(vat.gross_cents for vat in self.vat)

    @property
    def absolute_cents(self) -> int:
        """The same, where what comes back adds."""
        return sum(vat.absolute_cents for vat in self.vat)


Value = TypeVar("Value")

_HINTS: dict[type[Any], Mapping[str, Any]] = {}
"""The types of the fields of each dataclass: looking them up takes longer than reading a closing."""


def tell(value: Any) -> Any:
    """A frozen value in terms of JSON."""
    if is_dataclass(value):
        return {field.name: tell(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [tell(each) for each in value]
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def retell(kind: type[Value], told: Any, **known: Any) -> Value:
    """A frozen value again, from what `tell` made of it; `known` are the parts that it did not tell.

    Raises LookupError, TypeError or ValueError.
    """
    hints = _HINTS.get(kind) or _HINTS.setdefault(kind, get_type_hints(kind))
    return kind(**{name: _read(hints[name], value) for name, value in told.items()}, **known)


def told_figures(text: str) -> Figures:
    """The figures that a closing keeps as JSON."""
    return retell(Figures, json.loads(text))


def _read(hint: Any, told: Any) -> Any:
    """A value of the type that `hint` says."""
    if get_origin(hint) is tuple:
        return tuple(_read(get_args(hint)[0], each) for each in told)
    if get_origin(hint) is types.UnionType:
        return None if told is None else _read(get_args(hint)[0], told)
    if hint in (datetime, date):
        return hint.fromisoformat(told)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(told)
    if isinstance(hint, type) and is_dataclass(hint):
        kind: type[Any] = hint
        return retell(kind, told)
    if type(told) is not hint:
        raise TypeError(f"{told!r} is no {hint}")
    return told
