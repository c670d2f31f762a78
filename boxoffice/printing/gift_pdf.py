"""The gift card as a page to send by e-mail or to print at home: its text is text, its code sharp squares."""

from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from babel.dates import format_date

from boxoffice.money import format_euros
from boxoffice.private_file import write_privately
from boxoffice.sales.prints.card_papers import GiftCardPaper

from .layouts.gift_card import terms
from .qr import QUIET_MODULES, matrix

if TYPE_CHECKING:
    from fpdf import FPDF

CARDS = "carte-cadeau-*.pdf"
"""What the files of cards are called; there are names in them."""

WIDTH, HEIGHT = 210.0, 148.0
"""A5 lying, in millimetres."""

MARGIN = 12.0
CODE_SIDE = 52.0
TEXT_WIDTH = WIDTH - 3 * MARGIN - CODE_SIDE
GREY = 90
# DejaVu Sans Mono, which python-barcode ships: it has the letters of every name in Europe.
_FONT = ("barcode", "fonts/DejaVuSansMono.ttf")
_FAMILY = "DejaVu"


def gift_card_pdf(paper: GiftCardPaper, at: datetime) -> bytes:
    """The PDF of a card, made `at`: the words on the left, the code to scan or type on the right."""
    from fpdf import FPDF

    page = FPDF(orientation="landscape", unit="mm", format=(HEIGHT, WIDTH))
    page.set_creation_date(at)
    page.set_title(f"Carte cadeau – {paper.letterhead.festival}")
    page.set_lang("fr")
    page.set_auto_page_break(False)
    page.add_font(_FAMILY, fname=str(files(_FONT[0]).joinpath(_FONT[1])))
    page.add_page()
    page.rect(MARGIN / 2, MARGIN / 2, WIDTH - MARGIN, HEIGHT - MARGIN)
    page.set_xy(MARGIN, MARGIN)
    _write(page, paper.letterhead.festival, 11)
    _write(page, "CARTE CADEAU", 26)
    if paper.label != "Carte cadeau":
        _write(page, paper.label, 12)
    _write(page, format_euros(paper.amount_cents), 34)
    _write_words(page, paper)
    _draw_code(page, paper)
    page.set_text_color(GREY)
    page.set_xy(MARGIN, HEIGHT - MARGIN - 21)
    if paper.valid_until is not None:
        _write(page, f"Valable jusqu'au {format_date(paper.valid_until, 'd MMMM y', locale='fr')}.", 9)
    for line in (*terms(paper), *_marks(paper)):
        _write(page, line, 8)
    return bytes(page.output())


def write_pdf(paper: GiftCardPaper, folder: Path, at: datetime) -> Path:
    """Write the PDF of a card for its owner's eyes alone; returns where, by the end of its code."""
    return write_privately(folder / CARDS.replace("*", paper.typed[-4:]), gift_card_pdf(paper, at))


def _write(page: "FPDF", text: str, points: float) -> None:
    """A paragraph on the left, broken where it is too long."""
    page.set_font(_FAMILY, size=points)
    page.set_x(MARGIN)
    page.multi_cell(TEXT_WIDTH, points * 0.5, text, align="L", new_x="LMARGIN", new_y="NEXT")


def _write_words(page: "FPDF", paper: GiftCardPaper) -> None:
    page.ln(3)
    if paper.recipient:
        _write(page, f"Pour {paper.recipient}", 13)
    if paper.message:
        _write(page, paper.message, 11)
    if paper.giver:
        _write(page, f"De la part de {paper.giver}", 11)


def _draw_code(page: "FPDF", paper: GiftCardPaper) -> None:
    """The code as squares, sharp at any size, and its letters to type below."""
    modules = matrix(paper.code)
    side = CODE_SIDE / (len(modules) + 2 * QUIET_MODULES)
    left, top = WIDTH - MARGIN - CODE_SIDE, MARGIN + 12
    page.set_fill_color(0)
    for row, dark_row in enumerate(modules, start=QUIET_MODULES):
        for column, dark in enumerate(dark_row, start=QUIET_MODULES):
            if dark:
                page.rect(left + column * side, top + row * side, side, side, style="F")
    page.set_font(_FAMILY, size=11)
    page.set_xy(left, top + CODE_SIDE)
    page.cell(CODE_SIDE, 6, paper.typed, align="C")


def _marks(paper: GiftCardPaper) -> tuple[str, ...]:
    """Who sold it, and what a copy or a rehearsal must say."""
    seller = f"{paper.letterhead.operator_name} – {paper.letterhead.town}"
    copy = f"DUPLICATA n° {paper.copy_number}" if paper.copy_number else ""
    return tuple(filter(None, (seller, copy, paper.letterhead.specimen)))
