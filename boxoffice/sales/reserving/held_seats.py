"""Reservations and their seats as they are held while something is done with them, and told afterwards."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, select
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _
from boxoffice.models import Reservation, ReservedSeat, ReservedSeatState, Screening, table

from ..books import journal
from ..screenings.seats import Place
from ..staff.desk import Post

_reservation, _seat, _screening = table(Reservation), table(ReservedSeat), table(Screening)

REFERENCE_DIGITS = 6

_HOLD = select(_reservation).where(_reservation.c.id == bindparam("id")).with_for_update()
_SEATS = (
    select(
        _seat,
        _screening.c.code.label("screening_code"),
    )
    .join(_screening, _screening.c.id == _seat.c.screening_id)
    .where(_seat.c.reservation_id == bindparam("id"))
    .order_by(_seat.c.position)
    .with_for_update(of=_seat)
)


def find(session: Session, reservation_id: UUID) -> RowMapping | None:
    """The reservation of this id, nobody else changing it meanwhile; None if there is none."""
    return session.execute(_HOLD, {"id": reservation_id}).mappings().one_or_none()


def hold_seats(session: Session, reservation_id: UUID) -> Sequence[RowMapping]:
    """Every seat of a reservation, whatever became of it, in the order in which they were asked for."""
    return session.execute(_SEATS, {"id": reservation_id}).mappings().all()


def hold(session: Session, reservation_id: UUID) -> tuple[RowMapping, Sequence[RowMapping]]:
    """A reservation and the seats that it still holds. Raises Refusal if there is no such reservation."""
    reservation = find(session, reservation_id)
    if reservation is None:
        raise Refusal(_("Cette réservation n'existe pas."), _("Cherchez-la par son nom ou son téléphone."))
    rows = hold_seats(session, reservation_id)
    return reservation, [row for row in rows if row["state"] is ReservedSeatState.HELD]


def spoken_reference(reference: str) -> str:
    """A reference as it is told on the phone: `48 21 53`. Those of others are told as they are."""
    if len(reference) != REFERENCE_DIGITS or not reference.isdecimal():
        return reference
    return " ".join(reference[start : start + 2] for start in range(0, REFERENCE_DIGITS, 2))


def place_of(row: Mapping[Any, Any]) -> Place:
    """Where the seat of a row is counted."""
    return row["screening_id"], row["quota"]


def seats_told(rows: Iterable[Mapping[Any, Any]], screenings: Mapping[int, str]) -> list[dict[str, Any]]:
    """Seats for the journal, their screenings by code."""
    return [
        {
            "expires_at": row["expires_at"].isoformat(),
            "position": row["position"],
            "quota": row["quota"],
            "screening": screenings[row["screening_id"]],
            "tariff": row["tariff_code"],
        }
        for row in rows
    ]


def tell(
    session: Session,
    post: Post,
    kind: JournalKind,
    reservation: Mapping[Any, Any],
    content: Mapping[str, Any],
    *,
    at: datetime,
    operator_number: int | None = None,
) -> None:
    """Tell what became of a reservation, in nobody's name."""
    journal.append(
        session,
        post,
        kind,
        {"reference": reservation["reference"], "reservation": str(reservation["id"]), **content},
        at=at,
        operator_number=operator_number,
    )
