"""The catalogues say everything that the code says, and nothing else."""

import re
from functools import cache
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import boxoffice

PACKAGE = Path(boxoffice.__file__).parent
ENGLISH = PACKAGE / "locale" / "en" / "LC_MESSAGES"
KEYWORDS = {"_": None, "later": None, "plural": (1, 2)}


@cache
def said_in_the_code() -> frozenset[object]:
    """Every text of the code that is translated, looked for once."""
    found = extract_from_dir(PACKAGE, [("**.py", "python")], keywords=KEYWORDS)
    return frozenset(message for _file, _line, message, _comments, _context in found)


def english() -> Catalog:
    with (ENGLISH / "boxoffice.po").open("rb") as file:
        return read_po(file)


def said(catalogue: Catalog) -> dict[object, object]:
    """What each message becomes; files read in either format are comparable."""

    def of_either_format(text: object) -> object:
        return tuple(text) if isinstance(text, list) else text

    return {
        of_either_format(message.id): of_either_format(message.string) for message in catalogue if message.id
    }


def fields(text: str) -> set[str | None]:
    return {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name is not None}


def test_everything_said_in_the_code_is_translated_to_english() -> None:
    translated = {message.id for message in english() if message.id and message.string and not message.fuzzy}
    assert said_in_the_code() - translated == frozenset()


def test_the_catalogue_keeps_nothing_that_is_said_no_more() -> None:
    assert {message.id for message in english() if message.id} - said_in_the_code() == set()


def test_translations_fill_in_the_same_fields() -> None:
    for message in english():
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id:
            assert {frozenset(fields(text)) for text in strings} <= {
                frozenset(fields(text)) for text in ids
            }, ids


def test_the_words_inside_the_pattern_of_a_moment_are_translated() -> None:
    with_words = re.compile(r"""(?<!_\()"[EdMHm :]*(?:'[^'"{\n]+'[EdMHm :]*)+\"""")
    untold = {
        found
        for file in PACKAGE.rglob("*.py")
        if "printing" not in file.parts
        for found in with_words.findall(file.read_text("utf-8"))
    }
    assert untold == set()


def test_the_compiled_catalogue_is_up_to_date() -> None:
    with (ENGLISH / "boxoffice.mo").open("rb") as file:
        assert said(read_mo(file)) == said(english())
