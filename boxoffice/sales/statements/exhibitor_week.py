"""What an exhibitor declares of a week of cinema: entries and takings by film, screening and tariff.

A cinema's week runs from Wednesday to Tuesday; a screening after midnight belongs to the evening before.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, RowMapping, select
from sqlmodel import Session

from boxoffice.clock import Clock, paris
from boxoffice.errors import Refusal
from boxoffice.kinds import Regime
from boxoffice.language import _
from boxoffice.models import Event, Screening, Venue, table

from ..prints.letterhead import read_letterhead
from ..prints.papers import DocumentKind
from ..prints.statement_papers import WeekFilm, WeekPaper, WeekScreening, week_number
from ..staff.desk import Post
from ..staff.rules import read_rules
from .copies import Series, Way, as_issued, give_out, ordered
from .showings import SHOWINGS, is_cancelled, numbers_of, passes_of, restorings_of, showing_of, tariffs_of

_venue, _screening, _event = table(Venue), table(Screening), table(Event)

WEDNESDAY = 2
_FIRST_WEDNESDAY = date(1970, 1, 7)
_VENUES = 10_000
"""A print job tells a venue's week by one number: so many venues for each week."""


@dataclass(frozen=True, slots=True)
class Exhibitor:
    """A venue that declares to the CNC, every week."""

    venue_id: int
    code: str
    name: str
    town: str


def exhibitors(session: Session) -> tuple[Exhibitor, ...]:
    """The venues that declare their weeks, by name."""
    rows = session.execute(
        select(_venue.c.id, _venue.c.code, _venue.c.name, _venue.c.town)
        .where(_venue.c.regime == Regime.CNC_EXHIBITOR)
        .order_by(_venue.c.name)
    )
    return tuple(Exhibitor(*row) for row in rows)


def find_exhibitor(session: Session, code: str) -> Exhibitor:
    """The exhibitor of this code; the only one there is when nothing is said. Raises Refusal for none."""
    found = exhibitors(session)
    named = [each for each in found if each.code == code] if code else list(found)
    if len(named) == 1:
        return named[0]
    if not found:
        raise Refusal(
            _("Aucun lieu ne déclare ses semaines au CNC."),
            _("Le régime d'un lieu est dans le fichier des salles : CNC_EXHIBITOR."),
        )
    raise Refusal(_("Dites de quel lieu : {codes}.").format(codes=", ".join(each.code for each in found)))


def first_day_of_week(day: date) -> date:
    """The Wednesday that begins the cinema week of a day."""
    return day - timedelta(days=(day.weekday() - WEDNESDAY) % 7)


def read_week(session: Session, venue_id: int, day: date, *, at: datetime) -> WeekPaper:
    """The statement of the week of that day as the books stand: provisional until the week is over.

    Raises Refusal if there is no such venue.
    """
    venue = _venue_of(session, venue_id)
    first = first_day_of_week(day)
    since, end = _bounds(first, read_rules(session).business_day_starts)
    shown = (
        session.execute(
            SHOWINGS.where(_venue.c.id == venue_id, _screening.c.starts_at >= since)
            .where(_screening.c.starts_at < end)
            .order_by(_event.c.title, _event.c.version, _event.c.code)
            .order_by(_screening.c.starts_at, _screening.c.code)
        )
        .mappings()
        .all()
    )
    return WeekPaper(
        letterhead=read_letterhead(session),
        at=at,
        provisional=at < end,
        venue_code=venue.code,
        venue=", ".join(filter(None, (venue.name, venue.town))),
        first_day=first,
        last_day=first + timedelta(days=6),
        films=tuple(_films(session, shown)),
        restorings=restorings_of(session, since, end, is_cancelled=any(map(is_cancelled, shown))),
    )


def show_week(session: Session, venue_id: int, day: date, *, at: datetime) -> WeekPaper:
    """The statement of a week to be read: as it was issued, once it was. Raises Refusal as `read_week`."""
    return as_issued(session, _series(session, venue_id, day), at=at)


def issue_week(
    session: Session,
    post: Post,
    venue_id: int,
    day: date,
    *,
    operator_number: int | None,
    clock: Clock,
    correct: bool = False,
) -> WeekPaper:
    """The statement of a week for a file, or a corrected one. Raises Refusal as `print_week`."""
    series, at = _series(session, venue_id, day), clock.now()
    return give_out(session, post, series, Way.FILE, at=at, operator_number=operator_number, correct=correct)


def print_week(
    session: Session,
    post: Post,
    venue_id: int,
    day: date,
    *,
    operator_number: int | None,
    clock: Clock,
    correct: bool = False,
) -> WeekPaper:
    """Order the statement of a week from the printer for reports, or a corrected one.

    Raises Refusal if there is no such venue, no printer, or nothing to correct.
    """
    series, at = _series(session, venue_id, day), clock.now()
    return give_out(session, post, series, Way.PAPER, at=at, operator_number=operator_number, correct=correct)


def load_week(
    session: Session, number: int, *, ordered_at: datetime, copy_number: int, at: datetime
) -> WeekPaper:
    """The statement that was ordered under this number at that moment."""
    weeks, venue_id = divmod(number, _VENUES)
    series = _series(session, venue_id, _FIRST_WEDNESDAY + timedelta(weeks=weeks))
    return ordered(session, series, ordered_at=ordered_at, copy_number=copy_number, at=at)


def _series(session: Session, venue_id: int, day: date) -> Series[WeekPaper]:
    first = first_day_of_week(day)
    return Series(
        WeekPaper,
        DocumentKind.WEEK_STATEMENT,
        week_number(_venue_of(session, venue_id).code, first),
        (first - _FIRST_WEDNESDAY).days // 7 * _VENUES + venue_id,
        lambda at: read_week(session, venue_id, first, at=at),
    )


def _venue_of(session: Session, venue_id: int) -> Row[Any]:
    venue = session.execute(select(_venue).where(_venue.c.id == venue_id)).one_or_none()
    if venue is None:
        raise Refusal(_("Ce lieu n'existe pas."))
    return venue


def _films(session: Session, shown: Sequence[RowMapping]) -> Iterable[WeekFilm]:
    """The films in the order of their screenings; a code tells two of one title and version apart."""
    ids = [row["id"] for row in shown]
    if not ids:
        return
    tariffs, passes, numbers = tariffs_of(session, ids), passes_of(session, ids), numbers_of(session, ids)
    films = {row["event_id"]: row for row in shown}
    called = Counter((film["title"], film["version"]) for film in films.values())
    for event_id, film in films.items():
        screenings = (
            WeekScreening(
                showing_of(row),
                tariffs[row["id"]],
                sum(seats.booked for seats in passes[row["id"]]),
                numbers[row["id"]],
            )
            for row in shown
            if row["event_id"] == event_id
        )
        is_alone = called[film["title"], film["version"]] == 1
        code = "" if is_alone else film["event_code"]
        yield WeekFilm(film["title"], film["version"], tuple(screenings), code)


def _bounds(first: date, starts: time) -> tuple[datetime, datetime]:
    """When a week begins, and when the next one does."""
    return paris(first, starts), paris(first + timedelta(weeks=1), starts)
