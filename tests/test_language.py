"""French as written in the code, English from its catalogue."""

from collections.abc import Iterator

import pytest

from boxoffice.language import LANGUAGES, _, later, plural, speak, spoken


@pytest.fixture(autouse=True)
def _french_again() -> Iterator[None]:
    yield
    speak("fr")


def test_french_is_spoken_unless_told_otherwise() -> None:
    assert spoken() == "fr"
    assert _("Le panier est vide.") == "Le panier est vide."


def test_english_comes_from_its_catalogue() -> None:
    speak("en")
    assert spoken() == "en"
    assert _("Le panier est vide.") != "Le panier est vide."


def test_a_message_that_no_catalogue_has_stays_as_it_is() -> None:
    speak("en")
    assert _("Phrase que personne n'a traduite") == "Phrase que personne n'a traduite"


@pytest.mark.parametrize(
    ("count", "form"), [(0, "un"), (1, "un"), (2, "plusieurs"), (-1, "un"), (-2, "plusieurs")]
)
def test_zero_and_one_are_singular_in_french(count: int, form: str) -> None:
    assert plural("un", "plusieurs", count) == form


@pytest.mark.parametrize(("count", "form"), [(0, "plusieurs"), (1, "un"), (2, "plusieurs")])
def test_only_one_is_singular_in_english(count: int, form: str) -> None:
    speak("en")
    assert plural("un", "plusieurs", count) == form


def test_a_message_marked_for_later_is_translated_when_it_is_shown() -> None:
    message = later("Le panier est vide.")
    assert _(message) == message
    speak("en")
    assert _(message) != message


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_can_be_spoken(language: str) -> None:
    speak(language)
    assert spoken() == language
