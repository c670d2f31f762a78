"""The picture is the paper: its codes can be read, its letters are letters, its lines fit."""

from io import BytesIO

import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageOps

from boxoffice.printing import picture
from boxoffice.printing.document import Pair, QrCode, Text
from boxoffice.printing.format import BY_COLUMNS, MEDIUM, NARROW, WIDE, Format
from boxoffice.printing.qr import matrix, module_count
from boxoffice.printing.rendering import to_png
from boxoffice.printing.samples import sample
from boxoffice.sales.prints.papers import DocumentKind

CODE = "TBCDFGHJKLNPRSTVXBCDFGHJKLNPRST"
FORMATS = [NARROW, MEDIUM, WIDE]


def ink(image: Image.Image) -> tuple[int, int, int, int]:
    """The box around everything that is not white."""
    box = ImageOps.invert(image).getbbox()
    assert box is not None
    return box


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("kind", "content"), [(DocumentKind.TICKET, CODE), (DocumentKind.PRINTER_TEST, "PRINTER TEST")]
)
def test_the_qr_code_of_a_picture_can_be_read(kind: DocumentKind, content: str, format: Format) -> None:
    image = Image.open(BytesIO(to_png(sample(kind), format)))
    assert [found.text for found in zxingcpp.read_barcodes(image)] == [content]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("content", [CODE, "2-0000000-12345", "https://boxoffice.test/billet?n=2-000456"])
def test_a_qr_code_is_at_least_25_mm_wide(content: str, format: Format) -> None:
    left, top, right, bottom = ink(picture.draw((QrCode(content),), format))
    assert (right - left) / format.dots_per_inch * 25.4 >= 25
    assert right - left == bottom - top


@pytest.mark.parametrize("kind", list(DocumentKind))
@pytest.mark.parametrize("columns", sorted(BY_COLUMNS))
def test_a_picture_is_as_wide_as_the_paper(kind: DocumentKind, columns: int) -> None:
    format = BY_COLUMNS[columns]
    image = Image.open(BytesIO(to_png(sample(kind), format)))
    assert image.width == format.dots
    assert image.info["dpi"] == pytest.approx((format.dots_per_inch, format.dots_per_inch), abs=0.1)


@pytest.mark.parametrize("columns", sorted(BY_COLUMNS))
def test_a_full_line_reaches_both_edges_and_no_further(columns: int) -> None:
    format = BY_COLUMNS[columns]
    left, _, right, _ = ink(picture.draw((Text("H" * columns),), format))
    assert 0 < left < 2 * format.cell_dots
    assert format.dots - 2 * format.cell_dots < right < format.dots


@pytest.mark.parametrize("letter", "éèàçùœŒ€«»ÉÀÇ–’…°ß")
def test_every_letter_of_a_french_paper_has_its_own_drawing(letter: str) -> None:
    drawn = picture.draw((Text(letter),), MEDIUM)
    unknown = picture.draw((Text("?"),), MEDIUM)
    missing = picture._font(20).getmask("\uffff").getbbox()
    assert ImageChops.difference(drawn, unknown).getbbox() is not None
    assert picture._font(20).getmask(letter).getbbox() != missing


def test_large_bold_and_inverse_letters_look_so() -> None:
    def blackness(**style: object) -> float:
        image = picture.draw((Text("Kneecap", **style),), MEDIUM)  # type: ignore[arg-type]
        return sum((255 - value) * count for value, count in enumerate(image.histogram()))

    plain = blackness()
    assert blackness(bold=True) > 1.1 * plain
    assert blackness(tall=2) > 1.5 * plain
    assert blackness(wide=2, tall=2) > 3 * plain
    assert blackness(invert=True) > 2 * plain


def test_both_ends_of_a_pair_are_at_the_edges() -> None:
    left, _, right, _ = ink(picture.draw((Pair("H", "H"),), WIDE))
    assert left < WIDE.cell_dots
    assert right > WIDE.dots - WIDE.cell_dots


@pytest.mark.parametrize(
    ("content", "modules"), [("A" * 20, 21), ("A" * 21, 25), (CODE, 25), ("a" * 14, 21), ("a" * 15, 25)]
)
def test_the_size_of_a_code_is_known_without_drawing_it(content: str, modules: int) -> None:
    assert module_count(content) == modules == len(matrix(content))


def test_a_text_too_long_for_a_code_is_an_error() -> None:
    with pytest.raises(ValueError, match="too long"):
        module_count("a" * 214)
