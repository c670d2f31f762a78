"""A morning's batch of badges: what it takes beside the time that the printer itself needs."""

import time
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select

from boxoffice.models import PrinterRole, TillPrinter, table
from boxoffice.printing.outbox import PrinterQueue, Turn
from boxoffice.printing.printers.driver import READY, Outcome, Printout, Status, Trouble
from boxoffice.sales.holders.badge_batches import SOLD_ONLINE, OrderBatch, order_batch
from boxoffice.sales.holders.badge_selection import BadgeSelection
from boxoffice.sales.prints.outbox import PrinterSettings

from . import passes
from .measuring import Figure, Progress
from .stage import Stage

SECONDS_A_BADGE = 0.5
"""What a printer takes for one, at 150 to 250 mm a second."""
_WORDS = "9-0000"
"""What the numbers of as many passes begin with as a batch may have."""
_STEP = 20


class QuickPrinter:
    """A printer that has every badge out at once: what is left is our own time."""

    def check(self) -> Status:
        return READY

    def send(self, _printout: Printout, _trouble: Trouble, /) -> Outcome:
        return Outcome.ACKNOWLEDGED

    def pulse(self, _data: bytes) -> None:
        """It has no drawer."""

    def close(self) -> None:
        """It has no connection."""

    def interrupt(self) -> None:
        """It never waits."""


def measure(stage: Stage, engine: str, *, badges: int, progress: Progress) -> list[Figure]:
    """How much longer a batch takes than its printer, ordering it included."""
    passes.fill(stage)
    with stage.database.read() as session:
        used = select(table(TillPrinter).c.printer_id).where(
            table(TillPrinter).c.till_id == stage.desk.post.till_id,
            table(TillPrinter).c.role == PrinterRole.BADGES,
        )
        printer_id = session.execute(used).scalar_one()
    queue = PrinterQueue(
        stage.database,
        stage.desk.post.till_id,
        printer_id,
        stage.settings.spool_folder,
        clock=stage.clock,
        news=lambda _news: None,
        open_printer=_quick,
    )
    command = OrderBatch(uuid4(), BadgeSelection(words=_WORDS), SOLD_ONLINE)
    started = time.perf_counter()
    with stage.database.write() as session:
        batch = order_batch(session, stage.desk, command, clock=stage.clock)
    ordering = time.perf_counter() - started
    for printed in range(badges):
        assert queue.run_once() is Turn.WORKED
        if printed % _STEP == 0:
            progress(f"{engine}: printing badges", printed, badges)
    ours = time.perf_counter() - started
    printers = badges * SECONDS_A_BADGE
    return [
        Figure(
            f"batch of {badges} badges, against its printer alone, {engine}",
            (printers + ours) / printers,
            "×",
            1.1,
            note=f"{ours / badges * 1_000:.0f} ms each beside {SECONDS_A_BADGE * 1_000:.0f} ms of paper; "
            f"ordering {batch.total} of {passes.PASSES} took {ordering:.2f} s",
        )
    ]


def _quick(_settings: PrinterSettings, _printouts: Path, _learnt: object) -> QuickPrinter:
    return QuickPrinter()
