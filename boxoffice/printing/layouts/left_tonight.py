"""Where there are seats left this evening: for the queue, large enough to be read on a wall."""

from boxoffice.clock import say
from boxoffice.printing.document import Align, Cut, Document, Feed, Rule, listed, pair, wrapped
from boxoffice.sales.prints.statement_papers import LeftTonightPaper, PaperLeft

from .parts import marks, moment

FEW = 10
"""Seats from which on they are the last ones."""


def lay_out_left_tonight(paper: LeftTonightPaper, columns: int) -> Document:
    """Every screening that has not begun and has seats, in order of time."""
    return (
        *marks(paper.letterhead, 0),
        *wrapped(paper.letterhead.festival, columns, align=Align.CENTRE, bold=True),
        *wrapped("IL RESTE DES PLACES", columns, align=Align.CENTRE, bold=True, wide=2, tall=2),
        *_screenings(paper.screenings, columns),
        Rule(),
        *wrapped(f"Au {moment(paper.at)}.", columns, align=Align.CENTRE),
        *wrapped("Les places ne sont pas gardées.", columns, align=Align.CENTRE),
        Feed(),
        Cut(),
    )


def _screenings(screenings: tuple[PaperLeft, ...], columns: int) -> Document:
    if not screenings:
        return (Rule(), *wrapped("Il n'y a plus de place ce soir.", columns, bold=True, tall=2))
    return tuple(element for screening in screenings for element in _screening(screening, columns))


def _screening(screening: PaperLeft, columns: int) -> Document:
    return (
        Rule(),
        *pair(
            say(screening.starts_at, "HH 'h' mm").replace(" ", "\u00a0"),
            _left(screening.left),
            columns,
            bold=True,
            tall=2,
        ),
        *wrapped(screening.event_title, columns, bold=True, tall=2),
        *listed((screening.place, screening.event_version), columns),
    )


def _left(seats: int) -> str:
    if seats == 1:
        return "dernière place"
    return f"{seats} dernières places" if seats <= FEW else f"{seats} places"
