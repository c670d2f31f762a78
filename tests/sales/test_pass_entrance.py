"""A pass opens a door for the seats booked on it: there, then, and once each."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from boxoffice.errors import Refusal
from boxoffice.kinds import PassKind, PassTrouble
from boxoffice.models import BookingEnd, BookingScan, JournalEntry, Pass, PassState, Screening, ScreeningState
from boxoffice.models import table as table_of
from boxoffice.sales.holders import pass_care
from boxoffice.sales.holders.bookings import Book, CancelBookings, book, cancel
from boxoffice.sales.holders.pass_care import BlockPass, ReplacePass
from boxoffice.sales.importing import ImportPasses, Source, import_passes
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.screenings.doors import Admission
from boxoffice.sales.screenings.entrance import admit
from boxoffice.sales.staff.rules import Rules
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house
from tests.sales.meanwhile import meanwhile

AURORE = "numéro;catégorie;nom;prénom;organisation\nA-1;ACCRED;Chantebise;Aurore;Les Films du Tilleul\n"


@pytest.fixture(autouse=True)
def _the_house_stands(festival: Festival) -> Iterator[None]:
    yield
    festival.read(check_the_house)


def booked(festival: Festival, pass_id: UUID, screening: str = "KNEECAP", seats: int = 1) -> tuple[UUID, ...]:
    command = Book(tuple(uuid4() for _ in range(seats)), pass_id, festival.screening_id(screening))
    return festival.write(
        lambda session: book(session, command, festival.desk, clock=festival.clock)
    ).booking_ids


def screening(festival: Festival, code: str = "KNEECAP") -> Screening:
    return festival.read(lambda session: session.exec(select(Screening).where(Screening.code == code)).one())


def code_of(festival: Festival, pass_id: UUID) -> str:
    return festival.read(lambda session: session.exec(select(Pass.code).where(Pass.id == pass_id)).one())


def scan(festival: Festival, pass_id: UUID, door: str = "Porte A", hall: str | None = None) -> Admission:
    post = replace(festival.posts[0], rules=Rules())
    hall_id = None if hall is None else screening(festival, hall).hall_id
    code = code_of(festival, pass_id)
    return festival.write(
        lambda session: admit(session, post, code, door, clock=festival.clock, hall_id=hall_id)
    )


def refused(festival: Festival, pass_id: UUID, hall: str | None = None) -> str:
    before = festival.everything()
    with pytest.raises(Refusal) as refusal:
        scan(festival, pass_id, "Porte B", hall)
    assert festival.everything() == before
    return str(refusal.value)


def doors_are_open(festival: Festival, code: str = "KNEECAP") -> None:
    festival.clock.at = screening(festival, code).starts_at - timedelta(minutes=10)


def test_a_booked_seat_lets_its_holder_in_and_the_journal_tells_it(festival: Festival) -> None:
    pass_id = festival.sell_pass(CustomerDetails("Dûpont", "Zoé"))
    (booking,) = booked(festival, pass_id)
    doors_are_open(festival)
    admission = scan(festival, pass_id)
    (held,) = festival.rows(Pass)
    assert admission.number == held.number
    assert (admission.event_title, admission.holder, admission.seats_left) == ("Kneecap", "Zoé Dûpont", 0)
    (told,) = (
        json.loads(row.content) for row in festival.rows(JournalEntry) if row.kind == "booking.admitted"
    )
    assert (told["booking"], told["door"], told["pass"]) == (str(booking), "Porte A", held.number)
    assert not [row for row in festival.rows(JournalEntry) if "Zoé" in row.content]


def test_the_second_scan_is_told_of_the_first(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    booked(festival, pass_id)
    doors_are_open(festival)
    scan(festival, pass_id)
    festival.clock.advance(timedelta(minutes=5))
    assert refused(festival, pass_id).startswith(
        "Kneecap : la place a déjà servi le mer. 21 janv. à 19 h 50, Porte A."
    )


def test_a_shareable_pass_lets_in_as_many_as_are_booked(festival: Festival) -> None:
    pass_id = festival.sell_pass(code="PASS6")
    booked(festival, pass_id, seats=3)
    doors_are_open(festival)
    assert [scan(festival, pass_id).seats_left for _seat in range(3)] == [2, 1, 0]
    assert "les 3 places ont déjà servi" in refused(festival, pass_id)


def test_an_accreditation_opens_doors_like_a_pass(festival: Festival) -> None:
    accredited = ImportPasses(PassKind.ACCREDITATION, (Source("accreditations.csv", AURORE.encode()),))
    festival.write(
        lambda session: import_passes(
            session, accredited, festival.posts[0], clock=festival.clock, manager=festival.manager
        )
    )
    (held,) = festival.rows(Pass)
    booked(festival, held.id)
    doors_are_open(festival)
    assert scan(festival, held.id).holder == "Aurore Chantebise"
    assert "la place a déjà servi" in refused(festival, held.id)


def test_a_pass_alone_opens_no_door(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    doors_are_open(festival)
    assert refused(festival, pass_id).startswith("Rien n'est réservé sur ce pass")


def test_a_pass_comes_neither_too_early_nor_too_late(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    booked(festival, pass_id)
    row = screening(festival)
    festival.clock.at = row.starts_at - timedelta(minutes=90, seconds=1)
    assert refused(festival, pass_id).startswith("Il est trop tôt pour Kneecap : les portes ouvrent")
    festival.clock.at = row.ends_at + timedelta(minutes=60, seconds=1)
    assert refused(festival, pass_id).startswith("Kneecap est terminé depuis")
    festival.clock.at = row.ends_at + timedelta(minutes=60)
    assert scan(festival, pass_id).at == festival.clock.at


def test_the_door_of_another_hall_says_where_to_go(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    booked(festival, pass_id)
    doors_are_open(festival)
    assert refused(festival, pass_id, hall="ETERNAL").startswith(
        "Kneecap est dans une autre salle : Auditorium."
    )
    assert scan(festival, pass_id, hall="KNEECAP").place == "Centre de Congrès, Auditorium"


def test_of_two_screenings_the_nearest_opens(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    kneecap = screening(festival)
    first_ends = kneecap.starts_at - timedelta(minutes=15)
    moved = table_of(Screening).update().where(table_of(Screening).c.code == "ETERNAL")
    festival.write(
        lambda session: session.execute(
            moved.values(starts_at=first_ends - timedelta(minutes=96), ends_at=first_ends)
        )
    )
    booked(festival, pass_id, "ETERNAL")
    booked(festival, pass_id, "KNEECAP")
    festival.clock.at = first_ends - timedelta(minutes=100)
    assert scan(festival, pass_id).event_title == "The Eternal Daughter"
    festival.clock.at = first_ends - timedelta(minutes=60)
    assert "la place a déjà servi" in refused(festival, pass_id)
    festival.clock.at = first_ends + timedelta(minutes=5)
    assert scan(festival, pass_id).event_title == "Kneecap"


def test_a_booking_given_back_opens_nothing(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    command = CancelBookings(booked(festival, pass_id), festival.manager.id, "Malade")
    festival.write(lambda session: cancel(session, command, festival.desk, clock=festival.clock))
    doors_are_open(festival)
    assert refused(festival, pass_id).startswith("Rien n'est réservé")


def test_a_used_seat_is_not_given_back(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    seats = booked(festival, pass_id)
    doors_are_open(festival)
    scan(festival, pass_id)
    with pytest.raises(Refusal, match="la place a servi"):
        festival.write(
            lambda session: cancel(
                session,
                CancelBookings(seats, festival.manager.id, "Malade"),
                festival.desk,
                clock=festival.clock,
            )
        )
    assert festival.count(BookingEnd) == 0


def test_a_blocked_pass_lets_nobody_in(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    booked(festival, pass_id)
    command = BlockPass(pass_id, PassTrouble.STOLEN)
    festival.write(lambda session: pass_care.block(session, command, festival.desk, clock=festival.clock))
    doors_are_open(festival)
    assert "est bloqué : volé." in refused(festival, pass_id)


def test_the_former_code_of_a_replaced_pass_opens_nothing_and_the_new_one_does(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    booked(festival, pass_id)
    former = code_of(festival, pass_id)
    command = ReplacePass(pass_id, former, PassTrouble.LOST, festival.manager.id)
    festival.write(lambda session: pass_care.replace(session, command, festival.desk, clock=festival.clock))
    doors_are_open(festival)
    with pytest.raises(Refusal, match="Ce pass a été remplacé"):
        festival.write(
            lambda session: admit(session, festival.posts[0], former, "Porte A", clock=festival.clock)
        )
    assert scan(festival, pass_id).event_title == "Kneecap"


def test_a_pass_of_another_festival_is_unknown(festival: Festival) -> None:
    with pytest.raises(Refusal, match="Ce pass est inconnu"):
        festival.write(
            lambda session: admit(session, festival.posts[0], "P" + "B" * 30, "Porte A", clock=festival.clock)
        )


def test_a_cancelled_screening_lets_nobody_in(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    booked(festival, pass_id)
    cancelled = table_of(Screening).update().values(state=ScreeningState.CANCELLED)
    festival.write(lambda session: session.execute(cancelled))
    doors_are_open(festival)
    assert refused(festival, pass_id).startswith("Rien n'est réservé")


def test_of_many_doors_at_once_each_seat_lets_one_in(festival: Festival) -> None:
    pass_id = festival.sell_pass(code="PASS6")
    booked(festival, pass_id, seats=2)
    doors_are_open(festival)
    code = code_of(festival, pass_id)

    def attempt(door: int) -> bool:
        post = festival.posts[door % 2]
        try:
            festival.write(lambda session: admit(session, post, code, f"Porte {door}", clock=festival.clock))
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(attempt, range(4))) == 2
    assert festival.count(BookingScan) == 2
    assert [held.state for held in festival.rows(Pass)] == [PassState.ACTIVE]


def test_a_code_that_is_being_replaced_opens_no_door(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    booked(festival, pass_id)
    former = code_of(festival, pass_id)
    command = ReplacePass(pass_id, former, PassTrouble.STOLEN, festival.manager.id)
    refused = meanwhile(
        festival,
        lambda session: pass_care.replace(session, command, festival.desks[1], clock=festival.clock),
        lambda: festival.write(
            lambda session: admit(session, festival.posts[0], former, "Porte A", clock=festival.clock)
        ),
    )
    assert isinstance(refused, Refusal)
    assert "a été remplacé" in refused.message
    assert festival.count(BookingScan) == 0
