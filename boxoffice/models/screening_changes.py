"""Screenings that the festival cancelled or moved after seats had been taken."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from boxoffice.kinds import ScreeningChangeKind

from .base import words


class ScreeningChange(SQLModel, table=True):
    """What a manager decided of a screening, and what its audience had been told until then.

    `number` tells the lists of who is affected apart; `bookings` and `reserved` are the seats that the change
    ended. The new time and place are those of the screening, until another change.
    """

    id: UUID = Field(primary_key=True)
    number: int = Field(unique=True)
    screening_id: int = Field(foreign_key="screening.id", index=True)
    kind: ScreeningChangeKind = Field(sa_type=words(ScreeningChangeKind))
    told_starts_at: datetime
    told_place: str
    starts_at: datetime
    place: str
    reason: str
    bookings: int = 0
    reserved: int = 0
    at: datetime
    till_id: int = Field(foreign_key="till.id")
    operator_id: int = Field(foreign_key="operator.id")
    authorized_by_id: int = Field(foreign_key="operator.id")
