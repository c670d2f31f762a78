"""Statements on paper: the words of each law, what is missing said aloud, and room for any figure."""

from dataclasses import replace

import pytest

from boxoffice.kinds import Regime
from boxoffice.printing.rendering import to_plain
from boxoffice.printing.samples import sample
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.sales.prints.statement_papers import (
    DoorListPaper,
    DoorPass,
    PaperNumbers,
    PaperTariff,
    StatementPaper,
    WeekPaper,
)

WIDTHS = (24, 32, 42, 48, 80)


def statement(**changes: object) -> StatementPaper:
    paper = sample(DocumentKind.SCREENING_STATEMENT)
    assert isinstance(paper, StatementPaper)
    return replace(paper, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("regime", "title", "law", "takings"),
    [
        (Regime.CGI_290Q, "RELEVÉ DE SÉANCE", "art. 50 sexies B à I", "RECETTE TTC"),
        (Regime.CNC_EXHIBITOR, "BORDEREAU DE SÉANCE", "L212-32", "RECETTE GUICHET TTC"),
        (Regime.NON_COMMERCIAL, "RELEVÉ DE SÉANCE", "Séance non commerciale", "PARTICIPATIONS"),
    ],
)
def test_each_law_has_its_words(regime: Regime, title: str, law: str, takings: str) -> None:
    printed = to_plain(statement(regime=regime), 48)
    assert all(words in printed for words in (title, law, takings))


def test_before_the_end_it_says_that_it_is_provisional_and_when_it_was_made() -> None:
    printed = to_plain(statement(provisional=True), 80)
    assert "PROVISOIRE" in printed
    assert "ces chiffres changeront" in printed
    final = to_plain(statement(), 42)
    assert "PROVISOIRE" not in final
    assert "Établi le 21/01/2026 21:58:12." in final


def test_numbers_that_are_missing_are_said_aloud() -> None:
    assert "Séries sans trou." in to_plain(statement(), 42)
    broken = (PaperNumbers(1, "1-000312", "1-000498", 96, missing=2),)
    printed = to_plain(statement(numbers=broken), 42)
    assert "2 NUMÉROS MANQUENT DANS LA SÉRIE" in printed
    assert "Séries sans trou." not in printed


def test_a_cancelled_screening_without_a_ticket_says_so() -> None:
    paper = statement(tariffs=(), passes=(), reserved=0, numbers=())
    printed = to_plain(replace(paper, showing=replace(paper.showing, is_cancelled=True)), 42)
    assert "SÉANCE ANNULÉE" in printed
    assert "Aucun billet émis." in printed


def test_every_figure_of_a_category_is_on_its_line() -> None:
    wide = to_plain(statement(), 80).replace("\u00a0", " ")
    (line,) = [line for line in wide.splitlines() if line.startswith("PLEIN Plein")]
    assert line.split() == ["PLEIN", "Plein", "8,50", "164", "5", "1", "351,50"]


@pytest.mark.parametrize("columns", WIDTHS)
def test_the_largest_figures_fit_on_any_paper(columns: int) -> None:
    huge = PaperTariff("X" * 40, "Tarif exceptionnel " * 5, 999_999, 550, issued=99_999, cancelled=9_999)
    assert "89" in to_plain(statement(tariffs=(huge,)), columns)
    week = sample(DocumentKind.WEEK_STATEMENT)
    assert isinstance(week, WeekPaper)
    screening = replace(week.films[0].screenings[0], tariffs=(huge,))
    to_plain(replace(week, films=(replace(week.films[0], screenings=(screening,)),)), columns)
    doors = sample(DocumentKind.DOOR_LIST)
    assert isinstance(doors, DoorListPaper)
    many = DoorPass("2-0000017-40392", "X" * 90, seats=40, used=3)
    to_plain(replace(doors, passes=(many,)), columns)


def test_a_week_sums_its_films_and_its_categories() -> None:
    week = sample(DocumentKind.WEEK_STATEMENT)
    assert isinstance(week, WeekPaper)
    assert week.takings_cents == sum(tariff.takings_cents for tariff in week.tariffs)
    assert week.entries == sum(tariff.standing for tariff in week.tariffs) + 108
    assert [tariff.code for tariff in week.tariffs] == ["PLEIN", "REDUIT_JEUNE", "SUPPL", "INVIT"]
