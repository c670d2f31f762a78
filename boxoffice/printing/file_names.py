"""What a printout is called where it is kept as a file."""

from boxoffice.sales.prints.card_papers import CodePaper
from boxoffice.sales.prints.closing_papers import (
    CashSlipPaper,
    ClosingPaper,
    DepositSlipPaper,
    HandoverPaper,
    ReadingPaper,
)
from boxoffice.sales.prints.outbox import Job
from boxoffice.sales.prints.papers import (
    AffectedPaper,
    BadgePaper,
    BookingsPaper,
    Paper,
    PrinterTestPaper,
    ReservationPaper,
    TicketPaper,
)
from boxoffice.sales.prints.statement_papers import (
    DoorListPaper,
    LeftTonightPaper,
    StatementPaper,
    WeekPaper,
)


def file_name(job: Job, paper: Paper) -> str:
    """What the files of a virtual printer are called: in order, and by what they are."""
    match paper:
        case PrinterTestPaper():
            number = "test"
        case TicketPaper() | BadgePaper() | BookingsPaper() | AffectedPaper():
            number = paper.number
        case StatementPaper() | DoorListPaper() | WeekPaper():
            number = paper.number.replace("/", "-")
        case LeftTonightPaper():
            number = f"{paper.at:%Y-%m-%dT%H%M}"
        case CodePaper():
            number = paper.typed[-4:]
        case ClosingPaper():
            number = f"{paper.closing.till or paper.closing.period}-{paper.closing.number}"
        case ReadingPaper():
            number = str(paper.reading.till or "tout")
        case HandoverPaper():
            number = f"{paper.handover.till}-{paper.handover.shift}"
        case CashSlipPaper():
            number = f"{paper.till}-{paper.number}"
        case DepositSlipPaper():
            number = f"{paper.till}-{paper.shift}"
        case ReservationPaper():
            number = paper.reference.replace(" ", "")
        case _:
            number = paper.origin.operation
    copy = f"-duplicata-{job.copy_number}" if job.copy_number else ""
    return f"{job.id:06d}-{job.document}-{number}{copy}"
