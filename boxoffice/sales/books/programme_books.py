"""Screenings as the journal tells them: imports and moves sign each one, and nothing is sold under another.

Without it a screening could be given other prices, another hour or hall, or brought back after it was
cancelled, for the time of a sale. All that was ever told of a screening is let pass, in whatever order.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from boxoffice.kinds import JournalKind
from boxoffice.language import _
from boxoffice.models import (
    Hall,
    PassProduct,
    PriceList,
    Product,
    Screening,
    ScreeningState,
    Ticket,
    Venue,
    table,
)
from boxoffice.prepared import Prepared

from .reconciliation import Wrong, readable
from .retelling import IssuedFor

_screening, _list, _hall, _venue = table(Screening), table(PriceList), table(Hall), table(Venue)
_ticket, _product, _terms = table(Ticket), table(Product), table(PassProduct)

COLUMNS = ("price_list", "hall", "starts_at", "ends_at", "capacity", "state")
"""What is told of a screening, after its code."""

_SCREENINGS = Prepared(
    select(
        _screening.c.code,
        _list.c.code.label("price_list"),
        _hall.c.code.label("hall"),
        _screening.c.starts_at,
        _screening.c.ends_at,
        _screening.c.capacity,
        _screening.c.state,
        (_screening.c.allocated + _screening.c.held).label("taken"),
    )
    .join(_list, _list.c.id == _screening.c.price_list_id)
    .join(_hall, _hall.c.id == _screening.c.hall_id)
    .order_by(_screening.c.code)
)
_PLACES = Prepared(
    select(_hall.c.code, _venue.c.name, _hall.c.name)
    .join(_venue, _venue.c.id == _hall.c.venue_id)
    .order_by(_hall.c.code)
)
_TERMS = Prepared(
    select(_product.c.code, _terms.c.places, _terms.c.valid_from, _terms.c.valid_until)
    .join(_product, _product.c.id == _terms.c.product_id)
    .order_by(_product.c.code)
)
_TICKETS = Prepared(
    select(func.count())
    .select_from(_ticket)
    .join(_screening, _screening.c.id == _ticket.c.screening_id)
    .where(_screening.c.code == bindparam("screening"))
)


def programme_in_force(session: Session) -> dict[str, Any]:
    """Every screening as it is sold, the name of every hall as tickets print it, and what each pass gives."""
    return {
        "places": {code: f"{venue}, {hall}" for code, venue, hall in _PLACES.rows(session)},
        "screenings": [
            [row.code, *(_told(row)[column] for column in COLUMNS)] for row in _SCREENINGS.rows(session)
        ],
        "terms": [
            [row.code, row.places, _day(row.valid_from), _day(row.valid_until)]
            for row in _TERMS.rows(session)
        ],
    }


@dataclass
class ProgrammeBooks:
    """What was told so far of each screening, by code. Before an import tells them, none is held to it."""

    told: dict[str, dict[str, set[Any]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    places: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    sold: dict[str, int] = field(default_factory=dict)
    terms: set[tuple[Any, ...]] = field(default_factory=set)
    passes: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    imported: set[str] = field(default_factory=set)
    is_partly_told: bool = False

    def hear(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take in what an entry tells of screenings, if anything."""
        match kind:
            case JournalKind.PROGRAMME_IMPORTED | JournalKind.PROGRAMME_CHANGED:
                told = content.get("after", content)
                self.is_partly_told |= told is content and "terms" not in content
                self._hear_programme(told)
                if "whole" in content:
                    self._hear_programme(content.get("before", {}))
            case JournalKind.SALE_COMPLETED:
                for sold in content.get("passes", ()):
                    terms = (sold["product"], sold["places"], sold["valid_from"], sold["valid_until"])
                    self.passes[sold["number"]] = terms
            case JournalKind.SCREENING_MOVED:
                for column in ("hall", "starts_at", "ends_at", "capacity"):
                    self.told[content["screening"]][column].add(content[column])
                self.places[content["hall"]].add(content["place"])
            case JournalKind.SCREENING_CANCELLED:
                self.told[content["screening"]]["state"].add(ScreeningState.CANCELLED)
                self.sold[content["screening"]] = content["sold"]

    def _hear_programme(self, told: Mapping[str, Any]) -> None:
        """Take in what an entry leaves in force, or has changed."""
        for code, *values in told.get("screenings", ()):
            self.imported.add(code)
            for column, value in zip(COLUMNS, values, strict=True):
                self.told[code][column].add(value)
        for hall, place in told.get("places", {}).items():
            self.places[hall].add(place)
        self.terms.update(map(tuple, told.get("terms", ())))

    def price_lists(self) -> Mapping[str, set[str]]:
        """The price lists that each screening was ever told to have; nothing where none is held to it."""
        return {code: self.told[code]["price_list"] for code in self.imported} if self._is_told() else {}

    def halls(self, code: str) -> set[str]:
        """The halls that a screening was ever told to be in."""
        return self.told[code]["hall"] if code in self.told else set()

    def announced(self, code: str, column: str) -> set[Any]:
        """All that a screening was ever told to have in a column; nothing where none is held to it."""
        return self.told[code][column] if self._is_told() else set()

    def places_of(self, code: str) -> set[str]:
        """What papers were ever told to call the halls of a screening."""
        return set().union(*(self.places[hall] for hall in self.announced(code, "hall")))

    def compare(
        self,
        session: Session,
        issued: Collection[IssuedFor],
        until: Mapping[int, datetime],
        codes: Mapping[int, str],
    ) -> None:
        """Raise Wrong at the first screening, or ticket of one, that is not as told; `codes` are by id.

        Tickets of screenings, by their ids, were sold `until` a moment.
        """
        with readable(_("table {name}").format(name=_screening.name)):
            kept = {row.code: row for row in _SCREENINGS.rows(session)}
        for code, row in kept.items():
            _compare_capacity(row)
            if code in self.sold:
                _compare_cancelled(session, row, self.sold[code])
        if not self._is_told():
            return
        for row in kept.values():
            self._compare_row(row)
        for code in sorted(self.imported - kept.keys()):
            raise Wrong(_where(code), _("elle manque, et le journal la raconte."))
        for number, terms in sorted(self.passes.items()):
            if terms not in self.terms:
                raise Wrong(
                    _("pass {number}").format(number=number),
                    _("aucun programme importé n'a vendu ces places, ni pour ces dates."),
                )
        for ticket in sorted(issued):
            self._compare_ticket(codes.get(ticket.screening_id, ""), ticket)
        for screening, at in until.items():
            code = codes.get(screening, "")
            if self.is_over(code, at.isoformat()):
                raise Wrong(_where(code), _("on en a vendu des billets après sa fin."))

    def is_over(self, code: str, at: str) -> bool:
        """Whether a screening was told to have ended by then, all the ends considered that it ever had."""
        return at > max(self.announced(code, "ends_at"), default=at)

    def _is_told(self) -> bool:
        return bool(self.imported) and not self.is_partly_told

    def _compare_row(self, row: Any) -> None:
        if row.code not in self.imported:
            raise Wrong(_where(row.code), _("aucun journal ne la raconte."))
        for column, value in _told(row).items():
            if value not in self.told[row.code][column]:
                raise Wrong(
                    _where(row.code), _("« {column} » n'est pas ce qui a été signé.").format(column=column)
                )

    def _compare_ticket(self, code: str, ticket: IssuedFor) -> None:
        starts_at, places = self.told[code]["starts_at"], self.places_of(code)
        for value, known in ((ticket.starts_at.isoformat(), starts_at), (ticket.place, places)):
            if value not in known:
                raise Wrong(
                    _where(code),
                    _("on en a vendu des billets pour « {value} », qui n'a jamais été annoncé.").format(
                        value=value
                    ),
                )


def _compare_capacity(row: Any) -> None:
    if row.taken > row.capacity:
        raise Wrong(
            _where(row.code),
            _("{taken} places prises ou gardées sur {capacity}.").format(
                taken=row.taken, capacity=row.capacity
            ),
        )


def _compare_cancelled(session: Session, row: Any, signed: int) -> None:
    """What a manager cancelled stays so, and no ticket of it is sold any more."""
    found = _TICKETS.rows(session, {"screening": row.code})[0][0]
    if row.state is not ScreeningState.CANCELLED:
        raise Wrong(_where(row.code), _("« {column} » n'est pas ce qui a été signé.").format(column="state"))
    if found != signed:
        raise Wrong(
            _where(row.code),
            _("{found} billets vendus, dont {signed} quand elle a été annulée.").format(
                found=found, signed=signed
            ),
        )


def _told(row: Any) -> dict[str, Any]:
    """The columns of a screening as the journal writes them."""
    return {
        "price_list": row.price_list,
        "hall": row.hall,
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
        "capacity": row.capacity,
        "state": row.state.value,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _where(code: str) -> str:
    return _("séance {code}").format(code=code)
