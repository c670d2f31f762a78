"""How the cockpit of a pass says what it shows: pure functions of the pass, the programme and the moment."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from babel.dates import format_date

from boxoffice.clock import say
from boxoffice.kinds import BookingEndKind
from boxoffice.language import _, later, plural, spoken
from boxoffice.sales.holders.cockpit import BookedSeat, Clash, Cockpit

from .pass_showings import Showing
from .widgets.pass_panel import Words, columns

BAR = 20
WHEN, HALL, FATE = 15, 16, 20
"""Columns of the moment, of the hall and of what is left to do, in a row."""

ENDED = {
    BookingEndKind.CANCELLED: later("annulée"),
    BookingEndKind.SWAPPED: later("échangée"),
    BookingEndKind.SCREENING_CHANGED: later("rendue"),
}


@dataclass(frozen=True, slots=True)
class Outing:
    """The seats that a pass has booked at one screening: as many rows of the books, one line to the eye."""

    seats: tuple[BookedSeat, ...]

    @property
    def ended(self) -> BookingEndKind | None:
        """How the bookings ended, if they did."""
        return self.first.ended

    @property
    def first(self) -> BookedSeat:
        return self.seats[0]

    def is_past(self, at: datetime) -> bool:
        return at > self.first.over_at


def outings(cockpit: Cockpit, *, ended: bool = False) -> tuple[Outing, ...]:
    """The seats that stand, those of one screening together, in order of time; if wanted, the ended too."""
    seats = sorted(
        cockpit.seats if ended else cockpit.standing,
        key=lambda seat: (seat.starts_at, seat.screening_id, *_fate(seat)),
    )
    return tuple(
        Outing(tuple(together))
        for _key, together in groupby(seats, key=lambda seat: (seat.screening_id, *_fate(seat)))
    )


def _fate(seat: BookedSeat) -> tuple[str, bool]:
    """What seats of one screening have in common to stand on one line."""
    return seat.ended or "", seat.used_at is not None


def clash_words(clash: Clash) -> str:
    """That two screenings cannot both be seen in full, and by how much."""
    when = say(clash.starts_at, _("H 'h' mm"), spoken())
    if clash.minutes < 0:
        said = _("Chevauche {title} de {time}, {hall}.")
    else:
        said = _("Trop juste avec {title} de {time}, {hall} : {minutes} min pour {travel} de trajet.")
    return said.format(
        title=clash.title, time=when, hall=clash.hall, minutes=clash.minutes, travel=clash.travel_minutes
    )


def places_words(cockpit: Cockpit, now: datetime) -> Words:
    """How many places are left, as number and bar; how many were used, and missed."""
    past = (_past_words(cockpit, now), "muted")
    if cockpit.left is None or cockpit.places is None:
        return (_("Places sans compter"), "strong"), past
    full = round(BAR * cockpit.left / cockpit.places)
    left = plural(
        "{left} place sur {places} à réserver", "{left} places sur {places} à réserver", cockpit.left
    ).format(left=cockpit.left, places=cockpit.places)
    look = "alarm" if not cockpit.left else ("warning" if cockpit.left <= 2 else "good")
    return (f"{left}  ", look), ("█" * full, look), ("░" * (BAR - full), "muted"), past


def _past_words(cockpit: Cockpit, now: datetime) -> str:
    used = sum(seat.used_at is not None for seat in cockpit.standing)
    missed = sum(seat.is_missed(now) for seat in cockpit.standing)
    said = [plural("{count} utilisée", "{count} utilisées", used).format(count=used)] if used else []
    if missed:
        said.append(plural("{count} manquée", "{count} manquées", missed).format(count=missed))
    return "".join(f" · {words}" for words in said)


def validity_words(cockpit: Cockpit) -> str:
    """Between which days the pass serves, where it says so."""
    if cockpit.valid_from and cockpit.valid_until:
        return _("du {first} au {last}").format(
            first=_day(cockpit.valid_from), last=_day(cockpit.valid_until)
        )
    if cockpit.valid_until:
        return _("jusqu'au {last}").format(last=_day(cockpit.valid_until))
    return _("à partir du {first}").format(first=_day(cockpit.valid_from)) if cockpit.valid_from else ""


def outing_row(outing: Outing, now: datetime, width: int) -> Words:
    """One line of the list: when, what, where, and what is left to do with it."""
    seat = outing.first
    fate, look = fate_of(seat, now)
    when = say(seat.starts_at, _("EEE dd HH:mm"), spoken()).rstrip(".")
    count = f"{len(outing.seats)} × " if len(outing.seats) > 1 else ""
    row = columns(
        (when, "strong", WHEN),
        (count + seat.event_title, "strong", width - WHEN - HALL - FATE),
        (f" {seat.hall}", "muted", HALL),
        (f"  {fate}", look, FATE),
    )
    is_dim = outing.ended or outing.is_past(now)
    return tuple((text, "muted") for text, _look in row) if is_dim else row


def fate_of(seat: BookedSeat, now: datetime) -> tuple[str, str]:
    """What became of a booking, or how long it can still be cancelled; and the look to say it with."""
    if seat.ended is not None:
        return _(ENDED[seat.ended]), "muted"
    if seat.screening_cancelled:
        return _("séance annulée"), "alarm"
    if seat.used_at is not None:
        return _("entré à {time}").format(time=say(seat.used_at, "HH:mm", spoken())), "good"
    if seat.is_missed(now):
        return _("non utilisée"), "muted"
    if seat.is_at_another_hour:
        return _("séance déplacée"), "warning"
    if seat.is_elsewhere:
        return _("autre salle"), "warning"
    if seat.limit is not None and now <= seat.limit:
        return _("annulable {left}").format(left=countdown(seat.limit - now)), "good"
    return _("ne s'annule plus"), "warning"


def countdown(left: timedelta) -> str:
    """A time left as it is said: `3 j`, `26 h 05`, `12 min`, `45 s`."""
    seconds = int(left.total_seconds())
    if seconds >= 3 * 86_400:
        return _("{days} j").format(days=seconds // 86_400)
    if seconds >= 3_600:
        return _("{hours} h {minutes:02}").format(hours=seconds // 3_600, minutes=seconds % 3_600 // 60)
    if seconds >= 60:
        return _("{minutes} min").format(minutes=seconds // 60)
    return _("{seconds} s").format(seconds=seconds)


def outing_detail(outing: Outing, now: datetime) -> str:
    """What there is to know of the chosen line, in a sentence."""
    seat = outing.first
    facts = []
    if outing.ended is not None and seat.ended_at is not None:
        return _("{what} le {when}.").format(
            what=_(ENDED[outing.ended]).capitalize(),
            when=say(seat.ended_at, _("EEE d MMM 'à' H 'h' mm"), spoken()),
        )
    if seat.clash is not None and not outing.is_past(now):
        facts.append(clash_words(seat.clash))
    if seat.was_moved:
        facts.append(_told_words(seat))
    if seat.used_at is None and not seat.is_missed(now) and not seat.screening_cancelled:
        facts.append(_limit_words(seat, now))
    return " ".join(facts)


def _told_words(seat: BookedSeat) -> str:
    """When or where a screening was said to be, before the festival moved it."""
    said = _("Réservée à : {place}.")
    if seat.is_at_another_hour:
        said = _("Réservée pour le {when}, {place}.") if seat.is_elsewhere else _("Réservée pour le {when}.")
    when = say(seat.told_starts_at, _("EEE d MMM 'à' H 'h' mm"), spoken())
    return said.format(when=when, place=seat.told_place)


def _limit_words(seat: BookedSeat, now: datetime) -> str:
    """Until when a seat may be given back; one of a screening that was moved, whenever its holder likes."""
    if seat.limit is None:
        return _("Se rend sans limite.")
    said = _("S'annule jusqu'au {limit}.")
    if now > seat.limit:
        said = _("Ne s'annule plus depuis le {limit}.")
    return said.format(limit=say(seat.limit, _("EEE d MMM 'à' H 'h' mm"), spoken()))


def showing_words(showing: Showing) -> str:
    """A screening, and what is left of it for this pass."""
    return f"{showing.row.event_title} · {where_words(showing)} · {left_words(showing)}"


def where_words(showing: Showing) -> str:
    """When and where a screening is."""
    when = say(showing.row.starts_at, _("EEE d 'à' H 'h' mm"), spoken())
    return f"{when} · {showing.row.hall}"


def left_words(showing: Showing) -> str:
    """What is left of a screening for this pass."""
    if showing.left is None:
        return _("pas ouverte à ce pass")
    if not showing.on_sale:
        return _("n'est plus en vente")
    if showing.left <= 0:
        return _("COMPLET")
    words = _("{left}\u00a0places\u00a0pass") if showing.of_quota else _("reste {left}")
    return words.format(left=showing.left)


def reason_words(cockpit: Cockpit, showing: Showing | None) -> str:
    """Why the chosen screening cannot be booked, whatever else the pass gives; or nothing."""
    if cockpit.obstacle:
        return cockpit.obstacle
    if showing is None:
        return _("Aucune séance n'est choisie.")
    if showing.refused is not None:
        return showing.refused.message
    return "" if showing.is_open else showing_words(showing)


def _day(day: date) -> str:
    return str(format_date(day, "d MMM", locale=spoken()))
