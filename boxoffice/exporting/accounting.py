"""What the accountant and the tax office are sent of days closed: a FEC, and totals to declare."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from boxoffice.clock import Clock
from boxoffice.database import Database
from boxoffice.private_file import write_privately, written_aside
from boxoffice.sales.closings.put_back import Restoring
from boxoffice.sales.exports.closed_days import (
    between,
    closed_days,
    days_by_today,
    days_not_closed,
    tell_period,
)
from boxoffice.sales.exports.csv_file import write_csv
from boxoffice.sales.exports.e_reporting import e_reporting_data, e_reporting_sheet
from boxoffice.sales.exports.fec import Entry, entries, fec_bytes, fec_name, numbers_left_out
from boxoffice.sales.exports.file_names import marked
from boxoffice.sales.exports.put_back import left_out_between, left_out_told
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.operators import StaffMember

from .folders import check_folder


@dataclass(frozen=True, slots=True)
class WrittenEntries:
    """A FEC that was written; `not_closed` are days of its period that it lacks.

    Entries of the days `by_today` go to the accounts set today: their closings kept none. What restorings
    `left_out` may be in no file, and the `numbers_left_out` were those of entries that are in no closing.
    """

    entries: tuple[Entry, ...]
    path: Path
    not_closed: tuple[date, ...]
    by_today: tuple[date, ...]
    left_out: tuple[Restoring, ...] = ()
    numbers_left_out: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class WrittenTotals:
    """Totals to declare that were written, as CSV and JSON; `not_closed` are days that they lack.

    In the days `by_today`, goods are what they are today: their closings kept no list of them. What
    restorings `left_out` is in none of them.
    """

    data: Mapping[str, Any]
    paths: tuple[Path, Path]
    not_closed: tuple[date, ...]
    by_today: tuple[date, ...]
    left_out: tuple[Restoring, ...] = ()


def export_entries(
    database: Database,
    post: Post,
    first: date,
    last: date,
    folder: Path,
    *,
    answered_by: StaffMember,
    clock: Clock,
    separator: str = "\t",
) -> WrittenEntries:
    """Write the accounting entries of the days closed in a period as a FEC, named after its last day.

    Raises Refusal where no day was closed, or one does not balance, which the journal is not told.
    """
    check_folder(folder)
    with database.read() as session:
        days = closed_days(session, last)
        not_closed = days_not_closed(session, first, last)
        left_out = left_out_between(session, first, last)
        name = marked(session, fec_name(post.siret, last))
    asked = between(days, first, last)
    numbered = entries(days)
    found = tuple(entry for entry in numbered if entry.closed.day >= first)
    about = _about(left_out)
    if found:
        about["entries"] = [found[0].number, found[-1].number]
    with written_aside(folder) as aside:
        fec = write_privately(aside.path(name), fec_bytes(found, separator=separator))
        with database.write() as session:
            tell_period(session, post, "fec", first, last, answered_by=answered_by, clock=clock, about=about)
        (path,) = aside.publish(fec)
    gaps = numbers_left_out(numbered, first)
    return WrittenEntries(found, path, not_closed, days_by_today(asked), left_out, gaps)


def export_e_reporting(
    database: Database,
    post: Post,
    first: date,
    last: date,
    folder: Path,
    *,
    answered_by: StaffMember,
    clock: Clock,
) -> WrittenTotals:
    """Write the totals to declare of the days closed in a period, as CSV and as JSON.

    Raises Refusal where no day was closed, which the journal is not told.
    """
    check_folder(folder)
    with database.read() as session:
        days = between(closed_days(session, last), first, last)
        not_closed = days_not_closed(session, first, last)
        left_out = left_out_between(session, first, last)
        name = marked(session, f"e-reporting-{first:%Y%m%d}-{last:%Y%m%d}")
    data = e_reporting_data(days, post.siret, left_out)
    totals = json.dumps(data, ensure_ascii=False, indent=2).encode()
    about = _about(left_out)
    with written_aside(folder) as aside:
        table = write_csv(e_reporting_sheet(days), aside.path(f"{name}.csv"))
        data_file = write_privately(aside.path(f"{name}.json"), totals)
        with database.write() as session:
            tell_period(
                session, post, "e-reporting", first, last, answered_by=answered_by, clock=clock, about=about
            )
        published = aside.publish(table, data_file)
    paths = published[0], published[1]
    return WrittenTotals(data, paths, not_closed, days_by_today(days), left_out)


def _about(left_out: Sequence[Restoring]) -> dict[str, Any]:
    return {"left_out": left_out_told(left_out)} if left_out else {}
