"""Where there are seats left this evening: for the queue, large enough to be read on a wall."""

from datetime import datetime

from boxoffice.clock import say
from boxoffice.printing.document import Align, Cut, Document, Feed, Rule, listed, pair, wrapped
from boxoffice.sales.prints.statement_papers import LeftTonightPaper, PaperLeft

from .parts import marks, moment

FEW = 10
"""Seats from which on they are the last ones."""


def lay_out_left_tonight(paper: LeftTonightPaper, columns: int) -> Document:
    """Every screening that is on sale and has seats, in order of time; or why there is none."""
    return (
        *marks(paper.letterhead, 0),
        *wrapped(paper.letterhead.festival, columns, align=Align.CENTRE, bold=True),
        *(_screenings(paper, columns) if paper.screenings else _nothing(paper, columns)),
        Rule(),
        *wrapped(f"Au {moment(paper.at)}.", columns, align=Align.CENTRE),
        *(_not_kept(columns) if paper.screenings else ()),
        Feed(),
        Cut(),
    )


def _screenings(paper: LeftTonightPaper, columns: int) -> Document:
    rows = (_screening(screening, paper.at, columns) for screening in paper.screenings)
    return (*_headline("IL RESTE DES PLACES", columns), *(element for row in rows for element in row))


def _nothing(paper: LeftTonightPaper, columns: int) -> Document:
    if paper.is_sold_out:
        headline, words = "COMPLET", "Il n'y a plus de place ce soir."
    else:
        headline, words = "C'EST FINI", "Plus de séance à venir ce soir."
    return (*_headline(headline, columns), Rule(), *wrapped(words, columns, bold=True, tall=2))


def _headline(words: str, columns: int) -> Document:
    return wrapped(words, columns, align=Align.CENTRE, bold=True, wide=2, tall=2)


def _not_kept(columns: int) -> Document:
    return wrapped("Les places ne sont pas gardées.", columns, align=Align.CENTRE)


def _screening(screening: PaperLeft, at: datetime, columns: int) -> Document:
    begun = ("commencée",) if screening.starts_at <= at else ()
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
        *listed((screening.place, screening.event_version, *begun), columns),
    )


def _left(seats: int) -> str:
    if seats == 1:
        return "dernière place"
    return f"{seats} dernières places" if seats <= FEW else f"{seats} places"
