"""Verifying the journal and the books it tells, in entries per second, and against reading them alone."""

import statistics
import time
from collections.abc import Callable
from typing import Any

from boxoffice.sales.books.entries import count_entries
from boxoffice.sales.books.verification import verify

from .measuring import Figure, Progress, Sides, alternate, median_ms
from .stage import Stage

BOOKS = ("journalentry", "sale", "saleline", "ticket", "payment")


def measure(stage: Stage, engine: str, *, times: int, progress: Progress) -> list[Figure]:
    """The best speed of some readings of the whole journal: a busy machine only ever makes it slower.

    Next to it, what no other program takes away: entries per second of this process's own work, and how many
    times longer verifying takes than the driver alone takes to read the same rows.
    """
    working: list[float] = []
    with stage.database.read() as session:
        entries = count_entries(session)
        connection = session.connection().connection.driver_connection
        sides: Sides = {
            "verify": _counting(working, lambda: _verify(stage)),
            "read": lambda: _read(connection),
        }
        times_taken = alternate(
            sides,
            blocks=times,
            size=1,
            progress=lambda block: progress(f"{engine}: verifying the journal", block, times),
        )
    ratios = [ours / theirs for ours, theirs in zip(times_taken["verify"], times_taken["read"], strict=True)]
    return [
        Figure(
            f"journal verify, {engine}",
            entries / min(times_taken["verify"]),
            "entries/s",
            20_000,
            at_least=True,
            note=f"{entries} entries, two tickets to a sale; {entries / min(working):.0f} a second of work",
        ),
        Figure(
            f"journal verify against reading its rows, {engine}",
            statistics.median(ratios),
            "×",
            note=f"{median_ms(times_taken['verify']):.0f} ms / {median_ms(times_taken['read']):.0f} ms",
        ),
    ]


def _verify(stage: Stage) -> None:
    with stage.database.read_all() as session:
        verdict = verify(session)
    assert verdict.fault is None, verdict.fault


def _read(connection: Any) -> None:
    """All the rows that verifying reads, as the driver gives them."""
    cursor = connection.cursor()
    for books in BOOKS:
        cursor.execute(f"SELECT * FROM {books}")
        cursor.fetchall()


def _counting(seconds: list[float], work: Callable[[], None]) -> Callable[[], None]:
    """`work` that notes how long the processor was at it."""

    def counted() -> None:
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)

    return counted
