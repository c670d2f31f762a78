"""Keys, uniqueness, references and checks that were dropped or changed are named, on either engine."""

import pytest
import sqlalchemy as sa

from boxoffice.database import Database
from boxoffice.models import guards


def missing(database: Database) -> tuple[str, ...]:
    with database.engine.connect() as connection:
        return guards.missing(connection)


def rewrite(database: Database, table: str, old: str, new: str) -> None:
    """Change what SQLite keeps of a table, behind its back."""
    with database.write_engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA writable_schema = ON")
        done = driver.execute(
            "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = ? AND sql LIKE ?",
            (old, new, table, f"%{old}%"),
        )
        assert done.rowcount == 1
        driver.execute("PRAGMA writable_schema = OFF")
        connection.invalidate()


def test_nothing_is_missed_where_nothing_was_touched(database: Database) -> None:
    assert missing(database) == ()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("way", ["enable_hashagg", "enable_sort"])
def test_nothing_is_missed_in_whatever_order_the_server_lists_its_keys(database: Database, way: str) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql(f"SET LOCAL {way} = off")
        assert guards.missing(connection) == ()


def test_a_unique_index_dropped_is_named(database: Database) -> None:
    with database.write_engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX uq_tillsession_open")
    assert missing(database) == ("uq_tillsession_open",)


def test_a_unique_index_that_holds_less_is_named(database: Database) -> None:
    with database.write_engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX uq_tillsession_open")
        connection.exec_driver_sql(
            "CREATE UNIQUE INDEX uq_tillsession_open ON tillsession (till_id)"
            " WHERE closed_at IS NULL AND till_id > 99"
        )
    assert missing(database) == ("uq_tillsession_open",)


CHANGES = {
    "a check dropped": (
        "screening",
        "ck_screening_within_capacity",
        None,
        "CONSTRAINT ck_screening_within_capacity CHECK (allocated + held <= capacity)",
        "CONSTRAINT other CHECK (1 = 1)",
    ),
    "a check that lets more through": (
        "sale",
        "ck_sale_total_in_range",
        "CHECK (total_cents BETWEEN -999999999 AND 100000000)",
        "total_cents BETWEEN -100000000 ",
        "total_cents BETWEEN -999999999 ",
    ),
    "a check turned round": (
        "payment",
        "ck_payment_tendered_enough",
        "CHECK (tendered_cents IS NULL OR tendered_cents <= amount_cents)",
        "tendered_cents >= amount_cents",
        "tendered_cents <= amount_cents",
    ),
    "a word let in": (
        "sale",
        "ck_sale_salekind",
        "CHECK (kind IN ('sale', 'reversal', 'credit_note', 'gift'))",
        "kind IN ('sale', 'reversal', 'credit_note')",
        "kind IN ('sale', 'reversal', 'credit_note', 'gift')",
    ),
    "a unique that spans more": (
        "ticket",
        "uq_ticket_till_id_number",
        "UNIQUE (till_id, number, code)",
        "UNIQUE (till_id, number)",
        "UNIQUE (till_id, number, code)",
    ),
    "a reference dropped": (
        "sale",
        "fk_sale_operator_id",
        None,
        "CONSTRAINT fk_sale_operator_id FOREIGN KEY(operator_id) REFERENCES operator (id)",
        "CONSTRAINT other CHECK (1 = 1)",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_dropped_or_holds_less_is_named(database: Database, name: str) -> None:
    table, constraint, instead, old, new = CHANGES[name]
    if database.is_sqlite:
        rewrite(database, table, old, new)
    else:
        with database.write_engine.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
            if instead is not None:
                connection.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {instead}")
    assert missing(database) == (constraint,)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_check_put_back_for_new_rows_alone_is_named(database: Database) -> None:
    with database.write_engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE screening DROP CONSTRAINT ck_screening_held_not_negative")
        connection.exec_driver_sql(
            "ALTER TABLE screening ADD CONSTRAINT ck_screening_held_not_negative CHECK (held >= 0) NOT VALID"
        )
    assert missing(database) == ("ck_screening_held_not_negative",)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_references_that_are_kept_but_no_longer_looked_at_are_named(database: Database) -> None:
    with database.write_engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE payment DISABLE TRIGGER ALL")
    assert "fk_payment_sale_id" in missing(database)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_constraint_hidden_in_a_comment_is_no_constraint(database: Database) -> None:
    check = "CONSTRAINT ck_screening_held_not_negative CHECK (held >= 0), "
    rewrite(database, "screening", check, f"/*\n\t{check}\n*/")
    assert "ck_screening_held_not_negative" in missing(database)


def test_a_table_that_is_gone_is_named_by_all_it_held(database: Database) -> None:
    with database.write_engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE parkedbasket"))
    assert "pk_parkedbasket" in missing(database)
