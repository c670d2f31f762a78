"""What somebody who has just logged in finds at the till: a shift, a day that was forgotten, or nothing."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.sales.closings.state import TillState, late_till, read_state
from boxoffice.sales.staff import shifts
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.opening_doubts import is_after_the_day
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.staff.shifts import Shift

if TYPE_CHECKING:
    from boxoffice.house import House


@dataclass(frozen=True, slots=True)
class Found:
    """What is at the till: the shift open there, as a `desk` if it is ours; a day of the past; or the end.

    `closed` is why no till opens; `day` is one gone by that the box office has not closed, and that `waits`
    for other tills. It `reopens` where today is closed already.
    """

    there: Shift | None = None
    desk: Desk | None = None
    late: TillState | None = None
    closed: Refusal | None = None
    day: date | None = None
    waits: bool = False
    reopens: bool = False


def find(house: "House", member: StaffMember) -> Found:
    """Read what is at the till of a house for a member of the staff; called away from the screen."""
    post, clock = house.post, house.clock
    with house.database.read() as session:
        there = shifts.current_shift(session, post.till_id)
        if (late := late_till(session, post, clock=clock)) is not None:
            return Found(there, late=late)
        if there is None:
            day = shifts.day_to_close(session, post, clock=clock)
            return Found(
                closed=shifts.till_retired(session, post) or shifts.day_closed(session, post, clock=clock),
                day=day,
                waits=day is not None and bool(read_state(session, post.rules, clock=clock).stops),
                reopens=is_after_the_day(session, post, at=clock.now()),
            )
        try:
            return Found(there, shifts.resume_shift(session, post, member))
        except ManagerNeeded:
            return Found(there)
