"""The place card: how many places, until which screenings, and the code that is scanned."""

from boxoffice.printing.document import (
    Align,
    Document,
    Feed,
    TickBoxes,
    as_large_as_fits,
    wrapped,
)
from boxoffice.sales.prints.card_papers import PlaceCardPaper

from .parts import band, centred, code_paper, grouped, validity

_PLACES_LINES = 6


def lay_out_place_card(paper: PlaceCardPaper, columns: int) -> Document:
    """What is bought in large, what it is good for, then the number to type and the code to scan."""
    return code_paper(
        paper,
        band("CARTE DE PLACES", columns),
        (
            *wrapped(paper.label, columns, align=Align.CENTRE, bold=True),
            Feed(),
            *_places(paper, columns),
            *validity(paper.valid_from, paper.valid_until, columns, of="une séance"),
            *centred(paper.terms, columns),
            *_holder(paper, columns),
        ),
        (
            *centred((grouped(paper.code),), columns),
            *wrapped(f"N° {paper.typed}", columns, align=Align.CENTRE, bold=True, tall=2),
        ),
        ("Présentez cette carte au guichet : chaque place y est échangée contre un billet.",),
        columns,
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
