"""How far the closing has come: what each till has left to close, and which days, months and years wait."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.clock import Clock, business_day
from boxoffice.errors import Refusal
from boxoffice.kinds import ClosingPeriod
from boxoffice.language import _
from boxoffice.models import Closing, Operator, Till, table

from ..staff.business_days import open_day, unclosed_days
from ..staff.desk import Post
from ..staff.rules import Rules
from ..staff.shifts import Shift, current_shift
from .obstacles import Obstacle, day_obstacles, till_obstacles
from .open_periods import bounds, not_gathered

_till, _closing, _operator = table(Till), table(Closing), table(Operator)


@dataclass(frozen=True, slots=True)
class TillState:
    """A till: the shift open there, the days that it has not closed, and what is to be known before it is.

    `is_late`: one of those days is over, and nothing is sold there until it is closed.
    """

    till_id: int
    till: int
    name: str
    shift: Shift | None
    days: tuple[date, date] | None
    is_late: bool
    obstacles: tuple[Obstacle, ...]


@dataclass(frozen=True, slots=True)
class ClosingState:
    """What is left to close. `day` is the oldest that tills have closed and the box office has not.

    `stops` is what has to be done before that day is closed. `month` and `year` are the last day of the
    oldest ones that are over and not closed.
    """

    today: date
    tills: tuple[TillState, ...]
    day: date | None
    stops: tuple[Obstacle, ...]
    month: date | None
    year: date | None


@dataclass(frozen=True, slots=True)
class ClosingRow:
    """A closing, as listed. `till` None is the whole box office."""

    id: UUID
    period: ClosingPeriod
    till: int | None
    number: int
    first_day: date
    last_day: date
    at: datetime
    manager: str
    period_cents: int
    perpetual_cents: int


class _NamedTill(NamedTuple):
    """A till, as it is called."""

    id: int
    number: int
    name: str


def read_state(session: Session, rules: Rules, *, clock: Clock) -> ClosingState:
    """What is left to close, at every till in service and for the box office."""
    starts_at = rules.business_day_starts
    today = business_day(clock.now(), starts_at)
    wanted = select(_till.c.active, _till.c.id, _till.c.number, _till.c.name).order_by(_till.c.number)
    found = (
        (active, _till_state(session, _NamedTill(*till), starts_at, today))
        for active, *till in session.execute(wanted).all()
    )
    tills = (state for active, state in found if active or state.days is not None)
    waiting = open_day(session)
    day = None if waiting is None or waiting[1] > today else waiting[1]
    return ClosingState(
        today=today,
        tills=tuple(tills),
        day=day,
        stops=() if day is None else day_obstacles(session, day, starts_at),
        month=_over(session, ClosingPeriod.MONTH, ClosingPeriod.DAY, today),
        year=_over(session, ClosingPeriod.YEAR, ClosingPeriod.MONTH, today),
    )


def late_till(session: Session, post: Post, *, clock: Clock) -> TillState | None:
    """This till, if a day of the past is not closed here: nothing is sold until it is."""
    starts_at = post.rules.business_day_starts
    wanted = select(_till.c.id, _till.c.number, _till.c.name).where(_till.c.id == post.till_id)
    today = business_day(clock.now(), starts_at)
    till = _NamedTill(*session.execute(wanted).one())
    state = _till_state(session, till, starts_at, today)
    return state if state.is_late else None


def find_till(session: Session, number: int) -> int:
    """The id of a till by its number. Raises Refusal, naming those that there are."""
    tills = {row.number: row.id for row in session.execute(select(_till.c.number, _till.c.id))}
    if number not in tills:
        raise Refusal(
            _("La caisse {till} n'existe pas.").format(till=number),
            _("Caisses : {numbers}.").format(numbers=", ".join(map(str, sorted(tills)))),
        )
    return int(tills[number])


def list_closings(
    session: Session, *, limit: int = 100, till_id: int | None = None
) -> tuple[ClosingRow, ...]:
    """The last closings of all tills and of the box office, or those of one till; the latest first."""
    wanted = (
        select(
            _closing.c.id,
            _closing.c.period,
            _till.c.number.label("till"),
            _closing.c.number,
            _closing.c.first_day,
            _closing.c.last_day,
            _closing.c.at,
            _operator.c.name.label("manager"),
            _closing.c.period_cents,
            _closing.c.perpetual_cents,
        )
        .outerjoin(_till, _till.c.id == _closing.c.till_id)
        .join(_operator, _operator.c.id == _closing.c.operator_id)
        .order_by(_closing.c.at.desc(), _closing.c.period, _closing.c.number.desc())
        .limit(limit)
    )
    if till_id is not None:
        wanted = wanted.where(_closing.c.till_id == till_id)
    return tuple(ClosingRow(*row) for row in session.execute(wanted))


def _till_state(session: Session, till: _NamedTill, starts_at: time, today: date) -> TillState:
    days = unclosed_days(session, till.id, starts_at)
    return TillState(
        till_id=till.id,
        till=till.number,
        name=till.name,
        shift=current_shift(session, till.id),
        days=days,
        is_late=days is not None and days[0] < today,
        obstacles=till_obstacles(session, till.id),
    )


def _over(session: Session, period: ClosingPeriod, part: ClosingPeriod, today: date) -> date | None:
    """The last day of the oldest month or year that is over, has closings, and is not closed itself."""
    parts = not_gathered(session, period, part)
    if not parts:
        return None
    last = bounds(period, parts[0].last_day)[1]
    return last if last < today else None
