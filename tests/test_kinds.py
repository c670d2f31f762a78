"""Each kind that there is has its words, its paper and its place wherever kinds are told apart."""

from collections.abc import Mapping
from enum import StrEnum

import pytest

from boxoffice.cli import staff
from boxoffice.kinds import JobState, PassTrouble, PrinterKind, Requirement, Role
from boxoffice.printing.layouts import printer_test
from boxoffice.sales import conditions, history
from boxoffice.sales.holders import passes
from boxoffice.sales.prints import outbox_listing, print_orders
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.screens import choices, login, outbox_words, paper_marks, sale_words

TOLD: dict[str, tuple[Mapping[object, object], type[StrEnum]]] = {
    "what a paper is called": (outbox_listing.DOCUMENT_WORDS, DocumentKind),
    "where a paper comes out": (print_orders.ROLES, DocumentKind),
    "how far a paper is": (outbox_listing.STATE_WORDS, JobState),
    "how that is marked": (paper_marks.MARKS, JobState),
    "how a printer is reached": (outbox_words.PRINTER_KINDS, PrinterKind),
    "how its test page says so": (printer_test._KINDS, PrinterKind),
    "what has become of a line": (sale_words.STATES, history.LineState),
    "what befell a pass": (passes.TROUBLES, PassTrouble),
    "who is at the log-in": (login._ROLES, Role),
    "who is on the staff": (staff.ROLE_NAMES, Role),
}


@pytest.mark.parametrize("what", TOLD)
def test_every_kind_is_told_apart(what: str) -> None:
    told, kinds = TOLD[what]
    assert set(told) == set(kinds)


@pytest.mark.parametrize("needs", [conditions._NEEDS, choices._SHORT], ids=["why", "in a word"])
def test_every_condition_of_a_tariff_says_what_it_waits_for(needs: Mapping[object, object]) -> None:
    assert set(needs) == set(Requirement) - {Requirement.NOTHING}
