"""Whether what was scanned or typed is of a gift card or of a place card."""

from collections.abc import Callable
from typing import TypeVar

from ..codes import CodeKind, read_code, read_typed_code
from .guessing import UnknownCode

Gift = TypeVar("Gift")
Place = TypeVar("Place")


def find(text: str, as_gift: Callable[[], Gift], as_place: Callable[[], Place]) -> Gift | Place:
    """What a scanned code, a code typed in groups or a number is of.

    What may be the typed code of a gift card is looked for as a number too: those of cards issued elsewhere
    may be written with the same letters. Raises UnknownCode as `as_place` does where it is neither.
    """
    kind, _code = read_code(text) or (None, "")
    if kind is CodeKind.GIFT_CARD:
        return as_gift()
    if kind is None and read_typed_code(text):
        try:
            return as_gift()
        except UnknownCode:
            return as_place()
    return as_place()
