"""Who works here: what a manager answers for, and what the journal tells of it."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import Session

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.models import JournalEntry, PrinterKind, Role
from boxoffice.sales.staff.equipment import AddPrinter, add_printer, assign_printer
from boxoffice.sales.staff.operators import StaffMember, staff
from boxoffice.sales.staff.rule_changes import change_rule
from boxoffice.sales.staff.setup import AddTill, add_till
from boxoffice.sales.staff.staff_changes import (
    AddOperator,
    add_operator,
    change_pin,
    deactivate,
    list_operators,
    reactivate,
)

from .conftest import Festival

ZOE = AddOperator("Zoé L.", Role.MANAGER, "456789")


def told(festival: Festival, kind: str) -> dict[str, Any]:
    (content,) = (row.content for row in festival.rows(JournalEntry) if row.kind == kind)
    return dict(json.loads(content))


def test_an_operator_who_leaves_and_comes_back_is_told_with_who_answered_for_it(festival: Festival) -> None:
    post, lisa, clock = festival.posts[0], festival.manager, festival.clock
    name = festival.write(lambda session: deactivate(session, post, 2, clock=clock, manager=lisa))
    assert name == "Karim D."
    assert festival.cashier not in festival.read(staff)
    entry = told(festival, "operator.deactivated")
    assert (entry["operator"], entry["deactivated"], entry["name"]) == (1, 2, "Karim D.")
    with pytest.raises(Refusal, match=r"Karim D. n'est déjà plus en service."):
        festival.write(lambda session: deactivate(session, post, 2, clock=clock, manager=lisa))
    assert festival.write(lambda session: reactivate(session, post, 2, clock=clock, manager=lisa)) == name
    assert festival.cashier in festival.read(staff)
    assert told(festival, "operator.reactivated")["operator"] == 1
    with pytest.raises(Refusal, match=r"Karim D. est déjà en service."):
        festival.write(lambda session: reactivate(session, post, 2, clock=clock, manager=lisa))


def test_two_people_on_duty_cannot_have_one_name(festival: Festival) -> None:
    post, lisa, clock = festival.posts[0], festival.manager, festival.clock

    def add(name: str) -> int:
        again = AddOperator(name, Role.CASHIER, "9876")
        return festival.write(lambda session: add_operator(session, post, again, clock=clock, manager=lisa))

    with pytest.raises(Refusal, match=r"Karim D. est déjà le nom de l'opérateur n° 2."):
        add(" karim  d.")
    festival.write(lambda session: deactivate(session, post, 2, clock=clock, manager=lisa))
    number = add("Karim D.")
    with pytest.raises(Refusal, match=f"Karim D. est déjà le nom de l'opérateur n° {number}."):
        festival.write(lambda session: reactivate(session, post, 2, clock=clock, manager=lisa))


def test_whoever_has_left_sells_nothing_more(festival: Festival) -> None:
    festival.write(
        lambda session: deactivate(
            session, festival.posts[0], 2, clock=festival.clock, manager=festival.manager
        )
    )
    assert "ne tient plus de caisse" in festival.refused(festival.order(festival.seat_line())).message


def test_the_last_manager_stays(festival: Festival) -> None:
    post, lisa, clock = festival.posts[0], festival.manager, festival.clock
    with pytest.raises(Refusal, match=r"Lisa B. est le dernier responsable en service."):
        festival.write(lambda session: deactivate(session, post, 1, clock=clock, manager=lisa))
    zoe = festival.write(lambda session: add_operator(session, post, ZOE, clock=clock, manager=lisa))
    festival.write(lambda session: deactivate(session, post, 1, clock=clock, manager=lisa))
    assert [row.active for row in festival.read(list_operators) if row.role is Role.MANAGER] == [False, True]
    assert zoe == 5


def test_two_managers_who_deactivate_each_other_do_not_both_go(festival: Festival) -> None:
    post, lisa, clock = festival.posts[0], festival.manager, festival.clock
    festival.write(lambda session: add_operator(session, post, ZOE, clock=clock, manager=lisa))
    zoe = festival.read(staff)[-1]

    start = Barrier(2)

    def send_away(number: int, by: StaffMember, till: int) -> bool:
        start.wait(30)
        try:
            festival.write(
                lambda session: deactivate(session, festival.posts[till], number, clock=clock, manager=by)
            )
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor() as threads:
        gone = list(threads.map(send_away, (1, zoe.number), (zoe, lisa), (0, 1)))
    assert sorted(gone) == [False, True]
    assert [row.active for row in festival.read(list_operators)].count(False) == 1


def changes(festival: Festival, tmp_path: Any, manager: StaffMember | None) -> list[Callable[[Session], Any]]:
    """Everything that a manager answers for."""
    post, clock = festival.posts[0], festival.clock
    printer, till = AddPrinter("Rouleau", PrinterKind.FILE, "billets.bin"), AddTill(3)
    key = tmp_path / "till-3.pem"
    return [
        lambda session: add_operator(session, post, ZOE, clock=clock, manager=manager),
        lambda session: change_pin(session, post, 2, "9876", clock=clock, manager=manager),
        lambda session: add_printer(session, post, printer, clock=clock, manager=manager),
        lambda session: assign_printer(
            session, post, "Imprimante virtuelle", (), 1, clock=clock, manager=manager
        ),
        lambda session: add_till(session, till, key_path=key, clock=clock, manager=manager),
        lambda session: change_rule(session, post, "grace", "15", clock=clock, manager=manager),
    ]


def test_once_a_shift_was_opened_nobody_but_a_manager_answers_for_a_change(
    festival: Festival, tmp_path: Any
) -> None:
    before = festival.everything()
    for who in (None, festival.cashier):
        for change in changes(festival, tmp_path, who):
            with pytest.raises(ManagerNeeded):
                festival.write(change)
    assert festival.everything() == before
    for change in changes(festival, tmp_path, festival.manager):
        festival.write(change)


@pytest.mark.parametrize("number", [-1, 0, 10_000, 10**12])
def test_the_number_of_an_operator_is_in_its_range_on_both_engines(festival: Festival, number: int) -> None:
    command = AddOperator("Zoé L.", Role.CASHIER, "4567", number)
    with pytest.raises(Refusal, match=r"Le numéro d'un opérateur va de 1 à 9999."):
        festival.write(
            lambda session: add_operator(
                session, festival.posts[0], command, clock=festival.clock, manager=festival.manager
            )
        )


@pytest.mark.parametrize("number", [-1, 0, 1_000, 10**12])
def test_the_number_of_a_till_is_in_its_range_on_both_engines(
    festival: Festival, tmp_path: Any, number: int
) -> None:
    with pytest.raises(Refusal, match=r"Le numéro d'une caisse va de 1 à 999."):
        festival.write(
            lambda session: add_till(
                session,
                AddTill(number),
                key_path=tmp_path / "key.pem",
                clock=festival.clock,
                manager=festival.manager,
            )
        )


def test_a_code_has_as_many_digits_as_the_rule_of_its_role_asks_for(festival: Festival) -> None:
    post = festival.posts[0]
    by: dict[str, Any] = {"clock": festival.clock, "manager": festival.manager}

    def refused(work: Callable[[Session], Any], digits: int) -> None:
        before = festival.as_stored()
        with pytest.raises(Refusal, match=f"au moins {digits} chiffres"):
            festival.write(work)
        assert festival.as_stored() == before

    refused(lambda session: add_operator(session, post, replace(ZOE, pin="45678"), **by), 6)
    refused(lambda session: change_pin(session, post, 1, "12345", **by), 6)
    festival.write(lambda session: change_rule(session, post, "pin-digits", "5", **by))
    festival.write(lambda session: change_rule(session, post, "manager-pin-digits", "4", **by))
    refused(lambda session: change_pin(session, post, 2, "9876", **by), 5)
    festival.write(lambda session: change_pin(session, post, 2, "98765", **by))
    festival.write(lambda session: add_operator(session, post, replace(ZOE, pin="4567"), **by))
    festival.stands()
