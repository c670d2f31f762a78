"""Logging in, from the first paint to a member of the staff at the till."""

from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from sqlmodel import Session, select
from textual.widgets import OptionList

from boxoffice import database as databases
from boxoffice.errors import Refusal
from boxoffice.house import House
from boxoffice.models import JournalEntry, Operator
from boxoffice.screens.login import LoginScreen, StaffList
from tests.sales.conftest import Festival

from .stage import Stage, house_of, press, settle, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def house(festival: Festival, tmp_path: Path) -> House:
    """Till 1 of the small festival, where Karim opened the last shift."""
    return house_of(festival, folder=tmp_path)


def _who(app: Stage) -> list[str]:
    return [event.member.name for event in app.heard if isinstance(event, LoginScreen.LoggedIn)]


async def test_it_asks_for_patience_until_the_house_is_open(house: House) -> None:
    app = Stage(house, LoginScreen(1))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        assert "Ouverture de la base…" in told(app.screen)
        assert not app.screen.query_one(StaffList).display


async def test_the_last_operator_of_this_till_types_a_pin_and_enters(house: House) -> None:
    app = Stage(house, LoginScreen(1))
    async with app.run_test(size=(80, 24)) as pilot:
        app.shown.welcome(house)
        await press(pilot, *"2345")
        assert "● ● ● ●" in told(app.screen)
        await press(pilot, "enter")
    assert _who(app) == ["Karim D."]


async def test_keys_typed_before_the_house_is_open_count_once_it_is(house: House) -> None:
    app = Stage(house, LoginScreen(1))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, *"2345", "enter")
        assert not app.heard
        app.shown.welcome(house)
        await settle(pilot)
    assert _who(app) == ["Karim D."]


async def test_arrows_choose_another_name(house: House) -> None:
    app = Stage(house, LoginScreen(1))
    async with app.run_test(size=(120, 36)) as pilot:
        app.shown.welcome(house)
        await settle(pilot)
        assert "Code PIN de Karim D.  _" in told(app.screen)
        await press(pilot, "up", *"1234")
        assert "Code PIN de Lisa B.  ● ● ● ●" in told(app.screen)
        await press(pilot, "enter")
    assert _who(app) == ["Lisa B."]


async def test_a_digit_chooses_a_name_after_tab(house: House) -> None:
    app = Stage(house, LoginScreen(1))
    async with app.run_test(size=(120, 36)) as pilot:
        app.shown.welcome(house)
        await press(pilot, "tab", "3", *"2345", "enter")
    assert _who(app) == ["Chloé M."]


async def test_a_mouse_chooses_a_name(house: House) -> None:
    app = Stage(house, LoginScreen(1))
    async with app.run_test(size=(120, 36)) as pilot:
        app.shown.welcome(house)
        await settle(pilot)
        await pilot.click(StaffList, offset=(4, 1))
        await press(pilot, *"1234", "enter")
    assert _who(app) == ["Lisa B."]


async def test_wrong_pins_are_told_with_a_wait_that_grows_and_are_kept(
    festival: Festival, house: House
) -> None:
    app = Stage(house, LoginScreen(1))
    async with app.run_test(size=(120, 36)) as pilot:
        app.shown.welcome(house)
        await press(pilot, *"0000", "enter")
        assert "Ce n'est pas le code de Karim D." in told(app.screen)
        await press(pilot, *"0000", "enter", *"0000", "enter")
        assert "Attendez 5 s" in told(app.screen)
        await press(pilot, *"2345", "enter")
        assert "doit attendre jusqu'à" in told(app.screen)
    assert not app.heard
    wrong = festival.read(lambda session: session.exec(select(Operator.wrong_pins)).all())
    assert sorted(wrong) == [0, 0, 0, 3]
    refused = festival.read(
        lambda session: session.exec(
            select(JournalEntry).where(JournalEntry.kind == "operator.refused")
        ).all()
    )
    assert len(refused) == 4, "what is typed during the wait is told too"


