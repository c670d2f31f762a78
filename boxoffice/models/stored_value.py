"""What customers may spend later: gift cards, balances, place cards, points, promo codes; one ledger for all.

The unit of an amount is that of its kind: cents, places, points or uses.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlmodel import Field, SQLModel

from boxoffice.kinds import (
    CardSource,
    MovementKind,
    PromoEffect,
    StoredValueKind,
    StoredValueState,
    VoucherPurpose,
)
from boxoffice.money import LARGEST_CENTS, LARGEST_PRICE_CENTS

from .base import words

_ACCOUNTS = "kind IN ('balance', 'points')"


class StoredValue(SQLModel, table=True):
    """What is left of a value, in `amount`: None is as many uses as wanted. `movements` counts its ledger.

    `customer_id` is whose balance, points or wallet it is in. Ends of validity are included: the day of use
    for gift cards and promo codes, the day of the screening for place cards.
    """

    __table_args__ = (
        CheckConstraint(f"amount BETWEEN 0 AND {LARGEST_CENTS}", name="amount_in_range"),
        CheckConstraint("movements >= 0", name="movements_not_negative"),
        CheckConstraint(f"NOT ({_ACCOUNTS}) OR customer_id IS NOT NULL", name="account_of_somebody"),
        Index(
            "uq_storedvalue_account",
            "customer_id",
            "kind",
            unique=True,
            sqlite_where=text(_ACCOUNTS),
            postgresql_where=text(_ACCOUNTS),
        ),
        Index(
            "ix_storedvalue_expiring",
            "valid_until",
            sqlite_where=text("amount > 0"),
            postgresql_where=text("amount > 0"),
        ),
    )

    id: UUID = Field(primary_key=True)
    kind: StoredValueKind = Field(sa_type=words(StoredValueKind))
    customer_id: UUID | None = Field(default=None, foreign_key="customer.id", index=True)
    amount: int | None = 0
    movements: int = 0
    state: StoredValueState = Field(default=StoredValueState.ACTIVE, sa_type=words(StoredValueState))
    state_reason: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    issued_at: datetime


class ValueMovement(SQLModel, table=True):
    """One line of the ledger of a value: numbered without a gap, with what was left after it.

    `sale_id` is the operation that moved it, and `position` the line or payment of that operation. Nobody is
    named by `operator_id` where a festival is still being set up.
    """

    __table_args__ = (
        CheckConstraint("sequence >= 1", name="numbered_from_one"),
        CheckConstraint("amount <> 0", name="of_something"),
        CheckConstraint("left_after >= 0", name="never_below_zero"),
    )

    value_id: UUID = Field(foreign_key="storedvalue.id", primary_key=True)
    sequence: int = Field(primary_key=True)
    kind: MovementKind = Field(sa_type=words(MovementKind))
    amount: int
    left_after: int | None = None
    at: datetime = Field(index=True)
    till_id: int = Field(foreign_key="till.id")
    operator_id: int | None = Field(default=None, foreign_key="operator.id")
    authorized_by_id: int | None = Field(default=None, foreign_key="operator.id")
    sale_id: UUID | None = Field(default=None, foreign_key="sale.id", index=True)
    position: int | None = None
    reason: str = ""


class FormerValueCode(SQLModel, table=True):
    """A code or number that a card had before it was replaced: it says so, and pays nothing."""

    code: str = Field(primary_key=True)
    value_id: UUID = Field(foreign_key="storedvalue.id", index=True)
    replaced_at: datetime
    reason: str = ""


class GiftProduct(SQLModel, table=True):
    """A product that is a gift card. `least_cents` to `most_cents` may be chosen; equal, they are its price.

    A single-purpose voucher is taxed at the rate of its product when sold, and pays only what has that rate.
    """

    __table_args__ = (
        CheckConstraint(
            f"0 < least_cents AND least_cents <= most_cents AND most_cents <= {LARGEST_PRICE_CENTS}",
            name="amounts_in_range",
        ),
        CheckConstraint("valid_days > 0", name="valid_days_positive"),
    )

    product_id: int = Field(foreign_key="product.id", primary_key=True)
    purpose: VoucherPurpose = Field(sa_type=words(VoucherPurpose))
    least_cents: int
    most_cents: int
    valid_days: int | None = None


class GiftCard(SQLModel, table=True):
    """A gift card sold. `code` is what is scanned, `typed_code` the shorter one that is typed.

    `vat_rate` is that of a single-purpose voucher, None of a multi-purpose one.
    """

    __table_args__ = (
        ForeignKeyConstraint(["sale_id", "sale_position"], ["saleline.sale_id", "saleline.position"]),
        CheckConstraint("vat_rate BETWEEN 0 AND 9999", name="vat_rate_in_basis_points"),
    )

    value_id: UUID = Field(foreign_key="storedvalue.id", primary_key=True)
    product_id: int = Field(foreign_key="giftproduct.product_id", index=True)
    code: str = Field(unique=True)
    typed_code: str = Field(unique=True)
    vat_rate: int | None = None
    sale_id: UUID
    sale_position: int


class GiftMessage(SQLModel, table=True):
    """What a gift card says, and to whom: personal, so apart from the books and erasable."""

    value_id: UUID = Field(foreign_key="giftcard.value_id", primary_key=True)
    giver: str = ""
    recipient: str = ""
    message: str = ""


class PlaceCardKind(SQLModel, table=True):
    """A kind of prepaid place card. `places` None: a permanent invitation, as many as wanted.

    It pays seats taxed at `vat_rate`, on the ISO `weekdays` (`12345`; empty: all), in the `sections` and
    `price_lists` named one per line (empty: all). `points` are what it costs a loyal customer; `birthday`
    ones are given once a year.
    """

    __table_args__ = (
        CheckConstraint("places > 0", name="places_positive"),
        CheckConstraint("points > 0", name="points_positive"),
        CheckConstraint("valid_days > 0", name="valid_days_positive"),
        CheckConstraint("vat_rate BETWEEN 0 AND 9999", name="vat_rate_in_basis_points"),
    )

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    label: str
    product_id: int | None = Field(default=None, foreign_key="product.id", unique=True)
    places: int | None = None
    vat_rate: int
    nominative: bool = False
    includes_supplement: bool = False
    points: int | None = None
    birthday: bool = False
    weekdays: str = ""
    sections: str = ""
    price_lists: str = ""
    valid_days: int | None = None
    valid_until: date | None = None
    active: bool = True


class PlaceCard(SQLModel, table=True):
    """A place card by its number, printed here or elsewhere; `code` is scanned where it was printed here."""

    __table_args__ = (
        ForeignKeyConstraint(["sale_id", "sale_position"], ["saleline.sale_id", "saleline.position"]),
        CheckConstraint("(sale_id IS NULL) = (sale_position IS NULL)", name="sold_by_a_line"),
    )

    value_id: UUID = Field(foreign_key="storedvalue.id", primary_key=True)
    kind_id: int = Field(foreign_key="placecardkind.id", index=True)
    number: str = Field(unique=True)
    code: str | None = Field(default=None, unique=True)
    source: CardSource = Field(sa_type=words(CardSource))
    sale_id: UUID | None = None
    sale_position: int | None = None


class PlaceCardHolder(SQLModel, table=True):
    """The surname that a nominative card is shown with, folded: personal, so apart and erasable."""

    value_id: UUID = Field(foreign_key="placecard.value_id", primary_key=True)
    surname: str


class PromoBatch(SQLModel, table=True):
    """The terms that the codes of a batch share; those of one code alone are a batch of one.

    `percentage` is in basis points. Each use covers `seats_per_use` seats (None: all of the basket) of the
    screenings named, in the sections named, one per line (empty: all), from and until those days, included.
    """

    __table_args__ = (
        CheckConstraint("(effect = 'opens_tariff') = (tariff_code IS NOT NULL)", name="opens_a_tariff"),
        CheckConstraint("(effect = 'percentage_off') = (percentage IS NOT NULL)", name="takes_a_part"),
        CheckConstraint("(effect = 'amount_off') = (amount_cents IS NOT NULL)", name="takes_an_amount"),
        CheckConstraint("percentage BETWEEN 1 AND 10000", name="percentage_in_basis_points"),
        CheckConstraint(f"amount_cents BETWEEN 1 AND {LARGEST_PRICE_CENTS}", name="amount_in_range"),
        CheckConstraint("seats_per_use > 0", name="seats_per_use_positive"),
    )

    id: UUID = Field(primary_key=True)
    name: str
    effect: PromoEffect = Field(sa_type=words(PromoEffect))
    tariff_code: str | None = None
    percentage: int | None = None
    amount_cents: int | None = None
    screenings: str = ""
    sections: str = ""
    screenings_from: date | None = None
    screenings_until: date | None = None
    seats_per_use: int | None = 1
    needs_paid_seat: bool = False
    made_at: datetime


class PromoCode(SQLModel, table=True):
    """A code that opens a tariff or lowers prices; its uses left are the amount of its value."""

    value_id: UUID = Field(foreign_key="storedvalue.id", primary_key=True)
    batch_id: UUID = Field(foreign_key="promobatch.id", index=True)
    code: str = Field(unique=True)
