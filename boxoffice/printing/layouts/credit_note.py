"""The credit note: what was given back and where its value is, framed in black as no ticket is."""

from boxoffice.money import format_euros
from boxoffice.printing.document import Align, Cut, Document, Feed, Rule, Text, pair, wrapped
from boxoffice.sales.prints.papers import CreditNotePaper

from .parts import (
    band,
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


def lay_out_credit_note(paper: CreditNotePaper, columns: int) -> Document:
    """The number, the tickets that are dead, what each was worth, and what the customer can spend now."""
    return (
        _band(columns),
        Feed(),
        *marks(paper.letterhead, paper.copy_number),
        Text(f"N° {paper.number}", Align.CENTRE, bold=True, wide=2, tall=2),
        *wrapped("Cet avoir n'est pas un billet : il ne donne aucun accès.", columns, align=Align.CENTRE),
        Rule("="),
        *identity(paper.letterhead, columns),
        Feed(),
        *issue(paper.origin, columns),
        *pair("Reprend l'opération", paper.original_operation, columns, bold=True),
        *pair("  du", moment(paper.original_at), columns),
        *_dead_tickets(paper, columns),
        *(wrapped(f"Client : {paper.customer}", columns, hanging=2) if paper.customer else ()),
        *(wrapped(f"Accepté par : {paper.authorized_by}", columns, hanging=2) if paper.authorized_by else ()),
        Rule(),
        *sale_lines(paper.lines, columns),
        Rule("="),
        *_exchanged(paper, columns),
        *_credits(paper, columns),
        Rule(),
        *vat_table(paper.vat, paper.letterhead, columns),
        *in_the_journal(paper.journal_entry, columns),
        Feed(),
        *wrapped(_conditions(paper), columns, align=Align.CENTRE),
        Feed(),
        _band(columns),
        Cut(),
    )


def _band(columns: int) -> Text:
    """A black band across the paper, at both ends of it."""
    return band("AVOIR", columns, wide=2)


def _dead_tickets(paper: CreditNotePaper, columns: int) -> Document:
    if not paper.ticket_numbers:
        return ()
    words = "Billet repris" if len(paper.ticket_numbers) == 1 else "Billets repris"
    return wrapped(f"{words} : {ticket_numbers(paper.ticket_numbers)}", columns, hanging=2)


def _exchanged(paper: CreditNotePaper, columns: int) -> Document:
    """What the other seats of an exchange were paid with: it is spent, and credited to nobody."""
    if not paper.exchanged_for:
        return ()
    return (
        *pair("DÉDUIT DE L'ÉCHANGE", format_euros(paper.exchanged_cents), columns, bold=True),
        *pair("  il a payé la vente", paper.exchanged_for, columns),
    )


def _conditions(paper: CreditNotePaper) -> str:
    """What becomes of the amount: what paid for an exchange is spent."""
    if not paper.exchanged_for:
        return "Ce montant ne se rend pas en argent : il se dépense au guichet, en une ou plusieurs fois."
    if not paper.credits:
        return f"Échange : il ne reste rien à dépenser, tout est déduit de la vente {paper.exchanged_for}."
    return (
        f"Échange : ce qui est déduit de la vente {paper.exchanged_for} est dépensé. Ce qui est crédité ne se"
        " rend pas en argent."
    )


def _credits(paper: CreditNotePaper, columns: int) -> Document:
    if paper.exchanged_for and not paper.credits:
        return ()
    credited = paper.credited_cents - paper.exchanged_cents
    return pair("CRÉDITÉ", format_euros(credited), columns, bold=True, tall=2) + tuple(
        element
        for credit in paper.credits
        for element in (
            *pair(credit.label, format_euros(-credit.amount_cents), columns),
            *stored_value(credit, columns),
        )
    )
