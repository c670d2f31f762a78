"""What the database refuses by itself, whatever program writes to it."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel

from boxoffice.models import (
    BookingEnd,
    BookingScan,
    JobState,
    JournalEntry,
    Payment,
    PrintAttempt,
    PrintJob,
    Quota,
    Sale,
    SaleLine,
    Screening,
    StoredValue,
    Ticket,
    TicketScan,
    TillSession,
    ValueMovement,
    guards,
    metadata,
    table,
)
from boxoffice.sales.completed_sales import CompletedSale
from tests.sales.conftest import Festival

BOOKS = [metadata.tables[name] for name in guards.INSERT_ONLY]
each_of_the_books = pytest.mark.parametrize("books", BOOKS, ids=lambda books: books.name)


@pytest.fixture
def sold(rows_of_the_books: CompletedSale) -> CompletedSale:
    """A sale with a row at least in each table of the books."""
    return rows_of_the_books


@pytest.fixture(autouse=True)
def _nothing_changes(festival: Festival, sold: CompletedSale) -> Iterator[None]:
    assert sold.tickets
    before = festival.as_stored()
    yield
    assert festival.as_stored() == before


def refused(festival: Festival, work: Any, because: str | None = None) -> None:
    """Whatever is done in one transaction, by a statement or a function, the database refuses it."""
    act = work if callable(work) else lambda session: session.execute(work)
    with pytest.raises(DBAPIError, match=because):
        festival.write(act)


@each_of_the_books
def test_no_column_of_the_books_is_changed(festival: Festival, books: sa.Table) -> None:
    for column in books.columns:
        change = sa.text(f"UPDATE {books.name} SET {column.name} = {column.name}")
        refused(festival, change, f"{books.name} is insert-only")


@each_of_the_books
def test_no_row_of_the_books_is_deleted(festival: Festival, books: sa.Table) -> None:
    refused(festival, books.delete(), f"{books.name} is insert-only")


@pytest.mark.parametrize(
    "statement", ["UPDATE establishment SET specimen = 'X'", "DELETE FROM establishment"]
)
def test_whether_sales_are_real_is_told_once(festival: Festival, statement: str) -> None:
    because = (
        "sales do not become real, nor cease to be" if "UPDATE" in statement else "is insert-only|is kept"
    )
    refused(festival, sa.text(statement), because)


@each_of_the_books
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_books_are_not_emptied_by_truncate(festival: Festival, books: sa.Table) -> None:
    refused(festival, sa.text(f"TRUNCATE {books.name} CASCADE"), "is insert-only")


@each_of_the_books
@pytest.mark.parametrize("verb", ["REPLACE", "INSERT OR REPLACE"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_books_are_not_replaced(festival: Festival, books: sa.Table, verb: str) -> None:
    refused(festival, sa.text(f"{verb} INTO {books.name} SELECT * FROM {books.name}"))


@each_of_the_books
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_books_are_not_upserted(festival: Festival, books: sa.Table) -> None:
    first = next(iter(books.primary_key.columns)).name
    refused(
        festival,
        sa.text(
            f"INSERT INTO {books.name} SELECT * FROM {books.name} WHERE true"
            f" ON CONFLICT DO UPDATE SET {first} = excluded.{first}"
        ),
    )


@pytest.mark.parametrize("model", [SaleLine, Payment, Ticket])
def test_nothing_is_added_to_a_sale_in_the_journal(festival: Festival, model: type) -> None:
    row = dict(festival.rows(model)[0]._mapping) | {"position": 9}
    if model is Ticket:
        festival_line = dict(festival.rows(SaleLine)[0]._mapping) | {"position": 9}
        refused(festival, table(SaleLine).insert().values(festival_line), "already in the journal")
        row |= {"number": 9, "code": "T9"}
    refused(festival, table(model).insert().values(row), "already in the journal")


def add_sale(session: Session, **changes: Any) -> dict[str, Any]:
    """A second sale that the journal does not tell yet."""
    sale = dict(session.execute(table(Sale).select()).one()._mapping)
    sale |= {"id": uuid4(), "number": 2} | changes
    session.execute(table(Sale).insert().values(sale))
    return sale


def add_line(session: Session, sale: dict[str, Any], like: int, **changes: Any) -> None:
    line = session.execute(table(SaleLine).select().where(table(SaleLine).c.position == like)).first()
    assert line is not None
    added = dict(line._mapping) | {"sale_id": sale["id"], "position": 1} | changes
    session.execute(table(SaleLine).insert().values(added))


def pay(session: Session, sale: dict[str, Any], cents: int) -> None:
    session.execute(
        table(Payment).insert().values(sale_id=sale["id"], position=1, means="card", amount_cents=cents)
    )


def seal(session: Session, sale: dict[str, Any]) -> None:
    """Tell the sale in the journal, as far as the database looks."""
    entry = dict(session.execute(table(JournalEntry).select().limit(1)).one()._mapping)
    session.execute(table(JournalEntry).insert().values(entry | {"sequence": 99, "sale_id": sale["id"]}))


def undo(session: Session, sold: CompletedSale, position: int) -> None:
    sale = add_sale(session, kind="reversal", reverses_sale_id=sold.sale_id, total_cents=-850)
    add_line(session, sale, position, quantity=-1, reverses_sale_id=sold.sale_id, reverses_position=position)


def test_a_sale_whose_lines_do_not_make_its_total_is_not_sealed(festival: Festival) -> None:
    def sell(session: Session) -> None:
        sale = add_sale(session, total_cents=850)
        pay(session, sale, 850)
        seal(session, sale)

    refused(festival, sell, "the lines do not sum to the total")


def test_a_sale_whose_payments_do_not_make_its_total_is_not_sealed(festival: Festival) -> None:
    def sell(session: Session) -> None:
        sale = add_sale(session, total_cents=300)
        add_line(session, sale, 3)
        seal(session, sale)

    refused(festival, sell, "the payments do not sum to the total")


def test_a_used_ticket_is_not_reversed(festival: Festival, sold: CompletedSale) -> None:
    refused(festival, lambda session: undo(session, sold, 1), "a used ticket is not reversed")


def test_a_reversed_ticket_lets_nobody_in(festival: Festival, sold: CompletedSale) -> None:
    def undo_and_scan(session: Session) -> None:
        undo(session, sold, 2)
        scan = {"sale_id": sold.sale_id, "position": 2, "at": festival.clock.now(), "door": "Porte A"}
        session.execute(table(TicketScan).insert().values(scan))

    refused(festival, undo_and_scan, "a reversed ticket lets nobody in")


def test_a_ticket_is_scanned_once(festival: Festival) -> None:
    scan = dict(festival.rows(TicketScan)[0]._mapping)
    refused(festival, table(TicketScan).insert().values(scan))


IMPOSSIBLE = {
    "seats below none": sa.update(table(Screening)).values(allocated=-1),
    "seats above the hall": sa.update(table(Screening)).values(allocated=table(Screening).c.capacity + 1),
    "seats above those not held": sa.update(table(Screening)).values(
        allocated=table(Screening).c.capacity - table(Screening).c.held + 1
    ),
    "seats held below none": sa.update(table(Screening)).values(held=-1),
    "a screening that ends before it starts": sa.update(table(Screening)).values(
        ends_at=table(Screening).c.starts_at
    ),
    "an unknown state": sa.text("UPDATE screening SET state = 'postponed'"),
    "a quota below none": sa.update(table(Quota)).values(allocated=-1),
    "a quota above its seats": sa.update(table(Quota)).values(allocated=table(Quota).c.seats + 1),
    "a price below zero": sa.text("UPDATE tariff SET price_cents = -1"),
    "a rate above one hundred": sa.text("UPDATE product SET vat_rate = 10000"),
    "a group of none": sa.text("UPDATE tariff SET minimum_group = 0"),
    "a float below zero": sa.update(table(TillSession)).values(float_cents=-1),
    "a hall without seats": sa.text("UPDATE hall SET capacity = 0"),
    "places used below none": sa.text("UPDATE pass SET used = -1"),
    "places used above those of the pass": sa.text("UPDATE pass SET places = 1, used = 2"),
    "a pass without places": sa.text("UPDATE passproduct SET places = 0"),
    "a second establishment": sa.text("UPDATE establishment SET id = 2"),
}


@pytest.mark.parametrize("wish", IMPOSSIBLE)
def test_the_database_refuses(festival: Festival, wish: str) -> None:
    refused(festival, IMPOSSIBLE[wish])


def test_one_shift_is_open_per_till(festival: Festival) -> None:
    shift = {"till_id": 1, "operator_id": 1, "opened_at": festival.clock.now(), "float_cents": 0}
    refused(festival, table(TillSession).insert().values(shift))


def test_a_payment_of_nothing_is_refused(festival: Festival) -> None:
    refused(festival, lambda session: pay(session, add_sale(session, total_cents=0), 0))


def test_a_paper_ordered_is_kept_and_does_not_become_another(festival: Festival) -> None:
    job = table(PrintJob)
    refused(festival, job.delete())
    for change in ({"copy_number": 1}, {"document": "receipt"}, {"position": 9}, {"sale_id": None}):
        refused(festival, job.update().values(change), "does not become another")


@pytest.mark.parametrize("state", [JobState.PRINTED, JobState.SENT, JobState.ABANDONED, JobState.UNCERTAIN])
def test_a_paper_that_may_have_come_out_is_not_queued_again(festival: Festival, state: JobState) -> None:
    job = table(PrintJob)

    def queue_again(session: Session) -> None:
        session.execute(job.update().values(state=state))
        session.execute(job.update().values(state=JobState.QUEUED))

    refused(festival, queue_again, "not printed again")


def test_a_value_is_kept_and_moves_with_its_ledger(festival: Festival) -> None:
    value, movement = table(StoredValue), table(ValueMovement)
    refused(festival, value.delete(), "is kept|is insert-only")
    for change in ({"amount": 999}, {"movements": 3}, {"kind": "balance"}):
        refused(festival, value.update().values(change), "a value moves with its ledger")
    told_otherwise = dict(festival.rows(ValueMovement)[0]._mapping) | {"sequence": 2, "left_after": 900}
    refused(festival, movement.insert().values(told_otherwise), "a movement tells what is left")


def test_a_value_never_goes_below_zero(festival: Festival) -> None:
    refused(festival, table(StoredValue).update().values(amount=-1, movements=2))


def test_what_became_of_a_paper_is_neither_changed_nor_forgotten(festival: Festival) -> None:
    """An original could otherwise be told never to have come out, and be printed again."""
    attempt = table(PrintAttempt)
    step = attempt.insert().from_select(
        ["job_id", "at", "printer", "outcome", "detail"],
        sa.select(
            table(PrintJob).c.id,
            table(PrintJob).c.created_at,
            sa.literal("Epson 1"),
            sa.literal(JobState.SENDING, attempt.c.outcome.type),
            sa.literal(""),
        ).limit(1),
    )
    for change in (attempt.update().values(outcome=JobState.BLOCKED), attempt.delete()):
        refused(festival, lambda session, change=change: (session.execute(step), session.execute(change)))


def test_a_booking_that_let_somebody_in_is_not_undone(festival: Festival) -> None:
    used = festival.rows(BookingScan)[0].booking_id
    end = dict(festival.rows(BookingEnd)[0]._mapping) | {"booking_id": used}
    refused(festival, table(BookingEnd).insert().values(end), "is not undone")


def test_a_booking_undone_lets_nobody_in(festival: Festival) -> None:
    ended = festival.rows(BookingEnd)[0].booking_id
    scan = dict(festival.rows(BookingScan)[0]._mapping) | {"booking_id": ended}
    refused(festival, table(BookingScan).insert().values(scan), "a booking undone lets nobody in")


@pytest.mark.parametrize("model", [BookingEnd, BookingScan])
def test_a_booking_ends_once_and_lets_in_once(festival: Festival, model: type[SQLModel]) -> None:
    row = dict(festival.rows(model)[0]._mapping)
    refused(festival, table(model).insert().values(row))


REPLACED = {
    "a trigger emptied": (
        "DROP TRIGGER sale_refuses_update;"
        "CREATE TRIGGER sale_refuses_update BEFORE UPDATE ON sale BEGIN SELECT 1\\; END",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RETURN NEW\\; END $$",
        {"sale_refuses_update", "sale_refuses_change"},
    ),
    "a trigger on another table": (
        "DROP TRIGGER sale_refuses_update;"
        "CREATE TRIGGER sale_refuses_update BEFORE UPDATE ON hall"
        " BEGIN SELECT RAISE(ABORT, 'sale is insert-only')\\; END",
        "DROP TRIGGER sale_refuses_change ON sale;"
        "CREATE TRIGGER sale_refuses_change BEFORE UPDATE OR DELETE ON hall"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        {"sale_refuses_update", "sale_refuses_change"},
    ),
    "a trigger that fires no more": (
        "DROP TRIGGER payment_refuses_delete",
        "ALTER TABLE payment ENABLE REPLICA TRIGGER payment_refuses_change",
        {"payment_refuses_delete", "payment_refuses_change"},
    ),
    "a condition that never holds": (
        "DROP TRIGGER sale_refuses_update;"
        "CREATE TRIGGER sale_refuses_update BEFORE UPDATE ON sale WHEN 0"
        " BEGIN SELECT RAISE(ABORT, 'sale is insert-only')\\; END",
        "DROP TRIGGER sale_refuses_change ON sale;"
        "CREATE TRIGGER sale_refuses_change BEFORE UPDATE OR DELETE ON sale"
        " FOR EACH ROW WHEN (false) EXECUTE FUNCTION refuse_change()",
        {"sale_refuses_update", "sale_refuses_change"},
    ),
    "a trigger of somebody else": (
        "CREATE TRIGGER cheaper AFTER UPDATE ON tariff BEGIN SELECT 1\\; END",
        "CREATE TRIGGER cheaper AFTER UPDATE ON tariff FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        {"cheaper"},
    ),
    "a rule in place of a statement": (
        "CREATE TRIGGER unheard BEFORE DELETE ON operator BEGIN SELECT RAISE(IGNORE)\\; END",
        "CREATE RULE unheard AS ON DELETE TO operator DO INSTEAD NOTHING",
        {"unheard"},
    ),
}


@pytest.mark.parametrize("how", REPLACED)
def test_a_guard_that_only_looks_like_one_is_named(festival: Festival, how: str) -> None:
    on_sqlite, on_postgresql, names = REPLACED[how]
    statements = on_sqlite if festival.database.is_sqlite else on_postgresql
    with festival.database.write_engine.connect() as connection, connection.begin() as change:
        assert guards.missing(connection) == ()
        for statement in re.split(r"(?<!\\);", statements):
            connection.exec_driver_sql(statement.replace("\\;", ";"))
        found = set(guards.missing(connection))
        change.rollback()
    assert found & names
