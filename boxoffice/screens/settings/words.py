"""What is said of a setting: what was changed of it, and who changed it last."""

from collections.abc import Iterable

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.language import _, spoken
from boxoffice.sales.staff.last_changes import LastChange


def changed_words(row: str, values: Iterable[tuple[str, str, str]], *, since: str = "") -> str:
    """What was changed of a row: each value by its label, before and after; or that nothing was.

    `since` tells from when on it holds, where that is not at once.
    """
    row = f"{row[:1].upper()}{row[1:]}"
    changes = [
        _("{label} {old} → {new}").format(label=label, old=old or "–", new=new or "–").strip()
        for label, old, new in values
        if old != new
    ]
    if not changes:
        return _("{row} : rien n'a changé.").format(row=row)
    said = _("C'est changé. {row} : {changes}.").format(row=row, changes=" · ".join(changes))
    return f"{said} {since}".strip()


def last_change_words(last: LastChange | None) -> str:
    """Who answered for the last change of something, and when; nothing where none is told."""
    if last is None:
        return ""
    when = say(last.at, "EEE d MMM HH:mm", spoken())
    if not last.name:
        return _("Changé le {when}.").format(when=when)
    return _("Changé par {name}, le {when}.").format(name=last.name, when=when)


def whole(text: str, otherwise: str) -> int:
    """A whole number as typed. Raises Refusal with what to say otherwise."""
    if not (text.isascii() and text.isdecimal()):
        raise Refusal(otherwise)
    return int(text)
