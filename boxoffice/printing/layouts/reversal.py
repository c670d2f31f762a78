"""The coupon de gestion of a reversal: for the drawer, and nothing that could be taken for a ticket."""

from boxoffice.money import format_euros
from boxoffice.printing.document import Align, Cut, Document, Feed, Rule, Text, pair, wrapped
from boxoffice.sales.prints.papers import ReversalPaper

from .parts import band, identity, in_the_journal, issue, marks, moment, sale_lines, ticket_numbers, vat_table


def lay_out_reversal(paper: ReversalPaper, columns: int) -> Document:
    """What was reversed, how it was paid back, who allowed it; amounts are negative."""
    return (
        _name(columns),
        Feed(),
        *marks(paper.letterhead, paper.copy_number),
        Text("ANNULATION", Align.CENTRE, bold=True, wide=2, tall=2),
        *wrapped("Ce coupon n'est pas un billet : il ne donne aucun accès.", columns, align=Align.CENTRE),
        Rule("="),
        *identity(paper.letterhead, columns),
        Feed(),
        *issue(paper.origin, columns),
        *pair("Annule l'opération", paper.original_operation, columns, bold=True),
        *pair("  du", moment(paper.original_at), columns),
        *_dead_tickets(paper, columns),
        *(wrapped(f"Motif : {paper.reason}", columns, hanging=2) if paper.reason else ()),
        *(
            wrapped(f"Autorisé par : {paper.authorized_by}", columns, hanging=2)
            if paper.authorized_by
            else ()
        ),
        Rule(),
        *sale_lines(paper.lines, columns),
        Rule("="),
        *pair("TOTAL", format_euros(paper.total_cents), columns, bold=True, tall=2),
        *_refunds(paper, columns),
        Rule(),
        *vat_table(paper.vat, paper.letterhead, columns),
        *in_the_journal(paper.journal_entry, columns),
        Feed(),
        *pair("Signatures : client", "caisse", columns),
        Feed(4),
        _name(columns),
        Cut(),
    )


def _name(columns: int) -> Text:
    """A black band across the paper, as no ticket has."""
    return band("COUPON DE GESTION", columns)


def _dead_tickets(paper: ReversalPaper, columns: int) -> Document:
    if not paper.ticket_numbers:
        return ()
    words = "Billet annulé" if len(paper.ticket_numbers) == 1 else "Billets annulés"
    return wrapped(f"{words} : {ticket_numbers(paper.ticket_numbers)}", columns, hanging=2)


def _refunds(paper: ReversalPaper, columns: int) -> Document:
    return tuple(
        element
        for refund in paper.refunds
        for element in (
            *pair(f"Rendu – {refund.label}", format_euros(-refund.amount_cents), columns),
            *(wrapped(f"réf. {refund.reference}", columns, indent=2) if refund.reference else ()),
        )
    )
