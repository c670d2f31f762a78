"""Counts made blind and refused: the journal is told of each, and after two a manager counts along."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

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
    count_of: Mapping[str, Any],
    counted: Mapping[str, int | None],
    needed: ManagerNeeded,
    *,
    at: datetime,
) -> CountRefused:
    """The refusal of a count in the words of `needed`, which the journal is told of.

    `count_of` names the drawer that was counted, and when: the shift that ends there, or that has ended.
    """
    told = {"counted": dict(counted), **count_of}
    journal.append(session, post, JournalKind.COUNT_REFUSED, told, at=at, operator_number=member.number)
    return CountRefused(needed.message, needed.remedy)


def is_guessed(session: Session, count_of: Mapping[str, Any]) -> bool:
    """Whether so many counts of a drawer were refused, by whatever clock, that the next one is a guess."""
    contents = session.execute(
        select(_entry.c.content).where(_entry.c.kind == JournalKind.COUNT_REFUSED, _entry.c.sale_id.is_(None))
    ).scalars()
    refused = [told for told in map(json.loads, contents) if {**told, **count_of} == told]
    return len(refused) >= MOST_REFUSED


def no_more_guesses() -> ManagerNeeded:
    """What is said to whoever counts once more, whatever they count."""
    return ManagerNeeded(
        _("Deux comptages de ce tiroir ont déjà été refusés."),
        _("Un responsable recompte avec vous et en répond."),
    )
