"""What is in place when a backup is put back: the same books, altered or not, others, or nothing at all."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from boxoffice import database as databases
from boxoffice.backup_file import read_header
from boxoffice.care.doctor.consultation import examine
from boxoffice.care.making_room import WrongInPlace
from boxoffice.care.verifying import verify_database
from boxoffice.config import Settings
from boxoffice.database import HEAD, migrate
from boxoffice.errors import Refusal
from boxoffice.kinds import VatStatus
from boxoffice.models import JournalEntry, Sale, table
from boxoffice.sales.staff.setup import FoundFestival, found_festival
from boxoffice.sqlite import copy_sqlite
from tests.sales.conftest import Festival

from .restored import backed_up, close_both, insider, put_back, verdict

_entry = table(JournalEntry)
NOBODYS = "0" * 64

ANOTHER = FoundFestival(
    festival="Un autre",
    operator_name="Une autre",
    address="1, rue d'ailleurs",
    postcode="49000",
    town="Angers",
    siret="73282932000074",
    vat_status=VatStatus.LIABLE,
    manager_name="Ada",
    manager_pin="4321",
)


def after_a_lost_day(festival: Festival, settings: Settings) -> Path:
    """A backup of before a day that was closed since, and on papers."""
    kept = backed_up(festival, settings)
    festival.sell()
    assert close_both(festival).number == 1
    return kept.path


def test_books_whose_first_entries_were_altered_in_place_are_the_same(
    festival: Festival, settings: Settings
) -> None:
    kept = after_a_lost_day(festival, settings)
    with insider(festival) as connection:
        connection.execute(_entry.update().where(_entry.c.sequence == 1).values(digest=NOBODYS))
    with pytest.raises(WrongInPlace, match="caisse 1, entrée 1"):
        put_back(festival, settings, kept)
    done = put_back(festival, settings, kept, although_wrong_before=True)
    assert "entrée 1" in done.fault_before
    assert close_both(festival).number == 2
    assert verdict(festival, settings).fault is None


def test_where_no_entry_in_place_can_be_believed_backups_tell(festival: Festival, settings: Settings) -> None:
    kept = after_a_lost_day(festival, settings)
    festival.clock.advance(timedelta(minutes=1))
    backed_up(festival, settings)
    with insider(festival) as connection:
        connection.execute(_entry.update().values(digest=NOBODYS))
    with pytest.raises(WrongInPlace):
        put_back(festival, settings, kept)
    put_back(festival, settings, kept, although_wrong_before=True)
    assert close_both(festival).number == 2
    assert verdict(festival, settings).fault is None


def test_where_nothing_is_in_place_backups_tell(festival: Festival, settings: Settings) -> None:
    """The file is gone, or the server's database was made anew: the older backup is put back."""
    kept = after_a_lost_day(festival, settings)
    festival.clock.advance(timedelta(minutes=1))
    backed_up(festival, settings)
    festival.database.close()
    if festival.database.is_sqlite:
        Path(str(festival.database.engine.url.database)).unlink()
    else:
        with festival.database.write_engine.begin() as connection:
            names = ", ".join(f'"{name}"' for name in inspect(connection).get_table_names())
            connection.exec_driver_sql(f"DROP TABLE {names}")
    done = put_back(festival, settings, kept)
    assert (done.before, done.fault_before) == (None, "")
    assert [(each.first, each.last) for each in done.left_out] == [(1, 1)]
    assert close_both(festival).number == 2
    assert verdict(festival, settings).fault is None


def test_other_books_in_place_are_replaced_without_a_question_and_tell_nothing(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    festival.sell()
    kept = backed_up(festival, settings)
    elsewhere = replace(settings, database_url=f"sqlite:///{tmp_path / 'another.sqlite'}")
    opened = databases.connect(elsewhere.database_url)
    databases.migrate(opened)
    with opened.write() as session:
        found_festival(session, ANOTHER, key_path=tmp_path / "another" / "till-1.pem", clock=festival.clock)
    opened.close()
    done = put_back(festival, elsewhere, kept.path)
    assert (done.fault_before, done.left_out, done.skipped) == ("", (), {})
    assert done.before is not None


@pytest.mark.parametrize("gone", ["DELETE FROM alembic_version", "DROP TABLE alembic_version"])
def test_a_base_that_lost_its_revision_is_not_taken_for_an_empty_one(
    festival: Festival, settings: Settings, gone: str
) -> None:
    kept = after_a_lost_day(festival, settings)
    with insider(festival) as connection:
        connection.execute(text(gone))
    festival.database.close()
    before = festival.everything()
    with pytest.raises(Refusal, match="ne dit plus de quelle version elle est"):
        migrate(festival.database, festival.clock, settings.backups_folder)
    with pytest.raises(Refusal, match="ne dit plus de quelle version elle est"):
        verify_database(settings)
    (said,) = [each for each in examine(settings, clock=festival.clock) if each.subject == "database"]
    assert "ne dit plus de quelle version elle est" in said.said
    with pytest.raises(WrongInPlace, match=r"fausse, .* elle ne dit plus de quelle version elle est"):
        put_back(festival, settings, kept)
    assert festival.everything() == before
    done = put_back(festival, settings, kept, although_wrong_before=True)
    assert done.before is not None
    assert (done.before.checked, read_header(done.before.path).revision) == (True, HEAD)
    assert close_both(festival).number == 2
    assert verdict(festival, settings).fault is None


def test_tables_of_something_else_are_not_thrown_away(festival: Festival, settings: Settings) -> None:
    kept = backed_up(festival, settings)
    with festival.database.write_engine.begin() as connection:
        connection.execute(text("ALTER TABLE journalentry RENAME TO song"))
        connection.execute(text("DELETE FROM alembic_version"))
    with pytest.raises(Refusal, match="n'est pas celle d'un festival : ses tables seraient perdues"):
        put_back(festival, settings, kept.path)
    assert festival.rows(Sale) == []
    with festival.database.read() as session:
        assert inspect(session.connection()).has_table("song")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_copy_of_a_file_that_lost_its_revision_is_refused_in_a_sentence(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    copy_sqlite(Path(str(festival.database.engine.url.database)), tmp_path / "copy.sqlite")
    with closing(sqlite3.connect(tmp_path / "copy.sqlite")) as copy, copy:
        copy.execute("DELETE FROM alembic_version")
    with pytest.raises(Refusal, match="ne dit plus de quelle version elle est"):
        put_back(festival, settings, tmp_path / "copy.sqlite")
