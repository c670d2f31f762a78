"""Which years were closed and never archived: the law wants an archive at least once a year."""

import json
from datetime import date

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.kinds import ClosingPeriod, JournalKind
from boxoffice.models import Closing, JournalEntry, table

_closing, _entry = table(Closing), table(JournalEntry)
_DAYS = select(_closing.c.last_day).where(_closing.c.period == ClosingPeriod.DAY).distinct()
_TOLD = select(_entry.c.content).where(
    _entry.c.kind == str(JournalKind.ARCHIVE_MADE), _entry.c.sale_id.is_(None)
)


def years_to_archive(session: Session, today: date) -> tuple[int, ...]:
    """The years over of which a day that was closed is in no archive that a journal tells."""
    told = [json.loads(content) for content in session.execute(_TOLD).scalars()]
    archived = [(date.fromisoformat(each["first"]), date.fromisoformat(each["last"])) for each in told]
    days = session.execute(_DAYS.where(_closing.c.last_day < date(today.year, 1, 1))).scalars()
    left = {day.year for day in days if not any(first <= day <= last for first, last in archived)}
    return tuple(sorted(left))
