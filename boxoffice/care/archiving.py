"""Archiving a period: the file is whole on the disk, then the journal tells of it, then it has its name."""

from boxoffice.clock import Clock
from boxoffice.database import Database
from boxoffice.sales.archives.making import (
    Archive,
    CreateArchive,
    create_archive,
    publish_archive,
    tell_archive,
)
from boxoffice.sales.archives.packing import Progress
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
) -> Archive:
    """Write the archive of a period, have the journal tell of it, and publish it; or leave nothing of it.

    Raises what `create_archive` does.
    """
    with database.read() as session:
        made = create_archive(session, command, post, clock=clock, manager=manager, progress=progress)
    try:
        with database.write() as session:
            tell_archive(session, made, command, post, clock=clock, manager=manager)
        publish_archive(made)
    finally:
        made.unfinished.unlink(missing_ok=True)
    return made
