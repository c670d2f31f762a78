"""Whom a cancelled or moved screening concerns: on paper without names, for a spreadsheet with them."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import Session

from boxoffice.clock import SettableClock
from boxoffice.errors import Refusal
from boxoffice.models import BookingEndKind, Hall, JournalEntry, PrintJob, table
from boxoffice.printing.rendering import to_plain
from boxoffice.sales.checkout import checkout
from boxoffice.sales.holders import bookings
from boxoffice.sales.holders.bookings import Book, CancelBookings, cancel
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.prints import outbox
from boxoffice.sales.prints.paper_loading import load_paper
from boxoffice.sales.prints.papers import AffectedPaper
from boxoffice.sales.screenings.affected import (
    Affected,
    count_taken,
    list_changes,
    print_list,
    read_affected,
)
from boxoffice.sales.screenings.affected_file import as_csv, export_list
from boxoffice.sales.screenings.screening_changes import ChangedScreening
from tests.sales.conftest import Festival
from tests.sales.meanwhile import meanwhile
from tests.sales.pass_life import book
from tests.sales.pass_life import cancel as cancel_seat
from tests.sales.test_bookings import book_seats
from tests.sales.test_reservations import change_seats, take_seats
from tests.sales.test_screening_changes import call_off, move

ZOE = CustomerDetails("Martin", "Zoé", email="zoe@example.fr")


def affected(festival: Festival, number: int = 1) -> Affected:
    return festival.read(lambda session: read_affected(session, number))


def fill(festival: Festival) -> None:
    """Two tickets, one of them undone, a booking, three seats reserved."""
    sale = festival.sell(festival.seat_line(quantity=2))
    festival.reverse(sale, 1)
    book_seats(festival, festival.sell_pass(ZOE), "KNEECAP")
    take_seats(festival)


def test_everybody_who_had_a_seat_is_listed_once(festival: Festival) -> None:
    fill(festival)
    taken = festival.read(lambda session: count_taken(session, festival.screening_id("KNEECAP")))
    assert (taken.tickets, taken.bookings, taken.reserved) == (1, 1, 3)
    call_off(festival)
    shown = affected(festival)
    assert [ticket.number for ticket in shown.tickets] == ["1-000002"]
    assert shown.credit_cents == 850
    (booking,) = shown.bookings
    assert (booking.ended, booking.contact.name) == (BookingEndKind.SCREENING_CHANGED, "Zoé Martin")
    (kept,) = shown.reservations
    assert (kept.seats, kept.contact.phone) == (3, "06 12 34 56 78")
    (change,) = festival.read(list_changes)
    assert (change.event_title, change.manager) == ("Kneecap", "Lisa B.")


def test_who_bought_after_a_move_knew_of_it(festival: Festival) -> None:
    fill(festival)
    move(festival, later=timedelta(hours=1))
    festival.clock.advance(timedelta(minutes=1))
    festival.sell(festival.seat_line())
    book_seats(festival, festival.sell_pass(), "KNEECAP")
    take_seats(festival, ("KNEECAP", "PLEIN", 1))
    shown = affected(festival)
    assert (len(shown.tickets), len(shown.bookings), len(shown.reservations)) == (1, 1, 1)


FAST = timedelta(minutes=2)
"""How far ahead of the manager's till the clock of another may be."""


@pytest.mark.parametrize("change", [call_off, move])
def test_who_was_served_by_a_till_whose_clock_is_fast_is_on_the_list(
    festival: Festival, change: Callable[..., ChangedScreening]
) -> None:
    second = festival.desks[1]
    pass_id = festival.sell_pass(ZOE)
    festival.clock.advance(FAST)
    festival.sell(festival.seat_line(quantity=2), desk=second)
    book(festival, pass_id, "KNEECAP", desk=second)
    take_seats(festival, ("KNEECAP", "PLEIN", 2), till=1)
    festival.clock.advance(-FAST)
    change(festival, **({"later": timedelta(hours=1)} if change is move else {}))
    shown = affected(festival)
    assert (len(shown.tickets), len(shown.bookings), len(shown.reservations)) == (2, 1, 1)
    assert shown.reservations[0].seats == 2


def test_what_was_given_back_before_a_change_is_not_on_the_list(festival: Festival) -> None:
    pass_id, second = festival.sell_pass(ZOE), festival.desks[1]
    festival.clock.advance(FAST)
    cancel_seat(festival, *book(festival, pass_id, "KNEECAP", desk=second).booking_ids, desk=second)
    festival.clock.advance(-FAST)
    move(festival, later=timedelta(hours=1))
    assert affected(festival).bookings == ()


def test_seats_added_to_a_reservation_after_a_move_are_not_on_the_list(festival: Festival) -> None:
    reserved = take_seats(festival, ("KNEECAP", "PLEIN", 1))
    move(festival, later=timedelta(hours=1))
    change_seats(festival, reserved, ("KNEECAP", "PLEIN", 3))
    assert [kept.seats for kept in affected(festival).reservations] == [1]


