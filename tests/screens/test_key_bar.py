"""The bar of keys below: whole words in any width, the keys that matter most to the last."""

from collections.abc import Iterator

import pytest
from rich.cells import cell_len

from boxoffice.language import speak
from boxoffice.screens.commands import COUNTER, EVERYWHERE
from boxoffice.screens.widgets.bars import KeyLabel, fitting, label_of


@pytest.fixture(params=["fr", "en"], autouse=True)
def _language(request: pytest.FixtureRequest) -> Iterator[None]:
    speak(request.param)
    yield
    speak("fr")


def bar() -> list[KeyLabel]:
    """The bar of the counter, in the language spoken."""
    commands = [command for command in (*EVERYWHERE, *COUNTER) if command.in_bar]
    return [label_of(command, command.keys.partition(",")[0].upper()) for command in commands]


def shown(labels: list[KeyLabel], width: int) -> list[str]:
    return [key for _number, key, _words in fitting(labels, width)]


def test_a_wide_bar_tells_every_key_by_its_whole_label() -> None:
    assert [words for _number, _key, words in fitting(bar(), 140)] == [label.label for label in bar()]


def test_the_design_size_tells_every_key_of_the_counter() -> None:
    assert shown(bar(), 120) == [label.key for label in bar()]


def test_eighty_columns_tell_the_keys_of_every_customer() -> None:
    assert {"F1", "F2", "F3", "F5", "F6", "F9", "F10"} <= set(shown(bar(), 80))


@pytest.mark.parametrize("width", range(9, 100))
def test_no_word_is_cut_and_help_stays(width: int) -> None:
    labels = bar()
    kept = fitting(labels, width)
    assert sum(cell_len(f" {key} {words} ") for _number, key, words in kept) <= width
    assert all(words in {labels[number].label, labels[number].brief} for number, _key, words in kept)
    assert kept[0][1] == "F1"


def test_a_bar_that_is_too_narrow_leaves_off_what_matters_least() -> None:
    assert shown(bar(), 40) == ["F1", "F6", "F9", "F10"]
