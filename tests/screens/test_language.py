"""A colleague who asked for English reads English; Textual's own English is shown to nobody."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from boxoffice.language import speak
from boxoffice.screens.widgets.panel import Panel
from tests.sales.conftest import Festival
from tests.test_catalogues import english

from . import stage
from .playing import at_the_counter

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

EVERY_DIALOG = (
    "f1",
    "f4",
    "f6",
    "f7",
    "f10",
    "f12",
    "ctrl+b",
    "ctrl+f",
    "ctrl+k",
    "ctrl+p",
    "ctrl+q",
    "ctrl+r",
)
SHORTEST_TOLD_APART = 6


@pytest.fixture
def in_english() -> Iterator[None]:
    speak("en")
    yield
    speak("fr")


def shown(pilot: Pilot[None]) -> str:
    """All that the screen in front says."""
    panels = pilot.app.screen.query(Panel)
    drawn = [panel.render_line(y).text for panel in panels if panel.display for y in range(panel.size.height)]
    return "\n".join([stage.told(pilot.app.screen), *drawn])


@pytest.fixture(scope="module")
def french() -> list[str]:
    """The messages of the catalogue that cannot be taken for English."""
    return [
        message.id
        for message in english()
        if isinstance(message.id, str)
        and len(message.id) >= SHORTEST_TOLD_APART
        and message.id not in str(message.string)
    ]


def standing_in(text: str, french: list[str]) -> set[str]:
    """Those that stand in a text as they are, as whole words."""
    return {said for said in french if said in text and re.search(rf"(?<!\w){re.escape(said)}(?!\w)", text)}


@pytest.mark.usefixtures("in_english")
async def test_no_french_is_left_on_the_counter_and_its_dialogs(
    festival: Festival, keys: Path, tmp_path: Path, french: list[str]
) -> None:
    async with at_the_counter(festival, keys, tmp_path) as player:
        seen = {"": shown(player.pilot)}
        for key in EVERY_DIALOG:
            await player.press(key)
            seen[key] = shown(player.pilot)
            await player.press("escape")
        for key in ("1", "asterisk", "escape", "ctrl+w", "escape", "enter", "c", "ctrl+l"):
            await player.press(key)
            seen[key] = shown(player.pilot)
    assert {key: left for key, text in seen.items() if (left := standing_in(text, french))} == {}


async def test_the_words_of_textual_itself_are_never_offered(
    festival: Festival, keys: Path, tmp_path: Path
) -> None:
    said = {message.id for message in english()}
    foreign = set()
    async with at_the_counter(festival, keys, tmp_path) as player:
        for key in ("", *EVERY_DIALOG):
            await player.press(*[key] if key else [])
            bindings = [active.binding for active in player.pilot.app.screen.active_bindings.values()]
            foreign |= {each.description for each in bindings if each.show or each.id} - said - {""}
            await player.press(*["escape"] if key else [])
    assert foreign == set()
