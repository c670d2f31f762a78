"""The halls where screenings can be shown."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.models import Hall, Venue, table

_hall, _venue = table(Hall), table(Venue)


@dataclass(frozen=True, slots=True)
class HallRow:
    """A hall; `place` is its full name, as on paper."""

    id: int
    place: str
    capacity: int


def read_halls(session: Session) -> tuple[HallRow, ...]:
    """Every hall in service, those of one venue together."""
    rows = session.execute(
        select(_hall.c.id, _hall.c.name, _hall.c.capacity, _venue.c.name.label("venue"))
        .join(_venue, _venue.c.id == _hall.c.venue_id)
        .where(_hall.c.active, _venue.c.active)
        .order_by(_venue.c.name, _hall.c.name)
    )
    return tuple(HallRow(row.id, f"{row.venue}, {row.name}", row.capacity) for row in rows)
