"""A document as rich text, as wide as the paper in columns: for the screen, and as plain text for a file."""

from rich.text import Text as RichText

from .document import Align, Cut, Document, Feed, Pair, QrCode, Rule, TearOff, Text, check_fits
from .escpos import TEAR_OFF
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


def _lines(element: Text | Pair | Rule | TearOff | QrCode | Feed | Cut, columns: int) -> list[RichText]:
    match element:
        case Text():
            return [_text(element, columns)]
        case Pair():
            return [RichText(element.spread(columns), style="bold" if element.bold else "")]
        case Rule():
            return [RichText({"-": "─", "=": "═"}.get(element.character, element.character) * columns)]
        case TearOff():
            return [RichText((TEAR_OFF * columns)[:columns])]
        case QrCode():
            return _qr(element.content, columns)
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
