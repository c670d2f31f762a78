"""What an owner adds up on a reading or a Z comes to what it says."""

from dataclasses import replace

import pytest

from boxoffice.kinds import ClosingPeriod
from boxoffice.printing.rendering import to_plain
from boxoffice.printing.samples import sample
from boxoffice.sales.closings.figures import FloatLeft, Paid
from boxoffice.sales.prints.closing_papers import ClosingPaper, HandoverPaper, ReadingPaper
from boxoffice.sales.prints.papers import DocumentKind

WIDTHS = (32, 42, 48)


def z(**changes: object) -> ClosingPaper:
    """The sample of a Z with other figures."""
    paper = sample(DocumentKind.CLOSING)
    assert isinstance(paper, ClosingPaper)
    figures = replace(paper.closing.figures, **changes)  # type: ignore[arg-type]
    made = replace(paper.closing, figures=figures, period_cents=figures.turnover_cents)
    return replace(paper, closing=made)


def said(paper: ClosingPaper | ReadingPaper | HandoverPaper, columns: int = 48) -> str:
    return " ".join(to_plain(paper, columns).replace("\u00a0", " ").replace("\u202f", " ").split())


@pytest.mark.parametrize("columns", WIDTHS)
def test_what_was_taxed_when_vouchers_were_sold_stands_before_the_turnover(columns: int) -> None:
    words = said(z(), columns)
    assert "Billets, produits et frais 1 897,00 €" in words
    assert "Déjà taxé à la vente des bons et cartes -17,00 €" in words
    assert words.index("Déjà taxé") < words.index("CHIFFRE D'AFFAIRES 1 880,00 €")


def test_a_turnover_that_is_its_lines_says_nothing_more() -> None:
    figures = z().closing.figures
    vat = (replace(figures.vat[0], gross_cents=figures.vat[0].gross_cents + 1_700), *figures.vat[1:])
    words = said(z(vat=vat))
    assert "Déjà taxé" not in words
    assert "Billets, produits et frais" not in words


def test_sales_and_returns_added_are_called_that() -> None:
    assert "ventes plus retours" in said(z())
    assert "retours ajoutés" not in said(z())


def test_exchanges_are_no_credit_notes() -> None:
    words = said(z())
    assert "Avoirs (1) -8,50 €" in words
    assert "Échanges, repris (1) -8,50 €" in words


def test_what_a_manager_allowed_is_no_code_typed() -> None:
    words = said(z())
    assert "Retours autorisés 2" in words
    assert "Codes de responsable tapés 2" in words


@pytest.mark.parametrize(
    ("paid", "expected"),
    [
        (Paid("cash", 3, 2_550, 1, -850), "3 Espèces 25,50 € 1 rendu -8,50 €"),
        (Paid("cash", 3, 2_550, 2, -1_700), "2 rendus -17,00 €"),
        (Paid("cash", 0, 0, 2, -1_700), "Espèces, 2 rendus -17,00 €"),
        (Paid("balance", 0, 0, 1, -850), "Solde client, 1 crédité -8,50 €"),
        (Paid("exchange", 1, 850, 1, -850), "1 Échange 8,50 € 1 repris -8,50 €"),
        (Paid("exchange", 2, 850, 2, -850), "2 repris -8,50 €"),
    ],
)
def test_what_was_given_back_is_told_as_what_it_is(paid: Paid, expected: str) -> None:
    words = said(z(payments=(paid,)))
    assert expected in words
    assert "0 Solde" not in words


def test_each_means_agrees_with_what_was_expected_of_it() -> None:
    words = said(z())
    for agreement in ("Espèces attendues 248,50 €", "Carte bancaire attendue", "Chèques attendus"):
        assert agreement in words


def test_a_drawer_that_nobody_counted_holds_no_nothing() -> None:
    words = said(z())
    assert "dont 1 tiroir non compté 150,00 €" in words
    earlier = words[words.index("SESSION 2") : words.index("SESSION 3")]
    assert "Laissé dans le tiroir non compté" in earlier
    assert "Remis en banque" not in earlier
    assert "0,00 €" not in earlier[earlier.index("Espèces attendues") :].replace("150,00 €", "")


def test_who_answered_for_a_difference_is_named() -> None:
    words = said(z())
    assert "Motif : Un billet de 5 € rendu en trop Répondu par : Lisa B." in words


def test_places_that_no_money_paid_for_have_a_line() -> None:
    assert "PAR CARTE OFFERTE OU D'AILLEURS 2 Invitation permanente 17,00 €" in said(z())


@pytest.mark.parametrize("columns", WIDTHS)
def test_what_waits_for_who_comes_next_says_which_day(columns: int) -> None:
    handover = sample(DocumentKind.HANDOVER)
    assert isinstance(handover, HandoverPaper)
    words = said(handover, columns)
    assert "R4 7KQ2 (3) jusqu'à jeu. 22 janv. 13:30" in words
    assert "Monsieur au chapeau rouge depuis mer. 21 janv. 23:58" in words


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_float_that_is_not_what_was_left_is_told_with_who_answered(columns: int) -> None:
    words = said(z(), columns)
    assert "Fond attendu 180,00 € déclaré 150,00 € écart -30,00 €" in words
    assert "Motif du fond : 30 € portés au coffre la veille Fond accepté par : Lisa B." in words
    assert "dont écart de fonds -30,00 €" in words


def test_a_float_that_nobody_had_counted_says_so_and_one_that_is_as_left_says_nothing() -> None:
    (_earlier, shift) = z().closing.figures.shifts
    words = said(z(shifts=(replace(shift, left_before_cents=14_000),)))
    assert "Fond attendu, non compté 140,00 € déclaré 150,00 € écart 10,00 €" in words
    assert "Fond de caisse 150,00 €" in said(z(shifts=(shift,)))
    assert "Fond attendu" not in said(z(shifts=(shift,)))
    first = replace(shift, number=1, left_before_cents=0)
    assert "Fond attendu" not in said(z(shifts=(first,)))


def test_the_z_of_the_box_office_tells_what_is_left_in_every_drawer() -> None:
    left = (FloatLeft(1, 12_000, True), FloatLeft(2, 4_550, False))
    paper = z(floats=left)
    assert "FONDS LAISSÉS" not in said(paper)
    of_all = replace(paper, closing=replace(paper.closing, till=None, period=ClosingPeriod.DAY))
    assert "FONDS LAISSÉS Caisse 1 120,00 € Caisse 2, non compté 45,50 € Total 165,50 €" in said(of_all)
