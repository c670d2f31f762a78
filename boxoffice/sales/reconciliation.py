"""Holding the books against what the journal tells: every sale, scan and key, column by column.

Faults are told in the order of the journal, so that the first one is where to start looking.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, RowMapping, Select, bindparam, func, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from boxoffice.language import _, later
from boxoffice.models import (
    JournalEntry,
    Numbering,
    Operator,
    Payment,
    Product,
    Sale,
    SaleLine,
    Screening,
    Ticket,
    TicketScan,
    Till,
    TillSession,
    table,
)

from .bookkeeping import Names, Operation, Row, describe
from .numbers import paper_number

_entry, _sale, _line, _payment = table(JournalEntry), table(Sale), table(SaleLine), table(Payment)
_ticket, _scan, _numbering = table(Ticket), table(TicketScan), table(Numbering)

_OF_SALES: BindParameter[Any] = bindparam("sales", expanding=True)
_SALES = select(_sale).where(_sale.c.id.in_(_OF_SALES))
_PARTS: Mapping[str, Select[Any]] = {
    part: select(rows).where(rows.c.sale_id.in_(_OF_SALES)).order_by(rows.c.sale_id, rows.c.position)
    for part, rows in (("lines", _line), ("tickets", _ticket), ("payments", _payment))
}
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
        return f"{self.where} : {self.what}"


class Wrong(Exception):
    """Raised at the first fault, to stop reading."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(where, what)
        self.fault = Fault(where, what)


@dataclass
class Told:
    """What the journal has told so far, to be held against the tables at the end."""

    entries: int = 0
    sales: int = 0
    scans: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)


@contextmanager
def readable(where: str) -> Iterator[None]:
    """Make a fault of a value that its column cannot hold; a database that is lost stays an error."""
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        raise Wrong(where, _(UNREADABLE)) from None
    except (LookupError, ValueError, TypeError, AttributeError):
        raise Wrong(where, _(UNREADABLE)) from None


def read_names(session: Session) -> Names:
    """What the journal calls every till, operator, shift, screening and product."""
    tills, operators, shifts = table(Till), table(Operator), table(TillSession)
    screenings, products = table(Screening), table(Product)
    with readable(_("caisses, opérateurs, sessions, séances ou produits")):
        return Names(
            tills=_pairs(session, select(tills.c.id, tills.c.number)),
            operators=_pairs(session, select(operators.c.id, operators.c.number)),
            sessions={
                (row.till_id, row.id): row.opened_at
                for row in session.execute(select(shifts.c.till_id, shifts.c.id, shifts.c.opened_at))
            },
            screenings=_pairs(session, select(screenings.c.id, screenings.c.code)),
            products=_pairs(session, select(products.c.id, products.c.code)),
        )


def read_operations(session: Session, ids: Sequence[UUID]) -> dict[UUID, Operation]:
    """The rows of these sales; where one cannot be read, it is found by reading them one by one."""
    if not ids:
        return {}
    try:
        with readable(_("vente {id}").format(id=ids[0])):
            return _operations(session, ids)
    except Wrong:
        if len(ids) == 1:
            raise
    found: dict[UUID, Operation] = {}
    for sale_id in ids:
        found |= read_operations(session, [sale_id])
    return found


def compare_sale(
    where: str,
    sale_id: UUID | None,
    content: Mapping[str, Any],
    operations: Mapping[UUID, Operation],
    names: Names,
) -> None:
    """Hold a sale as an entry tells it against its rows, and name the first column that differs."""
    signed = content["sale"]
    if sale_id is None or signed["id"] != str(sale_id):
        raise Wrong(where, _("elle n'est plus reliée à la vente {id}.").format(id=signed["id"]))
    where = _("vente {number} ({where})").format(
        number=paper_number(content["till"], signed["number"]), where=where
    )
    operation = operations.get(sale_id)
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
            column = next(name for name in expected if told.get(name) != expected[name])
        raise Wrong(where, _("« {column} » n'est pas ce qui a été signé.").format(column=column))


