"""Passes sold, booked on, cancelled, exchanged, blocked, replaced, given and taken back, in any order."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from boxoffice.errors import Refusal
from boxoffice.kinds import PassTrouble
from boxoffice.models import Booking, BookingEnd, Customer, Pass, Screening
from boxoffice.sales.checkout import Checkout, checkout
from boxoffice.sales.holders import bookings, pass_care
from boxoffice.sales.holders.bookings import Book, Booked, CancelBookings, SwapBooking
from boxoffice.sales.holders.pass_care import BlockPass, GivePass, ReplacePass, UnblockPass
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.reversal import reverse
from boxoffice.sales.screenings.entrance import admit
from tests.sales.at_two_tills import (
    MOMENTS,
    MOSTLY,
    TILLS,
    WHICH,
    AtTwoTills,
    Moment,
    Script,
    explore,
    pick,
    serving,
)
from tests.sales.conftest import Festival
from tests.sales.pass_life import book
from tests.sales.test_booking_limits import add_quota

SCREENINGS = st.sampled_from(["KNEECAP", "ETERNAL", "KNEECAP2", "KNEECAP2"])
PRODUCTS = st.lists(st.sampled_from(["PASS20", "PASS6"]), min_size=1, max_size=2)
TROUBLES = st.sampled_from(PassTrouble)


class AnyOrderOfPasses(AtTwoTills):
    """Few seats, a few of them for passes alone, and passes that are soon used up."""

    def __init__(self, festival: Festival) -> None:
        super().__init__(festival)
        self.codes: list[tuple[UUID, str]] = []
        self.booked: list[UUID] = []

    @initialize()
    def sell_the_first(self) -> None:
        add_quota(self.festival, "KNEECAP2", 3)
        other = CustomerDetails("Roux", "Inès", email="ines@example.fr")
        shared, alone = self.festival.pass_line("PASS6", other), self.festival.pass_line("PASS20")
        self.sold.append(self.festival.sell(shared, alone))
        self._learn_codes()
        for held in self._passes():
            self.booked += book(self.festival, held.id).booking_ids

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

    @rule(till=TILLS, which=WHICH, lines=st.none() | st.sets(st.integers(1, 3), min_size=1, max_size=2))
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
                held = self._pass(which, "blocked")
                wish = wish if held.state == "blocked" else "pass that served"
                self._act(wish, pass_care.unblock, UnblockPass(held.id, manager), till, moment)
            case "replaced pass":
                command = ReplacePass(held.id, held.code, trouble, manager)
                self._act(wish, pass_care.replace, command, till, moment)
                self._learn_codes()
            case _:
                others = [row.id for row in self.festival.rows(Customer) if row.id != held.holder_id]
                to = others[which % len(others)]
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

    def _passes(self) -> list[Pass]:
        return sorted(self.festival.rows(Pass), key=lambda held: str(held.number))

    def _pass(self, which: int, state: str = "active") -> Pass:
        passes = self._passes()
        return pick(which, [held for held in passes if held.state == state], passes)

    def _booking(self, which: int) -> Booking:
        over = {ended.booking_id for ended in self.festival.rows(BookingEnd)}
        booking_id = pick(which, [each for each in self.booked if each not in over], self.booked)
        return next(row for row in self.festival.rows(Booking) if row.id == booking_id)

    def _learn_codes(self) -> None:
        there = [(held.id, held.code) for held in self._passes()]
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
        done = self._try(what, partial(self._asked_twice, service, command, till))
        if isinstance(done, Booked) and done.booking_ids[0] not in self.booked:
            self.booked += done.booking_ids


def test_each_act_of_passes_comes_to_something(festival: Festival) -> None:
    desk = AnyOrderOfPasses(festival)
    script = Script(desk)
    for moment in (None, *Moment):
        script.play(desk.sell_passes, "passes", till=1, products=["PASS6"], moment=moment)
    script.play(desk.undo, "reversal", "pass taken back", till=0, which=1, lines=None)
    script.play(desk.undo, "reversal", till=1, which=2, lines={1})

    for moment in (None, *Moment):
        plan = partial(script.play, desk.change_plans, till=0, seats=1, allowed=True, moment=moment)
        plan("booking", wish="booking", which=serving(1), screening="ETERNAL")
        plan("swap", wish="swap", which=serving(2), screening="KNEECAP")
        plan("cancelled booking", wish="cancelled booking", which=serving(2), screening="KNEECAP")
        care = partial(script.play, desk.care, till=1, trouble=PassTrouble.LOST, moment=moment)
        care("blocked pass", wish="blocked pass", which=serving(0))
        care("pass that serves again", wish="pass that serves again", which=serving(0))
        care("replaced pass", wish="replaced pass", which=serving(0))
        care("given pass", wish="given pass", which=serving(0))
    script.play(desk.sell_extra, "extra ticket", till=0, which=serving(0), moment=Moment.BEFORE_ANSWER)
    script.play(desk.let_in, "entrance", till=1, which=serving(0))
    script.play(desk.show_a_former_code, "former code refused", till=0, which=0)
    script.play(desk.wait, minutes=30)
    script.end()


def test_in_any_order_places_seats_quotas_and_journal_agree(new_festival: Callable[[], Festival]) -> None:
    explore(AnyOrderOfPasses, new_festival)
