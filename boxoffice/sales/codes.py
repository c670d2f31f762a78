"""Codes on paper: random, and written with the letters that every keyboard sends alike.

Sixteen letters that AZERTY and QWERTY share carry four bits each, so a scanner set up for the wrong country
still reads them; thirty of them are 120 random bits. The first letter tells what the code is of.
"""

import re
import secrets
import unicodedata
from enum import StrEnum

ALPHABET = "BCDFGHJKLNPRSTVX"
LENGTH = 30
TYPED_LENGTH = 16
"""Letters of a code that is typed by hand: 64 random bits, for a till waits ever longer after wrong ones."""
SHORTEST_NUMBER, LONGEST_NUMBER = 6, 40
"""Of a card issued elsewhere."""

_IN_A_GROUP = 4
_SHOWN = 4
_NO_LETTER = re.compile(r"[^A-Z0-9]+")
_BETWEEN_GROUPS = str.maketrans("", "", " -.·\u00a0\u202f")


class CodeKind(StrEnum):
    """The letter that opens a code, by what it belongs to; none of them is a key that takes money."""

    TICKET = "T"
    PASS = "P"
    GIFT_CARD = "G"
    PLACE_CARD = "L"
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


def scanned_pass(text: str) -> str | None:
    """The code of a pass that a scanner has just typed into a field, whatever stood there before it."""
    found = read_code(text.strip()[-(LENGTH + 1) :])
    return found[1] if found and found[0] is CodeKind.PASS else None


def new_typed_code() -> str:
    """A shorter code that nobody can guess at a till, to be typed in groups of four."""
    return secrets.token_hex(TYPED_LENGTH // 2).translate(_LETTERS)


def new_card_number() -> str:
    """The number of a place card: digits, as cards issued elsewhere have, of which 50 bits are random.

    It begins as no bank card does.
    """
    return f"9{secrets.randbelow(10 ** (TYPED_LENGTH - 1)):0{TYPED_LENGTH - 1}d}"


def read_typed_code(text: str) -> str | None:
    """A code typed with or without its groups, as it is kept; None if it cannot be one."""
    code = text.translate(_BETWEEN_GROUPS).upper()
    return code if len(code) == TYPED_LENGTH and all(letter in ALPHABET for letter in code) else None


def grouped(code: str) -> str:
    """A code as it is printed for people: in groups of four."""
    return "-".join(code[start : start + _IN_A_GROUP] for start in range(0, len(code), _IN_A_GROUP))


def masked(code: str) -> str:
    """A code as lists and logs show it: its last letters together, the others hidden."""
    hidden = max(len(code) - _SHOWN, 0)
    return "-".join(filter(None, (grouped("·" * hidden), code[hidden:])))


def normalised(text: str) -> str:
    """A code or number chosen by people, as it is kept: capitals and digits, without accents or spaces."""
    bare = unicodedata.normalize("NFKD", text.upper().replace("Œ", "OE").replace("Æ", "AE"))
    return _NO_LETTER.sub("", "".join(letter for letter in bare if not unicodedata.combining(letter)))


def begins_code(text: str) -> bool:
    """Whether a text may be the first letters of a code of ours."""
    code = text.upper()
    return code[:1] in set(CodeKind) and all(letter in ALPHABET for letter in code[1:])
