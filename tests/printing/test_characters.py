"""Whatever a title or a name holds, a printer is given letters only."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.printing.characters import ENCODING, printable

ANYTHING = st.text(st.characters(exclude_categories=[]))


@given(ANYTHING)
def test_any_text_becomes_one_line_of_the_code_page(text: str) -> None:
    written = printable(text)
    assert not [letter for letter in written if unicodedata.category(letter).startswith("C")]
    assert len(written.encode(ENCODING)) == len(written)


@given(ANYTHING)
def test_what_is_printable_stays_as_it_is(text: str) -> None:
    assert printable(printable(text)) == printable(text)


@given(ANYTHING)
def test_a_text_that_says_something_never_vanishes(text: str) -> None:
    visible = [
        letter for letter in text if not letter.isspace() and not unicodedata.category(letter).startswith("C")
    ]
    assert bool(printable(text).strip()) == bool(visible)


@pytest.mark.parametrize(
    ("text", "paper"),
    [
        ("Œuvre à 8,50 € « été »", "Œuvre à 8,50 € « été »"),
        ("e\u0301te\u0301", "été"),
        ("1\u202f234 €", "1\u00a0234 €"),
        ("Cluj-Napoca, Brâncuși și Căluș", "Cluj-Napoca, Brâncusi si Calus"),
        ("Łódź, Đorđe, İstanbul, Gdańsk", "Lódz, Dorde, Istanbul, Gdansk"),
        ("Fête 🎉 du film", "Fête  du film"),
        ("❤", "?"),
        ("電影", "??"),
        ("Αγάπη", "Agapi"),
        ("Щелкунчик", "Chtchelkountchik"),
        ("Zoé\x1b@\x1dV\x00Smith", "Zoé@ VSmith"),
        ("ligne\r\nsuivante", "ligne  suivante"),
        ("dix‑neuf − ½ → ﬁn…", "dix-neuf - ½ -> fin…"),
        ("soft\u00adhyphen\u200b", "softhyphen"),
        ("", ""),
        ("\x00\x1b", ""),
    ],
)
def test_a_text_is_written_as_a_colleague_would(text: str, paper: str) -> None:
    assert printable(text) == paper
