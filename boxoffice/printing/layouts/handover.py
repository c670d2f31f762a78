"""The slip for whoever takes a till over: what is in its drawer, and all that waits there."""

from boxoffice.clock import say
from boxoffice.money import format_euros
from boxoffice.printing.document import Align, Cut, Document, Feed, Rule, Text, pair, wrapped
from boxoffice.sales.closings.outcomes import Waiting
from boxoffice.sales.prints.closing_papers import HandoverPaper

from .parts import marks, moment


def lay_out_handover(paper: HandoverPaper, columns: int) -> Document:
    """The float, then what waits, most urgent first; what does not is said not to."""
    said = paper.handover
    left = "non compté" if said.left_cents is None else format_euros(said.left_cents)
    request = say(said.oldest_request, "EEE d MMM HH:mm") if said.oldest_request else ""
    return (
        *marks(paper.letterhead, 0),
        *wrapped(paper.letterhead.festival, columns, align=Align.CENTRE, bold=True),
        *wrapped("PASSATION DE CAISSE", columns, align=Align.CENTRE, bold=True, tall=2),
        *pair(f"Caisse {said.till}", f"session n° {said.shift}", columns),
        *pair("Tenue par", said.operator, columns),
        *pair("Ouverte", moment(said.opened_at), columns),
        *pair("Fermée", moment(said.closed_at), columns),
        Rule(),
        *pair("Dans le tiroir", left, columns, bold=True, tall=2),
        *pair("Remis en banque", format_euros(said.deposit_cents), columns),
        Rule(),
        *_waiting("E-réservations à payer", "jusqu'à", said.reservations, columns),
        *_waiting("Paniers en attente", "depuis", said.baskets, columns),
        *pair("Impressions à sortir", str(said.prints_failed), columns),
        *pair("Impressions incertaines", str(said.prints_uncertain), columns),
        *pair("Demandes d'avoir", str(said.credit_requests), columns),
        *(pair("  la plus ancienne", request, columns) if request else ()),
        Rule(),
        *(wrapped(f"À savoir : {said.note}", columns, hanging=2) if said.note else ()),
        Text(""),
        *wrapped("Repris par :", columns),
        Feed(),
        Cut(),
    )


def _waiting(title: str, when: str, rows: tuple[Waiting, ...], columns: int) -> Document:
    return (
        *pair(title, str(len(rows)), columns),
        *(
            element
            for row in rows
            for element in pair(
                f"  {row.what}" + (f" ({row.count})" if row.count > 1 else ""),
                f"{when} {say(row.at, 'EEE d MMM HH:mm')}",
                columns,
            )
        ),
    )
