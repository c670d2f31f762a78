"""Days that are sold and closed, in one line."""

from datetime import timedelta
from uuid import uuid4

from sqlmodel import Session

from boxoffice.kinds import ClosingPeriod
from boxoffice.sales.closings.outcomes import Made
from boxoffice.sales.closings.period_closing import ClosePeriod, close_period
from boxoffice.sales.closings.till_closing import CloseTill, close_till
from boxoffice.sales.staff.operators import staff
from boxoffice.sales.staff.shift_closing import NOTHING_TOLD, ShiftEnd
from boxoffice.sales.staff.shifts import OpenShift, open_shift
from tests.sales.conftest import Festival


def close_one(
    festival: Festival, till: int, counted: int | None = None, end: ShiftEnd = NOTHING_TOLD
) -> Made:
    """Close a till by its place among the two, and commit."""
    post = festival.posts[till]
    command = CloseTill(uuid4(), post.till_id, counted, end)
    return festival.write(
        lambda session: close_till(session, command, post, festival.manager, clock=festival.clock)
    )


def close_box_office(festival: Festival, period: ClosingPeriod = ClosingPeriod.DAY) -> Made:
    """Close the oldest open day, or another period, and commit."""
    command = ClosePeriod(uuid4(), period)
    return festival.write(
        lambda session: close_period(
            session, command, festival.posts[0], festival.manager, clock=festival.clock
        )
    )


def close_everything(festival: Festival) -> Made:
    """Close both tills, uncounted, and the day."""
    for till in range(2):
        close_one(festival, till, end=ShiftEnd(reason="Non compté"))
    return close_box_office(festival)


def next_morning(festival: Festival) -> None:
    """A day later, with a shift open at each till again."""
    festival.clock.advance(timedelta(days=1))

    def work(session: Session) -> None:
        members = {member.number: member for member in staff(session)}
        desks = []
        for desk in festival.desks:
            member = members[desk.operator_number]
            opened = OpenShift(10_000, authorized_by=festival.manager, reason="Fond remis à niveau")
            desks.append(open_shift(session, desk.post, member, opened, clock=festival.clock))
        festival.desks = (desks[0], desks[1])

    festival.write(work)
