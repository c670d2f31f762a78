"""The gift card as a PDF: one page, its code as sharp squares that a scanner reads."""

import re
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import zxingcpp
from PIL import Image, ImageDraw

from boxoffice.printing.gift_pdf import gift_card_pdf, write_pdf
from boxoffice.printing.samples import sample
from boxoffice.sales.prints.card_papers import GiftCardPaper
from boxoffice.sales.prints.papers import DocumentKind

AT = datetime(2026, 1, 21, 11, 0, tzinfo=UTC)
DOTS_PER_POINT = 3
_SQUARE = re.compile(rb"([\d.]+) ([\d.]+) ([\d.]+) (-?[\d.]+) re f")


def gift_card() -> GiftCardPaper:
    paper = sample(DocumentKind.GIFT_CARD)
    assert isinstance(paper, GiftCardPaper)
    return paper


def streams(pdf: bytes) -> bytes:
    """What the page draws, in plain words."""
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return b"\n".join(zlib.decompress(each) for each in found if each[:1] == b"x")


def test_the_code_of_the_page_can_be_read() -> None:
    paper = gift_card()
    squares = [tuple(map(float, each)) for each in _SQUARE.findall(streams(gift_card_pdf(paper, AT)))]
    image = Image.new("L", (600 * DOTS_PER_POINT, 430 * DOTS_PER_POINT), 255)
    draw = ImageDraw.Draw(image)
    for left, top, width, height in squares:
        ends = (left, top, left + width, top + height)
        across, down = sorted((ends[0], ends[2])), sorted((ends[1], ends[3]))
        box = [round(end * DOTS_PER_POINT) for end in (across[0], down[0], across[1], down[1])]
        draw.rectangle((box[0], box[1], box[2] - 1, box[3] - 1), fill=0)
    upright = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    assert [found.text for found in zxingcpp.read_barcodes(upright)] == [paper.code]


def test_it_is_one_page_with_its_letters_in_it() -> None:
    pdf = gift_card_pdf(gift_card(), AT)
    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type /Page\n") == 1
    assert b"DejaVuSansMono" in pdf


def test_the_same_card_gives_the_same_page() -> None:
    assert gift_card_pdf(gift_card(), AT) == gift_card_pdf(gift_card(), AT)


def test_long_words_stay_on_the_page() -> None:
    long = replace(gift_card(), message="Bon film " * 22, recipient="Œdipe " * 10, giver="Ñandú " * 10)
    assert gift_card_pdf(long, AT).count(b"/Type /Page\n") == 1


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = write_pdf(gift_card(), tmp_path / "cartes", AT)
    assert path.name == "carte-cadeau-CDFG.pdf"
    assert path.stat().st_mode & 0o777 == 0o600
    assert write_pdf(gift_card(), tmp_path / "cartes", AT) == path
