"""A pass lost, found again, spoilt or sold in the wrong name: its places and bookings outlive it all."""

import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlmodel import select

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import PassTrouble
from boxoffice.models import Booking, Customer, FormerPassCode, JournalEntry, Pass, PassState, table
from boxoffice.sales.holders import pass_care
from boxoffice.sales.holders.bookings import Book, book
from boxoffice.sales.holders.pass_care import BlockPass, GivePass, ReplacePass, UnblockPass
from boxoffice.sales.holders.passes import find_pass
from boxoffice.sales.people.customer_changes import merge_customers
from boxoffice.sales.people.customer_details import CustomerDetails
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house


@pytest.fixture(autouse=True)
def _the_house_stands(festival: Festival) -> Iterator[None]:
    yield
    festival.read(check_the_house)


def held(festival: Festival, pass_id: UUID) -> Pass:
    return festival.read(lambda session: session.exec(select(Pass).where(Pass.id == pass_id)).one())


def do(festival: Festival, act: Callable[..., object], command: object, till: int = 0) -> object:
    return festival.write(lambda session: act(session, command, festival.desks[till], clock=festival.clock))


def booked(festival: Festival, pass_id: UUID, screening: str = "KNEECAP2") -> None:
    command = Book((uuid4(),), pass_id, festival.screening_id(screening))
    festival.write(lambda session: book(session, command, festival.desk, clock=festival.clock))


def told(festival: Festival, kind: str) -> list[dict[str, Any]]:
    return [json.loads(row.content) for row in festival.rows(JournalEntry) if row.kind == kind]


