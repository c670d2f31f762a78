"""Reserved seats that are paid at last: they become tickets of a sale, and are not taken a second time."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, update
from sqlmodel import Session

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _, spoken
from boxoffice.models import ReservedSeat, ReservedSeatState, table

from ..basket import Basket, SeatLine
from ..screenings import seats
from ..screenings.seats import Place
from ..staff.desk import Desk
from . import held_seats
from .held_seats import place_of, spoken_reference

_seat = table(ReservedSeat)

_COLLECT = (
    update(_seat)
    .where(
        _seat.c.reservation_id == bindparam("reservation"),
        _seat.c.position == bindparam("seat"),
        _seat.c.state.in_([ReservedSeatState.HELD, ReservedSeatState.EXPIRED]),
    )
    .values(
        state=ReservedSeatState.COLLECTED,
        changed_at=bindparam("at"),
        sale_id=bindparam("sale"),
        sale_position=bindparam("line"),
    )
)


@dataclass(frozen=True, slots=True)
class Collected:
    """The reserved seats that a sale is of, by the position of its line."""

    by_line: Mapping[int, RowMapping] = field(default_factory=dict)
    reservations: Mapping[UUID, RowMapping] = field(default_factory=dict)

    def to_take(self, lines: Sequence[Mapping[str, Any]]) -> Counter[Place]:
        """The seats that a sale has yet to take: those that no reservation holds for it."""
        return Counter(
            (line["screening_id"], line["quota"])
            for line in lines
            if line["screening_id"] and not self._is_held(line["position"])
        )

    def _is_held(self, position: int) -> bool:
        seat = self.by_line.get(position)
        return seat is not None and seat["state"] is ReservedSeatState.HELD


def hold(session: Session, basket: Basket, lines: Sequence[dict[str, Any]]) -> Collected:
    """Find the reserved seats that `lines` are of, nobody else changing them until the sale is made.

    A line is counted where its seat is. Raises Refusal for seats that were collected or given up meanwhile.
    """
    if not any(isinstance(line, SeatLine) and line.reservation_id for line in basket):
        return Collected()
    wanted = [line for line in basket for _seat_of_line in range(line.quantity)]
    pairs = [
        (wish, row)
        for wish, row in zip(wanted, lines, strict=True)
        if isinstance(wish, SeatLine) and wish.reservation_id is not None
    ]
    ids = sorted({wish.reservation_id for wish, _row in pairs if wish.reservation_id})
    reservations = {reservation_id: held_seats.hold(session, reservation_id)[0] for reservation_id in ids}
    free: dict[tuple[UUID, int, str], list[RowMapping]] = defaultdict(list)
    for reservation_id in ids:
        for seat in held_seats.hold_seats(session, reservation_id):
            if seat["state"] in (ReservedSeatState.HELD, ReservedSeatState.EXPIRED):
                free[reservation_id, seat["screening_id"], seat["tariff_code"]].append(seat)
    for kept in free.values():
        kept.sort(key=lambda seat: (seat["state"] is not ReservedSeatState.HELD, seat["position"]))
    by_line: dict[int, RowMapping] = {}
    for wish, row in pairs:
        assert wish.reservation_id is not None
        kept = free[wish.reservation_id, row["screening_id"], row["tariff_code"]]
        if not kept:
            raise _no_longer_held(reservations[wish.reservation_id], wish)
        seat = kept.pop(0)
        if seat["state"] is ReservedSeatState.HELD:
            row["quota"] = seat["quota"]
        by_line[row["position"]] = seat
    return Collected(by_line, reservations)


def settle(session: Session, collected: Collected, desk: Desk, sale_id: UUID, *, at: datetime) -> None:
    """Note which line of the sale each seat has become, and tell the journal."""
    for position, seat in collected.by_line.items():
        values = {
            "reservation": seat["reservation_id"],
            "seat": seat["position"],
            "at": at,
            "sale": sale_id,
            "line": position,
        }
        session.connection().execute(_COLLECT, values)
    for reservation_id, reservation in collected.reservations.items():
        held_seats.tell(
            session,
            desk.post,
            JournalKind.RESERVATION_COLLECTED,
            reservation,
            {
                "collected_by": str(sale_id),
                "seats": [
                    {"line": position, "position": seat["position"]}
                    for position, seat in collected.by_line.items()
                    if seat["reservation_id"] == reservation_id
                ],
            },
            at=at,
            operator_number=desk.operator_number,
        )


def take(
    session: Session, collected: Collected, wanted: Counter[Place], returned: Counter[Place], *, at: datetime
) -> None:
    """Take the seats that are not held, those whose reservation has expired among them; `returned` are given
    back for them.

    Raises Refusal, which tells of the reservation where it is one of its seats that is gone.
    """
    try:
        if returned:
            seats.exchange(session, returned, wanted, at=at)
        else:
            seats.take(session, wanted, at=at)
    except Refusal as refusal:
        lapsed = [seat for seat in collected.by_line.values() if seat["state"] is ReservedSeatState.EXPIRED]
        if not lapsed or not any(wanted[place_of(seat)] for seat in lapsed):
            raise
        seat = lapsed[0]
        reservation = collected.reservations[seat["reservation_id"]]
        raise Refusal(
            _("La réservation {reference} a expiré le {when}. {refused}").format(
                reference=spoken_reference(reservation["reference"]),
                when=say(seat["expires_at"], _("EEE d MMM 'à' H 'h' mm"), spoken()),
                refused=refusal.message,
            ),
            refusal.remedy,
        ) from refusal


def _no_longer_held(reservation: RowMapping, line: SeatLine) -> Refusal:
    return Refusal(
        _("La réservation {reference} n'a plus autant de places à {title}, tarif {tariff}.").format(
            reference=spoken_reference(reservation["reference"]),
            title=line.event_title,
            tariff=line.tariff_label,
        ),
        _("Retirez cette ligne du panier, puis rouvrez la réservation."),
    )
