"""The program as a whole: what it loads before it paints; how it opens, fails to open and tries again."""

import gc
import json
import subprocess
import sys
import weakref
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from textual.events import Key
from textual.widgets import Static

from boxoffice.app import BoxOfficeApp, run, settle_memory
from boxoffice.clock import Clock, SettableClock
from boxoffice.config import settings_in
from boxoffice.database import DatabaseLost
from boxoffice.house import open_house
from boxoffice.kinds import JournalKind
from boxoffice.models import JournalEntry, ParkedBasket, TillSession
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.operators import WrongPin, check_pin
from boxoffice.sales.staff.shift_closing import close_shift
from boxoffice.screens.counter import CounterScreen
from boxoffice.screens.login import LoginScreen
from tests.sales.conftest import Festival

from . import stage
from .playing import Player, StandingCounter, at_the_counter, counter_of

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HEAVY = ("sqlmodel", "sqlalchemy", "alembic", "babel", "pydantic", "escpos", "PIL", "cryptography", "argon2")


def test_nothing_heavy_is_imported_before_the_first_paint() -> None:
    told = f"import sys, boxoffice.app; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    imported = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert imported.stdout.split() == []


@on_sqlite
async def test_a_till_without_its_key_says_so_and_can_be_tried_again(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    settings = settings_in(tmp_path, keys_folder=tmp_path / "elsewhere")
    app = BoxOfficeApp(settings, festival.database, festival.clock)
    async with app.run_test(size=(120, 36)) as pilot:
        await stage.settle(pilot)
        assert "La clé de signature de la caisse 1" in stage.told(app.screen)
        assert "boxoffice tills add 1" in stage.told(app.screen)
        settings.key_path.parent.mkdir()
        settings.key_path.write_bytes((keys / "till-1.pem").read_bytes())
        await stage.press(pilot, "enter")
        await pilot.press("2", "3", "4", "5", "enter")
        await stage.settle(pilot)
        assert isinstance(app.screen, CounterScreen)


@on_sqlite
async def test_a_log_in_and_a_shift_found_again_lead_to_the_counter_that_other_tests_begin_at(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    def told() -> list[str]:
        return [row.kind for row in festival.rows(JournalEntry) if row.till_id == 1]

    found = []
    for program, typed in ((BoxOfficeApp, (*"2345", "enter")), (StandingCounter, ())):
        before = len(told())
        app = program(settings_in(tmp_path, keys_folder=keys), festival.database, festival.clock)
        async with app.run_test(size=(120, 36)) as pilot:
            await stage.press(pilot, *typed)
            cashier = Player(pilot, counter_of(app))
            panels = [cashier.shows(panel) for panel in ("status", "screenings", "tariffs", "basket", "keys")]
            shown = [type(screen) for screen in app.screen_stack]
            desk = cashier.counter.desk
            assert app.desk is desk
            whose = desk.till_session_id, desk.operator_id, desk.operator_name, desk.is_manager
            found.append((shown, panels, app.member, whose, told()[before:]))
    assert found[0] == found[1]
    assert found[1][-1] == ["operator.logged_in"]


@on_sqlite
@pytest.mark.parametrize("found_again", [False, True], ids=["float", "shift found again"])
async def test_what_is_typed_while_a_pin_is_checked_is_for_what_it_opens(
    festival: Festival, keys: Path, tmp_path: Path, found_again: bool
) -> None:
    if not found_again:
        desk, karim = festival.desk, festival.cashier
        festival.write(
            lambda session: close_shift(
                session, desk.post, karim, desk.till_session_id, 10_000, clock=festival.clock
            )
        )
    app = BoxOfficeApp(settings_in(tmp_path, keys_folder=keys), festival.database, festival.clock)
    async with app.run_test(size=(120, 36)) as pilot:
        await stage.settle(pilot)
        ahead = "1" if found_again else "100"
        for key in (*"2345", "enter", *ahead, *(() if found_again else ("enter",))):
            app.post_message(Key(key, "\r" if key == "enter" else key))
        await stage.until(pilot, lambda: isinstance(app.screen, CounterScreen))
        if found_again:
            await stage.until(pilot, lambda: counter_of(app).basket.seats == 1)
    floats = [row.float_cents for row in festival.rows(TillSession) if row.closed_at is None]
    assert 10_000 in floats


@on_sqlite
async def test_what_is_typed_after_a_wrong_pin_is_no_second_try(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    app = BoxOfficeApp(settings_in(tmp_path, keys_folder=keys), festival.database, festival.clock)
    async with app.run_test(size=(120, 36)) as pilot:
        await stage.settle(pilot)
        for key in (*"2346", "enter", *"100", "enter"):
            app.post_message(Key(key, "\r" if key == "enter" else key))
        await stage.until(pilot, lambda: "n'est pas le code" in stage.told(app.screen))
        await stage.settle(pilot)
        assert "•" not in stage.told(app.screen)
    refused = [row for row in festival.rows(JournalEntry) if row.kind == JournalKind.OPERATOR_REFUSED]
    assert len(refused) == 1


@on_sqlite
async def test_the_same_till_is_not_opened_twice_on_one_computer(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path):
        second = BoxOfficeApp(settings_in(tmp_path, keys_folder=keys), festival.database, festival.clock)
        async with second.run_test(size=(120, 36)) as pilot:
            await stage.settle(pilot)
            assert "La caisse 1 est déjà ouverte sur ce poste." in stage.told(second.screen)


@on_sqlite
async def test_quitting_is_asked_for(festival: Festival, keys: Path, tmp_path: Path) -> None:
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.press("1", "ctrl+q")
        sentences = [str(told.render()) for told in cashier.pilot.app.screen.query(Static)]
        assert "Quitter le programme ?" in sentences
        await cashier.press("escape")
        assert cashier.counter.basket.seats == 1
        await cashier.press("ctrl+q", "enter")
    assert not cashier.pilot.app.is_running


def told_at_the_end(festival: Festival) -> list[tuple[str, int]]:
    """What the journal of the first till tells after the log-in, and of whom."""
    told = [json.loads(row.content) for row in festival.rows(JournalEntry) if row.till_id == 1]
    kinds = [entry["entry"] for entry in told]
    return [(entry["entry"], entry["operator"]) for entry in told[kinds.index("operator.logged_in") + 1 :]]


@on_sqlite
async def test_quitting_tells_the_journal_what_was_in_the_basket_and_who_left(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.press("1", "1", "ctrl+q")
        assert "le panier, qui n'est pas encaissé, est perdu" in stage.told(cashier.pilot.app.screen)
        await cashier.press("enter")
    assert told_at_the_end(festival) == [("basket.line_removed", 2), ("operator.logged_out", 2)]
    removed = next(row for row in festival.rows(JournalEntry) if row.kind == "basket.line_removed")
    assert json.loads(removed.content)["lines"][0]["quantity"] == 2


@on_sqlite
async def test_quitting_with_nothing_in_the_basket_tells_who_left(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.press("ctrl+q", "enter")
    assert told_at_the_end(festival) == [("operator.logged_out", 2)]


@on_sqlite
async def test_quitting_sets_a_basket_aside_whose_payment_is_in_doubt(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    mute = stage.MuteDatabase(festival.database.engine, festival.database.write_engine)
    async with at_the_counter(festival, keys, tmp_path, database=mute) as cashier:
        mute.losses.append(DatabaseLost("La base de données ne répond pas."))
        await cashier.press("1", "enter", "enter")
        sale_id = cashier.counter.paying.sale_id
        assert cashier.counter.in_doubt
        await cashier.press("ctrl+q", "enter")
    (waiting,) = festival.rows(ParkedBasket)
    assert waiting.id == sale_id
    assert told_at_the_end(festival)[-1] == ("operator.logged_out", 2)


@on_sqlite
async def test_a_till_whose_database_is_lost_can_still_be_quit(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.press("1")
        festival.write(lambda session: session.execute(sa.text("ALTER TABLE journalentry RENAME TO lost")))
        await cashier.press("ctrl+q", "enter")
    assert not cashier.pilot.app.is_running


@on_sqlite
async def test_the_next_operator_logs_in_after_the_first_has_left(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as cashier:
        await cashier.press("ctrl+t")
        assert isinstance(cashier.pilot.app.screen, LoginScreen)
        await cashier.pilot.press("2", "3", "4", "5", "enter")
        await stage.settle(cashier.pilot)
        assert isinstance(cashier.pilot.app.screen, CounterScreen)


@on_sqlite
def test_a_till_that_fails_to_open_is_left_to_others(festival: Festival, keys: Path, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, keys_folder=keys)
    engines = festival.database.engine, festival.database.write_engine
    mute = stage.MuteDatabase(*engines, losses=[DatabaseLost("La base de données ne répond pas.")], deaf=True)
    first = replace(open_house(settings, festival.database, festival.clock), database=mute)
    with pytest.raises(DatabaseLost):
        first.open_for_business()
    second = open_house(settings, festival.database, festival.clock)
    second.open_for_business()
    second.close()


@on_sqlite
def test_a_program_started_again_with_its_clock_set_forward_ends_no_wait_of_a_pin(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    def try_pin(post: Post, pin: str, clock: Clock) -> None:
        festival.database.attempt(lambda session: check_pin(session, post, 2, pin, clock=clock))

    for _try in range(3):
        with pytest.raises(WrongPin):
            try_pin(festival.posts[0], "0000", festival.clock)
    clock = SettableClock(festival.clock.now() + timedelta(days=1))
    house = open_house(settings_in(tmp_path, keys_folder=keys), festival.database, clock)
    house.open_for_business()
    with pytest.raises(WrongPin, match="doit attendre"):
        try_pin(house.post, "2345", clock)
    clock.advance(timedelta(seconds=5))
    try_pin(house.post, "2345", clock)
    house.close()


def test_an_error_of_the_counter_is_told_by_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(app: BoxOfficeApp) -> None:
        app.failure = ZeroDivisionError()

    monkeypatch.setattr(BoxOfficeApp, "run", fail)
    with pytest.raises(ZeroDivisionError):
        run(settings_in(tmp_path))


def test_memory_kept_for_the_day_is_let_go_of_when_the_next_counter_opens() -> None:
    class Screen:
        pass

    screen = Screen()
    screen.itself = screen  # type: ignore[attr-defined]
    left = weakref.ref(screen)
    settle_memory()
    del screen
    gc.collect()
    assert left() is not None
    settle_memory()
    assert left() is None
