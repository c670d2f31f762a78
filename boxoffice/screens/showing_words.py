"""Where else an event can be seen, and which kept seats are left, in sentences."""

from datetime import datetime

from boxoffice.clock import say
from boxoffice.language import _, plural, spoken
from boxoffice.sales.screenings.programme import ScreeningRow

from .agenda import Agenda


def kept_words(agenda: Agenda, row: ScreeningRow) -> str:
    """Which quotas of a screening sold out to everybody else still have seats; nothing if none has."""
    seats = agenda.seats[row.id]
    if seats.left > 0:
        return ""
    return " ".join(
        plural(
            "Contingent {quota} : encore {count} place.",
            "Contingent {quota} : encore {count} places.",
            count,
        ).format(quota=quota, count=count)
        for quota, count in seats.kept.items()
    )


def next_showing_words(agenda: Agenda, row: ScreeningRow, now: datetime) -> str:
    """Where the same event can still be seen, in a sentence; nothing if nowhere."""
    listed = agenda.next_showing(row, now)
    if listed is None:
        return _("Aucune autre séance de ce film n'a de place.")
    left = agenda.seats[listed.row.id].left
    return plural(
        "Prochaine séance : {when}, {hall}, {left} place.",
        "Prochaine séance : {when}, {hall}, {left} places.",
        left,
    ).format(
        when=say(listed.row.starts_at, _("EEE d 'à' H 'h' mm"), spoken()), hall=listed.row.hall, left=left
    )
