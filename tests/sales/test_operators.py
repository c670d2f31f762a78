"""Who may log in, how wrong PINs slow down, and what the journal hears of it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from boxoffice.clock import SettableClock
from boxoffice.errors import Refusal
from boxoffice.models import JournalEntry, Operator, Role
from boxoffice.sales.staff.operators import (
    StaffMember,
    WrongPin,
    authorize,
    check_pin,
    hash_pin,
    lock,
    log_in,
    log_out,
    staff,
)
from boxoffice.sales.staff.patience import Patience
from boxoffice.sales.staff.rules import Rules
from boxoffice.sales.staff.staff_changes import change_pin
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house


@pytest.fixture(autouse=True)
def _the_house_stands(festival: Festival) -> object:
    yield
    festival.read(check_the_house)


def try_pin(festival: Festival, pin: str) -> StaffMember | WrongPin:
    """Who got in, or why nobody did."""
    post, who = festival.posts[0], festival.cashier.id
    try:
        return festival.write(lambda session: check_pin(session, post, who, pin, clock=festival.clock))
    except WrongPin as refusal:
        return refusal


def told(festival: Festival, kind: str) -> list[dict]:
    return [json.loads(row.content) for row in festival.rows(JournalEntry) if row.kind == kind]


def kept(festival: Festival) -> Operator:
    return festival.read(
        lambda session: session.exec(select(Operator).where(Operator.id == festival.cashier.id)).one()
    )


def test_the_right_pin_lets_its_operator_in_and_the_journal_knows(festival: Festival) -> None:
    post = replace(festival.posts[0], rules=Rules())
    found = festival.write(
        lambda session: log_in(session, post, festival.cashier.id, "2345", clock=festival.clock)
    )
    assert found == festival.cashier
    (entry,) = told(festival, "operator.logged_in")
    assert (entry["operator"], entry["name"]) == (2, "Karim D.")


def test_the_count_of_a_wrong_pin_is_kept_although_it_is_refused(festival: Festival) -> None:
    refusal = try_pin(festival, "0000")
    assert isinstance(refusal, WrongPin)
    assert refusal.message == "Ce n'est pas le code de Karim D."
    assert refusal.remedy == "Tapez-le de nouveau."
    assert kept(festival).wrong_pins == 1
    assert told(festival, "operator.refused")[0]["tries"] == 1
    assert told(festival, "operator.logged_in") == []


def test_each_wrong_pin_after_the_second_doubles_the_wait_up_to_a_quarter_of_an_hour(
    festival: Festival,
) -> None:
    waits = []
    for _try in range(14):
        assert isinstance(try_pin(festival, "0000"), WrongPin)
        until = kept(festival).locked_until
        waits.append(0 if until is None else int((until - festival.clock.now()).total_seconds()))
        festival.clock.advance(timedelta(seconds=waits[-1]))
    assert waits == [0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900, 900]
    assert [entry["tries"] for entry in told(festival, "operator.refused")] == list(range(1, 15))


def test_the_right_pin_is_refused_during_the_wait_and_right_again_after_it(festival: Festival) -> None:
    for _try in range(3):
        refusal = try_pin(festival, "0000")
    assert refusal.remedy == "Attendez 5 s avant de le taper de nouveau."
    refusal = try_pin(festival, "2345")
    assert isinstance(refusal, WrongPin)
    assert refusal.message == "Trop de codes erronés : Karim D. doit attendre jusqu'à 12:00:05."
    festival.clock.advance(timedelta(seconds=5))
    assert try_pin(festival, "2345") == festival.cashier
    assert (kept(festival).wrong_pins, kept(festival).locked_until) == (0, None)


def test_a_clock_set_forward_ends_no_wait_of_a_program_that_runs(festival: Festival) -> None:
    for _try in range(3):
        try_pin(festival, "0000")
    festival.clock.at += timedelta(hours=1)
    refusal = try_pin(festival, "2345")
    assert isinstance(refusal, WrongPin)
    assert refusal.message == "Trop de codes erronés : Karim D. doit attendre jusqu'à 13:00:05."
    festival.clock.advance(timedelta(seconds=5))
    assert try_pin(festival, "2345") == festival.cashier
    assert isinstance(try_pin(festival, "0000"), WrongPin)
    assert try_pin(festival, "2345") == festival.cashier


def test_a_counter_started_again_waits_from_its_own_start(festival: Festival) -> None:
    for _try in range(5):
        assert isinstance(try_pin(festival, "0000"), WrongPin)
        festival.clock.advance(timedelta(seconds=10))
    clock, cashier = SettableClock(festival.clock.at + timedelta(days=1)), festival.cashier
    post = replace(festival.posts[0], patience=Patience())
    post.patience.stand()

    def try_again() -> object:
        with festival.database.write() as session:
            return check_pin(session, post, cashier.id, "2345", clock=clock)

    clock.advance(timedelta(seconds=19))
    with pytest.raises(WrongPin, match="Trop de codes"):
        try_again()
    clock.advance(timedelta(seconds=1))
    assert try_again() == cashier


def test_a_counter_started_again_keeps_nobody_waiting_who_typed_no_wrong_pin(festival: Festival) -> None:
    post = replace(festival.posts[0], patience=Patience())
    post.patience.stand()
    with festival.database.write() as session:
        found = check_pin(session, post, festival.cashier.id, "2345", clock=festival.clock)
    assert found == festival.cashier


def test_a_pin_given_anew_ends_the_wait_of_a_program_that_runs(festival: Festival) -> None:
    for _try in range(4):
        try_pin(festival, "0000")
        festival.clock.advance(timedelta(seconds=5))
    assert isinstance(try_pin(festival, "2345"), WrongPin)
    festival.write(
        lambda session: change_pin(
            session, festival.posts[1], 2, "9876", clock=festival.clock, manager=festival.manager
        )
    )
    assert try_pin(festival, "9876") == festival.cashier


def test_a_clock_that_was_far_ahead_leaves_nobody_waiting_for_days(festival: Festival) -> None:
    festival.clock.at += timedelta(days=9)
    for _try in range(3):
        try_pin(festival, "0000")
    festival.clock.at -= timedelta(days=9)
    assert isinstance(try_pin(festival, "2345"), WrongPin)
    festival.clock.advance(timedelta(seconds=5))
    assert try_pin(festival, "2345") == festival.cashier


def test_every_try_during_the_wait_is_told_without_flooding_the_journal(festival: Festival) -> None:
    for _try in range(3):
        try_pin(festival, "0000")
    until = kept(festival).locked_until
    for _try in range(100):
        assert isinstance(try_pin(festival, "1111"), WrongPin)
    assert kept(festival).locked_until == until, "what is not looked at makes nobody wait longer"
    during = told(festival, "operator.refused")[3:]
    assert [entry["early"] for entry in during] == [1, 2, 4, 8, 16, 32, 64]
    assert [entry["refused"] for entry in during] == [1, 1, 2, 4, 8, 16, 32]
    festival.clock.advance(timedelta(seconds=5))
    assert try_pin(festival, "2345") == festival.cashier
    assert sum(entry["refused"] for entry in told(festival, "operator.refused")) == 103
    assert try_pin(festival, "2345") == festival.cashier
    assert sum(entry["refused"] for entry in told(festival, "operator.refused")) == 103


def test_what_no_till_could_sign_is_told_by_the_next_that_can(festival: Festival) -> None:
    for _try in range(2):
        with pytest.raises(WrongPin):
            festival.write(
                lambda session: check_pin(session, None, festival.cashier.id, "0000", clock=festival.clock)
            )
    assert told(festival, "operator.refused") == []
    assert try_pin(festival, "2345") == festival.cashier
    (entry,) = told(festival, "operator.refused")
    assert (entry["operator"], entry["refused"], entry["tries"]) == (2, 2, 0)


def test_the_right_pin_forgives_the_wrong_ones_before_it(festival: Festival) -> None:
    for _turn in range(3):
        assert isinstance(try_pin(festival, "0000"), WrongPin)
        assert isinstance(try_pin(festival, "1111"), WrongPin)
        assert try_pin(festival, "2345") == festival.cashier


def test_one_operators_wait_stops_no_other(festival: Festival) -> None:
    for _try in range(3):
        try_pin(festival, "0000")
    post, manager = festival.posts[0], festival.manager
    assert festival.write(
        lambda session: check_pin(session, post, manager.id, "1234", clock=festival.clock)
    ) == (manager)


def test_an_operator_who_has_left_is_let_in_by_no_pin(festival: Festival) -> None:
    festival.send_away(festival.cashier)
    with pytest.raises(Refusal, match=r"Ce compte n'est plus actif."):
        try_pin(festival, "2345")
    assert festival.cashier not in festival.read(staff)


def test_an_unknown_operator_is_refused(festival: Festival) -> None:
    post = festival.posts[0]
    with pytest.raises(Refusal, match=r"Ce compte n'est plus actif."):
        festival.write(lambda session: check_pin(session, post, 999, "2345", clock=festival.clock))


def test_a_manager_authorizes_one_act_that_the_journal_names(festival: Festival) -> None:
    post, manager = festival.posts[0], festival.manager
    found = festival.write(
        lambda session: authorize(
            session, post, manager.id, "1234", "Annuler la vente 1-000001", clock=festival.clock
        )
    )
    assert found == manager
    (entry,) = told(festival, "manager.authorized")
    assert (entry["operator"], entry["act"]) == (1, "Annuler la vente 1-000001")


def test_nobody_but_a_manager_authorizes(festival: Festival) -> None:
    post = festival.posts[0]
    with pytest.raises(Refusal, match=r"Karim D. n'est pas responsable."):
        festival.write(
            lambda session: authorize(
                session, post, festival.cashier.id, "2345", "Annuler", clock=festival.clock
            )
        )
    assert told(festival, "manager.authorized") == []


def test_a_managers_wrong_pin_counts_as_at_log_in(festival: Festival) -> None:
    post, manager = festival.posts[0], festival.manager
    with pytest.raises(WrongPin):
        festival.write(
            lambda session: authorize(session, post, manager.id, "0000", "Annuler", clock=festival.clock)
        )
    assert told(festival, "operator.refused")[0]["operator"] == 1
    assert told(festival, "manager.authorized") == []


def test_leaving_and_locking_are_told(festival: Festival) -> None:
    post = festival.posts[0]
    festival.write(lambda session: lock(session, post, festival.cashier, clock=festival.clock))
    festival.write(lambda session: log_out(session, post, festival.cashier, clock=festival.clock))
    assert told(festival, "till.locked")[0]["operator"] == 2
    assert told(festival, "operator.logged_out")[0]["name"] == "Karim D."


def test_pins_are_kept_as_hashes_that_differ(festival: Festival) -> None:
    hashes = [row.pin_hash for row in festival.rows(Operator)]
    assert len(set(hashes)) == len(hashes)
    assert all(kept_hash.startswith("$argon2id$") for kept_hash in hashes)


@pytest.mark.parametrize("pin", ["", "123", "1234567890123", "12a4", "12 34", "١٢٣٤", "-123"])
def test_a_pin_has_four_to_twelve_digits(pin: str) -> None:
    with pytest.raises(Refusal, match=r"Un code PIN compte de 4 à 12 chiffres."):
        hash_pin(pin)


def test_a_damaged_hash_lets_nobody_in(festival: Festival) -> None:
    def put(session, pin_hash: str) -> None:
        operator = session.exec(select(Operator).where(Operator.id == festival.cashier.id)).one()
        operator.pin_hash = pin_hash
        session.add(operator)

    whole = kept(festival).pin_hash
    festival.write(lambda session: put(session, "2345"))
    assert isinstance(try_pin(festival, "2345"), WrongPin)
    festival.write(lambda session: put(session, whole))
    assert try_pin(festival, "2345") == festival.cashier


def test_staff_are_listed_by_number(festival: Festival) -> None:
    assert [(member.number, member.role) for member in festival.read(staff)] == [
        (1, Role.MANAGER),
        (2, Role.CASHIER),
        (3, Role.CASHIER),
        (4, Role.BADGES),
    ]
    assert replace(festival.manager, role=Role.CASHIER).is_manager is False


def test_a_journal_that_takes_no_entry_does_not_let_every_pin_be_tried(festival: Festival) -> None:
    kept_there = festival.posts[0].signer.anchor_path
    festival.sell()
    anchor = kept_there.read_text()
    kept_there.write_text("n'importe quoi")
    for _try in range(4):
        assert isinstance(try_pin(festival, "0000"), WrongPin)
    assert (kept(festival).wrong_pins, kept(festival).untold_pins) == (3, 4)
    assert isinstance(try_pin(festival, "2345"), WrongPin)
    assert told(festival, "operator.refused") == []
    kept_there.write_text(anchor)
    festival.clock.advance(timedelta(hours=1))
    assert try_pin(festival, "2345") == festival.cashier
    assert [entry["refused"] for entry in told(festival, "operator.refused")] == [5]
