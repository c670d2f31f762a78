"""The badge desk: one badge for each pass, copies on purpose only, batches that stop and go on."""

from datetime import timedelta
from pathlib import Path
from threading import Event
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import Session
from textual.widgets import Input, Static

from boxoffice.app import BoxOfficeApp
from boxoffice.config import settings_in
from boxoffice.house import House
from boxoffice.models import (
    JobState,
    JournalEntry,
    Pass,
    PassSource,
    PrintBatch,
    Printer,
    PrinterKind,
    PrintJob,
    table,
)
from boxoffice.sales.holders.badge_selection import BadgeLine, BadgeSelection
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.staff.desk import BadgeDesk
from boxoffice.sales.staff.operators import staff
from boxoffice.screens import badges, doubt
from boxoffice.screens.badges import BadgeScreen
from boxoffice.screens.dialogs import Confirm
from boxoffice.screens.login import LoginScreen
from boxoffice.screens.rows import Rows
from boxoffice.screens.shift import ShiftScreen
from boxoffice.screens.widgets.bars import KeyBar, StatusBar
from tests.sales.conftest import Festival
from tests.sales.credit_life import asked, sell_to
from tests.sales.test_badges import come_out
from tests.sales.value_life import add_customer

from .stage import PATIENCE_SECONDS, Stage, house_of, press, settle, told, until

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SIZES = [(120, 36), (80, 24)]


@pytest.fixture
def house(festival: Festival, tmp_path: Path) -> House:
    return house_of(festival, folder=tmp_path)


@pytest.fixture
def passes(festival: Festival) -> tuple[UUID, ...]:
    """Zoé Vidal and Émile Arnaud, who bought theirs online."""
    sold = tuple(
        festival.sell_pass(CustomerDetails(surname, first_name, email=f"{surname}@example.fr"))
        for surname, first_name in (("Vidal", "Zoé"), ("Arnaud", "Émile"))
    )
    festival.write(lambda session: session.execute(update(table(Pass)).values(source=PassSource.ONLINE)))
    return sold


@pytest.fixture
def app(festival: Festival, house: House) -> Stage:
    """The badge desk, with Jules at it."""
    jules = festival.read(staff)[3]
    return Stage(house, BadgeScreen(house, jules))


def jobs(festival: Festival) -> list[tuple[UUID, int, JobState]]:
    return [(job.pass_id, job.copy_number, job.state) for job in festival.rows(PrintJob)]


@pytest.mark.parametrize("size", SIZES)
async def test_enter_prints_the_badge_of_the_name_found(
    festival: Festival, passes: tuple[UUID, ...], app: Stage, size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:
        await press(pilot, *"vid", "enter")
        assert jobs(festival) == [(passes[0], 0, JobState.QUEUED)]
        assert app.said == ["Badge de Vidal Zoé demandé."]
        assert "Badge demandé par Jules R. : en attente" in told(app.screen)


async def test_a_badge_is_shown_before_it_is_printed(passes: tuple[UUID, ...], app: Stage) -> None:
    assert passes
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "down")
        assert "Ce badge n'a jamais été imprimé." in told(app.screen)
        drawn = str(app.screen.query_one("#badges-paper Static", Static).render())
        assert "Émile" in drawn
        assert "□ □ □ □ □ □ □ □ □ □" in drawn
        await press(pilot, "down")
        assert "Zoé" in str(app.screen.query_one("#badges-paper Static", Static).render())


async def test_a_badge_printed_before_is_copied_only_on_purpose(
    festival: Festival, passes: tuple[UUID, ...], app: Stage
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *"vid", "enter")
        come_out(festival)
        await press(pilot, *"vid", "enter")
        assert isinstance(app.screen, Confirm)
        assert "a déjà été imprimé par Jules R. le mer. 21 janv. à 12 h 00." in told(app.screen)
        await press(pilot, "escape")
        assert len(jobs(festival)) == 1
        await press(pilot, "enter", "enter")
    assert jobs(festival) == [(passes[0], 0, JobState.PRINTED), (passes[0], 1, JobState.QUEUED)]


