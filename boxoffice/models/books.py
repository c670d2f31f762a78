"""The books: what was sold, paid and signed. These tables only grow; triggers refuse anything else."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from boxoffice.kinds import LineKind, SaleKind
from boxoffice.money import LARGEST_CENTS, LARGEST_PRICE_CENTS

from .base import words


class Sale(SQLModel, table=True):
    """What was charged, or given back, at one go.

    `id` is made by the counter when payment opens, so that a second try finds the first.
    `number` has no gap within its till. Amounts are cents; those of a reversal or credit note are negative.
    `exchanges_sale_id` is the credit note whose seats were exchanged for those of this sale.
    """

    __table_args__ = (
        UniqueConstraint("till_id", "number"),
        CheckConstraint("(kind <> 'sale') = (reverses_sale_id IS NOT NULL)", name="a_sale_reverses_none"),
        CheckConstraint("kind = 'sale' OR exchanges_sale_id IS NULL", name="only_a_sale_exchanges"),
        CheckConstraint(f"total_cents BETWEEN -{LARGEST_CENTS} AND {LARGEST_CENTS}", name="total_in_range"),
    )

    id: UUID = Field(primary_key=True)
    kind: SaleKind = Field(sa_type=words(SaleKind))
    till_id: int = Field(foreign_key="till.id")
    till_session_id: int = Field(foreign_key="tillsession.id", index=True)
    operator_id: int = Field(foreign_key="operator.id")
    authorized_by_id: int | None = Field(default=None, foreign_key="operator.id")
    number: int
    at: datetime = Field(index=True)
    business_day: date = Field(index=True)
    total_cents: int
    reverses_sale_id: UUID | None = Field(default=None, foreign_key="sale.id", index=True)
    exchanges_sale_id: UUID | None = Field(default=None, foreign_key="sale.id", unique=True)
    customer_id: UUID | None = Field(default=None, foreign_key="customer.id", index=True)
    reason: str = ""


class SaleLine(SQLModel, table=True):
    """One seat or one article: `quantity` is 1, or -1 when it reverses a line, which can happen once.

    `pass_id` is the pass that a product line sold, or the one that opened the tariff of a ticket's.
    `value_id` is the gift card or place card that a line sold. `promo_code_id` opened the tariff, or took
    `discount_cents` off its price: `unit_price_cents` is what was charged.
    """

    __table_args__ = (
        ForeignKeyConstraint(
            ["reverses_sale_id", "reverses_position"], ["saleline.sale_id", "saleline.position"]
        ),
        UniqueConstraint("reverses_sale_id", "reverses_position"),
        CheckConstraint("quantity = (CASE WHEN reverses_sale_id IS NULL THEN 1 ELSE -1 END)", name="unit"),
        CheckConstraint(
            "(reverses_sale_id IS NULL) = (reverses_position IS NULL)", name="reverses_a_whole_line"
        ),
        CheckConstraint("(kind = 'ticket') = (screening_id IS NOT NULL)", name="a_ticket_has_a_screening"),
        CheckConstraint(
            "(kind IN ('product', 'voucher')) = (product_id IS NOT NULL)", name="a_product_is_named"
        ),
        CheckConstraint(
            f"discount_cents BETWEEN 0 AND {LARGEST_PRICE_CENTS}"
            " AND (discount_cents = 0 OR promo_code_id IS NOT NULL)",
            name="discount_by_a_code",
        ),
        CheckConstraint(f"unit_price_cents BETWEEN 0 AND {LARGEST_PRICE_CENTS}", name="price_in_range"),
    )

    sale_id: UUID = Field(foreign_key="sale.id", primary_key=True)
    position: int = Field(primary_key=True)
    kind: LineKind = Field(sa_type=words(LineKind))
    label: str
    quantity: int
    unit_price_cents: int
    vat_rate: int
    tariff_code: str | None = None
    quota: str | None = None
    screening_id: int | None = Field(default=None, foreign_key="screening.id", index=True)
    product_id: int | None = Field(default=None, foreign_key="product.id")
    pass_id: UUID | None = Field(default=None, foreign_key="pass.id", index=True)
    value_id: UUID | None = Field(default=None, foreign_key="storedvalue.id", index=True)
    promo_code_id: UUID | None = Field(default=None, foreign_key="storedvalue.id", index=True)
    discount_cents: int = 0
    reverses_sale_id: UUID | None = None
    reverses_position: int | None = None


class Payment(SQLModel, table=True):
    """Money taken (or given back: negative). `tendered_cents` is what was handed over, change included.

    `value_id` is the card or balance that paid. `vat_rate` is set where VAT and turnover were counted when
    the card was sold, at that rate: they do not count again. `covers` is the line that a place card paid.
    """

    __table_args__ = (
        CheckConstraint(
            "(means IN ('gift_card', 'balance', 'place_card')) = (value_id IS NOT NULL)",
            name="value_is_named",
        ),
        CheckConstraint("(means = 'place_card') = (covers IS NOT NULL)", name="a_place_covers_a_line"),
        CheckConstraint("vat_rate BETWEEN 0 AND 9999", name="vat_rate_in_basis_points"),
        CheckConstraint("amount_cents <> 0", name="of_something"),
        CheckConstraint(f"amount_cents BETWEEN -{LARGEST_CENTS} AND {LARGEST_CENTS}", name="amount_in_range"),
        CheckConstraint(f"tendered_cents <= {LARGEST_CENTS}", name="tendered_in_range"),
        CheckConstraint("tendered_cents IS NULL OR tendered_cents >= amount_cents", name="tendered_enough"),
    )

    sale_id: UUID = Field(foreign_key="sale.id", primary_key=True)
    position: int = Field(primary_key=True)
    means: str
    amount_cents: int
    tendered_cents: int | None = None
    reference: str = ""
    value_id: UUID | None = Field(default=None, foreign_key="storedvalue.id", index=True)
    vat_rate: int | None = None
    covers: int | None = None


class Ticket(SQLModel, table=True):
    """One seat at one screening, as it was printed. Dead once a line reverses its line."""

    __table_args__ = (
        ForeignKeyConstraint(["sale_id", "position"], ["saleline.sale_id", "saleline.position"]),
        UniqueConstraint("till_id", "number"),
    )

    sale_id: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True)
    till_id: int = Field(foreign_key="till.id")
    number: int
    code: str = Field(unique=True)
    screening_id: int = Field(foreign_key="screening.id", index=True)
    event_title: str
    event_version: str = ""
    place: str
    starts_at: datetime
    seat: str = ""


class TicketHolder(SQLModel, table=True):
    """The name on a nominative ticket: personal, so apart from the books and erasable."""

    __table_args__ = (ForeignKeyConstraint(["sale_id", "position"], ["ticket.sale_id", "ticket.position"]),)

    sale_id: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True)
    name: str


class TicketScan(SQLModel, table=True):
    """The one entrance that a ticket gives: its key allows no second."""

    __table_args__ = (
        ForeignKeyConstraint(["sale_id", "position"], ["ticket.sale_id", "ticket.position"]),
        CheckConstraint("door <> ''", name="door_is_named"),
    )

    sale_id: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True)
    at: datetime
    door: str


class JournalEntry(SQLModel, table=True):
    """One link of a till's chain.

    `content` is canonical JSON, free of database ids. `digest` is the SHA-256, in hex, of the digest before,
    the signature before and the content; `signature` is ECDSA P-256 of that digest, in base64.
    """

    __table_args__ = (
        Index("uq_journalentry_sale", "sale_id", unique=True),
        Index(
            "ix_journalentry_event",
            "till_id",
            "kind",
            "sequence",
            sqlite_where=text("sale_id IS NULL"),
            postgresql_where=text("sale_id IS NULL"),
        ),
    )

    till_id: int = Field(foreign_key="till.id", primary_key=True)
    sequence: int = Field(primary_key=True)
    at: datetime
    kind: str
    sale_id: UUID | None = Field(default=None, foreign_key="sale.id")
    content: str
    digest: str
    signature: str
    key_fingerprint: str = Field(foreign_key="signingkey.fingerprint")
