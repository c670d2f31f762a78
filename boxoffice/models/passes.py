"""Passes and accreditations: places paid or given beforehand, and the seats booked on them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from boxoffice.kinds import BookingEndKind, PassKind, PassSource, PassState

from .base import words


class PassProduct(SQLModel, table=True):
    """What a product that is a pass gives its holder; its label, price and VAT are the product's.

    `places` None is as many as wanted; so are `places_per_screening` and `places_per_day`. Seats are booked
    under the tariff `place_tariff`; `companions` more may be bought at each screening under
    `companion_tariff`. Validity is by the day of the screening, ends included.
    """

    __table_args__ = (
        CheckConstraint("places > 0", name="places_positive"),
        CheckConstraint("places_per_screening > 0", name="places_per_screening_positive"),
        CheckConstraint("places_per_day > 0", name="places_per_day_positive"),
        CheckConstraint("companions >= 0", name="companions_not_negative"),
    )

    product_id: int = Field(foreign_key="product.id", primary_key=True)
    kind: PassKind = Field(sa_type=words(PassKind))
    places: int | None = None
    places_per_screening: int | None = None
    places_per_day: int | None = None
    place_tariff: str
    companion_tariff: str = ""
    companions: int = 0
    valid_from: date | None = None
    valid_until: date | None = None
    proof: str = ""


class Pass(SQLModel, table=True):
    """A pass or accreditation in its holder's name. `used` places are those of bookings not cancelled.

    `number` is what is printed and typed, `code` what is scanned; a replacement changes the code alone.
    """

    __tablename__ = "pass"
    __table_args__ = (
        CheckConstraint("used >= 0", name="used_not_negative"),
        CheckConstraint("used <= places", name="within_places"),
    )

    id: UUID = Field(primary_key=True)
    number: str = Field(unique=True)
    code: str = Field(unique=True)
    product_id: int = Field(foreign_key="passproduct.product_id", index=True)
    holder_id: UUID = Field(foreign_key="customer.id", index=True)
    source: PassSource = Field(sa_type=words(PassSource))
    state: PassState = Field(default=PassState.ACTIVE, sa_type=words(PassState))
    state_reason: str = ""
    places: int | None = None
    used: int = 0
    valid_from: date | None = None
    valid_until: date | None = None
    issued_at: datetime


class FormerPassCode(SQLModel, table=True):
    """A code that a pass had before it was replaced: scanned, it says so and opens nothing."""

    code: str = Field(primary_key=True)
    pass_id: UUID = Field(foreign_key="pass.id", index=True)
    replaced_at: datetime
    reason: str = ""


class Booking(SQLModel, table=True):
    """One seat booked on a pass, for nothing. `starts_at` and `place` are what its holder was told."""

    __table_args__ = (Index("ix_booking_pass_screening", "pass_id", "screening_id"),)

    id: UUID = Field(primary_key=True)
    pass_id: UUID = Field(foreign_key="pass.id")
    screening_id: int = Field(foreign_key="screening.id", index=True)
    tariff_code: str
    quota: str | None = None
    starts_at: datetime
    place: str
    till_id: int = Field(foreign_key="till.id")
    operator_id: int = Field(foreign_key="operator.id")
    at: datetime
    authorized_by_id: int | None = Field(default=None, foreign_key="operator.id")
    reason: str = ""


class BookingEnd(SQLModel, table=True):
    """The end of a booking: its key allows one. The seat and the place are free again."""

    booking_id: UUID = Field(foreign_key="booking.id", primary_key=True)
    kind: BookingEndKind = Field(sa_type=words(BookingEndKind))
    till_id: int = Field(foreign_key="till.id")
    operator_id: int = Field(foreign_key="operator.id")
    at: datetime
    authorized_by_id: int | None = Field(default=None, foreign_key="operator.id")
    reason: str = ""
    swapped_for_id: UUID | None = Field(default=None, foreign_key="booking.id")


class BookingScan(SQLModel, table=True):
    """The one entrance that a booking gives."""

    booking_id: UUID = Field(foreign_key="booking.id", primary_key=True)
    at: datetime
    door: str
