"""What serves no more is out of sight in the settings, shown by F8, and brought back from there."""

from pathlib import Path

import pytest
from textual.widgets import Input

from boxoffice.kinds import PrinterKind
from boxoffice.models import Hall, Till
from boxoffice.sales.importing.layouts import Kind
from boxoffice.sales.prints.reprinting import order_printer_test
from boxoffice.sales.staff.equipment import AddPrinter, add_printer, list_printers
from boxoffice.sales.staff.shift_closing import ShiftEnd
from boxoffice.screens.settings.form import SettingForm
from tests.sales.closing_life import close_one
from tests.sales.conftest import Festival
from tests.sales.test_editing import change

from .playing import at_the_counter
from .stage import told
from .test_settings import open_section, rows, write

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_till_is_put_out_of_service_and_brought_back(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    close_one(festival, 1, end=ShiftEnd(reason="Non compté"))
    async with at_the_counter(festival, keys, tmp_path) as player:
        app = player.pilot.app
        await open_section(player, "tills")
        await player.type("2")
        await player.press("enter", "2")
        assert "« Caisse 2 » n'est plus en service." in told(app.screen)
        assert "Rien de tel en service : F8 montre le reste." in told(app.screen)
        await player.press("f8")
        assert "caisse 2, hors service" in rows(player)
        await player.press("enter", "2")
        assert "« Caisse 2 » est de nouveau en service." in told(app.screen)
        await player.press("f8")
        assert "caisse 2" in rows(player)
    assert all(till.active for till in festival.rows(Till))
    festival.stands()


async def test_a_till_that_is_open_says_what_to_do_first(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        await open_section(player, "tills")
        await player.type("2")
        await player.press("enter", "2")
        said = told(player.pilot.app.screen)
        assert "Une session de Chloé M. est ouverte à la caisse 2." in said
        assert "Clôturez-la d'abord : F10 puis Z." in said
    assert all(till.active for till in festival.rows(Till))


async def test_a_hall_is_put_out_of_service_in_its_form(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        app = player.pilot.app
        await open_section(player, "halls")
        await player.type("auditorium")
        await player.press("enter")
        await write(player, "active", "non")
        await player.press("f9")
        assert isinstance(app.screen, SettingForm)
        assert "En service : une séance à venir s'y tient" in told(app.screen)
        await write(player, "active", "oui")
        await player.press("escape")
    assert all(hall.active for hall in festival.rows(Hall))


async def test_a_hall_out_of_service_is_shown_by_f8_alone(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    change(festival, Kind.HALL, "AUD", capacity="10")
    write_off(festival)
    async with at_the_counter(festival, keys, tmp_path) as player:
        app = player.pilot.app
        await open_section(player, "halls")
        assert "Auditorium" not in rows(player)
        await player.press("f8")
        assert "Auditorium · 10 places · hors service" in rows(player)
        await player.type("auditorium")
        await player.press("enter")
        assert app.screen.query_one("#field-active", Input).value == "non"
        await write(player, "active", "oui")
        await player.press("f9", "f8")
        assert "Auditorium · 10 places" in rows(player)
        assert "hors service" not in rows(player)
    festival.stands()


def write_off(festival: Festival) -> None:
    """Cancel what the large hall shows, and put it out of service."""
    change(festival, Kind.SCREENING, "KNEECAP", state="annulée")
    change(festival, Kind.HALL, "AUD", active="non")


async def test_what_waits_for_a_printer_is_given_to_another_when_it_is_put_out_of_service(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    by = {"clock": festival.clock, "manager": festival.manager}
    post, dead = festival.posts[0], AddPrinter("Morte", PrinterKind.NETWORK, "127.0.0.1:9")
    festival.write(lambda session: add_printer(session, post, dead, **by))
    (morte,) = [each for each in festival.read(list_printers) if each.name == "Morte"]
    for _page in range(2):
        festival.write(
            lambda session: order_printer_test(session, post.till_id, morte.id, clock=festival.clock)
        )
    async with at_the_counter(festival, keys, tmp_path) as player:
        app = player.pilot.app
        await open_section(player, "printers")
        assert "réseau · 2 papiers attendent" in rows(player)
        await player.type("morte")
        await player.press("enter", "4")
        assert "2 papiers attendent « Morte ». Les donner à quelle imprimante ?" in told(app.screen)
        await player.press("1")
        assert "« Morte » n'est plus en service. 2 papiers donnés à « Imprimante virtuelle »." in told(
            app.screen
        )
        await player.press("f8")
        assert "réseau · hors service" in rows(player)
        await player.press("enter", "1")
        assert "« Morte » est de nouveau en service." in told(app.screen)
    festival.stands()
