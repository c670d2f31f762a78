"""What the small festival's manager exports at the first till, into a folder of the test."""

from datetime import date
from pathlib import Path

from boxoffice.exporting.accounting import (
    WrittenEntries,
    WrittenTotals,
    export_e_reporting,
    export_entries,
)
from boxoffice.exporting.tables import FileKind, WrittenTables, export_operations
from boxoffice.sales.exports.operations import Scope
from tests.sales.conftest import Festival

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
THE_YEAR = Scope(FIRST, LAST)


def written_entries(
    festival: Festival, folder: Path, first: date = FIRST, last: date = LAST
) -> WrittenEntries:
    return export_entries(
        festival.database,
        festival.posts[0],
        first,
        last,
        folder,
        answered_by=festival.manager,
        clock=festival.clock,
    )


def written_totals(festival: Festival, folder: Path) -> WrittenTotals:
    return export_e_reporting(
        festival.database,
        festival.posts[0],
        FIRST,
        LAST,
        folder,
        answered_by=festival.manager,
        clock=festival.clock,
    )


def written_operations(
    festival: Festival, folder: Path, scope: Scope = THE_YEAR, kind: FileKind = FileKind.CSV
) -> WrittenTables:
    return export_operations(
        festival.database,
        festival.posts[0],
        scope,
        folder,
        kind,
        answered_by=festival.manager,
        clock=festival.clock,
    )
