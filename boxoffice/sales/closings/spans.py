"""Which numbers of each till belong to a reading or a closing: after the last one, until now or until a Z."""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import Row, func, select
from sqlmodel import Session

from boxoffice.kinds import ClosingPeriod
from boxoffice.models import (
    CashMovement,
    Closing,
    Numbering,
    ShiftClosing,
    Till,
    table,
)

from .figures import Figures, Span, told_figures

_closing, _numbering, _till = table(Closing), table(Numbering), table(Till)
_counted, _movement = table(ShiftClosing), table(CashMovement)

Ends = Mapping[str, int]

_LAST = ("last_operation", "last_ticket", "last_shift", "last_movement", "last_entry")
_NOTHING: Ends = dict.fromkeys(_LAST, 0)


def open_span(session: Session, till_id: int) -> Span:
    """What a till did since its last closing, until now: hold its numbering, and nothing is added to it."""
    return _span(_number(session, till_id), _closed_until(session, till_id), _now(session, till_id))


def closed_spans(session: Session, until: date) -> tuple[Span, ...]:
    """What every till did after the last closing of a day, as its own closings until that day tell."""
    ends = day_ends(session)
    return tuple(
        _span(
            number,
            ends.get(number, _NOTHING),
            _closed_until(session, till_id, until),
        )
        for till_id, number in _tills(session)
    )


def spans_of_today(session: Session) -> tuple[Span, ...]:
    """What every till did after the last closing of a day, until now."""
    ends = day_ends(session)
    return tuple(
        _span(number, ends.get(number, _NOTHING), _now(session, till_id))
        for till_id, number in _tills(session)
    )


def day_ends(session: Session) -> dict[int, Ends]:
    """The last numbers of each till, by its own number, that closings of days cover: the last tells all."""
    told = session.execute(
        select(_closing.c.figures)
        .where(_closing.c.period == ClosingPeriod.DAY)
        .order_by(_closing.c.number.desc())
        .limit(1)
    ).scalar_one_or_none()
    if told is None:
        return {}
    figures: Figures = told_figures(told)
    return {span.till: span.lasts() for span in figures.spans}


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans that follow each other at each till, as one for each till."""
    first: dict[int, Span] = {}
    last: dict[int, Span] = {}
    for span in spans:
        first.setdefault(span.till, span)
        last[span.till] = span
    return tuple(Span(till, **first[till].firsts(), **last[till].lasts()) for till in sorted(first))


def closings_in(session: Session, spans: Iterable[Span]) -> tuple[Row[tuple[object, ...]], ...]:
    """The closings of tills that these spans cover, in their order."""
    tills = {number: till_id for till_id, number in _tills(session)}
    return tuple(
        row
        for span in spans
        for row in session.execute(
            select(_closing)
            .where(
                _closing.c.till_id == tills[span.till],
                _closing.c.last_entry.between(span.first_entry, span.last_entry),
            )
            .order_by(_closing.c.number)
        )
    )


def _tills(session: Session) -> list[tuple[int, int]]:
    """The id and number of every till, by number."""
    rows = session.execute(select(_till.c.id, _till.c.number).order_by(_till.c.number))
    return [(till_id, number) for till_id, number in rows]


def _number(session: Session, till_id: int) -> int:
    return int(session.execute(select(_till.c.number).where(_till.c.id == till_id)).scalar_one())


def _now(session: Session, till_id: int) -> Ends:
    """The last numbers that a till has drawn."""
    drawn = session.execute(select(_numbering).where(_numbering.c.till_id == till_id)).one()
    shift, movement = (
        session.execute(select(func.max(rows.c.number)).where(rows.c.till_id == till_id)).scalar_one()
        for rows in (_counted, _movement)
    )
    return {
        "last_operation": drawn.operations,
        "last_ticket": drawn.tickets,
        "last_shift": shift or 0,
        "last_movement": movement or 0,
        "last_entry": drawn.journal,
    }


def _closed_until(session: Session, till_id: int, until: date = date.max) -> Ends:
    """The last numbers that closings of a till cover, as far as those until a day go."""
    last = session.execute(
        select(*(_closing.c[name] for name in _LAST))
        .where(_closing.c.till_id == till_id, _closing.c.last_day <= until)
        .order_by(_closing.c.number.desc())
        .limit(1)
    ).one_or_none()
    return _NOTHING if last is None else dict(last._mapping)


def _span(till: int, before: Ends, now: Ends) -> Span:
    """The numbers after the last ones before, until the last ones now."""
    return Span(till, *(number for name in _LAST for number in (before[name] + 1, now[name])))
