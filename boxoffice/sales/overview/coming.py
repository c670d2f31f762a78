"""The screenings of some days with their seats, as a manager and the queue look at them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, select
from sqlmodel import Session

from boxoffice.clock import Clock, business_day, paris
from boxoffice.models import Event, Hall, Screening, Venue, table
from boxoffice.prepared import Prepared

from ..prints.letterhead import read_letterhead
from ..prints.papers import DocumentKind
from ..prints.print_orders import check_printer, order_report
from ..prints.statement_papers import LeftTonightPaper, PaperLeft
from ..screenings.programme import Seats, on_sale_until, read_seats
from ..staff.rules import Rules, read_rules

_screening, _event, _hall, _venue = table(Screening), table(Event), table(Hall), table(Venue)

_BETWEEN = Prepared(
    select(
        _screening.c.id,
        _screening.c.code,
        _screening.c.starts_at,
        _screening.c.ends_at,
        _screening.c.sale_ends_minutes,
        _event.c.title,
        _event.c.version,
        _hall.c.short_name,
        _hall.c.name.label("hall"),
        _venue.c.name.label("venue"),
    )
    .join(_event, _event.c.id == _screening.c.event_id)
    .join(_hall, _hall.c.id == _screening.c.hall_id)
    .join(_venue, _venue.c.id == _hall.c.venue_id)
    .where(_screening.c.starts_at >= bindparam("since"), _screening.c.starts_at < bindparam("until"))
    .order_by(_screening.c.starts_at, _hall.c.short_name, _screening.c.code)
)


@dataclass(frozen=True, slots=True)
class Coming:
    """A screening that takes place, and its seats. `hall` is short for the screen, `place` full for paper."""

    id: int
    code: str
    event_title: str
    event_version: str
    starts_at: datetime
    on_sale_until: datetime
    hall: str
    place: str
    seats: Seats

    @property
    def taken(self) -> int:
        return self.seats.sold

    @property
    def capacity(self) -> int:
        return self.seats.capacity

    @property
    def left(self) -> int:
        """Seats on sale to anybody."""
        return self.seats.left


@dataclass(frozen=True, slots=True)
class Tonight:
    """What the counter still sells this evening; `is_sold_out` where all that goes on is full."""

    screenings: tuple[Coming, ...]
    is_sold_out: bool


def read_coming(session: Session, rules: Rules, first: date, days: int = 1) -> tuple[Coming, ...]:
    """The screenings of some business days that are not cancelled, in order of time."""
    seats = read_seats(session)
    begins = paris(first, rules.business_day_starts)
    ends = paris(first + timedelta(days=days), rules.business_day_starts)
    found = (
        Coming(
            row["id"],
            row["code"],
            row["title"],
            row["version"],
            row["starts_at"],
            on_sale_until(row["starts_at"], row["ends_at"], row["sale_ends_minutes"], rules),
            row["short_name"],
            f"{row['venue']}, {row['hall']}",
            seats[row["id"]],
        )
        for row in _BETWEEN.all(session, {"since": begins, "until": ends})
    )
    return tuple(screening for screening in found if not screening.seats.cancelled)


def read_left_tonight(session: Session, rules: Rules, *, clock: Clock) -> Tonight:
    """The screenings of the business day that runs, begun or not, which are on sale and have seats left."""
    now = clock.now()
    today = read_coming(session, rules, business_day(now, rules.business_day_starts))
    on_sale = [screening for screening in today if now <= screening.on_sale_until]
    left = tuple(screening for screening in on_sale if screening.left > 0)
    return Tonight(left, is_sold_out=bool(on_sale) and not left)


def load_left_tonight(session: Session, *, clock: Clock) -> LeftTonightPaper:
    """The same for paper, as it stands when it comes out."""
    found = read_left_tonight(session, read_rules(session), clock=clock)
    return LeftTonightPaper(
        letterhead=read_letterhead(session),
        at=clock.now(),
        screenings=tuple(
            PaperLeft(each.event_title, each.event_version, each.starts_at, each.place, each.left)
            for each in found.screenings
        ),
        is_sold_out=found.is_sold_out,
    )


def print_left_tonight(session: Session, till_id: int, *, clock: Clock) -> None:
    """Order the list for the queue. Raises Refusal where this till has no printer for it."""
    check_printer(session, till_id, DocumentKind.LEFT_TONIGHT)
    order_report(session, till_id, DocumentKind.LEFT_TONIGHT, 0, at=clock.now())
