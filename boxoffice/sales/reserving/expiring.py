"""Reservations that nobody came for: their seats are let go of once, by whatever counter sees it first."""

from collections import Counter
from datetime import datetime
from itertools import groupby

from sqlalchemy import bindparam, func, select, update
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.kinds import JournalKind
from boxoffice.models import Reservation, ReservedSeat, ReservedSeatState, table

from ..screenings import seats
from ..staff.desk import Post
from . import held_seats
from .held_seats import place_of

_reservation, _seat = table(Reservation), table(ReservedSeat)

BATCH = 500
"""Seats let go of in one transaction: a sale never waits long behind it."""

_NEXT = select(func.min(_seat.c.expires_at)).where(_seat.c.state == ReservedSeatState.HELD)
_DUE = (
    select(_seat, _reservation.c.id, _reservation.c.reference)
    .join(_reservation, _reservation.c.id == _seat.c.reservation_id)
    .where(_seat.c.state == ReservedSeatState.HELD, _seat.c.expires_at < bindparam("now"))
    .order_by(_seat.c.reservation_id, _seat.c.position)
    .limit(BATCH)
    .with_for_update(of=_seat, skip_locked=True)
)
_LET_GO = (
    update(_seat)
    .where(
        _seat.c.reservation_id == bindparam("reservation"),
        _seat.c.position == bindparam("seat"),
        _seat.c.state == ReservedSeatState.HELD,
    )
    .values(state=ReservedSeatState.EXPIRED, changed_at=bindparam("at"))
)


def next_expiry(session: Session) -> datetime | None:
    """The last moment at which all that is held may still be collected; None when nothing is held."""
    found: datetime | None = session.execute(_NEXT).scalar_one()
    return found


def release_expired(session: Session, post: Post, *, clock: Clock) -> int:
    """Put the seats on sale again whose time has gone by, and say how many there were.

    What another till is letting go of, or a sale collecting, is left to it.
    """
    at = clock.now()
    due = session.execute(_DUE, {"now": at}).mappings().all()
    for seat in due:
        values = {"reservation": seat["reservation_id"], "seat": seat["position"], "at": at}
        session.execute(_LET_GO, values)
    for _reservation_id, of_reservation in groupby(due, key=lambda seat: seat["reservation_id"]):
        gone = list(of_reservation)
        removed = {"removed": [seat["position"] for seat in gone]}
        held_seats.tell(session, post, JournalKind.RESERVATION_EXPIRED, gone[0], removed, at=at)
    seats.give_back(session, Counter(map(place_of, due)))
    return len(due)
