"""While nobody is at the keys, the database does what the next sale would wait for."""

import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from boxoffice.app import BoxOfficeApp
from boxoffice.care.backups import last_backup_at, list_backups
from boxoffice.models import Sale
from boxoffice.screens.resting import REST_AFTER, REST_AGAIN_AFTER, Rests
from tests.sales.conftest import Festival

from .playing import at_the_counter


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_database_tidies_up_between_two_customers(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    def sales_in_the_file() -> int:
        """What the file holds without its log; nothing while it is being written."""
        copy = tmp_path / "file-alone.sqlite"
        shutil.copy(str(festival.database.engine.url.database), copy)
        with closing(sqlite3.connect(copy)) as alone, suppress(sqlite3.DatabaseError):
            return int(alone.execute("SELECT count(*) FROM sale").fetchone()[0])
        return 0

    async with at_the_counter(festival, keys, tmp_path) as cashier:
        app = cashier.pilot.app
        assert isinstance(app, BoxOfficeApp)
        await cashier.press("1", "enter", "enter")
        assert festival.count(Sale) == 1
        app.look_after_idleness()
        await cashier.pilot.pause()
        assert sales_in_the_file() == 0
        festival.clock.advance(REST_AFTER)
        app.look_after_idleness()
        await cashier.wait_until(lambda: sales_in_the_file() == 1)


def last_backup(festival: Festival) -> datetime | None:
    return festival.read(lambda session: last_backup_at(session, clock=festival.clock))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_till_left_alone_is_backed_up(festival: Festival, keys: Path, tmp_path: Path) -> None:
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        app = cashier.pilot.app
        assert isinstance(app, BoxOfficeApp)
        assert app.house is not None
        folder = app.house.settings.backups_folder
        await cashier.press("1", "enter", "enter")
        festival.clock.advance(REST_AFTER)
        app.look_after_idleness()
        await cashier.wait_until(lambda: last_backup(festival) == festival.clock.now())
        assert len(list_backups(folder)) == 1
        festival.stands()


def test_a_till_rests_after_the_last_key_then_now_and_then() -> None:
    rests, now = Rests(), datetime(2026, 1, 21, tzinfo=UTC)
    assert not rests.is_due(now)
    rests.key_pressed(now)
    assert not rests.is_due(now)
    assert rests.is_due(now + REST_AFTER)
    assert not rests.is_due(now + 2 * REST_AFTER)
    assert rests.is_due(now + REST_AFTER + REST_AGAIN_AFTER)
