"""The sample festival: that of `data/`, moved so that today is one of its nine days."""

import csv
import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from importlib import resources
from pathlib import Path

from .clock import Clock, in_paris
from .config import Settings
from .database import Database
from .kinds import PassKind, Role, VatStatus
from .sales.importing import (
    ImportPasses,
    ImportPlaceCards,
    ImportProgramme,
    Source,
    import_passes,
    import_place_cards,
    import_programme,
    read_folder,
)
from .sales.staff.desk import Post
from .sales.staff.setup import AddTill, FoundFestival, add_till, found_festival
from .sales.staff.staff_changes import AddOperator, add_operator

FIRST_DAY = date(2026, 1, 17)
"""The Saturday on which the files of `data/` begin."""

MANAGER = AddOperator("Lisa B.", Role.MANAGER, "1234", number=1)
STAFF = (
    AddOperator("Karim D.", Role.CASHIER, "2345", number=2),
    AddOperator("Chloé M.", Role.CASHIER, "3456", number=3),
    AddOperator("Jules R.", Role.BADGES, "4567", number=4),
)
TILLS = (
    AddTill(1, "Caisse 1 – Centre de Congrès"),
    AddTill(2, "Caisse 2 – Centre de Congrès"),
    AddTill(3, "Caisse 3 – Les 400 Coups"),
)
FESTIVAL = FoundFestival(
    festival="Festival Premiers Plans",
    operator_name="Association Premiers Plans (exemple)",
    address="9 rue Claveau",
    postcode="49100",
    town="Angers",
    siret="123 456 782 00010",
    vat_status=VatStatus.LIABLE,
    manager_name=MANAGER.name,
    manager_pin=MANAGER.pin,
    specimen="SPÉCIMEN",
    till_number=TILLS[0].number,
    till_name=TILLS[0].name,
)


SOLD_ELSEWHERE = {PassKind.PASS: "pass.csv", PassKind.ACCREDITATION: "accreditations.csv"}
"""The files of passes sold online and of accreditations, in their folder."""

CARDS_ELSEWHERE = "cartes.csv"
"""The file of place cards sold elsewhere, beside them."""

_DATES = {"date", "valable du", "valable jusqu'au", "vendu le"}


def sample_folder() -> Path:
    """Where the files of the sample are: in the package, or beside it in a checkout."""
    packaged = Path(str(resources.files("boxoffice") / "sample"))
    return packaged if packaged.is_dir() else Path(__file__).parents[1] / "data"


def sample_sources(now: datetime) -> tuple[Source, ...]:
    """The files of the sample, moved by whole weeks: a Wednesday's screenings stay a Wednesday's."""
    return tuple(_move(source, _distance(now)) for source in read_folder(sample_folder()))


def sample_passes(now: datetime) -> tuple[ImportPasses, ...]:
    """The passes of the sample that were sold online, and its accreditations, moved alike."""
    folder = sample_folder() / "en-ligne"
    return tuple(
        ImportPasses(kind, tuple(_move(source, _distance(now)) for source in read_folder(folder / name)))
        for kind, name in SOLD_ELSEWHERE.items()
    )


def sample_cards(now: datetime) -> ImportPlaceCards:
    """The place cards of the sample that were sold elsewhere, moved alike."""
    path = sample_folder() / "en-ligne" / CARDS_ELSEWHERE
    return ImportPlaceCards(tuple(_move(source, _distance(now)) for source in read_folder(path)))


def make_sample_festival(
    database: Database,
    settings: Settings,
    *,
    clock: Clock,
    around: datetime | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Post, ...]:
    """Fill an empty, migrated database with the sample: its programme, its staff and its tills, in order.

    The festival is in the week of the moment `around`, which is now unless told otherwise.
    """
    now = around or clock.now()
    with database.write() as session:
        first = found_festival(session, FESTIVAL, key_path=settings.key_path_of(TILLS[0].number), clock=clock)
        others = [
            add_till(session, till, key_path=settings.key_path_of(till.number), clock=clock)
            for till in TILLS[1:]
        ]
        for member in STAFF:
            add_operator(session, first, member, clock=clock)
        import_programme(session, ImportProgramme(sample_sources(now)), first, clock=clock, progress=progress)
        for command in sample_passes(now):
            import_passes(session, command, first, clock=clock)
        import_place_cards(session, sample_cards(now), first, clock=clock)
    return (first, *others)


def _distance(now: datetime) -> timedelta:
    """How far the sample is moved: whole weeks."""
    return timedelta((in_paris(now).date() - FIRST_DAY).days // 7 * 7)


def _move(source: Source, by: timedelta) -> Source:
    """The file with its dates moved; a file without dates as it is."""
    rows = list(csv.reader(io.StringIO(source.content.decode("utf-8-sig")), delimiter=";"))
    columns = [place for place, name in enumerate(rows[0]) if name in _DATES]
    if not columns:
        return source
    for row in rows[1:]:
        for column in filter(row.__getitem__, columns):
            day = datetime.strptime(row[column], "%d/%m/%Y").date() + by  # noqa: DTZ007 — a day has no zone
            row[column] = f"{day:%d/%m/%Y}"
    moved = io.StringIO()
    csv.writer(moved, delimiter=";", lineterminator="\n").writerows(rows)
    return Source(source.name, moved.getvalue().encode())
