"""Who else on this computer knows where the journals stand: its other tills, which sign it, its backups."""

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
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
from boxoffice.sales.books.entries import read_begun
from boxoffice.sales.books.journal import append
from boxoffice.sales.books.witnesses import Witness
from boxoffice.sales.staff.setup import open_post, read_key

from .backups import KeptBackup
from .keys import keys_here

_entry, _till = table(JournalEntry), table(Till)
_RESTORED = (
    select(_till.c.number, _entry.c.sequence, _entry.c.content)
    .join(_till, _till.c.id == _entry.c.till_id)
    .where(_entry.c.kind == str(JournalKind.DATABASE_RESTORED), _entry.c.sale_id.is_(None))
)

_log = logging.getLogger(__name__)


class _Restoring(NamedTuple):
    """A restoring as entry `sequence` of a till tells it: that till went from `known` back to `found`.

    `heads` are where the journals of the other tills stood in what was put back.
    """

    till: int
    sequence: int
    found: int
    known: int
    heads: dict[int, int]

    def went_behind(self, witness: Witness, heads: dict[int, int]) -> bool:
        """Whether a backup of before, which had seen these `heads`, saw what this left out: by numbers."""
        if witness.till == self.till:
            return self.found < witness.sequence <= self.known
        seen = heads.get(self.till, 0)
        was_before = seen < self.sequence or self.found < seen <= self.known
        return was_before and witness.sequence > self.heads.get(witness.till, 0)


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
    restorings, begun = list(_restorings(session)), read_begun(session)
    return [
        witness
        for backup in backups
        if backup.checked and backup.about.may_be_of(begun)
        for witness in _still_held(backup, restorings)
    ]


def _restorings(session: Session) -> Iterator[_Restoring]:
    """As the journals tell them; one that was made unreadable is found by verifying."""
    for row in session.execute(_RESTORED):
        with suppress(ValueError, LookupError, TypeError, AttributeError):
            told = json.loads(row.content)
            heads = {till: sequence for till, sequence, _digest in told.get("heads", ())}
            yield _Restoring(row.number, row.sequence, told["found"], told["known"], heads)


def _still_held(backup: KeptBackup, restorings: Sequence[_Restoring]) -> Iterator[Witness]:
    heads = {till: sequence for till, sequence, _digest in backup.about.heads}
    for witness in _seen_by(backup):
        if not any(restoring.went_behind(witness, heads) for restoring in restorings):
            yield witness


def _seen_by(backup: KeptBackup) -> Iterator[Witness]:
    by = _("la sauvegarde {file}").format(file=backup.path.name)
    for till, sequence, digest in backup.about.heads:
        yield Witness(till, sequence, digest, by)
