"""Sales, bookings, reservations, expiries and changed screenings, in any order, on either engine."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from boxoffice.errors import Refusal
from boxoffice.models import Booking, Hall, ReservedSeat, ReservedSeatState
from boxoffice.sales.basket import Line
from boxoffice.sales.checkout import checkout
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.holders.bookings import Book, CancelBookings, SwapBooking, book, cancel, swap
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
from boxoffice.sales.reversal import Reverse, reverse
from boxoffice.sales.screenings.screening_changes import (
    CancelScreening,
    MoveScreening,
    cancel_screening,
    move_screening,
)
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house
from tests.sales.test_any_order import new_festival

__all__ = ["new_festival"]

TILLS = st.sampled_from([0, 1])
WHICH = st.integers(0, 99)
SCREENINGS = st.sampled_from(["KNEECAP", "ETERNAL", "KNEECAP2"])
TARIFFS = st.sampled_from(["PLEIN", "REDUIT", "UFR", "GROUPE"])
WISHES = st.lists(st.tuples(SCREENINGS, TARIFFS, st.integers(1, 4)), min_size=1, max_size=2)
LEA = CustomerDetails("Dupont", "Léa", phone="06 12 34 56 78")


class AnyOrderOfPlaces(RuleBasedStateMachine):
    """Two tills at the same few seats. What is refused is refused; what is done can be asked for again."""

    def __init__(self, festival: Festival) -> None:
        super().__init__()
        self.festival = festival
        self.sold: list[CompletedSale] = []
        self.passes: list[UUID] = []
        self.reserved: list[UUID] = []

    @initialize()
    def sell_passes(self) -> None:
        self.passes = [self.festival.sell_pass(code="PASS6"), self.festival.sell_pass()]

    def once(self, work: Callable[..., object]) -> object | None:
        """What comes of a piece of work, asked for twice; None where it is refused."""
        try:
            done = self.festival.database.attempt(work)
        except Refusal:
            return None
        assert self.festival.database.attempt(work) == done
        return done

    def at_till(self, act: Callable[..., object], command: object, till: int) -> object | None:
        return self.once(
            partial(act, command=command, desk=self.festival.desks[till], clock=self.festival.clock)
        )

    def seats(self, wishes: list[tuple[str, str, int]]) -> tuple[SeatsWanted, ...]:
        return tuple(
            SeatsWanted(self.festival.screening_id(screening), tariff, count)
            for screening, tariff, count in wishes
        )

    def sell_lines(self, till: int, *lines: Line) -> None:
        done = self.at_till(checkout, self.festival.order(*lines), till)
        if isinstance(done, CompletedSale):
            self.sold.append(done)

    @rule(till=TILLS, wishes=WISHES)
    def sell(self, till: int, wishes: list[tuple[str, str, int]]) -> None:
        self.sell_lines(till, *(self.festival.seat_line(*wish) for wish in wishes))

    @precondition(lambda self: self.sold)
    @rule(till=TILLS, which=WHICH)
    def reverse(self, till: int, which: int) -> None:
        sale = self.sold[which % len(self.sold)]
        command = Reverse(uuid4(), sale.sale_id, authorized_by=self.festival.manager.id)
        self.at_till(reverse, command, till)

    @rule(till=TILLS, which=WHICH, screening=SCREENINGS, count=st.integers(1, 3))
    def book(self, till: int, which: int, screening: str, count: int) -> None:
        ids = tuple(uuid4() for _ in range(count))
        command = Book(ids, self.passes[which % 2], self.festival.screening_id(screening))
        self.once_booked(
            partial(book, command=command, desk=self.festival.desks[till], clock=self.festival.clock)
        )

    def once_booked(self, work: Callable[..., object]) -> None:
        try:
            self.festival.database.attempt(work)
            self.festival.database.attempt(work)
        except Refusal:
            return

    @rule(till=TILLS, which=WHICH, late=st.booleans())
    def cancel_booking(self, till: int, which: int, late: bool) -> None:
        booked = self.festival.rows(Booking)
        if booked:
            manager = self.festival.manager.id if late else None
            command = CancelBookings((booked[which % len(booked)].id,), manager, "Malade" if late else "")
            self.at_till(cancel, command, till)

    @rule(till=TILLS, which=WHICH, screening=SCREENINGS)
    def swap_booking(self, till: int, which: int, screening: str) -> None:
        booked = self.festival.rows(Booking)
        if booked:
            command = SwapBooking(
                booked[which % len(booked)].id,
                uuid4(),
                self.festival.screening_id(screening),
                self.festival.manager.id,
                "Malade",
            )
            self.once_booked(
                partial(swap, command=command, desk=self.festival.desks[till], clock=self.festival.clock)
            )

    @rule(till=TILLS, wishes=WISHES)
    def reserve(self, till: int, wishes: list[tuple[str, str, int]]) -> None:
        command = Reserve(uuid4(), self.seats(wishes), LEA)
        if self.at_till(reserve, command, till):
            self.reserved.append(command.reservation_id)

    @precondition(lambda self: self.reserved)
    @rule(till=TILLS, which=WHICH, wishes=WISHES)
    def change(self, till: int, which: int, wishes: list[tuple[str, str, int]]) -> None:
        reservation_id = self.reserved[which % len(self.reserved)]
        seen = tuple(seat.position for seat in self.held(reservation_id))
        self.at_till(change, ChangeReservation(reservation_id, self.seats(wishes), seen), till)

    @precondition(lambda self: self.reserved)
    @rule(till=TILLS, which=WHICH)
    def give_up(self, till: int, which: int) -> None:
        self.at_till(give_up, CancelReservation(self.reserved[which % len(self.reserved)]), till)

    @precondition(lambda self: self.reserved)
    @rule(till=TILLS, which=WHICH, count=st.integers(1, 3), lapsed=st.booleans())
    def collect(self, till: int, which: int, count: int, lapsed: bool) -> None:
        reservation_id = self.reserved[which % len(self.reserved)]
        state = ReservedSeatState.EXPIRED if lapsed else ReservedSeatState.HELD
        seats = [seat for seat in self.of(reservation_id) if seat.state is state][:count]
        lines = [self.line_of(reservation_id, seat.screening_id, seat.tariff_code) for seat in seats]
        if lines:
            self.sell_lines(till, *lines)

    def line_of(self, reservation_id: UUID, screening_id: int, tariff: str) -> Line:
        codes = {self.festival.screening_id(code): code for code in ("KNEECAP", "ETERNAL", "KNEECAP2")}
        return self.festival.seat_line(codes[screening_id], tariff, reservation_id=reservation_id)

    def of(self, reservation_id: UUID) -> list[ReservedSeat]:
        return [seat for seat in self.festival.rows(ReservedSeat) if seat.reservation_id == reservation_id]

    def held(self, reservation_id: UUID) -> list[ReservedSeat]:
        return [seat for seat in self.of(reservation_id) if seat.state is ReservedSeatState.HELD]

    @rule(till=TILLS)
    def let_go(self, till: int) -> None:
        expiry = self.festival.read(next_expiry)
        work = partial(release_expired, post=self.festival.posts[till], clock=self.festival.clock)
        let_go = self.festival.database.attempt(work)
        assert bool(let_go) == (expiry is not None and expiry < self.festival.clock.now())
        assert self.festival.database.attempt(work) == 0

    @rule(minutes=st.sampled_from([1, 31, 150]))
    def wait(self, minutes: int) -> None:
        self.festival.clock.advance(timedelta(minutes=minutes))

    @rule(screening=SCREENINGS)
    def call_off(self, screening: str) -> None:
        command = CancelScreening(uuid4(), self.festival.screening_id(screening), "Panne")
        work = partial(
            cancel_screening, command=command, desk=self.festival.managers_desk, clock=self.festival.clock
        )
        self.once(work)

    @rule(screening=SCREENINGS, minutes=st.sampled_from([-60, 45, 300]), hall=st.sampled_from(["AUD", "JAR"]))
    def move(self, screening: str, minutes: int, hall: str) -> None:
        line = self.festival.seat_line(screening)
        hall_id = next(row.id for row in self.festival.rows(Hall) if row.code == hall)
        command = MoveScreening(
            uuid4(), line.screening_id, line.starts_at + timedelta(minutes=minutes), hall_id, "Retard"
        )
        work = partial(
            move_screening, command=command, desk=self.festival.managers_desk, clock=self.festival.clock
        )
        self.once(work)

    @invariant()
    def the_house_stands(self) -> None:
        self.festival.read(check_the_house)

    def teardown(self) -> None:
        self.festival.database.close()


def test_after_every_step_seats_places_and_journal_agree(new_festival: Callable[[], Festival]) -> None:
    run_state_machine_as_test(
        lambda: AnyOrderOfPlaces(new_festival()),
        settings=settings(
            max_examples=5,
            stateful_step_count=18,
            deadline=None,
            derandomize=False,
            phases=[Phase.generate],
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
