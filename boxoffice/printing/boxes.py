"""The grid of a pass's places, drawn dot by dot: the same on the printer and in the picture."""

from dataclasses import dataclass
from math import ceil

from .format import Format

PER_ROW = 10
_PITCH_MILLIMETRES = 7
_FRAME_MILLIMETRES = 0.4


@dataclass(frozen=True, slots=True)
class Bitmap:
    """Rows of dots, eight to a byte, black ones set; every row is `width_bytes` long."""

    width_bytes: int
    rows: tuple[bytes, ...]


def box_rows(total: int, ticked: int) -> list[list[bool]]:
    """The boxes row by row, ten at most in each; true where one is filled in."""
    boxes = [place < ticked for place in range(total)]
    return [boxes[start : start + PER_ROW] for start in range(0, total, PER_ROW)]


def draw_boxes(total: int, ticked: int, format: Format) -> Bitmap:
    """The grid, centred, as wide as the paper."""
    rows = box_rows(total, ticked)
    pitch = min(
        format.dots // max(map(len, rows), default=1),
        round(_PITCH_MILLIMETRES / 25.4 * format.dots_per_inch),
    )
    side, frame = pitch * 4 // 5, max(2, round(_FRAME_MILLIMETRES / 25.4 * format.dots_per_inch))
    width_bytes = ceil(format.dots / 8)
    drawn: list[bytes] = []
    for row in rows:
        left = (format.dots - len(row) * pitch + pitch - side) // 2
        edge = _dots("1" * side, row, left, pitch, width_bytes)
        hollow = "1" * frame + "0" * (side - 2 * frame) + "1" * frame
        middle = _dots(hollow, row, left, pitch, width_bytes)
        drawn += [edge] * frame + [middle] * (side - 2 * frame) + [edge] * frame
        drawn += [bytes(width_bytes)] * (pitch - side)
    return Bitmap(width_bytes, tuple(drawn))


def _dots(empty: str, row: list[bool], left: int, pitch: int, width_bytes: int) -> bytes:
    """One line of dots through a row of boxes, `empty` being what it meets in a box that is not filled."""
    boxes = (("1" * len(empty) if filled else empty).ljust(pitch, "0") for filled in row)
    bits = ("0" * left + "".join(boxes))[: width_bytes * 8].ljust(width_bytes * 8, "0")
    return int(bits, 2).to_bytes(width_bytes, "big")
