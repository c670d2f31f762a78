"""Seats booked on a pass: taken, given back, exchanged. No money moves, and the journal tells of each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, insert, select, update
from sqlmodel import Session

from boxoffice.clock import Clock, in_paris, say
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.language import _, plural, spoken
from boxoffice.models import (
    Booking,
    BookingEnd,
    BookingEndKind,
    BookingScan,
    Event,
    Hall,
    Operator,
    Pass,
    PassProduct,
    Quota,
    Screening,
    ScreeningState,
    Tariff,
    Venue,
    table,
)

from . import journal, seats
from .desk import Desk
from .operators import require_manager
from .passes import state_obstacle
from .programme import on_sale_until
from .rules import Rules
from .standing import shift_still_open
from .wording import one_line

_booking, _end, _scan = table(Booking), table(BookingEnd), table(BookingScan)
_pass, _terms = table(Pass), table(PassProduct)
_screening, _event, _hall, _venue = table(Screening), table(Event), table(Hall), table(Venue)
_tariff, _quota, _operator = table(Tariff), table(Quota), table(Operator)

_HOLD_PASS = (
    select(
        _pass,
        _terms.c.kind,
        _terms.c.place_tariff,
        _terms.c.places_per_screening,
        _terms.c.places_per_day,
    )
    .join(_terms, _terms.c.product_id == _pass.c.product_id)
    .where(_pass.c.id == bindparam("id"))
    .with_for_update(of=_pass)
)
_USE_PLACES = (
    update(_pass).where(_pass.c.id == bindparam("pass")).values(used=_pass.c.used + bindparam("count"))
)
_SHOWING = (
    select(
        _screening.c.id,
        _screening.c.code,
        _screening.c.starts_at,
        _screening.c.ends_at,
        _screening.c.state,
        _screening.c.sale_ends_minutes,
        _event.c.title,
        _venue.c.name.label("venue"),
        _hall.c.name.label("hall"),
        _tariff.c.code.label("tariff_code"),
        _quota.c.name.label("quota"),
    )
    .join(_event, _event.c.id == _screening.c.event_id)
    .join(_hall, _hall.c.id == _screening.c.hall_id)
    .join(_venue, _venue.c.id == _hall.c.venue_id)
    .outerjoin(
        _tariff,
        (_tariff.c.price_list_id == _screening.c.price_list_id)
        & (_tariff.c.code == bindparam("tariff"))
        & _tariff.c.active,
    )
    .outerjoin(_quota, (_quota.c.screening_id == _screening.c.id) & (_quota.c.name == _tariff.c.quota))
    .where(_screening.c.id == bindparam("screening"))
)
_STANDING = (
    select(_booking.c.screening_id, _booking.c.starts_at)
    .outerjoin(_end, _end.c.booking_id == _booking.c.id)
    .where(_booking.c.pass_id == bindparam("pass"), _end.c.booking_id.is_(None))
)
_BOOKED = (
    select(
        _booking,
        _end.c.kind.label("ended"),
        _end.c.at.label("ended_at"),
        _end.c.swapped_for_id,
        _scan.c.at.label("used_at"),
        _scan.c.door,
        _screening.c.code.label("screening_code"),
        _screening.c.starts_at.label("now_starts_at"),
        _screening.c.state.label("screening_state"),
        _screening.c.cancelling_ends_minutes,
        _event.c.title,
        _pass.c.number.label("pass_number"),
    )
    .join(_screening, _screening.c.id == _booking.c.screening_id)
    .join(_event, _event.c.id == _screening.c.event_id)
    .join(_pass, _pass.c.id == _booking.c.pass_id)
    .outerjoin(_end, _end.c.booking_id == _booking.c.id)
    .outerjoin(_scan, _scan.c.booking_id == _booking.c.id)
    .where(_booking.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_booking.c.id)
)
_INSERT, _INSERT_END = insert(_booking), insert(_end)


@dataclass(frozen=True, slots=True)
class Book:
    """The wish to book as many seats of a screening as there are ids, which the counter made."""

    booking_ids: tuple[UUID, ...]
    pass_id: UUID
    screening_id: int


@dataclass(frozen=True, slots=True)
class CancelBookings:
    """The wish to give booked seats back. `authorized_by` is a manager's id, past the time limit."""

    booking_ids: tuple[UUID, ...]
    authorized_by: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SwapBooking:
    """The wish to have a seat of another screening for the one booked: both, or nothing is changed."""

    booking_id: UUID
    new_booking_id: UUID
    screening_id: int
    authorized_by: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Authority:
    """The manager who answers for passing a limit, if one has to, and why."""

    operator_id: int | None = None
    operator_number: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Booked:
    """What was done with the seats of one screening. `places_left` None: as many as wanted."""

    booking_ids: tuple[UUID, ...]
    event_title: str
    starts_at: datetime
    place: str
    places_left: int | None


