"""Values that are over: what is left in them is taken out once, by whatever counter sees it first."""

from datetime import date

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.clock import Clock, business_day
from boxoffice.kinds import JournalKind, MovementKind
from boxoffice.models import Numbering, StoredValue, table

from ..books import journal, numbering
from ..staff.desk import Post
from . import stored_values
from .value_changes import Hand, Move, Told, describe

_value, _numbering = table(StoredValue), table(Numbering)

BATCH = 500
"""Values emptied in one transaction: a sale never waits long behind it."""


def today(post: Post, *, clock: Clock) -> date:
    """The business day: what was good until the day before is over when it begins."""
    return business_day(clock.now(), post.rules.business_day_starts)


def any_over(session: Session, post: Post, *, clock: Clock) -> bool:
    """Whether there is anything to take out."""
    over = select(_value.c.id).where(_value.c.amount > 0, _value.c.valid_until < today(post, clock=clock))
    return session.execute(over.limit(1)).first() is not None


def expire_over(session: Session, post: Post, *, clock: Clock) -> int:
    """Take what is left out of values that are over, some hundreds at a time; how many there were.

    What another till is taking out, or a sale using, is left to it.
    """
    at = clock.now()
    # Sales lock their numbering before any value: so does this, though it may find nothing to tell.
    session.execute(
        select(_numbering.c.till_id).where(_numbering.c.till_id == post.till_id).with_for_update()
    ).one()
    due = session.execute(
        select(_value.c.id, _value.c.amount)
        .where(_value.c.amount > 0, _value.c.valid_until < today(post, clock=clock))
        .order_by(_value.c.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    if not due:
        return 0
    numbers = numbering.draw_numbers(session, post.till_id)
    emptied = [Move(value.id, MovementKind.EXPIRED, -value.amount) for value in due]
    rows = stored_values.move(session, emptied, Hand(post, None, None), at=at)
    told = {"operator": None, **describe(Told((), rows), {})}
    journal.write_entry(session, post, numbers.journal, JournalKind.VALUE_EXPIRED, told, at=at)
    return len(rows)
