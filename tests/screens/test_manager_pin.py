"""A manager's PIN typed in place, where there are several managers."""

from pathlib import Path

import pytest

from boxoffice.kinds import Role
from boxoffice.models import JournalEntry
from boxoffice.sales.staff.staff_changes import AddOperator, add_operator
from boxoffice.screens.choosing import Choose
from boxoffice.screens.manager_pin import ManagerPin
from boxoffice.screens.rows import Choices
from tests.sales.conftest import Festival

from .playing import at_the_counter
from .stage import told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _two_managers(festival: Festival) -> None:
    zoe = AddOperator("Zoé L.", Role.MANAGER, "456789")
    festival.write(
        lambda session: add_operator(
            session, festival.posts[0], zoe, clock=festival.clock, manager=festival.manager
        )
    )


async def test_the_code_is_typed_at_once_by_the_first_and_after_an_arrow_by_the_other(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        app = player.pilot.app
        for way in ("1234", ("down", *"456789"), ("up", *"456789")):
            await player.press("f10", "r")
            assert isinstance(app.screen, ManagerPin)
            assert "↑ ↓ responsable" in told(app.screen)
            await player.press(*way, "enter")
            assert isinstance(app.screen, Choose)
            await player.press("escape")
    answered = [row for row in festival.rows(JournalEntry) if row.kind == "manager.authorized"]
    assert len(answered) == 3


async def test_a_code_that_is_half_typed_is_not_given_to_another_manager(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("f10", "r", *"4567", "down", *"456789", "enter")
        assert isinstance(player.pilot.app.screen, Choose)


async def test_a_code_that_is_half_typed_is_not_given_to_another_manager_who_is_clicked(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await player.press("f10", "r", *"4567")
        await player.pilot.click(Choices, offset=(2, 1))
        await player.press(*"456789", "enter")
        assert isinstance(player.pilot.app.screen, Choose)
