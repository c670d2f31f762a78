"""The bar of keys below: whole words in any width, the keys that matter most to the last."""

from collections.abc import Iterator

import pytest
from rich.cells import cell_len

from boxoffice.language import speak
from boxoffice.screens.counter_commands import COUNTER, EVERYWHERE
from boxoffice.screens.widgets.bars import KeyLabel, fitting, is_close, label_of


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


def test_eighty_columns_tell_every_key_of_the_counter_each_with_a_word() -> None:
    fit = fitting(bar(), 80)
    assert [key for _number, key, _words in fit] == [label.key for label in bar()]
    assert all(words for _number, _key, words in fit)


def test_words_stand_close_to_their_keys_only_where_it_brings_a_key_in_sight() -> None:
    assert is_close(fitting(bar(), 80), 80)
    assert not is_close(fitting(bar(), 120), 120)


@pytest.mark.parametrize("width", range(9, 100))
def test_no_word_is_cut_and_help_stays(width: int) -> None:
    labels = bar()
    kept = fitting(labels, width)
    told = (
        "".join(f"{key}{words} " for _number, key, words in kept)
        if is_close(kept, width)
        else "".join(f" {key} {words} " for _number, key, words in kept)
    )
    assert cell_len(told.rstrip()) <= width
    assert all(words in {labels[number].label, labels[number].brief} for number, _key, words in kept)
    assert kept[0][1] == "F1"


def test_a_bar_that_is_too_narrow_leaves_off_what_matters_least() -> None:
    assert shown(bar(), 40)[0] == "F1"
    assert {"F6", "F9", "F10"} <= set(shown(bar(), 40))
    assert not {"F4", "F7", "F8"} & set(shown(bar(), 40))
