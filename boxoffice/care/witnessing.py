"""Who else on this computer knows where the journals stand: its other tills, which sign it, its backups."""

import json
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.config import Settings
from boxoffice.database import Database
from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _
from boxoffice.models import JournalEntry, Till, table
from boxoffice.sales.books.journal import append
from boxoffice.sales.books.witnesses import Witness
from boxoffice.sales.staff.setup import open_post, read_key

from .backups import KeptBackup
from .keys import keys_here

_entry, _till = table(JournalEntry), table(Till)
_RESTORED = (
    select(_till.c.number, _entry.c.at, _entry.c.content)
    .join(_till, _till.c.id == _entry.c.till_id)
    .where(_entry.c.kind == str(JournalKind.DATABASE_RESTORED), _entry.c.sale_id.is_(None))
)

_log = logging.getLogger(__name__)


class _Restoring(NamedTuple):
    """A restoring as the journal of a till tells it: it went from the entry `known` back to `found`."""

    till: int
    at: datetime
    found: int
    known: int


def witness_heads(database: Database, settings: Settings, *, clock: Clock) -> None:
    """Have the other tills whose keys are here sign where all journals stand: nobody else may see it today.

    Why one of them cannot is in the log.
    """
    for number in sorted(keys_here(settings).keys() - {settings.till}):
        try:
            with database.write() as session:
                post = open_post(session, number, read_key(number, settings.key_path_of(number)))
                append(session, post, JournalKind.HEADS_WITNESSED, {}, at=clock.now())
        except (Refusal, DBAPIError):
            _log.exception("Till %s cannot witness", number)


def seen_by_backups(session: Session, backups: Iterable[KeptBackup]) -> list[Witness]:
    """The entries that backups hold, listed before this session, and that the journals must hold still.

    Not those that a restoring went back behind, which the journals tell.
    """
    restorings = [
        _Restoring(row.number, row.at, told["found"], told["known"])
        for row in session.execute(_RESTORED)
        if (told := json.loads(row.content))
    ]
    return [
        witness
        for backup in backups
        if backup.checked
        for witness in _seen_by(backup)
        if not any(_went_behind(restoring, witness, backup.about.at) for restoring in restorings)
    ]


def _seen_by(backup: KeptBackup) -> Iterator[Witness]:
    by = _("la sauvegarde {file}").format(file=backup.path.name)
    for till, sequence, digest in backup.about.heads:
        yield Witness(till, sequence, digest, by)


def _went_behind(restoring: _Restoring, witness: Witness, seen_at: datetime) -> bool:
    is_of_this_chain = restoring.till == witness.till and restoring.found < witness.sequence
    return restoring.at >= seen_at or (is_of_this_chain and witness.sequence <= restoring.known)
