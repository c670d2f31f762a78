"""Two counters at the same seats, places and bookings: one wins, the other is told what to do."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from boxoffice import database as databases
from boxoffice.errors import Refusal
from boxoffice.models import Booking, BookingEnd, Pass, Screening, table
from boxoffice.sales.checkout import checkout
from boxoffice.sales.holders.bookings import Book, CancelBookings, SwapBooking, book, cancel, swap
from boxoffice.sales.reversal import Reverse, reverse
from boxoffice.sales.screenings.screening_changes import CancelScreening, ChangedScreening, cancel_screening
from boxoffice.sales.staff.desk import Desk
from tests.sales import pass_life
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house
from tests.sales.processes import in_processes
from tests.sales.test_booking_limits import add_quota

ROUNDS = 12
Act = Callable[[Session, Desk], object]


def leave_seats(festival: Festival, screening: str, seats: int) -> None:
    row = table(Screening)
    festival.write(
        lambda session: session.execute(
            row.update()
            .where(row.c.code == screening)
            .values(held=row.c.capacity - row.c.allocated - seats, cancelling_ends_minutes=0)
        )
    )


def at_once(festival: Festival, *acts: list[Act]) -> list[list[str]]:
    """What each counter is told, act by act, both beginning each at once: nothing, or a refusal.

    Nothing is tried again: two counters that wait for each other are an error.
    """
    url = festival.database.engine.url.render_as_string(hide_password=False)
    festival.database.close()
    start = get_context("fork").Barrier(len(acts))

    def play(desk: Desk, mine: list[Act]) -> list[str]:
        database = databases.connect(url)
        try:
            return [_told(database, desk, act, start) for act in mine]
        finally:
            database.close()

    return in_processes([partial(play, desk, mine) for desk, mine in zip(festival.desks, acts, strict=True)])


def _told(database: databases.Database, desk: Desk, act: Act, start: Barrier) -> str:
    start.wait(30)
    try:
        with database.write() as session:
            act(session, desk)
    except Refusal as refusal:
        return f"{refusal.message} {refusal.remedy}"
    return ""


def one_of_two(told: list[list[str]]) -> list[str]:
    """What the loser of each round was told; exactly one of the two lost."""
    for first, second in zip(*told, strict=True):
        assert (first == "") != (second == ""), (first, second)
    return [first or second for first, second in zip(*told, strict=True)]


def booking_of(festival: Festival, pass_id: UUID, screening: str = "KNEECAP2", seats: int = 1) -> Act:
    command = Book(tuple(uuid4() for _ in range(seats)), pass_id, festival.screening_id(screening))
    return lambda session, desk: book(session, command, desk, clock=festival.clock)


def cancelling(festival: Festival, booking_id: UUID) -> Act:
    return lambda session, desk: cancel(session, CancelBookings((booking_id,)), desk, clock=festival.clock)


def swapping(festival: Festival, booking_id: UUID, screening: str) -> Act:
    command = SwapBooking(booking_id, uuid4(), festival.screening_id(screening))
    return lambda session, desk: swap(session, command, desk, clock=festival.clock)


def test_the_last_seat_is_booked_on_one_of_two_passes(festival: Festival) -> None:
    passes = [festival.sell_pass(code="PASS6") for _pass in range(2)]
    screenings = ["KNEECAP", "ETERNAL", "KNEECAP2", "RENCONTRE"]
    for screening in screenings:
        leave_seats(festival, screening, 1)
    told = at_once(
        festival,
        *([booking_of(festival, pass_id, screening) for screening in screenings] for pass_id in passes),
    )
    assert all("est complet." in words for words in one_of_two(told))
    assert festival.count(Booking) == len(screenings)
    festival.read(check_the_house)


def test_the_last_place_of_a_pass_is_used_by_one_of_two_counters(festival: Festival) -> None:
    pass_id = festival.sell_pass(code="PASS6")
    pass_life.book(festival, pass_id, "KNEECAP", seats=5)
    told = at_once(
        festival, [booking_of(festival, pass_id, "ETERNAL")], [booking_of(festival, pass_id, "KNEECAP2")]
    )
    (words,) = one_of_two(told)
    assert "n'a plus de place. Annulez une réservation" in words
    assert festival.rows(Pass)[0].used == 6
    festival.read(check_the_house)


def test_the_one_seat_of_an_individual_pass_is_booked_by_one_of_two_counters(festival: Festival) -> None:
    passes = [festival.sell_pass() for _round in range(5)]
    told = at_once(
        festival, *([booking_of(festival, pass_id) for pass_id in passes] for _counter in range(2))
    )
    assert all("1 place par séance" in words for words in one_of_two(told))
    assert festival.allocated("KNEECAP2") == len(passes)
    festival.read(check_the_house)


def test_two_swaps_the_other_way_round_do_not_wait_for_each_other_for_ever(festival: Festival) -> None:
    """Each takes what the other gives back, again and again: rows go in one order, whoever comes first."""
    one, two = (festival.sell_pass() for _pass in range(2))
    leave_seats(festival, "KNEECAP", 3)
    leave_seats(festival, "KNEECAP2", 3)
    there = pass_life.book(festival, one, "KNEECAP").booking_ids[0]
    back = pass_life.book(festival, two, "KNEECAP2").booking_ids[0]
    told = at_once(
        festival,
        to_and_fro(festival, there, "KNEECAP2", "KNEECAP"),
        to_and_fro(festival, back, "KNEECAP", "KNEECAP2"),
    )
    assert told == [[""] * ROUNDS, [""] * ROUNDS]
    assert festival.count(BookingEnd) == 2 * ROUNDS
    festival.read(check_the_house)


def to_and_fro(festival: Festival, booking_id: UUID, *screenings: str) -> list[Act]:
    acts = []
    for turn in range(ROUNDS):
        command = SwapBooking(booking_id, uuid4(), festival.screening_id(screenings[turn % 2]))
        booking_id = command.new_booking_id
        acts.append(partial(_swap, festival, command))
    return acts


def _swap(festival: Festival, command: SwapBooking, session: Session, desk: Desk) -> object:
    return swap(session, command, desk, clock=festival.clock)


def test_two_swaps_for_the_last_seat_leave_the_loser_what_they_had(festival: Festival) -> None:
    passes = [festival.sell_pass() for _pass in range(2)]
    booked = [pass_life.book(festival, pass_id).booking_ids[0] for pass_id in passes]
    leave_seats(festival, "KNEECAP", 1)
    leave_seats(festival, "KNEECAP2", 0)
    told = at_once(festival, *([swapping(festival, booking_id, "KNEECAP")] for booking_id in booked))
    (words,) = one_of_two(told)
    assert "Kneecap de 20 h 00 est complet." in words
    assert (festival.allocated("KNEECAP"), festival.allocated("KNEECAP2")) == (1, 1)
    festival.read(check_the_house)


@pytest.mark.parametrize(
    ("acts", "words"),
    [
        ((cancelling, cancelling), "a déjà été annulée"),
        ((partial(swapping, screening="KNEECAP"),) * 2, "a déjà été échangée"),
        ((cancelling, partial(swapping, screening="KNEECAP")), "a déjà été"),
    ],
    ids=["given back twice", "swapped twice", "given back and swapped"],
)
def test_a_booking_ends_once_and_the_other_counter_is_told(
    festival: Festival, acts: tuple[Callable[[Festival, UUID], Act], ...], words: str
) -> None:
    pass_id = festival.sell_pass(code="PASS6")
    booked = pass_life.book(festival, pass_id, seats=3).booking_ids
    told = at_once(festival, *([act(festival, booking_id) for booking_id in booked] for act in acts))
    for refusal in one_of_two(told):
        assert words in refusal
        assert refusal.endswith(("scannez-le.", "Scannez le pass de nouveau."))
    assert festival.count(BookingEnd) == 3
    festival.read(check_the_house)


def test_the_second_counter_is_told_when_and_where_a_booking_was_given_back(festival: Festival) -> None:
    (booking,) = pass_life.book(festival, festival.sell_pass()).booking_ids
    pass_life.cancel(festival, booking, desk=festival.desks[1])
    with pytest.raises(
        Refusal, match=r"a déjà été annulée le mer\. 21 janv\. à 12 h 00, caisse 2"
    ) as refused:
        pass_life.cancel(festival, booking)
    assert refused.value.remedy == "La place est de nouveau sur le pass : scannez-le."
    pass_life.cancel(festival, booking, desk=festival.desks[1])
    assert festival.count(BookingEnd) == 1


def test_a_pass_is_booked_on_or_taken_back_but_not_both(festival: Festival) -> None:
    lines = [festival.pass_line() for _round in range(4)]
    sales = [festival.sell(line) for line in lines]

    def taking_back(sale_id: UUID) -> Act:
        command = Reverse(uuid4(), sale_id, authorized_by=festival.manager.id)
        return lambda session, desk: reverse(session, command, desk, clock=festival.clock)

    told = at_once(
        festival,
        [taking_back(sale.sale_id) for sale in sales],
        [booking_of(festival, line.pass_id) for line in lines],
    )
    for words in one_of_two(told):
        assert "Annulez d'abord ses réservations" in words or "a été annulé" in words
    festival.read(check_the_house)


def test_the_last_extra_ticket_of_a_pass_is_sold_by_one_of_two_counters(festival: Festival) -> None:
    passes = [festival.sell_pass() for _round in range(3)]
    for pass_id in passes:
        pass_life.book(festival, pass_id)
    extra = festival.seat_line("KNEECAP2", "SUPPL")

    def selling(pass_id: UUID) -> Act:
        order = festival.order(replace(extra, pass_id=pass_id))
        return lambda session, desk: checkout(session, order, desk, clock=festival.clock)

    told = at_once(festival, *([selling(pass_id) for pass_id in passes[:1]] for _counter in range(2)))
    assert all("1 supplément par séance" in words for words in one_of_two(told))
    assert festival.allocated("KNEECAP2") == len(passes) + 1
    festival.read(check_the_house)


@pytest.mark.parametrize("screening", ["KNEECAP", "ETERNAL"], ids=["any seat", "seat of a quota"])
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_screening_is_not_cancelled_while_a_seat_of_it_is_being_booked(
    festival: Festival, screening: str
) -> None:
    """Whoever comes second waits, then finds what the first did: no seat stays booked where none is shown."""
    add_quota(festival, "ETERNAL", 2)
    one, two = (festival.sell_pass() for _pass in range(2))
    wish = CancelScreening(uuid4(), festival.screening_id(screening), "Panne")

    def call_off(session: Session) -> ChangedScreening:
        return cancel_screening(session, wish, festival.managers_desk, clock=festival.clock)

    with festival.database.write() as session:
        booking_of(festival, one, screening)(session, festival.desks[1])
        assert has_to_wait(festival, call_off)
    with festival.database.write() as session:
        assert call_off(session).bookings == 1
        assert has_to_wait(
            festival, lambda session: booking_of(festival, two, screening)(session, festival.desks[1])
        )
    with pytest.raises(Refusal, match="est annulée"):
        pass_life.book(festival, two, screening)
    assert festival.count(BookingEnd) == festival.count(Booking) == 1
    festival.read(check_the_house)


def has_to_wait(festival: Festival, act: Callable[[Session], object]) -> bool:
    """Whether somebody else holds what this act needs."""

    def impatient(session: Session) -> None:
        session.execute(text("SET LOCAL lock_timeout = '200ms'"))
        act(session)

    with pytest.raises(OperationalError, match="lock timeout"):
        festival.write(impatient)
    return True
