"""The doors of a hall: when they are open for a screening, and what they are told of who has come in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.language import _, spoken

from ..staff.rules import Rules


@dataclass(frozen=True, slots=True)
class Admission:
    """Somebody who has just been let in, by the number of their ticket or pass.

    `holder` is who may wear the pass, and `seats_left` how many more it lets in to this screening.
    """

    number: str
    event_title: str
    place: str
    starts_at: datetime
    at: datetime
    holder: str = ""
    seats_left: int = 0


def opening(starts_at: datetime, rules: Rules) -> datetime:
    """When the doors open for a screening."""
    return starts_at - timedelta(minutes=rules.entrance_opens_minutes)


def closing(ends_at: datetime, rules: Rules) -> datetime:
    """Until when somebody may come in: for an event of several days, after the end of its last."""
    return ends_at + timedelta(minutes=rules.entrance_ends_minutes)


def too_early(title: str, starts_at: datetime, rules: Rules, remedy: str) -> Refusal:
    """Why nobody comes in yet."""
    when = say(opening(starts_at, rules), _("EEE d MMM 'à' H 'h' mm"), spoken())
    said = _("Il est trop tôt pour {title} : les portes ouvrent le {when}.")
    return Refusal(said.format(title=title, when=when), remedy)
