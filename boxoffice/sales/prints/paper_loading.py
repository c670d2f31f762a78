"""From what the books hold to what is written on paper: a copy always says what the original said."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.models import Printer, table

from ..closings.closing_paper_loading import OF_CLOSINGS, load_closing_paper
from ..holders.pass_papers import badge_paper, load_pass_paper
from ..vouchers.value_papers import load_value_paper
from .letterhead import read_letterhead
from .outbox import Job
from .papers import BadgePaper, DocumentKind, NothingToPrint, Paper, PrinterTestPaper
from .report_loading import REPORTS, load_report
from .sale_papers import credit_note, receipt, reversal_slip, ticket_paper

_printer = table(Printer)


def load_paper(session: Session, job: Job, *, clock: Clock) -> Paper:
    """The paper that a job is to bring out. Raises NothingToPrint when the books do not hold it."""
    if job.document is DocumentKind.PRINTER_TEST:
        return _printer_test(session, job, clock)
    if job.document in REPORTS:
        return load_report(session, job, clock=clock)
    if job.document in OF_CLOSINGS:
        return load_closing_paper(session, job, letterhead=read_letterhead(session), clock=clock)
    if job.pass_id is not None:
        return load_pass_paper(session, job, job.pass_id, letterhead=read_letterhead(session), clock=clock)
    if job.value_id is not None:
        return load_value_paper(
            session, job.document, job.value_id, read_letterhead(session), copy_number=job.copy_number
        )
    if job.sale_id is None:
        raise NothingToPrint(f"job {job.id} is of no sale")
    match job.document:
        case DocumentKind.TICKET:
            return ticket_paper(session, job.sale_id, job.position, job.copy_number)
        case DocumentKind.RECEIPT:
            return receipt(session, job.sale_id, job.copy_number)
        case DocumentKind.REVERSAL_SLIP:
            return reversal_slip(session, job.sale_id, job.copy_number)
        case DocumentKind.CREDIT_NOTE:
            return credit_note(session, job.sale_id, job.copy_number)
        case _:
            raise NothingToPrint(f"job {job.id} is of no pass")


def load_badge(session: Session, pass_id: UUID) -> BadgePaper:
    """The badge of a pass as its original would be. Raises NothingToPrint if there is no such pass."""
    return badge_paper(session, pass_id, read_letterhead(session))


def _printer_test(session: Session, job: Job, clock: Clock) -> PrinterTestPaper:
    printer = session.execute(
        select(_printer.c.name, _printer.c.kind).where(_printer.c.id == job.printer_id)
    ).one_or_none()
    if printer is None:
        raise NothingToPrint(f"job {job.id} is for no printer")
    return PrinterTestPaper(read_letterhead(session), printer.name, printer.kind, clock.now())