def test_a_screening_moved_back_concerns_who_was_told_what_it_no_longer_is(festival: Festival) -> None:
    festival.sell(festival.seat_line())
    for number, hours in enumerate((1, -1), start=1):
        festival.clock.advance(timedelta(minutes=1))
        move(festival, later=timedelta(hours=hours))
        festival.clock.advance(timedelta(minutes=1))
        festival.sell(festival.seat_line(quantity=number))
    assert [ticket.number for ticket in affected(festival, 1).tickets] == ["1-000001"]
    assert [ticket.number for ticket in affected(festival, 2).tickets] == ["1-000001", "1-000002"]


def test_a_hall_renamed_before_a_move_hides_nobody(festival: Festival) -> None:
    festival.clock.advance(FAST)
    festival.sell(festival.seat_line(), desk=festival.desks[1])
    festival.clock.advance(-FAST)
    halls = table(Hall)
    festival.write(lambda session: session.execute(halls.update().values(name=halls.c.name + " bis")))
    move(festival, later=timedelta(hours=1))
    festival.sell(festival.seat_line())
    assert [ticket.number for ticket in affected(festival).tickets] == ["2-000001"]


def test_a_ticket_sold_while_its_screening_moves_is_on_the_list(festival: Festival) -> None:
    order = festival.order(festival.seat_line())
    pass_id = festival.sell_pass(ZOE)
    wish = Book((uuid4(),), pass_id, festival.screening_id("KNEECAP"))
    second, clock = festival.desks[1], SettableClock(festival.clock.now() + FAST)

    def serve(session: Session) -> None:
        checkout(session, order, second, clock=clock)
        bookings.book(session, wish, second, clock=clock)

    outcome = meanwhile(festival, serve, lambda: move(festival, later=timedelta(hours=1)))
    if isinstance(outcome, Refusal):
        assert "vient d'être réservée" in outcome.message
        move(festival, later=timedelta(hours=1))
    shown = affected(festival)
    assert (len(shown.tickets), len(shown.bookings)) == (1, 1)


def test_a_list_of_a_cancelled_screening_has_every_ticket_that_the_journal_counted(
    festival: Festival,
) -> None:
    order = festival.order(festival.seat_line(quantity=3))
    second, clock = festival.desks[1], SettableClock(festival.clock.now() + FAST)
    meanwhile(
        festival,
        lambda session: checkout(session, order, second, clock=clock),
        lambda: call_off(festival),
    )
    (told,) = [entry.content for entry in festival.rows(JournalEntry) if entry.kind == "screening.cancelled"]
    assert json.loads(told)["sold"] == len(affected(festival).tickets) == 3


def test_a_seat_given_back_after_a_move_stays_on_the_list_and_says_so(festival: Festival) -> None:
    booked = book_seats(festival, festival.sell_pass(ZOE), "KNEECAP")
    move(festival, later=timedelta(hours=1))
    assert affected(festival).bookings[0].ended is None
    command = CancelBookings(booked.booking_ids)
    festival.write(lambda session: cancel(session, command, festival.desk, clock=festival.clock))
    assert affected(festival).bookings[0].ended is BookingEndKind.CANCELLED


def test_the_paper_has_every_number_and_no_name(festival: Festival) -> None:
    fill(festival)
    call_off(festival)
    festival.write(lambda session: print_list(session, festival.desk, 1, clock=festival.clock))
    job = festival.rows(PrintJob)[-1]

    def load(session: Session) -> AffectedPaper:
        found = outbox.find_job(session, job.id)
        assert found is not None
        paper = load_paper(session, found, clock=festival.clock)
        assert isinstance(paper, AffectedPaper)
        return paper

    text = to_plain(festival.read(load), 42)
    shown = affected(festival)
    for number in (
        shown.tickets[0].number,
        shown.bookings[0].pass_number,
        shown.reservations[0].reference,
    ):
        assert number in text
    assert "N'a pas lieu." in text
    for name in ("Martin", "Dupont", "example", "12 34"):
        assert name not in text


def test_the_spreadsheet_has_names_and_its_export_is_told(festival: Festival) -> None:
    fill(festival)
    call_off(festival)
    text = festival.write(lambda session: export_list(session, festival.desk, 1, clock=festival.clock))
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [(row["sorte"], row["places"], row["état"], row["nom"]) for row in rows] == [
        ("billet", "1", "à créditer", ""),
        ("pass", "1", "place rendue", "Zoé Martin"),
        ("réservation", "3", "annulée", "Léa Dupont"),
    ]
    assert {row["séance"] for row in rows} == {"KNEECAP"}
    assert rows[1]["courriel"] == "zoe@example.fr"
    assert [entry.kind for entry in festival.rows(JournalEntry)].count("screening.list_exported") == 1


def test_the_tickets_of_a_moved_screening_are_written_down_as_good(festival: Festival) -> None:
    festival.sell()
    move(festival, later=timedelta(minutes=30))
    text = festival.write(lambda session: export_list(session, festival.desk, 1, clock=festival.clock))
    assert [row["état"] for row in csv.DictReader(io.StringIO(text), delimiter=";")] == ["toujours valable"]


def test_no_name_becomes_a_formula(festival: Festival) -> None:
    book_seats(festival, festival.sell_pass(CustomerDetails("=1+1")), "KNEECAP")
    call_off(festival)
    assert ";'=1+1;" in as_csv(affected(festival))


def test_there_is_no_list_of_what_was_not_changed(festival: Festival) -> None:
    with pytest.raises(Refusal, match="n'existe pas"):
        affected(festival, 7)
