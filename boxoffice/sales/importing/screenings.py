"""Merging the screenings: the part of the programme where tickets may already be sold."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlmodel import Session, col, select

from boxoffice.clock import PARIS, in_paris, say
from boxoffice.language import _, plural, spoken
from boxoffice.models import (
    Event,
    Hall,
    PriceList,
    Quota,
    Screening,
    ScreeningChange,
    ScreeningChangeKind,
    ScreeningState,
    Venue,
)

from .layouts import Key, Kind
from .merging import Merge, differs
from .reading import Fault, Row
from .service import Lasting

_UNDER_LOCK = {"key_share": True}
"""Held against whoever sells a seat, not against a sale on its way that only names the screening."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What screenings refer to, by code; and the capacities and durations as they were before the import."""

    venues: Mapping[Key, Venue]
    halls: Mapping[Key, Hall]
    events: Mapping[Key, Event]
    price_lists: Mapping[Key, PriceList]
    capacities_before: Mapping[int, int]
    durations_before: Mapping[int, int]

    @property
    def lasting(self) -> Mapping[Kind, Mapping[Key, Lasting]]:
        """All that may be put out of service, by kind."""
        return {
            Kind.VENUE: self.venues,
            Kind.HALL: self.halls,
            Kind.EVENT: self.events,
            Kind.PRICE_LIST: self.price_lists,
        }


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a screening shall be, with the quotas it shall have."""

    values: Mapping[str, Any]
    quotas: Mapping[str, int]


def merge_screenings(merge: Merge, catalogue: Catalogue) -> None:
    """Bring the screenings to what the files say, and those of a changed hall or event with them.

    In order of id, as sales take their seats: a till and an import seldom wait in a ring.
    """
    known = merge.session.exec(select(Screening).order_by(col(Screening.id)))
    screenings = {screening.code: screening for screening in known}
    places = {code: place for place, code in enumerate(screenings)}
    rows = sorted(
        merge.sheets.of(Kind.SCREENING), key=lambda row: places.get(row.values["code"], len(places))
    )
    quotas = _quotas_by_screening(merge.session)
    new: list[tuple[Screening, Wanted]] = []
    for row in rows:
        merge.step()
        code = row.values["code"]
        current = screenings.get(code)
        kept = quotas.get(current.id, {}) if current is not None and current.id is not None else {}
        wanted = _wanted(merge, catalogue, row, current, kept)
        if wanted is None:
            continue
        if current is not None and _hurts(merge, row, current, kept, wanted):
            continue
        if current is None:
            screenings[code] = merge.put(Kind.SCREENING, None, Screening, wanted.values)
            new.append((screenings[code], wanted))
        else:
            _change(merge, current, kept, wanted)
    _keep_seats(merge.session, new)
    listed = {row.values["code"] for row in rows} | {
        code for (code,) in merge.sheets.misread.get(Kind.SCREENING, set())
    }
    others = [screening for code, screening in screenings.items() if code not in listed]
    if merge.complete and rows:
        _withdraw(merge, others, quotas)
    _follow_halls(merge, catalogue, others)
    _follow_events(catalogue, others)
    _refuse_overlaps(merge, list(screenings.values()), {row.values["code"]: row for row in rows})
    merge.session.flush()


def _quotas_by_screening(session: Session) -> dict[int, dict[str, Quota]]:
    quotas: dict[int, dict[str, Quota]] = defaultdict(dict)
    for quota in session.exec(select(Quota)):
        quotas[quota.screening_id][quota.name] = quota
    return quotas


def _wanted(
    merge: Merge, catalogue: Catalogue, row: Row, current: Screening | None, kept: Mapping[str, Quota]
) -> Wanted | None:
    """What the row asks for, or None after telling why it cannot be."""
    event = merge.refer(row, "event", catalogue.events, Kind.EVENT)
    hall = merge.refer(row, "hall", catalogue.halls, Kind.HALL)
    price_list = merge.refer(row, "price_list", catalogue.price_lists, Kind.PRICE_LIST)
    starts_at = _moment(row, merge)
    if event is None or hall is None or price_list is None or starts_at is None:
        return None
    minutes = row.values.get("duration") or event.duration_minutes
    capacity = _capacity(catalogue, row, hall, current)
    if capacity > hall.capacity:
        merge.fault(row.fault("capacity", _more_than_the_hall(capacity, hall)))
        return None
    state = row.values.get("state", ScreeningState.SCHEDULED)
    quotas = row.values.get("quotas")
    if state is ScreeningState.CANCELLED:
        quotas = {name: quota.seats for name, quota in kept.items() if quota.allocated}
    elif quotas is None:
        quotas = {name: quota.seats for name, quota in kept.items()}
    held = sum(quotas.values())
    if held > capacity:
        message = _("les contingents gardent {held} places sur {capacity}").format(
            held=held, capacity=capacity
        )
        merge.fault(row.fault("quotas", message))
        return None
    values = {
        "code": row.values["code"],
        "event_id": event.id,
        "hall_id": hall.id,
        "price_list_id": price_list.id,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=minutes),
        "capacity": capacity,
        "held": held,
        "state": state,
    }
    for limit in ("sale_ends_minutes", "cancelling_ends_minutes", "reservation_expires_minutes"):
        if limit in row.values:
            values[limit] = row.values[limit]
    return Wanted(values, quotas)


def _moment(row: Row, merge: Merge) -> datetime | None:
    """The UTC moment of an hour in Angers; none when the clock jumps. Of two alike, the first unless told."""
    local = datetime.combine(row.values["date"], row.values["time"], PARIS)
    moment = local.astimezone(UTC)
    if in_paris(moment).replace(tzinfo=None) != local.replace(tzinfo=None):
        message = _("cette heure n'existe pas : on passe à l'heure d'été cette nuit-là")
        merge.fault(row.fault("time", message))
        return None
    return moment


def _capacity(catalogue: Catalogue, row: Row, hall: Hall, current: Screening | None) -> int:
    """The seats asked for; else those of the hall, unless the screening had a number of its own."""
    asked = row.values.get("capacity")
    if asked is not None:
        return int(asked)
    if current is None or "capacity" in row.values or current.hall_id != hall.id:
        return hall.capacity
    followed = current.capacity == catalogue.capacities_before.get(current.hall_id)
    return hall.capacity if followed else current.capacity


def _hurts(merge: Merge, row: Row, current: Screening, kept: Mapping[str, Quota], wanted: Wanted) -> bool:
    """Whether the change would hurt tickets already sold, which is told; the seats are counted under lock."""
    if not differs(current, wanted.values) and wanted.quotas == {name: q.seats for name, q in kept.items()}:
        return False
    if _was_called_off(merge.session, current, wanted):
        merge.fault(row.fault("state", _("un responsable l'a annulée : donnez un autre code à la nouvelle")))
        return True
    sold = _count_sold(merge.session, current, kept)
    if not sold:
        return False
    before = len(merge.sheets.faults)
    seats = plural("une place est prise", "{count} places sont prises", sold).format(count=sold)
    if current.event_id != wanted.values["event_id"]:
        merge.fault(
            row.fault("event", _("{seats} : elle ne change pas de manifestation").format(seats=seats))
        )
    if wanted.values["state"] is not current.state:
        message = _("{seats} : un responsable l'annule au guichet (F10)").format(seats=seats)
        merge.fault(row.fault("state", message))
        return True
    _refuse_to_move(merge, row, current, wanted, seats)
    for name, quota in kept.items():
        if wanted.quotas.get(name, 0) < quota.allocated:
            message = _("le contingent « {name} » a déjà vendu {allocated} de ses places").format(
                allocated=quota.allocated, name=name
            )
            merge.fault(row.fault("quotas", message))
    if wanted.values["capacity"] < current.allocated + wanted.values["held"]:
        message = _("{capacity} places ne suffisent pas : {sold} vendues, {held} gardées").format(
            capacity=wanted.values["capacity"], sold=current.allocated, held=wanted.values["held"]
        )
        merge.fault(row.fault("capacity" if "capacity" in row.values else "hall", message))
    return len(merge.sheets.faults) > before


def _was_called_off(session: Session, current: Screening, wanted: Wanted) -> bool:
    """Whether the row would put on sale again what a manager cancelled, and its audience was told of."""
    if current.state is wanted.values["state"] or current.state is not ScreeningState.CANCELLED:
        return False
    changes = select(ScreeningChange.id).where(
        ScreeningChange.screening_id == current.id, ScreeningChange.kind == ScreeningChangeKind.CANCELLED
    )
    return session.exec(changes).first() is not None


def _refuse_to_move(merge: Merge, row: Row, current: Screening, wanted: Wanted, seats: str) -> None:
    """Whoever has a seat is to be told of another time or place: a manager moves it, and has their list."""
    moved = _("{seats} : un responsable la déplace au guichet (F10)").format(seats=seats)
    if in_paris(current.starts_at).date() != row.values["date"]:
        merge.fault(row.fault("date", moved))
    elif current.starts_at != wanted.values["starts_at"]:
        merge.fault(row.fault("time", moved))
    if current.hall_id != wanted.values["hall_id"]:
        merge.fault(row.fault("hall", moved))


def _change(merge: Merge, current: Screening, kept: Mapping[str, Quota], wanted: Wanted) -> None:
    session, tally = merge.session, merge.tally(Kind.SCREENING)
    same_quotas = {name: quota.seats for name, quota in kept.items()} == dict(wanted.quotas)
    unchanged_before = tally.unchanged
    merge.put(Kind.SCREENING, current, Screening, wanted.values)
    if same_quotas:
        return
    if tally.unchanged > unchanged_before:
        tally.unchanged -= 1
        tally.changed += 1
    session.flush()
    assert current.id is not None
    for name, seats in wanted.quotas.items():
        if name in kept:
            kept[name].seats = seats
        else:
            session.add(Quota(screening_id=current.id, name=name, seats=seats))
    for name, quota in kept.items():
        if name not in wanted.quotas:
            session.delete(quota)


def _keep_seats(session: Session, new: list[tuple[Screening, Wanted]]) -> None:
    """Give new screenings their quotas, once all are written: one after the other takes twice as long."""
    session.flush()
    for screening, wanted in new:
        assert screening.id is not None
        for name, seats in wanted.quotas.items():
            session.add(Quota(screening_id=screening.id, name=name, seats=seats))


def _withdraw(merge: Merge, absent: list[Screening], quotas: Mapping[int, Mapping[str, Quota]]) -> None:
    """Cancel the screenings to come that a complete programme no longer has; sold ones are a fault."""
    for screening in absent:
        if screening.state is ScreeningState.CANCELLED or screening.starts_at <= merge.now:
            continue
        kept = quotas.get(screening.id or 0, {})
        sold = _count_sold(merge.session, screening, kept)
        if sold:
            message = _("la séance {code} n'y est plus, alors que des places sont prises ({sold})").format(
                code=screening.code, sold=sold
            )
            merge.fault(Fault(merge.sheets.files(Kind.SCREENING), 0, "", message))
        else:
            # Without its quotas, not even a sale on its way can take a seat of them.
            for quota in kept.values():
                merge.session.delete(quota)
            screening.held = 0
            screening.state = ScreeningState.CANCELLED
            merge.tally(Kind.SCREENING).withdrawn += 1


def _follow_halls(merge: Merge, catalogue: Catalogue, others: list[Screening]) -> None:
    """Give the screenings to come of a changed hall its new number of seats, unless too many are sold."""
    changed = {
        hall.id: hall
        for hall in catalogue.halls.values()
        if catalogue.capacities_before.get(hall.id or 0, hall.capacity) != hall.capacity
    }
    hall_rows = {row.values["code"]: row for row in merge.sheets.of(Kind.HALL)}
    too_many: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for screening in others:
        hall = changed.get(screening.hall_id)
        if hall is None or screening.ends_at <= merge.now or screening.state is ScreeningState.CANCELLED:
            continue
        followed = screening.capacity == catalogue.capacities_before[screening.hall_id]
        capacity = hall.capacity if followed else min(hall.capacity, screening.capacity)
        merge.session.refresh(screening, with_for_update=_UNDER_LOCK)
        taken = screening.allocated + screening.held
        if capacity < taken:
            too_many[hall.code].append((taken, screening.code))
        else:
            screening.capacity = capacity
    for code, taken_by in too_many.items():
        merge.fault(hall_rows[code].fault("capacity", _least_words(taken_by)))


def _least_words(taken_by: Sequence[tuple[int, str]]) -> str:
    """How many seats a hall needs at least, where these screenings have so many sold or kept."""
    least, code = max(taken_by)
    others = plural(" et d'une autre séance", " et de {count} autres séances", len(taken_by) - 1)
    return _("il en faut au moins {least}, à cause de la séance {code}{others}").format(
        least=least, code=code, others=others.format(count=len(taken_by) - 1) if len(taken_by) > 1 else ""
    )


def _follow_events(catalogue: Catalogue, others: list[Screening]) -> None:
    """Give the screenings of an event its new duration, unless they had one of their own."""
    events = {event.id: event for event in catalogue.events.values()}
    for screening in others:
        event = events[screening.event_id]
        before = catalogue.durations_before.get(screening.event_id)
        if before is None or before == event.duration_minutes:
            continue
        if screening.ends_at - screening.starts_at == timedelta(minutes=before):
            screening.ends_at = screening.starts_at + timedelta(minutes=event.duration_minutes)


def _refuse_overlaps(merge: Merge, screenings: list[Screening], rows: Mapping[str, Row]) -> None:
    """Two screenings do not share a hall: told at the row of the later one, else of the earlier."""
    by_hall: dict[int, list[Screening]] = defaultdict(list)
    for screening in screenings:
        if screening.state is ScreeningState.SCHEDULED:
            by_hall[screening.hall_id].append(screening)
    for shows in by_hall.values():
        shows.sort(key=lambda screening: (screening.starts_at, screening.code))
        for earlier, later in pairwise(shows):
            row, other = rows.get(later.code), earlier
            if row is None:
                row, other = rows.get(earlier.code), later
            if row is not None and later.starts_at < earlier.ends_at:
                message = _("la salle est déjà prise par la séance {code}, de {start} à {end}").format(
                    code=other.code,
                    start=say(other.starts_at, _("H 'h' mm"), spoken()),
                    end=say(other.ends_at, _("H 'h' mm"), spoken()),
                )
                merge.fault(row.fault("time", message))


def _count_sold(session: Session, screening: Screening, quotas: Mapping[str, Quota]) -> int:
    """How many seats are sold, counted under lock: no till sells another one before the import has ended."""
    session.refresh(screening, with_for_update=_UNDER_LOCK)
    for _name, quota in sorted(quotas.items()):
        session.refresh(quota, with_for_update=_UNDER_LOCK)
    return screening.allocated + sum(quota.allocated for quota in quotas.values())


def _more_than_the_hall(capacity: int, hall: Hall) -> str:
    return _("{capacity} places, alors que la salle en a {seats}").format(
        capacity=capacity, seats=hall.capacity
    )
