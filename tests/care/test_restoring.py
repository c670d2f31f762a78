"""Restoring: what was there is kept, the journals tell and go on, who was erased stays erased."""

import gzip
import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from filelock import FileLock
from sqlalchemy import text
from sqlmodel import select

from boxoffice import sqlite
from boxoffice.backup_file import Backup, NotABackup, write_backup
from boxoffice.care import making_room
from boxoffice.care.backups import BackupReason, list_backups
from boxoffice.care.restoring import managers_of, restore
from boxoffice.config import Settings
from boxoffice.database import HEAD, DatabaseLost
from boxoffice.errors import Refusal
from boxoffice.house import open_house
from boxoffice.models import Customer, JournalEntry, Numbering, Operator, Sale, SaleLine, table
from boxoffice.sales.books.verification import verify
from boxoffice.sales.people.personal_data import erase_customers
from boxoffice.sales.staff.operators import prove_manager
from boxoffice.sqlite import copy_sqlite
from tests.sales.conftest import Festival
from tests.sales.test_tampering import behind_the_guards

from .restored import backed_up, put_back, verdict

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def test_a_restored_journal_tells_of_it_goes_on_and_verifies(festival: Festival, settings: Settings) -> None:
    festival.sell()
    kept = backed_up(festival, settings)
    lost = festival.sell()
    done = put_back(festival, settings, kept.path)
    assert done.tills == (1, 2)
    assert lost.sale_id not in {sale.id for sale in festival.rows(Sale)}
    festival.sell()
    festival.sell(desk=festival.desks[1])
    found = verdict(festival, settings)
    assert found.fault is None
    assert [said for said in found.notices if kept.path.name in said]


def test_no_number_is_given_twice_after_a_restoring(festival: Festival, settings: Settings) -> None:
    first = festival.sell()
    kept = backed_up(festival, settings)
    lost = [festival.sell(), festival.sell(), festival.sell(desk=festival.desks[1])]
    done = put_back(festival, settings, kept.path)
    assert done.skipped == {"1": {"operations": 2, "tickets": 2}, "2": {"operations": 1, "tickets": 1}}
    again = [festival.sell(), festival.sell(desk=festival.desks[1])]
    assert not {sale.operation for sale in (first, *lost)} & {sale.operation for sale in again}
    assert [sale.operation for sale in again] == ["1-000004", "2-000002"]
    found = verdict(festival, settings)
    assert found.fault is None
    assert [said for said in found.notices if "2 opérations et 2 billets ne sont plus dans la base" in said]
    put_back(festival, settings, kept.path)
    assert festival.sell().operation == "1-000005"
    assert verdict(festival, settings).fault is None


def test_numbers_left_out_that_nothing_told_are_a_fault(festival: Festival, settings: Settings) -> None:
    festival.sell()
    with festival.database.write() as session:
        session.execute(table(Numbering).update().values(operations=table(Numbering).c.operations + 1))
    assert "numéros tirés" in str(verdict(festival, settings).fault)


def test_a_backup_that_does_not_verify_is_put_back_only_if_somebody_says_so(
    festival: Festival, settings: Settings
) -> None:
    festival.sell()
    with behind_the_guards(festival) as session:
        session.execute(table(SaleLine).update().values(vat_rate=0))
        about = Backup(HEAD, "1", festival.clock.now(), "demandee")
        path = settings.backups_folder / "forged.backup"
        path.parent.mkdir(parents=True)
        write_backup(session.connection(), path, about)
    before = festival.everything()
    with pytest.raises(Refusal, match="est relue et fausse : vente 1-000001"):
        put_back(festival, settings, path)
    assert festival.everything() == before
    festival.database.close()
    done = restore(settings, path, 1, clock=festival.clock, although_wrong=True)
    assert "vat_rate" in done.fault
    told = [row.content for row in festival.rows(JournalEntry) if row.kind == "database.restored"]
    assert ["vat_rate" in content for content in told] == [True, True]


