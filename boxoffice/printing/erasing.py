"""What erased customers may still be written on: print-outs, copies of their data, pages no longer used."""

import logging
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from boxoffice.config import Settings
from boxoffice.database import Database
from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.sales.people.customer_copy import copy_paths
from boxoffice.sales.people.personal_data import HELD_NAMES, Traces, traces_of_erased
from boxoffice.sales.screenings.affected_file import LISTS

_log = logging.getLogger(__name__)


def leave_no_trace(database: Database, settings: Settings) -> None:
    """Remove what is left on this computer of customers just erased, and the bytes of their rows."""
    for file in remove_files(database, settings).files:
        path = Path(file).expanduser()
        if path.is_file():
            path.write_bytes(b"")
    try:
        database.scour(*HELD_NAMES)
    except Exception as error:
        _log.exception("The database could not be written anew")
        raise Refusal(
            _("La fiche est effacée, mais la base n'a pas pu être récrite : d'autres s'en servent."),
            _("Les guichets fermés, tapez « boxoffice customers inactive --erase »."),
        ) from error


def remove_files(database: Database, settings: Settings) -> Traces:
    """Remove the papers of erased customers that virtual printers keep here, and the copies of their data.

    So go the lists of changed screenings exported before: any may name them, and can be exported anew.
    Other computers do so when they are next opened. What cannot be removed is tried again then.
    """
    with database.read() as session:
        traces = traces_of_erased(session)
    folders = (settings.spool_folder, *(Path(address).expanduser() for address in traces.folders))
    with suppress(OSError):
        for customer_id in traces.customers if settings.copies_folder.is_dir() else ():
            for path in copy_paths(settings.copies_folder, customer_id):
                path.unlink(missing_ok=True)
        if traces.erased_at is not None:
            for path in settings.copies_folder.glob(LISTS):
                if datetime.fromtimestamp(path.stat().st_mtime, UTC) <= traces.erased_at:
                    path.unlink(missing_ok=True)
        for folder in folders if traces.jobs else ():
            for path in folder.glob("*-*"):
                number = path.name.lstrip(".").partition("-")[0]
                if number.isdecimal() and int(number) in traces.jobs:
                    path.unlink(missing_ok=True)
    return traces
