"""Texts brought into the room that there is for them."""

import re

from rich.cells import cell_len, set_cell_size

_BEFORE_SIGNS = re.compile(r" (?=[:;?!»])")


def at_most(text: str, width: int) -> str:
    """The text, ended by an ellipsis if it takes more than `width` cells."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""


def unbroken(text: str) -> str:
    """The text with the spaces of French punctuation such that no line begins with it."""
    return _BEFORE_SIGNS.sub("\u00a0", text).replace("« ", "«\u00a0")
