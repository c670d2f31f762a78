"""A festival that has closed tills, days, months and a year: two rows at least in every table of closings."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

from boxoffice.clock import Clock
from boxoffice.database import Database
from boxoffice.errors import ManagerNeeded
from boxoffice.kinds import CashKind, ClosingPeriod, JobState
from boxoffice.models import PrintJob
from boxoffice.sales.closings.cash import MoveCash, move_cash, open_drawer
from boxoffice.sales.closings.outcomes import Made
from boxoffice.sales.closings.period_closing import ClosePeriod, close_period
from boxoffice.sales.closings.till_closing import CloseTill, close_till
from boxoffice.sales.prints import outbox
from boxoffice.sales.settlement import Tender
from boxoffice.sales.staff.desk import Desk, Post
from boxoffice.sales.staff.operators import StaffMember, staff
from boxoffice.sales.staff.shift_closing import NOTHING_TOLD, ShiftEnd, close_shift
from boxoffice.sales.staff.shifts import OpenShift, open_shift
from tests.sales.conftest import Festival

PIECES = {5_000: 1, 2_000: 2, 1_000: 1}
"""The float of a till, counted."""


def close_the_till(
    festival: Festival,
    till: int = 0,
    counted: int | None = None,
    end: ShiftEnd = NOTHING_TOLD,
    *,
    at_till: int | None = None,
) -> Made:
    """Close a till by its place, there or at the other one."""
    command = CloseTill(uuid4(), festival.posts[till].till_id, counted, end)
    post = festival.posts[till if at_till is None else at_till]
    return festival.write(
        lambda session: close_till(session, command, post, festival.manager, clock=festival.clock)
    )


def close_the(festival: Festival, period: ClosingPeriod, till: int = 0) -> Made:
    """Close the oldest day, month or year, at a till by its place."""
    command = ClosePeriod(uuid4(), period)
    post = festival.posts[till]
    return festival.write(
        lambda session: close_period(session, command, post, festival.manager, clock=festival.clock)
    )


def carry(
    festival: Festival,
    kind: CashKind,
    cents: int,
    till: int = 0,
    carrier: str = "Lisa B.",
    reason: str = "Monnaie",
) -> int:
    """Carry cash into a drawer or out of it, which the manager allows."""
    command = MoveCash(uuid4(), kind, cents, carrier, reason)
    return festival.write(
        lambda session: move_cash(
            session, command, festival.desks[till], clock=festival.clock, authorized_by=festival.manager
        )
    )


def a_paper_is_uncertain(festival: Festival, till: int) -> None:
    """A ticket is sold at a till by its place, and its printer falls silent in the middle of it."""
    festival.sell(festival.seat_line("KNEECAP2"), desk=festival.desks[till])
    row = [job for job in festival.rows(PrintJob) if job.state is JobState.QUEUED][-1]
    job = festival.read(lambda session: outbox.find_job(session, row.id))
    assert job is not None
    assert festival.write(lambda session: outbox.begin_sending(session, job, clock=festival.clock))
    festival.write(
        lambda session: outbox.finish_sending(session, job.id, JobState.UNCERTAIN, clock=festival.clock)
    )


def answered(festival: Festival, cents: int = 0) -> OpenShift:
    """The wish to open a till with any float and on any day: the manager answers for it."""
    return OpenShift(cents, authorized_by=festival.manager, reason="Fond refait")


def open_the_tills(festival: Festival) -> None:
    """Open both tills for those who held them."""
    members = {member.id: member for member in festival.read(staff)}

    def opened(desk: Desk) -> Desk:
        work = partial(
            open_shift, post=desk.post, member=members[desk.operator_id], command=answered(festival, 10_000)
        )
        return festival.write(partial(work, clock=festival.clock))

    first, second = festival.desks
    festival.desks = opened(first), opened(second)


def close_books(festival: Festival) -> None:
    """Two days of two months with all that happens to cash, each closed; then the months and the year."""
    _first_day(festival)
    festival.clock.at = datetime(2026, 2, 3, 11, 0, tzinfo=UTC)
    open_the_tills(festival)
    carry(festival, CashKind.IN, 5_000, till=1, carrier="Chloé M.")
    festival.sell(festival.product_line(quantity=2), desk=festival.desks[1])
    festival.sell(festival.product_line(), tenders=(Tender("card", 300, None, "88"),))
    counted = ShiftEnd(pieces={5_000: 3, 100: 6}, deposit_cents=600)
    close_the_till(festival, 1, 15_600, counted)
    close_the_till(festival, 0, 10_000, ShiftEnd(pieces={10_000: 1}, totals={"card": 300}))
    close_the(festival, ClosingPeriod.DAY, till=1)
    close_the(festival, ClosingPeriod.MONTH)
    festival.clock.at = datetime(2027, 1, 2, 11, 0, tzinfo=UTC)
    close_the(festival, ClosingPeriod.MONTH, till=1)
    close_the(festival, ClosingPeriod.YEAR)
    open_the_tills(festival)


def _first_day(festival: Festival) -> None:
    """A shift counted blind, refused, and counted again; one closed from the other till, uncounted."""
    first = festival.sell(festival.seat_line(quantity=2), festival.product_line())
    festival.sell(festival.seat_line("ETERNAL"), desk=festival.desks[1])
    festival.clock.advance(timedelta(minutes=1))
    festival.reverse(first, 1)
    festival.sell_gift()
    carry(festival, CashKind.PICKUP, 4_000, carrier="Lisa B.", reason="")
    carry(festival, CashKind.OUT, 500, carrier="Karim D.", reason="Papier")
    festival.write(lambda session: open_drawer(session, festival.desk, "Rendu oublié", clock=festival.clock))
    shift = festival.desk.till_session_id
    rules = replace(festival.posts[0].rules, blind_count=True)
    blind = replace(festival.posts[0], rules=rules)
    with suppress(ManagerNeeded):
        festival.write(
            lambda session: close_shift(session, blind, festival.cashier, shift, 1, clock=festival.clock)
        )
    end = ShiftEnd(PIECES, {"card": 0, "cheque": 0}, 1_000, "Trois centimes", "Bonne nuit")
    counted = sum(value * pieces for value, pieces in PIECES.items())
    festival.write(
        lambda session: close_shift(
            session, festival.posts[0], festival.manager, shift, counted, clock=festival.clock, end=end
        )
    )
    close_the_till(festival, 0)
    close_the_till(festival, 1, None, ShiftEnd(reason="Poste en panne"), at_till=0)
    close_the(festival, ClosingPeriod.DAY)


def close_an_empty_day(database: Database, post: Post, manager: StaffMember, clock: Clock) -> None:
    """Open a till, sell nothing, and close it and its day."""
    with database.write() as session:
        open_shift(session, post, manager, OpenShift(0), clock=clock)
        close_till(session, CloseTill(uuid4(), post.till_id, 0, NOTHING_TOLD), post, manager, clock=clock)
        close_period(session, ClosePeriod(uuid4(), ClosingPeriod.DAY), post, manager, clock=clock)
