"""Rows changed behind the triggers' back: `verify` finds each one, and names it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.models import (
    Booking,
    BookingEnd,
    CreditAnswer,
    CreditRequest,
    JournalEntry,
    Numbering,
    Payment,
    PrintJob,
    Quota,
    Sale,
    SaleLine,
    Screening,
    SigningKey,
    Ticket,
    TicketScan,
    Till,
    guards,
    metadata,
    table,
)
from boxoffice.sales.books import journal
from boxoffice.sales.books.bookkeeping import code_told
from boxoffice.sales.books.journal import canonical, link
from boxoffice.sales.books.signing import create_key, read_anchor
from boxoffice.sales.books.verification import Fault, verify
from boxoffice.sales.completed_sales import CompletedSale
from tests.sales.conftest import Festival
from tests.soaking import SOAK

CLOSINGS = frozenset({"cashmovement", "shiftclosing", "shiftcount", "cashcount", "closing"})
"""Tested with books that were closed, in a module of their own."""
BOOKS = [metadata.tables[name] for name in guards.INSERT_ONLY if name not in CLOSINGS]
COLUMNS = [(books.name, column.name) for books in BOOKS for column in books.columns]
_entry, _numbering, _line = table(JournalEntry), table(Numbering), table(SaleLine)


def fault(festival: Festival) -> Fault | None:
    return festival.read(verify).fault


@contextmanager
def behind_the_guards(festival: Festival) -> Iterator[Session]:
    """A transaction without triggers, foreign keys or checks, rolled back at the end."""
    engine = festival.database.write_engine
    with engine.connect() as connection:
        if festival.database.is_sqlite:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("PRAGMA foreign_keys = OFF")
            driver.execute("PRAGMA ignore_check_constraints = ON")
        try:
            with connection.begin() as transaction:
                _let_go(connection)
                yield Session(bind=connection, join_transaction_mode="create_savepoint")
                transaction.rollback()
        finally:
            connection.invalidate()


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """A part of a transaction that does not stay."""
    nested = session.begin_nested()
    try:
        yield
    finally:
        nested.rollback()


def _let_go(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        named = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in named.all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        return
    connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    checks = connection.exec_driver_sql(
        "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0"
        " AND connamespace = 'public'::regnamespace"
    )
    for name, constraint in checks.all():
        connection.exec_driver_sql(f"ALTER TABLE {name} DROP CONSTRAINT {constraint}")


def key_of(books: sa.Table, row: sa.Row[Any]) -> sa.ColumnElement[bool]:
    return sa.and_(*(column == row._mapping[column.name] for column in books.primary_key.columns))


def other_values(column: sa.Column[Any], value: Any) -> list[Any]:
    """Values that the column may hold and that are not this one: plausible ones and absurd ones."""
    others: list[Any] = []
    match value:
        case UUID():
            others = [uuid4()]
        case datetime():
            others = [value + timedelta(seconds=1)]
        case date():
            others = [value + timedelta(days=1)]
        case bool():
            others = [not value]
        case int():
            others = [value + 1, -value]
        case str() if isinstance(column.type, sa.Enum):
            others = in_turn([word for word in column.type.enums if word != value], len(value), most=3)
        case str():
            others = [value + "x", value[:-1]]
        case None:
            others = [_something_for(column)]
    if column.nullable:
        others.append(None)
    return [other for other in others if other != value]


def _something_for(column: sa.Column[Any]) -> Any:
    name = type(column.type).__name__
    return {
        "Integer": 1,
        "Uuid": uuid4(),
        "Date": date(2030, 1, 1),
        "UTCDateTime": datetime(2030, 1, 1, tzinfo=UTC),
    }.get(name, "x")


def in_turn(things: list[Any], turn: int, *, most: int) -> list[Any]:
    """So many of them, others at each turn; all of them in a soak."""
    begin = turn % len(things) if things else 0
    return things if SOAK > 1 else (things[begin:] + things[:begin])[:most]


def some_rows(session: Session, books: sa.Table) -> list[sa.Row[Any]]:
    """The first row of a table, one in the middle and the last."""
    rows = session.execute(books.select()).all()
    return list({index: rows[index] for index in (0, len(rows) // 2, len(rows) - 1)}.values())


def names_of(session: Session, books: sa.Table, row: sa.Row[Any]) -> str:
    """What `verify` calls a row: its place in the journal, or itself."""
    told = row._mapping
    if books.name == "journalentry":
        return f"journal de la caisse {told['till_id']}, entrée {told['sequence']}"
    if books.name == "signingkey":
        return f"clé {told['fingerprint'][:16]}"
    if books.name == "ticketscan":
        return f"entrée du billet {told['sale_id']}/{told['position']}"
    match books.name:
        case "booking":
            return f"réservation {told['id']}"
        case "bookingend":
            return f"fin de la réservation {told['booking_id']}"
        case "bookingscan":
            return f"entrée de la réservation {told['booking_id']}"
        case "formerpasscode":
            return f"ancien code de pass {code_told(told['code'])[:16]}"
        case "screeningchange":
            return f"changement de séance {told['id']}"
        case "creditrequest":
            return f"demande d'avoir {told['id']}"
        case "creditanswer":
            return f"réponse à la demande d'avoir {told['request_id']}"
        case "creditnote":
            return f"avoir de l'opération {told['sale_id']}"
        case "valuemovement":
            return f"mouvement {told['sequence']} de la valeur {told['value_id']}"
        case "formervaluecode":
            return f"ancien code de carte {code_told(told['code'])[:16]}"
        case "promobatch":
            return f"lot de codes {told['id']}"
    sale_id = told["id"] if books.name == "sale" else told["sale_id"]
    entry = session.execute(_entry.select().where(_entry.c.sale_id == sale_id)).one()
    return f"(journal de la caisse {entry.till_id}, entrée {entry.sequence})"


@pytest.mark.usefixtures("full_books")
def test_every_column_of_the_books_that_is_changed_is_found_and_named(festival: Festival) -> None:
    missed, misnamed, tried = [], [], set()
    with behind_the_guards(festival) as session:
        for turn, (name, column) in enumerate(COLUMNS):
            books = metadata.tables[name]
            for row in in_turn(some_rows(session, books), turn, most=1):
                expected = names_of(session, books, row)
                for other in other_values(books.c[column], row._mapping[column]):
                    with savepoint(session):
                        try:
                            session.execute(books.update().where(key_of(books, row)).values({column: other}))
                        except sa.exc.IntegrityError:
                            continue
                        tried.add((name, column))
                        found = verify(session).fault
                        what = f"{name}.{column}: {row._mapping[column]!r} -> {other!r}"
                        if found is None:
                            missed.append(what)
                        elif expected not in found.where:
                            misnamed.append(f"{what}: {found}, not {expected}")
    assert missed == []
    assert misnamed == []
    assert tried == set(COLUMNS)


def garbage(value: Any) -> list[Any]:
    return ["", "n'importe quoi", "{", b"\x00\xff", 3.5, "2026-13-45 99:00", "1e3", str(value) + " "]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("full_books")
def test_what_no_column_should_hold_is_a_fault_and_no_crash(festival: Festival) -> None:
    missed = []
    with behind_the_guards(festival) as session:
        for turn, (name, column) in enumerate(COLUMNS):
            books = metadata.tables[name]
            row = session.execute(books.select()).all()[-1]
            before = _raw(session, name, column)
            where = " AND ".join(f"{key.name} = :{key.name}" for key in books.primary_key.columns)
            change = sa.text(f"UPDATE {name} SET {column} = :other WHERE {where}")
            for other in in_turn(garbage(row._mapping[column]), turn, most=2):
                with savepoint(session):
                    try:
                        session.execute(change, {"other": other, **_raw_key(books, row)})
                    except sa.exc.IntegrityError:
                        continue
                    changed = _raw(session, name, column) != before
                    if changed and verify(session).fault is None:
                        missed.append(f"{name}.{column}: {row._mapping[column]!r} -> {other!r}")
    assert missed == []


def _raw(session: Session, name: str, column: str) -> list[Any]:
    return sorted(session.execute(sa.text(f"SELECT {column} FROM {name}")).scalars(), key=repr)


def _raw_key(books: sa.Table, row: sa.Row[Any]) -> dict[str, Any]:
    return {
        key.name: value.hex if isinstance(value := row._mapping[key.name], UUID) else value
        for key in books.primary_key.columns
    }


@pytest.mark.parametrize("books", BOOKS, ids=lambda books: books.name)
@pytest.mark.usefixtures("full_books")
def test_a_row_removed_is_found(festival: Festival, books: sa.Table) -> None:
    with behind_the_guards(festival) as session:
        for row in session.execute(books.select()).all():
            expected = names_of(session, books, row)
            with savepoint(session):
                session.execute(books.delete().where(key_of(books, row)))
                found = verify(session).fault
            assert found is not None, row
            assert expected in found.where, (row, found)


def _last_of(festival: Festival, till_id: int) -> int:
    return max(row.sequence for row in festival.rows(JournalEntry) if row.till_id == till_id)


@pytest.mark.parametrize("books", BOOKS, ids=lambda books: books.name)
def test_a_row_added_is_found(
    festival: Festival, books: sa.Table, full_books: CompletedSale, tmp_path: Any
) -> None:
    row = festival.read(lambda session: session.execute(books.select()).all())[-1]
    added = dict(row._mapping)
    match books.name:
        case "sale":
            added |= {"id": uuid4(), "number": 99}
        case "saleline" | "payment":
            added |= {"position": 99}
        case "ticket":
            added |= {"position": 99, "number": 99, "code": "TB"}
        case "ticketscan":
            added |= {"sale_id": full_books.sale_id, "position": 2}
        case "journalentry":
            of_till = (each.sequence for each in festival.rows(JournalEntry) if each.till_id == row.till_id)
            added |= {"sequence": max(of_till) + 1, "sale_id": None}
        case "booking" | "screeningchange" | "creditrequest" | "promobatch":
            added |= {"id": uuid4(), "number": 99, "attempt": 99}
        case "creditanswer":
            answered = {row.request_id for row in festival.rows(CreditAnswer)}
            waiting = (row.id for row in festival.rows(CreditRequest) if row.id not in answered)
            added |= {"request_id": next(waiting)}
        case "creditnote":
            added |= {"sale_id": full_books.sale_id, "number": 99}
        case "valuemovement":
            added |= {"sequence": 99}
        case "formervaluecode":
            added |= {"code": "GB"}
        case "bookingend" | "bookingscan":
            ended = {end.booking_id for end in festival.rows(BookingEnd)}
            standing = (each.id for each in festival.rows(Booking) if each.id not in ended)
            added |= {"booking_id": next(standing) if books.name == "bookingend" else ended.pop()}
        case "formerpasscode":
            added |= {"code": "PB"}
        case "signingkey":
            thief = create_key(tmp_path / "thief.pem")
            added |= {"fingerprint": thief.fingerprint, "public_key": thief.public_pem}
    with behind_the_guards(festival) as session:
        named = {name: value for name, value in added.items() if name in books.c}
        session.execute(books.insert().values(named))
        assert verify(session).fault is not None


@pytest.mark.parametrize("orphan", [SaleLine, Payment, Ticket])
@pytest.mark.usefixtures("full_books")
def test_a_row_added_to_no_sale_is_found(festival: Festival, orphan: type) -> None:
    books = table(orphan)
    row = next(row for row in festival.rows(orphan) if getattr(row, "reverses_sale_id", None) is None)
    added = dict(row._mapping) | {"sale_id": uuid4()}
    if orphan is Ticket:
        added |= {"code": "TB", "number": 99}
    with behind_the_guards(festival) as session:
        session.execute(books.insert().values(added))
        found = verify(session).fault
    assert found is not None
    assert found.what == "sa vente n'existe pas."
    assert books.name in found.where


@pytest.mark.parametrize("place", [{"till_id": 99}, {"sequence": 0}, {"sequence": -5}], ids=str)
@pytest.mark.usefixtures("full_books")
def test_an_entry_added_outside_of_every_chain_is_found(festival: Festival, place: dict[str, int]) -> None:
    row = festival.rows(JournalEntry)[0]
    with behind_the_guards(festival) as session:
        session.execute(_entry.insert().values(dict(row._mapping) | {"sale_id": None} | place))
        found = verify(session).fault
    assert found is not None
    assert found.what == "elle n'est d'aucune caisse, ou précède la première."


@pytest.mark.parametrize("books", BOOKS, ids=lambda books: books.name)
@pytest.mark.usefixtures("full_books")
def test_two_rows_swapped_are_found(festival: Festival, books: sa.Table) -> None:
    """Everything but the key changes place between two rows that differ."""
    rows = festival.read(lambda session: session.execute(books.select()).all())
    keys = {column.name for column in books.primary_key.columns}
    swapped = 0
    with behind_the_guards(festival) as session:
        for one, two in pairwise(map(dict, (row._mapping for row in rows))):
            of_one = {name: value for name, value in one.items() if name not in keys}
            of_two = {name: value for name, value in two.items() if name not in keys}
            if of_one == of_two:
                continue
            with savepoint(session):
                for row in (one, two):
                    session.execute(books.delete().where(*(books.c[name] == row[name] for name in keys)))
                session.execute(books.insert(), [one | of_two, two | of_one])
                assert verify(session).fault is not None, (one, two)
            swapped += 1
    assert swapped


@pytest.mark.usefixtures("full_books")
def test_a_content_rewritten_with_all_digests_after_it_lacks_its_signature(festival: Festival) -> None:
    """Whoever has no key can make the digests agree again, but not sign them."""
    for victim in (2, 5):
        with behind_the_guards(festival) as session:
            _rewrite(session, victim, lambda content: content | {"note": "pour rire"})
            found = verify(session).fault
        assert found is not None
        assert found.where == f"journal de la caisse 1, entrée {victim}"
        assert found.what == "sa signature est fausse."


def _rewrite(session: Session, victim: int, change: Any) -> None:
    before = ("", "")
    for entry in session.execute(_entry.select().where(_entry.c.till_id == 1).order_by(_entry.c.sequence)):
        content = entry.content
        if entry.sequence == victim:
            content = canonical(change(json.loads(content)))
        digest = link(*before, content).hex()
        session.execute(
            _entry.update()
            .where(_entry.c.till_id == 1, _entry.c.sequence == entry.sequence)
            .values(content=content, digest=digest)
        )
        before = (digest, entry.signature)


@pytest.mark.usefixtures("full_books")
def test_an_entry_signed_with_the_key_of_another_till_is_found(festival: Festival) -> None:
    stranger = festival.posts[1].signer
    with behind_the_guards(festival) as session:
        last = _last_of(festival, 1)
        rows = session.execute(
            _entry.select().where(_entry.c.sequence.in_((last - 1, last)), _entry.c.till_id == 1)
        )
        before, entry = sorted(rows, key=lambda row: row.sequence)
        content = canonical(json.loads(entry.content) | {"key": stranger.fingerprint})
        digest = link(before.digest, before.signature, content)
        session.execute(
            _entry.update()
            .where(_entry.c.till_id == 1, _entry.c.sequence == last)
            .values(
                content=content,
                digest=digest.hex(),
                signature=stranger.sign(digest),
                key_fingerprint=stranger.fingerprint,
            )
        )
        found = verify(session).fault
    assert found is not None
    assert found.where == f"journal de la caisse 1, entrée {last}"
    assert found.what == "sa clé est celle d'une autre caisse."


@pytest.mark.usefixtures("full_books")
def test_a_numbering_set_back_or_forward_is_found(festival: Festival) -> None:
    for column in ("operations", "tickets", "passes", "journal"):
        for by in (-1, 1):
            with behind_the_guards(festival) as session:
                session.execute(
                    _numbering.update()
                    .where(_numbering.c.till_id == 1)
                    .values({column: _numbering.c[column] + by})
                )
                assert verify(session).fault is not None


@pytest.mark.usefixtures("full_books")
def test_a_till_taken_away_with_its_numbering_is_found(festival: Festival) -> None:
    with behind_the_guards(festival) as session:
        session.execute(_numbering.delete().where(_numbering.c.till_id == 2))
        session.execute(table(Till).delete().where(table(Till).c.id == 2))
        assert verify(session).fault is not None


def cut_the_end(session: Session) -> int:
    """Take the last sale of the first till away, so that nothing inside the database shows it."""
    last = session.execute(
        _entry.select().where(_entry.c.till_id == 1).order_by(_entry.c.sequence.desc()).limit(1)
    ).one()
    assert last.sale_id is not None
    _give_seats_back(session, last.sale_id)
    tickets = 0
    for model in (PrintJob, TicketScan, Ticket, Payment, SaleLine):
        gone = session.execute(table(model).delete().where(table(model).c.sale_id == last.sale_id)).rowcount
        tickets += gone if model is Ticket else 0
    session.execute(table(Sale).delete().where(table(Sale).c.id == last.sale_id))
    session.execute(_entry.delete().where(_entry.c.till_id == 1, _entry.c.sequence == last.sequence))
    session.execute(
        _numbering.update()
        .where(_numbering.c.till_id == 1)
        .values(
            operations=_numbering.c.operations - 1,
            tickets=_numbering.c.tickets - tickets,
            journal=_numbering.c.journal - 1,
        )
    )
    return int(last.sequence)


def _give_seats_back(session: Session, sale_id: UUID) -> None:
    screenings, quotas = table(Screening), table(Quota)
    for line in session.execute(_line.select().where(_line.c.sale_id == sale_id)):
        if line.screening_id is None:
            continue
        rows, place = screenings, screenings.c.id == line.screening_id
        if line.quota is not None:
            rows = quotas
            place = sa.and_(quotas.c.screening_id == line.screening_id, quotas.c.name == line.quota)
        session.execute(rows.update().where(place).values(allocated=rows.c.allocated - line.quantity))


@pytest.mark.usefixtures("full_books")
def test_an_end_cut_off_with_its_numbers_is_found_by_the_anchor_beside_the_key(festival: Festival) -> None:
    anchor = read_anchor(festival.posts[0].signer.anchor_path.with_suffix(".pem"))
    assert anchor is not None
    with behind_the_guards(festival) as session:
        cut = cut_the_end(session)
        assert verify(session).fault is None, "inside the database nothing shows it: hence the anchor"
        found = verify(session, anchors={1: anchor}).fault
    assert found is not None
    assert found.where == f"journal de la caisse 1, entrée {cut}"
    assert found.what == f"la caisse en a signé jusqu'à la {cut} : la fin manque."


@pytest.mark.usefixtures("full_books")
def test_an_end_cut_off_and_grown_again_is_found_by_the_anchor(festival: Festival, tmp_path: Path) -> None:
    anchor = read_anchor(festival.posts[0].signer.anchor_path.with_suffix(".pem"))
    assert anchor is not None
    with behind_the_guards(festival) as session:
        cut = cut_the_end(session)
        with pytest.raises(Refusal, match="n'est pas celle où la caisse 1 a signé en dernier"):
            journal.append(session, festival.posts[0], "till.locked", {}, at=festival.clock.now())
        elsewhere = replace(festival.posts[0].signer, anchor_path=tmp_path / "elsewhere.anchor")
        unaware = replace(festival.posts[0], signer=elsewhere)
        session.execute(_numbering.update().where(_numbering.c.till_id == 1).values(journal=cut - 1))
        journal.append(session, unaware, "till.locked", {}, at=festival.clock.now())
        found = verify(session, anchors={1: anchor}).fault
    assert found is not None
    assert found.where == f"journal de la caisse 1, entrée {cut}"
    assert found.what == "elle n'est pas celle que cette caisse a signée."


@pytest.mark.usefixtures("full_books")
def test_the_anchor_of_a_chain_that_has_grown_since_is_no_fault(festival: Festival) -> None:
    anchor = read_anchor(festival.posts[0].signer.anchor_path.with_suffix(".pem"))
    festival.sell()
    assert anchor is not None
    assert festival.read(lambda session: verify(session, anchors={1: anchor})).fault is None


@pytest.mark.usefixtures("full_books")
def test_a_key_that_this_post_does_not_trust_is_found(festival: Festival) -> None:
    known = frozenset({festival.posts[0].signer.fingerprint})
    found = festival.read(lambda session: verify(session, trusted=known)).fault
    assert found is not None
    assert found.where == f"clé {festival.posts[1].signer.fingerprint[:16]}"
    both = known | {festival.posts[1].signer.fingerprint}
    assert festival.read(lambda session: verify(session, trusted=both)).fault is None


@pytest.mark.usefixtures("full_books")
def test_a_long_chain_is_read_in_batches_and_its_progress_told(
    festival: Festival, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("boxoffice.sales.books.verification.BATCH", 3)
    told: list[int] = []
    verdict = festival.read(lambda session: verify(session, progress=told.append))
    assert verdict.fault is None
    assert sum(told) == verdict.entries == festival.count(JournalEntry)
    assert max(told) == 3
    with behind_the_guards(festival) as session:
        _rewrite(session, 2, lambda content: content | {"note": ""})
        found = verify(session).fault
        assert found is not None
        assert found.where == "journal de la caisse 1, entrée 2"


def test_keys_are_told_by_the_journal(festival: Festival) -> None:
    told = [json.loads(row.content) for row in festival.rows(JournalEntry) if row.kind == "key.created"]
    assert {content["fingerprint"] for content in told} == {
        row.fingerprint for row in festival.rows(SigningKey)
    }
