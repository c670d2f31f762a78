"""Holding the books against what the journal tells: every sale, scan and key, column by column.

Faults are told in the order of the journal, so that the first one is where to start looking.
"""

from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, NamedTuple

from sqlalchemy import Column, Table, bindparam, func, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from boxoffice.language import _, later
from boxoffice.models import (
    Booking,
    BookingEnd,
    Establishment,
    Event,
    Hall,
    JournalEntry,
    Numbering,
    Operator,
    Pass,
    Payment,
    Product,
    Quota,
    ReservedSeat,
    ReservedSeatState,
    Sale,
    SaleLine,
    Screening,
    Ticket,
    TicketScan,
    Till,
    TillSession,
    Venue,
    table,
)
from boxoffice.prepared import Prepared

from .bookkeeping import FOUNDED, Names, Operation, Shown, describe, describe_establishment
from .changes import left_standing
from .journal import canonical
from .numbers import paper_number

_entry, _sale, _line, _payment = table(JournalEntry), table(Sale), table(SaleLine), table(Payment)
_ticket, _scan, _numbering = table(Ticket), table(TicketScan), table(Numbering)
_booking, _end, _reserved = table(Booking), table(BookingEnd), table(ReservedSeat)
_till, _operator, _shift = table(Till), table(Operator), table(TillSession)
_screening, _quota, _product, _pass = table(Screening), table(Quota), table(Product), table(Pass)
_event, _hall, _venue = table(Event), table(Hall), table(Venue)


def _told_by_entry(rows: Table, sale_id: Column[Any], *order: Column[Any]) -> Prepared:
    """The rows of the sale that an entry tells."""
    return Prepared(
        select(rows)
        .join(_entry, sale_id == _entry.c.sale_id)
        .where(_entry.c.till_id == bindparam("till"), _entry.c.sequence == bindparam("entry"))
        .order_by(*order)
    )


def _drawn(column: Column[Any], rows: Table) -> Prepared:
    """How many numbers each till has drawn of a series, how many rows have one, and the highest."""
    return Prepared(
        select(_numbering.c.till_id, column, func.count(rows.c.number), func.max(rows.c.number))
        .outerjoin(rows, rows.c.till_id == _numbering.c.till_id)
        .group_by(_numbering.c.till_id, column)
    )


