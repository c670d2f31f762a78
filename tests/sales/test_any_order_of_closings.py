"""Sales, cash, shifts, closings and nights in any order, at two tills that may die: every figure stands."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from boxoffice.kinds import CashKind, ClosingPeriod
from boxoffice.sales.checkout import checkout
from boxoffice.sales.closings.cash import MoveCash, move_cash, open_drawer
from boxoffice.sales.closings.period_closing import ClosePeriod, close_period
from boxoffice.sales.closings.till_closing import CloseTill, close_till
from boxoffice.sales.reversal import reverse
from boxoffice.sales.staff.shift_closing import ShiftEnd, close_shift
from boxoffice.sales.staff.shifts import open_shift
from boxoffice.sales.staff.till_changes import bring_back_till, retire_till
from tests.sales.at_two_tills import MOMENTS, TILLS, WHICH, AtTwoTills, Moment, Script, explore
from tests.sales.closed_books import answered
from tests.sales.conftest import Festival
from tests.sales.recomputing import check_closings

DEATHS = st.none() | MOMENTS
ANSWERED = ShiftEnd(reason="Compté deux fois")


class AnyOrderOfClosings(AtTwoTills):
    """Managers close what they like, when and where they like."""

    @initialize()
    def open_with_a_sale(self) -> None:
        self.festival.clock.night = None
        self.sold.append(self.festival.sell())

    @rule(till=TILLS, quantity=st.integers(1, 3))
    def sell(self, till: int, quantity: int) -> None:
        self._time_goes_by()
        order = self.festival.order(self.festival.product_line(quantity=quantity))
        if sold := self._try("sale", partial(self._asked_twice, checkout, order, till)):
            self.sold.append(sold)

    @rule(till=TILLS, which=WHICH)
    def undo(self, till: int, which: int) -> None:
        self._time_goes_by()
        command = self._reversal(which, None, allowed=True)
        self._try("reversal", partial(self._asked_twice, reverse, command, till))

    @rule(till=TILLS, kind=st.sampled_from(CashKind), cents=st.integers(1, 8_000))
    def carry(self, till: int, kind: CashKind, cents: int) -> None:
        self._time_goes_by()
        command = MoveCash(uuid4(), kind, cents, "Lisa B.", "Monnaie")
        work = partial(move_cash, command=command, desk=self.desks[till], authorized_by=self.festival.manager)
        self._try("cash carried", partial(self._write, work))

    @rule(till=TILLS)
    def open_the_drawer(self, till: int) -> None:
        self._time_goes_by()
        self._try(
            "drawer", partial(self._write, partial(open_drawer, desk=self.desks[till], reason="Monnaie"))
        )

    @rule(till=TILLS, at_till=TILLS, counted=st.none() | st.integers(0, 20_000))
    def end_the_shift(self, till: int, at_till: int, counted: int | None) -> None:
        self._time_goes_by()
        work = partial(
            close_shift,
            post=self.festival.posts[at_till],
            member=self.festival.manager,
            shift_id=self.desks[till].till_session_id,
            counted_cents=counted,
            end=ANSWERED,
        )
        self._try("shift closed", partial(self._write, work))

    @rule(till=TILLS)
    def open(self, till: int) -> None:
        self._time_goes_by()
        post = self.festival.posts[till]
        work = partial(
            open_shift, post=post, member=self.festival.cashier, command=answered(self.festival, 10_000)
        )
        if opened := self._try("shift opened", partial(self._write, work)):
            self.desks[till] = opened

    @rule(till=TILLS, at_till=TILLS, moment=DEATHS)
    def close_a_till(self, till: int, at_till: int, moment: Moment | None) -> None:
        self._time_goes_by()
        post = self.festival.posts[at_till]
        command = CloseTill(uuid4(), self.festival.posts[till].till_id, None, ANSWERED)
        work = partial(close_till, command=command, post=post, manager=self.festival.manager)
        if moment is not None:
            self._die(moment, at_till, work)
        self._try("till closed", partial(self._write, work))

    @rule(till=TILLS, period=st.sampled_from(list(ClosingPeriod)[1:]), moment=DEATHS)
    def close_a_period(self, till: int, period: ClosingPeriod, moment: Moment | None) -> None:
        self._time_goes_by()
        work = partial(
            close_period,
            command=ClosePeriod(uuid4(), period),
            post=self.festival.posts[till],
            manager=self.festival.manager,
        )
        if moment is not None:
            self._die(moment, till, work)
        self._try(f"{period} closed", partial(self._write, work))

    @rule(till=TILLS)
    def put_out_of_service(self, till: int) -> None:
        self._serve("out of service", retire_till, till)

    @rule(till=TILLS)
    def bring_back(self, till: int) -> None:
        self._serve("in service", bring_back_till, till)

    def _serve(self, what: str, act: Callable[..., str], till: int) -> None:
        self._time_goes_by()
        other, number = self.festival.posts[1 - till], self.festival.posts[till].till_number
        work = partial(act, post=other, number=number, manager=self.festival.manager)
        self._try(what, partial(self._write, work))

    @rule(days=st.sampled_from([1, 1, 1, 2, 31, 340]))
    def sleep(self, days: int) -> None:
        self.festival.clock.advance(timedelta(days=days))

    @invariant()
    def every_figure_is_what_the_rows_make(self) -> None:
        check_closings(self.festival.database)

    def _time_goes_by(self) -> None:
        """No two acts are of one moment: what is computed once more goes by moments."""
        self.festival.clock.advance(timedelta(seconds=1))


class AnyOrderUnderAnyClock(AnyOrderOfClosings):
    """Besides, somebody sets the clock ahead or back between any two acts; the books must stay true."""

    @rule(hours=st.sampled_from([-49, -24, -24, -3, 24, 24]))
    def set_the_clock(self, hours: int) -> None:
        self.festival.clock.advance(timedelta(hours=hours))

    def every_figure_is_what_the_rows_make(self) -> None:
        """Moments tell nothing of the order of acts any more: the house is looked into by numbers."""


def test_each_act_of_closings_comes_to_something(festival: Festival) -> None:
    counter = AnyOrderOfClosings(festival)
    script = Script(counter)
    script.play(counter.sell, "sale", till=1, quantity=2)
    script.play(counter.undo, "reversal", till=1, which=1)
    for kind in CashKind:
        script.play(counter.carry, "cash carried", till=0, kind=kind, cents=700)
    script.play(counter.open_the_drawer, "drawer", till=1)
    script.play(counter.end_the_shift, "shift closed", till=0, at_till=1, counted=11_000)
    for moment in Moment:
        script.play(counter.open, "shift opened", till=0)
        script.play(counter.close_a_till, "till closed", till=0, at_till=1, moment=moment)
    script.play(counter.sleep, days=1)
    script.play(counter.sell, till=1, quantity=1)
    script.play(counter.close_a_till, "till closed", till=1, at_till=1, moment=None)
    day, month, year = list(ClosingPeriod)[1:]
    close = partial(script.play, counter.close_a_period, till=0)
    close("day closed", period=day, moment=Moment.BEFORE_ANCHOR)
    script.play(counter.put_out_of_service, "out of service", till=1)
    script.play(counter.bring_back, "in service", till=1)
    script.play(counter.open, "shift opened", till=1)
    script.play(counter.sell, "sale", till=1, quantity=1)
    script.play(counter.sleep, days=340)
    script.play(counter.close_a_till, "till closed", till=1, at_till=0, moment=None)
    close("day closed", period=day, moment=None)
    script.play(counter.sleep, days=31)
    close("month closed", period=month, moment=Moment.BEFORE_COMMIT)
    close("year closed", period=year, moment=Moment.BEFORE_ANSWER)
    script.end()


def test_in_any_order_every_figure_of_every_closing_stands(new_festival: Callable[[], Festival]) -> None:
    explore(AnyOrderOfClosings, new_festival)


def test_under_any_clock_the_books_of_every_closing_stand(new_festival: Callable[[], Festival]) -> None:
    explore(AnyOrderUnderAnyClock, new_festival)


def test_a_clock_set_back_between_two_closings_of_a_till_leaves_the_house_standing(
    festival: Festival,
) -> None:
    counter = AnyOrderUnderAnyClock(festival)
    script = Script(counter)
    close = partial(script.play, counter.close_a_till, "till closed", at_till=0, moment=None)
    close(till=0)
    close(till=1)
    script.play(counter.set_the_clock, hours=24)
    script.play(counter.close_a_period, "day closed", till=0, period=ClosingPeriod.DAY, moment=None)
    for hours in (24, -24):
        script.play(counter.set_the_clock, hours=hours)
        script.play(counter.open, "shift opened", till=0)
        script.play(counter.sell, "sale", till=0, quantity=1)
        close(till=0)
    script.play(counter.close_a_period, "day closed", till=0, period=ClosingPeriod.DAY, moment=None)
