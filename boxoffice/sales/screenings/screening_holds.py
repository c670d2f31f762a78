"""What stands at a screening that is about to be changed, held against everybody else."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, and_, bindparam, select
from sqlmodel import Session

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.language import _, plural, spoken
from boxoffice.models import (
    Booking,
    BookingEnd,
    BookingScan,
    Event,
    Hall,
    Numbering,
    Pass,
    Reservation,
    ReservedSeat,
    ReservedSeatState,
    Screening,
    ScreeningState,
    Venue,
    table,
)

from ..staff.desk import Desk
from ..wording import what_of

_screening, _event, _hall, _venue = table(Screening), table(Event), table(Hall), table(Venue)
_booking, _end, _scan, _pass = table(Booking), table(BookingEnd), table(BookingScan), table(Pass)
_reservation, _seat, _numbering = table(Reservation), table(ReservedSeat), table(Numbering)

_UNDER_LOCK = {"key_share": True}

_SHOWN = (
    select(
        _screening,
        _event.c.title,
        _hall.c.capacity.label("hall_capacity"),
        _hall.c.name.label("hall"),
        _venue.c.name.label("venue"),
    )
    .join(_event, _event.c.id == _screening.c.event_id)
    .join(_hall, _hall.c.id == _screening.c.hall_id)
    .join(_venue, _venue.c.id == _hall.c.venue_id)
    .where(_screening.c.id == bindparam("screening"))
)
_BOOKED = (
    select(_booking.c.id, _booking.c.pass_id, _booking.c.screening_id, _booking.c.quota)
    .outerjoin(_end, _end.c.booking_id == _booking.c.id)
    .outerjoin(_scan, _scan.c.booking_id == _booking.c.id)
    .where(
        _booking.c.screening_id == bindparam("screening"),
        _end.c.booking_id.is_(None),
        _scan.c.booking_id.is_(None),
    )
    .order_by(_booking.c.pass_id, _booking.c.id)
)
_RESERVED = (
    select(_seat, _reservation.c.id, _reservation.c.reference)
    .join(_reservation, _reservation.c.id == _seat.c.reservation_id)
    .where(_seat.c.screening_id == bindparam("screening"), _seat.c.state == ReservedSeatState.HELD)
    .order_by(_seat.c.reservation_id, _seat.c.position)
)
_IN_THE_WAY = (
    select(_screening.c.code, _screening.c.starts_at, _screening.c.ends_at, _event.c.title)
    .join(_event, _event.c.id == _screening.c.event_id)
    .where(
        _screening.c.hall_id == bindparam("hall"),
        _screening.c.id != bindparam("screening"),
        _screening.c.state == ScreeningState.SCHEDULED,
        _screening.c.starts_at < bindparam("ends"),
        _screening.c.ends_at > bindparam("starts"),
    )
    .order_by(_screening.c.starts_at)
    .limit(1)
)


def hold_screening(
    session: Session, screening_id: int, desk: Desk, at: datetime
) -> tuple[RowMapping, Sequence[RowMapping], Sequence[RowMapping]]:
    """The screening, the bookings and the reserved seats that stand there, held against everybody else.

    Passes come first, then reserved seats, the numbering, and the screening last, as for whoever takes seats.
    """
    values = {"screening": screening_id}
    booked = session.execute(_BOOKED, values).mappings().all()
    passes = sorted({row["pass_id"] for row in booked})
    session.execute(
        select(_pass.c.id).where(_pass.c.id.in_(passes)).order_by(_pass.c.id).with_for_update()
    ).all()
    reserved = session.execute(_RESERVED.with_for_update(of=_seat), values).mappings().all()
    session.execute(
        select(_numbering.c.till_id).where(_numbering.c.till_id == desk.post.till_id).with_for_update()
    ).all()
    shown = (
        session.execute(_SHOWN.with_for_update(of=_screening, **_UNDER_LOCK), values).mappings().one_or_none()
    )
    if shown is None:
        raise Refusal(_("Cette séance n'existe plus."), _("Choisissez-en une autre."))
    if shown["state"] is ScreeningState.CANCELLED:
        raise Refusal(_("{what} est déjà annulée.").format(what=what_of(shown["title"], shown["starts_at"])))
    if at > shown["ends_at"]:
        raise Refusal(
            _("{what} est terminée.").format(what=what_of(shown["title"], shown["starts_at"])),
            _("Elle ne se change plus."),
        )
    now_booked = session.execute(_BOOKED, values).mappings().all()
    now_reserved = session.execute(_RESERVED, values).mappings().all()
    if not _same(booked, now_booked) or not _same(reserved, now_reserved):
        raise Refusal(
            _("Une place vient d'être réservée à cette séance."), _("Recommencez : rien n'a été changé.")
        )
    return shown, now_booked, now_reserved


def _same(before: Sequence[RowMapping], now: Sequence[RowMapping]) -> bool:
    """Whether nobody was faster than the locks."""
    return [tuple(row.values()) for row in before] == [tuple(row.values()) for row in now]


def hold_hall(session: Session, hall_id: int) -> RowMapping:
    """The hall, nobody else moving a screening into it meanwhile."""
    found = session.execute(
        select(
            _hall.c.id,
            _hall.c.code,
            _hall.c.name,
            _hall.c.capacity,
            _venue.c.name.label("venue"),
            and_(_hall.c.active, _venue.c.active).label("active"),
        )
        .join(_venue, _venue.c.id == _hall.c.venue_id)
        .where(_hall.c.id == hall_id)
        .with_for_update(of=[_hall, _venue], **_UNDER_LOCK)
    )
    hall = found.mappings().one_or_none()
    if hall is None:
        raise Refusal(_("Cette salle n'existe pas."), _("Choisissez-en une autre."))
    if not hall["active"]:
        raise Refusal(
            _("{hall} n'est plus en service.").format(hall=hall["name"]), _("Choisissez une autre salle.")
        )
    return hall


def refuse_overlap(
    session: Session, screening_id: int, hall: RowMapping, starts_at: datetime, ends_at: datetime
) -> None:
    there = (
        session.execute(
            _IN_THE_WAY,
            {
                "hall": hall["id"],
                "screening": screening_id,
                "starts": starts_at,
                "ends": ends_at,
            },
        )
        .mappings()
        .one_or_none()
    )
    if there is not None:
        raise Refusal(
            _("{hall} est déjà prise par {title}, de {start} à {end}.").format(
                hall=hall["name"],
                title=there["title"],
                start=say(there["starts_at"], _("H 'h' mm"), spoken()),
                end=say(there["ends_at"], _("H 'h' mm"), spoken()),
            ),
            _("Choisissez une autre heure ou une autre salle."),
        )


def capacity_in(shown: RowMapping, hall: RowMapping) -> int:
    """The seats of the screening where it is shown now. Raises Refusal where they are not enough."""
    if shown["hall_id"] == hall["id"]:
        return int(shown["capacity"])
    followed = shown["capacity"] == shown["hall_capacity"]
    capacity: int = hall["capacity"] if followed else min(hall["capacity"], shown["capacity"])
    taken = shown["allocated"] + shown["held"]
    if taken > capacity:
        raise Refusal(
            plural(
                "{hall} n'a que {capacity} place, et {taken} sont prises ou gardées.",
                "{hall} n'a que {capacity} places, et {taken} sont prises ou gardées.",
                capacity,
            ).format(hall=hall["name"], capacity=capacity, taken=taken),
            _("Choisissez une salle plus grande."),
        )
    return capacity
