"""What time it is: UTC inside, Europe/Paris for people, the business day for the books."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from time import monotonic
from typing import Protocol
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

PARIS = ZoneInfo("Europe/Paris")


class Clock(Protocol):
    """Tells the time; handed to whoever needs it."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def elapsed(self) -> timedelta:
        """How long this clock has run, whatever hour it was set to meanwhile."""
        ...


class SystemClock:
    """The clock of this computer."""

    def __init__(self) -> None:
        self._started = monotonic()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def elapsed(self) -> timedelta:
        return timedelta(seconds=monotonic() - self._started)


@dataclass
class SettableClock:
    """A clock that stands where it is put: for rehearsals, simulations and tests."""

    at: datetime
    ran: timedelta = timedelta()

    def now(self) -> datetime:
        return self.at

    def elapsed(self) -> timedelta:
        return self.ran

    def advance(self, by: timedelta) -> None:
        """Let time go by, as it does while a program runs."""
        self.at += by
        self.ran += by


def in_paris(at: datetime) -> datetime:
    """The same moment on a clock in Angers."""
    return at.astimezone(PARIS)


def paris(day: date, at: time) -> datetime:
    """The UTC moment at which a clock in Angers shows `at` on `day`."""
    return datetime.combine(day, at, PARIS).astimezone(UTC)


def day_after(day: date) -> date:
    """The next day; the last one that there is, somebody may have typed, is followed by none."""
    return day if day == date.max else day + timedelta(days=1)


def business_day(at: datetime, starts_at: time) -> date:
    """The accounting day that `at` belongs to: a sale at one in the morning counts for the evening before."""
    local = in_paris(at)
    return local.date() - timedelta(days=local.time() < starts_at)


@lru_cache(maxsize=4096)
def say(at: datetime, pattern: str, language: str = "fr") -> str:
    """Write a moment for people in Angers, by a CLDR pattern such as `EEE d MMM HH:mm`."""
    return format_datetime(in_paris(at), pattern, locale=language)
