"""In whose name seats are reserved: somebody known, somebody new, somebody merged or erased meanwhile."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.models import Customer, JournalEntry, Reservation, Screening
from boxoffice.sales.people.customer_changes import merge_customers
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.people.doubles import PossibleDoubles
from boxoffice.sales.people.personal_data import erase_customers
from boxoffice.sales.people.writing_down import write_down
from boxoffice.sales.reserving.reservation_listing import find_reservations
from boxoffice.sales.reserving.reservations import Reserve, Reserved, reserve
from boxoffice.sales.screenings.screening_changes import MoveScreening, move_screening
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house
from tests.sales.meanwhile import meanwhile
from tests.sales.test_reservations import LEA, take_seats, wanted


def test_who_may_be_somebody_known_is_asked_about_before_another_card_is_made(festival: Festival) -> None:
    take_seats(festival, ("KNEECAP", "PLEIN", 1))
    (lea,) = festival.rows(Customer)
    other = replace(LEA, phone="0612345679")
    before = festival.everything()
    with pytest.raises(PossibleDoubles) as asked:
        take_seats(festival, ("KNEECAP", "PLEIN", 1), customer=other, not_these=frozenset())
    assert festival.everything() == before
    assert [double.id for double in asked.value.doubles] == [lea.id]
    take_seats(festival, ("KNEECAP", "PLEIN", 1), customer=other, not_these=frozenset({lea.id}))
    take_seats(festival, ("KNEECAP", "PLEIN", 1), customer=other, customer_id=lea.id)
    assert festival.count(Customer) == 2
    assert sorted(Counter(row.customer_id for row in festival.rows(Reservation)).values()) == [1, 2]


def test_the_journal_tells_who_wrote_down_somebody_who_reserves(festival: Festival) -> None:
    take_seats(festival)
    take_seats(festival, ("KNEECAP", "PLEIN", 1))
    created = [row for row in festival.rows(JournalEntry) if row.kind == "customer.created"]
    (content,) = [json.loads(row.content) for row in created]
    assert content["customer"] == str(festival.rows(Customer)[0].id)
    assert content["operator"] == festival.desk.operator_number


def test_two_counters_that_write_the_same_person_down_make_one_card(festival: Festival) -> None:
    command = Reserve(uuid4(), wanted(festival, ("KNEECAP", "PLEIN", 1)), LEA)
    meanwhile(
        festival,
        lambda session: reserve(session, command, festival.desks[1], clock=festival.clock),
        lambda: take_seats(festival, ("KNEECAP", "PLEIN", 1)),
    )
    assert festival.count(Customer) == 1
    assert festival.count(Reservation) == 2


def merging(festival: Festival, gone: UUID, kept: UUID) -> Callable[[Session], object]:
    manager, desk, clock = festival.manager.id, festival.desks[1], festival.clock
    return lambda session: merge_customers(session, gone, kept, desk, manager_id=manager, clock=clock)


def erasing(festival: Festival, customer: UUID) -> Callable[[Session], object]:
    post, manager, clock = festival.posts[1], festival.manager, festival.clock
    return lambda session: erase_customers(session, [customer], post, manager=manager, clock=clock)


@pytest.mark.parametrize("together", [True, False])
def test_a_basket_of_a_card_merged_meanwhile_is_reserved_in_the_name_of_the_other(
    festival: Festival, together: bool
) -> None:
    gone, kept = two_cards(festival)
    merge = merging(festival, gone, kept)

    def take() -> Reserved:
        return take_seats(festival, ("KNEECAP", "PLEIN", 2), customer=CustomerDetails(), customer_id=gone)

    if together:
        meanwhile(festival, merge, take)
    else:
        festival.write(merge)
        take()
    (row,) = festival.rows(Reservation)
    assert row.customer_id == kept
    (listed,) = festival.read(lambda session: find_reservations(session, "martin"))
    assert listed.phone == "07 00 00 00 00"
    festival.read(check_the_house)


@pytest.mark.parametrize("together", [True, False])
def test_a_basket_of_a_card_erased_meanwhile_is_not_reserved(festival: Festival, together: bool) -> None:
    gone, _kept = two_cards(festival)
    erase = erasing(festival, gone)

    def take() -> object:
        return take_seats(festival, customer=CustomerDetails(), customer_id=gone)

    if together:
        refused = meanwhile(festival, erase, take)
    else:
        festival.write(erase)
        with pytest.raises(Refusal) as caught:
            take()
        refused = caught.value
    assert isinstance(refused, Refusal)
    assert "a été effacée" in refused.message
    assert festival.count(Reservation) == 0


def test_who_is_merged_while_they_reserve_again_is_not_found_by_the_card_that_went(
    festival: Festival,
) -> None:
    gone, kept = two_cards(festival)

    def take() -> Reserved:
        details = CustomerDetails("Dupont", "Léa", phone="06 12 34 56 78")
        return take_seats(festival, ("KNEECAP", "PLEIN", 1), customer=details, not_these=frozenset({kept}))

    meanwhile(festival, merging(festival, gone, kept), take)
    (row,) = festival.rows(Reservation)
    assert row.customer_id != gone
    assert festival.read(lambda session: find_reservations(session, "06 12 34 56 78"))


def two_cards(festival: Festival) -> tuple[UUID, UUID]:
    """Two customers of different names, the first of whom is not to stay."""
    gone, kept = uuid4(), uuid4()
    cards = {gone: LEA, kept: CustomerDetails("Martin", "Zoé", phone="07 00 00 00 00")}
    festival.write(lambda session: write_down(session, cards, festival.clock.now()))
    return gone, kept


def test_seats_reserved_while_their_screening_moves_are_not_held_until_an_hour_that_is_no_more(
    festival: Festival,
) -> None:
    shown = next(row for row in festival.rows(Screening) if row.code == "KNEECAP")
    later = shown.starts_at + timedelta(hours=1)
    command = MoveScreening(uuid4(), shown.id, later, shown.hall_id, "Retard")
    outcome = meanwhile(
        festival,
        lambda session: move_screening(session, command, festival.managers_desk, clock=festival.clock),
        lambda: take_seats(festival, till=1),
    )
    if isinstance(outcome, Refusal):
        assert "vient de changer d'heure" in outcome.message
    else:
        assert outcome.expires_at == later - timedelta(minutes=30)
    festival.read(check_the_house)
