"""The promo code: what it gives, and how to type or scan it."""

from boxoffice.printing.document import Align, Document, Feed, as_large_as_fits, wrapped
from boxoffice.sales.prints.card_papers import PromoCodePaper

from .parts import band, centred, code_paper, validity

_GIVES_LINES = 6


def lay_out_promo_code(paper: PromoCodePaper, columns: int) -> Document:
    """A paper to hand out; it gives no access by itself, and says so."""
    return code_paper(
        paper,
        band("CODE PROMO", columns, wide=2),
        (
            *wrapped(paper.name, columns, align=Align.CENTRE),
            Feed(),
            *as_large_as_fits((paper.gives,), columns, _GIVES_LINES, align=Align.CENTRE),
            *centred(paper.terms, columns),
            *validity(paper.valid_from, paper.valid_until, columns),
        ),
        wrapped(paper.typed, columns, align=Align.CENTRE, bold=True, tall=2),
        ("Ce papier n'est pas un billet : donnez ce code au guichet en achetant vos places.",),
        columns,
    )
