"""What is shown, when, and at which prices."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from boxoffice.kinds import Requirement, ScreeningState
from boxoffice.money import LARGEST_PRICE_CENTS

from .base import words

LARGEST_GROUP = 999
"""The most seats that a tariff asks to be bought together."""


class Event(SQLModel, table=True):
    """A film or show, whatever the number of its screenings."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    title: str
    director: str = ""
    country: str = ""
    year: int | None = None
    duration_minutes: int
    section: str = ""
    version: str = ""
    minimum_age: int = 0
    nominative: bool = False
    active: bool = True


class PriceList(SQLModel, table=True):
    """The tariffs on offer for a screening. `supplement_cents` of each price are for its technology."""

    __table_args__ = (
        CheckConstraint(f"supplement_cents BETWEEN 0 AND {LARGEST_PRICE_CENTS}", name="supplement_in_range"),
    )

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name: str
    supplement_cents: int = 0
    active: bool = True


class Tariff(SQLModel, table=True):
    """A price with its conditions. `position` is the digit that sells it; `vat_rate` is in basis points."""

    __table_args__ = (
        UniqueConstraint("price_list_id", "code"),
        CheckConstraint(f"price_cents BETWEEN 0 AND {LARGEST_PRICE_CENTS}", name="price_in_range"),
        CheckConstraint("vat_rate BETWEEN 0 AND 9999", name="vat_rate_in_basis_points"),
        CheckConstraint(f"minimum_group BETWEEN 1 AND {LARGEST_GROUP}", name="group_in_range"),
    )

    id: int | None = Field(default=None, primary_key=True)
    price_list_id: int = Field(foreign_key="pricelist.id", index=True)
    code: str
    position: int
    label: str
    price_cents: int
    vat_rate: int
    proof: str = ""
    minimum_group: int = 1
    requirement: Requirement = Field(default=Requirement.NOTHING, sa_type=words(Requirement))
    quota: str | None = None
    active: bool = True


class Screening(SQLModel, table=True):
    """One showing. `held` seats belong to quotas; `allocated` counts those sold outside of any quota.

    The minutes are limits of this screening alone, before or after its start; None leaves them to the rules.
    """

    __table_args__ = (
        CheckConstraint("allocated >= 0", name="allocated_not_negative"),
        CheckConstraint("held >= 0", name="held_not_negative"),
        CheckConstraint("allocated + held <= capacity", name="within_capacity"),
        CheckConstraint("ends_at > starts_at", name="ends_after_it_starts"),
    )

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    event_id: int = Field(foreign_key="event.id", index=True)
    hall_id: int = Field(foreign_key="hall.id", index=True)
    price_list_id: int = Field(foreign_key="pricelist.id", index=True)
    starts_at: datetime = Field(index=True)
    ends_at: datetime
    capacity: int
    held: int = 0
    allocated: int = 0
    state: ScreeningState = Field(default=ScreeningState.SCHEDULED, sa_type=words(ScreeningState))
    sale_ends_minutes: int | None = None
    cancelling_ends_minutes: int | None = None
    reservation_expires_minutes: int | None = None


class Quota(SQLModel, table=True):
    """Seats of a screening kept for the tariffs that name this quota."""

    __table_args__ = (
        CheckConstraint("seats >= 0", name="seats_not_negative"),
        CheckConstraint("allocated BETWEEN 0 AND seats", name="within_seats"),
    )

    screening_id: int = Field(foreign_key="screening.id", primary_key=True)
    name: str = Field(primary_key=True)
    seats: int
    allocated: int = 0


class Product(SQLModel, table=True):
    """Something sold that is no seat: lanyard, catalogue, poster."""

    __table_args__ = (
        CheckConstraint(f"price_cents BETWEEN 0 AND {LARGEST_PRICE_CENTS}", name="price_in_range"),
        CheckConstraint("vat_rate BETWEEN 0 AND 9999", name="vat_rate_in_basis_points"),
    )

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    position: int
    label: str
    price_cents: int
    vat_rate: int
    active: bool = True
