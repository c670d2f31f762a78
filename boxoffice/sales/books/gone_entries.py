"""Entries that went with a database which an older one replaced, as the journals tell of it."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.kinds import JournalKind
from boxoffice.models import JournalEntry, Till, table

ENTRIES_GONE = "entries"
"""Under this an entry tells, of each till, the last entry that was left as it was, and the last known."""
_entry, _till = table(JournalEntry), table(Till)
_RESTORED = (
    select(_till.c.number, _entry.c.at, _entry.c.content)
    .join(_till, _till.c.id == _entry.c.till_id)
    .where(_entry.c.kind == str(JournalKind.DATABASE_RESTORED), _entry.c.sale_id.is_(None))
    .order_by(_entry.c.at)
)


class GoneEntries(NamedTuple):
    """Entries of a till, from the first number to the last, that a restoring left out at a moment.

    Others may stand under these numbers since.
    """

    till: int
    first: int
    last: int
    at: datetime


def read_gone_entries(session: Session) -> list[GoneEntries]:
    """Every entry gone that the journals tell of, by restoring; verifying finds one made unreadable."""
    return [gone for row in session.execute(_RESTORED) for gone in _told_in(row.number, row.at, row.content)]


def _told_in(till: int, at: datetime, content: str) -> Iterator[GoneEntries]:
    with suppress(ValueError, LookupError, TypeError, AttributeError):
        told = json.loads(content)
        ends = {str(till): (told["found"], told["known"])}
        for number, (found, known) in (*ends.items(), *told.get(ENTRIES_GONE, {}).items()):
            if known > found:
                yield GoneEntries(int(number), found + 1, known, at)
