"""The language of the interface: French as written in the code, others from gettext catalogues.

The language belongs to the terminal, as the locale of a process does: it is chosen once, at start.
Documents on paper stay French and never pass through here.
"""

from gettext import NullTranslations, translation
from pathlib import Path

DOMAIN = "boxoffice"
CATALOGUES = Path(__file__).parent / "locale"
LANGUAGES = ("fr", "en")


class French(NullTranslations):
    """The language of the sources, with its own rule of plural: zero is singular."""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return msgid1 if abs(n) < 2 else msgid2


_spoken: NullTranslations = French()
_code = "fr"


def speak(language: str) -> None:
    """Choose the interface's language: `fr` or `en`."""
    global _spoken, _code
    _spoken = French() if language == "fr" else translation(DOMAIN, CATALOGUES, [language])
    _code = language


def spoken() -> str:
    """The code of the language in use."""
    return _code


def _(message: str) -> str:
    """The message in the language in use."""
    return _spoken.gettext(message)


def plural(one: str, many: str, count: int) -> str:
    """The form of the message that goes with `count`; the caller fills in the number."""
    return _spoken.ngettext(one, many, count)


def later(message: str) -> str:
    """Mark a message written where no language is chosen yet; `_` translates it when it is shown."""
    return message
