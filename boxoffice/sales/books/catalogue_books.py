"""The rows of the programme as the journal tells them: venues, halls, events, tariffs, articles, screenings.

Without it takings could be moved to another film, or to a venue of another regime, by one change of a row.
All that was ever told of a row is let pass, in whatever order, column by column.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Table, select
from sqlmodel import Session

from boxoffice.language import _, later
from boxoffice.models import Event, Hall, PriceList, Product, Screening, Tariff, Venue, table
from boxoffice.prepared import Prepared

from .reconciliation import Wrong, readable

_venue, _hall, _event, _list = table(Venue), table(Hall), table(Event), table(PriceList)
_tariff, _product, _screening = table(Tariff), table(Product), table(Screening)


def _columns(rows: Table, *but: str) -> list[Column[Any]]:
    """The columns of a table, but its id and some that are told otherwise."""
    return [column for column in rows.c if column.name not in ("id", *but)]


_ROWS: Mapping[str, Prepared] = {
    "venue": Prepared(select(_venue.c.code, *_columns(_venue, "code")).order_by(_venue.c.code)),
    "hall": Prepared(
        select(_hall.c.code, _venue.c.code.label("venue"), *_columns(_hall, "code", "venue_id"))
        .outerjoin(_venue, _venue.c.id == _hall.c.venue_id)
        .order_by(_hall.c.code)
    ),
    "event": Prepared(select(_event.c.code, *_columns(_event, "code")).order_by(_event.c.code)),
    "price_list": Prepared(
        select(_list.c.code, *_columns(_list, "code", "supplement_cents")).order_by(_list.c.code)
    ),
    "tariff": Prepared(
        select(_list.c.code.label("price_list"), _tariff.c.code, *_columns(_tariff, "code", "price_list_id"))
        .select_from(_tariff)
        .outerjoin(_list, _list.c.id == _tariff.c.price_list_id)
        .order_by(_list.c.code, _tariff.c.code)
    ),
    "product": Prepared(select(_product.c.code, *_columns(_product, "code")).order_by(_product.c.code)),
    "screening": Prepared(
        select(
            _screening.c.code,
            _event.c.code.label("event"),
            _screening.c.sale_ends_minutes,
            _screening.c.cancelling_ends_minutes,
            _screening.c.reservation_expires_minutes,
        )
        .outerjoin(_event, _event.c.id == _screening.c.event_id)
        .order_by(_screening.c.code)
    ),
}
"""What is told of each kind of row, after what it is known by; its counters are told by sales."""
_WORDS = {
    "venue": later("lieu {code}"),
    "hall": later("salle {code}"),
    "event": later("manifestation {code}"),
    "price_list": later("grille tarifaire {code}"),
    "tariff": later("tarif {code}"),
    "product": later("produit {code}"),
    "screening": later("séance {code}"),
}

Key = tuple[str, ...]
Row = tuple[tuple[str, ...], tuple[Any, ...]]
"""The names of the columns of a row, after what it is known by, and their values."""
Told = Mapping[str, Any]


def catalogue_in_force(session: Session) -> dict[str, dict[str, list[Any]]]:
    """The rows of each kind, for the journal: the names of the columns once, then the values of each row."""
    told = {}
    for name, rows in _ROWS.items():
        with readable(_("table {name}").format(name=name)):
            kept = rows.all(session)
            columns = list(kept[0]) if kept else []
            told[name] = {
                "columns": columns,
                "rows": [[_told(row[each]) for each in columns] for row in kept],
            }
    return told


@dataclass(frozen=True, slots=True)
class Moved:
    """The names of sections and venues that screenings were in, and are no more or only since."""

    sections: frozenset[str]
    venues: frozenset[str]


@dataclass
class CatalogueBooks:
    """What was told so far of each row, by kind and code; before any is told, none is held to it."""

    told: dict[str, dict[Key, list[Row]]] = field(default_factory=lambda: defaultdict(dict))
    found: dict[str, dict[Key, list[Row]]] = field(default_factory=lambda: defaultdict(dict))

    def hear(self, catalogue: Told) -> None:
        """Take in the rows that an entry leaves in force."""
        _hear(self.told, catalogue)

    def hear_found(self, catalogue: Told) -> None:
        """Take in the rows that a change found, which some entry must have told."""
        _hear(self.found, catalogue)

    def compare(self, session: Session) -> None:
        """Raise Wrong at the first row that is not, or was not when it was changed, as told."""
        if not self.told:
            return
        for name, rows in catalogue_in_force(session).items():
            kept: dict[Key, list[Row]] = {}
            _hear_rows(kept, name, rows)
            for key in sorted(kept.keys() | self.told[name].keys(), key=repr):
                if key not in kept:
                    raise Wrong(_where(name, key), _("cette fiche manque, et le journal la raconte."))
                if key not in self.told[name]:
                    raise Wrong(_where(name, key), _("aucun journal ne raconte cette fiche."))
            self._compare_told(name, kept)
        for name, found in self.found.items():
            self._compare_told(name, found)

    def shown(self, screening: str, halls: set[str]) -> tuple[set[str], set[str]]:
        """The events and venues, by code, that a screening in some halls was ever told to have."""
        return self._values("screening", {screening}, "event"), self._values("hall", halls, "venue")

    def moved(self, halls: Callable[[str], set[str]]) -> Moved | None:
        """The sections and venues that the takings of a screening may have gone from one to another of.

        `halls` are those that a screening was told to be in. None where no programme was told.
        """
        if not self.told:
            return None
        sections, venues = set[str](), set[str]()
        for (code,) in self.told["screening"]:
            events, places = self.shown(code, halls(code))
            for several, told in (
                (sections, self._values("event", events, "section")),
                (venues, self._values("venue", places, "name")),
            ):
                if len(told) > 1:
                    several |= told
        return Moved(frozenset(sections), frozenset(venues))

    def _values(self, name: str, codes: set[str], column: str) -> set[str]:
        return set().union(*(_of_column(self.told[name].get((code,), ()), column) for code in codes))

    def _compare_told(self, name: str, found: Mapping[Key, Sequence[Row]]) -> None:
        for key, rows in found.items():
            told = self.told[name].get(key, ())
            for row in rows:
                if row not in told:
                    _compare_columns(_where(name, key), row, told)


def _hear(into: dict[str, dict[Key, list[Row]]], catalogue: Told) -> None:
    for name, rows in catalogue.items():
        _hear_rows(into[name], name, rows)


def _hear_rows(into: dict[Key, list[Row]], name: str, rows: Told) -> None:
    codes = 2 if name == "tariff" else 1
    columns = tuple(rows["columns"][codes:])
    for values in rows["rows"]:
        known, row = into.setdefault(tuple(values[:codes]), []), (columns, tuple(values[codes:]))
        if row not in known:
            known.append(row)


def _compare_columns(where: str, row: Row, told: Sequence[Row]) -> None:
    """Each column of a row is as some entry told it; versions of before or after may tell fewer or more."""
    for column, value in zip(*row, strict=True):
        values = _of_column(told, column)
        if values and value not in values:
            raise Wrong(where, _("« {column} » n'est pas ce qui a été signé.").format(column=column))


def _of_column(rows: Iterable[Row], column: str) -> set[Any]:
    """The values of a column, in the rows that have it."""
    return {values[columns.index(column)] for columns, values in rows if column in columns}


def _told(value: Any) -> Any:
    """A value as JSON has it."""
    return value.value if hasattr(value, "value") else value


def _where(name: str, key: Key) -> str:
    return _(_WORDS[name]).format(code=" ".join(map(str, key)))
