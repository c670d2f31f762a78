"""What the list of screenings shows: a day, a section, a search; and which screening is the next to sell."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

from babel.dates import format_date

from boxoffice.clock import business_day, in_paris
from boxoffice.language import _, spoken
from boxoffice.sales.screenings.programme import Programme, ScreeningRow, Seats

_SPELLED_OUT = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "'": "", "’": "", "‘": ""})
SHORTEST_GUESSED = 4
"""Letters from which on a word typed wrong is looked for all the same; shorter, it would mean anything."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A screening with the texts that it is found and shown by."""

    row: ScreeningRow
    day: date
    time: str
    searched: str


class Agenda:
    """The screenings, the seats last heard of, and what of them is asked for.

    A `day` of None is every day. A search that finds nothing to sell on the day asked looks on every other
    one; one that finds nothing at all looks for words that differ by a letter, and says so by `nearly`.
    """

    def __init__(self, programme: Programme, day_starts: time, now: datetime) -> None:
        self._day_starts = day_starts
        self.day: date | None = None
        self.section = ""
        self.search = ""
        self.elsewhere = self.nearly = False
        self.shown: Sequence[Listed] = ()
        self._take(programme)
        self.reset(now)

    def _take(self, programme: Programme) -> None:
        self.listed = tuple(_list(row, self._day_starts) for row in programme.screenings)
        self.seats: dict[int, Seats] = {row.id: row.seats for row in programme.screenings}
        self._known = sorted(
            {word for listed in self.listed for word in listed.searched.replace("-", " ").split()}
        )
        self.sections = ("", *sorted({listed.row.section for listed in self.listed if listed.row.section}))

    def look_at(self, now: datetime) -> bool:
        """Know which day it is and which days come; whether the day asked for is over, and another shown."""
        self._now = now
        self.today = business_day(now, self._day_starts)
        coming = sorted({listed.day for listed in self.listed if listed.row.on_sale_until >= now})
        self.days: tuple[date | None, ...] = (*coming, None)
        if self.day in self.days:
            return False
        self.day = self.days[0]
        self.find()
        return True

    def renew(self, programme: Programme, now: datetime) -> None:
        """Take the programme as it has been read again, asking for the same as before."""
        self._take(programme)
        self.look_at(now)
        if self.section not in self.sections:
            self.section = ""
        self.find()

    def find(self) -> None:
        """Work out what is shown."""
        found: Sequence[Listed] = self.listed
        if self.section:
            found = [listed for listed in found if listed.row.section == self.section]
        words = fold(self.search).split()
        exact = found
        for word in words:
            exact = [listed for listed in exact if word in listed.searched]
        self.nearly = bool(words) and not exact and bool(nearly := self._find_nearly(words, found))
        found = nearly if self.nearly else exact
        day = self.day
        of_the_day = found if day is None else [listed for listed in found if listed.day == day]
        self.elsewhere = bool(words) and self._has_more_to_sell(found, of_the_day)
        self.shown = found if self.elsewhere else of_the_day

    def _find_nearly(self, words: Sequence[str], among: Sequence[Listed]) -> Sequence[Listed]:
        """The screenings that `words` may mean, with one letter of each typed wrong."""
        for word in words:
            guessed = len(word) >= SHORTEST_GUESSED and word.isalpha()
            meant = [word, *(known for known in self._known if guessed and is_nearly(word, known))]
            among = [listed for listed in among if any(each in listed.searched for each in meant)]
        return among

    def _has_more_to_sell(self, found: Sequence[Listed], of_the_day: Sequence[Listed]) -> bool:
        """Whether the other days have what was looked for, and the day asked has none left to sell."""
        if not of_the_day:
            return bool(found)
        return not any(map(self._can_be_sold, of_the_day)) and any(map(self._can_be_sold, found))

    def _can_be_sold(self, listed: Listed) -> bool:
        return self.is_on_sale(listed.row, self._now) and self.seats[listed.row.id].left > 0

    @property
    def shows_days(self) -> bool:
        """Whether what is shown may be of several days."""
        return self.day is None or self.elsewhere

    def next_to_sell(self, now: datetime) -> int | None:
        """The place in `shown` of the first screening that can still be sold."""
        on_sale = [
            (index, self.seats[listed.row.id].left > 0)
            for index, listed in enumerate(self.shown)
            if self.is_on_sale(listed.row, now)
        ]
        with_seats = (index for index, seats_left in on_sale if seats_left)
        fallback = on_sale[0][0] if on_sale else (0 if self.shown else None)
        return next(with_seats, fallback)

    def next_showing(self, row: ScreeningRow, now: datetime) -> Listed | None:
        """The next screening of the same event that has seats."""
        return next(
            (
                listed
                for listed in self.listed
                if listed.row.event_id == row.event_id
                and listed.row.id != row.id
                and listed.row.starts_at > now
                and self.seats[listed.row.id].left > 0
            ),
            None,
        )

    def is_on_sale(self, row: ScreeningRow, now: datetime) -> bool:
        """Whether a screening may be sold now, seats or not."""
        return now <= row.on_sale_until and not self.seats[row.id].cancelled

    def refresh_seats(self, seats: Mapping[int, Seats]) -> set[int]:
        """Take note of the seats as they are now; the screenings that changed."""
        changed = {key for key, value in seats.items() if key in self.seats and self.seats[key] != value}
        for key in changed:
            self.seats[key] = seats[key]
        return changed

    def turn_day(self, by: int) -> None:
        """Ask for another of the days that come, or all of them."""
        place = self.days.index(self.day) + by
        self.day = self.days[min(max(place, 0), len(self.days) - 1)]
        self.find()

    def turn_section(self, by: int) -> None:
        """Ask for the next section, or all of them."""
        self.section = self.sections[(self.sections.index(self.section) + by) % len(self.sections)]
        self.find()

    def reset(self, now: datetime) -> None:
        """Ask for the first of the days that come, whole."""
        self.look_at(now)
        self.day, self.section, self.search = self.days[0], "", ""
        self.find()

    def look_for(self, search: str) -> None:
        """Ask for what the words of `search` name."""
        self.search = search
        self.find()

    def day_title(self) -> str:
        """The day asked for, in a word."""
        if self.shows_days:
            return _("Tous les jours")
        assert self.day is not None
        match (self.day - self.today).days:
            case 0:
                return _("Aujourd'hui")
            case 1:
                return _("Demain")
            case _:
                return say_day(self.day, "EEE d MMM", spoken())


