"""Values that are over: what is left in them is taken out once, by whatever counter sees it first."""

from datetime import date

from sqlmodel import Session

from boxoffice.clock import Clock, business_day

from ..staff.desk import Post
from . import stored_values
from .stored_values import Hand


def today(post: Post, *, clock: Clock) -> date:
    """The business day: what was good until the day before is over when it begins."""
    return business_day(clock.now(), post.rules.business_day_starts)


def any_over(session: Session, post: Post, *, clock: Clock) -> bool:
    """Whether there is anything to take out."""
    return stored_values.any_to_expire(session, today(post, clock=clock))


def expire_over(session: Session, post: Post, *, clock: Clock) -> int:
    """Take what is left out of values that are over, some hundreds at a time; how many there were.

    What another till is taking out, or a sale using, is left to it.
    """
    return stored_values.expire(session, Hand(post, None, None), at=clock.now())
