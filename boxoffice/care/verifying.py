"""Verifying a database with all that this computer knows of its journals: its anchors, and its backups."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlmodel import Session

from boxoffice import database as databases
from boxoffice.backup_file import Progress
from boxoffice.config import Settings
from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.models import guards
from boxoffice.revisions import has_lost_revision, newer_than_program, revision_of, without_revision
from boxoffice.sales.books.entries import count_entries
from boxoffice.sales.books.journal import read_heads
from boxoffice.sales.books.reconciliation import Fault
from boxoffice.sales.books.signing import Anchor
from boxoffice.sales.books.verification import Verdict, verify
from boxoffice.sales.books.witnesses import Witness

from .backups import list_backups
from .holding import Held, changed_words, hold_backups, missing_words
from .keys import anchors_here
from .witnessing import hold_papers, seen_by_backups


class Verified(NamedTuple):
    """What a verification found, the guards that the database lacks, and what is said of changed backups."""

    verdict: Verdict
    missing_guards: tuple[str, ...]
    changed_backups: tuple[str, ...]

    @property
    def is_well(self) -> bool:
        return self.verdict.fault is None and not self.missing_guards and not self.changed_backups


def verify_database(
    settings: Settings,
    *,
    url: str | None = None,
    trusted: frozenset[str] = frozenset(),
    seen: Sequence[Witness] = (),
    progress: Progress = lambda _done, _of: None,
) -> Verified:
    """Verify the database of this post, or a copy at `url`, and hold the backups kept here to their hashes.

    A copy is held to the same anchors and backups; one that was made before says how far it goes. Raises
    Refusal for an anchor that cannot be read, and for a database of another version of the program.
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

            held = hold_backups(session, settings, kept)
            papers, said = hold_papers(session, seen, held.kept)
            witnesses = [*papers, *seen_by_backups(session, held.kept)]
            verdict = verify(session, trusted=trusted, anchors=anchors, seen=witnesses, progress=show)
            verdict = replace(verdict, notices=(*verdict.notices, *said))
            missing = guards.missing(session.connection())
            if url is not None:
                ends = _goes_less_far(session, anchors, witnesses)
                return Verified(replace(verdict, notices=(*verdict.notices, *ends)), missing, ())
            return Verified(_with_backups(verdict, held), missing, tuple(changed_words(held)))
    finally:
        database.close()


def _with_backups(verdict: Verdict, held: Held) -> Verdict:
    """The verdict with what is to be said of the backups: one that now is of other books is a fault."""
    gone = missing_words(held)
    notices = (*verdict.notices, gone) if gone else verdict.notices
    fault = verdict.fault
    if fault is None and held.other_books:
        where = _("sauvegarde {file}").format(file=held.other_books[0])
        fault = Fault(where, _("le journal l'a vu faire, et elle se dit d'autres comptes."))
    return replace(verdict, notices=notices, fault=fault)


def _goes_less_far(
    session: Session, anchors: Mapping[int, Anchor], witnesses: Iterable[Witness]
) -> Iterator[str]:
    """Where a copy stops before what this computer knows, which is no fault of one that was made before."""
    known = {till: anchor.sequence for till, anchor in anchors.items()}
    for witness in witnesses:
        known[witness.till] = max(witness.sequence, known.get(witness.till, 0))
    for till, last, _digest in read_heads(session):
        if known.get(till, 0) > last:
            yield _(
                "Caisse {till} : cette copie s'arrête à l'entrée {last}, et ce poste connaît la {known}."
                " Faite avant, elle s'arrête ainsi ; sinon, sa fin a été coupée."
            ).format(till=till, last=last, known=known[till])


def _refuse_another_version(session: Session) -> None:
    """What this version holds a database to is not what another has written: nothing it found would be so."""
    revision = revision_of(session.connection())
    if has_lost_revision(session.connection()):
        raise without_revision()
    if revision is not None and revision > databases.HEAD:
        raise newer_than_program()
    if revision is not None and revision < databases.HEAD:
        raise Refusal(
            _("La base de données est d'une version d'avant."),
            _(
                "Ouvrez le guichet : elle est sauvegardée, puis mise à jour ; "
                "ou vérifiez-la avec cette version."
            ),
        )
