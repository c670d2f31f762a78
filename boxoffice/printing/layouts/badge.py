"""The badge: who wears it above all, what it is, and the code that is scanned."""

from datetime import date

from boxoffice.printing.characters import printable
from boxoffice.printing.document import (
    Align,
    Cut,
    Document,
    Feed,
    QrCode,
    Sideways,
    Text,
    TickBoxes,
    as_large_as_fits,
    wrapped,
)
from boxoffice.sales.prints.papers import BadgePaper

from .parts import band, day_of, grouped, marks

_NAME_LINES = 12
_LEFT_COLUMNS, _RIGHT_COLUMNS = 42, 24
_LYING_LINES = 16
"""As many lines as an 80 mm paper is wide."""

_LYING_NAME_LINES = 4
"""How many of them the name has at least; more boxes than then fit are not drawn."""


def lay_out_badge(paper: BadgePaper, columns: int) -> Document:
    """The badge across the paper, from top to bottom."""
    return (
        *marks(paper.letterhead, paper.copy_number),
        *_festival(paper, columns),
        Feed(),
        *_name(paper, columns, _NAME_LINES),
        *_organisation(paper, columns),
        Feed(),
        *_product(paper, columns),
        *_validity(paper, columns),
        Feed(),
        *_places(paper, columns),
        QrCode(paper.code),
        *wrapped(grouped(paper.code), columns, align=Align.CENTRE),
        *wrapped(f"N° {paper.number}", columns, align=Align.CENTRE, bold=True, tall=2),
        Cut(),
    )


def lay_out_lying_badge(paper: BadgePaper) -> Document:
    """The badge along the paper: the name and the places on the left, the code on the right."""
    festival = _festival(paper, _LEFT_COLUMNS)[:2]
    organisation = _organisation(paper, _LEFT_COLUMNS)[:2]
    product = (*_product(paper, _LEFT_COLUMNS)[:2], *_validity(paper, _LEFT_COLUMNS))
    places = _places(paper, _LEFT_COLUMNS)
    room = _LYING_LINES - sum(map(_lines, (festival, organisation, product)))
    if _lines(places) > room - _LYING_NAME_LINES:
        places = places[:1]
    name = _name(paper, _LEFT_COLUMNS, room - _lines(places))
    left = (*festival, *name, *organisation, *product, *places)
    right = (
        *marks(paper.letterhead, paper.copy_number),
        QrCode(paper.code),
        *wrapped(grouped(paper.code), _RIGHT_COLUMNS, align=Align.CENTRE),
        *wrapped(f"N° {paper.number}", _RIGHT_COLUMNS, align=Align.CENTRE, bold=True),
    )
    return (Sideways(left, _LEFT_COLUMNS, right, _RIGHT_COLUMNS), Cut())


def _festival(paper: BadgePaper, columns: int) -> Document:
    heading = " · ".join(filter(None, (paper.letterhead.festival, paper.edition)))
    return wrapped(heading, columns, align=Align.CENTRE, bold=True)


def _name(paper: BadgePaper, columns: int, lines: int) -> Document:
    return as_large_as_fits((paper.first_name, paper.surname), columns, lines, align=Align.CENTRE)


def _organisation(paper: BadgePaper, columns: int) -> Document:
    return wrapped(paper.organisation, columns, align=Align.CENTRE) if paper.organisation else ()


def _product(paper: BadgePaper, columns: int) -> Document:
    """White on black, as wide as the paper; twice as wide where it fits on one line."""
    label = printable(paper.product).strip()
    wide = 2 if len(label) <= columns // 2 else 1
    return tuple(band(line.text, columns, wide=wide) for line in wrapped(label, columns, wide=wide))


def _validity(paper: BadgePaper, columns: int) -> Document:
    match paper.valid_from, paper.valid_until:
        case None, None:
            return ()
        case None, date() as until:
            said = f"Valable jusqu'au {day_of(until)}"
        case date() as since, None:
            said = f"Valable à partir du {day_of(since)}"
        case since, until:
            said = (
                f"Valable le {day_of(since)}" if since == until else f"Du {day_of(since)} au {day_of(until)}"
            )
    return wrapped(said, columns, align=Align.CENTRE)


def _places(paper: BadgePaper, columns: int) -> Document:
    if paper.places is None:
        return ()
    return (
        *wrapped(f"{paper.places} places", columns, align=Align.CENTRE),
        TickBoxes(paper.places, paper.used),
    )


def _lines(document: Document) -> int:
    """How many lines high the texts and boxes of a document are, on paper of any width."""
    rows = 0
    for element in document:
        match element:
            case Text():
                rows += element.tall
            case TickBoxes():
                rows += 2 * -(-element.total // 10)
    return rows
