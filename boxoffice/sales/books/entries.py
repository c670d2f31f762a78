"""Entries of the journal as they are read to be verified: their columns as the driver gives them."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, LargeBinary, bindparam, case, cast, func, select
from sqlmodel import Session

from boxoffice.models import JournalEntry, Till, table
from boxoffice.prepared import Prepared

from .reconciliation import Place, Wrong, readable

_entry, _till = table(JournalEntry), table(Till)

STANDS = (
    select(_entry.c.digest)
    .join(_till, _till.c.id == _entry.c.till_id)
    .where(_till.c.number == bindparam("till"), _entry.c.sequence == bindparam("sequence"))
)
"""The digest of the entry that stands at a place, by the number of its till."""


class EntryRow(NamedTuple):
    """An entry of the journal, its columns as the driver gives them; its content as it is hashed."""

    till_id: int
    sequence: int
    at: Any
    kind: str
    content: bytes
    digest: str
    signature: str
    key_fingerprint: str
    sale_id: Any


_OCTETS: Mapping[str, ColumnElement[bytes]] = {
    "sqlite": case(
        (func.typeof(_entry.c.content) == "text", cast(_entry.c.content, LargeBinary)),
        else_=func.zeroblob(0),
    ),
    "postgresql": func.convert_to(_entry.c.content, "UTF8"),
}
"""The content as it is hashed: drivers would make text of it, which takes long to unmake. Nothing, where
SQLite holds anything but text.
"""

_COUNTED = Prepared(select(func.count()).select_from(_entry))


def count_entries(session: Session) -> int:
    """How many entries there are to verify."""
    counted: int = _COUNTED.rows(session)[0][0]
    return counted


def read_begun(session: Session) -> frozenset[str]:
    """The digests of the first entry of each till's journal: no other books have any of them."""
    return frozenset(session.execute(select(_entry.c.digest).where(_entry.c.sequence == 1)).scalars())


def read_entries(session: Session, till_id: int, next_one: Place, at_once: int) -> Sequence[EntryRow]:
    """The next entries of a chain; only one at a time where one of them holds a value that cannot be read."""
    try:
        return _read(session, till_id, next_one, at_once)
    except Wrong:
        return _read(session, till_id, next_one, 1)


def _read(session: Session, till_id: int, next_one: Place, count: int) -> Sequence[EntryRow]:
    with readable(next_one):
        values = {"till": till_id, "after": next_one.entry - 1, "count": count}
        entries = _prepare(session.connection().dialect.name)
        return [EntryRow._make(row) for row in entries.stored(session, values)]


@cache
def _prepare(engine: str) -> Prepared:
    """How entries are read; once for all readings."""
    columns = {**dict(_entry.c), "content": _OCTETS[engine]}
    return Prepared(
        select(*(columns[name] for name in EntryRow._fields))
        .where(_entry.c.till_id == bindparam("till"), _entry.c.sequence > bindparam("after"))
        .order_by(_entry.c.sequence)
        .limit(bindparam("count"))
    )
