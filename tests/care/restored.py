"""The small festival whose base is replaced by a backup, and what it says of itself afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection

from boxoffice.care.backups import BackupReason, KeptBackup, back_up
from boxoffice.care.restoring import Restored, restore
from boxoffice.config import Settings
from boxoffice.kinds import ClosingPeriod
from boxoffice.models import Sale, guards, table
from boxoffice.printing.rendering import to_plain
from boxoffice.printing.samples import sample
from boxoffice.sales.books.signing import read_anchor
from boxoffice.sales.books.verification import Verdict, verify
from boxoffice.sales.closings.outcomes import Made, Reading
from boxoffice.sales.closings.readings import read_box_office
from boxoffice.sales.prints.closing_papers import ClosingPaper, ReadingPaper
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.sales.staff.rules import read_rules
from boxoffice.sales.staff.shift_closing import ShiftEnd
from tests.sales.closed_books import close_the, close_the_till
from tests.sales.conftest import Festival

_sale = table(Sale)

SEAT, PRODUCT = 850, 300


def backed_up(festival: Festival, settings: Settings) -> KeptBackup:
    return back_up(
        festival.database,
        settings.backups_folder,
        BackupReason.ASKED,
        festival.posts[0],
        clock=festival.clock,
    )


def backed_up_between_sales(festival: Festival, settings: Settings) -> KeptBackup:
    """Sell a seat that the backup holds, and one that it does not."""
    festival.sell()
    kept = backed_up(festival, settings)
    festival.sell()
    return kept


def put_back(festival: Festival, settings: Settings, path: Path, **answered_for: bool) -> Restored:
    festival.database.close()
    return restore(settings, path, festival.manager.number, clock=festival.clock, **answered_for)


def verdict(festival: Festival, settings: Settings) -> Verdict:
    anchors = {n: anchor for n in (1, 2) if (anchor := read_anchor(settings.key_path_of(n)))}
    return festival.read(lambda session: verify(session, anchors=anchors))


def uncounted(festival: Festival, till: int) -> Made:
    """Close a till by its place, whose drawer nobody counts."""
    return close_the_till(festival, till, None, ShiftEnd(reason="Pas compté"))


def close_both(festival: Festival) -> Made:
    """Close both tills and the day."""
    for till in (0, 1):
        uncounted(festival, till)
    return close_the(festival, ClosingPeriod.DAY)


def box_office(festival: Festival) -> Reading:
    return festival.read(lambda session: read_box_office(session, read_rules(session), clock=festival.clock))


def on_paper(of: Made | Reading) -> str:
    """The words of a Z or an X, on one line."""
    paper = sample(DocumentKind.CLOSING if isinstance(of, Made) else DocumentKind.READING)
    if isinstance(paper, ClosingPaper) and isinstance(of, Made):
        paper = replace(paper, closing=of)
    elif isinstance(paper, ReadingPaper) and isinstance(of, Reading):
        paper = replace(paper, reading=of)
    return " ".join(to_plain(paper, 48).replace("\u00a0", " ").replace("\u202f", " ").split())


@contextmanager
def insider(festival: Festival) -> Iterator[Connection]:
    """What somebody does who may do anything to the database, and has no key."""
    with festival.database.write_engine.begin() as connection:
        guards.remove(connection)
        yield connection
        guards.install(connection)


def falsify(festival: Festival, number: int) -> None:
    """Have the sale of this number say that it came to a centime."""
    with insider(festival) as connection:
        connection.execute(_sale.update().where(_sale.c.number == number).values(total_cents=1))


def make_unreadable(festival: Festival) -> None:
    """Overwrite the file of a SQLite database."""
    festival.database.close()
    Path(str(festival.database.engine.url.database)).write_bytes(b"x" * 10_000)
