"""Whether a backup is worth anything: it is restored into a scratch database, and looked through there."""

import tempfile
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from boxoffice import database as databases
from boxoffice.backup_file import Backup, NotABackup, Progress, load_rows, read_header
from boxoffice.database import Database
from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.models import JournalEntry, Numbering, Payment, Sale, SaleLine, SigningKey, Till, table
from boxoffice.sales.books.journal import link
from boxoffice.sales.books.signing import Verifier, read_public_key

SCRATCH = ".check-"
LOOKED_THROUGH = 500
"""The last entries of each journal that a light look follows and whose signatures it checks."""

_entry, _numbering, _till, _key = table(JournalEntry), table(Numbering), table(Till), table(SigningKey)
_sale, _line, _payment = table(Sale), table(SaleLine), table(Payment)


def check_backup(
    path: Path,
    *,
    folder: Path,
    progress: Progress = lambda _done, _of: None,
    look: Callable[[Session], None] | None = None,
) -> Backup:
    """Restore a backup into a scratch file in `folder`, bring it up to date, and look lightly through it.

    The backup itself may be where nothing can be written. `look` sees the restored database instead. Raises
    NotABackup for what cannot be read, Refusal for what is read and wrong.
    """
    about = read_header(path)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=folder) as apart:
        scratch = databases.connect(f"sqlite:///{Path(apart) / 'scratch.sqlite'}")
        try:
            read = restore_apart(scratch, about, path, progress)
            with scratch.read_all() as session:
                if look is None:
                    look_through(session, path.name)
                else:
                    look(session)
        finally:
            scratch.close()
    return read


def look_through(session: Session, name: str) -> None:
    """Raise Refusal if the sums do not agree, or the ends of the journals are not what was signed.

    A light look of a second or so; `journal verify` is the thorough one.
    """
    sold = _sum(session, _sale.c.total_cents)
    if _sum(session, _line.c.quantity * _line.c.unit_price_cents) != sold:
        raise _wrong(name, _("les lignes ne font pas le total des ventes"))
    if _sum(session, _payment.c.amount_cents) != sold:
        raise _wrong(name, _("les règlements ne font pas le total des ventes"))
    keys = {
        row.fingerprint: read_public_key(row.public_key)
        for row in session.execute(select(_key.c.fingerprint, _key.c.public_key))
    }
    for till in session.execute(select(_till.c.id, _till.c.number)).all():
        if not _ends_well(session, till.id, keys):
            raise _wrong(name, _("le journal de la caisse {till} n'est pas entier").format(till=till.number))


def _ends_well(session: Session, till_id: int, keys: Mapping[str, Verifier]) -> bool:
    """Whether the last entries of a till follow from one another, up to the last number, which is signed."""
    numbered = session.execute(
        select(_numbering.c.journal).where(_numbering.c.till_id == till_id)
    ).scalar_one()
    last = select(_entry).where(_entry.c.till_id == till_id).order_by(_entry.c.sequence.desc())
    entries = session.execute(last.limit(LOOKED_THROUGH)).all()[::-1]
    if [entry.sequence for entry in entries] != list(range(numbered - len(entries) + 1, numbered + 1)):
        return False
    if not entries:
        return not numbered
    for before, entry in pairwise(entries):
        if entry.digest != link(before.digest, before.signature, entry.content).hex():
            return False
    end = entries[-1]
    key = keys.get(end.key_fingerprint)
    return key is not None and bool(key.accepts(bytes.fromhex(end.digest), end.signature))


def restore_apart(
    scratch: Database, about: Backup, path: Path, progress: Progress = lambda _done, _of: None
) -> Backup:
    """Fill a scratch database with a backup, up to date. Raises NotABackup where its rows do not fit."""
    try:
        return databases.rebuild(
            scratch, about.revision, lambda connection: load_rows(connection, path, progress=progress)
        )
    except (DBAPIError, RuntimeError) as error:
        raise NotABackup(
            _("La sauvegarde {file} ne se remet pas : ses lignes ne vont pas ensemble.").format(
                file=path.name
            ),
            _("Prenez-en une autre : « boxoffice backup list » les nomme."),
        ) from error


def _sum(session: Session, amount: ColumnElement[int]) -> int:
    total: int = session.execute(select(func.coalesce(func.sum(amount), 0))).scalar_one()
    return total


def _wrong(name: str, what: str) -> Refusal:
    return Refusal(
        _("La sauvegarde {file} est relue et fausse : {what}.").format(file=name, what=what),
        _("Vérifiez la base elle-même : « boxoffice journal verify »."),
    )
