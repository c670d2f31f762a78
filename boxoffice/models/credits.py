"""Seats turned into credit notes: asked for, then accepted or refused by the box office."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from boxoffice.kinds import CreditRequestSource
from boxoffice.money import LARGEST_PRICE_CENTS

from .base import words


class CreditRequest(SQLModel, table=True):
    """The wish to turn the seat of a ticket into a credit note; the terms were accepted when it was made.

    `paid_cents` is what the seat was sold at, `credited_cents` what the rule of that moment gives for it.
    `attempt` counts the requests for one seat: another may follow one that was refused.
    """

    __table_args__ = (
        ForeignKeyConstraint(["sale_id", "position"], ["ticket.sale_id", "ticket.position"]),
        UniqueConstraint("sale_id", "position", "attempt"),
        CheckConstraint(
            f"0 <= credited_cents AND credited_cents <= paid_cents AND paid_cents <= {LARGEST_PRICE_CENTS}",
            name="no_more_than_paid",
        ),
    )

    id: UUID = Field(primary_key=True)
    sale_id: UUID
    position: int
    attempt: int = 1
    customer_id: UUID | None = Field(default=None, foreign_key="customer.id", index=True)
    source: CreditRequestSource = Field(sa_type=words(CreditRequestSource))
    paid_cents: int
    credited_cents: int
    asked_at: datetime = Field(index=True)
    till_id: int = Field(foreign_key="till.id")
    operator_id: int = Field(foreign_key="operator.id")


class CreditAnswer(SQLModel, table=True):
    """What the box office answered to a request: its key allows one. `sale_id` is the credit note."""

    __table_args__ = (
        CheckConstraint("accepted = (sale_id IS NOT NULL)", name="accepted_by_a_credit_note"),
        CheckConstraint("accepted OR reason <> ''", name="refused_for_a_reason"),
    )

    request_id: UUID = Field(foreign_key="creditrequest.id", primary_key=True)
    accepted: bool
    reason: str = ""
    at: datetime
    till_id: int = Field(foreign_key="till.id")
    operator_id: int = Field(foreign_key="operator.id")
    authorized_by_id: int | None = Field(default=None, foreign_key="operator.id")
    sale_id: UUID | None = Field(default=None, foreign_key="sale.id", index=True)


class CreditNote(SQLModel, table=True):
    """The number that the document of a credit note bears, without a gap within its till."""

    __table_args__ = (UniqueConstraint("till_id", "number"),)

    sale_id: UUID = Field(foreign_key="sale.id", primary_key=True)
    till_id: int = Field(foreign_key="till.id")
    number: int
