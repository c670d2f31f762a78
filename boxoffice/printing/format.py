"""The paper of a printer: how wide it is, how fine it prints, and what the printer can do by itself."""

from dataclasses import dataclass
from math import ceil

from boxoffice.sales.widths import WIDTHS

QR_MILLIMETRES = 25


@dataclass(frozen=True, slots=True)
class Format:
    """`columns` letters of font A across `dots` dots; `code_page` is the printer's number for WPC1252."""

    columns: int = 42
    dots: int = 512
    dots_per_inch: int = 180
    code_page: int = 16
    native_qr: bool = True
    cutter: bool = True
    landscape: bool = False
    """Whether badges are printed along the paper, as an image."""

    @property
    def cell_dots(self) -> int:
        """How wide a letter is."""
        return self.dots // self.columns

    @property
    def line_dots(self) -> int:
        """How high a line is: a sixth of an inch."""
        return round(self.dots_per_inch / 6)

    def qr_module_dots(self, modules: int) -> int:
        """How large a module must be for the code to be 25 mm wide; less only where the paper is narrower."""
        wanted = ceil(QR_MILLIMETRES / 25.4 * self.dots_per_inch / modules)
        return max(1, min(wanted, 16, self.dots // modules))


BY_COLUMNS = {columns: Format(columns, *dots) for columns, dots in WIDTHS.items()}
NARROW, MEDIUM, WIDE = BY_COLUMNS.values()
