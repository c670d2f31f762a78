"""Verifying the journal and the books it tells, in entries per second."""

import time

from boxoffice.sales.verification import count_entries, verify

from .measuring import Figure, Progress
from .stage import Stage


def measure(stage: Stage, engine: str, *, times: int, progress: Progress) -> list[Figure]:
    """The best speed of some readings of the whole journal: a busy machine only ever makes it slower."""
    speeds = []
    with stage.database.read() as session:
        entries = count_entries(session)
    for reading in range(times):
        with stage.database.read() as session:
            started = time.perf_counter()
            verdict = verify(session)
            speeds.append(entries / (time.perf_counter() - started))
        assert verdict.fault is None, verdict.fault
        progress(f"{engine}: verifying the journal", reading + 1, times)
    return [
        Figure(
            f"journal verify, {engine}",
            max(speeds),
            "entries/s",
            20_000,
            at_least=True,
            note=f"{entries} entries, two tickets to a sale",
        )
    ]
