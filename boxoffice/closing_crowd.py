"""Managers who close the days of a simulation through the real services: drawers counted, tills, the day."""

import random
from collections.abc import Sequence
from uuid import uuid4

from sqlmodel import Session

from .clock import Clock, business_day
from .database import Database
from .kinds import CashKind, ClosingPeriod
from .sales import means
from .sales.closings.cash import MoveCash, move_cash, open_drawer
from .sales.closings.period_closing import ClosePeriod, close_period
from .sales.closings.till_closing import CloseTill, close_till
from .sales.staff.business_days import open_day, unclosed_days
from .sales.staff.desk import Desk, Post
from .sales.staff.drawer import expected
from .sales.staff.operators import StaffMember, staff
from .sales.staff.shift_closing import ShiftEnd
from .sales.staff.shifts import DENOMINATIONS, OpenShift, current_shift, open_shift

FLOAT_CENTS = 15_000
FULL_CENTS = 30_000
"""From how much cash some of it is carried away."""
MISTAKES = (0, 0, 0, 0, -10, 50, -200)
"""By how many cents drawers are found wrong."""


class Managers:
    """Those who carry cash, count drawers and close: one answers for all of it."""

    def __init__(
        self, database: Database, posts: Sequence[Post], chance: random.Random, clock: Clock
    ) -> None:
        self._database, self._posts, self._chance, self._clock = database, posts, chance, clock

    def carry_cash(self, desks: Sequence[Desk]) -> None:
        """Bring change to one drawer, take what is too much out of the full ones, open one for nothing."""
        with self._database.write() as session:
            manager = self._manager(session)
            for desk in desks:
                held = expected(session, desk.till_session_id)[means.CASH.code]
                if held > FULL_CENTS:
                    self._carry(session, desk, manager, CashKind.PICKUP, held - FLOAT_CENTS, "")
            desk = self._chance.choice(desks)
            self._carry(session, desk, manager, CashKind.IN, 2_000, "Rouleaux de pièces")
            open_drawer(session, desk, "Monnaie rendue à un bénévole", clock=self._clock)

    def close_the_day(self) -> None:
        """Close every till that did something, its drawer counted, and the day if that is all there was."""
        with self._database.write() as session:
            manager = self._manager(session)
            for post in self._posts:
                if unclosed_days(session, post.till_id, post.rules.business_day_starts) is not None:
                    self._close_till(session, post, manager)
            if open_day(session) is not None:
                command = ClosePeriod(uuid4(), ClosingPeriod.DAY)
                close_period(session, command, self._posts[0], manager, clock=self._clock)

    def close_what_is_over(self) -> None:
        """Close what was left open on a day that is over, and the day: nothing sells before."""
        with self._database.write() as session:
            manager = self._manager(session)
            starts_at = self._posts[0].rules.business_day_starts
            today = business_day(self._clock.now(), starts_at)
            for post in self._posts:
                days = unclosed_days(session, post.till_id, starts_at)
                if days is not None and days[0] < today:
                    self._close_till(session, post, manager)
            waiting = open_day(session)
            if waiting is not None and waiting[1] < today:
                command = ClosePeriod(uuid4(), ClosingPeriod.DAY)
                close_period(session, command, self._posts[0], manager, clock=self._clock)

    def next_morning(self, desks: Sequence[Desk]) -> tuple[Desk, ...]:
        """Close a day that is over, and open the tills again for those who held them."""
        self.close_what_is_over()
        with self._database.write() as session:
            members = {member.id: member for member in staff(session)}
            opened = OpenShift(
                FLOAT_CENTS, authorized_by=self._manager(session), reason="Fond remis à niveau"
            )
            return tuple(
                open_shift(session, desk.post, members[desk.operator_id], opened, clock=self._clock)
                for desk in desks
            )

    def _close_till(self, session: Session, post: Post, manager: StaffMember) -> None:
        shift = current_shift(session, post.till_id)
        if shift is None:
            close_till(session, CloseTill(uuid4(), post.till_id), post, manager, clock=self._clock)
            return
        wanted = expected(session, shift.id)
        counted = max(wanted[means.CASH.code] + self._chance.choice(MISTAKES), 0)
        end = ShiftEnd(
            pieces=in_pieces(counted),
            totals={code: max(cents, 0) for code, cents in wanted.items() if code != means.CASH.code},
            deposit_cents=max(counted - FLOAT_CENTS, 0),
            note="Rien à signaler",
        )
        command = CloseTill(uuid4(), post.till_id, counted, end)
        close_till(session, command, post, manager, clock=self._clock)

    def _carry(
        self, session: Session, desk: Desk, manager: StaffMember, kind: CashKind, cents: int, reason: str
    ) -> None:
        command = MoveCash(uuid4(), kind, cents, manager.name, reason)
        move_cash(session, command, desk, clock=self._clock, authorized_by=manager)

    def _manager(self, session: Session) -> StaffMember:
        return next(member for member in staff(session) if member.is_manager)


def in_pieces(cents: int) -> dict[int, int]:
    """An amount in the fewest notes and coins."""
    pieces = {}
    for value in DENOMINATIONS:
        pieces[value], cents = divmod(cents, value)
    return {value: count for value, count in pieces.items() if count}
