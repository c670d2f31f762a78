"""The day that somebody looks for, as a counter says it: `22/11`, `hier`, alone or beside other words."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from .people.customer_details import folded

_AGO = {"aujourd hui": 0, "today": 0, "hier": 1, "yesterday": 1, "avant hier": 2}
"""Days as people name them, folded, and how many days ago they were."""

_DAY = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?", re.ASCII)

LAST_29_FEBRUARY = 8
"""Years among which every day of a calendar comes at least once."""


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day that was typed, None where there is no such day, and what was typed beside it."""

    day: date | None
    beside: str


def day_named(text: str, today: date) -> NamedDay | None:
    """The day that the first word of a text names, or its last; None where neither does.

    Without its year, it is the latest of that name: after midnight, the next date may be typed already.
    """
    words = text.split()
    for word, others in ((words[:1], words[1:]), (words[-1:], words[:-1])):
        for said in word:
            beside = " ".join(others)
            if (ago := _AGO.get(folded(said))) is not None:
                return NamedDay(today - timedelta(days=ago), beside)
            if written := _DAY.fullmatch(said):
                day, month, year = written.groups()
                return NamedDay(_dated(int(day), int(month), year, today), beside)
    return None


def _dated(day: int, month: int, year: str | None, today: date) -> date | None:
    if year is not None:
        with suppress(ValueError):
            return date(int(year.rjust(4, "0")) + (2000 if len(year) == 2 else 0), month, day)
        return None
    for before in range(LAST_29_FEBRUARY + 1):
        with suppress(ValueError):
            found = date(today.year + 1 - before, month, day)
            if found <= today + timedelta(days=1):
                return found
    return None
