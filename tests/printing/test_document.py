"""Lines fit the paper, by wrapping on purpose or by an error, never by being cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.printing.characters import printable
from boxoffice.printing.document import (
    Align,
    DoesNotFit,
    Pair,
    QrCode,
    Text,
    check_fits,
    listed,
    pair,
    wrapped,
)

TEXTS = st.text(max_size=120)
COLUMNS = st.sampled_from([24, 32, 42, 48])


def letters(text: str) -> str:
    return "".join(printable(text).split())


@given(TEXTS, COLUMNS, st.sampled_from([1, 2]), st.sampled_from(Align))
def test_wrapping_loses_no_letter_and_fits(text: str, columns: int, wide: int, align: Align) -> None:
    lines = wrapped(text, columns, wide=wide, align=align)
    check_fits(lines, columns)
    assert letters("".join(line.text for line in lines)) == letters(text)


@given(TEXTS, st.text(max_size=15), COLUMNS)
def test_a_pair_loses_no_letter_and_fits(left: str, right: str, columns: int) -> None:
    lines = pair(left, right, columns)
    check_fits(lines, columns)
    written = "".join(line.text if isinstance(line, Text) else line.spread(columns) for line in lines)
    assert letters(written) == letters(left) + letters(right)


@given(st.lists(st.text(max_size=60), max_size=5), COLUMNS)
def test_facts_lose_no_letter_and_fit(facts: list[str], columns: int) -> None:
    lines = listed(facts, columns)
    check_fits(lines, columns)
    written = letters("".join(line.text for line in lines))
    assert written.replace("·", "") == "".join(letters(fact) for fact in facts).replace("·", "")


def test_facts_are_parted_between_lines_rather_than_inside() -> None:
    facts = ("Réduit jeune", "jeu. 22 janv. 14:00", "400 Coups 5")
    assert [line.text for line in listed(facts, 42)] == ["Réduit jeune · jeu. 22 janv. 14:00", "400 Coups 5"]


def test_a_centred_title_is_wrapped_evenly() -> None:
    lines = wrapped("Le ravissement de Lol V. Stein", 24, align=Align.CENTRE)
    assert [line.text for line in lines] == ["Le ravissement", "de Lol V. Stein"]


def test_french_punctuation_stays_with_its_word() -> None:
    lines = wrapped("Un « rêve » : été, 100 % vrai ?", 10)
    assert [line.text.replace("\u00a0", " ") for line in lines] == [
        "Un",
        "« rêve » :",
        "été, 100 %",
        "vrai ?",
    ]


def test_a_price_too_long_for_its_label_goes_under_it() -> None:
    assert pair("Carte bancaire Premiers Plans", "1 234,50 €", 32) == (
        Text("Carte bancaire Premiers Plans"),
        Pair("", "1 234,50 €"),
    )


def test_a_line_too_long_is_an_error() -> None:
    with pytest.raises(DoesNotFit):
        check_fits((Text("x" * 22, wide=2),), 42)
    with pytest.raises(DoesNotFit):
        check_fits((Pair("x" * 20, "y" * 22),), 42)
    with pytest.raises(DoesNotFit):
        pair("Total", "9" * 43, 42)


def test_a_qr_code_holds_plain_characters_only() -> None:
    with pytest.raises(ValueError, match="ASCII"):
        QrCode("é\x1b")