@pytest.mark.parametrize("burst", ["TBCDFGHJKLNPRSTVXBCDFGHJKLNPRST", "3760123456789012"])
async def test_a_scan_does_no_harm(festival: Festival, house: House, burst: str) -> None:
    app = Stage(house, LoginScreen(1))
    async with app.run_test(size=(120, 36)) as pilot:
        app.shown.welcome(house)
        await settle(pilot)
        await press(pilot, *burst, "enter", *"2345", "enter")
    assert _who(app) == ["Karim D."]
    wrong = festival.read(lambda session: session.exec(select(Operator.wrong_pins)).all())
    assert set(wrong) == {0}


async def test_a_demonstration_shows_the_pins(festival: Festival, tmp_path: Path) -> None:
    house = house_of(festival, folder=tmp_path, demo=True)
    app = Stage(house, LoginScreen(1))
    async with app.run_test(size=(120, 36)) as pilot:
        app.shown.welcome(house)
        await settle(pilot)
        names = app.screen.query_one(OptionList)
        assert "PIN 1234" in str(names.get_option_at_index(0).prompt)


async def test_a_real_till_shows_no_pin(house: House) -> None:
    app = Stage(house, LoginScreen(1))
    async with app.run_test(size=(120, 36)) as pilot:
        app.shown.welcome(house)
        await settle(pilot)
        names = app.screen.query_one(OptionList)
        assert all("PIN" not in str(names.get_option_at_index(place).prompt) for place in range(4))


async def test_a_database_that_does_not_open_says_so_and_keys_are_let_go(house: House) -> None:
    app = Stage(house, LoginScreen(1))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, *"2345", "enter")
        app.shown.cannot_open(Refusal("La base ne s'ouvre pas.", "Appelez le responsable."))
        await settle(pilot)
        assert "La base ne s'ouvre pas. Appelez le responsable." in told(app.screen)
        assert "●" not in told(app.screen)


async def test_the_next_person_starts_without_the_pin_of_the_one_before(house: House) -> None:
    app = Stage(house, LoginScreen(1))
    async with app.run_test(size=(120, 36)) as pilot:
        app.shown.welcome(house)
        await press(pilot, *"23")
        app.shown.begin_again()
        await settle(pilot)
        assert "●" not in told(app.screen)


async def test_a_lost_database_is_told_and_enter_tries_again(house: House) -> None:
    nobody = databases.connect("postgresql+psycopg://nobody@127.0.0.1:1/nowhere")
    app = Stage(house, LoginScreen(1))
    async with app.run_test(size=(80, 24)) as pilot:
        app.shown.welcome(replace(house, database=nobody))
        await settle(pilot)
        assert "La base de données ne répond pas." in told(app.screen)
        await press(pilot, "enter")
        assert "La base de données ne répond pas." in told(app.screen)
        app.shown.welcome(house)
        await press(pilot, *"2345", "enter")
    assert _who(app) == ["Karim D."]


async def test_enter_asks_for_another_try_when_the_house_did_not_open(house: House) -> None:
    app = Stage(house, LoginScreen(1))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.shown.cannot_open(Refusal("La base ne s'ouvre pas."))
        await press(pilot, "1", "enter")
        assert "Ouverture de la base…" in told(app.screen)
    assert [type(event) for event in app.heard] == [LoginScreen.TryAgain]


async def test_names_of_any_width_leave_the_roles_in_line(festival: Festival, house: House) -> None:
    def rename(session: Session) -> None:
        names = ("Zoé 🎬", "家族", "Anne-" * 20, "Jules R.")
        for name, member in zip(names, session.exec(select(Operator)), strict=True):
            member.name = name
            session.add(member)

    festival.write(rename)
    app = Stage(house, LoginScreen(1))
    async with app.run_test(size=(80, 24)) as pilot:
        app.shown.welcome(house)
        await settle(pilot)
        options = [str(option.prompt) for option in app.screen.query_one(StaffList).options]
    assert {cell_len(option) for option in options} == {51}
