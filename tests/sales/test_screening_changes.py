"""A screening that the festival cancels or moves: who is affected, and what is given back at once."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.models import (
    Booking,
    BookingEnd,
    BookingEndKind,
    Hall,
    Pass,
    ReservedSeat,
    ReservedSeatState,
    Screening,
    ScreeningChange,
    ScreeningState,
    table,
)
from boxoffice.sales.holders.bookings import CancelBookings, cancel
from boxoffice.sales.screenings.screening_changes import (
    CancelScreening,
    ChangedScreening,
    MoveScreening,
    cancel_screening,
    move_screening,
)
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house
from tests.sales.test_bookings import book_seats
from tests.sales.test_reservations import SECOND, let_go, of_reservation, states, take_seats

REASON = "Copie arrivée sans sous-titres"


def call_off(festival: Festival, screening: str = "KNEECAP", **changes: Any) -> ChangedScreening:
    wish = {"change_id": uuid4(), "screening_id": festival.screening_id(screening), "reason": REASON}
    desk = changes.pop("desk", festival.managers_desk)
    command = CancelScreening(**(wish | changes))
    return festival.write(lambda session: cancel_screening(session, command, desk, clock=festival.clock))


def move(
    festival: Festival,
    screening: str = "KNEECAP",
    *,
    later: timedelta = timedelta(),
    hall: str = "",
    **changes: Any,
) -> ChangedScreening:
    row = shown(festival, screening)
    hall_id = hall_of(festival, hall) if hall else row.hall_id
    desk = changes.pop("desk", festival.managers_desk)
    wish = {
        "change_id": uuid4(),
        "screening_id": row.id,
        "starts_at": row.starts_at + later,
        "hall_id": hall_id,
        "reason": REASON,
    }
    command = MoveScreening(**(wish | changes))
    return festival.write(lambda session: move_screening(session, command, desk, clock=festival.clock))


def shown(festival: Festival, code: str = "KNEECAP") -> Any:
    return next(row for row in festival.rows(Screening) if row.code == code)


def hall_of(festival: Festival, code: str) -> int:
    return next(row.id for row in festival.rows(Hall) if row.code == code)


def used(festival: Festival, pass_id: UUID) -> int:
    return next(int(row.used) for row in festival.rows(Pass) if row.id == pass_id)


def test_a_cancelled_screening_gives_back_places_and_seats_but_not_tickets(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    book_seats(festival, pass_id, "KNEECAP")
    book_seats(festival, pass_id, "KNEECAP2")
    take_seats(festival)
    festival.sell(festival.seat_line(quantity=2))
    done = call_off(festival)
    assert (done.number, done.bookings, done.reserved) == (1, 1, 3)
    assert shown(festival).state is ScreeningState.CANCELLED
    assert used(festival, pass_id) == 1
    (end,) = festival.rows(BookingEnd)
    assert (end.kind, end.authorized_by_id, end.reason) == (
        BookingEndKind.SCREENING_CHANGED,
        festival.manager.id,
        REASON,
    )
    assert states(festival) == [ReservedSeatState.CANCELLED] * 3
    assert festival.allocated() == 2
    festival.read(check_the_house)


def test_nothing_is_sold_booked_or_reserved_there_any_more(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    order = festival.order(festival.seat_line())
    call_off(festival)
    assert "est annulée" in festival.refused(order).message
    with pytest.raises(Refusal, match="est annulée"):
        book_seats(festival, pass_id, "KNEECAP")
    with pytest.raises(Refusal, match="est annulée"):
        take_seats(festival)


def test_a_ticket_of_a_cancelled_screening_is_reversed_as_any_other(festival: Festival) -> None:
    sale = festival.sell(festival.seat_line(quantity=2))
    call_off(festival)
    festival.reverse(sale)
    assert festival.allocated() == 0
    festival.read(check_the_house)


def test_a_ticket_of_a_cancelled_screening_is_reversed_after_its_hour_too(festival: Festival) -> None:
    """People come the day after."""
    sale = festival.sell(festival.seat_line())
    call_off(festival)
    festival.clock.advance(timedelta(days=1))
    festival.reverse(sale, desk=festival.managers_desk)
    assert festival.allocated() == 0
    festival.read(check_the_house)


def test_the_same_change_asked_for_twice_is_made_once(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    book_seats(festival, pass_id, "KNEECAP")
    take_seats(festival)
    change_id = uuid4()
    assert call_off(festival, change_id=change_id) == call_off(festival, change_id=change_id)
    assert festival.count(ScreeningChange) == 1
    with pytest.raises(Refusal, match="est déjà annulée"):
        call_off(festival)


def test_a_cashier_needs_a_manager_and_everybody_a_reason(festival: Festival) -> None:
    for change in (call_off, move):
        with pytest.raises(ManagerNeeded):
            change(festival, desk=festival.desk)
        with pytest.raises(ManagerNeeded):
            change(festival, desk=festival.desk, authorized_by=festival.cashier.id)
        with pytest.raises(Refusal, match="Dites pourquoi"):
            change(festival, reason=" ")
    assert festival.count(ScreeningChange) == 0
    call_off(festival, desk=festival.desk, authorized_by=festival.manager.id)
    (change_row,) = festival.rows(ScreeningChange)
    assert change_row.operator_id == festival.cashier.id
    assert change_row.authorized_by_id == festival.manager.id


def test_a_moved_screening_keeps_what_was_taken_and_holds_reservations_until_its_new_hour(
    festival: Festival,
) -> None:
    pass_id = festival.sell_pass()
    booked = book_seats(festival, pass_id, "KNEECAP")
    reserved = take_seats(festival)
    festival.sell(festival.seat_line(quantity=2))
    before = shown(festival)
    move(festival, later=timedelta(hours=1))
    after = shown(festival)
    assert after.starts_at - before.starts_at == after.ends_at - before.ends_at == timedelta(hours=1)
    assert festival.allocated() == 6
    (change,) = festival.rows(ScreeningChange)
    assert (change.told_starts_at, change.starts_at) == (before.starts_at, after.starts_at)
    assert reserved.expires_at
    festival.clock.at = reserved.expires_at + SECOND
    assert let_go(festival) == 0
    command = CancelBookings(booked.booking_ids)
    festival.write(lambda session: cancel(session, command, festival.desk, clock=festival.clock))
    assert used(festival, pass_id) == 0
    festival.clock.at = reserved.expires_at + timedelta(hours=1)
    assert let_go(festival) == 0
    festival.clock.advance(SECOND)
    assert let_go(festival) == 3
    festival.read(check_the_house)


def test_a_reservation_of_a_moved_screening_is_collected(festival: Festival) -> None:
    reserved = take_seats(festival)
    move(festival, later=timedelta(hours=1))
    festival.sell(of_reservation(festival, reserved, 3))
    festival.read(check_the_house)


def test_a_screening_moves_to_a_hall_that_is_large_enough(festival: Festival) -> None:
    festival.sell(festival.seat_line(quantity=2))
    move(festival, later=timedelta(hours=-1), hall="JAR")
    after = shown(festival)
    assert (after.hall_id, after.capacity) == (hall_of(festival, "JAR"), 5)
    festival.read(check_the_house)


def test_a_hall_too_small_for_what_is_taken_is_refused(festival: Festival) -> None:
    festival.sell(festival.seat_line(quantity=4))
    before = festival.everything()
    with pytest.raises(Refusal, match="n'a que 5 places, et 6 sont prises ou gardées"):
        move(festival, later=timedelta(hours=-1), hall="JAR")
    assert festival.everything() == before


def test_two_screenings_do_not_share_a_hall(festival: Festival) -> None:
    with pytest.raises(Refusal, match="est déjà prise par Rencontre nominative, de 22 h 00 à 23 h 00"):
        move(festival, later=timedelta(minutes=30), hall="JAR")
    move(festival, later=timedelta(hours=3), hall="JAR")


@pytest.mark.parametrize(
    ("later", "says"),
    [
        (timedelta(), "Rien ne change"),
        (timedelta(hours=-8), "déjà passée"),
    ],
)
def test_what_changes_nothing_or_is_past_is_refused(festival: Festival, later: timedelta, says: str) -> None:
    with pytest.raises(Refusal, match=says):
        move(festival, later=later)


def test_a_screening_that_is_over_is_left_as_it_was(festival: Festival) -> None:
    festival.clock.advance(timedelta(days=1))
    for change in (call_off, move):
        with pytest.raises(Refusal, match="est terminée"):
            change(festival)
    with pytest.raises(Refusal, match="n'existe plus"):
        call_off(festival, screening_id=999)


def test_a_seat_that_let_somebody_in_is_not_given_back(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    booked = book_seats(festival, pass_id, "KNEECAP")
    festival.clock.at = booked.starts_at
    festival.write(
        lambda session: session.execute(
            sa.insert(metadata_of("bookingscan")).values(
                booking_id=booked.booking_ids[0], at=festival.clock.now(), door="Porte A"
            )
        )
    )
    done = call_off(festival)
    assert done.bookings == 0
    assert festival.count(Booking) == 1
    assert used(festival, pass_id) == 1


def metadata_of(name: str) -> sa.Table:
    return table(Screening).metadata.tables[name]


def test_the_reservations_of_other_screenings_stay(festival: Festival) -> None:
    take_seats(festival, ("KNEECAP", "PLEIN", 1), ("ETERNAL", "PLEIN", 1))
    call_off(festival)
    held = [seat for seat in festival.rows(ReservedSeat) if seat.state is ReservedSeatState.HELD]
    assert [seat.screening_id for seat in held] == [festival.screening_id("ETERNAL")]
