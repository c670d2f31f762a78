"""The preview on the screen: the same paper, in a terminal's letters."""

import pytest
import zxingcpp
from PIL import Image
from rich.cells import cell_len

from boxoffice.printing.document import Align, QrCode, Text
from boxoffice.printing.preview import plain, preview
from boxoffice.printing.rendering import to_rich
from boxoffice.printing.samples import sample
from boxoffice.sales.prints.papers import DocumentKind


@pytest.mark.parametrize("kind", list(DocumentKind))
@pytest.mark.parametrize("columns", [32, 42, 48])
def test_no_line_of_a_preview_is_wider_than_the_paper(kind: DocumentKind, columns: int) -> None:
    lines = to_rich(sample(kind), columns).plain.splitlines()
    assert max(map(cell_len, lines)) <= columns


def test_a_title_in_brackets_is_no_markup() -> None:
    assert "[COMPLET] Hamlet [/]" in preview((Text("[COMPLET] Hamlet [/]"),), 42).plain


def test_centred_text_is_in_the_middle() -> None:
    assert plain((Text("Kneecap", Align.CENTRE),), 21) == "       Kneecap\n"


def test_large_letters_are_bold() -> None:
    (span,) = preview((Text("AB", wide=2, tall=2),), 10).spans
    assert (span.start, span.end, str(span.style)) == (0, 2, "bold")


def test_the_qr_code_on_the_screen_can_be_read() -> None:
    lines = [line.strip("\n") for line in preview((QrCode("KNEECAP"),), 42).plain.split("\n")]
    image = Image.new("L", (44, 2 * len(lines)), 255)
    for row, line in enumerate(lines):
        for column, block in enumerate(line):
            if block in "▀█":
                image.putpixel((column, 2 * row), 0)
            if block in "▄█":
                image.putpixel((column, 2 * row + 1), 0)
    framed = Image.new("L", (60, image.height + 16), 255)
    framed.paste(image, (8, 8))
    enlarged = framed.resize((framed.width * 6, framed.height * 6), Image.Resampling.NEAREST)
    assert [found.text for found in zxingcpp.read_barcodes(enlarged)] == ["KNEECAP"]
