"""The locked till: who opens it, and who does not."""

from pathlib import Path

import pytest
from sqlmodel import select
from textual.widgets import Input

from boxoffice.house import House
from boxoffice.models import JournalEntry
from boxoffice.screens.lock import LockScreen
from boxoffice.screens.rows import Rows
from tests.sales.conftest import Festival

from .stage import UNANSWERED, Stage, house_of, press, settle, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def house(festival: Festival, tmp_path: Path) -> House:
    return house_of(festival, folder=tmp_path)


def _told_to_the_journal(festival: Festival) -> list[str]:
    return list(
        festival.read(
            lambda session: session.exec(
                select(JournalEntry.kind)
                .where(JournalEntry.till_id == festival.desk.post.till_id)
                .order_by(JournalEntry.sequence)
            ).all()
        )
    )


async def test_the_operators_own_pin_opens_it_again(festival: Festival, house: House) -> None:
    app = Stage(house, LockScreen(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, *"2345", "enter")
    assert app.answer is True
    assert _told_to_the_journal(festival)[-2:] == ["till.locked", "operator.logged_in"]


async def test_a_managers_pin_frees_the_till(festival: Festival, house: House) -> None:
    app = Stage(house, LockScreen(house, festival.desk))
    async with app.run_test(size=(80, 24)) as pilot:
        assert "Entrée rouvrir" in told(app.screen)
        await press(pilot, "down")
        assert "Entrée libérer la caisse" in told(app.screen)
        await press(pilot, *"1234", "enter")
    assert app.answer is False
    assert _told_to_the_journal(festival)[-1] == "manager.authorized"


async def test_another_pin_is_refused_and_says_whose_till_it_is(festival: Festival, house: House) -> None:
    app = Stage(house, LockScreen(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, *"1234", "enter")
        assert "Ce n'est pas le code de Karim D." in told(app.screen)
        assert "Le panier de Karim D. est gardé." in told(app.screen)
    assert app.answer is UNANSWERED


async def test_escape_only_empties_what_was_typed(festival: Festival, house: House) -> None:
    app = Stage(house, LockScreen(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, *"23", "escape")
        assert app.screen.query_one(Input).value == ""
        assert isinstance(app.screen, LockScreen)
    assert app.answer is UNANSWERED


async def test_colleagues_who_are_no_managers_are_not_offered(festival: Festival, house: House) -> None:
    app = Stage(house, LockScreen(house, festival.desk))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        offered = [str(option.prompt) for option in app.screen.query_one(Rows).options]
    assert offered == ["Karim D.", "Lisa B. (responsable)"]


async def test_it_says_that_a_basket_is_kept_only_where_there_is_one(
    festival: Festival, house: House
) -> None:
    app = Stage(house, LockScreen(house, festival.desk, keeps_basket=False))
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        said = told(app.screen)
    assert "Le code de Karim D. la rouvre ; celui d'un responsable la libère." in said
    assert "panier" not in said
