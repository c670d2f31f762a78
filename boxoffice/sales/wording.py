"""Texts that people give, names, titles, reasons, in which a control character would command the terminal;
and how a screening is named in a sentence.
"""

import re
import unicodedata
from datetime import datetime

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.language import _, spoken

ONE_LINE = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]*"
"""What a field on a screen lets in."""

_LIKE_A_PIN = re.compile(r"(\d\s*){4,12}")
_COMMANDS, _FORMATS = {"Cc", "Cs", "Zl", "Zp"}, "Cf"
_SEEN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Of what formats a text, the signs that are seen; others turn it round, or have two names look alike."""
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks with nothing to see."""
_LINE_ENDS = re.compile(r"[\t\r\n\u2028\u2029]+")


def is_one_line(text: str) -> bool:
    """Whether a text is of characters to read only: none commands, none breaks the line."""
    return not any(map(_is_hidden, text))


def one_line(text: str) -> str:
    """The text on one line, without what is no character to read and without spaces around it."""
    spaced = _LINE_ENDS.sub(" ", text)
    return "".join(letter for letter in spaced if not _is_hidden(letter)).strip()


def unformatted(text: str) -> str:
    """The text without what only formats it: marks that turn it round or cut words, blanks of no width."""
    return text if text.isascii() else "".join(letter for letter in text if not _is_format(letter))


def _is_hidden(character: str) -> bool:
    if character.isascii():
        return not character.isprintable()
    return unicodedata.category(character) in _COMMANDS or _is_format(character)


def _is_format(character: str) -> bool:
    if character in _BLANKS:
        return True
    return unicodedata.category(character) == _FORMATS and character not in _SEEN


def reason_line(text: str) -> str:
    """A reason on one line. Raises Refusal for a PIN typed in its place: what is signed stays for ever."""
    reason = one_line(text)
    if _LIKE_A_PIN.fullmatch(reason):
        raise Refusal(
            _("Un motif ne s'écrit pas en chiffres : ne serait-ce pas un code PIN ?"),
            _("Dites pourquoi, en quelques mots."),
        )
    return reason


def yes_or_no(value: bool) -> str:
    """Yes or no, as it may be typed again."""
    return _("oui") if value else _("non")


def read_yes(text: str) -> bool:
    """Yes or no, as typed. Raises Refusal for anything else."""
    said = text.strip().lower()
    if said not in _YES | _NO:
        raise Refusal(_("« {text} » n'est ni « oui » ni « non ».").format(text=text))
    return said in _YES


_YES, _NO = {"oui", "yes"}, {"non", "no"}
"""Whatever language is in use."""


def what_of(title: str, starts_at: datetime) -> str:
    """A screening as it is named in a sentence: `Kneecap de 19 h 15`."""
    return _("{title} de {time}").format(title=title, time=say(starts_at, _("H 'h' mm"), spoken()))
