"""What the journal tells of a period that an owner wants to know: copies, overrides, drawers, removals."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from boxoffice.kinds import JournalKind
from boxoffice.models import JournalEntry, table

from .figures import Acts

_entry = table(JournalEntry)

_EVENTS = (
    _entry.c.till_id == bindparam("till_id"),
    _entry.c.sequence.between(bindparam("first_entry"), bindparam("last_entry")),
    _entry.c.sale_id.is_(None),
)
_NAMED = {JournalKind.DOCUMENT_REPRINTED: "document", JournalKind.MANAGER_AUTHORIZED: "act"}
"""Entries that are counted by what they name."""
_COUNTED = (
    JournalKind.BASKET_CHARGED,
    JournalKind.BASKET_DISCARDED,
    JournalKind.BASKET_LINE_REMOVED,
    JournalKind.CASH_MOVED,
    JournalKind.COUNT_REFUSED,
    JournalKind.DRAWER_OPENED,
    JournalKind.OPERATOR_REFUSED,
)
_CONTENTS = select(_entry.c.kind, _entry.c.content).where(*_EVENTS, _entry.c.kind.in_(tuple(_NAMED)))
_TIMES = (
    select(_entry.c.kind, func.count()).where(*_EVENTS, _entry.c.kind.in_(_COUNTED)).group_by(_entry.c.kind)
)


def read_acts(
    session: Session, spans: Iterable[Mapping[str, int]]
) -> tuple[tuple[Acts, ...], tuple[Acts, ...], tuple[Acts, ...]]:
    """Copies by document, what managers allowed by act, and everything else by the kind of its entry."""
    named: dict[str, Counter[str]] = {kind: Counter() for kind in _NAMED}
    times: Counter[str] = Counter()
    for span in spans:
        for kind, content in session.execute(_CONTENTS, span):
            named[kind][json.loads(content)[_NAMED[JournalKind(kind)]]] += 1
        for kind, count in session.execute(_TIMES, span):
            times[kind] += count
    copies, overrides = (_acts(named[kind]) for kind in _NAMED)
    return copies, overrides, _acts(times)


def _acts(counted: Counter[str]) -> tuple[Acts, ...]:
    return tuple(Acts(what, times) for what, times in sorted(counted.items()))
