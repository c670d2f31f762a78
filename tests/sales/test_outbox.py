"""The states of a document, held by the database on both engines."""

from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from boxoffice.models import (
    JobState,
    PrintAttempt,
    Printer,
    PrinterKind,
    PrinterRole,
    PrintJob,
    TillPrinter,
)
from boxoffice.sales.prints import outbox, print_orders
from boxoffice.sales.prints.outbox import DEAD_TICKET, Job
from boxoffice.sales.prints.outbox_listing import count_outbox, list_outbox, list_steps
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.sales.reversal import Reverse, reverse

from .conftest import Festival


def add_printer(festival: Festival, name: str, *roles: PrinterRole) -> int:
    """A printer of the first till, in place of those it had for these roles."""
    with festival.database.write() as session:
        printer = Printer(name=name, kind=PrinterKind.NETWORK, address="printer.test")
        session.add(printer)
        session.flush()
        assert printer.id is not None
        for role in roles:
            current = session.get(TillPrinter, (festival.desk.post.till_id, role))
            if current is not None:
                session.delete(current)
                session.flush()
            session.add(TillPrinter(till_id=festival.desk.post.till_id, role=role, printer_id=printer.id))
        return printer.id


@pytest.fixture
def printer_id(festival: Festival) -> int:
    return add_printer(festival, "Epson 1", PrinterRole.TICKETS)


def next_job(festival: Festival, printer_id: int) -> Job:
    job = festival.read(lambda session: outbox.next_job(session, festival.desk.post.till_id, printer_id))
    assert job is not None
    return job


def begin(festival: Festival, job: Job) -> bool:
    return festival.write(lambda session: outbox.begin_sending(session, job, clock=festival.clock))


def finish(festival: Festival, job: Job, outcome: JobState, reason: str = "") -> bool:
    return festival.write(
        lambda session: outbox.finish_sending(session, job.id, outcome, reason, clock=festival.clock)
    )


def state(festival: Festival, job: Job) -> JobState:
    found = festival.read(lambda session: outbox.find_job(session, job.id))
    assert found is not None
    return found.state


def test_the_oldest_document_comes_first(festival: Festival, printer_id: int) -> None:
    first = festival.sell(festival.seat_line(quantity=2))
    festival.sell()
    order = []
    for _ in range(3):
        job = next_job(festival, printer_id)
        order.append((job.sale_id == first.sale_id, job.position))
        assert begin(festival, job)
        assert finish(festival, job, JobState.PRINTED)
    assert order == [(True, 1), (True, 2), (False, 1)]
    assert (
        festival.read(lambda session: outbox.next_job(session, festival.desk.post.till_id, printer_id))
        is None
    )


def test_a_document_is_claimed_once(festival: Festival, printer_id: int) -> None:
    festival.sell()
    job = next_job(festival, printer_id)
    assert [begin(festival, job) for _ in range(3)] == [True, False, False]


def test_what_came_out_is_never_sent_or_blocked_again(festival: Festival, printer_id: int) -> None:
    festival.sell()
    job = next_job(festival, printer_id)
    begin(festival, job)
    finish(festival, job, JobState.UNCERTAIN, "Connexion perdue")
    assert not begin(festival, job)
    assert not finish(festival, job, JobState.PRINTED)
    assert not festival.write(
        lambda session: outbox.block(session, job, "Plus de papier.", clock=festival.clock)
    )
    assert state(festival, job) is JobState.UNCERTAIN


def test_sending_ends_only_as_it_can(festival: Festival, printer_id: int) -> None:
    festival.sell()
    job = next_job(festival, printer_id)
    begin(festival, job)
    with pytest.raises(ValueError, match="queued"):
        finish(festival, job, JobState.QUEUED)


