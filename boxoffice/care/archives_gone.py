"""Archives that the journal told before a restoring: the backup of what was replaced tells them still."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from boxoffice.backup_file import NotABackup, read_rows
from boxoffice.config import Settings
from boxoffice.kinds import JournalKind
from boxoffice.models import JournalEntry, Till, table
from boxoffice.sales.archives.making import manifest_told
from boxoffice.sales.books.told_restorings import ToldRestoring, read_told_restorings
from boxoffice.sales.books.witnesses import witnessed_as

from .backups import KeptBackup, list_backups, sha256_of

_entry, _till = table(JournalEntry), table(Till)


@dataclass(frozen=True, slots=True)
class ToldBefore:
    """Where an archive was told in what a restoring replaced: the entry, the backup of it, the moment."""

    entry: str
    backup: str
    restored_at: datetime


def told_before_restoring(session: Session, settings: Settings, manifest: str) -> ToldBefore | None:
    """Where the backups made before restorings tell of an archive, each still the file that was told."""
    kept = {backup.path.name: backup for backup in list_backups(settings.backups_folder)}
    for restoring in read_told_restorings(session):
        backup = kept.get(restoring.replaced.backup)
        if backup is None or sha256_of(backup.path) != restoring.replaced.sha256:
            continue
        entry = _entry_in(backup, manifest)
        if entry is not None:
            return ToldBefore(entry, backup.path.name, restoring.at)
    return None


def restored_since(session: Session, made_at: datetime) -> datetime | None:
    """When a restoring last took entries out of the journals, if that was after a moment."""
    took = [each.at for each in read_told_restorings(session) if _takes_out(each) and each.at >= made_at]
    return max(took, default=None)


def _takes_out(restoring: ToldRestoring) -> bool:
    ends = (restoring.found, restoring.known), *restoring.gone.values()
    return any(known > found for found, known in ends)


def _entry_in(backup: KeptBackup, manifest: str) -> str | None:
    """Where a backup tells of the archive of this list, as papers print an entry."""
    numbers: dict[int, int] = {}
    told = manifest_told(manifest)
    with suppress(NotABackup):
        for name, row in read_rows(backup.path, (_till.name, _entry.name)):
            if name == _till.name:
                numbers[row["id"]] = row["number"]
            elif row["kind"] == JournalKind.ARCHIVE_MADE and told in row["content"]:
                return witnessed_as(numbers[row["till_id"]], row["sequence"], row["digest"])
    return None