_SALE = _told_by_entry(_sale, _sale.c.id)
_PARTS: Mapping[str, Prepared] = {
    part: _told_by_entry(rows, rows.c.sale_id, rows.c.position)
    for part, rows in (("lines", _line), ("tickets", _ticket), ("payments", _payment))
}
_OPERATIONS, _TICKETS = _drawn(_numbering.c.operations, _sale), _drawn(_numbering.c.tickets, _ticket)
_SOLD = Prepared(
    select(_line.c.screening_id, _line.c.quota, func.sum(_line.c.quantity)).group_by(
        _line.c.screening_id, _line.c.quota
    )
)
_BOOKED = Prepared(
    select(_booking.c.screening_id, _booking.c.quota, func.count())
    .outerjoin(_end, _end.c.booking_id == _booking.c.id)
    .where(_end.c.booking_id.is_(None))
    .group_by(_booking.c.screening_id, _booking.c.quota)
)
_RESERVED = Prepared(
    select(_reserved.c.screening_id, _reserved.c.quota, func.count())
    .where(_reserved.c.state == ReservedSeatState.HELD)
    .group_by(_reserved.c.screening_id, _reserved.c.quota)
)
_ALLOCATED = Prepared(select(_screening.c.id, _screening.c.allocated))
_OF_QUOTAS = Prepared(select(_quota.c.screening_id, _quota.c.name, _quota.c.allocated))
_ESTABLISHMENT = Prepared(select(table(Establishment)))
_SCANS = Prepared(select(_scan))
_NAMES: Mapping[str, Prepared] = {
    "tills": Prepared(select(_till.c.id, _till.c.number)),
    "operators": Prepared(select(_operator.c.id, _operator.c.number)),
    "people": Prepared(select(_operator.c.number, _operator.c.name)),
    "screenings": Prepared(select(_screening.c.id, _screening.c.code)),
    "products": Prepared(select(_product.c.id, _product.c.code)),
    "passes": Prepared(select(_pass.c.id, _pass.c.number)),
}
_SHIFTS = Prepared(select(_shift.c.till_id, _shift.c.id, _shift.c.opened_at))
_SHOWN = Prepared(
    select(_screening.c.id, _event.c.code, _venue.c.code)
    .join(_event, _event.c.id == _screening.c.event_id)
    .join(_hall, _hall.c.id == _screening.c.hall_id)
    .join(_venue, _venue.c.id == _hall.c.venue_id)
)
_PART_NAMES = {
    "lines": later("lignes"),
    "tickets": later("billets"),
    "payments": later("règlements"),
    "vat": later("TVA"),
}
UNREADABLE = later("une valeur n'est pas lisible.")


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing found wrong: which row, and what about it."""

    where: str
    what: str

    def __str__(self) -> str:
        return _("{place} : {message}").format(place=self.where, message=self.what)


class Wrong(Exception):
    """Raised at the first fault, to stop reading."""

    def __init__(self, where: object, what: str) -> None:
        super().__init__(where, what)
        self.fault = Fault(str(where), what)


class Place(NamedTuple):
    """An entry of the journal, or the sale of that number told there; put into words only if it is wrong."""

    till: int
    entry: int
    sale: int | None = None

    def __str__(self) -> str:
        entry = _("journal de la caisse {till}, entrée {sequence}").format(
            till=self.till, sequence=self.entry
        )
        if self.sale is None:
            return entry
        return _("vente {number} ({where})").format(number=paper_number(self.till, self.sale), where=entry)


@dataclass
class Told:
    """What the journal has told so far, to be held against the tables at the end."""

    entries: int = 0
    sales: int = 0
    scans: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)
    establishments: list[tuple[str, str]] = field(default_factory=list)
    founded: set[str] = field(default_factory=set)
    notices: list[str] = field(default_factory=list)
    skipped: Counter[tuple[int, str]] = field(default_factory=Counter)

    def hear_establishment(self, content: Mapping[str, Any]) -> None:
        """Take in who sells, and since when: versions of before did not tell the latter."""
        self.establishments.append((canonical(content.get("before")), canonical(content["told"])))
        if FOUNDED in content:
            self.founded.add(content[FOUNDED])

    def leave_out(self, skipped: Mapping[str, Mapping[str, int]]) -> None:
        """Take in the numbers that each till left out once a database was restored, by their series."""
        for till, left_out in skipped.items():
            for series, count in left_out.items():
                self.skipped[int(till), series] += count


class readable:
    """Makes a fault of a value that its column cannot hold; a database that is lost stays an error."""

    def __init__(self, where: object) -> None:
        self.where = where

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            return
        if isinstance(error, DBAPIError | LookupError | ValueError | TypeError | AttributeError):
            raise Wrong(self.where, _(UNREADABLE)) from None


def read_names(session: Session) -> Names:
    """What the journal calls every till, operator, shift, screening and product."""
    with readable(_("caisses, opérateurs, sessions, séances ou produits")):
        return Names(
            sessions={(till_id, row_id): opened_at for till_id, row_id, opened_at in _SHIFTS.rows(session)},
            shown={row_id: Shown(event, venue) for row_id, event, venue in _SHOWN.rows(session)},
            **{each: dict(pairs.rows(session)) for each, pairs in _NAMES.items()},
        )


def read_operation(session: Session, where: Place, till_id: int, entry: int) -> Operation | None:
    """The sale that this entry of a till tells, if it is there."""
    of_entry = {"till": till_id, "entry": entry}
    with readable(where):
        sale = _SALE.first(session, of_entry)
        parts = {part: rows.all(session, of_entry) for part, rows in _PARTS.items()}
    if sale is None:
        return None
    return Operation(sale, parts["lines"], parts["tickets"], parts["payments"])


def compare_sale(place: Place, content: Mapping[str, Any], operation: Operation | None, names: Names) -> None:
    """Hold a sale as an entry tells it against its rows, and name the first column that differs."""
    where = place._replace(sale=content["sale"]["number"])
    if operation is None:
        raise Wrong(where, _("elle manque, et le journal la raconte."))
    with readable(where):
        found = describe(operation, names)
    for part, expected in found.items():
        told = content.get(part)
        if told == expected:
            continue
        if isinstance(told, list) and isinstance(expected, list):
            _compare_rows(where, part, told, expected)
        column = part
        if isinstance(told, dict) and isinstance(expected, dict):
            column = next(_differing(told, expected), part)
        raise Wrong(where, _("« {column} » n'est pas ce qui a été signé.").format(column=column))


def _compare_rows(
    where: Place, part: str, told: list[dict[str, Any]], expected: list[dict[str, Any]]
) -> None:
    name = _(_PART_NAMES[part])
    if len(told) != len(expected):
        raise Wrong(
            where,
            _("{part} : {found} dans la base, {signed} dans le journal.").format(
                part=name, found=len(expected), signed=len(told)
            ),
        )
    for index, (signed, row) in enumerate(zip(told, expected, strict=True), start=1):
        for column in _differing(signed, row):
            raise Wrong(
                where,
                _("{part}, n° {index} : « {column} » n'est pas ce qui a été signé.").format(
                    part=name, index=index, column=column
                ),
            )


def _differing(told: Mapping[str, Any], expected: Mapping[str, Any]) -> Iterator[str]:
    """The columns that are not as they were told: some are told only where they hold something."""
    return (name for name in {**expected, **told} if told.get(name) != expected.get(name))


def compare_rest(session: Session, told: Told, names: Names) -> None:
    """What no sale told holds: numbers with a gap, scans and seats that are not as told."""
    _compare_numbers(session, told, names)
    _compare_scans(session, told)
    _compare_seats(session, names)
    _compare_establishment(session, told)


def _compare_numbers(session: Session, told: Told, names: Names) -> None:
    """Each number is given once, but for those left out where a database was restored."""
    for drawn, series, what in (
        (_OPERATIONS, "operations", _("ventes")),
        (_TICKETS, "tickets", _("billets")),
    ):
        for till_id, last, count, highest in drawn.rows(session):
            skipped = told.skipped[names.tills.get(till_id, 0), series]
            if last != count + skipped or not last - skipped <= (highest or 0) <= last:
                raise Wrong(
                    _("{what} de la caisse {till}").format(what=what, till=names.tills.get(till_id)),
                    _("{last} numéros tirés, {count} lignes, le plus grand est {highest}.").format(
                        last=last, count=count, highest=highest
                    ),
                )


def _compare_seats(session: Session, names: Names) -> None:
    """Seats taken are those sold and not reversed, booked or reserved, in each screening and each quota."""
    sold = {(screening, quota): seats for screening, quota, seats in _SOLD.rows(session)}
    counted: Counter[tuple[int, str | None]] = Counter(sold)
    for statement in (_BOOKED, _RESERVED):
        for screening, quota, seats in statement.rows(session):
            counted[screening, quota] += seats
    screenings = {(screening, None): allocated for screening, allocated in _ALLOCATED.rows(session)}
    quotas = {(screening, name): allocated for screening, name, allocated in _OF_QUOTAS.rows(session)}
    for place, allocated in (*screenings.items(), *quotas.items()):
        if allocated != counted[place]:
            raise _not_as_sold(place[0], allocated, counted[place], names)
    _find_seats_of_no_quota(sold, quotas.keys(), names)


def _find_seats_of_no_quota(
    sold: Mapping[tuple[int, str | None], int], quotas: Container[tuple[int, str | None]], names: Names
) -> None:
    """A quota that was taken away with its seats still sold would let them be sold again."""
    lost: Counter[int] = Counter()
    for place, seats in sold.items():
        if place[1] is not None and place not in quotas:
            lost[place[0]] += seats
    for screening, seats in lost.items():
        if seats:
            raise _not_as_sold(screening, 0, seats, names)


def _not_as_sold(screening: int, allocated: int, seats: int, names: Names) -> Wrong:
    return Wrong(
        _("séance {code}").format(code=names.screenings.get(screening)),
        _("{allocated} places prises dans la table, {seats} vendues dans les livres.").format(
            allocated=allocated, seats=seats
        ),
    )


def _compare_establishment(session: Session, told: Told) -> None:
    row = _ESTABLISHMENT.first(session)
    found = "" if row is None else canonical(describe_establishment(row))
    is_as_told = not told.establishments or found == left_standing(told.establishments, None)
    if not is_as_told or (row and told.founded and row["created_at"].isoformat() not in told.founded):
        raise Wrong(
            _("table {name}").format(name=Establishment.__tablename__),
            _("l'établissement n'est pas celui que le journal a raconté."),
        )


def _compare_scans(session: Session, told: Told) -> None:
    with readable(_("table {name}").format(name=_scan.name)):
        kept = {
            (str(scan.sale_id), scan.position): (scan.door, scan.at.isoformat())
            for scan in _SCANS.rows(session)
        }
    for place, signed in told.scans.items():
        if place not in kept:
            raise Wrong(_where_scan(*place), _("elle manque, et le journal la raconte."))
        if kept[place] != signed:
            raise Wrong(_where_scan(*place), _("elle n'est pas ce qui a été signé."))
    for place in kept.keys() - told.scans.keys():
        raise Wrong(_where_scan(*place), _("aucun journal ne la raconte."))


def _where_scan(sale_id: str, position: int) -> str:
    return _("entrée du billet {id}/{position}").format(id=sale_id, position=position)
