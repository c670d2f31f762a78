"""Backups of journals that a restoring replaced accuse nobody; those of the journals that stand still do."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from boxoffice.care.backups import BackupReason, KeptBackup, back_up
from boxoffice.care.making_room import WrongInPlace
from boxoffice.care.restoring import restore
from boxoffice.care.verifying import verify_database
from boxoffice.config import Settings
from boxoffice.kinds import JournalKind
from boxoffice.models import JournalEntry, Sale
from boxoffice.sales.books.reconciliation import Place
from boxoffice.sales.books.told_restorings import read_told_restorings, told_restoring
from tests.sales.conftest import Festival

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def backed_up(festival: Festival, settings: Settings) -> KeptBackup:
    festival.clock.advance(timedelta(minutes=1))
    folder, reason = settings.backups_folder, BackupReason.SCHEDULE
    return back_up(festival.database, folder, reason, festival.posts[0], clock=festival.clock)


def put_back(festival: Festival, settings: Settings, kept: KeptBackup) -> None:
    festival.database.close()
    festival.clock.advance(timedelta(minutes=1))
    restore(settings, kept.path, festival.manager.number, clock=festival.clock)


def sold(festival: Festival, times: int) -> None:
    """At both tills."""
    for _time in range(times):
        for desk in festival.desks[:2]:
            festival.sell(festival.product_line(), desk=desk)


def accused(festival: Festival, settings: Settings) -> str | None:
    festival.database.close()
    fault = verify_database(settings).verdict.fault
    return None if fault is None else str(fault)


def test_two_backups_put_back_each_older_than_the_one_before_accuse_nobody(
    festival: Festival, settings: Settings
) -> None:
    sold(festival, 1)
    morning = backed_up(festival, settings)
    sold(festival, 2)
    evening = backed_up(festival, settings)
    sold(festival, 2)
    for kept in (evening, morning, morning):
        put_back(festival, settings, kept)
        assert accused(festival, settings) is None
    sold(festival, 1)
    assert accused(festival, settings) is None


def test_a_backup_made_in_what_was_put_back_by_mistake_accuses_nobody_without_that_of_the_restoring(
    festival: Festival, settings: Settings
) -> None:
    older = backed_up(festival, settings)
    sold(festival, 3)
    newer = backed_up(festival, settings)
    put_back(festival, settings, older)
    sold(festival, 1)
    backed_up(festival, settings)
    put_back(festival, settings, newer)
    for replaced in settings.backups_folder.glob("*-avant-remise.backup"):
        replaced.unlink()
    assert accused(festival, settings) is None
    sold(festival, 6)
    assert accused(festival, settings) is None


@contextmanager
def put_away(festival: Festival, settings: Settings, folder: Path) -> Iterator[None]:
    """By whoever has no key: the file and its anchors are put back as they were before what is done here."""
    base = Path(str(festival.database.engine.url.database))
    before = sqlite3.connect(folder / "before.sqlite")
    standing = sqlite3.connect(base)
    standing.backup(before)
    before.close()
    standing.close()
    shutil.copytree(settings.keys_folder, folder / "before")
    yield
    festival.database.close()
    for suffix in ("-wal", "-shm", ""):
        Path(f"{base}{suffix}").unlink(missing_ok=True)
    os.replace(folder / "before.sqlite", base)
    shutil.copytree(folder / "before", settings.keys_folder, dirs_exist_ok=True)


@on_sqlite
def test_an_hour_put_away_after_an_honest_restoring_is_missed_by_a_backup_made_in_it(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    sold(festival, 1)
    kept = backed_up(festival, settings)
    sold(festival, 9)
    put_back(festival, settings, kept)
    sold(festival, 1)
    with put_away(festival, settings, tmp_path):
        sold(festival, 2)
        backed_up(festival, settings)
    found = accused(festival, settings)
    assert found is not None
    assert "elle manque, et la sauvegarde" in found


@on_sqlite
def test_an_hour_put_away_is_not_washed_clean_by_a_restoring(
    festival: Festival, settings: Settings, tmp_path: Path
) -> None:
    sold(festival, 1)
    kept = backed_up(festival, settings)
    with put_away(festival, settings, tmp_path):
        sold(festival, 4)
        backed_up(festival, settings)
        given = max(sale.number for sale in festival.rows(Sale))
    festival.clock.advance(timedelta(minutes=1))
    with pytest.raises(WrongInPlace, match="elle manque, et la sauvegarde"):
        restore(settings, kept.path, festival.manager.number, clock=festival.clock)
    restore(settings, kept.path, festival.manager.number, clock=festival.clock, although_wrong_before=True)
    festival.sell(festival.product_line())
    assert max(sale.number for sale in festival.rows(Sale)) > given
    told = [row.content for row in festival.rows(JournalEntry) if row.kind == JournalKind.DATABASE_RESTORED]
    assert any('"fault_before"' in content for content in told)


@on_sqlite
def test_an_entry_of_a_restoring_is_read_by_its_types_alone(festival: Festival, settings: Settings) -> None:
    kept = backed_up(festival, settings)
    put_back(festival, settings, kept)
    told = next(each for each in festival.read(read_told_restorings) if each.puts_back)
    assert told.found_of(told.place.till) == told.found
    good = '{"at": "2026-01-21T14:00:00+00:00", "found": 3, "known": 5}'
    assert told_restoring(Place(1, 4), "d", good) is not None
    typed_otherwise = good.replace("3", '"3"'), good.replace("5", "null"), good.replace("2026", "x")
    for bad in ("{", "[]", "{}", *typed_otherwise):
        assert told_restoring(Place(1, 4), "d", bad) is None
