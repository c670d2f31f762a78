"""What final statements say of the programme, held to all that the journal ever told of it.

Without it a film, an hour or a hall could be others in the database for the time of a declaration, or a
screening put off to a week that nobody declares.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from boxoffice.clock import paris
from boxoffice.models import ScreeningState

from .catalogue_books import CatalogueBooks
from .programme_books import ProgrammeBooks

Content = Mapping[str, Any]

_WEEK = timedelta(weeks=1)


@dataclass
class ShowingBooks:
    """What was told of screenings and where they are; business days ever began at one of `starts`."""

    programme: ProgrammeBooks
    catalogue: CatalogueBooks
    starts: Collection[time]

    def untold(self, content: Content) -> Iterator[Any]:
        """What a statement says that nothing told, in its order. Raises LookupError if it lacks its part."""
        figures = content["figures"]
        said = self._week(content, figures) if "films" in figures else self._screening(content, figures)
        for value, told in said:
            if told and value not in told:
                yield value

    def due(self, figures: Content) -> Iterator[str]:
        """The screenings, by code, that the statement of a week must tell if anybody had a seat of them.

        Those that were told to be in another week or venue as well may have been there.
        """
        if "films" not in figures:
            return
        shown = {each["showing"]["code"] for film in figures["films"] for each in film["screenings"]}
        weeks = self._weeks(figures)
        since, end = max(first for first, _last in weeks), min(last for _first, last in weeks)
        for code, first, last in self._settled[figures["venue_code"]]:
            if code not in shown and since <= first and last < end:
                yield code

    def _screening(self, content: Content, figures: Content) -> Iterator[tuple[Any, Collection[Any]]]:
        """What the statement of a screening says, each with all that was told; nothing where none was."""
        code = figures["showing"]["code"]
        yield content["number"], {code}
        yield from self._showing(figures["showing"])
        yield figures["capacity"], self.programme.announced(code, "capacity")
        yield (figures["regime"],), self.catalogue.called("venue", self._venues(code), "regime")
        for seats in figures["passes"]:
            yield (seats["label"],), self._labels

    def _week(self, content: Content, figures: Content) -> Iterator[tuple[Any, Collection[Any]]]:
        """What the statement of a week says, as above: of a film, only what is shown of that film."""
        venue, weeks = figures["venue_code"], self._weeks(figures)
        yield content["number"], {f"{venue}-{figures['first_day']}"}
        places = self.catalogue.called("venue", {venue}, "name", "town")
        yield figures["venue"], {", ".join(filter(None, place)) for place in places}
        for film in figures["films"]:
            for each in film["screenings"]:
                showing = each["showing"]
                code, starts_at = showing["code"], datetime.fromisoformat(showing["starts_at"])
                yield (film["title"], film["version"]), {(showing["event_title"], showing["event_version"])}
                yield from self._showing(showing)
                yield venue, self._venues(code)
                if film.get("code"):
                    yield film["code"], self.catalogue.values("screening", {code}, "event")
                if not any(first <= starts_at < last for first, last in weeks):
                    yield starts_at, {figures["first_day"]}

    def _showing(self, showing: Content) -> Iterator[tuple[Any, Collection[Any]]]:
        code = showing["code"]
        yield (showing["event_title"], showing["event_version"]), self.catalogue.films(code)
        for column in ("starts_at", "ends_at"):
            yield showing[column], self.programme.announced(code, column)
        yield f"{showing['venue']}, {showing['hall']}", self.programme.places_of(code)
        if showing.get("is_cancelled"):
            yield ScreeningState.CANCELLED, self.programme.announced(code, "state")

    def _weeks(self, figures: Content) -> list[tuple[datetime, datetime]]:
        """When a week begins, and the next one does, whenever business days were told to begin."""
        first = date.fromisoformat(figures["first_day"])
        return [(paris(first, starts), paris(first + _WEEK, starts)) for starts in self.starts]

    def _venues(self, code: str) -> set[str]:
        """The venues that a screening was ever told to be at; none where it is held to none."""
        found = self.catalogue.called("hall", self.programme.halls(code), "venue")
        return {venue for (venue,) in found}

    @cached_property
    def _labels(self) -> set[tuple[Any, ...]]:
        """What passes and articles were ever told to be called."""
        return self.catalogue.called("product", (code for (code,) in self.catalogue.told["product"]), "label")

    @cached_property
    def _settled(self) -> Mapping[str, list[tuple[str, datetime, datetime]]]:
        """The screenings of each venue that were told to be at no other, and from when until when."""
        found = defaultdict(list)
        for code in self.programme.imported:
            venues = self._venues(code)
            hours = sorted(map(datetime.fromisoformat, self.programme.announced(code, "starts_at")))
            if len(venues) == 1 and hours:
                found[venues.pop()].append((code, hours[0], hours[-1]))
        return found