def book(session: Session, command: Book, desk: Desk, *, clock: Clock) -> Booked:
    """Book seats on a pass, for nothing. A second try with the same ids returns what the first one booked.

    Raises Refusal for a pass that is blocked, used up or not valid that day, for seats beyond what it gives
    per screening or per day, and for a screening that it does not open, is full, or is no longer on sale.
    """
    at = clock.now()
    shift_still_open(session, desk)
    held = _hold_pass(session, command.pass_id)
    if already := session.execute(_BOOKED, {"ids": command.booking_ids}).mappings().all():
        return _told(already, held)
    showing = _showing(session, command.screening_id, held, desk.post.rules, at)
    count = len(command.booking_ids)
    _check_terms(session, held, showing, count)
    session.execute(_USE_PLACES, {"pass": held["id"], "count": count})
    rows = [_row(booking_id, held, showing, desk, at) for booking_id in command.booking_ids]
    _insert(session, desk, rows, held, showing, at)
    seats.take(session, Counter({(showing["id"], showing["quota"]): count}), at=at)
    return Booked(
        command.booking_ids, showing["title"], showing["starts_at"], rows[0]["place"], _left(held, count)
    )


def cancel(session: Session, command: CancelBookings, desk: Desk, *, clock: Clock) -> tuple[Booked, ...]:
    """Give booked seats back: on sale again at once, their places back on the pass.

    A booking already cancelled is left as it is. ManagerNeeded past the time limit, which a screening that
    the festival cancelled or moved does not have; Refusal for a seat that was used or exchanged.
    """
    at = clock.now()
    shift_still_open(session, desk)
    _hold_passes_of(session, command.booking_ids)
    bookings = session.execute(_BOOKED, {"ids": command.booking_ids}).mappings().all()
    if len(bookings) != len(set(command.booking_ids)):
        raise Refusal(_("Cette réservation n'existe pas."), _("Scannez le pass de nouveau."))
    standing = [booking for booking in bookings if _still_stands(booking)]
    authority = _authority(session, standing, command, desk, at)
    for booking in standing:
        _end_booking(session, desk, booking, BookingEndKind.CANCELLED, authority, at)
    places = Counter(booking["pass_id"] for booking in standing)
    for pass_id, count in sorted(places.items(), key=lambda item: str(item[0])):
        session.execute(_USE_PLACES, {"pass": pass_id, "count": -count})
    seats.give_back(session, Counter((row["screening_id"], row["quota"]) for row in standing))
    return tuple(Booked((row["id"],), row["title"], row["starts_at"], row["place"], None) for row in bookings)


def swap(session: Session, command: SwapBooking, desk: Desk, *, clock: Clock) -> Booked:
    """Book another screening for the seat booked, which is given back only if the new one is got.

    A second try with the same new id returns what the first one booked. Raises what `book` and `cancel` do.
    """
    at = clock.now()
    shift_still_open(session, desk)
    _hold_passes_of(session, (command.booking_id,))
    if already := session.execute(_BOOKED, {"ids": (command.new_booking_id,)}).mappings().all():
        return _told(already, _hold_pass(session, already[0]["pass_id"]))
    found = session.execute(_BOOKED, {"ids": (command.booking_id,)}).mappings().one_or_none()
    if found is None:
        raise Refusal(_("Cette réservation n'existe pas."), _("Scannez le pass de nouveau."))
    if not _still_stands(found):
        raise Refusal(_("Cette réservation a déjà été annulée."), _("Réservez l'autre séance sur le pass."))
    authority = _authority(session, [found], command, desk, at)
    held = _hold_pass(session, found["pass_id"])
    showing = _showing(session, command.screening_id, held, desk.post.rules, at)
    _check_terms(session, held, showing, 1, instead_of=found)
    row = _row(command.new_booking_id, held, showing, desk, at)
    _insert(session, desk, [row], held, showing, at)
    _end_booking(session, desk, found, BookingEndKind.SWAPPED, authority, at, row["id"])
    old, new = (found["screening_id"], found["quota"]), (showing["id"], showing["quota"])
    if old[0] <= new[0]:
        seats.give_back(session, Counter([old]))
    seats.take(session, Counter([new]), at=at)
    if old[0] > new[0]:
        seats.give_back(session, Counter([old]))
    return Booked((row["id"],), showing["title"], showing["starts_at"], row["place"], _left(held, 0))


def cancellable_until(starts_at: datetime, minutes: int | None, rules: Rules) -> datetime:
    """The last moment at which a booking may be given back: so many hours before, as they go by.

    Where the clocks change in between, 24 hours are still 24 hours, and the limit is told by the wall clock.
    """
    return starts_at - timedelta(minutes=rules.cancelling_ends_minutes if minutes is None else minutes)


