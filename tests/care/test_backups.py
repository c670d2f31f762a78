"""Backups: made from either engine, read again before they are kept, restored into either."""

import gzip
import hashlib
import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

from boxoffice import database as databases
from boxoffice.backup_file import Backup, NotABackup, load_rows
from boxoffice.care.backups import (
    BackupReason,
    KeptBackup,
    back_up,
    back_up_asked,
    back_up_if_due,
    check_alone,
    list_backups,
    superfluous,
    throw_away,
)
from boxoffice.care.checking import check_backup
from boxoffice.clock import SettableClock
from boxoffice.database import Database
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.models import JournalEntry, guards
from boxoffice.sales.books.verification import verify
from tests.sales.conftest import Festival


def backed_up(festival: Festival, folder: Path, reason: BackupReason = BackupReason.ASKED) -> KeptBackup:
    return back_up(festival.database, folder, reason, festival.posts[0], clock=festival.clock)


def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    return Festival(database, None, None, None, None, None).everything()  # type: ignore[arg-type]


def altered(database: Database, statement: str) -> None:
    """Change rows as whoever owns the database could."""
    with database.write() as session:
        guards.remove(session.connection())
        session.execute(text(statement))
        guards.install(session.connection())


@pytest.fixture
def elsewhere(tmp_path: Path) -> Database:
    """A SQLite file with nothing in it."""
    return databases.connect(f"sqlite:///{tmp_path / 'elsewhere.sqlite'}")


def test_a_backup_is_made_for_whoever_may_make_an_archive_and_for_nobody_else(
    festival: Festival, tmp_path: Path
) -> None:
    def ask(number: int | None) -> KeptBackup:
        return back_up_asked(festival.database, tmp_path, festival.posts[0], number, clock=festival.clock)

    for number in (festival.cashier.number, 99, None):
        with pytest.raises(ManagerNeeded):
            ask(number)
    assert list_backups(tmp_path) == ()
    kept = ask(festival.manager.number)
    (listed,) = list_backups(tmp_path)
    assert (listed.path, listed.about.reason) == (kept.path, BackupReason.ASKED)


@pytest.mark.usefixtures("full_books")
def test_a_backup_of_either_engine_restored_has_every_row_and_a_journal_that_verifies(
    festival: Festival, tmp_path: Path, elsewhere: Database
) -> None:
    before = festival.everything()
    kept = backed_up(festival, tmp_path / "backups")
    databases.rebuild(elsewhere, kept.about.revision, lambda connection: load_rows(connection, kept.path))
    assert everything(elsewhere) == before
    with elsewhere.read() as session:
        assert verify(session).fault is None
    elsewhere.close()
    festival.stands()


@pytest.mark.usefixtures("full_books")
def test_a_backup_goes_back_into_the_engine_it_came_from(festival: Festival, tmp_path: Path) -> None:
    before = festival.everything()
    kept = back_up(festival.database, tmp_path / "backups", BackupReason.ASKED, None, clock=festival.clock)
    festival.sell()
    assert festival.everything() != before
    databases.rebuild(
        festival.database, kept.about.revision, lambda connection: load_rows(connection, kept.path)
    )
    assert festival.everything() == before


def test_a_backup_whose_bytes_are_changed_or_cut_is_refused(festival: Festival, tmp_path: Path) -> None:
    path = backed_up(festival, tmp_path).path
    whole = path.read_bytes()
    plain = gzip.decompress(whole)
    for changed in (
        whole[: len(whole) // 2],
        whole[:200] + bytes([whole[200] ^ 1]) + whole[201:],
        gzip.compress(plain.replace(b"Kneecap", b"Kneekap")),
        gzip.compress(plain[: plain.rindex(b'{"end"')]),
        gzip.compress(plain + b"[]\n"),
        b"",
        b"PK",
    ):
        path.write_bytes(changed)
        with pytest.raises(NotABackup, match="n'est pas une sauvegarde, ou n'est pas entier"):
            check_backup(path, folder=path.parent)


def test_a_backup_whose_rows_no_version_has_is_none(festival: Festival, tmp_path: Path) -> None:
    path = backed_up(festival, tmp_path / "backups").path
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)[:-1]
    rows = b"".join(lines).replace(b'"columns":["id","festival"', b'"columns":["id","fete"')
    assert rows != b"".join(lines)
    seal = {"end": {}, "sha256": hashlib.sha256(rows).hexdigest()}
    path.write_bytes(gzip.compress(rows + json.dumps(seal).encode() + b"\n"))
    with pytest.raises(NotABackup, match="ne se remet pas : ses lignes ne vont pas ensemble"):
        check_backup(path, folder=path.parent)


def test_a_backup_is_for_its_owner_alone(festival: Festival, tmp_path: Path) -> None:
    path = backed_up(festival, tmp_path / "backups").path
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir() if each.name != ".lock"] == [path.name]


def test_a_wrong_database_gives_no_backup_but_before_a_restoring(festival: Festival, tmp_path: Path) -> None:
    festival.sell()
    altered(festival.database, "UPDATE payment SET amount_cents = amount_cents - 1")
    with pytest.raises(Refusal, match="les règlements ne font pas le total"):
        backed_up(festival, tmp_path)
    assert list_backups(tmp_path) == ()
    kept = backed_up(festival, tmp_path, BackupReason.RESTORE)
    assert not kept.checked
    assert kept.path.name.endswith("-avant-remise-douteuse.backup")
    assert [each.checked for each in list_backups(tmp_path)] == [False]


def test_a_broken_journal_is_seen_by_the_light_look(festival: Festival, tmp_path: Path) -> None:
    altered(festival.database, "UPDATE journalentry SET content = replace(content, 'Karim', 'Kerim')")
    with pytest.raises(Refusal, match="le journal de la caisse 1 n'est pas entier"):
        backed_up(festival, tmp_path)


