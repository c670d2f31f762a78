"""Seats booked on a pass, given back until 24 hours before, exchanged as one."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.models import Booking, BookingEnd, Pass, Screening
from boxoffice.sales.books.verification import verify
from boxoffice.sales.holders.bookings import Book, Booked, CancelBookings, SwapBooking, book, cancel, swap
from boxoffice.sales.people.customer_details import CustomerDetails
from tests.sales.conftest import Festival


def book_seats(festival: Festival, pass_id: UUID, screening: str = "KNEECAP2", seats: int = 1) -> Booked:
    command = Book(tuple(uuid4() for _ in range(seats)), pass_id, festival.screening_id(screening))
    return festival.write(lambda session: book(session, command, festival.desk, clock=festival.clock))


def left(festival: Festival, pass_id: UUID) -> int:
    held = festival.read(lambda session: session.exec(select(Pass).where(Pass.id == pass_id)).one())
    assert held.places is not None
    return held.places - held.used


def test_a_pass_sold_has_its_places_and_its_number(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    held = festival.rows(Pass)[0]
    assert held.id == pass_id
    assert held.number.startswith("1-0000001-")
    assert left(festival, pass_id) == 20


def test_a_booking_takes_a_place_and_a_seat(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    booked = book_seats(festival, pass_id)
    assert booked.places_left == 19
    assert left(festival, pass_id) == 19
    assert festival.allocated("KNEECAP2") == 1


def test_the_same_booking_asked_for_twice_is_one(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    command = Book((uuid4(),), pass_id, festival.screening_id("KNEECAP2"))
    for _ in range(2):
        festival.write(lambda session: book(session, command, festival.desk, clock=festival.clock))
    assert festival.count(Booking) == 1
    assert festival.allocated("KNEECAP2") == 1


def test_an_individual_pass_has_one_seat_per_screening(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    book_seats(festival, pass_id)
    with pytest.raises(Refusal, match="1 place par séance"):
        book_seats(festival, pass_id)


def test_a_booking_is_given_back_until_24_hours_before_to_the_second(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    booked = book_seats(festival, pass_id)
    festival.clock.advance(booked.starts_at - timedelta(hours=24) - festival.clock.now())
    command = CancelBookings(booked.booking_ids)
    festival.write(lambda session: cancel(session, command, festival.desk, clock=festival.clock))
    assert left(festival, pass_id) == 20
    assert festival.allocated("KNEECAP2") == 0


def test_one_second_later_a_manager_is_needed(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    booked = book_seats(festival, pass_id)
    festival.clock.advance(booked.starts_at - timedelta(hours=24, seconds=-1) - festival.clock.now())
    command = CancelBookings(booked.booking_ids)
    with pytest.raises(ManagerNeeded, match="ne s'annule plus depuis"):
        festival.write(lambda session: cancel(session, command, festival.desk, clock=festival.clock))
    assert festival.count(BookingEnd) == 0


def test_a_swap_gives_the_old_seat_back_only_for_the_new_one(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    booked = book_seats(festival, pass_id)
    command = SwapBooking(booked.booking_ids[0], uuid4(), festival.screening_id("KNEECAP"))
    with festival.database.write() as session:
        kneecap = session.exec(select(Screening).where(Screening.code == "KNEECAP")).one()
        kneecap.allocated = kneecap.capacity - kneecap.held
    with pytest.raises(Refusal, match="est complet"):
        festival.write(lambda session: swap(session, command, festival.desk, clock=festival.clock))
    assert festival.allocated("KNEECAP2") == 1
    with festival.database.write() as session:
        kneecap = session.exec(select(Screening).where(Screening.code == "KNEECAP")).one()
        kneecap.allocated -= 1
    swapped = festival.write(lambda session: swap(session, command, festival.desk, clock=festival.clock))
    assert swapped.places_left == 19
    assert festival.allocated("KNEECAP2") == 0


def test_an_extra_ticket_is_sold_beside_a_booking(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    book_seats(festival, pass_id)
    extra = festival.seat_line("KNEECAP2", "SUPPL", pass_id=pass_id)
    festival.sell(extra)
    refusal = festival.refused(festival.order(extra))
    assert "1 supplément par séance" in refusal.message


def test_a_pass_with_a_booking_is_not_taken_back(festival: Festival) -> None:
    sale = festival.sell(festival.pass_line())
    pass_id = festival.rows(Pass)[0].id
    booked = book_seats(festival, pass_id)
    with pytest.raises(Refusal, match="1 place réservée"):
        festival.reverse(sale)
    command = CancelBookings(booked.booking_ids)
    festival.write(lambda session: cancel(session, command, festival.desk, clock=festival.clock))
    festival.reverse(sale)
    with pytest.raises(Refusal, match="a été annulé"):
        book_seats(festival, pass_id)


def test_a_pass_is_not_taken_back_while_its_extra_ticket_lets_in(festival: Festival) -> None:
    sale = festival.sell(festival.pass_line())
    held = festival.rows(Pass)[0]
    booked = book_seats(festival, held.id)
    extra = festival.sell(festival.seat_line("KNEECAP2", "SUPPL", pass_id=held.id))
    command = CancelBookings(booked.booking_ids)
    festival.write(lambda session: cancel(session, command, festival.desk, clock=festival.clock))
    with pytest.raises(Refusal, match=f"billet {extra.tickets[0]} .* du pass {held.number}") as refused:
        festival.reverse(sale, desk=festival.managers_desk)
    assert refused.value.remedy == "Annulez d'abord ce billet."
    festival.reverse(extra, desk=festival.managers_desk)
    festival.reverse(sale, desk=festival.managers_desk)
    festival.stands()


def test_a_pass_is_taken_back_once_the_screening_of_its_extra_ticket_is_over(festival: Festival) -> None:
    sale = festival.sell(festival.pass_line())
    pass_id = festival.rows(Pass)[0].id
    booked = book_seats(festival, pass_id)
    festival.sell(festival.seat_line("KNEECAP2", "SUPPL", pass_id=pass_id))
    command = CancelBookings(booked.booking_ids)
    festival.write(lambda session: cancel(session, command, festival.desk, clock=festival.clock))
    over = next(row.ends_at for row in festival.rows(Screening) if row.code == "KNEECAP2")
    festival.clock.at = over
    with pytest.raises(Refusal, match="vaut encore"):
        festival.reverse(sale, desk=festival.managers_desk)
    festival.clock.at = over + timedelta(seconds=1)
    festival.reverse(sale, desk=festival.managers_desk)
    festival.stands()


def test_the_journal_of_passes_and_bookings_verifies(festival: Festival) -> None:
    pass_id = festival.sell_pass(CustomerDetails("Dûpont", "Zoé"))
    booked = book_seats(festival, pass_id)
    festival.sell(festival.seat_line("KNEECAP2", "SUPPL", pass_id=pass_id))
    command = CancelBookings(booked.booking_ids)
    festival.write(lambda session: cancel(session, command, festival.desk, clock=festival.clock))
    assert festival.read(verify).fault is None


def test_a_wish_asked_for_again_after_its_booking_was_given_back_is_refused(festival: Festival) -> None:
    """Its answer was lost, and another till gave the seat back meanwhile."""
    pass_id = festival.sell_pass()
    command = Book((uuid4(),), pass_id, festival.screening_id("KNEECAP2"))

    def ask() -> Booked:
        return festival.write(lambda session: book(session, command, festival.desk, clock=festival.clock))

    assert ask() == ask()
    given_back = CancelBookings(command.booking_ids)
    festival.write(lambda session: cancel(session, given_back, festival.desks[1], clock=festival.clock))
    with pytest.raises(Refusal, match=r"a déjà été annulée .* caisse 2"):
        ask()


def test_an_exchange_asked_for_again_after_it_was_given_back_is_refused(festival: Festival) -> None:
    booked = book_seats(festival, festival.sell_pass(), "KNEECAP2")
    command = SwapBooking(booked.booking_ids[0], uuid4(), festival.screening_id("RENCONTRE"))

    def ask() -> Booked:
        return festival.write(lambda session: swap(session, command, festival.desk, clock=festival.clock))

    assert ask().booking_ids == (command.new_booking_id,)
    given_back = CancelBookings((command.new_booking_id,), festival.manager.id, "Malade")
    festival.write(lambda session: cancel(session, given_back, festival.desks[1], clock=festival.clock))
    with pytest.raises(Refusal, match=r"a déjà été annulée .* caisse 2"):
        ask()
