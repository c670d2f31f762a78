"""A document as a picture, dot for dot as wide as the paper: for virtual printers, previews and the tests."""

from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING

from .boxes import Bitmap, draw_boxes
from .document import (
    Align,
    Cut,
    Document,
    DoesNotFit,
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
from .format import Format
from .qr import QUIET_MODULES, matrix, module_count

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

WHITE, BLACK = 255, 0
QUICKLY = 1
"""Half the work of the usual compression: pictures are made while somebody sells."""

# DejaVu Sans Mono, which python-barcode ships: its letters are 0,602 of their size wide.
_FONT = ("barcode", "fonts/DejaVuSansMono.ttf")
_ADVANCE = 0.602


def draw(document: Document, format: Format) -> "Image":
    """The paper as a greyscale image, `format.dots` wide, with a line of margin at both ends.

    Raises DoesNotFit when a line is longer than the paper is wide.
    """
    from PIL import Image

    check_fits(document, format.columns)
    strips = [strip for element in document for strip in _strips(element, format)]
    margin = format.line_dots
    paper = Image.new("L", (format.dots, sum(strip.height for strip in strips) + 2 * margin), WHITE)
    top = margin
    for strip in strips:
        paper.paste(strip, (0, top))
        top += strip.height
    return paper


def png(document: Document, format: Format) -> bytes:
    """The paper as a PNG file, its resolution noted so that it prints at its true size."""
    file = BytesIO()
    resolution = (format.dots_per_inch, format.dots_per_inch)
    draw(document, format).save(file, "PNG", dpi=resolution, compress_level=QUICKLY)
    return file.getvalue()


def _strips(element: Element, format: Format) -> "list[Image]":
    """One image for each line that the element takes, each as wide as the paper."""
    match element:
        case Text():
            return [_text(element, format)]
        case Pair():
            return [_text(Text(element.spread(format.columns), bold=element.bold, tall=element.tall), format)]
        case Rule():
            return [_text(Text(element.character * format.columns), format)]
        case TearOff():
            return [_text(Text(element.across(format.columns)), format)]
        case QrCode():
            return [_qr(element.content, format)]
        case TickBoxes():
            return [_dots(draw_boxes(element.total, element.ticked, format), format)]
        case Sideways():
            return [_dots(draw_sideways(element, format), format)]
        case Feed():
            return [_blank(format, format.line_dots * element.lines)]
        case Cut():
            return []


def _text(line: Text, format: Format) -> "Image":
    """One line, each letter in a cell of its own: a grid, as the printer's own font is."""
    from PIL import Image, ImageOps

    cell = format.cell_dots * line.wide
    letters = Image.new("L", (cell * len(line.text), format.line_dots * line.tall), WHITE)
    for column, letter in enumerate(line.text):
        if not letter.isspace():
            drawn = _letter(letter, format.cell_dots, format.line_dots, line.wide, line.tall, line.bold)
            letters.paste(drawn, (column * cell, 0))
    return _placed(ImageOps.invert(letters) if line.invert else letters, line.align, format)


@lru_cache(maxsize=2048)
def _letter(letter: str, cell: int, height: int, wide: int, tall: int, bold: bool) -> "Image":
    """One letter in the middle of its cell; bold is printed twice, a dot apart, as the head does it."""
    from PIL import Image, ImageDraw

    size = max(wide, tall)
    font = _font(round(cell * size / _ADVANCE))
    ascent, descent = font.getmetrics()
    baseline = (height * size - ascent - descent) // 2 + ascent
    drawn = Image.new("L", (cell * size, height * size), WHITE)
    pen = ImageDraw.Draw(drawn)
    for shift in (0, size) if bold else (0,):
        pen.text((cell * size / 2 + shift, baseline), letter, BLACK, font, anchor="ms")
    wanted = (cell * wide, height * tall)
    return drawn if drawn.size == wanted else drawn.resize(wanted, Image.Resampling.LANCZOS)


def _qr(content: str, format: Format) -> "Image":
    """The code with its quiet zone above and below; left and right the paper itself is quiet."""
    from PIL import Image

    modules = matrix(content)
    size = format.qr_module_dots(module_count(content))
    code = Image.new("L", (len(modules), len(modules) + 2 * QUIET_MODULES), WHITE)
    for y, row in enumerate(modules, start=QUIET_MODULES):
        for x, dark in enumerate(row):
            if dark:
                code.putpixel((x, y), BLACK)
    return _placed(
        code.resize((code.width * size, code.height * size), Image.Resampling.NEAREST), Align.CENTRE, format
    )


def draw_sideways(element: Sideways, format: Format) -> Bitmap:
    """Both documents side by side, turned to be read along the paper, in the dots that the printer prints.

    Raises DoesNotFit when they have more lines than the paper is wide.
    """
    from PIL import Image, ImageOps

    sides = (element.left, element.left_columns), (element.right, element.right_columns)
    lying = Image.new("L", (element.columns * format.cell_dots, format.dots), WHITE)
    left = 0
    for document, columns in sides:
        narrower = replace(format, columns=columns, dots=columns * format.cell_dots)
        strips = [strip for part in document for strip in _strips(part, narrower)]
        height = sum(strip.height for strip in strips)
        if height > format.dots:
            raise DoesNotFit(f"{height} dots high, on a paper of {format.dots}")
        top = (format.dots - height) // 2
        for strip in strips:
            lying.paste(strip, (left, top))
            top += strip.height
        left += narrower.dots
    standing = ImageOps.invert(lying.rotate(90, expand=True)).convert("1", dither=Image.Dither.NONE)
    width_bytes = -(-format.dots // 8)
    dots = standing.tobytes()
    return Bitmap(
        width_bytes, tuple(dots[start : start + width_bytes] for start in range(0, len(dots), width_bytes))
    )


def _dots(bitmap: Bitmap, format: Format) -> "Image":
    """What is drawn dot by dot, as it is."""
    from PIL import Image, ImageOps

    size = (bitmap.width_bytes * 8, len(bitmap.rows))
    drawn = Image.frombytes("1", size, b"".join(bitmap.rows)).convert("L")
    return ImageOps.invert(drawn).crop((0, 0, format.dots, len(bitmap.rows)))


def _placed(strip: "Image", align: Align, format: Format) -> "Image":
    paper = _blank(format, strip.height)
    room = format.cell_dots * format.columns - strip.width
    left = {Align.LEFT: 0, Align.CENTRE: room // 2, Align.RIGHT: room}[align]
    paper.paste(strip, (left + (format.dots - format.cell_dots * format.columns) // 2, 0))
    return paper


def _blank(format: Format, height: int) -> "Image":
    from PIL import Image

    return Image.new("L", (format.dots, height), WHITE)


@lru_cache(maxsize=8)
def _font(size: int) -> "FreeTypeFont":
    from PIL import ImageFont

    package, path = _FONT
    with files(package).joinpath(path).open("rb") as file:
        return ImageFont.truetype(BytesIO(file.read()), size)
