"""Seats of every kind on their way back: of passes, companions, promo codes; and as their sale shows it."""

from uuid import UUID, uuid4

import pytest

from boxoffice.errors import Refusal
from boxoffice.kinds import CreditState
from boxoffice.models import Booking, BookingEnd, Pass, Sale
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.history import LineState, SaleSummary, read_sale
from boxoffice.sales.holders.bookings import Book, CancelBookings, book, cancel
from boxoffice.sales.vouchers.promo_basket import put_on
from tests.sales.conftest import Festival
from tests.sales.credit_life import accepted, asked, cents_of, credited, customer, refused, sell_to
from tests.sales.invariants import check_the_house
from tests.sales.test_exchange import exchanged
from tests.sales.value_life import left_in, look_up, make, sell_basket


def shown(festival: Festival, sale: CompletedSale) -> SaleSummary:
    found = festival.read(lambda session: read_sale(session, sale.sale_id))
    assert found is not None
    return found


def booked(festival: Festival, pass_id: UUID) -> UUID:
    command = Book((uuid4(),), pass_id, festival.screening_id("KNEECAP2"))
    festival.write(lambda session: book(session, command, festival.desk, clock=festival.clock))
    return command.booking_ids[0]


def test_a_seat_booked_on_a_pass_gives_its_place_back_and_no_money(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    booking_id = booked(festival, pass_id)
    sales = festival.count(Sale)
    command = CancelBookings((booking_id,))
    festival.write(lambda session: cancel(session, command, festival.desk, clock=festival.clock))
    assert festival.rows(Pass)[0].used == 0
    assert (festival.count(Booking), festival.count(BookingEnd), festival.count(Sale)) == (1, 1, sales)
    festival.read(check_the_house)


def test_the_ticket_of_a_companion_comes_back_and_may_be_sold_again_on_the_pass(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    booked(festival, pass_id)
    lea = festival.rows(Pass)[0].holder_id
    line = festival.seat_line("KNEECAP2", "SUPPL", pass_id=pass_id)
    sale = sell_to(festival, lea, line)
    with pytest.raises(Refusal, match="donne droit à 1 supplément"):
        sell_to(festival, lea, line)
    credited(festival, sale)
    assert cents_of(festival, lea) == 450
    again = sell_to(festival, lea, line)
    moved = exchanged(festival, again, festival.seat_line("KNEECAP2", "REDUIT"))
    assert moved.sale.total_cents == 600
    festival.read(check_the_house)


def test_a_seat_of_a_promo_code_is_worth_what_was_paid_and_frees_the_code(festival: Festival) -> None:
    lea = customer(festival)
    batch = make(festival)
    offer = look_up(festival, batch.codes[0])
    basket = put_on(festival.basket(festival.seat_line()), offer)
    sale = sell_basket(festival, basket)
    assert left_in(festival, offer.value_id) == 0
    (request,) = asked(festival, sale, customer_id=lea)
    assert (request.seat.paid_cents, request.seat.credited_cents) == (425, 425)
    accepted(festival, [request])
    assert cents_of(festival, lea) == 425
    assert left_in(festival, offer.value_id) == 1
    festival.read(check_the_house)


def test_a_sale_shows_where_each_of_its_seats_is(festival: Festival) -> None:
    lea = customer(festival)
    sale = sell_to(festival, lea, festival.seat_line(quantity=4))
    requests = asked(festival, sale, [1, 2, 3])
    accepted(festival, requests[:1])
    refused(festival, requests[1:2], "Séance presque complète")
    exchanged(festival, sale, festival.seat_line("ETERNAL"), positions=(4,))
    lines = shown(festival, sale).lines
    assert [(line.state, line.credit, line.exchanged) for line in lines] == [
        (LineState.REVERSED, CreditState.ACCEPTED, False),
        (LineState.SOLD, CreditState.REFUSED, False),
        (LineState.SOLD, CreditState.PENDING, False),
        (LineState.REVERSED, None, True),
    ]
    assert lines[1].credit_reason == "Séance presque complète"


def test_a_sale_whose_seats_all_wait_for_an_answer_is_not_offered_to_be_reversed(festival: Festival) -> None:
    sale = sell_to(festival, customer(festival))
    assert shown(festival, sale).can_be_reversed
    asked(festival, sale)
    assert not shown(festival, sale).can_be_reversed
