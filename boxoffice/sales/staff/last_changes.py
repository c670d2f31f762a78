"""Who last changed a setting or a row of the programme, and when: what the journal tells of it."""

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session

from boxoffice.kinds import JournalKind
from boxoffice.models import JournalEntry, Operator, Till, table

_entry, _till, _operator = table(JournalEntry), table(Till), table(Operator)
_TOLD = (
    select(_entry.c.kind, _entry.c.at, _entry.c.content)
    .where(
        _entry.c.till_id.in_(select(_till.c.id)),
        _entry.c.kind.in_(bindparam("kinds", expanding=True)),
        _entry.c.sale_id.is_(None),
    )
    .order_by(_entry.c.at, _entry.c.till_id, _entry.c.sequence)
)
"""No sale is looked at, by either index of the journal."""

FESTIVAL = "festival"
"""What the identity of who sells is known by."""


@dataclass(frozen=True, slots=True)
class LastChange:
    """The last change of something: when, and who answered for it; nobody before the first shift."""

    at: datetime
    name: str


def last_changes(session: Session, kinds: Sequence[JournalKind]) -> dict[Hashable, LastChange]:
    """The last change of each thing that entries of these kinds tell of, by what it is known by there."""
    names = {row.number: row.name for row in session.execute(select(_operator.c.number, _operator.c.name))}
    found: dict[Hashable, LastChange] = {}
    for kind, at, content in session.execute(_TOLD, {"kinds": [str(kind) for kind in kinds]}):
        told = json.loads(content)
        known_by = _known_by(JournalKind(kind), told)
        if known_by is not None:
            found[known_by] = LastChange(at, names.get(told.get("authorized_by") or told["operator"], ""))
    return found


def _known_by(kind: JournalKind, told: Mapping[str, Any]) -> Hashable:
    """What an entry tells a change of; None where it tells of none."""
    match kind:
        case JournalKind.SETTINGS_CHANGED:
            return str(told["name"])
        case JournalKind.PROGRAMME_CHANGED:
            return (told["kind"], *told["codes"])
        case JournalKind.SCREENING_MOVED | JournalKind.SCREENING_CANCELLED:
            return ("screening", told["screening"])
        case JournalKind.ESTABLISHMENT_TOLD:
            return FESTIVAL if "before" in told else None
        case JournalKind.PRINTER_CHANGED:
            return str(told["changed"].get("name", told["name"]))
        case JournalKind.PRINTER_ADDED | JournalKind.PRINTER_ASSIGNED:
            return str(told["name"])
        case _:
            return next((int(told[word]) for word in _NUMBERED if word in told), None)


_NUMBERED = ("added", "changed", "deactivated", "reactivated", "renamed", "retired", "brought_back")
"""The words under which an entry tells the number of an operator or of a till that was changed."""
