"""The journal tells of no file that is not there: what cannot be written is neither told nor numbered."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.exporting.papers import export_closing, export_doors, export_statement, export_week
from boxoffice.exporting.tables import FileKind, export_customers, export_operations
from boxoffice.kinds import ClosingPeriod
from boxoffice.models import Closing, JournalEntry, Venue
from tests.sales.conftest import Festival
from tests.sales.exported import THE_YEAR, written_entries, written_operations, written_totals

OCTETS = 40
"""Less than any of these files has."""


@contextmanager
def full_disk() -> Iterator[None]:
    """What a disk with no room left does: only the start of a file is taken, then the system refuses."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (OCTETS, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def statement(festival: Festival, folder: Path) -> Path:
    _paper, path = export_statement(
        festival.database,
        festival.posts[0],
        festival.screening_id("KNEECAP"),
        folder,
        operator_number=1,
        clock=festival.clock,
    )
    return path


def week(festival: Festival, folder: Path) -> Path:
    (venue,) = (each.id for each in festival.rows(Venue) if each.code == "CC")
    _paper, (path, _table) = export_week(
        festival.database,
        festival.posts[0],
        venue,
        date(2026, 1, 21),
        folder,
        operator_number=1,
        clock=festival.clock,
    )
    return path


def doors(festival: Festival, folder: Path) -> Path:
    _paper, path = export_doors(
        festival.database,
        festival.posts[0],
        festival.screening_id("KNEECAP"),
        folder,
        operator_number=1,
        clock=festival.clock,
    )
    return path


def z(festival: Festival, folder: Path) -> Path:
    closing: UUID = next(each.id for each in festival.rows(Closing) if each.period is ClosingPeriod.DAY)
    return export_closing(
        festival.database,
        festival.posts[0],
        closing,
        folder,
        answered_by=festival.manager,
        clock=festival.clock,
    )


def customers(festival: Festival, folder: Path, kind: FileKind = FileKind.CSV) -> Path:
    return export_customers(
        festival.database, festival.posts[0], folder, kind, manager=festival.manager, clock=festival.clock
    )


EXPORTS: dict[str, Callable[[Festival, Path], Path]] = {
    "statement": statement,
    "week": week,
    "doors": doors,
    "z": z,
    "customers": customers,
    "customers, workbook": lambda festival, folder: customers(festival, folder, FileKind.XLSX),
    "operations": lambda festival, folder: written_operations(festival, folder).paths[0],
    "operations, workbook": lambda festival, folder: written_operations(
        festival, folder, kind=FileKind.XLSX
    ).paths[0],
    "entries": lambda festival, folder: written_entries(festival, folder).path,
    "totals": lambda festival, folder: written_totals(festival, folder).paths[0],
}


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """A folder with nothing in it."""
    folder = tmp_path / "exports"
    folder.mkdir()
    return folder


def told(festival: Festival) -> list[str]:
    return [entry.kind for entry in festival.rows(JournalEntry)]


def later(festival: Festival) -> None:
    """All is over that a statement could still be provisional for."""
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=8))


@pytest.mark.parametrize("name", EXPORTS)
def test_what_a_full_disk_does_not_take_is_not_told(closed_books: Festival, exports: Path, name: str) -> None:
    later(closed_books)
    before = told(closed_books)
    with full_disk(), pytest.raises(OSError, match="File too large") as refused:
        EXPORTS[name](closed_books, exports)
    assert Path(str(refused.value.filename)).parent == exports
    assert told(closed_books) == before
    assert list(exports.iterdir()) == []
    written = EXPORTS[name](closed_books, exports)
    assert written.is_file()
    assert "duplicata" not in written.name
    assert len(told(closed_books)) == len(before) + 1
    closed_books.stands()


@pytest.mark.parametrize("name", EXPORTS)
def test_a_file_whose_name_a_folder_has_is_not_told(closed_books: Festival, exports: Path, name: str) -> None:
    later(closed_books)
    path = EXPORTS[name](closed_books, exports / "elsewhere")
    copy = (
        path.name.replace(".pdf", "-duplicata-1.pdf") if "statement" in name or "week" in name else path.name
    )
    (exports / "here" / copy).mkdir(parents=True)
    before = told(closed_books)
    with pytest.raises(IsADirectoryError) as refused:
        EXPORTS[name](closed_books, exports / "here")
    assert refused.value.filename == str(exports / "here" / copy)
    assert told(closed_books) == before
    assert [each.name for each in (exports / "here").iterdir()] == [copy]


def test_the_next_statement_is_still_the_original_where_the_folder_was_a_file(
    closed_books: Festival, exports: Path
) -> None:
    later(closed_books)
    before = told(closed_books)
    in_the_way = exports / "usb"
    in_the_way.write_text("no folder")
    for export in (statement, week):
        with pytest.raises(OSError, match=str(in_the_way)):
            export(closed_books, in_the_way)
        assert told(closed_books) == before
    in_the_way.unlink()
    assert "duplicata" not in statement(closed_books, in_the_way).name
    assert "duplicata" not in week(closed_books, in_the_way).name


@pytest.mark.parametrize("kind", FileKind)
def test_an_export_stopped_half_way_leaves_no_file_and_nothing_told(
    closed_books: Festival, exports: Path, kind: FileKind
) -> None:
    """Escape makes the progress raise, at whatever step it is told."""
    before = told(closed_books)

    def stopped(_done: int, _total: int) -> None:
        raise Refusal("C'est arrêté.")

    post, clock = closed_books.posts[0], closed_books.clock
    with pytest.raises(Refusal, match="arrêté"):
        export_operations(
            closed_books.database,
            post,
            THE_YEAR,
            exports,
            kind,
            answered_by=closed_books.manager,
            clock=clock,
            show=stopped,
        )
    with pytest.raises(Refusal, match="arrêté"):
        export_customers(
            closed_books.database,
            post,
            exports,
            kind,
            manager=closed_books.manager,
            clock=clock,
            show=stopped,
        )
    assert told(closed_books) == before
    assert list(exports.iterdir()) == []


def test_a_list_of_customers_is_not_begun_for_a_cashier(festival: Festival, exports: Path) -> None:
    def nothing_yet(_done: int, _total: int) -> None:
        raise AssertionError("it was begun")

    with pytest.raises(ManagerNeeded):
        export_customers(
            festival.database,
            festival.posts[0],
            exports,
            FileKind.CSV,
            manager=festival.cashier,
            clock=festival.clock,
            show=nothing_yet,
        )
    assert list(exports.iterdir()) == []
