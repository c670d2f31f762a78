"""X readings: the figures of a till or of the box office as they stand, without closing anything."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.clock import Clock, business_day
from boxoffice.kinds import ClosingPeriod
from boxoffice.models import Till, table

from ..staff.rules import Rules
from ..staff.shifts import current_shift
from .aside import read_aside
from .closing import goes_on_from, last_made
from .figures import Figures, ShiftFigures, told_figures
from .outcomes import LastClosing, Reading
from .outstanding import with_outstanding
from .print_steps import open_steps
from .reading import read_figures
from .restorings import closings_gone, read_restorings, told_after
from .shift_figures import open_figures
from .spans import closings_in, open_span, spans_of_today

_till = table(Till)


def read_till(session: Session, rules: Rules, till_id: int, *, clock: Clock, blind: bool = False) -> Reading:
    """What a till did since its last closing; not what its drawer should hold if counted `blind`."""
    at = clock.now()
    number = session.execute(select(_till.c.number).where(_till.c.id == till_id)).scalar_one()
    before = last_made(session, ClosingPeriod.TILL, till_id)
    steps = open_steps(session, till_id)
    figures = read_figures(session, [open_span(session, till_id)], prints=(steps,))
    shift = current_shift(session, till_id)
    opened = () if shift is None or blind else (open_figures(session, shift.id, number, at=at),)
    return _reading(session, rules, at, number, figures, opened, before)


def read_box_office(session: Session, rules: Rules, *, clock: Clock, blind: bool = False) -> Reading:
    """What all tills did since the last closing of a day, those closed since included."""
    at = clock.now()
    spans = spans_of_today(session)
    uncertain = sum(told_figures(row.figures).uncertain for row in closings_in(session, spans))
    opened = []
    for till_id, number in session.execute(select(_till.c.id, _till.c.number).order_by(_till.c.number)):
        uncertain += open_steps(session, till_id).uncertain
        shift = current_shift(session, till_id)
        if shift is not None and not blind:
            opened.append(open_figures(session, shift.id, number, at=at))
    figures = read_figures(session, spans, uncertain=uncertain)
    figures = replace(figures, stored=with_outstanding(session, figures.stored))
    return _reading(session, rules, at, None, figures, tuple(opened), last_made(session, ClosingPeriod.DAY))


def _reading(
    session: Session,
    rules: Rules,
    at: datetime,
    till: int | None,
    figures: Figures,
    open_shifts: tuple[ShiftFigures, ...],
    before: LastClosing | None,
) -> Reading:
    day, period = (
        business_day(at, rules.business_day_starts),
        ClosingPeriod.TILL if till else ClosingPeriod.DAY,
    )
    restorings = read_restorings(session)
    start = goes_on_from(restorings, period, till, before)
    last = before.number if before else 0
    return Reading(
        at=at,
        day=day,
        till=till,
        figures=figures,
        open_shifts=open_shifts,
        perpetual_cents=start.cents + figures.turnover_cents,
        perpetual_absolute_cents=start.absolute_cents + figures.absolute_cents,
        aside=read_aside(session, figures),
        restorings=told_after(restorings, period, till, last=last, last_day=day),
        gone=closings_gone(restorings, period, till, last=last, last_day=day),
    )