def is_nearly(typed: str, known: str) -> bool:
    """Whether a word begins as typed, but for a letter that is wrong, missing or too many, or two swapped."""
    at = 0
    for one, other in zip(typed, known, strict=False):
        if one != other:
            break
        at += 1
    rest = typed[at + 1 :]
    return (
        known.startswith((rest, typed[at:]), at + 1)
        or known.startswith(rest, at)
        or known.startswith(rest[:1] + typed[at : at + 1] + rest[1:], at)
    )


def fold(text: str) -> str:
    """The text without case, accents or apostrophes, as people type it in a hurry."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_SPELLED_OUT))
    return "".join(character for character in plain if not unicodedata.combining(character))


@lru_cache(maxsize=256)
def say_day(day: date, pattern: str, language: str) -> str:
    """A day for the screen, by a CLDR pattern: `mer. 21 janv.` by `EEE d MMM`."""
    return format_date(day, pattern, locale=language)


def _list(row: ScreeningRow, day_starts: time) -> Listed:
    local = in_paris(row.starts_at)
    searched = " ".join(
        (row.event_title, row.director, row.place, row.hall, row.section, row.version, row.code)
    )
    return Listed(
        row=row,
        day=business_day(row.starts_at, day_starts),
        time=f"{local:%H:%M}",
        searched=f"{fold(searched)} {local:%H:%M} {local:%H}h{local:%M} {local:%d/%m}",
    )
