"""Which seats a place card pays, and how much of each: pure, the same at the counter and in the books."""

from dataclasses import dataclass
from datetime import date, datetime

from boxoffice.clock import in_paris, say
from boxoffice.language import _, spoken

EVERY_DAY = "1234567"


@dataclass(frozen=True, slots=True)
class PlaceTerms:
    """What a card was made for. `weekdays` are ISO digits; empty fields leave everything open.

    The ends of validity are days of screenings, both included.
    """

    label: str
    vat_rate: int
    weekdays: str = ""
    sections: frozenset[str] = frozenset()
    price_lists: frozenset[str] = frozenset()
    includes_supplement: bool = False
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class SeatAsked:
    """A seat as it is charged, discounts taken off; `supplement_cents` of it are for the technology."""

    title: str
    starts_at: datetime
    section: str
    price_list: str
    price_cents: int
    vat_rate: int
    supplement_cents: int = 0


def named_in(text: str) -> frozenset[str]:
    """The names that a column holds one per line."""
    return frozenset(filter(None, map(str.strip, text.splitlines())))


def obstacle(terms: PlaceTerms, seat: SeatAsked) -> str:
    """Why this card does not pay this seat, or nothing: what counts is the day of the screening."""
    day = in_paris(seat.starts_at).date()
    if terms.valid_until is not None and day > terms.valid_until:
        return _("valable pour une séance du {until} au plus tard, et celle-ci est le {day}").format(
            until=_day(terms.valid_until), day=_day(day)
        )
    if terms.valid_from is not None and day < terms.valid_from:
        return _("valable pour une séance à partir du {since}, et celle-ci est le {day}").format(
            since=_day(terms.valid_from), day=_day(day)
        )
    if str(day.isoweekday()) not in (terms.weekdays or EVERY_DAY):
        return _("pas valable le {weekday}").format(weekday=say(seat.starts_at, "EEEE", spoken()))
    if terms.sections and seat.section not in terms.sections:
        return _("pas valable pour « {title} »").format(title=seat.title)
    if terms.price_lists and seat.price_list not in terms.price_lists:
        return _("pas valable aux tarifs de cette séance")
    if terms.vat_rate != seat.vat_rate:
        return _("pas valable à ce taux de TVA")
    if covered_cents(terms, seat) <= 0:
        return _("il n'y a rien à payer")
    return ""


def covered_cents(terms: PlaceTerms, seat: SeatAsked) -> int:
    """What one place pays of a seat: all of it, but for a supplement that the card does not include."""
    supplement = 0 if terms.includes_supplement else seat.supplement_cents
    return max(0, seat.price_cents - supplement)


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")
