"""Making a closing: its number, its totals since first use, its row, and its entry in the journal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select
from sqlmodel import Session

from boxoffice.kinds import ClosingPeriod, JournalKind
from boxoffice.models import Closing, JournalEntry, Operator, Till, table

from ..books import journal
from ..books.journal import canonical
from ..books.witnesses import witnessed_as
from ..prints import print_orders
from ..staff.desk import Post
from ..staff.operators import StaffMember
from .aside import read_aside
from .figures import Figures, Span, tell, told_figures
from .outcomes import LastClosing, Made
from .put_back import Gone, Restoring
from .restorings import Start, closings_gone, go_on, read_restorings, told_after

_closing, _till, _operator, _entry = table(Closing), table(Till), table(Operator), table(JournalEntry)

MOST_CLOSINGS = 2**31 - 1
"""No number goes further, in the column that holds it."""


@dataclass(frozen=True, slots=True)
class NewClosing:
    """A closing before it has a number: of these days, the first and the last, and what they came to.

    `till` is the id and the number of the till that it closes, and nothing where it is of the box office.
    """

    id: UUID
    period: ClosingPeriod
    days: tuple[date, date]
    figures: Figures
    till: tuple[int, int] | None = None


def find_closing(session: Session, closing_id: UUID) -> Made | None:
    """A closing by its id, if it was made."""
    return _read(session, _closing.c.id == closing_id)


def find_numbered(
    session: Session, period: ClosingPeriod, number: int, till_id: int | None = None
) -> Made | None:
    """A closing by its number within its till, or within its kind of period of the box office.

    None for one that is not there, were its number longer than any that a database can be asked for.
    """
    if number > MOST_CLOSINGS:
        return None
    of_it = _closing.c.till_id.is_(None) if till_id is None else _closing.c.till_id == till_id
    return _read(session, (_closing.c.period == period) & (_closing.c.number == number) & of_it)


def last_made(session: Session, period: ClosingPeriod, till_id: int | None = None) -> LastClosing | None:
    """The last closing of a till, or of a kind of period of the box office; None before any."""
    of_it = _closing.c.till_id.is_(None) if till_id is None else _closing.c.till_id == till_id
    row = session.execute(
        select(*(_closing.c[name] for name in LastClosing.__dataclass_fields__))
        .where(_closing.c.period == period, of_it)
        .order_by(_closing.c.number.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else LastClosing(*row)


def goes_on_from(
    restorings: Sequence[Restoring], period: ClosingPeriod, till: int | None, last: LastClosing | None
) -> Start:
    """What the closing after the `last` one goes on from, or the first; more if the database was restored."""
    made = Start(0, 0, 0)
    if last is not None:
        made = Start(last.number, last.perpetual_cents, last.perpetual_absolute_cents)
    return go_on(restorings, period, till, made)


def make(
    session: Session, post: Post, manager: StaffMember, closing: NewClosing, *, sequence: int, at: datetime
) -> Made:
    """Write a closing down as entry number `sequence` of the till that makes it, and order its paper.

    Whoever calls holds what no other may close meanwhile.
    """
    closing_id, period, figures = closing.id, closing.period, closing.figures
    till_id, till_number = closing.till or (None, None)
    last = last_made(session, period, till_id)
    start = goes_on_from(read_restorings(session), period, till_number, last)
    row = {
        "id": closing_id,
        "period": period,
        "till_id": till_id,
        "made_at_till_id": post.till_id,
        "number": start.number + 1,
        "first_day": closing.days[0],
        "last_day": closing.days[1],
        "at": at,
        "operator_id": manager.id,
        **(dict.fromkeys(Span.names()) if till_id is None else figures.spans[0].numbers()),
        "entry": sequence,
        "period_cents": figures.turnover_cents,
        "period_absolute_cents": figures.absolute_cents,
        "perpetual_cents": start.cents + figures.turnover_cents,
        "perpetual_absolute_cents": start.absolute_cents + figures.absolute_cents,
        "figures": canonical(tell(figures)),
    }
    session.execute(insert(_closing).values(row))
    told = {"operator": manager.number, "closing": described(row, till_number)}
    journal.write_entry(session, post, sequence, JournalKind.CLOSING_MADE, told, at=at)
    print_orders.order_for_closing(session, post.till_id, closing_id, manager.id, at=at)
    made = find_closing(session, closing_id)
    assert made is not None
    return made


def described(row: Mapping[str, Any], till_number: int | None) -> dict[str, Any]:
    """A closing as the journal tells it: its columns, but those that the entry has anyway."""
    told = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in row.items()
        if name not in ("id", "till_id", "made_at_till_id", "operator_id", "at", "entry", "figures")
    }
    return {**told, "id": str(row["id"]), "till": till_number, "figures": row["figures"]}


def _read(session: Session, which: ColumnElement[bool]) -> Made | None:
    made_at = _till.alias("made_at")
    row = session.execute(
        select(
            _closing,
            _till.c.number.label("till"),
            made_at.c.number.label("made_at_till"),
            _operator.c.name.label("manager"),
            _operator.c.number.label("manager_number"),
            _entry.c.digest,
        )
        .outerjoin(_till, _till.c.id == _closing.c.till_id)
        .join(made_at, made_at.c.id == _closing.c.made_at_till_id)
        .join(_operator, _operator.c.id == _closing.c.operator_id)
        .outerjoin(
            _entry, (_entry.c.till_id == _closing.c.made_at_till_id) & (_entry.c.sequence == _closing.c.entry)
        )
        .where(which)
    ).one_or_none()
    if row is None:
        return None
    figures = told_figures(row.figures)
    restorings, gone = _restorings_told(session, row)
    return Made(
        id=row.id,
        period=row.period,
        till=row.till,
        made_at_till=row.made_at_till,
        number=row.number,
        first_day=row.first_day,
        last_day=row.last_day,
        at=row.at,
        manager=row.manager,
        manager_number=row.manager_number,
        figures=figures,
        period_cents=row.period_cents,
        period_absolute_cents=row.period_absolute_cents,
        perpetual_cents=row.perpetual_cents,
        perpetual_absolute_cents=row.perpetual_absolute_cents,
        entry="" if row.digest is None else witnessed_as(row.made_at_till, row.entry, row.digest),
        aside=read_aside(session, figures),
        restorings=restorings,
        gone=gone,
    )


def _restorings_told(session: Session, row: Any) -> tuple[tuple[Restoring, ...], tuple[Gone, ...]]:
    """The restorings that a closing tells, and the closings of its series that are gone with them."""
    restorings = read_restorings(session)
    if not restorings:
        return (), ()
    earlier = select(func.max(_closing.c.number)).where(
        _closing.c.period == row.period,
        _closing.c.till_id.is_not_distinct_from(row.till_id),
        _closing.c.number < row.number,
    )
    last = session.execute(earlier).scalar() or 0
    return (
        told_after(restorings, row.period, row.till, last=last, last_day=row.last_day),
        closings_gone(restorings, row.period, row.till, last=last, last_day=row.last_day),
    )
