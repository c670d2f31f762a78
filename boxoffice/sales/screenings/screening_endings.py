"""What becomes of what was taken at a screening: places go back to passes, seats are kept or let go of."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import RowMapping, insert, update
from sqlmodel import Session

from boxoffice.kinds import BookingEndKind, JournalKind, ReservedSeatState
from boxoffice.models import BookingEnd, Pass, ReservedSeat, table

from ..reserving import held_seats
from ..staff.desk import Desk

_pass, _end, _seat = table(Pass), table(BookingEnd), table(ReservedSeat)


def end_bookings(
    session: Session,
    booked: Sequence[RowMapping],
    desk: Desk,
    manager: RowMapping,
    reason: str,
    at: datetime,
) -> None:
    """End the bookings, and give their places back to the passes."""
    rows = [
        {
            "booking_id": row["id"],
            "kind": BookingEndKind.SCREENING_CHANGED,
            "till_id": desk.post.till_id,
            "operator_id": desk.operator_id,
            "at": at,
            "authorized_by_id": manager["id"],
            "reason": reason,
            "swapped_for_id": None,
        }
        for row in booked
    ]
    if rows:
        session.execute(insert(_end), rows)
    for pass_id, places in sorted(Counter(row["pass_id"] for row in booked).items()):
        session.execute(update(_pass).where(_pass.c.id == pass_id).values(used=_pass.c.used - places))


def keep_until(session: Session, reserved: Sequence[RowMapping], limit: datetime) -> None:
    """Hold the seats reserved until another moment."""
    for seat in reserved:
        session.execute(
            update(_seat)
            .where(_seat.c.reservation_id == seat["reservation_id"], _seat.c.position == seat["position"])
            .values(expires_at=limit)
        )


def let_go(session: Session, reserved: Sequence[RowMapping], desk: Desk, at: datetime) -> None:
    """Give up the seats reserved, each reservation told in its turn."""
    for seat in reserved:
        session.execute(
            update(_seat)
            .where(_seat.c.reservation_id == seat["reservation_id"], _seat.c.position == seat["position"])
            .values(state=ReservedSeatState.CANCELLED, changed_at=at)
        )
    for _reservation_id, of_reservation in groupby(reserved, key=lambda seat: seat["reservation_id"]):
        gone = list(of_reservation)
        held_seats.tell(
            session,
            desk.post,
            JournalKind.RESERVATION_CANCELLED,
            gone[0],
            {"because": JournalKind.SCREENING_CANCELLED, "removed": [seat["position"] for seat in gone]},
            at=at,
            operator_number=desk.operator_number,
        )
