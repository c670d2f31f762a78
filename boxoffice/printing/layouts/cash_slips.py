"""The slips that go with cash: carried in or out of a drawer, or to the bank."""

from boxoffice.kinds import CashKind
from boxoffice.money import format_euros
from boxoffice.printing.document import Align, Cut, Document, Feed, Rule, Text, pair, wrapped
from boxoffice.sales.prints.closing_papers import CashSlipPaper, DepositSlipPaper

from .parts import marks, moment

_TITLES = {
    CashKind.IN: "APPORT D'ESPÈCES",
    CashKind.OUT: "SORTIE D'ESPÈCES",
    CashKind.PICKUP: "PRÉLÈVEMENT",
}


def lay_out_cash_slip(paper: CashSlipPaper, columns: int) -> Document:
    """How much went in or out, why, and the hands that carried it, which sign."""
    allowed = pair("Autorisé par", paper.authorized_by, columns) if paper.authorized_by else ()
    return (
        *marks(paper.letterhead, 0),
        *wrapped(paper.letterhead.festival, columns, align=Align.CENTRE, bold=True),
        *wrapped(_TITLES[paper.kind], columns, align=Align.CENTRE, bold=True, tall=2),
        *wrapped(format_euros(paper.amount_cents), columns, align=Align.CENTRE, bold=True, tall=2),
        Rule(),
        *pair(f"Caisse {paper.till}", f"n° {paper.number}", columns),
        *pair("Date", moment(paper.at), columns),
        *wrapped(f"Motif : {paper.reason}", columns, hanging=2),
        *pair("Porté par", paper.carrier, columns),
        *pair("Caissier", paper.operator, columns),
        *allowed,
        Rule(),
        *wrapped("Signature de qui porte :", columns),
        Feed(),
        Cut(),
    )


def lay_out_deposit_slip(paper: DepositSlipPaper, columns: int) -> Document:
    """What goes to the bank, and what was counted before."""
    return (
        *marks(paper.letterhead, 0),
        *wrapped(paper.letterhead.operator_name, columns, align=Align.CENTRE, bold=True),
        Text("REMISE EN BANQUE", Align.CENTRE, bold=True, tall=2),
        *wrapped(format_euros(paper.deposit_cents), columns, align=Align.CENTRE, bold=True, tall=2),
        Rule(),
        *pair(f"Caisse {paper.till}", f"session n° {paper.shift}", columns),
        *pair("Date", moment(paper.at), columns),
        *pair("Caissier", paper.operator, columns),
        *_pieces(paper, columns),
        *pair("Espèces comptées", format_euros(paper.counted_cents), columns),
        *pair("Laissé en fond de caisse", format_euros(paper.left_cents), columns),
        *pair("Remis en banque", format_euros(paper.deposit_cents), columns, bold=True),
        Rule(),
        *wrapped("Compté et remis par :", columns),
        *wrapped("Reçu par :", columns),
        Feed(),
        Cut(),
    )


def _pieces(paper: DepositSlipPaper, columns: int) -> Document:
    if not paper.pieces:
        return (Rule(),)
    return (
        Rule(),
        *wrapped("Tiroir compté :", columns),
        *(
            element
            for value, pieces in paper.pieces
            for element in pair(f"  {pieces} x {format_euros(value)}", format_euros(value * pieces), columns)
        ),
    )
