"""Several counters at the same seats at the same moment: one lets go, one collects, nobody does it twice."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest

from boxoffice.errors import Refusal
from boxoffice.models import (
    JournalEntry,
    Reservation,
    ReservedSeat,
    ReservedSeatState,
    Sale,
    Screening,
    ScreeningState,
)
from boxoffice.sales.checkout import Checkout, checkout
from boxoffice.sales.reserving.expiring import release_expired
from boxoffice.sales.reserving.reservations import Reserved, change
from boxoffice.sales.screenings.screening_changes import (
    CancelScreening,
    ChangedScreening,
    cancel_screening,
)
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house
from tests.sales.processes import fork
from tests.sales.test_reservations import SECOND, changing, of_reservation, take_seats

ROUNDS = 6


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do each act in a thread of its own, all begun together; what came of them, refusals included.

    Anything else that goes wrong is raised.
    """
    ready = threading.Barrier(len(acts))

    def do(act: Callable[[], object]) -> object:
        ready.wait(30)
        try:
            return act()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as counters:
        return list(counters.map(do, acts, timeout=60))


def releasing(festival: Festival, till: int) -> Callable[[], int]:
    return lambda: festival.database.attempt(
        lambda session: release_expired(session, festival.posts[till], clock=festival.clock)
    )


def selling(festival: Festival, order: Checkout, till: int) -> Callable[[], object]:
    return lambda: festival.database.attempt(
        lambda session: checkout(session, order, festival.desks[till], clock=festival.clock)
    )


def states(festival: Festival) -> list[ReservedSeatState]:
    return [seat.state for seat in festival.rows(ReservedSeat)]


def test_two_counters_let_go_of_the_same_seats_once(festival: Festival) -> None:
    for _round in range(8):
        take_seats(festival, ("KNEECAP", "PLEIN", 1))
    festival.clock.at = festival.seat_line().starts_at - timedelta(minutes=30) + SECOND
    let_go = at_once(releasing(festival, 0), releasing(festival, 1))
    assert sum(count for count in let_go if isinstance(count, int)) == 8
    assert states(festival) == [ReservedSeatState.EXPIRED] * 8
    told = [entry.kind for entry in festival.rows(JournalEntry)].count("reservation.expired")
    assert told == 8
    assert festival.allocated() == 0
    festival.read(check_the_house)


def test_a_seat_collected_while_it_expires_is_sold_once(festival: Festival) -> None:
    for _round in range(ROUNDS):
        reserved = take_seats(festival, ("KNEECAP", "PLEIN", 1))
        assert reserved.expires_at
        festival.clock.at = reserved.expires_at + SECOND
        order = festival.order(of_reservation(festival, reserved, 1))
        at_once(releasing(festival, 0), selling(festival, order, 1))
        festival.clock.advance(-2 * SECOND)
    assert states(festival) == [ReservedSeatState.COLLECTED] * ROUNDS
    assert festival.allocated() == ROUNDS
    festival.read(check_the_house)


def test_two_counters_collecting_the_same_reservation_sell_it_once(festival: Festival) -> None:
    reserved = take_seats(festival, ("KNEECAP", "PLEIN", 8))
    orders = [festival.order(of_reservation(festival, reserved, 8)) for _till in festival.desks]
    outcomes = at_once(*(selling(festival, order, till) for till, order in enumerate(orders)))
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    assert len(refusals) == 1
    assert "n'a plus autant de places" in refusals[0].message
    assert festival.allocated() == 8
    festival.read(check_the_house)


def test_a_change_and_a_sale_of_the_same_seats_wait_for_each_other(festival: Festival) -> None:
    reserved = take_seats(festival)
    order = festival.order(of_reservation(festival, reserved, 3))
    fewer = changing(festival, reserved, ("KNEECAP", "PLEIN", 1))
    sold, changed = at_once(
        selling(festival, order, 1),
        lambda: festival.write(lambda session: change(session, fewer, festival.desk, clock=festival.clock)),
    )
    if isinstance(sold, Refusal):
        assert "n'a plus autant de places" in sold.message
        assert isinstance(changed, Reserved)
        assert changed.seats == festival.allocated() == 1
    else:
        assert isinstance(changed, Refusal)
        assert "a changé entre-temps" in changed.message
        assert states(festival) == [ReservedSeatState.COLLECTED] * 3
    festival.read(check_the_house)


@pytest.mark.parametrize("first", ["reservation", "sale"])
def test_a_screening_cancelled_while_its_seats_are_taken(festival: Festival, first: str) -> None:
    command = CancelScreening(uuid4(), festival.screening_id("KNEECAP"), "Panne")

    def cancel() -> object:
        return festival.database.attempt(
            lambda session: cancel_screening(session, command, festival.managers_desk, clock=festival.clock)
        )

    def other() -> object:
        if first == "reservation":
            return take_seats(festival, till=1)
        return festival.sell(festival.seat_line(), desk=festival.desks[1])

    before, cancelled, after = at_once(other, cancel, other)
    refused = [done for done in (before, after) if isinstance(done, Refusal)]
    assert all("est annulée" in refusal.message for refusal in refused)
    row = next(row for row in festival.rows(Screening) if row.code == "KNEECAP")
    held = [seat for seat in festival.rows(ReservedSeat) if seat.state is ReservedSeatState.HELD]
    if isinstance(cancelled, Refusal):
        assert "vient d'être réservée" in cancelled.message
        assert (row.state, refused) == (ScreeningState.SCHEDULED, [])
    else:
        assert isinstance(cancelled, ChangedScreening)
        assert (row.state, held) == (ScreeningState.CANCELLED, [])
    taken = 2 - len(refused)
    assert festival.count(Reservation if first == "reservation" else Sale) == taken
    festival.read(check_the_house)


def test_a_program_that_dies_before_its_sale_is_kept_leaves_the_seats_reserved(festival: Festival) -> None:
    reserved = take_seats(festival)
    order = festival.order(of_reservation(festival, reserved, 3))
    before = festival.everything()
    festival.database.close()

    def sell_and_die() -> None:
        with festival.database.write() as session:
            checkout(session, order, festival.desk, clock=festival.clock)
            os._exit(9)

    assert os.waitstatus_to_exitcode(os.waitpid(fork(sell_and_die), 0)[1]) == 9
    assert festival.everything() == before
    selling(festival, order, 1)()
    assert states(festival) == [ReservedSeatState.COLLECTED] * 3
    festival.read(check_the_house)


def test_a_program_that_dies_while_it_lets_go_leaves_it_to_the_others(festival: Festival) -> None:
    reserved = take_seats(festival)
    assert reserved.expires_at
    festival.clock.at = reserved.expires_at + SECOND
    festival.database.close()

    def let_go_and_die() -> None:
        with festival.database.write() as session:
            release_expired(session, festival.posts[0], clock=festival.clock)
            os._exit(9)

    assert os.waitstatus_to_exitcode(os.waitpid(fork(let_go_and_die), 0)[1]) == 9
    assert festival.allocated() == 3
    assert releasing(festival, 1)() == 3
    assert festival.allocated() == 0
    festival.read(check_the_house)
