"""A paper of the outbox drawn for the screen, under the story of how it was printed."""

from textwrap import fill
from typing import TYPE_CHECKING

from rich.text import Text

from boxoffice.clock import say
from boxoffice.language import _, spoken
from boxoffice.printing.document import DoesNotFit
from boxoffice.printing.rendering import to_rich
from boxoffice.sales.prints import outbox, outbox_listing, paper_loading
from boxoffice.sales.prints.outbox_listing import OutboxLine, OutboxStep
from boxoffice.sales.prints.papers import NothingToPrint

if TYPE_CHECKING:
    from boxoffice.house import House

USUAL_COLUMNS = 42


def preview_of(house: "House", job: OutboxLine) -> Text:
    """Every attempt to print a paper, then the paper as it comes out of its printer."""
    with house.database.read() as session:
        ordered = outbox.find_job(session, job.job_id)
        printer = outbox.printer_settings(session, job.printer_id) if job.printer_id else None
        if ordered is None:
            return Text()
        columns = printer.columns if printer else USUAL_COLUMNS
        steps = outbox_listing.list_steps(session, job.job_id)
        story = "".join(f"{_step_words(step, columns)}\n" for step in steps)
        try:
            paper = paper_loading.load_paper(session, ordered, clock=house.clock)
            lying = printer is not None and printer.badge_landscape
            drawn = to_rich(paper, columns, landscape=lying)
        except (NothingToPrint, DoesNotFit):
            drawn = Text(_("Ce document ne peut pas être montré."))
    return Text.assemble((f"{story}\n" if story else "", "dim"), drawn)


def _step_words(step: OutboxStep, columns: int) -> str:
    """When something happened to a paper, at which printer, and what; no wider than the paper."""
    at = say(step.at, "HH:mm", spoken())
    words = " · ".join(fact for fact in (at, step.printer, step.state_words, step.detail) if fact)
    return fill(words, columns, subsequent_indent="  ")
