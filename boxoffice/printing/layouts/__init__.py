"""How each paper is laid out: a function from the paper and a width in columns to a document."""

from boxoffice.printing.document import Document
from boxoffice.sales.prints.card_papers import GiftCardPaper, PlaceCardPaper, PromoCodePaper
from boxoffice.sales.prints.closing_papers import (
    CashSlipPaper,
    ClosingPaper,
    DepositSlipPaper,
    HandoverPaper,
    ReadingPaper,
)
from boxoffice.sales.prints.papers import (
    AffectedPaper,
    BadgePaper,
    BookingsPaper,
    CreditNotePaper,
    Paper,
    PrinterTestPaper,
    ReceiptPaper,
    ReservationPaper,
    ReversalPaper,
    TicketPaper,
)
from boxoffice.sales.prints.statement_papers import (
    DoorListPaper,
    LeftTonightPaper,
    StatementPaper,
    WeekPaper,
)

from .affected import lay_out_affected
from .badge import lay_out_badge, lay_out_lying_badge
from .bookings import lay_out_bookings
from .cash_slips import lay_out_cash_slip, lay_out_deposit_slip
from .closing import lay_out_closing, lay_out_reading
from .credit_note import lay_out_credit_note
from .door_list import lay_out_door_list
from .gift_card import lay_out_gift_card
from .handover import lay_out_handover
from .left_tonight import lay_out_left_tonight
from .place_card import lay_out_place_card
from .printer_test import lay_out_printer_test
from .promo_code import lay_out_promo_code
from .receipt import lay_out_receipt
from .reservation import lay_out_reservation
from .reversal import lay_out_reversal
from .statement import lay_out_statement
from .ticket import lay_out_ticket
from .week import lay_out_week


def lay_out(paper: Paper, columns: int, *, landscape: bool = False) -> Document:
    """The document of any paper, for a printer of `columns` columns; only badges have a `landscape`."""
    match paper:
        case TicketPaper():
            return lay_out_ticket(paper, columns)
        case ReceiptPaper():
            return lay_out_receipt(paper, columns)
        case ReversalPaper():
            return lay_out_reversal(paper, columns)
        case CreditNotePaper():
            return lay_out_credit_note(paper, columns)
        case BadgePaper():
            return lay_out_lying_badge(paper) if landscape else lay_out_badge(paper, columns)
        case BookingsPaper():
            return lay_out_bookings(paper, columns)
        case ReservationPaper():
            return lay_out_reservation(paper, columns)
        case AffectedPaper():
            return lay_out_affected(paper, columns)
        case StatementPaper():
            return lay_out_statement(paper, columns)
        case DoorListPaper():
            return lay_out_door_list(paper, columns)
        case WeekPaper():
            return lay_out_week(paper, columns)
        case LeftTonightPaper():
            return lay_out_left_tonight(paper, columns)
        case ClosingPaper():
            return lay_out_closing(paper, columns)
        case ReadingPaper():
            return lay_out_reading(paper, columns)
        case HandoverPaper():
            return lay_out_handover(paper, columns)
        case CashSlipPaper():
            return lay_out_cash_slip(paper, columns)
        case DepositSlipPaper():
            return lay_out_deposit_slip(paper, columns)
        case GiftCardPaper():
            return lay_out_gift_card(paper, columns)
        case PlaceCardPaper():
            return lay_out_place_card(paper, columns)
        case PromoCodePaper():
            return lay_out_promo_code(paper, columns)
        case PrinterTestPaper():
            return lay_out_printer_test(paper, columns)
