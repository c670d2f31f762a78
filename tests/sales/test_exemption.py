"""An establishment that charges no VAT sells, signs and prints none."""

import json
from dataclasses import replace
from uuid import UUID

import pytest
from sqlmodel import col, select

from boxoffice.models import JobState, JournalEntry, VatStatus
from boxoffice.sales.books.verification import verify
from boxoffice.sales.prints.outbox import Job
from boxoffice.sales.prints.paper_loading import load_paper
from boxoffice.sales.prints.papers import (
    DocumentKind,
    Paper,
    ReceiptPaper,
    ReversalPaper,
    TicketPaper,
    VatShare,
)
from boxoffice.sales.staff.establishment import change_identity, read_identity
from boxoffice.sales.staff.setup import open_post

from .conftest import Festival

WHY = "TVA non applicable, art. 293 B du CGI"


@pytest.fixture
def exempt(festival: Festival) -> Festival:
    """The small festival, of an establishment that charges no VAT."""

    wanted = replace(festival.read(read_identity), vat_status=VatStatus.EXEMPT)
    festival.write(
        lambda session: change_identity(
            session, festival.desk.post, wanted, clock=festival.clock, manager=festival.manager
        )
    )
    post = festival.read(lambda session: open_post(session, 1, festival.desk.post.signer))
    return replace(festival, desks=(replace(festival.desk, post=post), festival.desks[1]))


def paper(festival: Festival, document: DocumentKind, sale_id: UUID, position: int = 0) -> Paper:
    job = Job(1, 1, None, document, sale_id, position, 0, JobState.QUEUED, "")
    return festival.read(lambda session: load_paper(session, job, clock=festival.clock))


def test_an_exempt_establishment_signs_no_vat_whatever_the_tariffs_say(exempt: Festival) -> None:
    sale = exempt.sell(exempt.seat_line(quantity=2), exempt.product_line())
    exempt.reverse(sale, 1)
    with exempt.database.read() as session:
        told = session.exec(
            select(JournalEntry.content)
            .where(col(JournalEntry.kind).startswith("sale."))
            .order_by(col(JournalEntry.sequence))
        ).all()
        assert verify(session).fault is None
    assert [json.loads(content)["vat"] for content in told] == [
        [{"rate": 0, "gross": 2_000, "net": 2_000, "vat": 0}],
        [{"rate": 0, "gross": -850, "net": -850, "vat": 0}],
    ]


def test_papers_of_an_exempt_establishment_say_why_they_bear_no_vat(exempt: Festival) -> None:
    sale = exempt.sell(receipt=True)
    undone = exempt.reverse(sale)
    ticket = paper(exempt, DocumentKind.TICKET, sale.sale_id, 1)
    receipt = paper(exempt, DocumentKind.RECEIPT, sale.sale_id)
    slip = paper(exempt, DocumentKind.REVERSAL_SLIP, undone.sale_id)
    assert isinstance(ticket, TicketPaper)
    assert isinstance(receipt, ReceiptPaper)
    assert isinstance(slip, ReversalPaper)
    assert ticket.vat_rate == 0
    assert receipt.vat == (VatShare(0, 850, 850, 0),)
    assert slip.vat == (VatShare(0, -850, -850, 0),)
    assert {ticket.letterhead.exemption, receipt.letterhead.exemption, slip.letterhead.exemption} == {WHY}


def test_papers_of_an_establishment_that_charges_vat_claim_no_exemption(festival: Festival) -> None:
    sale = festival.sell()
    ticket = paper(festival, DocumentKind.TICKET, sale.sale_id, 1)
    assert isinstance(ticket, TicketPaper)
    assert (ticket.vat_rate, ticket.letterhead.exemption) == (550, "")
