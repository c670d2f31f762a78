"""Papers on A4: their text as text, on as many pages as it takes, nothing beyond the margins."""

import re
import zlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from boxoffice.printing.document import DoesNotFit, Text
from boxoffice.printing.pdf import COLUMNS, document_pdf, paper_pdf
from boxoffice.printing.samples import sample
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.sales.prints.statement_papers import DoorListPaper, DoorTicket

AT = datetime(2026, 1, 21, 11, 0, tzinfo=UTC)


def streams(pdf: bytes) -> bytes:
    """What the pages draw, in plain words."""
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return b"\n".join(zlib.decompress(each) for each in found if each[:1] == b"x")


def pages(pdf: bytes) -> int:
    return pdf.count(b"/Type /Page\n")


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_every_paper_can_be_a_pdf(kind: DocumentKind) -> None:
    pdf = paper_pdf(sample(kind), "Un papier", AT)
    assert pdf.startswith(b"%PDF-")
    assert b"DejaVuSansMono" in pdf
    assert pages(pdf) >= 1


def test_the_same_paper_gives_the_same_pages() -> None:
    paper = sample(DocumentKind.SCREENING_STATEMENT)
    assert paper_pdf(paper, "Relevé", AT) == paper_pdf(paper, "Relevé", AT)


def test_a_long_list_goes_on_on_the_next_pages() -> None:
    paper = sample(DocumentKind.DOOR_LIST)
    assert isinstance(paper, DoorListPaper)
    tickets = tuple(DoorTicket(f"2-{number:06d}", "Plein") for number in range(1, 1201))
    assert pages(paper_pdf(paper, "Entrée", AT)) == 1
    assert pages(paper_pdf(replace(paper, tickets=tickets), "Entrée", AT)) == 5


def test_every_page_says_its_number_in_a_letter_of_its_own() -> None:
    pdf = paper_pdf(sample(DocumentKind.WEEK_STATEMENT), "Semaine", AT)
    contents = [each for each in streams(pdf).split(b"\n\x00\x01") if b" Tj" in each]
    drawn = b"".join(contents)
    assert drawn.count(b"7.00 Tf") == pages(pdf) == 2


def test_nothing_is_written_beyond_the_page() -> None:
    drawn = streams(paper_pdf(sample(DocumentKind.WEEK_STATEMENT), "Semaine", AT))
    places = [
        tuple(map(float, each)) for each in re.findall(rb"BT (?:\S+ )*?(-?[\d.]+) (-?[\d.]+) Td", drawn)
    ]
    assert places
    assert all(0 < across < 595 and 0 < up < 842 for across, up in places)


def test_a_line_too_long_is_refused_rather_than_cut() -> None:
    document_pdf((Text("x" * COLUMNS),), "Juste", AT)
    with pytest.raises(DoesNotFit):
        document_pdf((Text("x" * (COLUMNS + 1)),), "Trop", AT)
