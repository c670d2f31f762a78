"""Verifying a database with all that this computer knows of its journals: its anchors, and its backups."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlmodel import Session

from boxoffice import database as databases
from boxoffice.backup_file import Progress
from boxoffice.config import Settings
from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.models import guards
from boxoffice.sales.books.entries import count_entries
from boxoffice.sales.books.verification import Verdict, verify
from boxoffice.sales.books.witnesses import Witness

from .backups import list_backups
from .keys import anchors_here
from .witnessing import seen_by_backups


class Verified(NamedTuple):
    """What a verification found, and the guards that the database lacks."""

    verdict: Verdict
    missing_guards: tuple[str, ...]


def verify_database(
    settings: Settings,
    *,
    url: str | None = None,
    trusted: frozenset[str] = frozenset(),
    seen: Sequence[Witness] = (),
    progress: Progress = lambda _done, _of: None,
) -> Verified:
    """Verify the database of this post, or the one at `url`, which no backup kept here may be of.

    Raises Refusal for an anchor that cannot be read, and for a database of another version of the program.
    """
    # Before the view that is verified: what a till signs from now on may be missing from that.
    anchors, kept = anchors_here(settings.keys_folder), list_backups(settings.backups_folder)
    database = databases.connect(url or settings.database_url)
    try:
        with database.read_all() as session:
            _refuse_another_version(session)
            total, done = count_entries(session), 0

            def show(entries: int) -> None:
                nonlocal done
                done += entries
                progress(done, total)

            witnesses = [*seen, *(seen_by_backups(session, kept) if url is None else ())]
            verdict = verify(session, trusted=trusted, anchors=anchors, seen=witnesses, progress=show)
            return Verified(verdict, guards.missing(session.connection()))
    finally:
        database.close()


def _refuse_another_version(session: Session) -> None:
    """What this version holds a database to is not what another has written: nothing it found would be so."""
    revision = databases.revision_of(session.connection())
    if revision is not None and revision > databases.HEAD:
        raise databases.newer_than_program()
    if revision is not None and revision < databases.HEAD:
        raise Refusal(
            _("La base de données est d'une version d'avant."),
            _(
                "Ouvrez le guichet : elle est sauvegardée, puis mise à jour ; "
                "ou vérifiez-la avec cette version."
            ),
        )
