"""What the dashboard says: each figure on a row of its own, hours held against those of other days."""

from datetime import date

from babel.dates import format_date

from boxoffice.language import _, plural, spoken
from boxoffice.money import format_amount, format_euros
from boxoffice.sales import means
from boxoffice.sales.overview.pace import Pace
from boxoffice.sales.overview.takings import DayTakings, MeansTaken, Part, place_of

from .room import at_most

NAME, COUNT, CENTS = 32, 15, 13


def day_name(day: date) -> str:
    """A day with its year: a dashboard holds years against each other."""
    return str(format_date(day, "EEE d MMM y", spoken()))


def total_words(today: DayTakings) -> str:
    """What the day has come to."""
    return f"{format_euros(today.cents)} · {_sales(today.sales)}"


def against_words(today: DayTakings, hour: int, others: tuple[tuple[str, DayTakings], ...]) -> str:
    """The whole hours that have passed, against the same ones of other days, and how much more that is."""
    now = today.before(hour)
    parts = [_("Avant {hour} h : {cents}").format(hour=hour, cents=format_euros(now))]
    for name, day in others:
        before = day.before(hour)
        more = f" ({_percent(now, before)})" if before else ""
        parts.append(f"{name} {format_euros(before)}{more}")
    return " · ".join(parts)


def _percent(now: int, before: int) -> str:
    change = round(100 * (now - before) / abs(before))
    return f"{change:+d}\u00a0%".replace("-", "−")


def pace_words(pace: Pace) -> str:
    """Sales a minute over some minutes."""
    name = plural("{count} dernière minute", "{count} dernières minutes", pace.minutes).format(
        count=pace.minutes
    )
    a_minute = f"{pace.a_minute:.1f}".replace(".", "," if spoken() == "fr" else ".")
    return _row(name, _sales(pace.sales), _("{count} par min").format(count=a_minute))


def hour_words(hour: Part, others: tuple[tuple[str, DayTakings], ...], first_hour: int) -> str:
    """An hour of today, and what the same one of other days took."""
    row = _row(_("{hour} h").format(hour=hour.key), _sales(hour.sales), format_amount(hour.cents))
    for name, day in others:
        place = place_of(hour.key, first_hour)
        cents = sum(each.cents for each in day.hours if place_of(each.key, first_hour) == place)
        row += f"   {name} {format_amount(cents)}"
    return row


def day_words(name: str, day: DayTakings) -> str:
    """A whole day."""
    return _row(name, _sales(day.sales), format_amount(day.cents))


def part_words(part: Part) -> str:
    """A cashier or a till."""
    return _row(at_most(part.name, NAME), _sales(part.sales), format_amount(part.cents))


def means_words(taken: MeansTaken) -> str:
    """A means of payment."""
    count = plural("{count} règlement", "{count} règlements", taken.payments).format(count=taken.payments)
    return _row(means.label_of(taken.means), count, format_amount(taken.cents))


def all_means_words(today: DayTakings) -> tuple[str, ...]:
    """Why all means together are not the turnover, as a sum below them; nothing where they are."""
    parts = (
        (_("cartes cadeaux vendues"), today.gift_cards_cents),
        (_("bons et cartes, comptés à leur vente"), today.counted_before_cents),
    )
    if not any(cents for _name, cents in parts):
        return ()
    whole = sum(taken.cents for taken in today.means)
    return (
        _sum_row(_("Total"), format_amount(whole)),
        _sum_row(_("soit le chiffre d'affaires"), format_amount(today.cents)),
        *(
            _sum_row(name, f"{'+' if cents > 0 else ''}{format_amount(cents)}")
            for name, cents in parts
            if cents
        ),
    )


def _sales(count: int) -> str:
    return plural("{count} vente", "{count} ventes", count).format(count=count)


def _row(name: str, count: str, cents: str) -> str:
    return f"{name:<{NAME}} {count:>{COUNT}} {cents:>{CENTS}}"


def _sum_row(name: str, cents: str) -> str:
    """A row that counts nothing: its name may be as long as those of the rows above with their counts."""
    room = NAME + 1 + COUNT
    return f"{at_most(name, room):<{room}} {cents:>{CENTS}}"
