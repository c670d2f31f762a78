"""Sales, bookings, reservations, expiries and changed screenings, in any order, on either engine."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from boxoffice.models import BookingEnd, Hall, ReservedSeat, ReservedSeatState
from boxoffice.sales.basket import Line
from boxoffice.sales.checkout import checkout
from boxoffice.sales.holders.bookings import Book, Booked, CancelBookings, SwapBooking, book, cancel, swap
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.reserving.expiring import next_expiry, release_expired
from boxoffice.sales.reserving.reservable import SeatsWanted
from boxoffice.sales.reserving.reservations import (
    CancelReservation,
    ChangeReservation,
    Reserve,
    change,
    reserve,
)
from boxoffice.sales.reserving.reservations import cancel as give_up
from boxoffice.sales.reversal import reverse
from boxoffice.sales.screenings.screening_changes import (
    CancelScreening,
    MoveScreening,
    cancel_screening,
    move_screening,
)
from tests.sales.at_two_tills import MOSTLY, TILLS, WHICH, AtTwoTills, Script, explore, pick, serving
from tests.sales.conftest import Festival
from tests.sales.test_reservations import everybody

SCREENINGS = st.sampled_from(["KNEECAP", "ETERNAL", "KNEECAP2"])
SEATS = st.tuples(SCREENINGS, st.sampled_from(["PLEIN", "REDUIT", "UFR"]), st.integers(1, 2))
WISHES = st.lists(SEATS | st.tuples(SCREENINGS, st.just("GROUPE"), st.just(4)), min_size=1, max_size=2)
LEA = CustomerDetails("Dupont", "Léa", phone="06 12 34 56 78")


class AnyOrderOfPlaces(AtTwoTills):
    """Two tills at the same few seats. What is refused is refused; what is done can be asked for again."""

    def __init__(self, festival: Festival) -> None:
        super().__init__(festival)
        self.passes: list[UUID] = []
        self.booked: list[UUID] = []
        self.reserved: list[UUID] = []

    @initialize()
    def sell_passes(self) -> None:
        self.passes = [self.festival.sell_pass(code="PASS6"), self.festival.sell_pass()]

    # -- sold and taken back

    @rule(till=TILLS, wishes=WISHES)
    def sell(self, till: int, wishes: list[tuple[str, str, int]]) -> None:
        self._sell("sale", till, [self.festival.seat_line(*wish) for wish in wishes])

    @precondition(lambda self: self.sold)
    @rule(till=TILLS, which=WHICH)
    def undo(self, till: int, which: int) -> None:
        command = self._reversal(which, None, allowed=True)
        self._try("reversal", partial(self._asked_twice, reverse, command, till))

    # -- booked on passes

    @rule(till=TILLS, which=WHICH, screening=SCREENINGS, count=st.integers(1, 3))
    def book(self, till: int, which: int, screening: str, count: int) -> None:
        ids = tuple(uuid4() for _ in range(count))
        command = Book(ids, self.passes[which % 2], self.festival.screening_id(screening))
        self._plan("booking", book, command, till)

    @precondition(lambda self: self.booked)
    @rule(till=TILLS, which=WHICH, allowed=MOSTLY)
    def cancel_booking(self, till: int, which: int, allowed: bool) -> None:
        manager = (self.festival.manager.id, "Malade") if allowed else (None, "")
        self._plan("cancelled booking", cancel, CancelBookings((self._booking(which),), *manager), till)

    @precondition(lambda self: self.booked)
    @rule(till=TILLS, which=WHICH, screening=SCREENINGS)
    def swap_booking(self, till: int, which: int, screening: str) -> None:
        screening_id = self.festival.screening_id(screening)
        manager = (self.festival.manager.id, "Malade")
        self._plan("swap", swap, SwapBooking(self._booking(which), uuid4(), screening_id, *manager), till)

    # -- reserved

    @rule(till=TILLS, wishes=WISHES)
    def reserve(self, till: int, wishes: list[tuple[str, str, int]]) -> None:
        others = everybody(self.festival)
        command = Reserve(uuid4(), self._seats(wishes), LEA, not_these=others)
        if self._try("reservation", partial(self._asked_twice, reserve, command, till)):
            self.reserved.append(command.reservation_id)

    @precondition(lambda self: self.reserved)
    @rule(till=TILLS, which=WHICH, wishes=WISHES)
    def change(self, till: int, which: int, wishes: list[tuple[str, str, int]]) -> None:
        reservation_id = self._reservation(which, ReservedSeatState.HELD)
        seen = tuple(seat.position for seat in self._of(reservation_id, ReservedSeatState.HELD))
        command = ChangeReservation(reservation_id, self._seats(wishes), seen)
        self._try("changed reservation", partial(self._asked_twice, change, command, till))

    @precondition(lambda self: self.reserved)
    @rule(till=TILLS, which=WHICH)
    def give_up(self, till: int, which: int) -> None:
        command = CancelReservation(self._reservation(which, ReservedSeatState.HELD))
        self._try("reservation given up", partial(self._asked_twice, give_up, command, till))

    @precondition(lambda self: self.reserved)
    @rule(till=TILLS, which=WHICH, count=st.integers(1, 3), lapsed=st.booleans())
    def collect(self, till: int, which: int, count: int, lapsed: bool) -> None:
        state = ReservedSeatState.EXPIRED if lapsed else ReservedSeatState.HELD
        reservation_id = self._reservation(which, state)
        codes = {self.festival.screening_id(code): code for code in ("KNEECAP", "ETERNAL", "KNEECAP2")}
        lines = [
            self.festival.seat_line(codes[seat.screening_id], seat.tariff_code, reservation_id=reservation_id)
            for seat in self._of(reservation_id, state)[:count]
        ]
        if lines:
            self._sell("late collection" if lapsed else "collection", till, lines)

    @rule(till=TILLS)
    def let_go(self, till: int) -> None:
        expiry = self.festival.read(next_expiry)
        work = partial(release_expired, post=self.festival.posts[till], clock=self.festival.clock)
        let_go = self.festival.database.attempt(work)
        assert bool(let_go) == (expiry is not None and expiry < self.festival.clock.now())
        assert self.festival.database.attempt(work) == 0
        self.done["seat let go of"] += let_go

    @rule(minutes=st.sampled_from([1, 31, 150]))
    def wait(self, minutes: int) -> None:
        self.festival.clock.advance(timedelta(minutes=minutes))

    # -- changed by the festival

    @rule(screening=SCREENINGS)
    def call_off(self, screening: str) -> None:
        command = CancelScreening(uuid4(), self.festival.screening_id(screening), "Panne")
        self._decide("cancelled screening", cancel_screening, command)

    @rule(screening=SCREENINGS, minutes=st.sampled_from([-60, 45, 300]), hall=st.sampled_from(["AUD", "JAR"]))
    def move(self, screening: str, minutes: int, hall: str) -> None:
        line = self.festival.seat_line(screening)
        hall_id = next(row.id for row in self.festival.rows(Hall) if row.code == hall)
        command = MoveScreening(
            uuid4(), line.screening_id, line.starts_at + timedelta(minutes=minutes), hall_id, "Retard"
        )
        self._decide("moved screening", move_screening, command)

    # -- how it is done

    def _sell(self, what: str, till: int, lines: Sequence[Line]) -> None:
        if sold := self._try(what, partial(self._asked_twice, checkout, self.festival.order(*lines), till)):
            self.sold.append(sold)

    def _plan(self, what: str, service: Callable[..., object], command: object, till: int) -> None:
        done = self._try(what, partial(self._asked_twice, service, command, till))
        if isinstance(done, Booked):
            self.booked += done.booking_ids

    def _decide(self, what: str, service: Callable[..., object], command: object) -> None:
        """Have the manager do it."""
        self.desks[0], cashiers = self.festival.managers_desk, self.desks[0]
        self._try(what, partial(self._asked_twice, service, command, 0))
        self.desks[0] = cashiers

    def _booking(self, which: int) -> UUID:
        over = {ended.booking_id for ended in self.festival.rows(BookingEnd)}
        return pick(which, [each for each in self.booked if each not in over], self.booked)

    def _reservation(self, which: int, state: ReservedSeatState) -> UUID:
        return pick(which, [each for each in self.reserved if self._of(each, state)], self.reserved)

    def _of(self, reservation_id: UUID, state: ReservedSeatState) -> list[ReservedSeat]:
        return [
            seat
            for seat in self.festival.rows(ReservedSeat)
            if seat.reservation_id == reservation_id and seat.state is state
        ]

    def _seats(self, wishes: list[tuple[str, str, int]]) -> tuple[SeatsWanted, ...]:
        return tuple(
            SeatsWanted(self.festival.screening_id(screening), tariff, count)
            for screening, tariff, count in wishes
        )


def test_each_act_of_places_comes_to_something(festival: Festival) -> None:
    desk = AnyOrderOfPlaces(festival)
    script = Script(desk)
    script.play(desk.sell, "sale", till=0, wishes=[("ETERNAL", "PLEIN", 2), ("KNEECAP", "UFR", 1)])
    script.play(desk.undo, "reversal", till=1, which=0)
    script.play(desk.book, "booking", till=1, which=0, screening="KNEECAP2", count=2)
    script.play(desk.swap_booking, "swap", till=0, which=serving(0), screening="KNEECAP")
    script.play(desk.cancel_booking, "cancelled booking", till=1, which=serving(0), allowed=False)

    group = [("KNEECAP", "GROUPE", 4)]
    script.play(desk.reserve, "reservation", till=0, wishes=group)
    script.play(desk.reserve, "reservation", till=1, wishes=[("ETERNAL", "PLEIN", 2)])
    script.play(desk.reserve, "reservation", till=0, wishes=[("KNEECAP2", "REDUIT", 1)])
    script.play(
        desk.change, "changed reservation", till=1, which=serving(1), wishes=[("ETERNAL", "PLEIN", 3)]
    )
    script.play(desk.collect, "collection", till=1, which=serving(1), count=2, lapsed=False)
    script.play(desk.give_up, "reservation given up", till=1, which=serving(2))
    script.play(desk.let_go, till=0)
    script.play(desk.wait, minutes=150)
    script.play(desk.wait, minutes=1)
    script.play(desk.let_go, "seat let go of", till=0)
    script.play(desk.collect, "late collection", till=0, which=serving(0), count=1, lapsed=True)
    script.play(desk.move, "moved screening", screening="KNEECAP2", minutes=45, hall="AUD")
    script.play(desk.call_off, "cancelled screening", screening="KNEECAP")
    script.end()


def test_after_every_step_seats_places_and_journal_agree(new_festival: Callable[[], Festival]) -> None:
    explore(AnyOrderOfPlaces, new_festival)
