"""The counter at 80 columns: what must be read there is, though most of it is said in fewer words."""

from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.widgets import Static

from boxoffice.screens.widgets.tariff_panel import title_words
from tests.sales.conftest import Festival

from .playing import at_the_counter
from .test_agenda import screening

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("room", range(30, 100))
def test_the_title_of_the_tariffs_never_cuts_the_hall(room: int) -> None:
    row = screening(1, "Vermiglio ou La Mariée des montagnes", 3, hall="Amphi Jardin")
    title, about = title_words(row, room)
    assert "Amphi Jardin" in about
    assert title.startswith("Vermiglio")
    assert room < 36 or cell_len(f"{title} · {about}") <= room


def test_a_title_with_room_says_all_that_is_known() -> None:
    row = screening(1, "Vermiglio", 3, hall="Amphi Jardin")
    title, about = title_words(row, 90)
    assert title == "Vermiglio"
    assert about.endswith("Amphi Jardin · VOSTFR · Joanna Hogg")


@on_sqlite
async def test_eighty_columns_say_where_the_chosen_screening_is_and_how_the_printer_is(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path, size=(80, 24)) as player:
        chosen = player.counter.screenings.chosen_screening
        assert chosen is not None
        assert f"· {chosen.row.hall}" in player.shows("tariffs")
        assert "Impr. ✓" in player.shows("status")


@on_sqlite
async def test_the_menu_keeps_its_keys_and_says_what_the_chosen_one_does(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    async with at_the_counter(festival, keys, tmp_path, size=(80, 24)) as player:
        await player.press("f10", "up")
        screen = player.pilot.app.screen
        box = screen.query_one(".dialog").region
        for words in ("#menu-says", ".dialog-keys"):
            assert box.contains_region(screen.query_one(words, Static).region)
        assert box.bottom <= 24