def test_only_one_counter_makes_the_backup_of_the_hour(festival: Festival, tmp_path: Path) -> None:
    first, second = festival.posts
    for folder, post, made in (("a", first, True), ("b", second, False), ("a", first, False)):
        found = back_up_if_due(festival.database, tmp_path / folder, post, clock=festival.clock)
        assert (found is not None) == made
    festival.clock.advance(timedelta(hours=4))
    assert back_up_if_due(festival.database, tmp_path / "b", second, clock=festival.clock)
    assert len(list_backups(tmp_path / "a")) == len(list_backups(tmp_path / "b")) == 1
    festival.stands()


def test_backups_are_thinned_out_to_one_a_day_then_one_a_month() -> None:
    now = datetime(2026, 6, 30, 12, tzinfo=UTC)
    kept = [
        KeptBackup(Path(f"{hours}"), Backup("0005", "1", now - timedelta(hours=hours), "reguliere"), 1)
        for hours in range(0, 24 * 500, 6)
    ]
    gone = [backup.path for backup in superfluous(kept, now)]
    left = [now - backup.about.at for backup in kept if backup.path not in gone]
    assert len([age for age in left if age <= timedelta(2)]) == 9
    assert len([age for age in left if timedelta(2) < age <= timedelta(14)]) == 12
    assert len([age for age in left if age > timedelta(14)]) == 12
    asked = [KeptBackup(backup.path, Backup("0005", "1", backup.about.at, "demandee"), 1) for backup in kept]
    assert list(superfluous(asked, now)) == []


def test_what_a_program_stopped_half_way_left_is_swept_away(festival: Festival, tmp_path: Path) -> None:
    (tmp_path / ".2026-01-21-120000-1.part").write_bytes(b"half")
    (tmp_path / ".check-abc").mkdir()
    path = backed_up(festival, tmp_path).path
    assert {each.name for each in tmp_path.glob("*") if each.name != ".lock"} >= {path.name}
    assert not list(tmp_path.glob(".2026*")) + list(tmp_path.glob(".check*"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_older_than_a_year_goes_but_what_was_asked_for(
    festival: Festival, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("boxoffice.care.backups.DAYS_KEPT", 0)
    folder = tmp_path / "backups"
    asked = backed_up(festival, folder).path
    for reason in (BackupReason.SCHEDULE, BackupReason.CLOSING, BackupReason.MIGRATION):
        backed_up(festival, folder, reason)
    festival.clock.advance(timedelta(days=400))
    today = backed_up(festival, folder).path
    assert throw_away(folder, clock=festival.clock) == ()
    festival.clock.advance(timedelta(days=1))
    tomorrow = backed_up(festival, folder).path
    throw_away(folder, clock=festival.clock)
    assert {path for path in folder.iterdir() if path.name != ".lock"} == {asked, today, tomorrow}


def test_those_made_at_closings_are_thinned_where_none_is_made_by_the_hour(
    festival: Festival, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("boxoffice.care.backups.DAYS_KEPT", 0)
    old = backed_up(festival, tmp_path, BackupReason.CLOSING).path
    festival.clock.advance(timedelta(days=400))
    backed_up(festival, tmp_path, BackupReason.CLOSING)
    assert old.exists()
    festival.clock.advance(timedelta(days=1))
    backed_up(festival, tmp_path, BackupReason.CLOSING)
    assert not old.exists()
    told = [row.content for row in festival.rows(JournalEntry) if row.kind.endswith("thrown_away")]
    assert [old.name in content for content in told] == [True]


def test_a_backup_under_a_clock_set_ahead_throws_no_other_away_nor_stands_for_the_next(
    festival: Festival, tmp_path: Path
) -> None:
    post, folder, clock = festival.posts[0], tmp_path / "backups", SettableClock(festival.clock.at)

    def if_due() -> bool:
        return back_up_if_due(festival.database, folder, post, clock=clock) is not None

    for _day in range(4):
        assert if_due()
        clock.advance(timedelta(days=1))
    there = {kept.path for kept in list_backups(folder)}
    clock.advance(timedelta(days=800))
    assert if_due()
    assert there < {kept.path for kept in list_backups(folder)}
    clock.advance(-timedelta(days=800))
    assert if_due(), "what a clock set ahead has made is not taken for the last one"
    assert not if_due()


def test_nobody_sweeps_the_folder_while_a_backup_is_checked_in_it(festival: Festival, tmp_path: Path) -> None:
    kept = backed_up(festival, tmp_path)
    tried: list[bool] = []

    def look(_session: Session) -> None:
        made = back_up_if_due(festival.database, tmp_path, festival.posts[0], clock=festival.clock)
        tried.append(made is not None)

    festival.clock.advance(timedelta(hours=5))
    check_alone(kept.path, tmp_path, look=look)
    assert tried == [False]
    assert back_up_if_due(festival.database, tmp_path, festival.posts[0], clock=festival.clock)


def test_the_journal_tells_what_was_thrown_away(
    festival: Festival, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("boxoffice.care.backups.DAYS_KEPT", 0)
    post, clock = festival.posts[0], SettableClock(festival.clock.at)
    old = back_up_if_due(festival.database, tmp_path, post, clock=clock)
    clock.advance(timedelta(days=400))
    back_up_if_due(festival.database, tmp_path, post, clock=clock)
    clock.advance(timedelta(days=1))
    back_up_if_due(festival.database, tmp_path, post, clock=clock)
    told = [row.content for row in festival.rows(JournalEntry) if row.kind.endswith("thrown_away")]
    assert old is not None
    assert [old.path.name in content for content in told] == [True]
    assert not old.path.exists()