def test_every_step_is_kept(festival: Festival, printer_id: int) -> None:
    festival.sell()
    job = next_job(festival, printer_id)
    for reason in ("Capot ouvert.", "Capot ouvert.", "Plus de papier."):
        festival.write(lambda session, why=reason: outbox.block(session, job, why, clock=festival.clock))
    begin(festival, job)
    finish(festival, job, JobState.PRINTED)
    with festival.database.read() as session:
        steps = session.exec(
            select(PrintAttempt.printer, PrintAttempt.outcome, PrintAttempt.detail)
            .where(PrintAttempt.job_id == job.id)
            .order_by(col(PrintAttempt.id))
        ).all()
    assert [tuple(step) for step in steps] == [
        ("Epson 1", JobState.BLOCKED, "Capot ouvert."),
        ("Epson 1", JobState.BLOCKED, "Plus de papier."),
        ("Epson 1", JobState.SENDING, ""),
        ("Epson 1", JobState.PRINTED, ""),
    ]


def test_a_job_given_elsewhere_meanwhile_is_not_sent_here(festival: Festival, printer_id: int) -> None:
    festival.sell()
    job = next_job(festival, printer_id)
    other = add_printer(festival, "Epson 2")
    with festival.database.write() as session:
        row = session.get(PrintJob, job.id)
        assert row is not None
        row.printer_id = other
        session.add(row)
    assert not begin(festival, job)
    assert state(festival, job) is JobState.QUEUED


def test_a_ticket_reversed_before_it_was_sent_is_abandoned(festival: Festival, printer_id: int) -> None:
    sale = festival.sell()
    job = next_job(festival, printer_id)
    festival.write(
        lambda session: reverse(session, Reverse(uuid4(), sale.sale_id), festival.desk, clock=festival.clock)
    )
    assert not begin(festival, job)
    assert state(festival, job) is JobState.ABANDONED
    steps = select(PrintAttempt.outcome, PrintAttempt.detail).where(PrintAttempt.job_id == job.id)
    assert festival.read(lambda session: session.exec(steps).all()) == [(JobState.ABANDONED, DEAD_TICKET)]


def test_a_ticket_queued_after_its_reversal_is_abandoned_when_its_turn_comes(
    festival: Festival, printer_id: int
) -> None:
    sale = festival.sell()
    begin(festival, job := next_job(festival, printer_id))
    finish(festival, job, JobState.PRINTED)
    festival.write(
        lambda session: reverse(session, Reverse(uuid4(), sale.sale_id), festival.desk, clock=festival.clock)
    )
    with festival.database.write() as session:
        print_orders.order(
            session,
            festival.desk.post.till_id,
            [(DocumentKind.TICKET, 1)],
            sale_id=sale.sale_id,
            at=festival.clock.now(),
            copy_number=1,
        )
        row = session.exec(select(PrintJob).where(PrintJob.copy_number == 1)).one()
        copy = outbox.find_job(session, row.id or 0)
    assert copy is not None
    assert not begin(festival, copy)
    assert state(festival, copy) is JobState.ABANDONED


def test_a_second_original_is_refused_by_the_database(festival: Festival) -> None:
    sale = festival.sell()

    def order_again() -> None:
        with festival.database.write() as session:
            print_orders.order(
                session,
                festival.desk.post.till_id,
                [(DocumentKind.TICKET, 1)],
                sale_id=sale.sale_id,
                at=festival.clock.now(),
            )

    with pytest.raises(IntegrityError):
        order_again()


def test_receipts_come_out_where_the_tickets_do_unless_they_have_a_printer(festival: Festival) -> None:
    with festival.database.write() as session:
        for old in session.exec(select(TillPrinter)).all():
            session.delete(old)
    tickets = add_printer(festival, "Billets", PrinterRole.TICKETS)
    festival.sell(receipt=True)
    receipts = add_printer(festival, "Reçus", PrinterRole.RECEIPTS)
    festival.sell(receipt=True)
    with festival.database.read() as session:
        rows = session.exec(select(PrintJob.document, PrintJob.printer_id).order_by(col(PrintJob.id))).all()
    assert [tuple(row) for row in rows] == [
        ("ticket", tickets),
        ("receipt", tickets),
        ("ticket", tickets),
        ("receipt", receipts),
    ]


