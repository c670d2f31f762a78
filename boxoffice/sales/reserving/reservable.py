"""What may be reserved: which seats, under which tariffs, until when."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, select
from sqlmodel import Session

from boxoffice.clock import Clock, say
from boxoffice.errors import Refusal
from boxoffice.language import _, spoken
from boxoffice.models import Event, Quota, Requirement, ReservedSeatState, Screening, Tariff, table

from ..conditions import group_obstacle, requirement_obstacle
from ..pricing import LARGEST_QUANTITY
from ..screenings.programme import on_sale_until
from ..staff.rules import Rules
from ..wording import what_of

_screening, _event, _tariff, _quota = table(Screening), table(Event), table(Tariff), table(Quota)

_OFFERED = (
    select(
        _screening.c.id,
        _screening.c.code,
        _screening.c.starts_at,
        _screening.c.ends_at,
        _screening.c.sale_ends_minutes,
        _screening.c.reservation_expires_minutes,
        _event.c.title,
        _tariff.c.code.label("tariff_code"),
        _tariff.c.label,
        _tariff.c.minimum_group,
        _tariff.c.requirement,
        _quota.c.name.label("quota"),
    )
    .join(_event, _event.c.id == _screening.c.event_id)
    .join(_tariff, (_tariff.c.price_list_id == _screening.c.price_list_id) & _tariff.c.active)
    .outerjoin(_quota, (_quota.c.screening_id == _screening.c.id) & (_quota.c.name == _tariff.c.quota))
    .where(
        _screening.c.id.in_(bindparam("screenings", expanding=True)),
        _tariff.c.code.in_(bindparam("tariffs", expanding=True)),
    )
)

Wish = tuple[int, str]
"""A screening's id, and the code of the tariff wanted there."""


@dataclass(frozen=True, slots=True)
class SeatsWanted:
    """So many seats at a screening under a tariff."""

    screening_id: int
    tariff_code: str
    quantity: int


def expires_at(starts_at: datetime, minutes: int | None, rules: Rules) -> datetime:
    """The last moment at which a seat is held: so many minutes before its screening, as they go by."""
    return starts_at - timedelta(minutes=rules.reservation_expires_minutes if minutes is None else minutes)


def reservable_until(offer: Mapping[Any, Any], rules: Rules) -> datetime:
    """The last moment at which a seat is reserved: when it is still on sale, and would not expire at once."""
    return min(
        on_sale_until(offer["starts_at"], offer["ends_at"], offer["sale_ends_minutes"], rules),
        expires_at(offer["starts_at"], offer["reservation_expires_minutes"], rules),
    )


def wanted_of(wishes: Iterable[SeatsWanted]) -> Counter[Wish]:
    """How many seats are wanted in all of each kind. Raises Refusal beyond what any hall holds."""
    wanted: Counter[Wish] = Counter()
    for wish in wishes:
        wanted[wish.screening_id, wish.tariff_code] += wish.quantity
    if any(not 0 <= quantity <= LARGEST_QUANTITY for quantity in wanted.values()):
        raise Refusal(_("Pas plus de {most} places à la fois.").format(most=LARGEST_QUANTITY))
    return +wanted


def check_reservable(session: Session, wishes: Iterable[SeatsWanted], rules: Rules, *, clock: Clock) -> None:
    """Refuse what cannot be reserved, before anybody is asked for a name; seats are counted when taken."""
    wanted = wanted_of(wishes)
    read_offers(session, wanted, wanted, rules, clock.now())


def read_offers(
    session: Session, wishes: Iterable[Wish], wanted: Mapping[Wish, int], rules: Rules, at: datetime
) -> dict[Wish, RowMapping]:
    """What is offered for each wish, once it is known that it may be reserved, and as many of it."""
    wishes = list(wishes)
    offers = find_offers(session, wishes)
    for wish in wishes:
        _check(offers.get(wish), wish, wanted[wish], rules, at)
    return offers


def find_offers(session: Session, wishes: Iterable[Wish]) -> dict[Wish, RowMapping]:
    """What is offered at these screenings under these tariffs; nothing for those that are no more."""
    asked = list(wishes)
    if not asked:
        return {}
    values = {"screenings": [wish[0] for wish in asked], "tariffs": [wish[1] for wish in asked]}
    rows = session.execute(_OFFERED, values).mappings()
    return {(row["id"], row["tariff_code"]): row for row in rows}


def refuse_moved(session: Session, offers: Mapping[Wish, RowMapping]) -> None:
    """Refuse what another till moved while its seats were being taken, under the hour read before.

    To be called once they are taken: nobody moves their screenings any more.
    """
    offered_now = find_offers(session, offers)
    for wish, offer in offers.items():
        now = offered_now.get(wish)
        if now is not None and now["starts_at"] != offer["starts_at"]:
            raise Refusal(
                _("{what} vient de changer d'heure.").format(
                    what=what_of(offer["title"], offer["starts_at"])
                ),
                _("Dites la nouvelle heure au client, puis recommencez."),
            )


def _check(offer: RowMapping | None, wish: Wish, quantity: int, rules: Rules, at: datetime) -> None:
    if offer is None:
        raise Refusal(
            _("Le tarif {tariff} n'est plus proposé à cette séance.").format(tariff=wish[1]),
            _("Choisissez un autre tarif."),
        )
    what = what_of(offer["title"], offer["starts_at"])
    until = reservable_until(offer, rules)
    if at > until:
        raise Refusal(
            _("{what} ne se réserve plus depuis le {time}.").format(
                what=what, time=say(until, _("EEE d MMM 'à' H 'h' mm"), spoken())
            ),
            _("Vendez la place, ou choisissez une autre séance."),
        )
    if reason := requirement_obstacle(Requirement(offer["requirement"])):
        raise _not_under(offer, reason)
    if reason := group_obstacle(offer["minimum_group"], quantity):
        raise _not_under(offer, reason)


def _not_under(offer: RowMapping, reason: str) -> Refusal:
    return Refusal(
        _("{label} : {reason}.").format(label=offer["label"], reason=reason), _("Choisissez un autre tarif.")
    )


def check_groups_left(session: Session, fewer: Iterable[Wish], wanted: Mapping[Wish, int]) -> None:
    """Refuse to leave less than a group at a group tariff."""
    offers = find_offers(session, fewer)
    for wish, offer in offers.items():
        left = wanted.get(wish, 0)
        if left and (reason := group_obstacle(offer["minimum_group"], left)):
            raise _not_under(offer, reason)


def rows_of(
    reservation_id: UUID,
    wanted: Mapping[Wish, int],
    offers: Mapping[Wish, RowMapping],
    rules: Rules,
    at: datetime,
    *,
    first: int,
) -> list[dict[str, Any]]:
    """A row for each seat, numbered from `first`."""
    seats_of = [wish for wish, quantity in wanted.items() for _seat_of_wish in range(quantity)]
    return [
        {
            "reservation_id": reservation_id,
            "position": position,
            "screening_id": wish[0],
            "tariff_code": wish[1],
            "quota": offers[wish]["quota"],
            "expires_at": expires_at(
                offers[wish]["starts_at"], offers[wish]["reservation_expires_minutes"], rules
            ),
            "state": ReservedSeatState.HELD,
            "changed_at": at,
            "sale_id": None,
            "sale_position": None,
        }
        for position, wish in enumerate(seats_of, start=first)
    ]
