"""A till is open for one shift at a time, from its float to the count of its drawer."""

import json
from dataclasses import replace

import pytest

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.models import JournalEntry, TillSession
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.operators import StaffMember, staff
from boxoffice.sales.staff.shift_closing import close_shift
from boxoffice.sales.staff.shifts import (
    OpenShift,
    current_shift,
    last_operator,
    open_shift,
    resume_shift,
)
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house


@pytest.fixture(autouse=True)
def _the_house_stands(festival: Festival) -> object:
    yield
    festival.read(check_the_house)


def open_first(festival: Festival, command: OpenShift, who: StaffMember | None = None) -> Desk:
    member = who or festival.cashier
    opened = replace(command, authorized_by=festival.manager, reason="Fond refait")
    return festival.write(
        lambda session: open_shift(session, festival.posts[0], member, opened, clock=festival.clock)
    )


def close_first(festival: Festival, who: StaffMember, counted: int = 10_000, **changes: object) -> None:
    shift = festival.desk.till_session_id
    festival.write(
        lambda session: close_shift(
            session, festival.posts[0], who, shift, counted, clock=festival.clock, **changes
        )
    )


def last_content(festival: Festival) -> dict:
    rows = [row for row in festival.rows(JournalEntry) if row.till_id == 1]
    return json.loads(rows[-1].content)


def test_a_till_that_is_open_is_not_opened_again(festival: Festival) -> None:
    with pytest.raises(Refusal) as refused:
        open_first(festival, OpenShift(0), festival.manager)
    words = "Cette caisse est déjà ouverte par Karim D. depuis le mer. 21 janv. à 12 h 00."
    assert refused.value.message == words
    assert refused.value.remedy == "Karim D. peut se connecter, ou un responsable fermer la session."


def test_a_closed_till_is_opened_with_its_float_counted(festival: Festival) -> None:
    close_first(festival, festival.cashier)
    desk = open_first(festival, OpenShift(7_050, {2_000: 3, 1_000: 1, 50: 1, 10: 0}), festival.manager)
    assert desk.is_manager
    shift = festival.read(lambda session: current_shift(session, 1))
    assert shift is not None
    assert (shift.operator_name, shift.float_cents) == ("Lisa B.", 7_050)
    content = last_content(festival)
    assert content["entry"] == "till.opened"
    assert content["count"] == {"2000": 3, "1000": 1, "50": 1}
    assert festival.read(lambda session: last_operator(session, 1)) == festival.manager.id


WRONG_FLOATS = {
    "below zero": (OpenShift(-1), "Ce fond de caisse n'est pas possible."),
    "above ten thousand euros": (OpenShift(1_000_001), "Ce fond de caisse n'est pas possible."),
    "not as counted": (OpenShift(100, {50: 1}), "Le fond de caisse ne correspond pas au comptage."),
    "a coin of three cents": (OpenShift(3, {3: 1}), "Le comptage contient une coupure inconnue."),
    "fewer than no notes": (OpenShift(0, {50: -1, 10: 5}), "Le comptage contient une coupure inconnue."),
}


@pytest.mark.parametrize("case", WRONG_FLOATS)
def test_a_float_that_makes_no_sense_is_refused(festival: Festival, case: str) -> None:
    close_first(festival, festival.cashier)
    command, message = WRONG_FLOATS[case]
    with pytest.raises(Refusal) as refused:
        open_first(festival, command)
    assert refused.value.message == message
    assert festival.read(lambda session: current_shift(session, 1)) is None


@pytest.mark.parametrize("cents", [0, 1_000_000])
def test_a_float_may_be_anything_from_nothing_to_ten_thousand_euros(festival: Festival, cents: int) -> None:
    close_first(festival, festival.cashier)
    open_first(festival, OpenShift(cents))
    shift = festival.read(lambda session: current_shift(session, 1))
    assert shift is not None
    assert shift.float_cents == cents


def test_badge_staff_hold_no_till(festival: Festival) -> None:
    close_first(festival, festival.cashier)
    jules = festival.read(staff)[3]
    with pytest.raises(Refusal, match=r"Jules R. imprime les badges et ne tient pas de caisse."):
        open_first(festival, OpenShift(0), jules)


def test_an_operator_comes_back_to_the_shift_that_is_theirs(festival: Festival) -> None:
    desk = festival.read(lambda session: resume_shift(session, festival.posts[0], festival.cashier))
    assert desk == festival.desk


def test_another_operators_shift_is_not_taken_up(festival: Festival) -> None:
    with pytest.raises(ManagerNeeded) as refused:
        festival.read(lambda session: resume_shift(session, festival.posts[0], festival.manager))
    assert refused.value.message == "Cette caisse est ouverte par Karim D. depuis le mer. 21 janv. à 12 h 00."


def test_a_free_till_has_nothing_to_come_back_to(festival: Festival) -> None:
    close_first(festival, festival.cashier)
    assert festival.read(lambda session: resume_shift(session, festival.posts[0], festival.cashier)) is None


def test_closing_keeps_what_was_counted(festival: Festival) -> None:
    close_first(festival, festival.cashier, 10_345)
    shift = festival.rows(TillSession)[0]
    assert (shift.counted_cents, shift.closed_at) == (10_345, festival.clock.now())
    content = last_content(festival)
    assert (content["entry"], content["counted"], content["operator"]) == ("till.closed", 10_345, 2)


def test_a_shift_is_closed_once(festival: Festival) -> None:
    close_first(festival, festival.cashier)
    with pytest.raises(Refusal, match=r"Cette session de caisse est déjà fermée."):
        close_first(festival, festival.cashier)


def test_another_operators_shift_is_closed_by_a_manager_only(festival: Festival) -> None:
    chloe = festival.read(staff)[2]
    with pytest.raises(ManagerNeeded, match=r"Un responsable doit fermer la session d'un autre."):
        close_first(festival, chloe)
    close_first(festival, chloe, authorized_by=festival.manager)
    assert last_content(festival)["authorized_by"] == 1


def test_only_a_manager_of_today_allows_a_shift_to_be_closed(festival: Festival) -> None:
    chloe = festival.read(staff)[2]
    with pytest.raises(ManagerNeeded, match=r"n'est pas celle d'un responsable"):
        close_first(festival, chloe, authorized_by=chloe)
    with pytest.raises(ManagerNeeded):
        close_first(festival, festival.cashier, authorized_by=chloe)
    festival.send_away(festival.manager)
    with pytest.raises(ManagerNeeded):
        close_first(festival, chloe, authorized_by=festival.manager)
    assert festival.read(lambda session: current_shift(session, 1)) is not None


def test_a_manager_closes_any_shift_alone(festival: Festival) -> None:
    close_first(festival, festival.manager)
    assert festival.read(lambda session: current_shift(session, 1)) is None


def test_a_manager_who_has_left_closes_no_shift_of_others(festival: Festival) -> None:
    festival.send_away(festival.manager)
    with pytest.raises(ManagerNeeded):
        close_first(festival, festival.manager)
