"""What the printers tell of themselves, to whoever listens."""

from collections.abc import Callable
from dataclasses import dataclass

from boxoffice.kinds import JobState


@dataclass(frozen=True, slots=True)
class PrinterNews:
    """What has just happened at a printer, in the language of the interface.

    `job_id` is the document concerned, if any, and `state` what became of it. News of the cash drawer behind
    the printer says nothing of its paper.
    """

    printer_id: int
    printer: str
    ready: bool
    reason: str = ""
    job_id: int | None = None
    state: JobState | None = None
    of_drawer: bool = False


News = Callable[[PrinterNews], None]
