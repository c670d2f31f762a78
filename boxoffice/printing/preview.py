"""A document as rich text, as wide as the paper in columns: for the screen, and as plain text for a file."""

from rich.text import Text as RichText

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
from .qr import matrix

_HALF_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def preview(document: Document, columns: int) -> RichText:
    """The paper on the screen: large letters are bold, the QR code is drawn with half blocks.

    Raises DoesNotFit when a line is longer than the paper is wide.
    """
    check_fits(document, columns)
    lines = [line for element in document for line in _lines(element, columns)]
    return RichText("\n", no_wrap=True).join(lines)


def plain(document: Document, columns: int) -> str:
    """The same as text without style, for a file."""
    return "\n".join(line.rstrip() for line in preview(document, columns).plain.splitlines()) + "\n"


def _lines(element: Element, columns: int) -> list[RichText]:
    match element:
        case Text():
            return [_text(element, columns)]
        case Pair():
            return [RichText(element.spread(columns), style="bold" if element.bold else "")]
        case Rule():
            return [RichText({"-": "─", "=": "═"}.get(element.character, element.character) * columns)]
        case TearOff():
            return [RichText(element.across(columns))]
        case QrCode():
            return _qr(element.content, columns)
        case TickBoxes():
            return [_boxes(row, columns) for row in box_rows(element.total, element.ticked)]
        case Sideways():
            return _side_by_side(element)
        case Feed():
            return [RichText() for _ in range(element.lines)]
        case Cut():
            return [RichText("✂ " + "┄" * (columns - 2))]


def _text(line: Text, columns: int) -> RichText:
    style = " ".join(
        name for name, on in (("bold", line.bold or line.tall > 1), ("reverse", line.invert)) if on
    )
    room = columns - len(line.text)
    left = {Align.LEFT: 0, Align.CENTRE: room // 2, Align.RIGHT: room}[line.align]
    return RichText.assemble(" " * left, (line.text, style))


def _boxes(row: list[bool], columns: int) -> RichText:
    drawn = " ".join("■" if filled else "□" for filled in row)
    return RichText(drawn.center(columns).rstrip())


def _side_by_side(element: Sideways) -> list[RichText]:
    """Both documents on the same lines, as they are read: the paper is turned, not the screen."""
    left, right = (
        [line for part in document for line in _lines(part, columns)]
        for document, columns in (
            (element.left, element.left_columns),
            (element.right, element.right_columns),
        )
    )
    height = max(len(left), len(right))
    for lines in (left, right):
        above = (height - len(lines)) // 2
        lines[:0] = [RichText() for _ in range(above)]
        lines += [RichText() for _ in range(height - len(lines))]
    joined = []
    for beginning, end in zip(left, right, strict=True):
        beginning.pad_right(element.left_columns - beginning.cell_len)
        joined.append(RichText.assemble(beginning, end))
    return joined


def _qr(content: str, columns: int) -> list[RichText]:
    """Two rows of modules in a line of half blocks, dark on light whatever the colours of the terminal."""
    modules = [list(row) for row in matrix(content)]
    quiet = [False] * len(modules)
    rows = [[False, *row, False] for row in [quiet, *modules, quiet]]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    left = max(0, (columns - len(rows[0])) // 2)
    return [
        RichText.assemble(
            " " * left,
            (
                "".join(_HALF_BLOCKS[pair] for pair in zip(upper, lower, strict=True)),
                "black on white",
            ),
        )
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]
