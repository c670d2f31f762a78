"""Closing: cash carried in and out, shifts counted, and the figures of tills, days, months and years."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from boxoffice.kinds import CashKind, ClosingPeriod
from boxoffice.money import LARGEST_CENTS

from .base import words

MOST_PIECES = 99_999
"""The most pieces of one denomination that a drawer is counted with."""

_IN_RANGE = f"BETWEEN 0 AND {LARGEST_CENTS}"


class CashMovement(SQLModel, table=True):
    """Cash that went into a drawer, or out of it, without a sale: why, and in whose hands.

    `number` has no gap within its till.
    """

    __table_args__ = (
        UniqueConstraint("till_id", "number"),
        CheckConstraint(f"amount_cents BETWEEN 1 AND {LARGEST_CENTS}", name="amount_in_range"),
        CheckConstraint("reason <> ''", name="for_a_reason"),
        CheckConstraint("carrier <> ''", name="carried_by_somebody"),
    )

    id: UUID = Field(primary_key=True)
    till_id: int = Field(foreign_key="till.id")
    number: int
    till_session_id: int = Field(foreign_key="tillsession.id", index=True)
    operator_id: int = Field(foreign_key="operator.id")
    authorized_by_id: int | None = Field(default=None, foreign_key="operator.id")
    kind: CashKind = Field(sa_type=words(CashKind))
    amount_cents: int
    reason: str
    carrier: str
    at: datetime


class ShiftClosing(SQLModel, table=True):
    """How a shift ended. `number` has no gap within its till.

    `deposit_cents` of the cash counted go to the bank, `left_cents` stay in the drawer as the next float.
    """

    __table_args__ = (
        UniqueConstraint("till_id", "number"),
        CheckConstraint(f"deposit_cents {_IN_RANGE}", name="deposit_in_range"),
        CheckConstraint(f"left_cents {_IN_RANGE}", name="left_in_range"),
    )

    till_session_id: int = Field(foreign_key="tillsession.id", primary_key=True)
    till_id: int = Field(foreign_key="till.id")
    number: int
    operator_id: int = Field(foreign_key="operator.id")
    authorized_by_id: int | None = Field(default=None, foreign_key="operator.id")
    reason: str = ""
    deposit_cents: int = 0
    left_cents: int = 0
    note: str = ""
    at: datetime


class ShiftCount(SQLModel, table=True):
    """What a means of payment should have brought to a shift, and what was counted; None: it was not."""

    __table_args__ = (
        CheckConstraint(
            f"expected_cents BETWEEN -{LARGEST_CENTS} AND {LARGEST_CENTS}", name="expected_in_range"
        ),
        CheckConstraint(f"counted_cents {_IN_RANGE}", name="counted_in_range"),
    )

    till_session_id: int = Field(foreign_key="shiftclosing.till_session_id", primary_key=True)
    means: str = Field(primary_key=True)
    expected_cents: int
    counted_cents: int | None = None


class CashCount(SQLModel, table=True):
    """How many notes or coins of `value` cents a drawer held when its shift was closed."""

    __table_args__ = (
        CheckConstraint(f"pieces BETWEEN 1 AND {MOST_PIECES}", name="pieces_in_range"),
        CheckConstraint("value > 0", name="value_positive"),
    )

    till_session_id: int = Field(foreign_key="shiftclosing.till_session_id", primary_key=True)
    value: int = Field(primary_key=True)
    pieces: int


class Closing(SQLModel, table=True):
    """A Z: the figures of a till, or of the whole box office where `till_id` is None, as they are for ever.

    `number` has no gap within its till, and for the box office within its kind of period. That of a till
    covers its operations, tickets, shifts, cash movements and journal entries by their numbers, none where
    the last is before the first; it is signed by the till where it was made, in its `entry`. `first_day` and
    `last_day` are business days. `figures` is canonical JSON: all that is printed.
    """

    __table_args__ = (
        CheckConstraint("(period = 'till') = (till_id IS NOT NULL)", name="a_till_is_named"),
        *(
            CheckConstraint(
                f"(till_id IS NULL) = (first_{what} IS NULL) AND (till_id IS NULL) = (last_{what} IS NULL)",
                name=f"{what}_of_a_till",
            )
            for what in ("operation", "ticket", "shift", "movement", "entry")
        ),
        CheckConstraint("first_day <= last_day", name="days_in_order"),
        CheckConstraint("number >= 1", name="numbered_from_one"),
        Index(
            "uq_closing_of_till",
            "till_id",
            "number",
            unique=True,
            sqlite_where=text("till_id IS NOT NULL"),
            postgresql_where=text("till_id IS NOT NULL"),
        ),
        *(
            Index(
                f"uq_closing_{what}",
                "period",
                what,
                unique=True,
                sqlite_where=text("till_id IS NULL"),
                postgresql_where=text("till_id IS NULL"),
            )
            for what in ("number", "first_day", "last_day")
        ),
    )

    id: UUID = Field(primary_key=True)
    period: ClosingPeriod = Field(sa_type=words(ClosingPeriod))
    till_id: int | None = Field(default=None, foreign_key="till.id")
    made_at_till_id: int = Field(foreign_key="till.id")
    number: int
    first_day: date
    last_day: date
    at: datetime
    operator_id: int = Field(foreign_key="operator.id")
    first_operation: int | None = None
    last_operation: int | None = None
    first_ticket: int | None = None
    last_ticket: int | None = None
    first_shift: int | None = None
    last_shift: int | None = None
    first_movement: int | None = None
    last_movement: int | None = None
    first_entry: int | None = None
    last_entry: int | None = None
    entry: int | None = None
    period_cents: int = Field(sa_type=BigInteger)
    period_absolute_cents: int = Field(sa_type=BigInteger)
    perpetual_cents: int = Field(sa_type=BigInteger)
    perpetual_absolute_cents: int = Field(sa_type=BigInteger)
    figures: str
