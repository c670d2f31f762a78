"""Letting the holder of a pass in: a pass alone opens no door, a seat booked on it does, once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, insert, select
from sqlmodel import Session

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _, plural, spoken
from boxoffice.models import (
    Booking,
    BookingEnd,
    BookingScan,
    Customer,
    Event,
    Hall,
    Pass,
    Screening,
    ScreeningState,
    table,
)

from ..books import journal
from ..codes import read_code
from ..screenings.doors import Admission, closing, opening, too_early
from ..staff.desk import Post
from .passes import find_pass, state_obstacle

_pass, _customer, _scan = table(Pass), table(Customer), table(BookingScan)
_booking, _end = table(Booking), table(BookingEnd)
_screening, _event, _hall = table(Screening), table(Event), table(Hall)

_HOLD = (
    select(
        _pass.c.id,
        _pass.c.number,
        _pass.c.state,
        _pass.c.state_reason,
        _customer.c.first_name,
        _customer.c.surname,
    )
    .join(_customer, _customer.c.id == _pass.c.holder_id)
    .where(_pass.c.id == bindparam("id"))
    .with_for_update(of=_pass)
)
_BOOKED = (
    select(
        _booking.c.id,
        _booking.c.place,
        _screening.c.id.label("screening_id"),
        _screening.c.hall_id,
        _screening.c.starts_at,
        _screening.c.ends_at,
        _screening.c.state,
        _event.c.title,
        _hall.c.name.label("hall"),
        _scan.c.at.label("used_at"),
        _scan.c.door,
    )
    .join(_screening, _screening.c.id == _booking.c.screening_id)
    .join(_event, _event.c.id == _screening.c.event_id)
    .join(_hall, _hall.c.id == _screening.c.hall_id)
    .outerjoin(_end, _end.c.booking_id == _booking.c.id)
    .outerjoin(_scan, _scan.c.booking_id == _booking.c.id)
    .where(_booking.c.pass_id == bindparam("id"), _end.c.booking_id.is_(None))
    .order_by(_screening.c.starts_at, _screening.c.id, _booking.c.at, _booking.c.id)
)
_LET_IN = insert(_scan)


def admit_holder(
    session: Session, post: Post, code: str, door: str, *, hall_id: int | None, at: datetime
) -> Admission:
    """Let the holder of a pass in for the seat booked there and then; each scan is one seat.

    Raises Refusal for a pass that does not serve or was replaced, for a seat that has let somebody in, and
    for a pass on which nothing is booked in this hall at this time.
    """
    held = _hold(session, code)
    if obstacle := state_obstacle(held["state"], held["state_reason"], held["number"]):
        raise Refusal(obstacle, _("Envoyez son porteur à la caisse."))
    booked = session.execute(_BOOKED, {"id": held["id"]}).mappings().all()
    seats = _seats_here(booked, post, hall_id, at)
    free = [seat for seat in seats if seat["used_at"] is None]
    if not free:
        last = seats[-1]
        raise Refusal(
            plural(
                "{title} : la place a déjà servi le {when}, {door}.",
                "{title} : les {count} places ont déjà servi, la dernière le {when}, {door}.",
                len(seats),
            ).format(title=last["title"], count=len(seats), when=_when(last["used_at"]), door=last["door"]),
            _("Envoyez son porteur à la caisse."),
        )
    seat = free[0]
    session.execute(_LET_IN, {"booking_id": seat["id"], "at": at, "door": door})
    content = told(seat["id"], held["number"], door)
    journal.append(session, post, JournalKind.BOOKING_ADMITTED, content, at=at)
    return Admission(
        number=held["number"],
        event_title=seat["title"],
        place=seat["place"],
        starts_at=seat["starts_at"],
        at=at,
        holder=" ".join(filter(None, (held["first_name"], held["surname"]))),
        seats_left=len(free) - 1,
    )


def _hold(session: Session, code: str) -> RowMapping:
    """The pass of a code or number, nobody else changing it meanwhile.

    One that is replaced between being found and being held is refused as any code that was.
    """
    pass_id, scanned = find_pass(session, code), read_code(code)
    wanted = _HOLD if scanned is None else _HOLD.where(_pass.c.code == scanned[1])
    held = session.execute(wanted, {"id": pass_id}).mappings().one_or_none()
    return _hold(session, code) if held is None else held


def told(booking_id: UUID, number: str, door: str) -> dict[str, object]:
    """What the journal tells of a scan, beside its moment."""
    return {"booking": str(booking_id), "door": door, "pass": number}


def _seats_here(
    booked: Sequence[RowMapping], post: Post, hall_id: int | None, at: datetime
) -> list[RowMapping]:
    """The seats of the screening that this door is open for: of two, the one that starts nearest to now."""
    takes_place = [seat for seat in booked if seat["state"] is ScreeningState.SCHEDULED]
    rules = post.rules
    open_now = [
        seat
        for seat in takes_place
        if opening(seat["starts_at"], rules) <= at <= closing(seat["ends_at"], rules)
    ]
    here = [seat for seat in open_now if hall_id is None or seat["hall_id"] == hall_id]
    if not here:
        raise _nothing_here(takes_place, open_now, post, at)
    nearest = min(here, key=lambda seat: (abs(seat["starts_at"] - at), at > seat["starts_at"]))
    of_it = [seat for seat in here if seat["screening_id"] == nearest["screening_id"]]
    return sorted(of_it, key=lambda seat: (seat["used_at"] is not None, seat["used_at"] or at))


def _nothing_here(
    booked: Sequence[RowMapping], open_now: Sequence[RowMapping], post: Post, at: datetime
) -> Refusal:
    """Why no seat of a pass opens this door: it is in another hall, at another time, or there is none."""
    if open_now:
        elsewhere = open_now[0]
        return Refusal(
            _("{title} est dans une autre salle : {hall}.").format(
                title=elsewhere["title"], hall=elsewhere["hall"]
            ),
            _("Dites au porteur du pass où aller."),
        )
    coming = next((seat for seat in booked if seat["starts_at"] > at), None)
    if coming is not None:
        return too_early(
            coming["title"],
            coming["starts_at"],
            post.rules,
            _("Sans réservation pour une autre séance, il faut passer à la caisse."),
        )
    if booked:
        last = booked[-1]
        return Refusal(
            _("{title} est terminé depuis le {when} : rien d'autre n'est réservé sur ce pass.").format(
                title=last["title"], when=_when(last["ends_at"])
            ),
            _("Envoyez son porteur à la caisse, pour réserver."),
        )
    return Refusal(
        _("Rien n'est réservé sur ce pass : seul, il ne donne pas accès à la salle."),
        _("Envoyez son porteur à la caisse, pour réserver."),
    )


def _when(at: datetime) -> str:
    return say(at, _("EEE d MMM 'à' H 'h' mm"), spoken())
