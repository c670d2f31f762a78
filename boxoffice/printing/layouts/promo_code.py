"""The promo code: what it gives, and how to type or scan it."""

from boxoffice.printing.document import (
    Align,
    Cut,
    Document,
    Feed,
    QrCode,
    Rule,
    Text,
    as_large_as_fits,
    wrapped,
)
from boxoffice.sales.prints.papers import PromoCodePaper

from .parts import marks, validity

_GIVES_LINES = 6


def lay_out_promo_code(paper: PromoCodePaper, columns: int) -> Document:
    """A paper to hand out; it gives no access by itself, and says so."""
    return (
        *marks(paper.letterhead, paper.copy_number),
        *wrapped(paper.letterhead.festival, columns, align=Align.CENTRE, bold=True),
        Feed(),
        Text("CODE PROMO".center(columns // 2), Align.LEFT, bold=True, invert=True, wide=2, tall=2),
        *wrapped(paper.name, columns, align=Align.CENTRE),
        Feed(),
        *as_large_as_fits((paper.gives,), columns, _GIVES_LINES, align=Align.CENTRE),
        *(line for term in paper.terms for line in wrapped(term, columns, align=Align.CENTRE)),
        *validity(paper.valid_from, paper.valid_until, columns),
        Rule(),
        QrCode(paper.code),
        *wrapped(paper.typed, columns, align=Align.CENTRE, bold=True, tall=2),
        Rule(),
        *wrapped(
            "Ce papier n'est pas un billet : donnez ce code au guichet en achetant vos places.",
            columns,
            align=Align.CENTRE,
        ),
        Feed(),
        Cut(),
    )
