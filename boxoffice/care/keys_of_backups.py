"""The key that a backup needs to be put back: which are those of a till in it, and where the one may be."""

from pathlib import Path

from boxoffice.backup_file import read_rows
from boxoffice.clock import Clock
from boxoffice.config import Settings
from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.models import SigningKey, Till, table
from boxoffice.sales.books.replaced_keys import kept_aside

from .sqlite_copies import as_backup

_key, _till = table(SigningKey), table(Till)


def keys_of_backup(path: Path, till: int, clock: Clock) -> frozenset[str]:
    """The fingerprints of the keys that a till has in a backup, or in a copy of a SQLite file.

    Raises Refusal for a file that is not there, and NotABackup.
    """
    numbers: dict[int, int] = {}
    keys: list[tuple[int, str]] = []
    with as_backup(path, clock) as source:
        for name, row in read_rows(source, (_till.name, _key.name)):
            if name == _till.name:
                numbers[row["id"]] = row["number"]
            else:
                keys.append((row["till_id"], row["fingerprint"]))
    return frozenset(fingerprint for till_id, fingerprint in keys if numbers.get(till_id) == till)


def lacking_key(settings: Settings, fingerprint: str, backup: Path) -> Refusal:
    """The refusal of a backup in which another key signs for this till than the one that is in place."""
    kept = kept_aside(settings.key_path, fingerprint)
    if kept.exists():
        remedy = _(
            "Elle est gardée ici ; remettez-la d'abord : « boxoffice key restore {file} --for {backup} »."
        )
    else:
        remedy = _("Remettez-la d'abord, de sa copie : « boxoffice key restore FICHIER --for {backup} ».")
    return Refusal(
        _("La clé de la caisse {number} qui va avec cette sauvegarde n'est pas sur ce poste.").format(
            number=settings.till
        ),
        remedy.format(file=kept, backup=backup),
    )
