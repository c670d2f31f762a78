"""What erased customers may still be written on: print-outs, copies of their data, pages no longer used."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from boxoffice.config import Settings
from boxoffice.database import Database
from boxoffice.sales.customer_copy import copy_paths
from boxoffice.sales.personal_data import HELD_NAMES, papers_of_erased


def leave_no_trace(database: Database, settings: Settings, erased: Iterable[UUID]) -> None:
    """Once customers are erased: remove what was printed or copied of them here, and the bytes of their rows.

    Other computers remove their own print-outs when they are next opened.
    """
    for customer_id in erased:
        for path in copy_paths(settings.copies_folder, customer_id):
            path.unlink(missing_ok=True)
    for file in remove_papers(database, settings.spool_folder):
        with suppress(OSError):
            if Path(file).expanduser().is_file():
                Path(file).expanduser().write_bytes(b"")
    database.scour(*HELD_NAMES)


def remove_papers(database: Database, printouts: Path) -> tuple[str, ...]:
    """Remove the papers of erased customers that virtual printers keep on this computer.

    Returns the files of other printers that hold such papers among others.
    """
    with database.read() as session:
        papers = papers_of_erased(session)
    for folder in (printouts, *(Path(address).expanduser() for address in papers.folders)):
        for path in folder.glob("*-*") if papers.jobs and folder.is_dir() else ():
            number = path.name.lstrip(".").partition("-")[0]
            if number.isdecimal() and int(number) in papers.jobs:
                path.unlink(missing_ok=True)
    return papers.files
