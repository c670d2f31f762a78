"""`python -m bench`: what was promised to be fast, measured in one run."""

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from . import archive, badges, checkout, closings, counter, customers, journal, paper, passes
from .measuring import Figure, Progress
from .servers import postgresql
from .stage import Stage, raise_stage, scratch_folder

PARTS = (
    "ticket",
    "checkout",
    "journal",
    "customers",
    "booking",
    "badges",
    "cockpit",
    "closings",
    "start",
    "keys",
    "archive",
)


@dataclass(frozen=True, slots=True)
class Effort:
    """How much of everything is measured; `tickets` are sold before keys are pressed, some are verified."""

    tickets_rendered: int
    sales: int
    tickets: int
    tickets_verified: int
    readings: int
    searches: int
    bookings: int
    badges: int
    cockpits: int
    starts: int
    keys: int
    sales_archived: int


WHOLE = Effort(400, 200, 100_000, 24_000, 5, 900, 200, 500, 100, 7, 120, 200_000)
QUICK = Effort(100, 60, 5_000, 4_000, 5, 300, 60, 100, 40, 3, 40, 5_000)


def main() -> None:
    """Measure the parts that were asked for, and show them."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", default=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="less of everything: faster, and less steady")
    parser.add_argument("--json", action="store_true", help="write the figures as JSON")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    with _bars() as progress:
        figures = list(_measure(set(asked.parts), QUICK if asked.quick else WHOLE, progress))
    if asked.json:
        print(json.dumps([asdict(figure) | {"met": figure.met} for figure in figures], ensure_ascii=False))
    else:
        Console().print(_table(figures))


def _measure(parts: set[str], effort: Effort, progress: Progress) -> Iterator[Figure]:
    if "ticket" in parts:
        yield from paper.measure(tickets=effort.tickets_rendered, progress=progress)
    if parts == {"ticket"}:
        return
    with scratch_folder() as folder:
        stage = raise_stage(f"sqlite:///{folder / 'festival.sqlite'}", folder)
        yield from _measure_books(stage, "SQLite", 3.0, parts - {"cockpit"}, effort, progress)
        if parts & {"closings", "keys"}:
            left = effort.tickets - (effort.tickets_verified if "journal" in parts else 0)
            stage.fill(left, 4, lambda sold: progress("SQLite: filling the festival", sold, left))
        if "closings" in parts:
            yield from closings.measure_reading(stage, times=effort.readings, progress=progress)
            yield from closings.measure_closing(stage, times=effort.readings, progress=progress)
        if "cockpit" in parts:
            yield from passes.measure_cockpit(stage, "SQLite", scans=effort.cockpits, progress=progress)
        elif parts & {"start", "keys"}:
            stage.open_today()
        stage.database.close()
        if "archive" in parts:
            yield from _measure_archive(folder / "year", effort.sales_archived, progress)
        if "start" in parts:
            yield from counter.measure_start(stage.settings, times=effort.starts, progress=progress)
        if "keys" in parts:
            yield from counter.measure_keys(stage.settings, keys=effort.keys, progress=progress)
        if parts & {"checkout", "journal", "customers", "booking", "badges", "cockpit"}:
            with postgresql(folder / "server") as url:
                stage = raise_stage(url, folder / "postgresql")
                yield from _measure_books(stage, "PostgreSQL", 2.0, parts, effort, progress)
                stage.database.close()


def _measure_archive(folder: Path, sales: int, progress: Progress) -> list[Figure]:
    """A year of sales of one seat, on SQLite: what is archived there is the same on PostgreSQL."""
    folder.mkdir()
    url = f"sqlite:///{folder / 'year.sqlite'}"
    stage = raise_stage(url, folder)
    stage.fill(sales, 1, lambda sold: progress("SQLite: selling what is archived", sold, sales))
    stage.database.close()
    return archive.measure(stage, url, progress=progress)


def _measure_books(
    stage: Stage, engine: str, aim: float, parts: set[str], effort: Effort, progress: Progress
) -> Iterator[Figure]:
    """What depends on the database, on one engine."""
    if "checkout" in parts:
        yield from checkout.measure(stage, engine, aim, sales=effort.sales, progress=progress)
    if "journal" in parts:
        tickets = effort.tickets_verified
        stage.fill(tickets, 2, lambda sold: progress(f"{engine}: selling what is verified", sold, tickets))
        yield from journal.measure(stage, engine, times=effort.readings, progress=progress)
    if "customers" in parts:
        yield from customers.measure(stage, engine, searches=effort.searches, progress=progress)
    if "booking" in parts:
        yield from passes.measure_booking(stage, engine, 3.0, times=effort.bookings, progress=progress)
    if "badges" in parts:
        yield from badges.measure(stage, engine, badges=effort.badges, progress=progress)
    if "cockpit" in parts:
        yield from passes.measure_cockpit(stage, engine, scans=effort.cockpits, progress=progress)


@contextmanager
def _bars() -> Iterator[Progress]:
    """A bar for each thing being done; nothing where there is no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Bars(*columns, TimeElapsedColumn(), console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def show(what: str, done: int, of: int) -> None:
            task = tasks.get(what)
            if task is None:
                task = tasks[what] = bars.add_task(what, total=of)
            bars.update(task, completed=done)

        yield show


def _table(figures: list[Figure]) -> Table:
    table = Table("", title="Box office, in one run")
    table.add_column("measured", justify="right")
    table.add_column("aim", justify="right")
    table.add_column("")
    table.add_column("from")
    for figure in figures:
        bound = "≥" if figure.at_least else "≤"
        aim = "" if figure.aim is None else f"{bound} {_number(figure.aim)} {figure.unit}"
        verdict = Text("" if figure.met is None else "met" if figure.met else "missed")
        verdict.stylize("green" if figure.met else "red")
        table.add_row(figure.what, f"{_number(figure.value)} {figure.unit}", aim, verdict, figure.note)
    return table


def _number(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ") if value >= 1_000 else f"{value:.2f}".removesuffix(".00")


if __name__ == "__main__":
    main()
