"""Rows of sales that nobody tells: sales of no entry, and lines, tickets and payments of no sale."""

from collections.abc import Mapping

from sqlalchemy import Table, func, select
from sqlmodel import Session

from boxoffice.language import _
from boxoffice.models import JournalEntry, Payment, Sale, SaleLine, Ticket, metadata, table
from boxoffice.prepared import Prepared

from .bookkeeping import Names
from .numbers import paper_number
from .reconciliation import Wrong, readable

_entry, _sale = table(JournalEntry), table(Sale)
_PARTS = (table(SaleLine), table(Ticket), table(Payment))


def _orphans(rows: Table) -> Prepared:
    """The first row whose sale is not there."""
    return Prepared(
        select(rows.c.sale_id, rows.c.position)
        .outerjoin(_sale, _sale.c.id == rows.c.sale_id)
        .where(_sale.c.id.is_(None))
        .limit(1)
    )


_ORPHANS = {rows.name: _orphans(rows) for rows in _PARTS}
_UNTOLD = Prepared(
    select(_sale.c.number, _sale.c.till_id)
    .outerjoin(_entry, _entry.c.sale_id == _sale.c.id)
    .where(_entry.c.sale_id.is_(None))
    .limit(1)
)
_ELSEWHERE = sorted(metadata.tables.keys() - {_entry.name, _sale.name, *(rows.name for rows in _PARTS)})
_COUNTED = {rows.name: Prepared(select(func.count()).select_from(rows)) for rows in (_sale, *_PARTS)}


def find_untold(session: Session, names: Names, met: Mapping[str, int]) -> None:
    """Raise Wrong at the first row that is told by nobody.

    `met` are how many sales of an entry were read, and how many rows of other tables of any sale: where that
    is all of them, there is no other to look for.
    """
    unmet = {name for name, counted in _COUNTED.items() if counted.rows(session)[0][0] != met[name]}
    if _sale.name in unmet:
        _find_untold_sales(session, names)
    for name, orphans in _ORPHANS.items():
        if name in unmet:
            _find_orphans(session, name, orphans)


def find_references_to_nothing(session: Session) -> None:
    """Raise Wrong at the first row, of any table but those of sales, that refers to one which is not there.

    PostgreSQL lets nobody write such a row; SQLite lets whoever asks it to.
    """
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        return
    for name in _ELSEWHERE:
        for _name, row, other, _reference in connection.exec_driver_sql(f"PRAGMA foreign_key_check({name})"):
            raise Wrong(
                _("table {name}, ligne {row}").format(name=name, row=row or ""),
                _("elle renvoie à une ligne de « {other} » qui n'existe pas.").format(other=other),
            )


def _find_untold_sales(session: Session, names: Names) -> None:
    for untold in _UNTOLD.rows(session):
        till = names.tills.get(untold.till_id, 0)
        raise Wrong(
            _("vente {number}").format(number=paper_number(till, untold.number)),
            _("aucun journal ne la raconte."),
        )


def _find_orphans(session: Session, name: str, orphans: Prepared) -> None:
    with readable(_("table {name}").format(name=name)):
        found = orphans.rows(session)
    for orphan in found:
        raise Wrong(
            _("table {name}, {id}/{position}").format(name=name, id=orphan[0], position=orphan[1]),
            _("sa vente n'existe pas."),
        )
