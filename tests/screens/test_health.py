"""How a till is, on the screen: findings with remedies, backups, the journal, archives, the sign above."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from queue import Queue
from threading import Event

import pytest
from filelock import FileLock
from sqlalchemy import text
from sqlmodel import Session

from boxoffice.care import signs
from boxoffice.care.backups import BackupReason, back_up, list_backups
from boxoffice.care.signs import read_sign
from boxoffice.house import House
from boxoffice.kinds import Action, JournalKind, Role
from boxoffice.models import JournalEntry, TillPrinter
from boxoffice.printing.news import PrinterNews
from boxoffice.sales.prints.outbox_listing import OutboxCount
from boxoffice.screens.health import HealthDialog
from boxoffice.screens.long_work import LongWork
from boxoffice.screens.manager_pin import ManagerPin
from boxoffice.screens.rows import Choices
from boxoffice.screens.told_path import Written
from boxoffice.screens.watching import Heard, Watch, status_of
from tests.sales.conftest import Festival
from tests.sales.leaving import leave_to

from .stage import Stage, house_of, press, settle, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def house(festival: Festival, keys: Path, tmp_path: Path) -> House:
    url = festival.database.engine.url.render_as_string(hide_password=False)
    url = url.replace("sqlite+reading", "sqlite")
    return house_of(festival, folder=tmp_path, keys_folder=keys, database_url=url)


@pytest.fixture
def shown(festival: Festival, house: House) -> Stage:
    return Stage(house, HealthDialog(house, festival.managers_desk))


def listed(app: Stage) -> list[str]:
    return [str(row.prompt) for row in app.screen.query_one(Choices).options]


def kinds(festival: Festival) -> list[str]:
    return [entry.kind for entry in festival.rows(JournalEntry)]


async def test_what_is_wrong_comes_first_with_its_sign_and_its_remedy(shown: Stage) -> None:
    async with shown.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert listed(shown)[0] == "✗ Il n'y a pas de sauvegarde."
        assert all(row.startswith("✓") for row in listed(shown)[-3:])
        assert "→ Faites-en une maintenant" in told(shown.screen)


async def test_a_backup_is_made_told_and_looked_for_again(
    shown: Stage, house: House, festival: Festival
) -> None:
    async with shown.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "s")
        assert isinstance(shown.screen, Written)
        (kept,) = list_backups(house.settings.backups_folder)
        assert kept.path.name in told(shown.screen)
        await press(pilot, "enter")
        assert not any(row.startswith("✗") for row in listed(shown))
        await press(pilot, "l", "1")
        assert "La sauvegarde est entière et juste" in told(shown.screen)
    assert JournalKind.DATABASE_BACKED_UP in kinds(festival)


async def test_a_cashier_makes_a_backup_with_the_pin_of_who_may_make_an_archive(
    house: House, festival: Festival
) -> None:
    shown = Stage(house, HealthDialog(house, festival.desk))
    async with shown.run_test(size=(120, 36)) as pilot:
        await press(pilot, "s")
        assert isinstance(shown.screen, ManagerPin)
        assert not list_backups(house.settings.backups_folder)
        await press(pilot, *"1234", "enter")
        assert isinstance(shown.screen, Written)
        assert len(list_backups(house.settings.backups_folder)) == 1


async def test_a_spoilt_backup_is_told_in_words(shown: Stage, house: House) -> None:
    async with shown.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "s", "enter")
        (kept,) = list_backups(house.settings.backups_folder)
        content = kept.path.read_bytes()
        kept.path.write_bytes(content[:-40])
        await press(pilot, "l", "1")
        assert isinstance(shown.screen, LongWork)
        assert "sauvegarde" in told(shown.screen)
        await press(pilot, "escape")
        assert isinstance(shown.screen, HealthDialog)


async def test_the_journal_is_read_again_and_found_whole(shown: Stage, festival: Festival) -> None:
    festival.sell()
    async with shown.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "v")
        assert "Le journal est intact" in told(shown.screen)
        assert "1 vente" in told(shown.screen)


async def test_a_changed_journal_is_found_and_what_to_do_is_said(shown: Stage, festival: Festival) -> None:
    festival.sell()

    def tamper(session: Session) -> None:
        connection = session.connection()
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars()
        for name in names.all():
            connection.execute(text(f'DROP TRIGGER "{name}"'))
        connection.execute(text("UPDATE sale SET total_cents = total_cents + 100"))

    festival.write(tamper)
    async with shown.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        assert any("gardes" in row for row in listed(shown) if row.startswith("✗"))
        await press(pilot, "v")
        assert "✗" in told(shown.screen)
        assert "Ne touchez à rien" in told(shown.screen)


async def test_an_archive_of_days_that_ended_is_made_and_told(
    shown: Stage, house: House, festival: Festival
) -> None:
    festival.sell()
    festival.clock.advance(timedelta(days=1))
    async with shown.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "a", "f9")
        assert isinstance(shown.screen, Written)
        assert "gardez-la six ans" in told(shown.screen)
    (path,) = (house.settings.data_folder / "archives").glob("*.zip")
    assert path.name.endswith("-20260101-20260121.zip")
    assert JournalKind.ARCHIVE_MADE in kinds(festival)


async def test_an_archive_of_today_is_refused_in_words(shown: Stage) -> None:
    async with shown.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "a", *"21/01/2026", "down", *"21/01/2026", "f9")
        assert isinstance(shown.screen, LongWork)
        assert "21" in told(shown.screen)
        await press(pilot, "escape")
        assert isinstance(shown.screen, HealthDialog)


async def test_keys_and_training_are_told(shown: Stage) -> None:
    async with shown.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "c")
        assert "✓ sur ce poste" in told(shown.screen)
        await press(pilot, "escape", "f")
        assert "boxoffice training" in told(shown.screen)


@pytest.fixture
def sign(festival: Festival, house: House) -> Callable[[], str]:
    return lambda: festival.read(
        lambda session: read_sign(session, house.settings, house.post, clock=festival.clock)
    )


def test_a_manager_is_told_of_an_old_backup_a_full_disk_and_a_past_day(
    festival: Festival, sign: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sign() == ""
    monkeypatch.setattr(signs, "free_megabytes", lambda _settings: 900)
    assert sign() == "Disque presque plein (F10 D)"
    monkeypatch.undo()
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=2))
    assert sign() == "Journée passée à clore (F10 Z)"


def test_a_festival_that_was_never_saved_is_told_so_after_a_day(
    festival: Festival, sign: Callable[[], str]
) -> None:
    festival.end_the_day()
    festival.clock.advance(timedelta(hours=25))
    assert sign() == ""
    festival.clock.advance(timedelta(hours=2))
    assert sign() == "Sauvegarde trop vieille (F10 D)"


@pytest.mark.parametrize("who", ["manager", "cashier", "cashier who closes days"])
def test_who_may_close_the_day_is_told_the_sign_and_nobody_else(
    festival: Festival, house: House, who: str
) -> None:
    desk = festival.managers_desk if who == "manager" else festival.desk
    if who == "cashier who closes days":
        leave_to(festival, Action.CLOSE_DAY, Role.CASHIER)
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(days=2))
    heard: list[Heard] = []
    seen = Event()

    def hear(news: Heard) -> None:
        heard.append(news)
        seen.set()

    watch = Watch(house, hear, signs_for=desk.operator_id)
    watch.start()
    assert seen.wait(10)
    watch.stop()
    assert heard[0].sign == (None if who == "cashier" else "Journée passée à clore (F10 Z)")


def test_the_sign_of_an_old_backup_goes_as_soon_as_another_is_made(festival: Festival, house: House) -> None:
    """Another till or a process of its own makes it: the minute until the next look is not waited for."""
    festival.end_the_day()
    with festival.clock.without_nights():
        festival.clock.advance(timedelta(hours=27))
    heard: Queue[Heard] = Queue()
    watch = Watch(house, heard.put, signs_for=festival.managers_desk.operator_id)
    watch.start()
    assert heard.get(timeout=10).sign == "Sauvegarde trop vieille (F10 D)"
    back_up(
        festival.database, house.settings.backups_folder, BackupReason.ASKED, house.post, clock=festival.clock
    )
    while heard.get(timeout=10).sign != "":
        continue
    watch.stop()


def test_the_edge_tells_the_sign_unless_something_is_wrong_now(festival: Festival, house: House) -> None:
    desk, printed = festival.managers_desk, OutboxCount(0, 0, 0, "")
    assert status_of(house, desk, printed, 0, "Disque plein", lost=False).trouble == "Disque plein"
    assert "injoignable" in status_of(house, desk, printed, 0, "Disque plein", lost=True).trouble


async def test_a_counter_whose_printers_answered_it_has_nothing_to_say_of_them(
    festival: Festival, house: House
) -> None:
    """From its opening on, before anything is printed: what always warns is not read."""
    (printer,) = {row.printer_id for row in festival.rows(TillPrinter) if row.till_id == house.post.till_id}
    house.printer_bell.ring(PrinterNews(printer, "Imprimante virtuelle", ready=True))
    back_up(
        festival.database, house.settings.backups_folder, BackupReason.ASKED, house.post, clock=festival.clock
    )
    app = Stage(house, HealthDialog(house, festival.managers_desk))
    with FileLock(house.settings.data_folder / "till-1.lock"):
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            printers = [row for row in listed(app) if "imprimante" in row.lower()]
            assert len(printers) == 1
            assert printers[0].startswith("✓")