def test_a_cashier_blocks_a_lost_pass_at_once(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    booked(festival, pass_id)
    for _again in range(2):
        do(festival, pass_care.block, BlockPass(pass_id, PassTrouble.LOST))
    with pytest.raises(Refusal, match=r"est bloqué : perdu\."):
        booked(festival, pass_id, "KNEECAP")
    assert [(entry["trouble"], entry["operator"]) for entry in told(festival, "pass.blocked")] == [
        ("lost", 2)
    ]
    assert (held(festival, pass_id).used, festival.allocated("KNEECAP2")) == (1, 1)


def test_a_reason_in_words_is_kept_out_of_the_journal(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    with pytest.raises(Refusal, match="Dites pourquoi"):
        do(festival, pass_care.block, BlockPass(pass_id, PassTrouble.OTHER, "  "))
    do(festival, pass_care.block, BlockPass(pass_id, PassTrouble.OTHER, "Chèque de Léa impayé."))
    with pytest.raises(Refusal, match=r"est bloqué : Chèque de Léa impayé\. Demandez"):
        booked(festival, pass_id)
    assert not [row for row in festival.rows(JournalEntry) if "Léa" in row.content]


def test_a_manager_lets_a_blocked_pass_serve_again(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    do(festival, pass_care.block, BlockPass(pass_id, PassTrouble.LOST))
    with pytest.raises(ManagerNeeded, match="Un responsable débloque"):
        do(festival, pass_care.unblock, UnblockPass(pass_id))
    with pytest.raises(ManagerNeeded):
        do(festival, pass_care.unblock, UnblockPass(pass_id, festival.cashier.id))
    for _again in range(2):
        do(festival, pass_care.unblock, UnblockPass(pass_id, festival.manager.id))
    booked(festival, pass_id)
    assert [entry["authorized_by"] for entry in told(festival, "pass.unblocked")] == [festival.manager.number]
    assert held(festival, pass_id).state_reason == ""


def test_a_replaced_pass_keeps_all_but_its_code(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    booked(festival, pass_id)
    before = held(festival, pass_id)
    do(festival, pass_care.block, BlockPass(pass_id, PassTrouble.STOLEN))
    command = ReplacePass(pass_id, before.code, PassTrouble.STOLEN, festival.manager.id)
    codes = {do(festival, pass_care.replace, command, till) for till in (0, 1, 0)}
    after = held(festival, pass_id)
    assert codes == {after.code}
    assert (after.number, after.used, after.state) == (before.number, 1, PassState.ACTIVE)
    assert festival.count(Booking) == festival.count(FormerPassCode) == 1
    with pytest.raises(Refusal, match="Ce pass a été remplacé le mer"):
        festival.read(lambda session: find_pass(session, before.code))
    assert festival.read(lambda session: find_pass(session, after.code)) == pass_id
    (entry,) = told(festival, "pass.replaced")
    digests = [hashlib.sha256(code.encode()).hexdigest() for code in (before.code, after.code)]
    assert [entry["former_code"], entry["code"]] == digests
    assert (entry["trouble"], entry["authorized_by"]) == ("stolen", festival.manager.number)


def test_a_pass_replaced_twice_voids_both_codes(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    codes = [held(festival, pass_id).code]
    for _loss in range(2):
        command = ReplacePass(pass_id, codes[-1], PassTrouble.LOST, festival.manager.id)
        codes.append(str(do(festival, pass_care.replace, command)))
    for code in codes[:2]:
        with pytest.raises(Refusal, match="a été remplacé"):
            festival.read(lambda session, code=code: find_pass(session, code))
    assert (
        do(festival, pass_care.replace, ReplacePass(pass_id, codes[0], PassTrouble.LOST, festival.manager.id))
        == codes[2]
    )


def test_a_manager_at_the_desk_needs_no_other(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    command = ReplacePass(pass_id, held(festival, pass_id).code, PassTrouble.SPOILT)
    with pytest.raises(ManagerNeeded, match="Un responsable remplace"):
        do(festival, pass_care.replace, command)
    festival.write(
        lambda session: pass_care.replace(session, command, festival.managers_desk, clock=festival.clock)
    )
    assert festival.count(FormerPassCode) == 1


def test_the_code_of_another_pass_replaces_nothing(festival: Festival) -> None:
    first, second = festival.sell_pass(), festival.sell_pass()
    command = ReplacePass(first, held(festival, second).code, PassTrouble.LOST, festival.manager.id)
    with pytest.raises(Refusal, match="n'est pas celui de ce pass"):
        do(festival, pass_care.replace, command)
    assert festival.count(FormerPassCode) == 0


def test_two_tills_replace_a_pass_once(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    command = ReplacePass(pass_id, held(festival, pass_id).code, PassTrouble.LOST, festival.manager.id)
    with ThreadPoolExecutor(2) as threads:
        codes = set(threads.map(lambda till: do(festival, pass_care.replace, command, till), range(2)))
    assert codes == {held(festival, pass_id).code}
    assert len(told(festival, "pass.replaced")) == 1


@pytest.mark.parametrize("act", ["block", "unblock", "replace", "give"])
def test_a_pass_whose_sale_was_undone_is_left_alone(festival: Festival, act: str) -> None:
    sale = festival.sell(festival.pass_line())
    festival.reverse(sale)
    (gone,) = festival.rows(Pass)
    manager = festival.manager.id
    command = {
        "block": BlockPass(gone.id, PassTrouble.LOST),
        "unblock": UnblockPass(gone.id, manager),
        "replace": ReplacePass(gone.id, gone.code, PassTrouble.LOST, manager),
        "give": GivePass(gone.id, gone.holder_id, manager),
    }[act]
    before = festival.everything()
    with pytest.raises(Refusal, match="a été annulé"):
        do(festival, getattr(pass_care, act), command)
    assert festival.everything() == before


def test_a_pass_is_put_in_the_right_name_by_a_manager(festival: Festival) -> None:
    pass_id = festival.sell_pass(CustomerDetails("Dupont", "Léa"))
    festival.sell_pass(CustomerDetails("Martin", "Zoé"))
    lea = held(festival, pass_id).holder_id
    (zoe,) = (row.id for row in festival.rows(Customer) if row.id != lea)
    with pytest.raises(ManagerNeeded):
        do(festival, pass_care.give, GivePass(pass_id, zoe))
    for _again in range(2):
        do(festival, pass_care.give, GivePass(pass_id, zoe, festival.manager.id))
    assert held(festival, pass_id).holder_id == zoe
    (entry,) = told(festival, "pass.given")
    assert (entry["former_customer"], entry["customer"]) == (str(lea), str(zoe))


def test_a_pass_is_not_given_to_a_customer_who_is_no_more(festival: Festival) -> None:
    pass_id = festival.sell_pass(CustomerDetails("Dupont", "Léa"))
    festival.sell_pass(CustomerDetails("Martin", "Zoé"))
    lea = held(festival, pass_id).holder_id
    (zoe,) = (row.id for row in festival.rows(Customer) if row.id != lea)
    festival.write(
        lambda session: merge_customers(
            session, zoe, lea, festival.desk, manager_id=festival.manager.id, clock=festival.clock
        )
    )
    with pytest.raises(Refusal, match="fusionnée ou effacée"):
        do(festival, pass_care.give, GivePass(pass_id, zoe, festival.manager.id))
    assert held(festival, pass_id).holder_id == lea


def test_a_pass_that_nobody_knows_is_refused(festival: Festival) -> None:
    with pytest.raises(Refusal, match="est inconnu"):
        do(festival, pass_care.block, BlockPass(uuid4(), PassTrouble.LOST))


def test_a_reason_that_was_erased_is_said_to_be_none(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    do(festival, pass_care.block, BlockPass(pass_id, PassTrouble.LENT))
    festival.write(lambda session: session.execute(update(table(Pass)).values(state_reason="")))
    with pytest.raises(Refusal, match="aucune raison n'a été notée"):
        booked(festival, pass_id)
