"""From a paper to what a printer, a file or the screen needs: the one way into this package."""

from rich.text import Text

from boxoffice.sales.prints.papers import Paper

from . import escpos, picture, preview
from .format import Format
from .layouts import lay_out


def to_bytes(paper: Paper, format: Format) -> bytes:
    """The ESC/POS bytes that print a paper."""
    return escpos.render(lay_out(paper, format.columns, landscape=format.landscape), format)


def to_png(paper: Paper, format: Format) -> bytes:
    """The paper as a PNG file, dot for dot."""
    return picture.png(lay_out(paper, format.columns, landscape=format.landscape), format)


def to_rich(paper: Paper, columns: int, *, landscape: bool = False) -> Text:
    """The paper for the screen."""
    return preview.preview(lay_out(paper, columns, landscape=landscape), columns)


def to_plain(paper: Paper, columns: int, *, landscape: bool = False) -> str:
    """The paper as a text file."""
    return preview.plain(lay_out(paper, columns, landscape=landscape), columns)