def test_without_a_printer_the_papers_wait_for_one(festival: Festival) -> None:
    with festival.database.write() as session:
        for old in session.exec(select(TillPrinter)).all():
            session.delete(old)
    festival.sell()
    (line,) = festival.read(lambda session: list_outbox(session, festival.desk.post.till_id))
    assert (line.printer_id, line.printer, line.state) == (None, "", JobState.QUEUED)


def test_each_till_sees_its_own_documents(festival: Festival) -> None:
    festival.sell()
    festival.sell(desk=festival.desks[1])
    listed = [
        festival.read(lambda session, desk=desk: list_outbox(session, desk.post.till_id))
        for desk in festival.desks
    ]
    assert [[line.title for line in lines] for lines in listed] == [["Billet 1-000001"], ["Billet 2-000001"]]


def test_the_list_says_what_each_document_is_and_what_needs_somebody_first(
    festival: Festival, printer_id: int
) -> None:
    festival.sell(festival.seat_line(quantity=3), receipt=True)
    first, second, third = (claim(festival, printer_id) for _ in range(3))
    finish(festival, first, JobState.PRINTED)
    finish(festival, second, JobState.UNCERTAIN, outbox.INTERRUPTED)
    finish(festival, third, JobState.SENT)
    lines = festival.read(lambda session: list_outbox(session, festival.desk.post.till_id))
    assert [(line.title, line.state_words) for line in lines] == [
        ("Billet 1-000002", "à vérifier"),
        ("Reçu 1-000001", "en attente"),
        ("Billet 1-000003", "envoyé"),
        ("Billet 1-000001", "imprimé"),
    ]
    assert lines[0].detail == "Kneecap · mer. 21 janv. 20:00"
    assert lines[0].reason == "Le programme s'est arrêté pendant l'impression."
    assert (lines[0].needs_answer, lines[1].waits, lines[3].can_be_copied) == (True, True, True)


def claim(festival: Festival, printer_id: int) -> Job:
    job = next_job(festival, printer_id)
    assert begin(festival, job)
    return job


def test_the_steps_of_a_document_are_told_in_words(festival: Festival, printer_id: int) -> None:
    festival.sell()
    job = claim(festival, printer_id)
    festival.write(
        lambda session: outbox.note_trouble(session, job.id, "Plus de papier.", clock=festival.clock)
    )
    festival.write(lambda session: outbox.note_trouble(session, job.id, "", clock=festival.clock))
    finish(festival, job, JobState.PRINTED)
    steps = festival.read(lambda session: list_steps(session, job.id))
    assert [(step.printer, step.state_words, step.detail) for step in steps] == [
        ("Epson 1", "en cours", ""),
        ("Epson 1", "en cours", "Plus de papier."),
        ("Epson 1", "imprimé", ""),
    ]


def test_the_header_counts_what_waits_and_what_needs_an_answer(festival: Festival, printer_id: int) -> None:
    festival.sell(festival.seat_line(quantity=3))
    finish(festival, claim(festival, printer_id), JobState.UNCERTAIN)
    job = next_job(festival, printer_id)
    festival.write(lambda session: outbox.block(session, job, "Plus de papier.", clock=festival.clock))
    count = festival.read(lambda session: count_outbox(session, festival.desk.post.till_id))
    assert (count.waiting, count.blocked, count.uncertain, count.reason) == (2, 1, 1, "Plus de papier.")


def test_only_this_tills_interrupted_documents_become_uncertain(festival: Festival, printer_id: int) -> None:
    festival.sell()
    mine = claim(festival, printer_id)
    till_id, other_till = (post.till_id for post in festival.posts)
    assert (
        festival.write(lambda session: outbox.mark_interrupted(session, other_till, clock=festival.clock))
        == 0
    )
    assert (
        festival.write(lambda session: outbox.mark_interrupted(session, till_id, clock=festival.clock)) == 1
    )
    assert state(festival, mine) is JobState.UNCERTAIN


def test_an_unknown_document_is_not_found(festival: Festival) -> None:
    assert festival.read(lambda session: outbox.find_job(session, 999)) is None
    assert festival.read(lambda session: outbox.printer_settings(session, 999)) is None
