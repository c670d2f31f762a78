"""The rows of the programme as the journal tells them: venues, halls, events, tariffs, articles, screenings.

Without it takings could be moved to another film, or to a venue of another regime, by one change of a row.
All that was ever told of a row is let pass, in whatever order, column by column.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Column, Table, select
from sqlmodel import Session

from boxoffice.language import _, later
from boxoffice.models import Event, Hall, PriceList, Product, Screening, Tariff, Venue, table
from boxoffice.prepared import Prepared

from .bookkeeping import Names
from .prices import first_sale
from .reconciliation import Wrong, readable
from .retelling import IssuedFor, SoldAs

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
    """The names of all sections, and of all venues, that a screening was ever in, by its code, if several.

    Versions of before told no names: `since` a moment, all that changed was told.
    """

    sections: Mapping[str, frozenset[str]]
    venues: Mapping[str, frozenset[str]]
    since: str


@dataclass
class CatalogueBooks:
    """What was told so far of each row, by kind and code; before any is told, none is held to it."""

    told: dict[str, dict[Key, list[Row]]] = field(default_factory=lambda: defaultdict(dict))
    found: dict[str, dict[Key, list[Row]]] = field(default_factory=lambda: defaultdict(dict))
    is_partly_told: bool = False
    told_since: set[str] = field(default_factory=set)

    def hear_whole(self, content: Told) -> None:
        """Take in a whole programme; versions of before left rows untold, and what was sold of them then."""
        self.is_partly_told |= "catalogue" not in content
        if "catalogue" in content:
            self.told_since.add(content["at"])
        self.hear(content.get("catalogue", {}))

    def hear(self, catalogue: Told) -> None:
        """Take in the rows that an entry leaves in force."""
        _hear(self.told, catalogue)

    def hear_found(self, catalogue: Told) -> None:
        """Take in the rows that a change found, which some entry must have told."""
        _hear(self.found, catalogue)

    def compare(self, session: Session) -> None:
        """Raise Wrong at the first row that is not, or was not when it was changed, as told."""
        if not any(self.told.values()):
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
        return self.values("screening", {screening}, "event"), self.values("hall", halls, "venue")

    def films(self, screening: str) -> set[tuple[Any, ...]]:
        """The titles and versions that a screening was ever told to show; none where it is held to none."""
        return self.called("event", self.values("screening", {screening}, "event"), "title", "version")

    def called(self, name: str, codes: Iterable[str], *columns: str) -> set[tuple[Any, ...]]:
        """What rows were ever told to have in some columns, together; nothing where they are held to none."""
        return set() if self.is_partly_told else self._together(name, ((code,) for code in codes), columns)

    def compare_titles(self, issued: Collection[IssuedFor], codes: Mapping[int, str]) -> None:
        """Raise Wrong at a ticket that says another film than its screening was told to show."""
        films = cache(self.films)
        for ticket in issued:
            code = codes.get(ticket.screening_id, "")
            if films(code) and (ticket.title, ticket.version) not in films(code):
                film = ", ".join(filter(None, (ticket.title, ticket.version)))
                raise Wrong(
                    _where("screening", (code,)),
                    _("on en a vendu des billets pour « {value} », qui n'a jamais été annoncé.").format(
                        value=film
                    ),
                )

    def compare_labels(
        self,
        session: Session,
        sold: Collection[SoldAs],
        names: Names,
        price_lists: Mapping[str, set[str]],
    ) -> None:
        """Raise Wrong at a line whose tariff or article was never told to be called so.

        `price_lists` are those that each screening was told to have, if it was.
        """
        if self.is_partly_told:
            return
        known: dict[tuple[Any, ...], set[tuple[Any, ...]]] = {}
        for line in sold:
            lists = price_lists.get(names.screenings.get(line.screening_id or 0, ""))
            kind = (line.tariff, line.product_id, lists and frozenset(lists))
            if kind not in known:
                known[kind] = self._labels(line.tariff, names.products.get(line.product_id or 0, ""), lists)
            if known[kind] and (line.label,) not in known[kind]:
                raise Wrong(
                    first_sale(session, line),
                    _("« {label} » : ce tarif ou cet article ne s'est jamais appelé ainsi.").format(
                        label=line.label
                    ),
                )

    def _labels(self, tariff: str | None, product: str, price_lists: set[str] | None) -> set[tuple[Any, ...]]:
        """What a tariff of some price lists, or else of any, or an article was ever told to be called."""
        if tariff is None:
            return self._together("product", [(product,)], ("label",))
        keys = (
            (price_list, code)
            for price_list, code in self.told["tariff"]
            if code == tariff and (price_lists is None or price_list in price_lists)
        )
        return self._together("tariff", keys, ("label",))

    def moved(self, halls: Callable[[str], set[str]]) -> Moved | None:
        """The sections and venues that the takings of a screening may have gone from one to another of.

        `halls` are those that a screening was told to be in. None where no programme was told.
        """
        if not any(self.told.values()):
            return None
        sections, venues = dict[str, frozenset[str]](), dict[str, frozenset[str]]()
        for (code,) in self.told["screening"]:
            events, places = self.shown(code, halls(code))
            for several, told in (
                (sections, self.values("event", events, "section")),
                (venues, self.values("venue", places, "name")),
            ):
                if len(told) > 1:
                    several[code] = frozenset(told)
        return Moved(sections, venues, min(self.told_since, default="") if self.is_partly_told else "")

    def values(self, name: str, codes: Iterable[str], column: str) -> set[Any]:
        """What rows were ever told to have in a column."""
        return set().union(*(_of_column(self.told[name].get((code,), ()), column) for code in codes))

    def _together(self, name: str, keys: Iterable[Key], columns: tuple[str, ...]) -> set[tuple[Any, ...]]:
        """The values of some columns in the rows that have them all, each row's together."""
        return {
            tuple(values[told.index(column)] for column in columns)
            for key in keys
            for told, values in self.told[name].get(key, ())
            if set(columns) <= set(told)
        }

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
