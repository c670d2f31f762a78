"""What a pass gives: which screenings it opens, and how many seats it may have there."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import Session

from boxoffice.clock import in_paris, say
from boxoffice.errors import Refusal
from boxoffice.language import _, plural, spoken
from boxoffice.models import (
    Booking,
    BookingEnd,
    Event,
    Hall,
    Quota,
    Screening,
    Tariff,
    Venue,
    table,
)
from boxoffice.prepared import Prepared, Row

from ..screenings.programme import on_sale_until
from ..staff.rules import Rules
from ..wording import what_of
from .passes import is_valid_on, state_obstacle

_booking, _end = table(Booking), table(BookingEnd)
_screening, _event, _hall, _venue = table(Screening), table(Event), table(Hall), table(Venue)
_tariff, _quota = table(Tariff), table(Quota)

_SHOWINGS = (
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
)
_STANDING = Prepared(
    select(_booking.c.id, _booking.c.screening_id, _screening.c.starts_at)
    .join(_screening, _screening.c.id == _booking.c.screening_id)
    .outerjoin(_end, _end.c.booking_id == _booking.c.id)
    .where(_booking.c.pass_id == bindparam("pass"), _end.c.booking_id.is_(None))
)


def read_showings(session: Session, screening_ids: Collection[int], held: Row) -> dict[int, Row]:
    """Screenings as this pass may book them, by id, those that are gone left out."""
    if not screening_ids:
        return {}
    wanted = {f"screening_{place}": screening_id for place, screening_id in enumerate(screening_ids)}
    showings = _showings_of(len(wanted)).all(session, {**wanted, "tariff": held["place_tariff"]})
    return {showing["id"]: showing for showing in showings}


@cache
def _showings_of(count: int) -> Prepared:
    """So many screenings by their ids, prepared once."""
    ids = [bindparam(f"screening_{place}", type_=_screening.c.id.type) for place in range(count)]
    return Prepared(_SHOWINGS.where(_screening.c.id.in_(ids)))


def read_standing(session: Session, pass_id: UUID) -> Sequence[Row]:
    """The seats booked on a pass that were not given back."""
    return _STANDING.all(session, {"pass": pass_id})


def open_showing(session: Session, screening_id: int, held: Row, rules: Rules, at: datetime) -> Row:
    """The screening to book, once it is known to be open to this pass."""
    return check_open(read_showings(session, (screening_id,), held).get(screening_id), rules, at)


def check_open(showing: Row | None, rules: Rules, at: datetime) -> Row:
    """Refuse a screening that is gone, that the pass does not open, or that is no longer on sale."""
    if showing is None:
        raise Refusal(_("Cette séance n'existe plus."), _("Choisissez-en une autre."))
    what = what_of(showing["title"], showing["starts_at"])
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


def check_terms(
    held: Row,
    showing: Row,
    standing: Iterable[Row],
    count: int,
    *,
    instead_of: Row | None = None,
) -> None:
    """Refuse what the pass does not give beside the seats that are `standing`.

    The seat `instead_of` which this one is booked no longer counts.
    """
    if reason := state_obstacle(held["state"], held["state_reason"], held["number"]):
        raise Refusal(reason, _("Demandez à un responsable."))
    day = in_paris(showing["starts_at"]).date()
    if not is_valid_on(held, day):
        raise Refusal(
            _("Le pass {number} n'est pas valable le {day}.").format(
                number=held["number"], day=say(showing["starts_at"], _("EEE d MMM"), spoken())
            ),
            _("Choisissez une séance dans ses dates, ou vendez un billet."),
        )
    booked = [
        (row["screening_id"], row["starts_at"])
        for row in standing
        if instead_of is None or row["id"] != instead_of["id"]
    ]
    if instead_of is None and held["places"] is not None and held["used"] + count > held["places"]:
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
    same = sum(screening_id == showing["id"] for screening_id, _starts_at in booked)
    most = held["places_per_screening"]
    if most is not None and same + count > most:
        what = what_of(showing["title"], showing["starts_at"])
        gives = plural(
            "Ce pass donne {most} place par séance", "Ce pass donne {most} places par séance", most
        ).format(most=most)
        said = _("{gives} : {what} est déjà réservée.") if same else _("{gives}.")
        raise Refusal(said.format(gives=gives, what=what), _("Vendez un supplément à l'accompagnant."))
    that_day = sum(in_paris(starts_at).date() == day for _screening_id, starts_at in booked)
    if held["places_per_day"] is not None and that_day + count > held["places_per_day"]:
        raise Refusal(
            plural(
                "Cette accréditation donne {most} place par jour.",
                "Cette accréditation donne {most} places par jour.",
                held["places_per_day"],
            ).format(most=held["places_per_day"]),
            _("Choisissez une séance d'un autre jour."),
        )
