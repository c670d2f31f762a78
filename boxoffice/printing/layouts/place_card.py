"""The place card: how many places, until which screenings, and the code that is scanned."""

from boxoffice.printing.document import (
    Align,
    Cut,
    Document,
    Feed,
    QrCode,
    Rule,
    Text,
    TickBoxes,
    as_large_as_fits,
    wrapped,
)
from boxoffice.sales.prints.papers import PlaceCardPaper

from .parts import grouped, marks, validity

_PLACES_LINES = 6


def lay_out_place_card(paper: PlaceCardPaper, columns: int) -> Document:
    """What is bought in large, what it is good for, then the number to type and the code to scan."""
    return (
        *marks(paper.letterhead, paper.copy_number),
        *wrapped(paper.letterhead.festival, columns, align=Align.CENTRE, bold=True),
        Feed(),
        Text("CARTE DE PLACES".center(columns), Align.LEFT, bold=True, invert=True, tall=2),
        *wrapped(paper.label, columns, align=Align.CENTRE, bold=True),
        Feed(),
        *_places(paper, columns),
        *validity(paper.valid_from, paper.valid_until, columns, of="une séance"),
        *(line for term in paper.terms for line in wrapped(term, columns, align=Align.CENTRE)),
        *_holder(paper, columns),
        Rule(),
        QrCode(paper.code),
        *wrapped(grouped(paper.code), columns, align=Align.CENTRE),
        *wrapped(f"N° {paper.number}", columns, align=Align.CENTRE, bold=True, tall=2),
        Rule(),
        *wrapped(
            "Présentez cette carte au guichet : chaque place y est échangée contre un billet.",
            columns,
            align=Align.CENTRE,
        ),
        Feed(),
        Cut(),
    )


def _places(paper: PlaceCardPaper, columns: int) -> Document:
    if paper.places is None:
        return as_large_as_fits(("PERMANENTE",), columns, _PLACES_LINES, align=Align.CENTRE)
    words = "1 place" if paper.places == 1 else f"{paper.places} places"
    large = as_large_as_fits((words,), columns, _PLACES_LINES, align=Align.CENTRE)
    return (*large, TickBoxes(paper.places, 0)) if paper.places > 1 else large


def _holder(paper: PlaceCardPaper, columns: int) -> Document:
    if not paper.nominative:
        return ()
    return wrapped(
        "Nominative : le nom de son titulaire est demandé.", columns, align=Align.CENTRE, bold=True
    )
