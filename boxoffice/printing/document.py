"""A document: a short list of elements, the same for the printer, the picture and the preview.

Lengths of text are counted in columns, one character each; a letter twice as wide takes two. Every text is
made printable when its element is made, so that no rendering has to think of it.
"""

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from .characters import printable

_QR_CONTENT = re.compile(r"[\x20-\x7e]+")
_SPACES = re.compile(" +")
_SPACE_THAT_STAYS = re.compile(r" (?=[:;!?»€%](?: |$))|(?<=«) |(?<=\d) (?=h\b)")


class DoesNotFit(ValueError):
    """A line is longer than the paper is wide: the layout forgot to wrap it."""


class Align(StrEnum):
    LEFT = "left"
    CENTRE = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Text:
    """One line. `wide` and `tall` multiply the size of its letters; `invert` prints white on black."""

    text: str
    align: Align = Align.LEFT
    bold: bool = False
    invert: bool = False
    wide: int = 1
    tall: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", printable(self.text))

    @property
    def columns(self) -> int:
        return len(self.text) * self.wide


@dataclass(frozen=True, slots=True)
class Pair:
    """One line with something at each end, at least a space between them."""

    left: str
    right: str
    bold: bool = False
    tall: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "left", printable(self.left))
        object.__setattr__(self, "right", printable(self.right))

    @property
    def columns(self) -> int:
        return len(self.left) + 1 + len(self.right)

    def spread(self, columns: int) -> str:
        """The line as it is written across `columns`."""
        return self.left + self.right.rjust(columns - len(self.left))


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of one character across the paper."""

    character: str = "-"


@dataclass(frozen=True, slots=True)
class TearOff:
    """Where the stub is torn off."""

    def across(self, columns: int) -> str:
        """The broken line that shows it."""
        return ("- " * columns)[:columns]


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code, centred, of error correction M, at least 25 mm wide."""

    content: str

    def __post_init__(self) -> None:
        if not _QR_CONTENT.fullmatch(self.content):
            raise ValueError(f"no printable ASCII: {self.content!r}")


@dataclass(frozen=True, slots=True)
class TickBoxes:
    """A box for each place of a pass, the first `ticked` ones filled in."""

    total: int
    ticked: int = 0


@dataclass(frozen=True, slots=True)
class Sideways:
    """Two documents side by side, turned a quarter: what is read along the paper and not across it.

    Each has its own width; as many lines fit as the paper is wide.
    """

    left: "Document"
    left_columns: int
    right: "Document"
    right_columns: int

    @property
    def columns(self) -> int:
        return self.left_columns + self.right_columns


@dataclass(frozen=True, slots=True)
class Feed:
    """Empty lines."""

    lines: int = 1


@dataclass(frozen=True, slots=True)
class Cut:
    """The end of the paper."""


Element = Text | Pair | Rule | TearOff | QrCode | TickBoxes | Sideways | Feed | Cut
Document = tuple[Element, ...]


def wrapped(
    text: str,
    columns: int,
    *,
    align: Align = Align.LEFT,
    bold: bool = False,
    invert: bool = False,
    wide: int = 1,
    tall: int = 1,
    indent: int = 0,
    hanging: int = 0,
) -> tuple[Text, ...]:
    """The text on as few lines as hold it, none much shorter than the others when centred.

    Every line begins with `indent` spaces, those after the first with `hanging` more.
    """
    fitting = columns // wide
    words = _SPACE_THAT_STAYS.sub("\u00a0", _SPACES.sub(" ", printable(text)).strip(" "))
    lines = _fold(words, fitting, indent, hanging)
    if align is Align.CENTRE and len(lines) > 1:
        lines = _evened(words, lines, fitting)
    return tuple(Text(line, align, bold, invert, wide, tall) for line in lines)


def listed(
    facts: Iterable[str], columns: int, *, align: Align = Align.LEFT, indent: int = 0
) -> tuple[Text, ...]:
    """Facts parted by dots, as many on a line as fit; one is cut only when it is longer than a line."""
    lines: list[str] = []
    for fact in filter(None, map(printable, facts)):
        longer = f"{lines[-1]} · {fact}" if lines else fact
        if lines and indent + len(longer) <= columns:
            lines[-1] = longer
        else:
            lines.append(fact)
    return tuple(part for line in lines for part in wrapped(line, columns, align=align, indent=indent))


def pair(
    left: str, right: str, columns: int, *, bold: bool = False, tall: int = 1
) -> tuple[Text | Pair, ...]:
    """Both on one line when they fit; otherwise the left is wrapped and the right ends it."""
    ends = printable(right)
    lines = _fold(printable(left), columns)
    last = lines[-1] if lines else ""
    above = lines[:-1]
    if len(last) + 1 + len(ends) > columns:
        above, last = lines, ""
    if len(ends) + 1 > columns:
        raise DoesNotFit(ends)
    return (*(Text(line, bold=bold, tall=tall) for line in above), Pair(last, ends, bold, tall))


def as_large_as_fits(
    parts: Iterable[str], columns: int, lines: int, *, largest: int = 5, align: Align = Align.LEFT
) -> tuple[Text, ...]:
    """Each part on lines of its own, no word cut, in the largest letters that need no more than `lines`.

    What fits in none is wrapped in small letters, and cut after `lines`.
    """
    said = [part for part in (_SPACES.sub(" ", printable(part)).strip() for part in parts) if part]
    sizes = [(size, size) for size in range(largest, 1, -1)]
    for wide, tall in [*sizes, (1, 2), (1, 1)]:
        folded = [_fold_names(part, columns // wide) for part in said]
        rows = [row for part in folded for row in part]
        if len(rows) * tall <= lines and all(len(row) <= columns // wide for row in rows):
            return tuple(Text(row, align, True, False, wide, tall) for row in rows)
    rows = [row for part in said for row in _fold(part, columns)]
    return tuple(Text(row, align, bold=True) for row in rows[:lines])


def check_fits(document: Document, columns: int) -> None:
    """Raise DoesNotFit at the first line that is longer than the paper is wide."""
    for element in document:
        if isinstance(element, Text | Pair) and element.columns > columns:
            raise DoesNotFit(f"{element} takes {element.columns} of {columns} columns")
        if isinstance(element, Sideways):
            check_fits(element.left, element.left_columns)
            check_fits(element.right, element.right_columns)


def _fold(text: str, columns: int, indent: int = 0, hanging: int = 0) -> list[str]:
    return textwrap.wrap(
        text,
        columns,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hanging),
        break_on_hyphens=False,
    )


def _fold_names(text: str, columns: int) -> list[str]:
    """Names parted at their spaces and hyphens; a word too long for a line stays so."""
    return textwrap.wrap(text, columns, break_long_words=False)


def _evened(text: str, lines: list[str], columns: int) -> list[str]:
    """The narrowest folding that needs no more lines and cuts no word."""
    whole = max(map(len, text.split(" ")))
    for narrower in range(columns - 1, whole - 1, -1):
        folded = _fold(text, narrower)
        if len(folded) > len(lines):
            break
        lines = folded
    return lines
