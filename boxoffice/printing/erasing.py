"""What the erased may still be written on: print-outs, copies of their data, pages no longer used."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from boxoffice.config import Settings
from boxoffice.database import Database
from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.sales.credits.messages import MESSAGES
from boxoffice.sales.exports.customer_list import CUSTOMER_LISTS
from boxoffice.sales.people.customer_copy import copy_paths
from boxoffice.sales.people.personal_data import HELD_NAMES, Traces, traces_of_erased
from boxoffice.sales.screenings.affected_file import LISTS
from boxoffice.sales.statements.door_list import DOOR_LISTS

from .gift_pdf import CARDS

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
            _("C'est effacé, mais la base n'a pas pu être récrite : d'autres s'en servent."),
            _("Les guichets fermés, tapez « boxoffice customers inactive --erase »."),
        ) from error


def files_with_names(settings: Settings) -> Iterator[Path]:
    """Every exported file that may hold the name of a customer: lists, gift cards to send, messages.

    Copies of the data of one customer are told by their id instead.
    """
    for folder, names in (
        (settings.copies_folder, (LISTS, DOOR_LISTS, CUSTOMER_LISTS)),
        (settings.exports_folder, (CARDS, MESSAGES)),
    ):
        for name in names:
            yield from folder.glob(name)


def _remove_until(erased_at: datetime, paths: Iterable[Path]) -> None:
    """Remove the files written before something was erased."""
    for path in paths:
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) <= erased_at:
            path.unlink(missing_ok=True)


def remove_files(database: Database, settings: Settings) -> Traces:
    """Remove the papers of erased customers that virtual printers keep here, and the copies of their data.

    So does every exported file of before that may hold a name, and can be exported anew.
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
            _remove_until(traces.erased_at, files_with_names(settings))
        if traces.forgotten_at is not None:
            _remove_until(traces.forgotten_at, settings.exports_folder.glob(CARDS))
        for folder in folders if traces.jobs else ():
            for path in folder.glob("*-*"):
                number = path.name.lstrip(".").partition("-")[0]
                if number.isdecimal() and int(number) in traces.jobs:
                    path.unlink(missing_ok=True)
    return traces