def _compare_rows(where: str, part: str, told: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    name = _(_PART_NAMES[part])
    if len(told) != len(expected):
        raise Wrong(
            where,
            _("{part} : {found} dans la base, {signed} dans le journal.").format(
                part=name, found=len(expected), signed=len(told)
            ),
        )
    for index, (signed, row) in enumerate(zip(told, expected, strict=True), start=1):
        for column, value in row.items():
            if signed.get(column) != value:
                raise Wrong(
                    where,
                    _("{part}, n° {index} : « {column} » n'est pas ce qui a été signé.").format(
                        part=name, index=index, column=column
                    ),
                )


def compare_rest(session: Session, told: Told, names: Names) -> None:
    """What no sale told holds: rows that no journal tells, numbers with a gap, scans that are not as told."""
    untold = session.execute(
        select(_sale.c.number, _sale.c.till_id)
        .outerjoin(_entry, _entry.c.sale_id == _sale.c.id)
        .where(_entry.c.sale_id.is_(None))
        .limit(1)
    ).first()
    if untold:
        till = names.tills.get(untold.till_id, 0)
        raise Wrong(
            _("vente {number}").format(number=paper_number(till, untold.number)),
            _("aucun journal ne la raconte."),
        )
    for rows in (_line, _ticket, _payment):
        _find_orphans(session, rows.name, rows.c.sale_id, rows.c.position)
    _compare_numbers(session, names)
    _compare_scans(session, told)


def _find_orphans(session: Session, name: str, sale_id: Any, position: Any) -> None:
    orphans = (
        select(sale_id, position).outerjoin(_sale, _sale.c.id == sale_id).where(_sale.c.id.is_(None)).limit(1)
    )
    with readable(_("table {name}").format(name=name)):
        orphan = session.execute(orphans).first()
    if orphan:
        raise Wrong(
            _("table {name}, {id}/{position}").format(name=name, id=orphan[0], position=orphan[1]),
            _("sa vente n'existe pas."),
        )


def _compare_numbers(session: Session, names: Names) -> None:
    for rows, drawn, what in (
        (_sale, _numbering.c.operations, _("ventes")),
        (_ticket, _numbering.c.tickets, _("billets")),
    ):
        counted = session.execute(
            select(_numbering.c.till_id, drawn, func.count(rows.c.number), func.max(rows.c.number))
            .outerjoin(rows, rows.c.till_id == _numbering.c.till_id)
            .group_by(_numbering.c.till_id, drawn)
        )
        for till_id, last, count, highest in counted:
            if last != count or last != (highest or 0):
                raise Wrong(
                    _("{what} de la caisse {till}").format(what=what, till=names.tills.get(till_id)),
                    _("{last} numéros tirés, {count} lignes, le plus grand est {highest}.").format(
                        last=last, count=count, highest=highest
                    ),
                )


def _compare_scans(session: Session, told: Told) -> None:
    with readable(_("table {name}").format(name=_scan.name)):
        kept = {
            (str(scan.sale_id), scan.position): (scan.door, scan.at.isoformat())
            for scan in session.execute(select(_scan))
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


def _pairs(session: Session, statement: Select[Any]) -> dict[int, Any]:
    return {row[0]: row[1] for row in session.execute(statement)}


def _operations(session: Session, ids: Sequence[UUID]) -> dict[UUID, Operation]:
    sales: Sequence[RowMapping] = session.execute(_SALES, {"sales": ids}).mappings().all()
    parts: dict[str, dict[UUID, list[Row]]] = {}
    for name, statement in _PARTS.items():
        of_sale: dict[UUID, list[Row]] = defaultdict(list)
        for row in session.execute(statement, {"sales": ids}).mappings():
            of_sale[row["sale_id"]].append(row)
        parts[name] = of_sale
    return {
        sale["id"]: Operation(
            sale,
            parts["lines"].get(sale["id"], []),
            parts["tickets"].get(sale["id"], []),
            parts["payments"].get(sale["id"], []),
        )
        for sale in sales
    }
