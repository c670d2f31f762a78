"""What goes on paper comes from the books, and a copy says what the original said."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from boxoffice.models import Event, Hall, JobState, Printer, Screening
from boxoffice.sales.means import CARD, CASH
from boxoffice.sales.prints.outbox import Job
from boxoffice.sales.prints.paper_loading import load_paper
from boxoffice.sales.prints.papers import (
    DocumentKind,
    NothingToPrint,
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
from boxoffice.sales.reversal import Reverse, reverse
from boxoffice.sales.settlement import Settlement, tender

from .conftest import NOON, Festival


def load(
    festival: Festival,
    document: DocumentKind,
    sale_id: UUID | None,
    position: int = 0,
    copy_number: int = 0,
    printer_id: int | None = None,
) -> Paper:
    job = Job(1, 1, printer_id, document, sale_id, position, copy_number, JobState.QUEUED, "")
    return festival.read(lambda session: load_paper(session, job, clock=festival.clock))


def test_a_ticket_tells_its_sale_its_screening_and_its_seller(festival: Festival) -> None:
    sale = festival.sell(festival.seat_line("ETERNAL", "REDUIT", 2))
    paper = load(festival, DocumentKind.TICKET, sale.sale_id, position=2)
    assert isinstance(paper, TicketPaper)
    assert (paper.letterhead.operator_name, paper.letterhead.town) == ("Association Premiers Plans", "Angers")
    assert (
        paper.origin.till_number,
        paper.origin.cashier_number,
        paper.origin.operation,
        paper.origin.at,
    ) == (
        1,
        festival.desk.operator_number,
        "1-000001",
        NOON,
    )
    assert (paper.event_title, paper.event_version) == ("The Eternal Daughter", "VOSTFR")
    assert paper.place == "Centre de Congrès, Amphi Jardin"
    assert (paper.tariff_code, paper.tariff_label, paper.price_cents, paper.vat_rate) == (
        "REDUIT",
        "Réduit jeune",
        600,
        550,
    )
    assert (paper.number, paper.screening_code, paper.copy_number) == ("1-000002", "ETERNAL", 0)
    assert paper.code.startswith("T")
    assert paper.advice == "Les billets ne sont ni échangés ni remboursés."


def test_a_nominative_ticket_bears_its_name(festival: Festival) -> None:
    sale = festival.sell(festival.seat_line("RENCONTRE", holders=("Zoé Lefèvre",)))
    paper = load(festival, DocumentKind.TICKET, sale.sale_id, position=1)
    assert isinstance(paper, TicketPaper)
    assert paper.holder == "Zoé Lefèvre"


def test_a_copy_says_what_the_original_said_whatever_has_changed_since(festival: Festival) -> None:
    sale = festival.sell()
    original = load(festival, DocumentKind.TICKET, sale.sale_id, position=1)
    with festival.database.write() as session:
        event = session.exec(select(Event).where(Event.title == "Kneecap")).one()
        hall = session.exec(select(Hall).where(Hall.code == "AUD")).one()
        screening = session.exec(select(Screening).where(Screening.code == "KNEECAP")).one()
        event.title, event.version, hall.name = "Bouchon de genou", "VF", "Salle des fêtes"
        screening.ends_at += (screening.ends_at - screening.starts_at) / 2
        screening.starts_at = NOON
        session.add_all([event, hall, screening])
    copy = load(festival, DocumentKind.TICKET, sale.sale_id, position=1, copy_number=1)
    assert isinstance(copy, TicketPaper)
    assert replace(copy, copy_number=0) == original


def test_a_receipt_gathers_equal_lines_and_splits_the_tax(festival: Festival) -> None:
    lines = (
        festival.seat_line("KNEECAP", "PLEIN", 2),
        festival.seat_line("KNEECAP", "REDUIT", 1),
        festival.product_line("TOUR", 3),
    )
    due = Settlement(festival.basket(*lines).total_cents)
    paid = tender(due, CARD, 1_300, reference="A1B2", cash_limit_cents=100_000)
    paid = tender(paid, CASH, 5_000, cash_limit_cents=100_000)
    sale = festival.sell(*lines, tenders=paid.tenders)
    paper = load(festival, DocumentKind.RECEIPT, sale.sale_id)
    assert isinstance(paper, ReceiptPaper)
    assert paper.lines == (
        PaperLine("Kneecap", "Plein · mer. 21 janv. 20:00 · Centre de Congrès, Auditorium", 2, 850, 550),
        PaperLine(
            "Kneecap", "Réduit jeune · mer. 21 janv. 20:00 · Centre de Congrès, Auditorium", 1, 600, 550
        ),
        PaperLine("Tour de cou", "", 3, 300, 2000),
    )
    assert paper.payments == (
        PaperPayment("Carte bancaire", 1_300, None, "A1B2"),
        PaperPayment("Espèces", 1_900, 5_000),
    )
    assert paper.vat == (VatShare(550, 2_300, 2_180, 120), VatShare(2000, 900, 750, 150))
    assert paper.total_cents == sum(line.total_cents for line in paper.lines) == 3_200
    assert paper.ticket_numbers == ("1-000001", "1-000002", "1-000003")


def test_a_reversal_slip_names_the_sale_the_tickets_and_who_allowed_it(festival: Festival) -> None:
    sale = festival.sell(festival.seat_line(quantity=2), festival.product_line())
    undo = Reverse(
        uuid4(), sale.sale_id, positions=(2,), reason="Erreur de séance", authorized_by=festival.manager.id
    )
    done = festival.write(lambda session: reverse(session, undo, festival.desks[1], clock=festival.clock))
    paper = load(festival, DocumentKind.REVERSAL_SLIP, done.sale_id)
    assert isinstance(paper, ReversalPaper)
    assert (paper.original_operation, paper.original_at, paper.origin.operation) == (
        "1-000001",
        NOON,
        "2-000001",
    )
    assert paper.lines == (
        PaperLine("Kneecap", "Plein · mer. 21 janv. 20:00 · Centre de Congrès, Auditorium", -1, 850, 550),
    )
    assert paper.refunds == (PaperPayment("Espèces", -850),)
    assert paper.vat == (VatShare(550, -850, -806, -44),)
    assert (paper.total_cents, paper.ticket_numbers) == (-850, ("1-000002",))
    assert (paper.authorized_by, paper.reason) == (festival.manager.name, "Erreur de séance")


def test_a_receipt_printed_after_a_reversal_tells_what_was_taken_back(festival: Festival) -> None:
    sale = festival.sell(festival.seat_line(quantity=2), festival.product_line())
    before = load(festival, DocumentKind.RECEIPT, sale.sale_id)
    assert isinstance(before, ReceiptPaper)
    assert (before.reversals, before.is_undone) == ((), False)
    festival.clock.advance(timedelta(minutes=3))
    part = festival.reverse(sale, 2)
    first = PaperReversal(part.operation, festival.clock.now(), -850)
    for copy_number in (0, 1):
        paper = load(festival, DocumentKind.RECEIPT, sale.sale_id, copy_number=copy_number)
        expected = replace(before, reversals=(first,), copy_number=copy_number)
        assert paper == expected
    rest = festival.reverse(sale)
    paper = load(festival, DocumentKind.RECEIPT, sale.sale_id)
    second = PaperReversal(rest.operation, festival.clock.now(), -1_150)
    assert paper == replace(before, reversals=(first, second), is_undone=True)


def test_a_ticket_looked_at_after_its_reversal_is_marked(festival: Festival) -> None:
    sale = festival.sell(festival.seat_line(quantity=2))
    festival.reverse(sale, 2)
    marks = []
    for position in (1, 2):
        paper = load(festival, DocumentKind.TICKET, sale.sale_id, position, copy_number=1)
        assert isinstance(paper, TicketPaper)
        marks.append(paper.is_undone)
    assert marks == [False, True]


def test_a_printer_test_names_its_printer(festival: Festival) -> None:
    with festival.database.read() as session:
        printer = session.exec(select(Printer)).first()
    assert printer is not None
    paper = load(festival, DocumentKind.PRINTER_TEST, None, printer_id=printer.id)
    assert isinstance(paper, PrinterTestPaper)
    assert (paper.printer_name, paper.at) == (printer.name, NOON)


@pytest.mark.parametrize("document", sorted(set(DocumentKind) - {DocumentKind.LEFT_TONIGHT}))
def test_what_the_books_do_not_hold_is_not_printed(festival: Festival, document: DocumentKind) -> None:
    for sale_id in (None, uuid4()):
        with pytest.raises(NothingToPrint):
            load(festival, document, sale_id, position=99)


def test_a_sale_has_no_reversal_slip(festival: Festival) -> None:
    with pytest.raises(NothingToPrint):
        load(festival, DocumentKind.REVERSAL_SLIP, festival.sell().sale_id)
