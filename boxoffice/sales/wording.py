"""Texts that people give: names, titles, reasons. A control character in one would command the terminal."""

import re
import unicodedata

ONE_LINE = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]*"
"""What a field on a screen lets in."""

_HIDDEN = {"Cc", "Cs", "Zl", "Zp"}
_LINE_ENDS = re.compile(r"[\t\r\n\u2028\u2029]+")


def is_one_line(text: str) -> bool:
    """Whether a text is of characters to read only: none commands, none breaks the line."""
    return all(unicodedata.category(character) not in _HIDDEN for character in text)


def one_line(text: str) -> str:
    """The text on one line, without what is no character to read and without spaces around it."""
    spaced = _LINE_ENDS.sub(" ", text)
    return "".join(letter for letter in spaced if unicodedata.category(letter) not in _HIDDEN).strip()
