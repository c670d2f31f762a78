"""Bookings of a screening that the festival moved have no limit; a hall with a new name has not moved."""

from datetime import timedelta
from uuid import UUID

import pytest

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.models import Hall, Screening, Venue, table
from boxoffice.sales.holders import badges
from boxoffice.sales.holders.cockpit import BookedSeat, read_cockpit
from boxoffice.sales.prints.papers import BookingsPaper
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house
from tests.sales.pass_life import book, cancel
from tests.sales.test_badges import badge_desk, loaded
from tests.sales.test_screening_changes import move

MINUTE = timedelta(minutes=1)
GRACE_IS_OVER = 11 * MINUTE


def booked_seat(festival: Festival, pass_id: UUID) -> BookedSeat:
    (seat,) = festival.read(lambda session: read_cockpit(session, pass_id, festival.desk.post.rules)).standing
    return seat


def rename(festival: Festival, place: type[Hall] | type[Venue]) -> None:
    """Correct the name of every hall or venue, as an import of the programme does."""
    row = table(place)
    festival.write(lambda session: session.execute(row.update().values(name=row.c.name + " (corrigé)")))


@pytest.mark.parametrize("place", [Hall, Venue])
def test_correcting_the_name_of_a_hall_or_venue_lifts_no_limit(
    festival: Festival, place: type[Hall] | type[Venue]
) -> None:
    pass_id = festival.sell_pass()
    (booking,) = book(festival, pass_id, "ETERNAL").booking_ids
    festival.clock.advance(GRACE_IS_OVER)
    rename(festival, place)
    seat = booked_seat(festival, pass_id)
    assert not seat.is_elsewhere
    assert not seat.is_cancellable(festival.clock.now())
    with pytest.raises(ManagerNeeded, match="ne s'annule plus depuis"):
        cancel(festival, booking)


def test_a_hall_renamed_after_the_move_of_a_screening_leaves_its_later_bookings_their_limit(
    festival: Festival,
) -> None:
    pass_id = festival.sell_pass()
    move(festival, "ETERNAL", hall="AUD")
    festival.clock.advance(MINUTE)
    (booking,) = book(festival, pass_id, "ETERNAL").booking_ids
    festival.clock.advance(GRACE_IS_OVER)
    rename(festival, Hall)
    with pytest.raises(ManagerNeeded):
        cancel(festival, booking)


@pytest.mark.parametrize("ahead", [timedelta(), 2 * MINUTE], ids=["clocks agree", "the till is ahead"])
def test_a_screening_in_another_hall_is_given_back_whatever_the_clock_of_the_till_that_booked(
    festival: Festival, ahead: timedelta
) -> None:
    pass_id = festival.sell_pass()
    festival.clock.advance(ahead)
    (booking,) = book(festival, pass_id, "ETERNAL").booking_ids
    festival.clock.advance(-ahead)
    move(festival, "ETERNAL", hall="AUD")
    festival.clock.advance(GRACE_IS_OVER + ahead)
    seat = booked_seat(festival, pass_id)
    assert (seat.is_elsewhere, seat.was_moved, seat.limit) == (True, True, None)
    cancel(festival, booking)
    festival.read(check_the_house)


def test_a_screening_moved_earlier_is_given_back_until_the_hour_that_was_told(festival: Festival) -> None:
    """Its holder comes at the hour on their list, and finds it over."""
    pass_id = festival.sell_pass(code="PASS6")
    first, second = book(festival, pass_id, seats=2).booking_ids
    told = next(row.ends_at for row in festival.rows(Screening) if row.code == "KNEECAP2")
    move(festival, "KNEECAP2", later=-timedelta(hours=4))
    festival.clock.advance(told - festival.clock.now())
    cancel(festival, first)
    festival.clock.advance(timedelta(seconds=1))
    with pytest.raises(Refusal, match="est terminée"):
        cancel(festival, second)
    festival.read(check_the_house)


@pytest.mark.parametrize("change", [{"later": timedelta(hours=3)}, {"hall": "AUD"}], ids=["hour", "hall"])
def test_the_list_of_bookings_says_that_a_screening_was_moved_and_tells_no_limit(
    festival: Festival, change: dict[str, object]
) -> None:
    pass_id = festival.sell_pass()
    book(festival, pass_id, "ETERNAL")
    move(festival, "ETERNAL", **change)  # type: ignore[arg-type]
    (booking,) = paper_of(festival, pass_id).bookings
    assert (booking.moved, booking.cancellable_until) == (True, None)


def paper_of(festival: Festival, pass_id: UUID) -> BookingsPaper:
    festival.write(
        lambda session: badges.print_bookings(session, badge_desk(festival), pass_id, clock=festival.clock)
    )
    paper = loaded(festival, pass_id)
    assert isinstance(paper, BookingsPaper)
    return paper
