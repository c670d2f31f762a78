"""Settings changed from two desks: one after the other, and never over what a manager has not seen."""

from collections.abc import Mapping

from sqlmodel import Session

from boxoffice.database import take_turns
from boxoffice.errors import FieldsRefused
from boxoffice.kinds import TurnsAt
from boxoffice.language import _

VALUE = "value"
"""What a setting of one value calls it."""


class ChangedMeanwhile(FieldsRefused):
    """What a manager wanted to change is not what they saw any more: `stands` tells it, by name.

    `about` is what lists call it by now, where that may be another name too.
    """

    def __init__(self, names: Mapping[str, str], stands: Mapping[str, str], about: str = "") -> None:
        told = ", ".join(f"{label} {stands[name] or _('rien')}".strip() for name, label in names.items())
        super().__init__(
            _("Entre-temps, quelqu'un d'autre a changé : {what}.").format(what=told),
            _("Relisez, puis recommencez s'il le faut."),
            names,
        )
        self.stands, self.about = dict(stands), about


def change_alone(session: Session) -> None:
    """Wait until nobody else changes a setting or the programme; before anything of it is read."""
    take_turns(session, TurnsAt.CHANGING_SETTINGS)


def what_changes(
    seen: Mapping[str, str],
    wanted: Mapping[str, str],
    stands: Mapping[str, str],
    labels: Mapping[str, str],
    about: str = "",
) -> dict[str, str]:
    """What of `wanted` is not as it was seen; whatever else was changed meanwhile is left as it stands.

    Raises ChangedMeanwhile where somebody else has changed the same to something else.
    """
    changes = {name: text for name, text in wanted.items() if text != seen[name]}
    lost = {name: labels[name] for name in changes if stands[name] not in {seen[name], changes[name]}}
    if lost:
        raise ChangedMeanwhile(lost, stands, about)
    return changes


def refuse_unseen(seen: str | None, wanted: str, stands: str) -> None:
    """The same of what has one value. Raises ChangedMeanwhile where it is neither as seen nor as wanted."""
    if seen is not None:
        what_changes({VALUE: seen}, {VALUE: wanted}, {VALUE: stands}, {VALUE: ""})
