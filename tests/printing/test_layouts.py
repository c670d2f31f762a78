"""Each paper says what it must, at every width."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.models import PrinterKind
from boxoffice.printing.document import Align, Cut, Document, Pair, QrCode, Text, check_fits
from boxoffice.printing.layouts import lay_out
from boxoffice.printing.rendering import to_plain
from boxoffice.printing.samples import sample
from boxoffice.sales.prints.papers import (
    AffectedPaper,
    CreditNotePaper,
    DocumentKind,
    Paper,
    PaperLine,
    PaperPayment,
    PaperReversal,
    PrinterTestPaper,
    ReceiptPaper,
    ReversalPaper,
    TicketPaper,
    VatShare,
)

WIDTHS = (32, 42, 48)


def ticket(**changes: object) -> TicketPaper:
    paper = sample(DocumentKind.TICKET)
    assert isinstance(paper, TicketPaper)
    return replace(paper, **changes)  # type: ignore[arg-type]


def receipt(**changes: object) -> ReceiptPaper:
    paper = sample(DocumentKind.RECEIPT)
    assert isinstance(paper, ReceiptPaper)
    return replace(paper, **changes)  # type: ignore[arg-type]


def reversal(**changes: object) -> ReversalPaper:
    paper = sample(DocumentKind.REVERSAL_SLIP)
    assert isinstance(paper, ReversalPaper)
    return replace(paper, **changes)  # type: ignore[arg-type]


def words(paper: Paper, columns: int = 42) -> str:
    """The paper as one run of words, wherever its lines were wrapped."""
    texts = []
    for element in lay_out(paper, columns):
        if isinstance(element, Text):
            texts.append(element.text)
        elif isinstance(element, Pair):
            texts.append(f"{element.left} {element.right}")
    return " ".join(" ".join(texts).replace("\u00a0", " ").split())


@pytest.mark.parametrize("kind", list(DocumentKind))
@pytest.mark.parametrize("columns", WIDTHS)
def test_every_paper_fits_every_width_and_ends_with_a_cut(kind: DocumentKind, columns: int) -> None:
    document = lay_out(sample(kind), columns)
    check_fits(document, columns)
    assert document[-1] == Cut()


@pytest.mark.parametrize("kind", sorted(set(DocumentKind) - {DocumentKind.PRINTER_TEST}))
@pytest.mark.parametrize("columns", [32, 42, 48])
def test_what_is_white_on_black_is_in_the_middle_of_the_paper(kind: DocumentKind, columns: int) -> None:
    for band in lay_out(sample(kind), columns):
        if isinstance(band, Text) and band.invert:
            left = len(band.text) - len(band.text.lstrip())
            assert band.align is Align.CENTRE, band
            assert left == len(band.text) - len(band.text.rstrip()), band


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_ticket_says_what_the_law_asks_for(columns: int) -> None:
    said = words(ticket(), columns)
    for statement in (
        "Association « Rêves d'été »",
        "L'Œuvre inachevée : été, façade & cœur d'hiver à Saint-Élier",
        "mer. 21 janv. 2026",
        "19 h 45",
        "Centre de Congrès – Amphi Jardin",
        "Placement libre",
        "Plein 8,50 €",
        "Billet n° 2-000456",
        "Séance S0142",
        "Vendu à Angers le 21/01/2026 18:42:07",
        "Opérateur 7",
        "Opération 2-000123",
    ):
        assert statement in said


def test_a_ticket_prints_its_number_title_and_price_twice() -> None:
    said = words(ticket())
    for statement in ("2-000456", "Plein 8,50 €", "à Saint-Élier", "mer. 21 janv. 2026"):
        assert said.count(statement) == 2


def test_a_ticket_prints_its_code_in_groups_under_the_qr() -> None:
    document = lay_out(ticket(), 42)
    place = document.index(QrCode("TBCDFGHJKLNPRSTVXBCDFGHJKLNPRST"))
    below = document[place + 1]
    assert isinstance(below, Text)
    assert below.text == "TBCD FGHJ KLNP RSTV XBCD FGHJ KLNP RST"


def test_a_free_ticket_says_so() -> None:
    said = words(ticket(price_cents=0))
    assert said.count("Plein GRATUIT") == 2
    assert "0,00" not in said
    assert "TVA" not in said


def test_a_numbered_seat_is_named_on_the_ticket_and_its_stub() -> None:
    said = words(ticket(seat="H 12"))
    assert said.count("Place H 12") == 2
    assert "Placement libre" not in said


def test_an_age_limit_and_a_name_are_said_when_there_are_any() -> None:
    assert "Interdit aux moins de 12 ans" in words(ticket())
    assert "Nominatif : Zoé Lefèvre-Ibáñez" in words(ticket())
    plain = words(ticket(minimum_age=0, holder=""))
    assert "Interdit" not in plain
    assert "Nominatif" not in plain


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_long_name_is_wrapped_on_the_ticket_and_never_cut(columns: int) -> None:
    name = "Longue Famille Dont Le Nom Dépasse Toute La Largeur Du Papier"
    assert f"Nominatif : {name}" in words(ticket(holder=name), columns)


@pytest.mark.parametrize("paper", [ticket, receipt, reversal])
def test_a_copy_says_that_it_is_one(paper: object) -> None:
    assert callable(paper)
    assert "DUPLICATA" not in words(paper())
    assert "DUPLICATA n° 2" in words(paper(copy_number=2))


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_receipt_printed_after_its_sale_was_reversed_says_so(columns: int) -> None:
    back = PaperReversal("2-000131", datetime(2026, 1, 21, 17, 55, 1, tzinfo=UTC), -850)
    part = receipt(reversals=(back,))
    assert "ANNULÉE" not in words(receipt(), columns)
    said = words(part, columns)
    assert "ANNULÉE EN PARTIE" in said
    assert "Annulation 2-000131 -8,50 € le 21/01/2026 18:55:01" in said.replace("−", "-")
    assert "VENTE ANNULÉE" in words(replace(part, is_undone=True), columns)
    assert "ANNULÉE EN PARTIE" not in words(replace(part, is_undone=True), columns)
    copy = words(replace(part, copy_number=1), columns)
    assert copy.index("DUPLICATA n° 1") < copy.index("ANNULÉE EN PARTIE")


def test_both_parts_of_a_ticket_whose_sale_was_reversed_say_so() -> None:
    assert words(ticket(is_undone=True, copy_number=1)).count("BILLET ANNULÉ") == 2
    assert "ANNULÉ" not in words(ticket())


def test_both_parts_of_a_copied_ticket_are_marked() -> None:
    assert words(ticket(copy_number=1)).count("DUPLICATA n° 1") == 2


def test_a_copy_has_the_number_and_the_code_of_the_original() -> None:
    original, copy = words(ticket()), words(ticket(copy_number=1))
    assert copy.replace("DUPLICATA n° 1 ", "") == original


@pytest.mark.parametrize(("total", "name"), [(2499, "REÇU"), (2500, "NOTE")])
def test_from_25_euros_a_receipt_is_a_note(total: int, name: str) -> None:
    paper = receipt(
        lines=(PaperLine("Kneecap", "Plein", 1, total, 550),),
        payments=(PaperPayment("Espèces", total),),
        total_cents=total,
    )
    assert Text(name, bold=True, wide=2, tall=2).text in [
        element.text for element in lay_out(paper, 42) if isinstance(element, Text)
    ]
    assert ("Client" in words(paper)) == (name == "NOTE")


def test_a_receipt_details_lines_payments_change_and_tax() -> None:
    said = words(receipt())
    for statement in (
        "2 x 8,50 € 17,00 €",
        "TOTAL 33,00 €",
        "Solde client 5,00 € reste 20,50 €",
        "Carte bancaire 8,00 €",
        "réf. A1B2C3",
        "Espèces 50,00 €",
        "Rendu 30,00 €",
        "5,5 % 21,80 1,20 23,00",
        "20 % 8,33 1,67 10,00",
        "Total 30,13 2,87 33,00",
        "Billets n° 2-000456 à 2-000458",
        "SIRET 123 456 789 00012",
        "12, rue de l'Hôtel-Dieu 49000 Angers",
    ):
        assert statement in said


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_credit_note_says_what_came_back_and_where_it_is(columns: int) -> None:
    said = words(sample(DocumentKind.CREDIT_NOTE), columns)
    assert said.startswith("AVOIR")
    assert said.endswith("AVOIR")
    for statement in (
        "N° 2-000012",
        "Cet avoir n'est pas un billet : il ne donne aucun accès.",
        "Reprend l'opération 2-000123",
        "Billets repris : 2-000456, 2-000457",
        "Client : Zoé Lefèvre-Ibáñez",
        "-2 x 8,50 € -17,00 €",
        "Frais de reprise 2 x 1,50 € 3,00 €",
        "CRÉDITÉ 14,00 €",
        "Carte cadeau 4,00 € ····-····-····-K3XV",
        "reste 16,00 €",
        "Solde client 10,00 € reste 35,50 €",
        "5,5 % -13,27 -0,73 -14,00",
    ):
        assert statement in said


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_credit_note_of_an_exchange_promises_nothing_that_is_spent(columns: int) -> None:
    note = sample(DocumentKind.CREDIT_NOTE)
    assert isinstance(note, CreditNotePaper)
    whole = replace(note, credits=(), exchanged_cents=1400, exchanged_for="2-000126")
    said = words(whole, columns)
    assert "DÉDUIT DE L'ÉCHANGE 14,00 €" in said
    assert "tout est déduit de la vente 2-000126" in said
    assert "CRÉDITÉ" not in said
    assert "se dépense" not in said
    balance = PaperPayment("Solde client", -400, left="4,00 €")
    said = words(replace(whole, credits=(balance,), exchanged_cents=1000), columns)
    assert "DÉDUIT DE L'ÉCHANGE 10,00 €" in said
    assert "CRÉDITÉ 4,00 €" in said
    assert "ne se rend pas en argent" in said


def test_a_credit_note_is_no_ticket_and_has_no_code_to_scan() -> None:
    document = lay_out(sample(DocumentKind.CREDIT_NOTE), 42)
    assert not any(isinstance(element, QrCode) for element in document)
    band = document[0]
    assert isinstance(band, Text)
    assert band.invert
    assert band.columns == 42


def test_an_exempt_seller_says_so() -> None:
    said = words(receipt(vat=(VatShare(0, 3300, 3300, 0),)))
    assert "Exonéré de TVA" in said


def test_a_seller_who_charges_no_tax_prints_why() -> None:
    why = "TVA non applicable, art. 293 B du CGI"
    letterhead = replace(ticket().letterhead, exemption=why, vat_number="")
    for paper in (
        ticket(letterhead=letterhead, vat_rate=0),
        receipt(letterhead=letterhead, vat=(VatShare(0, 3300, 3300, 0),)),
        reversal(letterhead=letterhead, vat=(VatShare(0, -2300, -2300, 0),)),
    ):
        for columns in WIDTHS:
            said = words(paper, columns)
            assert said.count(why) == 1
            assert said.count("TVA") == 1
            assert "0 %" not in said
    assert why not in words(ticket(letterhead=letterhead, vat_rate=0, price_cents=0))
    assert why not in words(ticket(letterhead=letterhead)), "a tax that was charged is told as such"


def test_sums_too_large_for_the_table_of_taxes_are_listed() -> None:
    vat = (VatShare(550, 123_456_789_00, 117_020_653_00, 6_436_136_00),)
    assert "TTC à 5,5 % 123 456 789,00 €" in words(receipt(vat=vat), 32)


def test_a_sale_paid_by_nothing_has_no_payment() -> None:
    paper = receipt(lines=(PaperLine("Kneecap", "Invitation", 1, 0, 550),), payments=(), total_cents=0)
    assert "TOTAL 0,00 €" in words(paper)


def test_scattered_ticket_numbers_are_all_named() -> None:
    numbers = ("1-000009", "1-000010", "1-000012", "2-000013", "2-000014", "2-000015")
    assert "Billets n° 1-000009, 1-000010, 1-000012, 2-000013 à 2-000015" in words(
        receipt(ticket_numbers=numbers)
    )


def test_a_coupon_de_gestion_cannot_be_taken_for_a_ticket() -> None:
    document = lay_out(reversal(), 42)
    assert not [element for element in document if isinstance(element, QrCode)]
    bands = [
        element
        for element in document
        if isinstance(element, Text) and element.text.strip() == "COUPON DE GESTION"
    ]
    assert [(band.invert, 42 - band.columns <= band.wide) for band in bands] == [(True, True), (True, True)]
    assert "n'est pas un billet" in words(reversal())


def test_a_coupon_de_gestion_names_what_it_undoes() -> None:
    said = words(reversal())
    for statement in (
        "Annule l'opération 2-000123",
        "Billets annulés : 2-000456 à 2-000458",
        "Motif : Séance confondue avec celle de 21 h",
        "Autorisé par : Inès Güell",
        "-2 x 8,50 € -17,00 €",
        "TOTAL -23,00 €",
        "Rendu – Espèces 23,00 €",
        "5,5 % -21,80 -1,20 -23,00",
    ):
        assert statement in said


def test_a_specimen_is_marked_whatever_it_is() -> None:
    for kind in DocumentKind:
        assert "SPÉCIMEN" in words(sample(kind))


def test_a_printer_test_names_every_kind_of_printer_in_french() -> None:
    paper = sample(DocumentKind.PRINTER_TEST)
    assert isinstance(paper, PrinterTestPaper)
    said = [words(replace(paper, printer_kind=kind)) for kind in PrinterKind]
    assert all("21/01/2026 18:42:07" in statement for statement in said)
    assert "Réseau" in said[1]


ANYTHING = st.text(max_size=80)


@given(ANYTHING, ANYTHING, ANYTHING, st.text(max_size=30), st.sampled_from(WIDTHS), st.integers(0, 10**7))
def test_a_ticket_of_anything_fits(
    title: str, place: str, holder: str, tariff: str, columns: int, price: int
) -> None:
    paper = ticket(
        event_title=title, place=place, holder=holder, tariff_label=tariff, price_cents=price, seat=holder
    )
    document: Document = lay_out(paper, columns)
    check_fits(document, columns)
    assert to_plain(paper, columns)


@given(ANYTHING, ANYTHING, st.integers(-999, 999), st.integers(0, 10**6), st.sampled_from(WIDTHS))
def test_a_receipt_of_anything_fits(label: str, detail: str, quantity: int, price: int, columns: int) -> None:
    paper = receipt(
        lines=(PaperLine(label, detail, quantity, price, 550),),
        payments=(PaperPayment(label, quantity * price or 1, reference=detail),),
        vat=(VatShare(550, quantity * price, quantity * price, 0),),
        total_cents=quantity * price,
    )
    check_fits(lay_out(paper, columns), columns)


def test_a_screening_in_another_season_is_told_in_angers_time() -> None:
    summer = ticket(starts_at=ticket().starts_at + timedelta(days=180))
    assert "20 h 45" in words(summer)


@pytest.mark.parametrize("columns", WIDTHS)
def test_tickets_of_a_moved_screening_are_still_good(columns: int) -> None:
    paper = sample(DocumentKind.AFFECTED_LIST)
    assert isinstance(paper, AffectedPaper)
    said = words(paper, columns)
    assert "BILLETS TOUJOURS VALABLES 5" in said
    assert "À reprendre si le client le demande." in said
    assert "À CRÉDITER" not in said
    said = words(replace(paper, new_starts_at=None), columns)
    assert "BILLETS À CRÉDITER 5" in said
    assert "VALABLES" not in said