def _hold_pass(session: Session, pass_id: UUID) -> RowMapping:
    """The pass and its terms, nobody else changing it meanwhile."""
    held = session.execute(_HOLD_PASS, {"id": pass_id}).mappings().one_or_none()
    if held is None:
        raise Refusal(_("Ce pass est inconnu."), _("Cherchez-le par son numéro ou son titulaire."))
    return held


def _hold_passes_of(session: Session, booking_ids: Sequence[UUID]) -> None:
    """Hold the passes of these bookings, always before any seat: two tills never wait in a ring."""
    of = select(_booking.c.pass_id).where(_booking.c.id.in_(booking_ids))
    session.execute(select(_pass.c.id).where(_pass.c.id.in_(of)).order_by(_pass.c.id).with_for_update()).all()


def _showing(session: Session, screening_id: int, held: RowMapping, rules: Rules, at: datetime) -> RowMapping:
    """The screening to book, once it is known to be open to this pass."""
    values = {"screening": screening_id, "tariff": held["place_tariff"]}
    showing = session.execute(_SHOWING, values).mappings().one_or_none()
    if showing is None:
        raise Refusal(_("Cette séance n'existe plus."), _("Choisissez-en une autre."))
    what = _what(showing["title"], showing["starts_at"])
    if showing["tariff_code"] is None:
        raise Refusal(
            _("{what} n'est pas ouverte à ce pass.").format(what=what),
            _("Vendez un billet, ou choisissez une autre séance."),
        )
    until = on_sale_until(showing["starts_at"], showing["ends_at"], showing["sale_ends_minutes"], rules)
    if at > until:
        raise Refusal(
            _("{what} n'est plus en vente depuis {time}.").format(
                what=what, time=say(until, _("H 'h' mm"), spoken())
            ),
            _("Choisissez une autre séance."),
        )
    return showing


def _check_terms(
    session: Session,
    held: RowMapping,
    showing: RowMapping,
    count: int,
    *,
    instead_of: RowMapping | None = None,
) -> None:
    """Refuse what the pass does not give; the seat `instead_of` which this one is booked no longer counts."""
    if reason := state_obstacle(held["state"], held["state_reason"], held["number"]):
        raise Refusal(reason, _("Demandez à un responsable."))
    day = in_paris(showing["starts_at"]).date()
    if (held["valid_from"] and day < held["valid_from"]) or (
        held["valid_until"] and day > held["valid_until"]
    ):
        raise Refusal(
            _("Le pass {number} n'est pas valable le {day}.").format(
                number=held["number"], day=say(showing["starts_at"], _("EEE d MMM"), spoken())
            ),
            _("Choisissez une séance dans ses dates, ou vendez un billet."),
        )
    standing = [(row.screening_id, row.starts_at) for row in session.execute(_STANDING, {"pass": held["id"]})]
    if instead_of is not None:
        standing.remove((instead_of["screening_id"], instead_of["starts_at"]))
    elif held["places"] is not None and held["used"] + count > held["places"]:
        left = held["places"] - held["used"]
        raise Refusal(
            plural(
                "Le pass {number} n'a plus que {left} place.",
                "Le pass {number} n'a plus que {left} places.",
                left,
            ).format(number=held["number"], left=left)
            if left
            else _("Le pass {number} n'a plus de place.").format(number=held["number"]),
            _("Annulez une réservation, ou vendez un billet."),
        )
    same = sum(screening_id == showing["id"] for screening_id, _starts_at in standing)
    most = held["places_per_screening"]
    if most is not None and same + count > most:
        what = _what(showing["title"], showing["starts_at"])
        gives = plural(
            "Ce pass donne {most} place par séance", "Ce pass donne {most} places par séance", most
        ).format(most=most)
        booked = _("{gives} : {what} est déjà réservée.") if same else _("{gives}.")
        raise Refusal(booked.format(gives=gives, what=what), _("Vendez un supplément à l'accompagnant."))
    that_day = sum(in_paris(starts_at).date() == day for _screening_id, starts_at in standing)
    if held["places_per_day"] is not None and that_day + count > held["places_per_day"]:
        raise Refusal(
            plural(
                "Cette accréditation donne {most} place par jour.",
                "Cette accréditation donne {most} places par jour.",
                held["places_per_day"],
            ).format(most=held["places_per_day"]),
            _("Choisissez une séance d'un autre jour."),
        )


