"""Until when a booked seat may be given back, and who answers for it after that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from sqlalchemy import bindparam, exists, or_, select
from sqlmodel import Session

from boxoffice.clock import say
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action
from boxoffice.language import _, spoken
from boxoffice.models import (
    Booking,
    BookingEnd,
    BookingEndKind,
    BookingScan,
    Event,
    Hall,
    Operator,
    Pass,
    Screening,
    ScreeningChange,
    ScreeningChangeKind,
    ScreeningState,
    Till,
    Venue,
    table,
)
from boxoffice.prepared import Prepared, Row

from ..staff.desk import Post
from ..staff.permissions import require
from ..staff.rules import Rules
from ..wording import reason_line, what_of

_booking, _end, _scan, _pass = table(Booking), table(BookingEnd), table(BookingScan), table(Pass)
_screening, _event, _hall, _venue = table(Screening), table(Event), table(Hall), table(Venue)
_operator, _till, _change = table(Operator), table(Till), table(ScreeningChange)

IS_ELSEWHERE = (_booking.c.place != _venue.c.name + ", " + _hall.c.name) & exists().where(
    _change.c.screening_id == _booking.c.screening_id,
    _change.c.kind == ScreeningChangeKind.MOVED,
    _change.c.place != _change.c.told_place,
    or_(_change.c.told_place == _booking.c.place, _change.c.at >= _booking.c.at),
)
"""Whether a screening left the hall told at the booking: a hall that has a new name has not moved."""

_BOOKED = (
    select(
        _booking,
        _end.c.kind.label("ended"),
        _end.c.at.label("ended_at"),
        _till.c.id.label("ended_till_id"),
        _till.c.number.label("ended_till"),
        _scan.c.at.label("used_at"),
        _scan.c.door,
        _screening.c.code.label("screening_code"),
        _screening.c.starts_at.label("now_starts_at"),
        _screening.c.ends_at,
        _screening.c.state.label("screening_state"),
        _screening.c.cancelling_ends_minutes,
        IS_ELSEWHERE.label("is_elsewhere"),
        _event.c.title,
        _pass.c.number.label("pass_number"),
    )
    .join(_screening, _screening.c.id == _booking.c.screening_id)
    .join(_event, _event.c.id == _screening.c.event_id)
    .join(_hall, _hall.c.id == _screening.c.hall_id)
    .join(_venue, _venue.c.id == _hall.c.venue_id)
    .join(_pass, _pass.c.id == _booking.c.pass_id)
    .outerjoin(_end, _end.c.booking_id == _booking.c.id)
    .outerjoin(_till, _till.c.id == _end.c.till_id)
    .outerjoin(_scan, _scan.c.booking_id == _booking.c.id)
    .order_by(_booking.c.id)
)


@dataclass(frozen=True, slots=True)
class Authority:
    """The manager who answers for passing a limit, if one has to, and why."""

    operator_id: int | None = None
    operator_number: int | None = None
    reason: str = ""


def read_bookings(session: Session, booking_ids: Sequence[UUID]) -> Sequence[Row]:
    """These bookings as they stand, with what became of them and of their screenings."""
    wanted = {f"booking_{place}": booking_id for place, booking_id in enumerate(booking_ids)}
    return _bookings_of(len(wanted)).all(session, wanted)


@cache
def _bookings_of(count: int) -> Prepared:
    """So many bookings by their ids, prepared once."""
    ids = [bindparam(f"booking_{place}", type_=_booking.c.id.type) for place in range(count)]
    return Prepared(_BOOKED.where(_booking.c.id.in_(ids)))


def cancellable_until(starts_at: datetime, minutes: int | None, rules: Rules) -> datetime:
    """The last moment at which a booking may be given back: so many hours before, as they go by.

    Where the clocks change in between, 24 hours are still 24 hours, and the limit is told by the wall clock.
    """
    return starts_at - timedelta(minutes=rules.cancelling_ends_minutes if minutes is None else minutes)


def free_until(booking: Row, rules: Rules, post: Post | None) -> datetime | None:
    """The last moment at which a booking may be given back without a manager; None where there is no limit.

    The festival's own changes have none. What a `post` has just booked, it may take back whatever the limit.
    """
    if booking["screening_state"] is ScreeningState.CANCELLED or booking["is_elsewhere"]:
        return None
    if booking["now_starts_at"] != booking["starts_at"]:
        return None
    limit = cancellable_until(booking["now_starts_at"], booking["cancelling_ends_minutes"], rules)
    if post is None or booking["till_id"] != post.till_id:
        return limit
    made_at: datetime = booking["at"]
    return max(limit, made_at + timedelta(minutes=post.rules.booking_grace_minutes))


def over_at(booking: Row) -> datetime:
    """When a booked screening is over: by the hour that its holder was told, if that is the later one."""
    ends_at: datetime = booking["ends_at"]
    lasts: timedelta = ends_at - booking["now_starts_at"]
    told_ends_at: datetime = booking["starts_at"] + lasts
    return max(ends_at, told_ends_at)


def still_stands(booking: Row, at: datetime) -> bool:
    """Whether a booking can be ended; Refusal when it was used or exchanged, or its screening is over."""
    what = what_of(booking["title"], booking["starts_at"])
    if booking["used_at"] is not None:
        raise Refusal(
            _("{what} : la place a servi le {when}, {door}.").format(
                what=what,
                when=say(booking["used_at"], _("EEE d MMM 'à' H 'h' mm"), spoken()),
                door=booking["door"],
            )
        )
    if booking["ended"] is BookingEndKind.SWAPPED:
        raise Refusal(_("{what} a déjà été échangée.").format(what=what), _("Scannez le pass de nouveau."))
    if booking["ended"] is None and at > over_at(booking):
        raise Refusal(
            _("{what} est terminée.").format(what=what), _("Une place non utilisée ne se rend plus.")
        )
    return booking["ended"] is None


def given_back_before(booking: Row) -> Refusal:
    """What is said of a booking that was ended before, whoever did it."""
    return Refusal(
        _("{what} a déjà été annulée le {when}, caisse {till}.").format(
            what=what_of(booking["title"], booking["starts_at"]),
            when=say(booking["ended_at"], _("EEE d MMM 'à' H 'h' mm"), spoken()),
            till=booking["ended_till"],
        ),
        _("La place est de nouveau sur le pass : scannez-le."),
    )


def authority_for(
    session: Session,
    bookings: Sequence[Row],
    authorized_by: int | None,
    reason: str,
    post: Post,
    at: datetime,
) -> Authority:
    """Who answers for giving a seat back past its limit: nobody, when none is or it was just booked."""
    late = next((booking for booking in bookings if _is_late(booking, post, at)), None)
    if late is None:
        return Authority()
    reason = reason_line(reason)
    if authorized_by is None:
        limit = cancellable_until(late["now_starts_at"], late["cancelling_ends_minutes"], post.rules)
        raise ManagerNeeded(
            _("{what} ne s'annule plus depuis le {when}.").format(
                what=what_of(late["title"], late["starts_at"]),
                when=say(limit, _("EEE d MMM 'à' H 'h' mm"), spoken()),
            ),
            _("Un responsable peut l'autoriser, en disant pourquoi."),
        )
    if not reason:
        raise Refusal(_("Dites pourquoi cette annulation est permise."))
    require(session, Action.CANCEL_LATE, authorized_by)
    number = session.execute(select(_operator.c.number).where(_operator.c.id == authorized_by))
    return Authority(authorized_by, number.scalar_one(), reason)


def _is_late(booking: Row, post: Post, at: datetime) -> bool:
    limit = free_until(booking, post.rules, post)
    return limit is not None and at > limit
