"""The gift card: how much, for whom, from whom, and the code to scan or to type."""

from boxoffice.money import format_euros
from boxoffice.printing.document import Align, Document, Feed, as_large_as_fits, wrapped
from boxoffice.sales.prints.card_papers import GiftCardPaper

from .parts import band, code_paper, validity

_NAME = "Carte cadeau"
_AMOUNT_LINES = 6


def lay_out_gift_card(paper: GiftCardPaper, columns: int) -> Document:
    """What it is worth in large, then the words of who gives it, then its code; it is no ticket."""
    return code_paper(
        paper,
        band(_NAME.upper(), columns, wide=2),
        (
            *(wrapped(paper.label, columns, align=Align.CENTRE) if paper.label != _NAME else ()),
            Feed(),
            *as_large_as_fits(
                (format_euros(paper.amount_cents),), columns, _AMOUNT_LINES, align=Align.CENTRE
            ),
            *_words(paper, columns),
            *validity(None, paper.valid_until, columns),
        ),
        wrapped(paper.typed, columns, align=Align.CENTRE, bold=True, tall=2),
        terms(paper),
        columns,
    )


def _words(paper: GiftCardPaper, columns: int) -> Document:
    """What the card says, each part only where it says something."""
    said = (
        (f"Pour {paper.recipient}", True) if paper.recipient else None,
        (paper.message, False) if paper.message else None,
        (f"De la part de {paper.giver}", True) if paper.giver else None,
    )
    lines = [
        line
        for words in said
        if words is not None
        for line in wrapped(words[0], columns, align=Align.CENTRE, bold=words[1])
    ]
    return (Feed(), *lines, Feed()) if lines else ()


def terms(paper: GiftCardPaper) -> tuple[str, ...]:
    """What a card pays, and what becomes of it if it is lost."""
    pays = (
        "Elle paie des places de séances"
        if paper.single_purpose
        else "Elle paie tout ce que vend la billetterie"
    )
    return (
        f"{pays}, en une ou plusieurs fois : présentez-la au guichet.",
        "Ni reprise, ni remboursée : gardez-la comme de l'argent.",
    )
