"""Counts made blind and refused: the journal is told of each, and after two a manager counts along."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import KeptRefusal, ManagerNeeded
from boxoffice.kinds import JournalKind
from boxoffice.language import _
from boxoffice.models import JournalEntry, table

from ..books import journal
from .desk import Post
from .operators import StaffMember

MOST_REFUSED = 2
"""So many counts are refused to whoever counts blind; what followed would be guessing."""

_entry = table(JournalEntry)


class CountRefused(ManagerNeeded, KeptRefusal):
    """A count made blind that is not what the books expect: it is told, and nothing else is written."""


def refuse_count(
    session: Session,
    post: Post,
    member: StaffMember,
    till: int,
    opened_at: datetime,
    counted: Mapping[str, int | None],
    *,
    clock: Clock,
) -> CountRefused:
    """The refusal of a count of the shift opened at a moment at a till, which the journal is told of."""
    journal.append(
        session,
        post,
        JournalKind.COUNT_REFUSED,
        {"counted": dict(counted), "of_till": till, "opened_at": opened_at.isoformat()},
        at=clock.now(),
        operator_number=member.number,
    )
    return CountRefused(
        _("Le comptage ne correspond pas aux ventes."),
        _("Recomptez, ou un responsable en répond avec un motif. Le refus est inscrit au journal."),
    )


def check_guesses(session: Session, till: int, opened_at: datetime) -> None:
    """Raise ManagerNeeded once enough counts of a shift were refused, whatever the next one is."""
    contents = session.execute(
        select(_entry.c.content).where(
            _entry.c.kind == JournalKind.COUNT_REFUSED, _entry.c.sale_id.is_(None), _entry.c.at >= opened_at
        )
    ).scalars()
    of_it = (till, opened_at.isoformat())
    refused = sum((told["of_till"], told["opened_at"]) == of_it for told in map(json.loads, contents))
    if refused >= MOST_REFUSED:
        raise ManagerNeeded(
            _("Deux comptages de ce tiroir ont déjà été refusés."),
            _("Un responsable recompte avec vous et en répond."),
        )
