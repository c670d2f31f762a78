"""Values that SQLite holds otherwise than the program writes them are found, in whatever table they are."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, UTCDateTime

from boxoffice.models import metadata
from boxoffice.sales.books.reconciliation import Wrong
from boxoffice.sales.books.spelling import find_misspelled
from boxoffice.sales.books.untold import find_references_to_nothing
from boxoffice.sales.books.verification import verify
from tests.sales.conftest import Festival
from tests.sales.test_tampering import behind_the_guards, savepoint

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

OF_A_SALE = ("sale", "saleline", "ticket", "payment", "journalentry")
"""The tables whose rows are held to what they are told as, one by one."""
WITH_DASHES = (
    "substr({0}, 1, 8) || '-' || substr({0}, 9, 4) || '-' || substr({0}, 13, 4) || '-'"
    " || substr({0}, 17, 4) || '-' || substr({0}, 21)"
)
AS_OCTETS, WITH_A_TAIL = "CAST({0} AS BLOB)", "{0} || char(0) || 'x'"
SPELLINGS: Mapping[type[Any], tuple[str, ...]] = {
    sa.Date: (
        "'2026-W04-3'",
        "'20260121'",
        "'2026-02-30'",
        "' 2026-01-21'",
        "'2026-01-21 00:00:00.000000'",
        "2461062",
        AS_OCTETS,
        WITH_A_TAIL,
    ),
    UTCDateTime: (
        "'2026-W04-3' || substr({0}, 11)",
        "replace({0}, ' ', 'T')",
        "substr({0}, 1, 19)",
        "substr({0}, 1, 23)",
        "{0} || '+00:00'",
        "substr({0}, 1, 19) || '.0-1200'",
        "substr({0}, 1, 11) || '24' || substr({0}, 14)",
        AS_OCTETS,
        WITH_A_TAIL,
    ),
    sa.Uuid: (WITH_DASHES, "upper({0})", "' ' || {0}", "substr({0}, 2)", AS_OCTETS, WITH_A_TAIL),
    sa.Boolean: ("2", "'true'", "0.5", AS_OCTETS),
}
WRITTEN: Mapping[type[Any], str] = {
    sa.Date: "2026-01-21",
    UTCDateTime: "2026-01-21 11:00:00.000000",
    sa.Uuid: "0190c0de0190c0de0190c0deabcdef01",
    sa.Boolean: "1",
}


def spelled(table: sa.Table) -> Iterator[tuple[str, type[Any]]]:
    """The columns of a table that the program writes in one way alone."""
    for column in table.c:
        for kind in SPELLINGS:
            if isinstance(column.type, kind):
                yield column.name, kind


def found_by(session: Session) -> str | None:
    try:
        find_misspelled(session)
    except Wrong as wrong:
        return str(wrong.fault)
    return None


def write_a_row(session: Session, table: sa.Table) -> None:
    """One row, whatever it says, with its values as the driver writes them."""
    values = dict.fromkeys((column.name for column in table.c), "'1'")
    values |= {name: f"'{WRITTEN[kind]}'" for name, kind in spelled(table)}
    written = f"INSERT INTO {table.name} ({', '.join(values)}) VALUES ({', '.join(values.values())})"
    session.execute(sa.text(f"DELETE FROM {table.name}"))
    session.execute(sa.text(written))


@pytest.mark.parametrize("name", sorted(metadata.tables.keys() - set(OF_A_SALE)))
def test_whatever_a_table_spells_otherwise_is_found_and_named(festival: Festival, name: str) -> None:
    """Every table there is: one that comes is looked at like the others."""
    table = metadata.tables[name]
    with behind_the_guards(festival) as session:
        write_a_row(session, table)
        assert found_by(session) is None
        for column, kind in spelled(table):
            for otherwise in SPELLINGS[kind]:
                with savepoint(session):
                    session.execute(sa.text(f"UPDATE {name} SET {column} = {otherwise.format(column)}"))
                    found = found_by(session) or ""
                    assert found.startswith(f"table {name}, ligne "), (column, otherwise)
                    assert f"« {column} » n'est pas écrit comme le programme l'écrit" in found


@pytest.mark.usefixtures("full_books")
@pytest.mark.parametrize("name", OF_A_SALE)
def test_whatever_a_sale_spells_otherwise_is_found(festival: Festival, name: str) -> None:
    """Of sales, whose rows are many, each value is read with the entry that tells it."""
    with behind_the_guards(festival) as session:
        for column, kind in spelled(metadata.tables[name]):
            held = session.execute(sa.text(f"SELECT count({column}) FROM {name}")).scalar_one()
            for otherwise in SPELLINGS[kind] if held else ():
                first = f"(SELECT min(rowid) FROM {name} WHERE {column} <> {otherwise.format(column)})"
                with savepoint(session):
                    changed = f"UPDATE {name} SET {column} = {otherwise.format(column)} WHERE rowid = {first}"
                    session.execute(sa.text(changed))
                    assert verify(session).fault is not None, (column, otherwise)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        (
            "UPDATE closing SET last_day = '2026-W04-3' WHERE id = (SELECT min(id) FROM closing)",
            ("closing", "last_day"),
        ),
        (
            "UPDATE screening SET starts_at = '2026-W04-3' || substr(starts_at, 11)",
            ("screening", "starts_at"),
        ),
        ("UPDATE shiftclosing SET at = replace(at, ' ', 'T')", ("shiftclosing", "at")),
        ("UPDATE tillsession SET opened_at = opened_at || '+00:00'", ("tillsession", "opened_at")),
        (f"UPDATE closing SET id = {WITH_DASHES.format('id')}", ("closing", "id")),
    ],
)
def test_a_day_that_no_export_would_find_any_more_is_found(
    closed_books: Festival, changed: str, named: tuple[str, str]
) -> None:
    """Days and moments are asked for by their texts: a closing, a screening would be in no file any more."""
    assert closed_books.read(verify).fault is None
    with behind_the_guards(closed_books) as session:
        session.execute(sa.text(changed))
        found = verify(session).fault
    assert found is not None
    assert (f"table {named[0]}, " in found.where, f"« {named[1]} »" in found.what) == (True, True), found


@pytest.mark.usefixtures("full_books")
@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("ticketscan", "sale_id"),
        ("booking", "pass_id"),
        ("valuemovement", "sale_id"),
        ("creditrequest", "sale_id"),
    ],
)
def test_a_ticket_that_would_enter_twice_and_a_debt_that_would_be_income_are_found(
    festival: Festival, name: str, column: str
) -> None:
    """What refers to a sale or a pass by its identifier spelled otherwise refers to none."""
    assert festival.read(verify).fault is None
    with behind_the_guards(festival) as session:
        session.execute(sa.text(f"UPDATE {name} SET {column} = {WITH_DASHES.format(column)}"))
        found = verify(session).fault
    assert found is not None
    assert (f"table {name}, " in found.where, f"« {column} »" in found.what) == (True, True), found


@pytest.mark.parametrize("name", sorted(metadata.tables.keys() - set(OF_A_SALE)))
def test_a_row_that_refers_to_none_is_found_in_whatever_table(festival: Festival, name: str) -> None:
    table = metadata.tables[name]
    with behind_the_guards(festival) as session:
        write_a_row(session, table)
        for reference in table.foreign_key_constraints:
            written = ", ".join(f"{column} = '999'" for column in reference.column_keys)
            with savepoint(session):
                session.execute(sa.text(f"UPDATE {name} SET {written}"))
                with pytest.raises(Wrong) as wrong:
                    find_references_to_nothing(session)
                assert f"table {name}, ligne " in str(wrong.value.fault)


@pytest.mark.usefixtures("full_books")
def test_a_message_of_no_gift_card_is_found(festival: Festival) -> None:
    with behind_the_guards(festival) as session:
        write_a_row(session, metadata.tables["giftmessage"])
        found = verify(session).fault
    assert found is not None
    assert "table giftmessage, ligne " in found.where
    assert "qui n'existe pas" in found.what