def test_a_backup_that_is_not_the_file_that_was_made_is_put_back_only_if_somebody_says_so(
    festival: Festival, settings: Settings
) -> None:
    festival.sell()
    kept = backed_up(festival, settings)
    with festival.database.read() as session:
        about = Backup(HEAD, "1", festival.clock.now(), "demandee")
        other = kept.path.with_name("other")
        write_backup(session.connection(), other, about)
    other.replace(kept.path)
    with pytest.raises(Refusal, match="ce n'est plus le fichier que le journal a vu faire"):
        put_back(festival, settings, kept.path)
    festival.database.close()
    done = restore(settings, kept.path, 1, clock=festival.clock, although_wrong=True)
    assert done.fault == "ce n'est plus le fichier que le journal a vu faire"
    assert verdict(festival, settings).fault is None


def test_a_restoring_that_cannot_be_told_is_not_done(
    festival: Festival, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    festival.sell()
    kept = backed_up(festival, settings)
    festival.sell()
    before = festival.everything()

    def stopped(*_anything: object, **_more: object) -> None:
        raise OSError("the program is stopped here")

    monkeypatch.setattr("boxoffice.care.restoring.journal.accept_restored", stopped)
    with pytest.raises(OSError, match="stopped here"):
        put_back(festival, settings, kept.path)
    assert festival.everything() == before


def test_a_backup_where_nothing_can_be_written_is_put_back(
    festival: Festival, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = backed_up(festival, settings)
    stick = tmp_path / "stick"
    stick.mkdir()
    on_stick = shutil.copy(kept.path, stick)
    made_in = []
    whole = tempfile.TemporaryDirectory

    def apart(**how: Any) -> Any:
        made_in.append(how.get("dir"))
        return whole(**how)

    monkeypatch.setattr("boxoffice.care.checking.tempfile.TemporaryDirectory", apart)
    put_back(festival, settings, Path(on_stick))
    assert set(made_in) == {settings.backups_folder}
    assert verdict(festival, settings).fault is None


@on_sqlite
def test_pins_tried_against_a_backup_alone_are_counted(festival: Festival, settings: Settings) -> None:
    kept = backed_up(festival, settings)
    alone = replace(settings, database_url=f"sqlite:///{settings.data_folder / 'none.sqlite'}")
    settings.data_folder.mkdir(exist_ok=True)

    def tried(pin: str) -> None:
        with managers_of(alone, kept.path, festival.clock) as database, database.write() as session:
            prove_manager(session, None, 1, pin, clock=festival.clock)

    for _wrong in range(3):
        with pytest.raises(Refusal, match="Ce n'est pas le code"):
            tried("9999")
    with pytest.raises(Refusal, match="attendez jusqu'à"):
        tried("1234")
    festival.clock.advance(timedelta(seconds=6))
    tried("1234")
    tried("1234")
    alone.key_path.unlink()
    with pytest.raises(Refusal, match="n'est pas sur ce poste"):
        tried("1234")


def test_what_was_there_is_kept_before_and_can_be_put_back(festival: Festival, settings: Settings) -> None:
    kept = backed_up(festival, settings)
    lost = festival.sell()
    done = put_back(festival, settings, kept.path)
    assert done.before is not None
    assert done.before.checked
    assert done.before.about.reason == BackupReason.RESTORE
    put_back(festival, settings, done.before.path)
    assert lost.sale_id in {sale.id for sale in festival.rows(Sale)}
    festival.sell()
    assert verdict(festival, settings).fault is None


def test_a_backup_of_postgresql_goes_on_in_a_sqlite_file(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    festival.sell()
    kept = backed_up(festival, settings)
    moved = Settings(
        **{
            **{name: getattr(settings, name) for name in ("data_folder", "keys_folder", "spool_folder")},
            "database_url": f"sqlite:///{tmp_path / 'moved.sqlite'}",
        }
    )
    done = put_back(festival, moved, kept.path)
    assert done.before is None
    house = open_house(moved, clock=festival.clock)
    with house.database.read() as session:
        assert verify(session, anchors={1: house.post.signer.anchor()}).fault is None  # type: ignore[dict-item]
    house.database.close()


def test_a_till_that_is_open_is_not_restored_under_its_feet(festival: Festival, settings: Settings) -> None:
    kept = backed_up(festival, settings)
    before = festival.everything()
    with FileLock(settings.data_folder / "till-1.lock"), pytest.raises(Refusal, match="est ouverte"):
        put_back(festival, settings, kept.path)
    assert festival.everything() == before


@on_postgresql
def test_other_counters_connected_are_asked_to_leave(
    festival: Festival, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making_room, "LOOKS", 2)
    kept = backed_up(festival, settings)
    with festival.database.read() as session:
        session.exec(select(Sale.id)).first()
        with pytest.raises(Refusal, match="D'autres postes sont connectés"):
            restore(settings, kept.path, 1, clock=festival.clock)


@on_postgresql
def test_a_counter_that_has_just_left_is_waited_for(
    festival: Festival, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = backed_up(festival, settings)
    festival.database.close()
    other = psycopg.connect(
        festival.database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    )
    pause = making_room.time.sleep

    def leave(seconds: float) -> None:
        other.close()
        pause(seconds)

    monkeypatch.setattr(making_room.time, "sleep", leave)
    monkeypatch.setattr(making_room, "LOOKS", 1_000)
    restore(settings, kept.path, 1, clock=festival.clock)
    assert other.closed


def test_a_backup_that_is_not_whole_changes_nothing(festival: Festival, settings: Settings) -> None:
    kept = backed_up(festival, settings)
    kept.path.write_bytes(kept.path.read_bytes()[:-20])
    before = festival.everything()
    with pytest.raises(NotABackup):
        put_back(festival, settings, kept.path)
    assert festival.everything() == before


def test_a_till_whose_key_is_not_here_changes_nothing(festival: Festival, settings: Settings) -> None:
    kept = backed_up(festival, settings)
    settings.key_path_of(1).unlink()
    before = festival.everything()
    with pytest.raises(Refusal, match="La clé de la caisse 1 qui va avec cette sauvegarde"):
        put_back(festival, settings, kept.path)
    assert festival.everything() == before


def test_who_was_erased_since_is_erased_again(festival: Festival, settings: Settings) -> None:
    festival.sell_pass()
    kept = backed_up(festival, settings)

    def erase() -> None:
        with festival.database.write() as session:
            ids = list(session.exec(select(Customer.id)))
            erase_customers(
                session, ids, festival.posts[0], manager=festival.manager, clock=festival.clock, losing=True
            )

    erase()
    assert "Dupont" not in _text(backed_up(festival, settings).path)
    done = put_back(festival, settings, kept.path)
    assert done.not_erased == ()
    assert {customer.surname for customer in festival.rows(Customer)} == {""}
    assert verdict(festival, settings).fault is None


@on_sqlite
def test_a_spoilt_file_is_set_aside_and_the_backup_takes_its_place(
    festival: Festival, settings: Settings
) -> None:
    kept = backed_up(festival, settings)
    festival.database.close()
    path = Path(str(festival.database.engine.url.database))
    path.write_bytes(b"x" * 10_000)
    done = put_back(festival, settings, kept.path)
    assert done.set_aside is not None
    assert done.set_aside.read_bytes() == b"x" * 10_000
    festival.sell()
    assert verdict(festival, settings).fault is None


@on_sqlite
def test_the_log_of_a_spoilt_file_is_kept_with_it(festival: Festival, settings: Settings) -> None:
    kept = backed_up(festival, settings)
    path = Path(str(festival.database.engine.url.database))
    with closing(sqlite3.connect(path)) as somebody_else:
        somebody_else.execute("SELECT count(*) FROM sale").fetchone()
        festival.sell()
        festival.database.close()
        with path.open("r+b") as file:
            file.seek(4_096)
            file.write(b"x" * (path.stat().st_size - 4_096))
        last_sale = Path(f"{path}-wal").read_bytes()
        done = put_back(festival, settings, kept.path)
    assert done.set_aside is not None
    assert last_sale
    assert Path(f"{done.set_aside}-wal").read_bytes().startswith(last_sale)


@on_sqlite
def test_a_file_that_somebody_else_writes_to_is_not_taken_for_a_spoilt_one(
    festival: Festival, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = backed_up(festival, settings)
    festival.sell()
    festival.database.close()
    path = Path(str(festival.database.engine.url.database))
    monkeypatch.setattr(sqlite, "LOCK_PATIENCE_SECONDS", 0.02)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseLost):
            put_back(festival, settings, kept.path)
        other.execute("ROLLBACK")
    assert not list(path.parent.glob("*-abimee-*"))
    assert festival.count(Sale) == 1


@on_sqlite
def test_a_copy_of_a_sqlite_file_is_put_back_too(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    festival.sell()
    copy = tmp_path / "copy.sqlite"
    copy_sqlite(Path(str(festival.database.engine.url.database)), copy)
    lost = festival.sell()
    put_back(festival, settings, copy)
    assert lost.sale_id not in {sale.id for sale in festival.rows(Sale)}
    assert verdict(festival, settings).fault is None
    with closing(sqlite3.connect(copy)) as still:
        assert still.execute("SELECT count(*) FROM sale").fetchone() == (1,)


def test_the_journal_tells_of_each_backup_by_its_hash(festival: Festival, settings: Settings) -> None:
    kept = backed_up(festival, settings)
    told = [row.content for row in festival.rows(JournalEntry) if row.kind == "database.backed_up"]
    assert len(told) == 1
    assert kept.sha256 in told[0]
    assert [backup.path for backup in list_backups(settings.backups_folder)] == [kept.path]


def _text(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode()


@on_sqlite
@pytest.mark.parametrize("rest", [b"\0" * 4_000, b"x" * 4_000, b""], ids=["nothing", "rubbish", "cut"])
def test_a_file_that_only_begins_as_sqlite_is_refused_in_a_sentence(
    festival: Festival, settings: Settings, tmp_path: Path, rest: bytes
) -> None:
    before = festival.everything()
    (tmp_path / "z.sqlite").write_bytes(b"SQLite format 3\0" + rest)
    with pytest.raises(NotABackup, match=r"^z\.sqlite n'est pas "):
        put_back(festival, settings, tmp_path / "z.sqlite")
    assert festival.everything() == before


@on_sqlite
def test_a_sqlite_file_of_something_else_is_refused_in_a_sentence(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as other, other:
        other.execute("CREATE TABLE song (title TEXT)")
    with pytest.raises(NotABackup, match="n'est pas la base de données d'un festival"):
        put_back(festival, settings, tmp_path / "other.sqlite")


def test_a_database_of_a_version_before_is_brought_up_to_date_before_another_replaces_it(
    festival: Festival, settings: Settings
) -> None:
    kept = backed_up(festival, settings)
    with festival.database.write() as session:
        session.execute(text("ALTER TABLE numbering DROP COLUMN credit_notes"))
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(Refusal, match="La base de données en place est d'une version d'avant") as refused:
        put_back(festival, settings, kept.path)
    assert "Ouvrez le guichet" in refused.value.remedy
    assert len(list_backups(settings.backups_folder)) == 1


def test_a_backup_without_a_manager_is_refused_in_a_sentence(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    """Nobody could answer for anything in it, nor let anybody in."""
    festival.sell()
    path = tmp_path / "early.backup"
    with behind_the_guards(festival) as session:
        session.execute(table(Operator).update().values(active=False))
        write_backup(session.connection(), path, Backup(HEAD, "1", festival.clock.now(), "demandee"))
        session.execute(table(Operator).update().values(active=True))
    before = festival.everything()
    with pytest.raises(Refusal, match=r"early\.backup n'a aucun responsable"):
        put_back(festival, settings, path, although_wrong=True)
    assert festival.everything() == before
    elsewhere = replace(settings, database_url=f"sqlite:///{tmp_path / 'none.sqlite'}")
    with (
        pytest.raises(Refusal, match=r"early\.backup n'a aucun responsable"),
        managers_of(elsewhere, path, festival.clock),
    ):
        pass


@on_sqlite
def test_nobody_is_asked_for_a_pin_of_a_backup_whose_rows_do_not_fit(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    festival.sell()
    path = tmp_path / "broken.backup"
    with behind_the_guards(festival) as session:
        session.execute(table(SaleLine).update().values(screening_id=9_999))
        write_backup(session.connection(), path, Backup(HEAD, "1", festival.clock.now(), "demandee"))
    elsewhere = replace(settings, database_url=f"sqlite:///{tmp_path / 'none.sqlite'}")
    with (
        pytest.raises(NotABackup, match="ses lignes ne vont pas ensemble"),
        managers_of(elsewhere, path, festival.clock),
    ):
        pass
