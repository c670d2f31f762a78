"""Texts brought into the room that there is for them."""

import re

from rich import _wrap
from rich.cells import cell_len, set_cell_size

BETWEEN_WORDS = re.compile(r"(?<!«) (?![:;?!»]|(?<=\d )h\b|(?<=\d h )\d)")
"""Where a line may end: at no no-break space, nor beside a sign as French sets it, nor within `19 h 30`."""


def at_most(text: str, width: int) -> str:
    """The text, ended by an ellipsis if it takes more than `width` cells."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""


def padded(text: str, width: int) -> str:
    """The text in exactly `width` cells: cut as `at_most` does, or with spaces after it."""
    return set_cell_size(at_most(text, width), max(width, 0))


def keep_words_together() -> None:
    """End lines between our words wherever Rich and Textual wrap: they end them at no-break spaces too."""
    _wrap.re_word = re.compile(rf" *(?:[^ ]++|(?!{BETWEEN_WORDS.pattern}) )+ *")
