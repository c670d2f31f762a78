"""Databases and backups of the version before, with what they hold: brought up to date, nothing is lost."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from boxoffice import database as databases
from boxoffice.backup_file import Backup, load_rows, write_backup
from boxoffice.care.verifying import verify_database
from boxoffice.config import settings_in
from boxoffice.database import Database
from boxoffice.errors import Refusal
from boxoffice.models import Closing, guards
from boxoffice.sales.books.verification import verify
from boxoffice.sales.closings.closing import find_closing
from tests.sales.conftest import Festival

OUT_OF_SERVICE = ("till", "venue", "hall", "pricelist", "event")


def step_back(connection: Connection) -> None:
    """Make of a database what the version before had."""
    guards.remove(connection)
    for name in OUT_OF_SERVICE:
        connection.execute(sa.text(f"ALTER TABLE {name} DROP COLUMN active"))
    connection.execute(sa.text("ALTER TABLE closing DROP COLUMN entry"))
    connection.execute(sa.text("UPDATE alembic_version SET version_num = '0004'"))


@pytest.fixture
def before(closed_books: Festival) -> Festival:
    """Days that are sold and closed, as the version before keeps them."""
    with closed_books.database.write_engine.begin() as connection:
        step_back(connection)
    return closed_books


def test_a_database_of_the_version_before_keeps_every_row(closed_books: Festival) -> None:
    rows, papers = closed_books.everything(), entries_of(closed_books)
    assert papers
    assert all(papers.values())
    with closed_books.database.write_engine.begin() as connection:
        step_back(connection)
    databases.migrate(closed_books.database, closed_books.clock)
    assert closed_books.everything() == rows
    assert closed_books.read(lambda session: guards.missing(session.connection())) == ()
    assert entries_of(closed_books) == papers
    closed_books.stands()


def entries_of(festival: Festival) -> dict[str, str]:
    """Where the journal tells of each closing, as its papers print it."""
    found = (
        festival.read(lambda session, row=row: find_closing(session, row.id))
        for row in festival.rows(Closing)
    )
    return {str(made.id): made.entry for made in found if made is not None}


def test_a_backup_of_the_version_before_is_restored(before: Festival, tmp_path: Path) -> None:
    path = tmp_path / "before.backup"
    with before.database.engine.connect() as connection:
        write_backup(connection, path, Backup("0004", "1", datetime(2026, 1, 24, tzinfo=UTC), "demandee"))
    elsewhere = databases.connect(f"sqlite:///{tmp_path / 'elsewhere.sqlite'}")
    databases.rebuild(elsewhere, "0004", lambda connection: load_rows(connection, path))
    with elsewhere.read() as session:
        verdict = verify(session)
        assert verdict.fault is None, str(verdict.fault)
        assert guards.missing(session.connection()) == ()
    assert numbered(elsewhere)
    elsewhere.close()
    databases.rebuild(before.database, "0004", lambda connection: load_rows(connection, path))
    before.stands()


def numbered(database: Database) -> bool:
    """Whether each closing knows the number of its entry."""
    with database.read() as session:
        entries = session.execute(sa.text("SELECT entry FROM closing")).scalars().all()
    return bool(entries) and all(entry is not None for entry in entries)


def test_a_database_of_another_version_is_not_called_broken(before: Festival, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    url = before.database.engine.url.render_as_string(hide_password=False).replace("+reading", "")
    with pytest.raises(Refusal, match="est d'une version d'avant") as refused:
        verify_database(settings, url=url)
    assert "Ouvrez le guichet : elle est sauvegardée" in refused.value.remedy
    databases.migrate(before.database, before.clock)
    assert verify_database(settings, url=url).verdict.fault is None
    with before.database.write_engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refusal, match="plus récente que ce programme"):
        verify_database(settings, url=url)


def test_a_closing_of_which_no_journal_tells_stays_readable(before: Festival) -> None:
    with before.database.write_engine.begin() as connection:
        connection.execute(sa.text("UPDATE journalentry SET content = '[' WHERE kind = 'closing.made'"))
    databases.migrate(before.database, before.clock)
    assert set(entries_of(before).values()) == {""}
