"""Archiving a period: the file is whole on the disk, holds against itself, is told, then has its name."""

from boxoffice.clock import Clock
from boxoffice.database import Database
from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.sales.archives.making import (
    Archive,
    CreateArchive,
    create_archive,
    publish_archive,
    tell_archive,
)
from boxoffice.sales.archives.opened import AlteredArchive
from boxoffice.sales.archives.packing import Progress
from boxoffice.sales.archives.verifying import verify_archive
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.operators import StaffMember


def archive_period(
    database: Database,
    command: CreateArchive,
    post: Post,
    *,
    clock: Clock,
    manager: StaffMember,
    progress: Progress = lambda _done, _of: None,
    verifying: Progress = lambda _done, _of: None,
) -> Archive:
    """Write the archive of a period, verify it, have the journal tell of it, and publish it; or leave none.

    `progress` is told the rows written, `verifying` the bytes read again. Raises what `create_archive` does,
    and Refusal for an archive that its own verification would refuse.
    """
    with database.read() as session:
        made = create_archive(session, command, post, clock=clock, manager=manager, progress=progress)
    try:
        _verify(made, post, verifying)
        with database.write() as session:
            tell_archive(session, made, command, post, clock=clock, manager=manager)
        publish_archive(made)
    finally:
        made.unfinished.unlink(missing_ok=True)
    return made


def _verify(made: Archive, post: Post, progress: Progress) -> None:
    """What is not so today is not so in six years either, when nobody can find out why any more."""
    try:
        verify_archive(made.unfinished, trusted=frozenset({post.signer.fingerprint}), progress=progress)
    except AlteredArchive as error:
        raise Refusal(
            _("Aucune archive n'est faite, car elle se contredirait ({fault}).").format(fault=error.fault),
            _("Cherchez ce qui a changé dans la base : « boxoffice journal verify »."),
        ) from error