async def test_a_scan_shows_the_pass_and_prints_nothing(
    festival: Festival, passes: tuple[UUID, ...], app: Stage
) -> None:
    code = next(row.code for row in festival.rows(Pass) if row.id == passes[0])
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, *"zz", *code.lower(), "enter")
        assert jobs(festival) == []
        assert app.screen.query_one(Input).value == ""
        assert "Vidal Zoé" in told(app.screen)
        await press(pilot, "enter")
    assert jobs(festival) == [(passes[0], 0, JobState.QUEUED)]


async def test_an_unknown_code_is_told(app: Stage) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *("P" + "B" * 30), "enter")
        assert "Ce pass est inconnu." in told(app.screen)


async def test_a_batch_is_given_up_whole_once_that_is_confirmed(
    festival: Festival, passes: tuple[UUID, ...], app: Stage
) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "f2", "1")
        assert "Abandonner" in [key.label for key in app.screen.query_one(KeyBar).labels]
        await press(pilot, "f8")
        assert "badges ne sortiront pas ; une autre série pourra les reprendre." in told(app.screen)
        await press(pilot, "enter")
        assert {state for _pass, _copy, state in jobs(festival)} == {JobState.ABANDONED}
        assert "Abandonner" not in [key.label for key in app.screen.query_one(KeyBar).labels]
    assert len(jobs(festival)) <= len(passes)


async def test_a_blocked_pass_is_refused_with_its_reason(
    festival: Festival, passes: tuple[UUID, ...], app: Stage
) -> None:
    assert passes
    blocked = update(table(Pass)).values(state="blocked", state_reason="Déclaré perdu")
    festival.write(lambda session: session.execute(blocked))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "down", "enter")
        assert "est bloqué : Déclaré perdu." in told(app.screen)
    assert jobs(festival) == []


async def test_the_desk_waits_for_the_books_before_it_looks_again(
    app: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[BadgeSelection] = []
    answered, list_badges = Event(), badges.list_badges

    def slowly(session: Session, selection: BadgeSelection) -> tuple[BadgeLine, ...]:
        looks.append(selection)
        answered.wait(PATIENCE_SECONDS)
        return list_badges(session, selection)

    monkeypatch.setattr(badges, "list_badges", slowly)
    monkeypatch.setattr(badges, "REFRESH_SECONDS", 0.01)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: len(looks) > 0)
        await pilot.pause(0.2)
        assert len(looks) == 1
        answered.set()
        await until(pilot, lambda: len(looks) > 2)


async def test_a_batch_is_ordered_held_back_and_let_go_on(
    festival: Festival, passes: tuple[UUID, ...], app: Stage
) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "f2", "1")
        assert {job[0] for job in jobs(festival)} == set(passes)
        assert app.said == ["2 badges demandés."]
        assert "Pass vendus en ligne" in told(app.screen)
        assert "0/2 restent 2" in told(app.screen)
        await press(pilot, "f4")
        assert "en pause, F4 pour reprendre" in told(app.screen)
        assert "Reprendre" in [key.label for key in app.screen.query_one(KeyBar).labels]
        assert festival.rows(PrintBatch)[0].paused
        await press(pilot, "f4")
        assert not festival.rows(PrintBatch)[0].paused
        come_out(festival)
        come_out(festival)
        await press(pilot, "down")
        await until(pilot, lambda: "2/2 finie" in told(app.screen))
        await press(pilot, "f4", "f2")
        assert "Tous les pass et accréditations ont déjà leur badge." in told(app.screen)


async def test_only_those_found_are_in_a_batch_of_a_search(
    festival: Festival, passes: tuple[UUID, ...], app: Stage
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *"vidal", "f2", "2")
    assert [job[0] for job in jobs(festival)] == [passes[0]]
    assert festival.rows(PrintBatch)[0].label == "Pass cherchés"


