"""Passes and reservations may change, but only as the journal tells: `verify` finds what it does not."""

import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from boxoffice.kinds import PassTrouble
from boxoffice.models import (
    Customer,
    JournalEntry,
    Pass,
    PassState,
    Reservation,
    ReservedSeat,
    table,
)
from boxoffice.sales.books.verification import verify
from boxoffice.sales.holders import pass_care
from boxoffice.sales.holders.pass_care import BlockPass, GivePass, ReplacePass, UnblockPass
from boxoffice.sales.people.customer_changes import merge_customers
from boxoffice.sales.people.customer_details import CustomerDetails
from tests.sales.conftest import Festival
from tests.sales.pass_life import book, cancel
from tests.sales.test_tampering import behind_the_guards, fault, key_of, other_values, savepoint

CHANGING = [table(Pass), table(Reservation), table(ReservedSeat)]
NOT_TOLD = {("pass", "state_reason")}
"""What a cashier wrote may name somebody: it is erased with them, and the journal never has it."""


def where(row: sa.Row[tuple[object, ...]], name: str) -> str:
    """What `verify` calls a row of one of these tables."""
    told = row._mapping
    if name == "pass":
        return f"pass {told['number']}"
    if name == "reservation":
        return f"e-réservation {told['id']}"
    return f"place {told['position']} de l'e-réservation {told['reservation_id']}"


@pytest.mark.parametrize("rows", CHANGING, ids=lambda rows: rows.name)
def test_every_column_changed_without_the_journal_is_found_and_named(life: Festival, rows: sa.Table) -> None:
    missed, tried = [], set()
    with behind_the_guards(life) as session:
        for row in session.execute(rows.select()).all():
            for column in rows.columns:
                for other in other_values(column, row._mapping[column.name]):
                    with savepoint(session):
                        change = rows.update().where(key_of(rows, row)).values({column.name: other})
                        try:
                            session.execute(change)
                        except sa.exc.IntegrityError:
                            continue
                        tried.add((rows.name, column.name))
                        found = verify(session).fault
                        named = found is not None and (
                            where(row, rows.name) in found.where or column.name in {"id", "number"}
                        )
                        if not named and (rows.name, column.name) not in NOT_TOLD:
                            missed.append(f"{column.name}: {row._mapping[column.name]} -> {other}: {found}")
    assert missed == []
    assert tried == {(rows.name, column.name) for column in rows.columns}


@pytest.mark.parametrize("rows", CHANGING, ids=lambda rows: rows.name)
def test_a_row_removed_or_added_is_found(life: Festival, rows: sa.Table) -> None:
    with behind_the_guards(life) as session:
        for row in session.execute(rows.select()).all():
            with savepoint(session):
                session.execute(rows.delete().where(key_of(rows, row)))
                assert verify(session).fault is not None, row
        added = {column.name: row._mapping[column.name] for column in rows.columns}
        for name, value in (("id", uuid4()), ("number", "9"), ("code", "PB"), ("reference", "9")):
            if name in added:
                added[name] = value
        if "position" in added:
            added["position"] = 99
        session.execute(rows.insert().values(added))
        assert verify(session).fault is not None


def test_a_seat_given_twice_by_hand_is_found(life: Festival) -> None:
    """A place of a pass, and a seat of its screening, without any booking."""
    with behind_the_guards(life) as session:
        passes = table(Pass)
        session.execute(passes.update().where(passes.c.used > 0).values(used=passes.c.used - 1))
        found = verify(session).fault
    assert found is not None
    assert found.what == "« used » n'est pas ce qui a été signé."


def _care(festival: Festival, *wishes: object) -> None:
    """Blocked here, served there: each wish at the other till than the one before."""
    acts = {
        BlockPass: pass_care.block,
        UnblockPass: pass_care.unblock,
        ReplacePass: pass_care.replace,
        GivePass: pass_care.give,
    }

    def write(session: Session) -> None:
        for index, wish in enumerate(wishes):
            acts[type(wish)](session, wish, festival.desks[index % 2], clock=festival.clock)  # type: ignore[operator]

    festival.write(write)


def _one(festival: Festival) -> Pass:
    (row,) = festival.rows(Pass)
    return row  # type: ignore[no-any-return]


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_pass_blocked_at_one_till_and_served_at_another_is_no_fault(festival: Festival, times: int) -> None:
    pass_id, manager = festival.sell_pass(), festival.manager.id
    wishes = [BlockPass(pass_id, PassTrouble.LOST), UnblockPass(pass_id, manager)] * times
    _care(festival, *wishes, BlockPass(pass_id, PassTrouble.LENT))
    assert _one(festival).state is PassState.BLOCKED
    assert fault(festival) is None
    _care(festival, ReplacePass(pass_id, _one(festival).code, PassTrouble.LOST, manager))
    assert _one(festival).state is PassState.ACTIVE
    assert fault(festival) is None
    _care(festival, ReplacePass(pass_id, _one(festival).code, PassTrouble.SPOILT, manager))
    _care(festival, BlockPass(pass_id, PassTrouble.LOST))
    assert fault(festival) is None


def test_a_pass_given_to_and_fro_between_customers_who_become_one_is_no_fault(festival: Festival) -> None:
    manager = festival.manager.id
    pass_id, _other, _third = (
        festival.sell_pass(CustomerDetails(name, "Ana")) for name in ("Petit", "Morel", "Roux")
    )
    first, second, third = (row.holder_id for row in sorted(festival.rows(Pass), key=_number))

    def merge(gone: UUID, kept: UUID) -> None:
        festival.write(
            lambda session: merge_customers(
                session, gone, kept, festival.desk, manager_id=manager, clock=festival.clock
            )
        )

    for customer in (second, first, second, third):
        _care(festival, GivePass(pass_id, customer, manager))
        assert fault(festival) is None
    merge(third, second)
    assert fault(festival) is None
    _care(festival, GivePass(pass_id, first, manager))
    merge(second, first)
    assert fault(festival) is None


def _number(row: Pass) -> str:
    return row.number


def test_the_journal_of_passes_holds_no_name_no_code_and_nothing_written_by_hand(
    festival: Festival,
) -> None:
    secret = CustomerDetails("Zygomar", "Théodule", email="zygomar@example.fr", phone="06 99 88 77 66")
    pass_id = festival.sell_pass(secret, "PASS6")
    code = _one(festival).code
    booked = book(festival, pass_id, seats=2)
    _care(festival, BlockPass(pass_id, PassTrouble.OTHER, "Zygomar ne l'a plus"))
    _care(festival, ReplacePass(pass_id, code, PassTrouble.LOST, festival.manager.id))
    cancel(festival, booked.booking_ids[0])
    festival.clock.advance(timedelta(minutes=1))
    told = " ".join(row.content for row in festival.rows(JournalEntry))
    assert "Zygomar" not in told
    assert "Théodule" not in told
    assert "99887766" not in told.replace(" ", "")
    assert code not in told
    assert _one(festival).code not in told


def test_what_is_sold_of_a_pass_is_told_whole(festival: Festival) -> None:
    festival.sell_pass()
    sale = next(row for row in festival.rows(JournalEntry) if row.kind == "sale.completed")
    (told,) = json.loads(sale.content)["passes"]
    held = _one(festival)
    assert (told["number"], told["product"], told["places"], told["source"]) == (
        held.number,
        "PASS20",
        20,
        "counter",
    )
    assert told["holder"] == str(festival.rows(Customer)[0].id)
    assert set(told) == {
        "code",
        "holder",
        "id",
        "issued_at",
        "number",
        "places",
        "product",
        "source",
        "valid_from",
        "valid_until",
    }
