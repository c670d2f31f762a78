"""Who sells and where: operators, tills, their numbering, keys and sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from boxoffice.kinds import Role
from boxoffice.money import LARGEST_CENTS

from .base import words

LARGEST_OPERATOR_NUMBER = 9_999
LARGEST_TILL_NUMBER = 999
LARGEST_FLOAT_CENTS = 1_000_000
"""The most cash that a shift starts with: ten thousand euros."""


class Operator(SQLModel, table=True):
    """A member of the staff. The PIN is known only as an argon2 hash; wrong ones lock for a growing while.

    `early_pins` are those typed during the wait, `untold_pins` those refused that no journal tells of yet.
    """

    __table_args__ = (
        CheckConstraint(f"number BETWEEN 1 AND {LARGEST_OPERATOR_NUMBER}", name="number_in_range"),
    )

    id: int | None = Field(default=None, primary_key=True)
    number: int = Field(unique=True)
    name: str
    role: Role = Field(sa_type=words(Role))
    pin_hash: str
    active: bool = True
    wrong_pins: int = 0
    early_pins: int = 0
    untold_pins: int = 0
    locked_until: datetime | None = None


class Till(SQLModel, table=True):
    """A counter, known on paper by its number."""

    __table_args__ = (CheckConstraint(f"number BETWEEN 1 AND {LARGEST_TILL_NUMBER}", name="number_in_range"),)

    id: int | None = Field(default=None, primary_key=True)
    number: int = Field(unique=True)
    name: str
    active: bool = True


class Numbering(SQLModel, table=True):
    """The last number drawn by a till, for each gapless series."""

    till_id: int = Field(foreign_key="till.id", primary_key=True)
    operations: int = 0
    tickets: int = 0
    passes: int = 0
    credit_notes: int = 0
    journal: int = 0


class SigningKey(SQLModel, table=True):
    """The public half of the key that a till signs with; the private half never enters the database."""

    fingerprint: str = Field(primary_key=True)
    till_id: int = Field(foreign_key="till.id", index=True)
    public_key: str
    created_at: datetime


class TillSession(SQLModel, table=True):
    """A shift: one operator at one till, from the float counted to the drawer closed."""

    __table_args__ = (
        Index(
            "uq_tillsession_open",
            "till_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        CheckConstraint(f"float_cents BETWEEN 0 AND {LARGEST_FLOAT_CENTS}", name="float_in_range"),
        CheckConstraint(f"counted_cents BETWEEN 0 AND {LARGEST_CENTS}", name="counted_in_range"),
    )

    id: int | None = Field(default=None, primary_key=True)
    till_id: int = Field(foreign_key="till.id")
    operator_id: int = Field(foreign_key="operator.id")
    opened_at: datetime
    float_cents: int
    closed_at: datetime | None = None
    counted_cents: int | None = None


class ParkedBasket(SQLModel, table=True):
    """A basket set aside with a note; it holds no seat. `content` is the basket as JSON.

    `id` is that of the sale it is to become.
    """

    id: UUID = Field(primary_key=True)
    till_id: int = Field(foreign_key="till.id", index=True)
    operator_id: int = Field(foreign_key="operator.id")
    parked_at: datetime
    note: str
    content: str


class CodeTries(SQLModel, table=True):
    """The unknown codes typed at a till lately: they make it wait, longer each time.

    `early` are those typed during the wait, which nobody looked at.
    """

    till_id: int = Field(foreign_key="till.id", primary_key=True)
    wrong: int = 0
    early: int = 0
    locked_until: datetime | None = None
