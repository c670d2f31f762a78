"""What the settings say of a change: from what to what, by whom and when; and which row it was."""

from datetime import timedelta
from pathlib import Path

import pytest

from boxoffice.models import Tariff
from boxoffice.screens.dialogs import Confirm
from boxoffice.screens.rows import Choices
from boxoffice.screens.settings.form import SettingForm
from tests.sales.conftest import Festival

from .playing import Player, at_the_counter
from .stage import told
from .test_settings import open_section, rows, write

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def chosen(player: Player) -> str:
    """The row of the list that is chosen."""
    choices = player.pilot.app.screen.query_one(Choices)
    assert choices.highlighted is not None
    return str(choices.get_option_at_index(choices.highlighted).prompt)


@pytest.mark.parametrize("section", ["festival", "rules", "accounts", "tills", "printers", "tariffs"])
async def test_what_was_validated_as_it_stood_is_said_to_be_unchanged(
    festival: Festival, keys: Path, tmp_path: Path, section: str
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, section)
        app = player.pilot.app
        await player.press(
            *{"festival": (), "printers": ("enter", "3"), "tills": ("enter", "1")}.get(section, ("enter",))
        )
        await player.press("f9")
        said = [told(app.screen), player.notices(), *(note.message for note in app._notifications)]
        assert "rien n'a changé." in "\n".join(said)
    festival.stands()


async def test_who_changed_a_row_last_and_when_is_said_beneath_it(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "tariffs")
        app = player.pilot.app
        await player.type("plein")
        assert "Changé par" not in told(app.screen)
        await player.press("enter")
        await write(player, "price_cents", "9,00")
        festival.clock.advance(timedelta(minutes=3))
        await player.press("f9")
        assert "Changé par Lisa B., le mer. 21 janv. 12:03." in told(app.screen)
    festival.stands()


async def test_what_was_changed_stays_chosen_in_every_list(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "accounts")
        await player.type("706")
        before = chosen(player)
        await player.press("enter")
        await write(player, "value", "70110")
        await player.press("f9")
        assert chosen(player).split("  ")[0] == before.split("  ")[0]
        assert "70110" in chosen(player)
    festival.stands()


async def test_what_was_added_is_chosen_so_that_enter_goes_on_with_it(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "staff")
        await player.press("insert", "1")
        await write(player, "name", "Zoé M.")
        await write(player, "pin", "4321")
        await write(player, "again", "4321")
        await player.press("f9")
        assert "Zoé M." in chosen(player)
        await player.press("enter", "3")
        assert "Zoé M. n'est plus en service." in told(player.pilot.app.screen)


async def test_settings_that_a_manager_opens_for_somebody_else_say_who_answers(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "rules")
        assert "Réglages · Règles · Lisa B. en répond" in told(player.pilot.app.screen)
        await player.press("escape")
        assert "Réglages · Lisa B. en répond" in told(player.pilot.app.screen)
        assert "Règles" in rows(player)


async def test_the_venue_of_a_hall_is_named_in_its_form_wherever_the_cursor_is(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "halls")
        await player.press("enter", "down", "down")
        assert "Centre de Congrès" in told(player.pilot.app.screen).splitlines()


async def test_a_price_that_becomes_nothing_or_so_far_another_is_asked_about(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "tariffs")
        app = player.pilot.app
        await player.type("plein")
        for typed in ("0", "850"):
            await player.press("enter")
            await write(player, "price_cents", typed)
            await player.press("f9")
            assert isinstance(app.screen, Confirm)
            assert f"Prix : 8,50 → {typed}" in told(app.screen)
            await player.press("escape")
            assert isinstance(app.screen, SettingForm), "what was typed is there to be corrected"
            await player.press("escape", "enter")
        assert full_price(festival) == 850
        await player.press("enter")
        await write(player, "price_cents", "0")
        await player.press("f9", "enter")
        said = told(app.screen)
        assert "Prix 8,50 → 0,00." in said, "as it is written, and nothing of the VAT that was left"
    assert full_price(festival) == 0
    festival.stands()


async def test_what_is_typed_after_a_refusal_takes_the_place_of_what_was_refused(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "tariffs")
        await player.type("plein")
        await player.press("enter", "down", "down")
        await player.type("neuf")
        await player.press("f9")
        assert "« neuf » n'est pas un prix" in told(player.pilot.app.screen)
        await player.type("9")
        await player.press("f9")
    assert full_price(festival) == 900


def full_price(festival: Festival) -> int:
    return next(row.price_cents for row in festival.rows(Tariff) if row.code == "PLEIN")
