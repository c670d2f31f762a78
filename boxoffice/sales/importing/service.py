"""Places, price lists and events put out of service: refused while a screening to come has need of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from sqlalchemy import ColumnElement, and_, exists, or_, select

from boxoffice.language import _, plural
from boxoffice.models import (
    Event,
    Hall,
    PriceList,
    Quota,
    Screening,
    ScreeningState,
    Venue,
    table,
)

from .layouts import Key, Kind
from .merging import Merge
from .reading import Row

Lasting = Venue | Hall | Event | PriceList
"""What stays in the books once it is out of service: papers and sales name it."""

_screening, _quota, _hall = table(Screening), table(Quota), table(Hall)

_IS_SHOWN = _screening.c.state == ScreeningState.SCHEDULED
_IS_TAKEN = or_(
    _screening.c.allocated > 0,
    exists().where(_quota.c.screening_id == _screening.c.id, _quota.c.allocated > 0),
)
_NEEDS: Mapping[Kind, tuple[ColumnElement[int], ColumnElement[bool], str]] = {
    Kind.VENUE: (_hall.c.venue_id, _IS_SHOWN, "hall"),
    Kind.HALL: (_screening.c.hall_id, _IS_SHOWN, "hall"),
    Kind.EVENT: (_screening.c.event_id, or_(_IS_SHOWN, _IS_TAKEN), "event"),
    Kind.PRICE_LIST: (_screening.c.price_list_id, _IS_SHOWN, "price_list"),
}
"""What of a screening to come names each kind, when it needs it, and the field of its row."""


def refuse_what_is_needed(merge: Merge, things: Mapping[Kind, Mapping[Key, Lasting]]) -> None:
    """Tell of what the files put out of service although a screening to come needs it, or give to such a one.

    Rows are written by now: a manager who moves a screening there waits, or has done so before this looks.
    """
    screenings = {row.values["code"]: row for row in merge.sheets.of(Kind.SCREENING)}
    for kind, of_kind in things.items():
        rows = {row.key: row for row in merge.sheets.of(kind)}
        for (code,), needed_by in _needed(merge, kind, of_kind):
            row = rows.get((code,))
            if row is not None and "active" in row.values:
                merge.fault(row.fault("active", _still_needed(kind, len(needed_by))))
                continue
            for screening in needed_by:
                if screening in screenings:
                    _refuse_screening(merge, screenings[screening], _NEEDS[kind][2], code)


def _needed(merge: Merge, kind: Kind, things: Mapping[Key, Lasting]) -> Iterator[tuple[Key, list[str]]]:
    """What of a kind is out of service and needed all the same, and by which screenings to come."""
    gone = {thing.id: key for key, thing in things.items() if not thing.active}
    if not gone:
        return
    column, needs, _field = _NEEDS[kind]
    query = (
        select(column, _screening.c.code)
        .select_from(_screening)
        .join(_hall, _hall.c.id == _screening.c.hall_id)
        .where(and_(_screening.c.ends_at > merge.now, needs))
        .order_by(_screening.c.starts_at)
    )
    needed: dict[Key, list[str]] = defaultdict(list)
    for thing_id, screening in merge.session.execute(query):
        if thing_id in gone:
            needed[gone[thing_id]].append(screening)
    yield from needed.items()


def _refuse_screening(merge: Merge, row: Row, field: str, code: str) -> None:
    message = _("« {code} » n'est plus en service : remettez-le d'abord en service").format(code=code)
    merge.fault(row.fault(field, message))


def _still_needed(kind: Kind, count: int) -> str:
    """Why something stays in service, and what to do first."""
    match kind:
        case Kind.EVENT:
            said = plural(
                "une séance à venir la montre, ou a des places prises ; annulez-la d'abord (F10)",
                "{count} séances à venir la montrent, ou ont des places prises ; annulez-les d'abord (F10)",
                count,
            )
        case Kind.PRICE_LIST:
            said = plural(
                "une séance à venir en vend les tarifs ; donnez-lui d'abord une autre grille",
                "{count} séances à venir en vendent les tarifs ; donnez-leur d'abord une autre grille",
                count,
            )
        case _:
            said = plural(
                "une séance à venir s'y tient ; déplacez-la ou annulez-la d'abord (F10)",
                "{count} séances à venir s'y tiennent ; déplacez-les ou annulez-les d'abord (F10)",
                count,
            )
    return said.format(count=count)
