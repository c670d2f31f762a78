"""E-reservations: seats held without being paid, until they are collected or expire."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlmodel import Field, SQLModel

from boxoffice.kinds import ReservationSource, ReservedSeatState

from .base import words


class Reservation(SQLModel, table=True):
    """Seats asked for by phone or online, in somebody's name. `reference` is what is told on the phone."""

    id: UUID = Field(primary_key=True)
    reference: str = Field(unique=True)
    code: str = Field(unique=True)
    customer_id: UUID = Field(foreign_key="customer.id", index=True)
    source: ReservationSource = Field(sa_type=words(ReservationSource))
    made_at: datetime


class ReservedSeat(SQLModel, table=True):
    """One seat of a reservation. Collected, it names the line of the sale that paid for it."""

    __table_args__ = (
        ForeignKeyConstraint(["sale_id", "sale_position"], ["saleline.sale_id", "saleline.position"]),
        CheckConstraint("(state = 'collected') = (sale_id IS NOT NULL)", name="collected_by_a_sale"),
        CheckConstraint("(sale_id IS NULL) = (sale_position IS NULL)", name="collected_by_a_line"),
        Index(
            "ix_reservedseat_expiring",
            "expires_at",
            sqlite_where=text("state = 'held'"),
            postgresql_where=text("state = 'held'"),
        ),
    )

    reservation_id: UUID = Field(foreign_key="reservation.id", primary_key=True)
    position: int = Field(primary_key=True)
    screening_id: int = Field(foreign_key="screening.id", index=True)
    tariff_code: str
    quota: str | None = None
    expires_at: datetime
    state: ReservedSeatState = Field(default=ReservedSeatState.HELD, sa_type=words(ReservedSeatState))
    changed_at: datetime
    sale_id: UUID | None = None
    sale_position: int | None = None
