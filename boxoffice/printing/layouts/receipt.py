"""The receipt, which from 25 € is the detailed note that services owe (arrêté 83-50/A)."""

from boxoffice.money import format_euros
from boxoffice.printing.document import Align, Cut, Document, Feed, Rule, Text, pair, wrapped
from boxoffice.sales.prints.papers import PaperPayment, PaperReversal, ReceiptPaper

from .parts import (
    identity,
    in_the_journal,
    issue,
    marks,
    moment,
    sale_lines,
    stored_value,
    ticket_numbers,
    vat_table,
)

NOTE_FROM_CENTS = 2500


def lay_out_receipt(paper: ReceiptPaper, columns: int) -> Document:
    """What was bought, with and without tax, and how it was paid."""
    is_note = paper.total_cents >= NOTE_FROM_CENTS
    return (
        *marks(paper.letterhead, paper.copy_number, _undone(paper)),
        *identity(paper.letterhead, columns),
        Feed(),
        Text("NOTE" if is_note else "REÇU", Align.CENTRE, bold=True, wide=2, tall=2),
        *issue(paper.origin, columns),
        *(wrapped("Client : " + "." * (columns - 9), columns) if is_note else ()),
        Rule(),
        *sale_lines(paper.lines, columns),
        Rule("="),
        *pair("TOTAL", format_euros(paper.total_cents), columns, bold=True, tall=2),
        *_payments(paper.payments, columns),
        *_reversals(paper.reversals, columns),
        Rule(),
        *vat_table(paper.vat, paper.letterhead, columns),
        *_tickets(paper, columns),
        *in_the_journal(paper.journal_entry, columns),
        Feed(),
        *wrapped("Merci de votre visite, et bonne séance !", columns, align=Align.CENTRE),
        Cut(),
    )


def _undone(paper: ReceiptPaper) -> str:
    if paper.is_undone:
        return "VENTE ANNULÉE"
    return "ANNULÉE EN PARTIE" if paper.reversals else ""


def _reversals(reversals: tuple[PaperReversal, ...], columns: int) -> Document:
    """What was taken back since, so that nobody is refunded, or takes it for income, twice."""
    lines: list[Document] = []
    for reversal in reversals:
        lines.append(pair(f"Annulation {reversal.operation}", format_euros(reversal.total_cents), columns))
        lines.append(wrapped(f"le {moment(reversal.at)}", columns, indent=2))
    return tuple(element for line in lines for element in line)


def _payments(payments: tuple[PaperPayment, ...], columns: int) -> Document:
    lines: list[Document] = []
    for payment in payments:
        taken = payment.tendered_cents if payment.change_cents else payment.amount_cents
        lines.append(pair(payment.label, format_euros(taken or 0), columns))
        lines.append(stored_value(payment, columns))
        if payment.reference:
            lines.append(wrapped(f"réf. {payment.reference}", columns, indent=2))
        if payment.change_cents:
            lines.append(pair("Rendu", format_euros(payment.change_cents), columns, bold=True))
    return tuple(element for line in lines for element in line)


def _tickets(paper: ReceiptPaper, columns: int) -> Document:
    if not paper.ticket_numbers:
        return ()
    word = "Billet" if len(paper.ticket_numbers) == 1 else "Billets"
    return wrapped(f"{word} n° {ticket_numbers(paper.ticket_numbers)}", columns)
