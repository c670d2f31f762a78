"""What the entry of a restoring tells, read in one place and by type: whoever altered one changes no type."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, StrictInt, ValidationError
from sqlalchemy import select
from sqlmodel import Session

from boxoffice.kinds import JournalKind
from boxoffice.models import JournalEntry, Till, table

from .reconciliation import Place

BEFORE = "before_backup"
"""Under this an entry tells the backup made of what was there before."""
ENTRIES_GONE = "entries"
"""Under this an entry tells, of each till, the last entry that was left as it was, and the last known."""

_entry, _till = table(JournalEntry), table(Till)
_RESTORED = (
    select(_till.c.number, _entry.c.sequence, _entry.c.digest, _entry.c.content)
    .join(_till, _till.c.id == _entry.c.till_id)
    .where(_entry.c.kind == str(JournalKind.DATABASE_RESTORED), _entry.c.sale_id.is_(None))
    .order_by(_entry.c.at)
)


class ToldFile(BaseModel, frozen=True):
    """A backup as a journal tells it."""

    backup: str = ""
    sha256: str = ""


class _Content(BaseModel):
    at: datetime
    found: StrictInt
    known: StrictInt
    backup: str | None = None
    heads: tuple[tuple[StrictInt, StrictInt, str], ...] = ()
    before_backup: ToldFile = ToldFile()
    entries: Mapping[int, tuple[StrictInt, StrictInt]] = {}


@dataclass(frozen=True, slots=True)
class ToldRestoring:
    """A restoring as the entry at `place` tells it: `at` a moment its till went from `known` to `found`.

    `heads` are the last entries of the other tills in what was put back, by till; `gone` the last entry of
    each other till that was left as it was, and the last known. It `puts_back` a whole backup, or one
    journal was resumed. `replaced` is the backup made of what was there before.
    """

    place: Place
    digest: str
    at: datetime
    found: int
    known: int
    heads: Mapping[int, int]
    gone: Mapping[int, tuple[int, int]]
    puts_back: bool
    replaced: ToldFile

    @property
    def ends(self) -> dict[int, tuple[int, int]]:
        """The last entry that was left as it was, and the last known, of each till whose entries went."""
        return {self.place.till: (self.found, self.known), **self.gone}

    def found_of(self, till: int) -> int | None:
        """The last entry of a till that was in what was put back; None if it was not put back."""
        if till == self.place.till:
            return self.found
        return self.heads.get(till, 0) if self.puts_back else None


def read_told_restorings(session: Session) -> list[ToldRestoring]:
    """Every restoring that the journals tell, by the clock; verifying finds one made unreadable."""
    told = (
        told_restoring(Place(row.number, row.sequence), row.digest, row.content)
        for row in session.execute(_RESTORED)
    )
    return [restoring for restoring in told if restoring is not None]


def told_restoring(place: Place, digest: str, content: str) -> ToldRestoring | None:
    """The restoring that an entry tells; None if it does not as this program writes it."""
    try:
        told = _Content.model_validate_json(content)
    except ValidationError:
        return None
    heads = {till: last for till, last, _digest in told.heads}
    return ToldRestoring(
        place,
        digest,
        told.at,
        told.found,
        told.known,
        heads,
        told.entries,
        told.backup is not None,
        told.before_backup,
    )
