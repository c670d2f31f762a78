"""The Z of a till: all that it did since its last one, closed by a manager, there or at another till."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from boxoffice.clock import Clock, business_day
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, ClosingPeriod
from boxoffice.language import _
from boxoffice.models import Numbering, Till, TillSession

from ..books import numbering
from ..staff.business_days import last_closed_day, unclosed_days
from ..staff.desk import Post
from ..staff.operators import StaffMember
from ..staff.permissions import require
from ..staff.shift_closing import NOTHING_TOLD, ShiftEnd, close_shift
from ..staff.shifts import Shift, current_shift
from .closing import NewClosing, find_closing, make
from .outcomes import Made
from .papers_of_closings import print_end_of_shift
from .print_steps import open_steps
from .reading import read_figures, stored_in
from .spans import open_span


@dataclass(frozen=True, slots=True)
class CloseTill:
    """The wish to close a till, its `closing_id` made beforehand: a second try finds what the first did.

    The shift still open there is closed first, with `counted_cents` and `end`; None was not counted. `day` is
    that of a till which sold nothing, but moved stored values; None is today.
    """

    closing_id: UUID
    till_id: int
    counted_cents: int | None = None
    end: ShiftEnd = NOTHING_TOLD
    day: date | None = None


def close_till(
    session: Session, command: CloseTill, post: Post, manager: StaffMember, *, clock: Clock
) -> Made:
    """Close a till: its open shift and the slips of it, then its figures, signed by the till at `post`.

    What a clock set ahead put on days to come is of today: no closing shuts a day that nobody has lived.
    Raises ManagerNeeded for whoever is none, and Refusal for a till that did nothing since its last closing.
    """
    if done := find_closing(session, command.closing_id):
        return done
    require(session, Action.CLOSE_TILL, manager.id)
    till = session.exec(select(Till).where(Till.id == command.till_id).with_for_update(key_share=True)).one()
    if done := find_closing(session, command.closing_id):
        return done
    starts_at = post.rules.business_day_starts
    shift = current_shift(session, command.till_id)
    _hold(session, post, command.till_id, shift)
    if shift is not None:
        close_shift(session, post, manager, shift.id, command.counted_cents, clock=clock, end=command.end)
        print_end_of_shift(session, post, shift.id, command.end, clock=clock)
    at = clock.now()
    span = open_span(session, command.till_id)
    figures = read_figures(session, [span], prints=(open_steps(session, command.till_id),))
    days, today = unclosed_days(session, command.till_id, starts_at), business_day(at, starts_at)
    if days is None:
        if not figures.stored:
            raise Refusal(
                _("La caisse {till} n'a rien fait depuis sa dernière clôture.").format(till=till.number),
                _("Il n'y a rien à clore."),
            )
        days = (command.day or today,) * 2
    numbers = numbering.draw_numbers(session, post.till_id)
    closing = NewClosing(
        command.closing_id,
        ClosingPeriod.TILL,
        _after_closed_days(session, (min(days[0], today), min(days[1], today))),
        figures,
        (command.till_id, till.number),
    )
    return make(session, post, manager, closing, sequence=numbers.journal, at=at)


def _hold(session: Session, post: Post, till_id: int, shift: Shift | None) -> None:
    """Hold the open shift of a till, as whoever sells does first, then the numbers of both tills in order.

    Two managers who close each other's tills then wait for one another, and neither is turned away.
    """
    if shift is not None:
        session.exec(select(TillSession.id).where(TillSession.id == shift.id).with_for_update()).one()
    session.exec(
        select(Numbering.till_id)
        .where(col(Numbering.till_id).in_({post.till_id, till_id}))
        .order_by(col(Numbering.till_id))
        .with_for_update()
    ).all()


def _after_closed_days(session: Session, days: tuple[date, date]) -> tuple[date, date]:
    """The days of a closing, none of which is closed for the box office: what came after is of the next."""
    closed = last_closed_day(session)
    if closed is None:
        return days
    first = max(days[0], closed + timedelta(days=1))
    return first, max(days[1], first)


def quiet_tills(session: Session, starts_at: time) -> tuple[int, ...]:
    """The tills that sold nothing since their last closing, but moved stored values, which a day counts."""
    return tuple(
        till_id
        for till_id in session.exec(select(Till.id).order_by(col(Till.number)))
        if till_id is not None
        and unclosed_days(session, till_id, starts_at) is None
        and stored_in(session, open_span(session, till_id), till_id)
    )
