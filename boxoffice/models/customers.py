"""The people who gave a name. What is personal is kept here and nowhere else, so that it can be erased."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel


class Customer(SQLModel, table=True):
    """Somebody known by name. The books keep only the id, which says nothing of anybody.

    `search` holds the folded words by which the counter finds the customer; `seen_at` is the last time that
    their card was written, corrected or found for a reservation. Sales, passes and bookings tell their own
    moments: three years of inactivity are counted from the latest of them all.
    """

    __table_args__ = (
        Index(
            "ix_customer_merged_into_id",
            "merged_into_id",
            sqlite_where=text("merged_into_id IS NOT NULL"),
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    surname: str = ""
    first_name: str = ""
    organisation: str = ""
    birth_date: date | None = None
    phone: str = ""
    email: str = Field(default="", index=True)
    postcode: str = ""
    town: str = ""
    country: str = ""
    search: str = Field(default="", index=True)
    created_at: datetime
    seen_at: datetime = Field(index=True)
    merged_into_id: UUID | None = Field(default=None, foreign_key="customer.id")
    erased_at: datetime | None = None
