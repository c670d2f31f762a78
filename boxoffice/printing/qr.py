"""QR codes: their size, and their modules where the printer cannot draw them."""

import re
from functools import lru_cache

QUIET_MODULES = 4

_ALPHANUMERIC = re.compile(r"[0-9A-Z $%*+\-./:]+")

# ISO/IEC 18004, table 7, error correction M: characters that versions 1, 2, 3… hold.
_ALPHANUMERIC_CAPACITY = (20, 38, 61, 90, 122, 154, 178, 221, 262, 311)
_BYTE_CAPACITY = (14, 26, 42, 62, 84, 106, 122, 152, 180, 213)


def module_count(content: str) -> int:
    """How many modules wide the code of `content` is. Raises ValueError above 213 characters of any kind."""
    capacities = _ALPHANUMERIC_CAPACITY if _ALPHANUMERIC.fullmatch(content) else _BYTE_CAPACITY
    for version, capacity in enumerate(capacities, start=1):
        if len(content) <= capacity:
            return 17 + 4 * version
    raise ValueError(f"too long for a code on a ticket: {len(content)} characters")


@lru_cache(maxsize=64)
def matrix(content: str) -> tuple[tuple[bool, ...], ...]:
    """The modules of the code, row by row, dark ones true, without the quiet zone."""
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.main import QRCode

    code = QRCode(error_correction=ERROR_CORRECT_M, border=0, version=(module_count(content) - 17) // 4)
    code.add_data(content, optimize=0)
    code.make(fit=False)
    return tuple(tuple(bool(module) for module in row) for row in code.get_matrix())
