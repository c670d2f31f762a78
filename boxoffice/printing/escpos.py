"""A document as the bytes of an ESC/POS printer, through python-escpos."""

from functools import lru_cache
from typing import Any

from .boxes import Bitmap, draw_boxes
from .characters import ENCODING
from .document import (
    Align,
    Cut,
    Document,
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
from .library import escpos_printers
from .qr import QUIET_MODULES, matrix, module_count

_LEAVE_CHINESE_MODE = b"\x1c."
_INITIALISE = b"\x1b@"
_CODE_PAGE = b"\x1bt"
_RASTER = b"\x1dv0\x00"
_FEED_DOTS = b"\x1bJ"
_TEAR_BAR_LINES = 5
_BAND_DOTS = 256


def render(document: Document, format: Format) -> bytes:
    """The bytes that print `document`, from a printer initialised to a paper cut.

    Raises DoesNotFit when a line is longer than the paper is wide.
    """
    check_fits(document, format.columns)
    pen = _Pen(format)
    for element in document:
        match element:
            case Text():
                pen.write(
                    element.text, element.align, element.bold, element.invert, element.wide, element.tall
                )
            case Pair():
                pen.write(element.spread(format.columns), bold=element.bold, tall=element.tall)
            case Rule():
                pen.write(element.character * format.columns)
            case TearOff():
                pen.write(element.across(format.columns))
            case QrCode():
                pen.draw_qr(element.content)
            case TickBoxes():
                pen.draw(draw_boxes(element.total, element.ticked, format))
            case Sideways():
                from .picture import draw_sideways

                pen.draw(draw_sideways(element, format))
            case Feed():
                pen.feed(element.lines)
            case Cut():
                pen.cut()
    return pen.bytes


class _Pen:
    """What has been written so far, and in which style the printer stands."""

    def __init__(self, format: Format) -> None:
        self.format = format
        self.printer = _pad()
        self.style: tuple[Align, bool, bool, int, int] = (Align.LEFT, False, False, 1, 1)
        self.printer._raw(_INITIALISE + _LEAVE_CHINESE_MODE + _CODE_PAGE + bytes([format.code_page]))

    @property
    def bytes(self) -> bytes:
        return bytes(self.printer.output)

    def write(
        self,
        text: str,
        align: Align = Align.LEFT,
        bold: bool = False,
        invert: bool = False,
        wide: int = 1,
        tall: int = 1,
    ) -> None:
        self._set(align, bold, invert, wide, tall)
        self.printer.text(text + "\n")

    def draw_qr(self, content: str) -> None:
        size = self.format.qr_module_dots(module_count(content))
        quiet = _FEED_DOTS + bytes([QUIET_MODULES * size])
        self._set(align=Align.CENTRE)
        self.printer._raw(quiet)
        if self.format.native_qr:
            self.printer.qr(content, ec=1, size=size, model=2, native=True)
        else:
            self.printer._raw(_raster(content, size))
        self.printer._raw(quiet)

    def draw(self, bitmap: Bitmap) -> None:
        """An image as wide as the paper, in bands: small printers hold no large one."""
        self._set()
        for start in range(0, len(bitmap.rows), _BAND_DOTS):
            band = bitmap.rows[start : start + _BAND_DOTS]
            self.printer._raw(_RASTER + _size(bitmap.width_bytes, len(band)) + b"".join(band))

    def feed(self, lines: int) -> None:
        self.printer.print_and_feed(lines)

    def cut(self) -> None:
        if self.format.cutter:
            self.printer.cut(feed=False)
        else:
            self.feed(_TEAR_BAR_LINES)

    def _set(
        self,
        align: Align = Align.LEFT,
        bold: bool = False,
        invert: bool = False,
        wide: int = 1,
        tall: int = 1,
    ) -> None:
        """Tell the printer what differs from the style it stands in."""
        old_align, old_bold, old_invert, old_wide, old_tall = self.style
        if (wide, tall) != (old_wide, old_tall):
            self.printer.set(custom_size=True, width=wide, height=tall)
        self.printer.set(
            align=align.value if align != old_align else None,
            bold=bold if bold != old_bold else None,
            invert=invert if invert != old_invert else None,
        )
        self.style = (align, bold, invert, wide, tall)


def _pad() -> Any:
    """Collects bytes, in one encoding: left to itself it changes the code page with the accents."""
    return escpos_printers().Dummy(
        magic_encode_args={"encoding": ENCODING, "disabled": True, "encoder": _encoder()}
    )


@lru_cache(maxsize=1)
def _encoder() -> Any:
    """What turns letters into bytes; it keeps its table, so that each paper need not build it again."""
    pad = escpos_printers().Dummy()
    return pad.magic.encoder


def _raster(content: str, size: int) -> bytes:
    """The code as an image, `size` dots a module, its width filled up with white to whole bytes."""
    modules = matrix(content)
    width_bytes = -(-len(modules) * size // 8)
    padding = width_bytes * 8 - len(modules) * size
    height = len(modules) * size
    rows = []
    for row in modules:
        bits = "".join(("1" if dark else "0") * size for dark in row) + "0" * padding
        rows.append(int(bits, 2).to_bytes(width_bytes, "big") * size)
    return _RASTER + _size(width_bytes, height) + b"".join(rows)


def _size(width_bytes: int, height: int) -> bytes:
    """What tells the printer how large an image is."""
    return width_bytes.to_bytes(2, "little") + height.to_bytes(2, "little")