def _still_stands(booking: RowMapping) -> bool:
    """Whether a booking can be ended; Refusal when it was used, or exchanged for another."""
    what = _what(booking["title"], booking["starts_at"])
    if booking["used_at"] is not None:
        raise Refusal(
            _("{what} : la place a servi {when}, {door}.").format(
                what=what,
                when=say(booking["used_at"], _("EEE d MMM 'à' HH:mm"), spoken()),
                door=booking["door"],
            )
        )
    if booking["ended"] is BookingEndKind.SWAPPED:
        raise Refusal(_("{what} a déjà été échangée.").format(what=what), _("Scannez le pass de nouveau."))
    return booking["ended"] is None


def _authority(
    session: Session,
    bookings: Sequence[RowMapping],
    command: CancelBookings | SwapBooking,
    desk: Desk,
    at: datetime,
) -> Authority:
    """Who answers for giving a seat back past its limit: nobody has to when none is."""
    late = next((booking for booking in bookings if _is_late(booking, desk.post.rules, at)), None)
    if late is None:
        return Authority()
    reason = one_line(command.reason)
    if command.authorized_by is None:
        limit = cancellable_until(late["now_starts_at"], late["cancelling_ends_minutes"], desk.post.rules)
        raise ManagerNeeded(
            _("{what} ne s'annule plus depuis {when}.").format(
                what=_what(late["title"], late["starts_at"]),
                when=say(limit, _("EEE d MMM 'à' HH:mm"), spoken()),
            ),
            _("Un responsable peut l'autoriser, en disant pourquoi."),
        )
    if not reason:
        raise Refusal(_("Dites pourquoi cette annulation est permise."))
    require_manager(session, command.authorized_by)
    number = session.execute(select(_operator.c.number).where(_operator.c.id == command.authorized_by))
    return Authority(command.authorized_by, number.scalar_one(), reason)


def _is_late(booking: RowMapping, rules: Rules, at: datetime) -> bool:
    """Whether the limit has gone by; the festival's own changes have none."""
    if booking["screening_state"] is ScreeningState.CANCELLED:
        return False
    if booking["now_starts_at"] != booking["starts_at"]:
        return False
    return at > cancellable_until(booking["now_starts_at"], booking["cancelling_ends_minutes"], rules)


def _row(booking_id: UUID, held: RowMapping, showing: RowMapping, desk: Desk, at: datetime) -> dict[str, Any]:
    return {
        "id": booking_id,
        "pass_id": held["id"],
        "screening_id": showing["id"],
        "tariff_code": showing["tariff_code"],
        "quota": showing["quota"],
        "starts_at": showing["starts_at"],
        "place": f"{showing['venue']}, {showing['hall']}",
        "till_id": desk.post.till_id,
        "operator_id": desk.operator_id,
        "at": at,
        "authorized_by_id": None,
        "reason": "",
    }


def _insert(
    session: Session,
    desk: Desk,
    rows: Sequence[dict[str, Any]],
    held: RowMapping,
    showing: RowMapping,
    at: datetime,
) -> None:
    session.execute(_INSERT, list(rows))
    journal.append(
        session,
        desk.post,
        "booking.made",
        {
            "bookings": [str(row["id"]) for row in rows],
            "pass": held["number"],
            "place": rows[0]["place"],
            "quota": showing["quota"],
            "screening": showing["code"],
            "starts_at": showing["starts_at"].isoformat(),
            "tariff": showing["tariff_code"],
        },
        at=at,
        operator_number=desk.operator_number,
    )


def _end_booking(
    session: Session,
    desk: Desk,
    booking: RowMapping,
    kind: BookingEndKind,
    authority: Authority,
    at: datetime,
    swapped_for: UUID | None = None,
) -> None:
    session.execute(
        _INSERT_END,
        {
            "booking_id": booking["id"],
            "kind": kind,
            "till_id": desk.post.till_id,
            "operator_id": desk.operator_id,
            "at": at,
            "authorized_by_id": authority.operator_id,
            "reason": authority.reason,
            "swapped_for_id": swapped_for,
        },
    )
    journal.append(
        session,
        desk.post,
        f"booking.{kind}",
        {
            "authorized_by": authority.operator_number,
            "booking": str(booking["id"]),
            "pass": booking["pass_number"],
            "reason": authority.reason,
            "screening": booking["screening_code"],
            "swapped_for": str(swapped_for) if swapped_for else None,
        },
        at=at,
        operator_number=desk.operator_number,
    )


def _told(bookings: Sequence[RowMapping], held: RowMapping) -> Booked:
    first = bookings[0]
    ids = tuple(booking["id"] for booking in bookings)
    return Booked(ids, first["title"], first["starts_at"], first["place"], _left(held, 0))


def _left(held: RowMapping, more: int) -> int | None:
    places: int | None = held["places"]
    return None if places is None else places - held["used"] - more


def _what(title: str, starts_at: datetime) -> str:
    return _("{title} de {time}").format(title=title, time=say(starts_at, _("H 'h' mm"), spoken()))
