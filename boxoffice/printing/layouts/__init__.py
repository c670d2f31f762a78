"""How each paper is laid out: a function from the paper and a width in columns to a document."""

from boxoffice.printing.document import Document
from boxoffice.sales.papers import Paper, PrinterTestPaper, ReceiptPaper, ReversalPaper, TicketPaper

from .printer_test import lay_out_printer_test
from .receipt import lay_out_receipt
from .reversal import lay_out_reversal
from .ticket import lay_out_ticket


def lay_out(paper: Paper, columns: int) -> Document:
    """The document of any paper, for a printer of `columns` columns."""
    match paper:
        case TicketPaper():
            return lay_out_ticket(paper, columns)
        case ReceiptPaper():
            return lay_out_receipt(paper, columns)
        case ReversalPaper():
            return lay_out_reversal(paper, columns)
        case PrinterTestPaper():
            return lay_out_printer_test(paper, columns)
