"""An archive is whole on the disk, then told, then named: stopped anywhere, nothing else is left of it."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from boxoffice.care import archiving
from boxoffice.care.archiving import archive_period
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import JournalKind
from boxoffice.models import JournalEntry
from boxoffice.sales.archives.making import CreateArchive, create_archive
from boxoffice.sales.archives.verifying import verify_archive
from tests.sales.archived import DAY, archived
from tests.sales.closing_life import close_everything
from tests.sales.conftest import Festival


@pytest.fixture
def closed(festival: Festival) -> Festival:
    """The festival the day after a sale that was closed."""
    festival.sell()
    close_everything(festival)
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=1))
    return festival


def is_told(festival: Festival) -> bool:
    return JournalKind.ARCHIVE_MADE in {row.kind for row in festival.rows(JournalEntry)}


def left_in(folder: Path) -> list[str]:
    """What of an archive a folder holds."""
    return [path.name for path in folder.iterdir() if "archive.zip" in path.name]


def test_who_may_make_no_archive_leaves_no_file(closed: Festival, tmp_path: Path) -> None:
    command = CreateArchive(DAY, DAY, tmp_path / "archive.zip")
    with pytest.raises(ManagerNeeded), closed.database.read() as session:
        create_archive(session, command, closed.posts[0], clock=closed.clock, manager=closed.cashier)
    assert left_in(tmp_path) == []


def test_an_archive_has_no_name_before_the_journal_tells_of_it(closed: Festival, tmp_path: Path) -> None:
    command = CreateArchive(DAY, DAY, tmp_path / "archive.zip")
    with closed.database.read() as session:
        made = create_archive(session, command, closed.posts[0], clock=closed.clock, manager=closed.manager)
    assert not made.path.exists()
    assert made.unfinished.suffix == ".part"
    assert not is_told(closed)
    again = archived(closed, tmp_path / "archive.zip")
    assert verify_archive(again.path).sales == 1


def test_an_archive_that_cannot_be_told_is_gone(
    closed: Festival, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_words: object, **_more: object) -> None:
        raise Refusal("Le journal ne répond pas.")

    monkeypatch.setattr(archiving, "tell_archive", refuse)
    with pytest.raises(Refusal, match="ne répond pas"):
        archived(closed, tmp_path / "archive.zip")
    assert left_in(tmp_path) == []
    assert not is_told(closed)


def test_an_archive_stopped_half_way_is_gone(closed: Festival, tmp_path: Path) -> None:
    def stop(_done: int, _of: int) -> None:
        raise KeyboardInterrupt

    command = CreateArchive(DAY, DAY, tmp_path / "archive.zip")
    for _sale in range(2):
        with pytest.MonkeyPatch.context() as patch, closed.database.read() as session:
            patch.setattr("boxoffice.sales.archives.packing.ROWS_AT_ONCE", 1)
            with pytest.raises(KeyboardInterrupt):
                create_archive(
                    session,
                    command,
                    closed.posts[0],
                    clock=closed.clock,
                    manager=closed.manager,
                    progress=stop,
                )
    assert left_in(tmp_path) == []


def test_an_archive_is_on_the_disk_before_it_is_told(
    closed: Festival, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[tuple[int, bool]] = []
    true_fsync = os.fsync

    def fsync(opened: int) -> None:
        written.append((os.fstat(opened).st_ino, is_told(closed)))
        true_fsync(opened)

    monkeypatch.setattr(os, "fsync", fsync)
    made = archived(closed, tmp_path / "archive.zip")
    file, folder = made.path.stat().st_ino, tmp_path.stat().st_ino
    assert [each for each in written if each[0] in (file, folder)] == [
        (file, False),
        (folder, False),
        (folder, True),
    ]


def test_an_archive_is_verified_before_it_is_told_and_shows_how_far(
    closed: Festival, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("boxoffice.sales.archives.opened._AT_ONCE", 1 << 10)
    shown: list[tuple[int, int, bool]] = []
    archive_period(
        closed.database,
        CreateArchive(DAY, DAY, tmp_path / "archive.zip"),
        closed.posts[0],
        clock=closed.clock,
        manager=closed.manager,
        verifying=lambda done, of: shown.append((done, of, is_told(closed))),
    )
    assert not any(told for _done, _of, told in shown)
    assert [done for done, _of, _told in shown] == sorted({done for done, _of, _told in shown})
    done, of, _told = shown[-1]
    assert 0.9 * of < done <= of
