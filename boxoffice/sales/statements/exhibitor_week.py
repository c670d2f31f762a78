"""What an exhibitor declares of a week of cinema: entries and takings by film, screening and tariff.

A cinema's week runs from Wednesday to Tuesday; a screening after midnight belongs to the evening before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import RowMapping, func, select
from sqlmodel import Session

from boxoffice.clock import Clock, paris
from boxoffice.database import take_turns
from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind, Regime, TurnsAt
from boxoffice.language import _
from boxoffice.models import Event, PrintJob, Screening, Venue, table

from ..books import journal
from ..prints.letterhead import read_letterhead
from ..prints.papers import DocumentKind
from ..prints.print_orders import check_printer, order_report
from ..prints.statement_papers import WeekFilm, WeekPaper, WeekScreening
from ..staff.desk import Post
from ..staff.rules import read_rules
from .showings import SHOWINGS, numbers_of, passes_of, showing_of, tariffs_of

_venue, _screening, _event, _job = table(Venue), table(Screening), table(Event), table(PrintJob)

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


def read_week(
    session: Session,
    venue_id: int,
    day: date,
    *,
    at: datetime,
    provisional: bool | None = None,
    copy_number: int = 0,
) -> WeekPaper:
    """The statement of the week of that day, as it stands `at` this moment.

    It is `provisional` until the week is over unless told otherwise. Raises Refusal for no venue of ours.
    """
    venue = session.execute(select(_venue).where(_venue.c.id == venue_id)).one_or_none()
    if venue is None:
        raise Refusal(_("Ce lieu n'existe pas."))
    starts = read_rules(session).business_day_starts
    first = first_day_of_week(day)
    since, end = _bounds(first, starts)
    shown = (
        session.execute(
            SHOWINGS.where(_venue.c.id == venue_id, _screening.c.starts_at >= since)
            .where(_screening.c.starts_at < end)
            .order_by(_event.c.title, _event.c.version, _screening.c.starts_at, _screening.c.code)
        )
        .mappings()
        .all()
    )
    return WeekPaper(
        letterhead=read_letterhead(session),
        at=at,
        provisional=at < end if provisional is None else provisional,
        venue_code=venue.code,
        venue=", ".join(filter(None, (venue.name, venue.town))),
        first_day=first,
        last_day=first + timedelta(days=6),
        films=tuple(_films(session, shown)),
        copy_number=copy_number,
    )


def issue_week(
    session: Session, post: Post, venue_id: int, day: date, *, operator_number: int | None, clock: Clock
) -> WeekPaper:
    """The statement of a week for a file: the journal tells of it. Raises Refusal as `read_week`."""
    paper = read_week(session, venue_id, day, at=clock.now())
    _tell(session, post, paper, operator_number, 0)
    return paper


def print_week(
    session: Session, post: Post, venue_id: int, day: date, *, operator_number: int | None, clock: Clock
) -> int:
    """Order the statement of a week from the printer for reports. Returns its copy number.

    Raises Refusal if there is no such venue, or no printer.
    """
    check_printer(session, post.till_id, DocumentKind.WEEK_STATEMENT)
    take_turns(session, TurnsAt.NUMBERING_COPIES)
    paper = read_week(session, venue_id, day, at=clock.now())
    number = _number(venue_id, paper.first_day)
    copy_number = 0
    if not paper.provisional:
        _since, end = _bounds(paper.first_day, post.rules.business_day_starts)
        copy_number = _next_copy(session, number, end)
    order_report(
        session,
        post.till_id,
        DocumentKind.WEEK_STATEMENT,
        number,
        at=paper.at,
        copy_number=copy_number,
    )
    _tell(session, post, paper, operator_number, copy_number)
    return copy_number


def load_week(
    session: Session, number: int, *, ordered_at: datetime, copy_number: int, at: datetime
) -> WeekPaper:
    """The statement that was ordered under this number at that moment."""
    weeks, venue_id = divmod(number, _VENUES)
    first = _FIRST_WEDNESDAY + timedelta(weeks=weeks)
    _since, end = _bounds(first, read_rules(session).business_day_starts)
    return read_week(session, venue_id, first, at=at, provisional=ordered_at < end, copy_number=copy_number)


def _films(session: Session, shown: Sequence[RowMapping]) -> Iterable[WeekFilm]:
    ids = [row["id"] for row in shown]
    if not ids:
        return
    tariffs, passes, numbers = tariffs_of(session, ids), passes_of(session, ids), numbers_of(session, ids)
    films: dict[tuple[str, str], list[WeekScreening]] = {}
    for row in shown:
        screening = WeekScreening(
            showing_of(row),
            tariffs[row["id"]],
            sum(seats.booked for seats in passes[row["id"]]),
            numbers[row["id"]],
        )
        films.setdefault((row["title"], row["version"]), []).append(screening)
    for (title, version), screenings in films.items():
        yield WeekFilm(title, version, tuple(screenings))


def _bounds(first: date, starts: time) -> tuple[datetime, datetime]:
    """When a week begins, and when the next one does."""
    return paris(first, starts), paris(first + timedelta(weeks=1), starts)


def _number(venue_id: int, first: date) -> int:
    return (first - _FIRST_WEDNESDAY).days // 7 * _VENUES + venue_id


def _next_copy(session: Session, number: int, end: datetime) -> int:
    last = session.execute(
        select(func.max(_job.c.copy_number)).where(
            _job.c.document == DocumentKind.WEEK_STATEMENT,
            _job.c.position == number,
            _job.c.created_at >= end,
        )
    ).scalar_one()
    return 0 if last is None else int(last) + 1


def _tell(
    session: Session, post: Post, paper: WeekPaper, operator_number: int | None, copy_number: int
) -> None:
    about: Mapping[str, object] = {"document": DocumentKind.WEEK_STATEMENT, "number": paper.number}
    if copy_number:
        kind, told = JournalKind.DOCUMENT_REPRINTED, {**about, "copy": copy_number, "spoilt": False}
    else:
        kind = JournalKind.STATEMENT_ISSUED
        told = {
            **about,
            "provisional": paper.provisional,
            "entries": paper.entries,
            "takings": paper.takings_cents,
        }
    journal.append(session, post, kind, told, at=paper.at, operator_number=operator_number)
