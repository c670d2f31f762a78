"""Taking seats and giving them back, by conditional updates that no number of tills can get past."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam, case, update
from sqlmodel import Session, col, select

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.language import _, plural, spoken
from boxoffice.models import Event, Hall, Quota, Screening, ScreeningState, table
from boxoffice.prepared import Prepared

from ..wording import what_of

_screening, _quota = table(Screening), table(Quota)

_HOLD_SCHEDULED = Prepared(
    select(_screening.c.id)
    .where(_screening.c.id == bindparam("screening"), _screening.c.state == ScreeningState.SCHEDULED)
    .with_for_update(read=True)
)
"""Whoever cancels the screening waits for who takes a seat of a quota, and the other way round."""

_CHANGE_QUOTA = Prepared(
    update(_quota)
    .where(
        _quota.c.screening_id == bindparam("screening"),
        _quota.c.name == bindparam("quota"),
        _quota.c.allocated + bindparam("count") <= _quota.c.seats,
        _quota.c.allocated + bindparam("count") >= 0,
    )
    .values(allocated=_quota.c.allocated + bindparam("count"))
)
_TAKE = Prepared(
    update(_screening)
    .where(
        _screening.c.id == bindparam("screening"),
        _screening.c.state == ScreeningState.SCHEDULED,
        _screening.c.allocated + _screening.c.held + bindparam("count") <= _screening.c.capacity,
    )
    .values(allocated=_screening.c.allocated + bindparam("count"))
)
_GIVE_BACK = Prepared(
    update(_screening)
    .where(_screening.c.id == bindparam("screening"))
    .values(allocated=_screening.c.allocated - bindparam("count"))
)

Place = tuple[int, str | None]
"""A screening's id, and the quota its seat comes from if any."""


def take(session: Session, wanted: Mapping[Place, int], *, at: datetime) -> None:
    """Take the seats wanted, all or none. Rows go in order of id: two tills never wait in a ring.

    Raises Refusal naming the screening, the seats that were left, and the next showing that has enough.
    """
    for (screening_id, quota), seats in sorted(wanted.items(), key=_by_contention):
        parameters = {"screening": screening_id, "count": seats}
        if quota is None:
            taken = _TAKE.change(session, parameters)
        else:
            taken = _take_from_quota(session, {**parameters, "quota": quota})
        if not taken:
            raise _too_few_seats(session, screening_id, quota, seats, at)


def check(
    session: Session,
    wanted: Mapping[Place, int],
    *,
    at: datetime,
    promised: Mapping[Place, int] = MappingProxyType({}),
) -> None:
    """Refuse as `take` would now, once those `promised` were taken; and take nothing."""
    for (screening_id, quota), count in sorted(wanted.items(), key=_by_contention):
        gone = promised.get((screening_id, quota), 0)
        if count > _left(session, screening_id, quota) - gone:
            raise _too_few_seats(session, screening_id, quota, count, at, gone)


def _left(session: Session, screening_id: int, quota: str | None) -> int:
    """How many seats can still be had; none of a screening that is cancelled."""
    screening = session.get_one(Screening, screening_id)
    if screening.state is not ScreeningState.SCHEDULED:
        return 0
    if quota is None:
        return screening.capacity - screening.held - screening.allocated
    contingent = session.get(Quota, (screening_id, quota))
    return contingent.seats - contingent.allocated if contingent else 0


def _take_from_quota(session: Session, parameters: Mapping[str, Any]) -> int:
    if _HOLD_SCHEDULED.first(session, parameters) is None:
        return 0
    return _CHANGE_QUOTA.change(session, parameters)


def give_back(session: Session, returned: Counter[Place]) -> None:
    """Put seats on sale again, each where it came from."""
    for (screening_id, quota), seats in sorted(returned.items(), key=_by_contention):
        parameters = {"screening": screening_id, "count": seats}
        if quota is None:
            _GIVE_BACK.change(session, parameters)
        else:
            _CHANGE_QUOTA.change(session, {"screening": screening_id, "quota": quota, "count": -seats})


def exchange(session: Session, returned: Counter[Place], wanted: Counter[Place], *, at: datetime) -> None:
    """Give some seats back and take others, all or none, in the order in which every till goes.

    Raises Refusal as `take` does.
    """
    for place in sorted({*returned, *wanted}, key=lambda place: (place[0], place[1] or "")):
        more = wanted[place] - returned[place]
        if more > 0:
            take(session, {place: more}, at=at)
        elif more < 0:
            give_back(session, Counter({place: -more}))


def _by_contention(item: tuple[Place, int]) -> tuple[int, str]:
    (screening_id, quota), _seats = item
    return screening_id, quota or ""


def _too_few_seats(
    session: Session, screening_id: int, quota: str | None, wanted: int, at: datetime, promised: int = 0
) -> Refusal:
    screening, event = session.exec(
        select(Screening, Event)
        .join(Event, col(Event.id) == Screening.event_id)
        .where(Screening.id == screening_id)
    ).one()
    session.refresh(screening)
    what = what_of(event.title, screening.starts_at)
    if screening.state is ScreeningState.CANCELLED:
        return Refusal(
            _("{what} est annulée.").format(what=what), next_showing(session, screening, quota, wanted, at)
        )
    left = screening.capacity - screening.held - screening.allocated
    if quota is not None:
        contingent = session.get(Quota, (screening_id, quota), populate_existing=True)
        left = contingent.seats - contingent.allocated if contingent else 0
        what = _("{what} (contingent {quota})").format(what=what, quota=quota)
    left -= promised
    if left <= 0:
        message = _("{what} est complet.").format(what=what)
    else:
        message = plural(
            "{what} : il restait {left} place, vous en demandez {wanted}.",
            "{what} : il restait {left} places, vous en demandez {wanted}.",
            left,
        ).format(what=what, left=left, wanted=wanted)
    return Refusal(message, next_showing(session, screening, quota, wanted, at))


def next_showing(session: Session, screening: Screening, quota: str | None, wanted: int, at: datetime) -> str:
    """Where the same event can still be seen, in a sentence: with seats of this quota, where it has one."""
    left = case(
        (col(Quota.seats).is_(None), col(Screening.capacity) - Screening.held - Screening.allocated),
        else_=col(Quota.seats) - Quota.allocated,
    )
    found = session.exec(
        select(Screening.starts_at, Hall.short_name, left.label("left"))
        .join(Hall, col(Hall.id) == Screening.hall_id)
        .outerjoin(Quota, (col(Quota.screening_id) == Screening.id) & (col(Quota.name) == quota))
        .where(
            Screening.event_id == screening.event_id,
            Screening.id != screening.id,
            Screening.state == ScreeningState.SCHEDULED,
            Screening.starts_at > at,
            left >= wanted,
        )
        .order_by(col(Screening.starts_at))
        .limit(1)
    ).first()
    if found is None:
        return _("Aucune autre séance de ce film n'a assez de places.")
    starts_at, hall, seats = found
    return plural(
        "Prochaine séance : {when}, {hall}, {left} place.",
        "Prochaine séance : {when}, {hall}, {left} places.",
        seats,
    ).format(when=say(starts_at, _("EEE d 'à' H 'h' mm"), spoken()), hall=hall, left=seats)
