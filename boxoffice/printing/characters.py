"""The characters that reach a printer: those of CP1252 that print, and no other."""

import unicodedata
from functools import lru_cache

ENCODING = "cp1252"

_NO_BREAK_SPACES = "\u00a0\u2007\u202f"
_GREEK = "αβγδεζηθικλμνξοπρςστυφχψω"
_GREEK_IN_LATIN = "a v g d e z i th i k l m n x o p r s s t y f ch ps o"
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяєіїґђјљњћџ"
_CYRILLIC_IN_LATIN = (
    "a b v g d e j z i i k l m n o p r s t ou f kh ts tch ch chtch - y - e iou ia ie i i g dj j lj nj c dz"
)
_LOOKALIKES = {
    "‐": "-",
    "‑": "-",
    "‒": "–",
    "―": "—",
    "−": "-",
    "′": "'",
    "″": '"',
    "ʼ": "’",
    "ʹ": "'",
    "→": "->",
    "←": "<-",
    "≤": "<=",
    "≥": ">=",
    "≠": "<>",
    "✓": "v",
    "✔": "v",
    "★": "*",
    "☆": "*",
    "№": "n°",
    "℮": "e",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
    "ħ": "h",
    "Ħ": "H",
    "ı": "i",
    "ŋ": "ng",
    "Ŋ": "Ng",
    "ŧ": "t",
    "Ŧ": "T",
    "ĸ": "k",
    "ə": "e",
    "Ə": "E",
    "ẞ": "SS",
}
_SMALL_LETTERS = {
    letter: latin.strip("-")
    for letters, latins in ((_GREEK, _GREEK_IN_LATIN), (_CYRILLIC, _CYRILLIC_IN_LATIN))
    for letter, latin in zip(letters, latins.split(), strict=True)
}
_CAPITALS = {letter.upper(): latin.capitalize() for letter, latin in _SMALL_LETTERS.items()}
_TRANSLITERATIONS = {**_CAPITALS, **_SMALL_LETTERS, **_LOOKALIKES}


@lru_cache(maxsize=4096)
def printable(text: str) -> str:
    """The text as one line that a printer can be given, whatever it was.

    No control character is left (a name must not be able to speak to the printer); letters of other alphabets
    become Latin ones; pictures vanish; `?` stands for what cannot be written otherwise. Never empty unless
    `text` was blank, and a second pass changes nothing.
    """
    written = "".join(map(_written, unicodedata.normalize("NFC", text)))
    return "?" if not written.strip() and any(map(_is_visible, text)) else written


def unprintable(text: str) -> str:
    """The signs of a text that no printer is given, each once: pictures, and what has no Latin letters."""
    signs = (sign for sign in unicodedata.normalize("NFC", text) if _is_visible(sign))
    return "".join(dict.fromkeys(sign for sign in signs if sign != "?" and _written(sign) in ("", "?")))


def _written(character: str) -> str:
    if character in _NO_BREAK_SPACES:
        return "\u00a0"
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category.startswith("C"):
        return ""
    if _in_code_page(character):
        return character
    if character in _TRANSLITERATIONS:
        return _TRANSLITERATIONS[character]
    parts = unicodedata.normalize("NFKD", character)
    if parts != character:
        return "".join(_written(part) for part in parts if not unicodedata.combining(part))
    return "" if category in ("So", "Sk", "Mn", "Me") else "?"


def _in_code_page(character: str) -> bool:
    try:
        character.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return True


def _is_visible(character: str) -> bool:
    return not character.isspace() and not unicodedata.category(character).startswith("C")
