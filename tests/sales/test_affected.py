"""Whom a cancelled or moved screening concerns: on paper without names, for a spreadsheet with them."""

import csv
import io
from datetime import timedelta

import pytest
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.models import BookingEndKind, JournalEntry, PrintJob
from boxoffice.printing.rendering import to_plain
from boxoffice.sales.holders.bookings import CancelBookings, cancel
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.prints import outbox
from boxoffice.sales.prints.paper_loading import load_paper
from boxoffice.sales.prints.papers import AffectedPaper
from boxoffice.sales.screenings.affected import (
    Affected,
    as_csv,
    count_taken,
    export_list,
    list_changes,
    print_list,
    read_affected,
)
from tests.sales.conftest import Festival
from tests.sales.test_bookings import book_seats
from tests.sales.test_reservations import take_seats
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


def test_no_name_becomes_a_formula(festival: Festival) -> None:
    book_seats(festival, festival.sell_pass(CustomerDetails("=1+1")), "KNEECAP")
    call_off(festival)
    assert ";'=1+1;" in as_csv(affected(festival))


def test_there_is_no_list_of_what_was_not_changed(festival: Festival) -> None:
    with pytest.raises(Refusal, match="n'existe pas"):
        affected(festival, 7)
