"""Texts brought into the room that there is for them."""

from rich.cells import cell_len, set_cell_size


def at_most(text: str, width: int) -> str:
    """The text, ended by an ellipsis if it takes more than `width` cells."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""
