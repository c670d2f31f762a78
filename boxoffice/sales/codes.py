"""Codes on paper: random, and written with the letters that every keyboard sends alike.

Sixteen letters that AZERTY and QWERTY share carry four bits each, so a scanner set up for the wrong country
still reads them; thirty of them are 120 random bits. The first letter tells what the code is of.
"""

import secrets
from enum import StrEnum

ALPHABET = "BCDFGHJKLNPRSTVX"
LENGTH = 30


class CodeKind(StrEnum):
    """The letter that opens a code, by what it belongs to."""

    TICKET = "T"
    PASS = "P"
    GIFT_CARD = "G"
    RESERVATION = "R"


_LETTERS = str.maketrans("0123456789abcdef", ALPHABET)


def new_code(kind: CodeKind) -> str:
    """A code that nobody can guess."""
    return kind + secrets.token_hex(LENGTH // 2).translate(_LETTERS)


def read_code(text: str) -> tuple[CodeKind, str] | None:
    """What a scanned text is the code of, and the code as it is kept; None if it is no code of ours."""
    code = text.strip().upper().replace(" ", "")
    if len(code) != LENGTH + 1 or any(letter not in ALPHABET for letter in code[1:]):
        return None
    try:
        return CodeKind(code[0]), code
    except ValueError:
        return None


def begins_code(text: str) -> bool:
    """Whether a text may be the first letters of a code of ours."""
    code = text.upper()
    return code[:1] in set(CodeKind) and all(letter in ALPHABET for letter in code[1:])
