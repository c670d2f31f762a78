"""A year of sales archived, then verified: the memory that each takes, Python and its libraries included."""

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import uuid4

from boxoffice import database as databases
from boxoffice.care.archiving import archive_period
from boxoffice.clock import SettableClock, business_day
from boxoffice.festival_sample import MANAGER
from boxoffice.kinds import ClosingPeriod
from boxoffice.sales.archives.making import CreateArchive
from boxoffice.sales.archives.verifying import verify_archive
from boxoffice.sales.closings.open_periods import bounds
from boxoffice.sales.closings.period_closing import ClosePeriod, close_period
from boxoffice.sales.closings.till_closing import CloseTill, close_till
from boxoffice.sales.staff.operators import staff
from boxoffice.sales.staff.setup import open_post, read_key
from boxoffice.sales.staff.shift_closing import ShiftEnd

from .measuring import Figure, Progress
from .stage import Stage

MOST_MB = 300


@dataclass(frozen=True, slots=True)
class _Task:
    """What a process of its own is to do: nothing of this one's memory counts there."""

    url: str
    till: int
    key_path: Path
    path: Path
    first: date
    last: date
    at: datetime


def measure(stage: Stage, url: str, *, progress: Progress) -> list[Figure]:
    """Archive all that the stage has sold and verify the file, each once, in processes of their own."""
    post = stage.desk.post
    day = business_day(stage.clock.at, post.rules.business_day_starts)
    later = stage.clock.at + timedelta(days=2)
    _close(stage, day, later)
    task = _Task(
        url,
        post.till_number,
        stage.settings.key_path_of(post.till_number),
        stage.settings.data_folder / "archive.zip",
        day - timedelta(days=365),
        day,
        later,
    )
    wrote = _weighed(_create, task, "writing the archive", progress)
    checked = _weighed(_verify, task, "verifying the archive", progress)
    (path,) = task.path.parent.glob(f"*{task.path.name}")
    size = path.stat().st_size
    path.unlink()
    note = f"{wrote.sales} sales, {size / 1_000_000:.0f} MB on the disk"
    return [
        Figure("writing an archive", wrote.megabytes, "MB", MOST_MB, note=f"{note}, {wrote.seconds:.0f} s"),
        Figure("verifying it", checked.megabytes, "MB", MOST_MB, note=f"{note}, {checked.seconds:.0f} s"),
    ]


def _close(stage: Stage, day: date, later: datetime) -> None:
    """Close what was sold, and the month and year that end with it: nothing open is archived."""
    post, clock = stage.desk.post, SettableClock(stage.clock.at)
    with stage.database.write() as session:
        manager = next(member for member in staff(session) if member.name == MANAGER.name)
        uncounted = CloseTill(uuid4(), post.till_id, None, ShiftEnd(reason="No drawer holds so much"))
        close_till(session, uncounted, post, manager, clock=clock)
        close_period(session, ClosePeriod(uuid4(), ClosingPeriod.DAY), post, manager, clock=clock)
        clock.at = later
        for period in (ClosingPeriod.MONTH, ClosingPeriod.YEAR):
            if bounds(period, day)[1] == day:
                close_period(session, ClosePeriod(uuid4(), period), post, manager, clock=clock)
    stage.database.close()


@dataclass(frozen=True, slots=True)
class _Weight:
    """What a piece of work came to, and took: the most memory at a time, and how long."""

    sales: int
    megabytes: float
    seconds: float


def _weighed(
    work: Callable[[_Task, Callable[[int, int], None]], int], task: _Task, what: str, progress: Progress
) -> _Weight:
    spawning = get_context("spawn")
    ours, theirs = spawning.Pipe(duplex=False)
    process = spawning.Process(target=_do, args=(work, task, theirs))
    process.start()
    theirs.close()
    while not isinstance(told := ours.recv(), _Weight):
        progress(what, *told)
    process.join()
    return told


def _do(
    work: Callable[[_Task, Callable[[int, int], None]], int], task: _Task, tell: "Connection[Any, Any]"
) -> None:
    started = time.perf_counter()
    sales = work(task, lambda done, of: tell.send((done, of)))
    tell.send(_Weight(sales, _most_megabytes(), time.perf_counter() - started))


def _most_megabytes() -> float:
    """The most that this process ever had in memory; Linux counts its parent too, but for one place."""
    status = Path("/proc/self/status")
    if status.is_file():
        (peak,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(peak.split()[1]) / 1_000
    divisor = 1_000_000 if sys.platform == "darwin" else 1_000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / divisor


def _create(task: _Task, progress: Callable[[int, int], None]) -> int:
    database = databases.connect(task.url)
    with database.read() as session:
        post = open_post(session, task.till, read_key(task.till, task.key_path))
        manager = next(member for member in staff(session) if member.name == MANAGER.name)
    made = archive_period(
        database,
        CreateArchive(task.first, task.last, task.path),
        post,
        clock=SettableClock(task.at),
        manager=manager,
        progress=progress,
    )
    database.close()
    return made.sales


def _verify(task: _Task, progress: Callable[[int, int], None]) -> int:
    (path,) = task.path.parent.glob(f"*{task.path.name}")
    return verify_archive(path, progress=progress).sales