async def test_a_badge_in_doubt_is_asked_about_and_comes_again(
    festival: Festival, passes: tuple[UUID, ...], app: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubt.DidItComeOut, "DEAF_SECONDS", 0.01)
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "f2", "1")
        come_out(festival, JobState.UNCERTAIN)
        await until(pilot, lambda: isinstance(app.screen, doubt.DidItComeOut))
        await pilot.pause(0.05)
        await press(pilot, "n")
        assert app.said[-1] == "Il ressort : duplicata n° 1."
        await press(pilot, "f4")
    assert sorted((copy, state) for _pass, copy, state in jobs(festival)) == [
        (0, JobState.ABANDONED),
        (0, JobState.QUEUED),
        (1, JobState.QUEUED),
    ]
    assert passes
    assert not festival.rows(PrintBatch)[0].paused


async def test_badge_staff_are_not_asked_about_tickets(festival: Festival, app: Stage) -> None:
    festival.sell()
    come_out(festival, JobState.UNCERTAIN)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "f6")
        assert isinstance(app.screen, BadgeScreen)


async def test_escape_clears_the_search_then_leaves(passes: tuple[UUID, ...], app: Stage) -> None:
    assert passes
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *"vid", "escape")
        assert app.screen.query_one(Input).value == ""
        assert app.screen.query_one(Rows).option_count == 2
        await press(pilot, "escape", "enter")
    assert [type(event) for event in app.heard] == [ShiftScreen.Left]


def test_badge_staff_may_not_answer_for_a_ticket(festival: Festival, house: House) -> None:
    from boxoffice.errors import Refusal
    from boxoffice.sales.prints import reprinting

    festival.sell()
    come_out(festival, JobState.UNCERTAIN)
    (job,) = festival.rows(PrintJob)
    desk = BadgeDesk(house.post, 4, 4, "Jules R.")
    with pytest.raises(Refusal, match="imprime les badges, et rien d'autre"):
        festival.write(
            lambda session: reprinting.answer(session, desk, job.id, came_out=False, clock=festival.clock)
        )


async def test_badge_staff_log_in_to_badges_and_are_logged_out_when_they_leave_them_alone(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    app = BoxOfficeApp(settings_in(tmp_path, keys_folder=keys), festival.database, festival.clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "escape", "4", *"2345", "enter")
        assert isinstance(app.screen, BadgeScreen)
        await press(pilot, "escape")
        assert isinstance(app.screen, Confirm)
        festival.clock.advance(timedelta(minutes=festival.desk.post.rules.idle_lock_minutes))
        app.lock_if_idle()
        await settle(pilot)
        assert isinstance(app.screen, LoginScreen)
    told_last = festival.rows(JournalEntry)
    assert "operator.logged_out" in {entry.kind for entry in told_last}


async def test_a_batch_goes_to_another_printer(
    festival: Festival, passes: tuple[UUID, ...], app: Stage
) -> None:
    festival.write(lambda session: session.add(Printer(name="Accueil", kind=PrinterKind.VIRTUAL)))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "f2", "1", "f5")
        assert "Pass vendus en ligne : à quelle imprimante ?" in told(app.screen)
        await press(pilot, "1")
        assert app.said[-1] == "2 badges changent d'imprimante."
    (accueil,) = (row.id for row in festival.rows(Printer) if row.name == "Accueil")
    assert {job.printer_id for job in festival.rows(PrintJob)} == {accueil}
    assert len(passes) == 2


async def test_enter_alone_prints_nobodys_badge(
    festival: Festival, passes: tuple[UUID, ...], app: Stage
) -> None:
    assert passes
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "enter", "enter")
        assert jobs(festival) == []
        assert "Cherchez un nom, scannez un pass, ou choisissez-le" in told(app.screen)
        await press(pilot, *"vid", "enter", "enter")
        assert jobs(festival) == [(passes[0], 0, JobState.QUEUED)]


async def test_the_requests_for_credit_notes_that_wait_are_counted_here_too(
    festival: Festival, app: Stage
) -> None:
    asked(festival, sell_to(festival, add_customer(festival)))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        assert app.screen.query_one(StatusBar).status.credit_requests == "Avoirs 1"
