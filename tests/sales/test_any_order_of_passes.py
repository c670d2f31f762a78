"""Passes sold, booked on, cancelled, exchanged, blocked, replaced, given and taken back, in any order."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from boxoffice.errors import Refusal
from boxoffice.kinds import PassTrouble
from boxoffice.models import Booking, Customer, Pass, Screening
from boxoffice.sales.checkout import Checkout, checkout
from boxoffice.sales.holders import bookings, pass_care
from boxoffice.sales.holders.bookings import Book, CancelBookings, SwapBooking
from boxoffice.sales.holders.pass_care import BlockPass, GivePass, ReplacePass, UnblockPass
from boxoffice.sales.reversal import reverse
from boxoffice.sales.screenings.entrance import admit
from tests.sales.conftest import Festival
from tests.sales.pass_life import book
from tests.sales.test_any_order import (
    SALES,
    TILLS,
    AtTwoTills,
    Moment,
    new_festival,
    play_until_done,
)
from tests.sales.test_booking_limits import add_quota

__all__ = ["new_festival"]

WHICH = st.integers(0, 99)
SCREENINGS = st.sampled_from(["KNEECAP", "ETERNAL", "KNEECAP2", "KNEECAP2"])
PRODUCTS = st.lists(st.sampled_from(["PASS20", "PASS6"]), min_size=1, max_size=2)
MOMENTS = st.sampled_from(Moment)
MOSTLY = st.sampled_from([True, True, False])
TROUBLES = st.sampled_from(PassTrouble)


class AnyOrderOfPasses(AtTwoTills):
    """Few seats, a few of them for passes alone, and passes that are soon used up."""

    def __init__(self, festival: Festival, done: Counter[str]) -> None:
        super().__init__(festival, done)
        self.codes: list[tuple[UUID, str]] = []

    @initialize()
    def sell_the_first(self) -> None:
        add_quota(self.festival, "KNEECAP2", 3)
        self.sold.append(self.festival.sell(*map(self.festival.pass_line, ("PASS6", "PASS20"))))
        self._learn_codes()
        for held in self.festival.rows(Pass):
            book(self.festival, held.id)

    # -- sold and taken back

    @rule(till=TILLS, products=PRODUCTS, moment=st.none() | MOMENTS)
    def sell_passes(self, till: int, products: list[str], moment: Moment | None) -> None:
        order = self.festival.order(self.festival.seat_line(), *map(self.festival.pass_line, products))
        self._sell("passes", order, till, moment)

    @rule(till=TILLS, which=WHICH, moment=st.none() | MOMENTS)
    def sell_extra(self, till: int, which: int, moment: Moment | None) -> None:
        booked = self._booking(which)
        codes = {row.id: row.code for row in self.festival.rows(Screening)}
        line = self.festival.seat_line(codes[booked.screening_id], "SUPPL", pass_id=booked.pass_id)
        self._sell("extra ticket", self.festival.order(line), till, moment)

    @rule(till=TILLS, which=SALES, lines=st.none() | st.sets(st.integers(1, 3), min_size=1, max_size=2))
    def undo(self, till: int, which: int, lines: set[int] | None) -> None:
        command = self._reversal(which, lines, allowed=True)
        before = sum(held.state == "cancelled" for held in self.festival.rows(Pass))
        if self._try("reversal", partial(self._asked_twice, reverse, command, till)):
            after = sum(held.state == "cancelled" for held in self.festival.rows(Pass))
            self.done["pass taken back"] += after - before

    # -- booked, given back, exchanged, used

    @rule(
        till=TILLS,
        which=WHICH,
        wish=st.sampled_from(["booking", "booking", "swap", "cancelled booking"]),
        screening=SCREENINGS,
        seats=st.integers(1, 2),
        allowed=MOSTLY,
        moment=st.none() | MOMENTS,
    )
    def change_plans(
        self,
        till: int,
        which: int,
        wish: str,
        screening: str,
        seats: int,
        allowed: bool,
        moment: Moment | None,
    ) -> None:
        ids = tuple(uuid4() for _seat in range(seats))
        screening_id = self.festival.screening_id(screening)
        manager = (self.festival.manager.id, "Malade") if allowed else (None, "")
        booked = self._booking(which)
        match wish:
            case "booking":
                command = Book(ids, self._pass(which).id, screening_id)
                self._act(wish, bookings.book, command, till, moment)
            case "swap":
                command = SwapBooking(booked.id, ids[0], screening_id, *manager)
                self._act(wish, bookings.swap, command, till, moment)
            case _:
                command = CancelBookings((booked.id,), *manager)
                self._act(wish, bookings.cancel, command, till, moment)

    @rule(till=TILLS, which=WHICH)
    def let_in(self, till: int, which: int) -> None:
        booked = self._booking(which)
        code = next(held.code for held in self.festival.rows(Pass) if held.id == booked.pass_id)
        work = partial(admit, post=self.festival.posts[till], scanned=code, door="Porte A")
        self._try("entrance", partial(self._write, work))

    # -- cared for

    @rule(
        till=TILLS,
        which=WHICH,
        wish=st.sampled_from(["blocked pass", "pass that serves again", "replaced pass", "given pass"]),
        trouble=TROUBLES,
        moment=st.none() | MOMENTS,
    )
    def care(self, till: int, which: int, wish: str, trouble: PassTrouble, moment: Moment | None) -> None:
        held, manager = self._pass(which), self.festival.manager.id
        match wish:
            case "blocked pass":
                self._act(wish, pass_care.block, BlockPass(held.id, trouble, "Abîmé"), till, moment)
            case "pass that serves again":
                self._act(wish, pass_care.unblock, UnblockPass(held.id, manager), till, moment)
            case "replaced pass":
                command = ReplacePass(held.id, held.code, trouble, manager)
                self._act(wish, pass_care.replace, command, till, moment)
                self._learn_codes()
            case _:
                customers = self.festival.rows(Customer)
                to = customers[which % len(customers)].id
                self._act(wish, pass_care.give, GivePass(held.id, to, manager), till, moment)

    @rule(minutes=st.sampled_from([1, 30, 150]))
    def wait(self, minutes: int) -> None:
        self.festival.clock.advance(timedelta(minutes=minutes))

    @precondition(lambda self: len(self.codes) > len(self.festival.rows(Pass)))
    @rule(till=TILLS, which=WHICH)
    def show_a_former_code(self, till: int, which: int) -> None:
        now = {held.code for held in self.festival.rows(Pass)}
        former = [code for _pass_id, code in self.codes if code not in now]
        work = partial(
            admit, post=self.festival.posts[till], scanned=former[which % len(former)], door="Porte A"
        )
        try:
            self._write(work)
        except Refusal:
            self.done["former code refused"] += 1
        else:
            raise AssertionError("a former code lets nobody in")

    # -- how it is done

    def _pass(self, which: int) -> Pass:
        passes = self.festival.rows(Pass)
        return passes[which % len(passes)]  # type: ignore[no-any-return]

    def _booking(self, which: int) -> Booking:
        booked = self.festival.rows(Booking)
        return booked[which % len(booked)]  # type: ignore[no-any-return]

    def _learn_codes(self) -> None:
        there = [(held.id, held.code) for held in self.festival.rows(Pass)]
        self.codes += [each for each in there if each not in self.codes]

    def _sell(self, what: str, order: Checkout, till: int, moment: Moment | None) -> None:
        if moment:
            self._die(moment, till, partial(checkout, command=order, desk=self.desks[till]))
        if sold := self._try(what, partial(self._asked_twice, checkout, order, till)):
            self.sold.append(sold)
            self._learn_codes()

    def _act(
        self, what: str, service: Callable[..., object], command: object, till: int, moment: Moment | None
    ) -> None:
        """Do it, in a program that may die and is started again, and is asked to do the same once more."""
        if moment:
            self._die(moment, till, partial(service, command=command, desk=self.desks[till]))
        self._try(what, partial(self._asked_twice, service, command, till))


ACTS = {
    "passes",
    "extra ticket",
    "reversal",
    "pass taken back",
    "booking",
    "cancelled booking",
    "swap",
    "entrance",
    "blocked pass",
    "pass that serves again",
    "replaced pass",
    "given pass",
    "former code refused",
}


def test_in_any_order_places_seats_quotas_and_journal_agree(new_festival: Callable[[], Festival]) -> None:
    play_until_done(AnyOrderOfPasses, ACTS, new_festival, examples=4, steps=30)
