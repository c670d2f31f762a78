"""What is said of closings, made and to be made."""

from datetime import date

from babel.dates import format_date
from textual.content import Content

from boxoffice.kinds import ClosingPeriod
from boxoffice.language import _, spoken
from boxoffice.money import format_euros
from boxoffice.sales.closings.outcomes import Made
from boxoffice.sales.closings.state import ClosingRow, TillState
from boxoffice.sales.means import label_of
from boxoffice.sales.staff.standing import day_words

from .room import at_most

NAME, SPAN, AMOUNT = 30, 14, 14


def till_words(till: TillState) -> Content:
    """A till that has something to close: its name, its day, and whether that day is over."""
    assert till.days is not None
    day = day_words(till.days[0])
    name = at_most(till.name, NAME)
    if till.is_late:
        return _row(name, day, _("journée passée : à clore"), "bold")
    if till.shift is not None:
        return _row(name, day, _("ouverte par {name}").format(name=till.shift.operator_name))
    return _row(name, day, _("à clore"), "bold")


def till_about(till: TillState) -> str:
    """What somebody answers for who closes a till."""
    about = _("Clôture de {name}").format(name=till.name)
    if till.shift is not None:
        about = _("{about}, ouverte par {name}").format(about=about, name=till.shift.operator_name)
    return about if till.days is None else f"{about} · {day_words(till.days[0])}"


def period_about(period: ClosingPeriod, last_day: date) -> str:
    """What somebody answers for who closes a day, a month or a year."""
    return _("Clôture de toute la billetterie : {period}").format(period=period_name(period, last_day))


def closing_about(row: ClosingRow) -> str:
    """Which Z is shown."""
    return f"{_of_closing(row)} · {period_name(row.period, row.last_day)}"


def _of_closing(row: ClosingRow) -> str:
    of = _("caisse {till}").format(till=row.till) if row.till else _("billetterie")
    return _("Z n° {number} · {of}").format(number=row.number, of=of)


def period_words(period: ClosingPeriod, last_day: date, *, is_ready: bool) -> Content:
    """A day, month or year of the box office that is to be closed."""
    state = (_("à clore"), "bold") if is_ready else (_("attend des caisses"), "")
    return _row(_("Toute la billetterie"), period_name(period, last_day), *state)


def closing_row_words(row: ClosingRow) -> Content:
    """A Z, as listed."""
    cents = f"{format_euros(row.period_cents):>{AMOUNT}}"
    return _row(_of_closing(row), period_name(row.period, row.last_day), cents)


def period_name(period: ClosingPeriod, last_day: date) -> str:
    """A day, a month or a year by its last day: `mer. 21 janv.`, `janvier 2026`, `2026`."""
    match period:
        case ClosingPeriod.MONTH:
            return str(format_date(last_day, "MMMM y", spoken()))
        case ClosingPeriod.YEAR:
            return str(last_day.year)
        case _:
            return day_words(last_day)


def difference_words(means: str, counted_cents: int, difference_cents: int) -> Content:
    """What was counted of a means, and how far that is from what is expected of it."""
    counted = _("{means} : {total} comptés").format(means=label_of(means), total=format_euros(counted_cents))
    if not difference_cents:
        return Content.assemble(f"{counted}, ", (_("comme attendu"), "$text-success"))
    said = _("{cents} de trop") if difference_cents > 0 else _("il manque {cents}")
    return Content.assemble(
        f"{counted}, ", (said.format(cents=format_euros(abs(difference_cents))), "bold $text-warning")
    )


def done_words(made: Made) -> str:
    """What is said once something is closed."""
    if made.till is not None:
        return _("Caisse {till} close : Z n° {number}, {total}.").format(
            till=made.till, number=made.number, total=format_euros(made.period_cents)
        )
    return _("{period} clos : Z n° {number}, {total}.").format(
        period=period_name(made.period, made.last_day),
        number=made.number,
        total=format_euros(made.period_cents),
    )


def _row(name: str, day: str, said: str, look: str = "") -> Content:
    """A row that is read on any ground, chosen or not: no colour tells anything."""
    return Content.assemble(f"{name:<{NAME}} {day:<{SPAN}} ", (said, look))
