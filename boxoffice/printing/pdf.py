"""A paper as a PDF on A4: the elements of its document, text as text, in the letters of previews."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING

from boxoffice.sales.prints.papers import Paper

from .boxes import box_rows
from .document import (
    Align,
    Cut,
    Document,
    Element,
    Feed,
    Pair,
    QrCode,
    Rule,
    Sideways,
    TearOff,
    Text,
    TickBoxes,
    check_fits,
)
from .layouts import lay_out
from .qr import QUIET_MODULES, matrix

if TYPE_CHECKING:
    from fpdf import FPDF

COLUMNS = 80
"""Characters across an A4 page: layouts are told this width, as they are told a printer's."""

# DejaVu Sans Mono, which python-barcode ships: it has the letters of every name in Europe.
FONT = str(files("barcode").joinpath("fonts/DejaVuSansMono.ttf"))
FAMILY = "DejaVu"

_WIDTH, _HEIGHT = 210.0, 297.0
_MARGIN, _TOP, _BOTTOM = 15.0, 15.0, 18.0
_CELL = (_WIDTH - 2 * _MARGIN) / COLUMNS
_POINTS_PER_MILLIMETRE = 72 / 25.4
_ADVANCE = 1233 / 2048
"""How wide each letter of the font is, of its size."""
_SIZE = _CELL / _ADVANCE * _POINTS_PER_MILLIMETRE
_LINE = 4.6
_QR_SIDE = 35.0
_BOX = 6.0
_KEPT_LINES = 4
"""A rule and the heading below it are not left at the foot of a page."""
_SMALL = 7.0
_BOLD_STROKE = 0.09
_GREY = 90


def load() -> None:
    """Load what draws, which takes longer than drawing: nobody should wait for it with the books held."""
    import_module("fpdf")


def paper_pdf(paper: Paper, title: str, at: datetime) -> bytes:
    """The PDF of a paper, made `at`; every page bears its `title` and its number."""
    return document_pdf(lay_out(paper, COLUMNS), title, at)


def document_pdf(document: Document, title: str, at: datetime) -> bytes:
    """The PDF of a document laid out for `COLUMNS`. Raises DoesNotFit when a line is longer than that."""
    from fpdf import FPDF

    check_fits(document, COLUMNS)
    page = FPDF(unit="mm", format="A4")
    page.set_creation_date(at)
    page.set_title(title)
    page.set_lang("fr")
    page.set_auto_page_break(False)
    page.add_font(FAMILY, fname=FONT)
    pen = _Pen(page)
    for element in document:
        if isinstance(element, Rule):
            pen.keep_together(_KEPT_LINES * _LINE)
        _draw(pen, element)
    _number_pages(page, title)
    return bytes(page.output())


@dataclass(slots=True)
class _Pen:
    """Where the next line goes, in millimetres from the top; a new page begins where one is full."""

    page: "FPDF"
    at: float = _HEIGHT
    """As if a page were full: the first is begun by what is written first."""

    def keep_together(self, height: float) -> None:
        """Begin a page unless there is this much left of the one that is written."""
        if self.at + height > _HEIGHT - _BOTTOM:
            self.at = _HEIGHT

    def room(self, height: float) -> float:
        """The top of the next `height` millimetres, on a page where they all fit."""
        if self.at + height > _HEIGHT - _BOTTOM:
            self.page.add_page()
            self.at = _TOP
        top = self.at
        self.at += height
        return top


def _draw(pen: _Pen, element: Element) -> None:
    match element:
        case Text():
            fits = len(element.text) * element.tall <= COLUMNS
            _write(pen, element, pen.room(_LINE * element.tall), fits=fits)
        case Pair():
            top, fits = pen.room(_LINE * element.tall), element.columns * element.tall <= COLUMNS
            for text, align in ((element.left, Align.LEFT), (element.right, Align.RIGHT)):
                _write(pen, Text(text, align, element.bold, tall=element.tall), top, fits=fits)
        case Rule():
            middle = pen.room(_LINE) + _LINE / 2
            for offset in (-0.4, 0.4) if element.character == "=" else (0.0,):
                pen.page.line(_MARGIN, middle + offset, _WIDTH - _MARGIN, middle + offset)
        case TearOff():
            middle = pen.room(_LINE) + _LINE / 2
            pen.page.set_dash_pattern(dash=1.5, gap=1.5)
            pen.page.line(_MARGIN, middle, _WIDTH - _MARGIN, middle)
            pen.page.set_dash_pattern()
        case QrCode():
            _draw_code(pen, element.content)
        case TickBoxes():
            for row in box_rows(element.total, element.ticked):
                _draw_boxes(pen, row)
        case Sideways():
            for part in (*element.left, *element.right):
                _draw(pen, part)
        case Feed():
            pen.room(element.lines * _LINE)
        case Cut():
            pen.at = _HEIGHT


def _write(pen: _Pen, line: Text, top: float, *, fits: bool) -> None:
    """A line in its size; tall letters are as narrow as a printer's only where wide ones do not fit."""
    from fpdf.enums import TextMode

    height = _LINE * line.tall
    wide = max(line.wide, line.tall) if fits else line.wide
    width = len(line.text) * _CELL * wide
    left = {
        Align.LEFT: _MARGIN,
        Align.CENTRE: (_WIDTH - width) / 2,
        Align.RIGHT: _WIDTH - _MARGIN - width,
    }[line.align]
    page = pen.page
    page.set_font(FAMILY, size=_SIZE * line.tall)
    page.set_stretching(100 * wide / line.tall)
    if line.invert:
        page.set_fill_color(0)
        page.rect(left, top, width, height, style="F")
    shade = 255 if line.invert else 0
    with page.local_context(
        text_mode=TextMode.FILL_STROKE if line.bold else TextMode.FILL, line_width=_BOLD_STROKE
    ):
        page.set_text_color(shade)
        page.set_draw_color(shade)
        page.text(left, top + 0.76 * height, line.text)
    page.set_stretching(100)


def _draw_code(pen: _Pen, content: str) -> None:
    modules = matrix(content)
    side = _QR_SIDE / (len(modules) + 2 * QUIET_MODULES)
    top, left = pen.room(_QR_SIDE), (_WIDTH - _QR_SIDE) / 2
    pen.page.set_fill_color(0)
    for row, dark_row in enumerate(modules, start=QUIET_MODULES):
        for column, dark in enumerate(dark_row, start=QUIET_MODULES):
            if dark:
                pen.page.rect(left + column * side, top + row * side, side, side, style="F")


def _draw_boxes(pen: _Pen, row: list[bool]) -> None:
    top = pen.room(_BOX + 2)
    left = (_WIDTH - len(row) * (_BOX + 2)) / 2
    pen.page.set_fill_color(0)
    for place, filled in enumerate(row):
        pen.page.rect(left + place * (_BOX + 2), top, _BOX, _BOX, style="DF" if filled else "D")


def _number_pages(page: "FPDF", title: str) -> None:
    total = page.pages_count
    for number in _pages(page):
        said = f"{number}/{total}"
        # Only a context of its own says the font again on a page that is written to a second time.
        with page.local_context(font_family=FAMILY, font_size_pt=_SMALL):
            page.set_text_color(_GREY)
            page.text(_MARGIN, _HEIGHT - 9, title)
            page.text(_WIDTH - _MARGIN - page.get_string_width(said), _HEIGHT - 9, said)


def _pages(page: "FPDF") -> Iterator[int]:
    """Each page in turn, to write on it once it is known how many there are."""
    for number in range(1, page.pages_count + 1):
        page.page = number
        yield number
