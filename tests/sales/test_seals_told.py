"""A till that tells which PINs are typed there goes on telling it, or verify asks about it."""

import pytest

from boxoffice.kinds import JournalKind
from boxoffice.sales.books.journal import append
from boxoffice.sales.books.pin_books import PinBooks
from boxoffice.sales.books.verification import verify
from boxoffice.sales.staff.rules import read_rules, rules_told

from .conftest import Festival
from .test_who_answers import LISA, by_pin

SAID = "un code y a été tapé sans son sceau, que cette caisse racontait : par quel programme ?"


def log_in_untold(festival: Festival) -> None:
    """As a program did that did not tell which PIN was typed."""
    post, lisa = festival.posts[0], festival.manager
    rules = rules_told(festival.read(read_rules))
    told = {"name": lisa.name, "charges_vat": post.charges_vat, "rules": rules}
    at = festival.clock.now()
    festival.write(
        lambda session: append(
            session, post, JournalKind.OPERATOR_LOGGED_IN, told, at=at, operator_number=LISA
        )
    )


def asked(festival: Festival) -> list[str]:
    verdict = festival.read(verify)
    assert verdict.fault is None, str(verdict.fault)
    return [notice for notice in verdict.notices if notice.endswith(SAID)]


def test_a_till_that_tells_a_code_no_more_is_asked_about_once(festival: Festival) -> None:
    log_in_untold(festival)
    by_pin(festival, "log in", "1234")
    assert asked(festival) == []
    log_in_untold(festival)
    log_in_untold(festival)
    (notice,) = asked(festival)
    assert notice.startswith("journal de la caisse 1, entrée ")


@pytest.mark.parametrize(
    ("version", "count"), [("0.9.9", 0), ("0.10.0", 1), ("0.11.0", 1), ("1.0", 1), ("0.2.3", 0)]
)
def test_an_older_program_that_tells_no_codes_is_known_by_its_version(version: str, count: int) -> None:
    books, entry = PinBooks(), {"till": 1, "operator": LISA}
    new = {**entry, "sequence": 1, "version": "0.10.0", "pin": "ab"}
    books.hear(JournalKind.OPERATOR_LOGGED_IN, new)
    books.hear(JournalKind.OPERATOR_LOGGED_IN, {**entry, "sequence": 2, "version": version})
    assert len(list(books.notices())) == count
