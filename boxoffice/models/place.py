"""Where the festival happens: its establishment, venues and halls; and its rules."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from boxoffice.kinds import Regime, VatStatus

from .base import words

LARGEST_HALL = 99_999
"""The most seats of a hall."""


class Establishment(SQLModel, table=True):
    """Who sells: one row, printed on every ticket and signed into every entry of the journal.

    `specimen` marks every paper of a database whose sales are not real.
    """

    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: int = Field(default=1, primary_key=True)
    festival: str
    operator_name: str
    address: str
    postcode: str
    town: str
    siret: str
    vat_status: VatStatus = Field(sa_type=words(VatStatus))
    vat_number: str = ""
    specimen: str = ""
    created_at: datetime


class Setting(SQLModel, table=True):
    """One rule of the festival that somebody has changed; `value` is JSON."""

    name: str = Field(primary_key=True)
    value: str


class Venue(SQLModel, table=True):
    """A building: Centre de Congrès, Les 400 Coups, Grand Théâtre."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name: str
    town: str = ""
    regime: Regime = Field(default=Regime.CGI_290Q, sa_type=words(Regime))
    active: bool = True


class Hall(SQLModel, table=True):
    """A room of a venue with a number of seats."""

    __table_args__ = (CheckConstraint(f"capacity BETWEEN 1 AND {LARGEST_HALL}", name="capacity_in_range"),)

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    venue_id: int = Field(foreign_key="venue.id", index=True)
    name: str
    short_name: str
    capacity: int
    active: bool = True
