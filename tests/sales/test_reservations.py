"""Seats held unpaid, changed, given up, paid for, and let go of when nobody comes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from boxoffice.errors import Refusal
from boxoffice.models import (
    Customer,
    JournalEntry,
    Reservation,
    ReservedSeat,
    ReservedSeatState,
    Screening,
    Tariff,
    table,
)
from boxoffice.sales.basket import SeatLine
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.reserving.expiring import next_expiry, release_expired
from boxoffice.sales.reserving.reservable import SeatsWanted
from boxoffice.sales.reserving.reservations import (
    CancelReservation,
    ChangeReservation,
    Reserve,
    Reserved,
    cancel,
    change,
    reserve,
)
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house

LEA = CustomerDetails("Dupont", "Léa", phone="06 12 34 56 78")
HELD, COLLECTED, EXPIRED, CANCELLED = (
    ReservedSeatState.HELD,
    ReservedSeatState.COLLECTED,
    ReservedSeatState.EXPIRED,
    ReservedSeatState.CANCELLED,
)
SECOND = timedelta(seconds=1)


def wanted(festival: Festival, *wishes: tuple[str, str, int]) -> tuple[SeatsWanted, ...]:
    return tuple(
        SeatsWanted(festival.screening_id(screening), tariff, quantity)
        for screening, tariff, quantity in wishes
    )


def take_seats(
    festival: Festival,
    *wishes: tuple[str, str, int],
    customer: CustomerDetails = LEA,
    till: int = 0,
    customer_id: UUID | None = None,
    not_these: frozenset[UUID] | None = None,
) -> Reserved:
    """Reserve and commit; unless told otherwise, for nobody who only looks like somebody known."""
    seats = wanted(festival, *wishes or [("KNEECAP", "PLEIN", 3)])
    others = everybody(festival) if not_these is None else not_these
    command = Reserve(uuid4(), seats, customer, customer_id, others)
    return festival.write(
        lambda session: reserve(session, command, festival.desks[till], clock=festival.clock)
    )


def everybody(festival: Festival) -> frozenset[UUID]:
    return frozenset(row.id for row in festival.rows(Customer))


def changing(festival: Festival, reserved: Reserved, *wishes: tuple[str, str, int]) -> ChangeReservation:
    """The wish of somebody who sees a reservation as it is now."""
    seen = held(festival, reserved.reservation_id)
    return ChangeReservation(reserved.reservation_id, wanted(festival, *wishes), tuple(seen))


def change_seats(festival: Festival, reserved: Reserved, *wishes: tuple[str, str, int]) -> Reserved:
    command = changing(festival, reserved, *wishes)
    return festival.write(lambda session: change(session, command, festival.desk, clock=festival.clock))


def give_up(festival: Festival, reserved: Reserved) -> Reserved:
    command = CancelReservation(reserved.reservation_id)
    return festival.write(lambda session: cancel(session, command, festival.desk, clock=festival.clock))


def let_go(festival: Festival, till: int = 0) -> int:
    return festival.write(
        lambda session: release_expired(session, festival.posts[till], clock=festival.clock)
    )


def of_reservation(festival: Festival, reserved: Reserved, quantity: int, tariff: str = "PLEIN") -> SeatLine:
    """The line that collects seats of a reservation at Kneecap."""
    return festival.seat_line(tariff=tariff, quantity=quantity, reservation_id=reserved.reservation_id)


def held(festival: Festival, reservation_id: UUID) -> list[int]:
    return [
        seat.position
        for seat in festival.rows(ReservedSeat)
        if seat.reservation_id == reservation_id and seat.state is HELD
    ]


def states(festival: Festival) -> list[ReservedSeatState]:
    return [seat.state for seat in festival.rows(ReservedSeat)]


def told(festival: Festival) -> list[str]:
    kinds = [entry.kind for entry in festival.rows(JournalEntry)]
    return [kind for kind in kinds if kind.startswith("reservation.")]


def test_reserved_seats_are_no_longer_on_sale(festival: Festival) -> None:
    reserved = take_seats(festival)
    assert reserved.seats == 3
    assert festival.allocated() == 3
    assert len(reserved.reference) == 6
    kept = festival.rows(Reservation)[0]
    assert kept.code.startswith("R")
    assert festival.rows(Customer)[0].phone == LEA.phone
    festival.read(check_the_house)


def test_nothing_personal_is_told_to_the_journal(festival: Festival) -> None:
    take_seats(festival)
    (content,) = [row.content for row in festival.rows(JournalEntry) if row.kind == "reservation.made"]
    assert "Dupont" not in content
    assert "12 34" not in content
    assert "34567" not in content


def test_the_same_reservation_asked_for_twice_is_one(festival: Festival) -> None:
    command = Reserve(uuid4(), wanted(festival, ("KNEECAP", "PLEIN", 2)), LEA)
    once, twice = (
        festival.write(partial(reserve, command=command, desk=desk, clock=festival.clock))
        for desk in festival.desks
    )
    assert once == twice
    assert festival.allocated() == 2
    assert told(festival) == ["reservation.made"]


def test_two_screenings_are_reserved_under_two_tariffs(festival: Festival) -> None:
    assert take_seats(festival, ("KNEECAP", "PLEIN", 1), ("ETERNAL", "REDUIT", 2)).seats == 3
    assert (festival.allocated(), festival.allocated("ETERNAL")) == (1, 2)


def test_somebody_who_reserves_again_is_one_customer(festival: Festival) -> None:
    take_seats(festival, ("KNEECAP", "PLEIN", 1))
    take_seats(festival, ("KNEECAP", "PLEIN", 1), customer=replace(LEA, phone="0612345678"))
    assert festival.count(Customer) == 1


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        (("KNEECAP", "PLEIN", 9), "il restait 8 places"),
        (("KNEECAP", "PASS", 1), "réservé aux détenteurs de pass"),
        (("KNEECAP", "GROUPE", 3), "à partir de 4 places"),
        (("KNEECAP", "RIEN", 1), "n'est plus proposé"),
        (("KNEECAP", "PLEIN", 0), "Aucune place"),
        (("KNEECAP", "PLEIN", 5000), "Pas plus de"),
    ],
)
def test_what_cannot_be_reserved_leaves_no_trace(
    festival: Festival, wish: tuple[str, str, int], says: str
) -> None:
    before = festival.everything()
    with pytest.raises(Refusal, match=says):
        take_seats(festival, wish)
    assert festival.everything() == before


def test_a_reservation_needs_a_name(festival: Festival) -> None:
    with pytest.raises(Refusal, match="Il faut un nom"):
        take_seats(festival, customer=CustomerDetails(phone="0612345678"))
    assert festival.count(Reservation) == 0


def test_a_seat_is_held_until_its_last_second(festival: Festival) -> None:
    reserved = take_seats(festival)
    assert reserved.expires_at == festival.seat_line().starts_at - timedelta(minutes=30)
    assert festival.read(next_expiry) == reserved.expires_at
    festival.clock.at = reserved.expires_at
    assert let_go(festival) == 0
    festival.clock.advance(SECOND)
    assert let_go(festival) == 3
    assert let_go(festival, till=1) == 0
    assert festival.allocated() == 0
    assert states(festival) == [EXPIRED] * 3
    assert told(festival) == ["reservation.made", "reservation.expired"]
    assert festival.read(next_expiry) is None
    festival.read(check_the_house)


def test_each_screening_has_an_expiry_of_its_own(festival: Festival) -> None:
    screenings = table(Screening)
    festival.write(
        lambda session: session.execute(
            update(screenings).where(screenings.c.code == "KNEECAP").values(reservation_expires_minutes=120)
        )
    )
    reserved = take_seats(festival, ("KNEECAP", "PLEIN", 1), ("ETERNAL", "PLEIN", 2))
    festival.clock.at = festival.seat_line("ETERNAL").starts_at - timedelta(minutes=30) + SECOND
    assert let_go(festival) == 2
    assert len(held(festival, reserved.reservation_id)) == 1
    festival.clock.at = festival.seat_line().starts_at - timedelta(hours=2)
    assert let_go(festival) == 0
    festival.clock.advance(SECOND)
    assert let_go(festival) == 1


@pytest.mark.parametrize(
    ("starts_at", "last"),
    [
        (datetime(2026, 1, 21, 23, 10, tzinfo=UTC), datetime(2026, 1, 21, 22, 40, tzinfo=UTC)),
        (datetime(2026, 3, 29, 1, 10, tzinfo=UTC), datetime(2026, 3, 29, 0, 40, tzinfo=UTC)),
        (datetime(2026, 10, 25, 1, 10, tzinfo=UTC), datetime(2026, 10, 25, 0, 40, tzinfo=UTC)),
    ],
    ids=["across midnight", "across the hour that is skipped", "across the hour that comes twice"],
)
def test_thirty_minutes_are_thirty_minutes_whatever_the_clock_on_the_wall(
    festival: Festival, starts_at: datetime, last: datetime
) -> None:
    screenings = table(Screening)
    festival.write(
        lambda session: session.execute(
            update(screenings)
            .where(screenings.c.code == "KNEECAP")
            .values(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=105))
        )
    )
    reserved = take_seats(festival, ("KNEECAP", "PLEIN", 1))
    assert reserved.expires_at == last
    festival.clock.at = last
    assert let_go(festival) == 0
    festival.clock.advance(SECOND)
    assert let_go(festival) == 1


def test_after_the_expiry_nothing_is_reserved_any_more(festival: Festival) -> None:
    festival.clock.at = festival.seat_line().starts_at - timedelta(minutes=30)
    take_seats(festival, ("KNEECAP", "PLEIN", 1))
    festival.clock.advance(SECOND)
    with pytest.raises(Refusal, match=r"ne se réserve plus depuis le mer\. 21 janv\. à 19 h 30"):
        take_seats(festival, ("KNEECAP", "PLEIN", 1))


def test_seats_are_added_and_removed_and_a_tariff_is_changed(festival: Festival) -> None:
    reserved = take_seats(festival, ("KNEECAP", "PLEIN", 2))
    changed = change_seats(festival, reserved, ("KNEECAP", "REDUIT", 1), ("ETERNAL", "PLEIN", 3))
    assert changed.seats == 4
    assert festival.allocated() == 1
    assert festival.allocated("ETERNAL") == 3
    assert states(festival) == [CANCELLED, CANCELLED, HELD, HELD, HELD, HELD]
    assert told(festival) == ["reservation.made", "reservation.changed"]
    festival.read(check_the_house)


def test_a_tariff_is_changed_in_a_full_hall(festival: Festival) -> None:
    reserved = take_seats(festival, ("KNEECAP", "PLEIN", 8))
    change_seats(festival, reserved, ("KNEECAP", "REDUIT", 8))
    assert festival.allocated() == 8
    festival.read(check_the_house)


def test_a_change_that_is_refused_changes_nothing(festival: Festival) -> None:
    reserved = take_seats(festival, ("KNEECAP", "PLEIN", 2))
    before = festival.everything()
    with pytest.raises(Refusal, match="il restait"):
        change_seats(festival, reserved, ("KNEECAP", "PLEIN", 1), ("ETERNAL", "PLEIN", 6))
    assert festival.everything() == before


def test_a_change_asked_for_twice_is_made_once(festival: Festival) -> None:
    reserved = take_seats(festival, ("KNEECAP", "PLEIN", 2))
    command = ChangeReservation(reserved.reservation_id, wanted(festival, ("KNEECAP", "PLEIN", 4)), (1, 2))
    for desk in festival.desks:
        done = festival.write(partial(change, command=command, desk=desk, clock=festival.clock))
        assert done.seats == 4
    assert told(festival) == ["reservation.made", "reservation.changed"]


def test_a_change_of_what_somebody_else_changed_is_refused(festival: Festival) -> None:
    reserved = take_seats(festival, ("KNEECAP", "PLEIN", 2))
    stale = ChangeReservation(reserved.reservation_id, wanted(festival, ("KNEECAP", "PLEIN", 1)), (1, 2))
    change_seats(festival, reserved, ("KNEECAP", "PLEIN", 3))
    with pytest.raises(Refusal, match="a changé entre-temps"):
        festival.write(lambda session: change(session, stale, festival.desks[1], clock=festival.clock))


def test_less_than_a_group_does_not_stay_at_the_group_tariff(festival: Festival) -> None:
    reserved = take_seats(festival, ("KNEECAP", "GROUPE", 5))
    change_seats(festival, reserved, ("KNEECAP", "GROUPE", 4))
    with pytest.raises(Refusal, match="à partir de 4 places"):
        change_seats(festival, reserved, ("KNEECAP", "GROUPE", 3))


def test_a_reservation_given_up_frees_its_seats_once(festival: Festival) -> None:
    reserved = take_seats(festival, ("KNEECAP", "PLEIN", 2), ("KNEECAP", "UFR", 1))
    give_up(festival, reserved)
    give_up(festival, reserved)
    assert festival.allocated() == 0
    assert told(festival) == ["reservation.made", "reservation.cancelled"]
    festival.read(check_the_house)


def test_a_reservation_is_collected_in_a_full_hall(festival: Festival) -> None:
    reserved = take_seats(festival, ("KNEECAP", "PLEIN", 8))
    festival.sell(of_reservation(festival, reserved, 8), desk=festival.desks[1])
    assert festival.allocated() == 8
    assert states(festival) == [COLLECTED] * 8
    assert told(festival)[-1] == "reservation.collected"
    festival.clock.advance(timedelta(days=1))
    assert let_go(festival) == 0
    festival.read(check_the_house)


def test_a_reservation_is_partly_collected_and_the_rest_stays(festival: Festival) -> None:
    reserved = take_seats(festival)
    festival.sell(of_reservation(festival, reserved, 1), festival.seat_line("ETERNAL"))
    assert states(festival) == [COLLECTED, HELD, HELD]
    assert festival.allocated() == 3
    festival.sell(of_reservation(festival, reserved, 2))
    assert festival.allocated() == 3
    festival.read(check_the_house)


def test_the_same_checkout_twice_collects_once(festival: Festival) -> None:
    reserved = take_seats(festival)
    order = festival.order(of_reservation(festival, reserved, 2))
    assert festival.sell(**vars_of(order)) == festival.sell(**vars_of(order))
    assert states(festival) == [COLLECTED, COLLECTED, HELD]


def vars_of(order: object) -> dict[str, object]:
    return {name: getattr(order, name) for name in ("sale_id", "basket", "tenders")}


def test_seats_that_another_till_collected_are_not_sold_again(festival: Festival) -> None:
    reserved = take_seats(festival)
    festival.sell(of_reservation(festival, reserved, 2))
    refusal = festival.refused(festival.order(of_reservation(festival, reserved, 2)), festival.desks[1])
    assert "n'a plus autant de places" in refusal.message
    assert "rouvrez la réservation" in refusal.remedy


def test_a_seat_that_expired_meanwhile_is_taken_again(festival: Festival) -> None:
    reserved = take_seats(festival)
    order = festival.order(of_reservation(festival, reserved, 2))
    assert reserved.expires_at
    festival.clock.at = reserved.expires_at + SECOND
    let_go(festival)
    festival.sell(**vars_of(order))
    assert festival.allocated() == 2
    assert states(festival) == [COLLECTED, COLLECTED, EXPIRED]
    festival.read(check_the_house)


def test_a_seat_that_expired_and_was_sold_is_refused_in_clear_words(festival: Festival) -> None:
    reserved = take_seats(festival)
    assert reserved.expires_at
    festival.clock.at = reserved.expires_at + SECOND
    let_go(festival)
    festival.sell(festival.seat_line(quantity=8))
    refusal = festival.refused(festival.order(of_reservation(festival, reserved, 3)))
    assert f"La réservation {reserved.reference[:2]} " in refusal.message
    assert "a expiré le mer. 21 janv. à 19 h 30. Kneecap de 20 h 00 est complet." in refusal.message
    assert "Prochaine séance" in refusal.remedy


def test_a_collected_seat_is_freed_by_its_reversal(festival: Festival) -> None:
    reserved = take_seats(festival, ("KNEECAP", "UFR", 2))
    sale = festival.sell(of_reservation(festival, reserved, 2, "UFR"))
    festival.reverse(sale, 1)
    festival.read(check_the_house)
    festival.sell(festival.seat_line(tariff="UFR"))


def test_a_seat_held_stays_in_its_quota_whatever_its_tariff_has_become(festival: Festival) -> None:
    reserved = take_seats(festival, ("KNEECAP", "UFR", 1))
    tariffs = table(Tariff)
    festival.write(
        lambda session: session.execute(update(tariffs).where(tariffs.c.code == "UFR").values(quota=None))
    )
    sale = festival.sell(of_reservation(festival, reserved, 1, "UFR"))
    festival.read(check_the_house)
    festival.reverse(sale)
    festival.read(check_the_house)
    assert festival.allocated() == 0
