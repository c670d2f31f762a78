"""What the cashier may do with a document, and what would make an unmarked duplicate."""

import json
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, col, select

from boxoffice.errors import Refusal
from boxoffice.models import JobState, JournalEntry, PrinterRole, PrintJob
from boxoffice.sales.prints import outbox, reprinting
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.sales.reversal import Reverse, reverse
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.operators import staff
from boxoffice.sales.staff.shift_closing import close_shift

from .conftest import Festival
from .test_outbox import add_printer, claim, finish, next_job, state


@pytest.fixture
def printer_id(festival: Festival) -> int:
    return add_printer(festival, "Epson 1", PrinterRole.TICKETS)


def sell_and_print(festival: Festival, printer_id: int) -> UUID:
    sale = festival.sell()
    finish(festival, claim(festival, printer_id), JobState.PRINTED)
    return sale.sale_id


def reprint(festival: Festival, sale_id: UUID, document: DocumentKind = DocumentKind.TICKET) -> int:
    position = 1 if document is DocumentKind.TICKET else 0
    return festival.write(
        lambda session: reprinting.reprint(
            session, festival.desk, document, sale_id=sale_id, position=position, clock=festival.clock
        )
    )


def answer(festival: Festival, job_id: int, *, came_out: bool) -> int | None:
    return festival.write(
        lambda session: reprinting.answer(
            session, festival.desk, job_id, came_out=came_out, clock=festival.clock
        )
    )


def copies(festival: Festival) -> list[tuple[int, JobState]]:
    with festival.database.read() as session:
        rows = session.exec(
            select(PrintJob.copy_number, PrintJob.state)
            .where(PrintJob.document == "ticket")
            .order_by(col(PrintJob.copy_number))
        ).all()
    return [(number, state) for number, state in rows]


def reprints_told(festival: Festival) -> list[dict[str, object]]:
    with festival.database.read() as session:
        entries = session.exec(
            select(JournalEntry.content)
            .where(JournalEntry.kind == "document.reprinted")
            .order_by(col(JournalEntry.sequence))
        ).all()
    return [{name: value for name, value in json.loads(entry).items() if name in TOLD} for entry in entries]


TOLD = ("document", "number", "copy", "spoilt", "operator")


def test_a_copy_is_numbered_and_told_to_the_journal(festival: Festival, printer_id: int) -> None:
    sale_id = sell_and_print(festival, printer_id)
    assert reprint(festival, sale_id) == 1
    finish(festival, claim(festival, printer_id), JobState.PRINTED)
    assert reprint(festival, sale_id) == 2
    assert copies(festival) == [(0, JobState.PRINTED), (1, JobState.PRINTED), (2, JobState.QUEUED)]
    told = {"document": "ticket", "number": "1-000001", "spoilt": False}
    operator = festival.desk.operator_number
    assert reprints_told(festival) == [
        {**told, "copy": 1, "operator": operator},
        {**told, "copy": 2, "operator": operator},
    ]


def test_a_reversed_ticket_is_not_copied(festival: Festival, printer_id: int) -> None:
    sale_id = sell_and_print(festival, printer_id)
    festival.write(
        lambda session: reverse(session, Reverse(uuid4(), sale_id), festival.desk, clock=festival.clock)
    )
    with pytest.raises(Refusal, match="annulé"):
        reprint(festival, sale_id)
    assert copies(festival) == [(0, JobState.PRINTED)]


def test_a_ticket_that_did_not_come_out_comes_again_as_a_copy(festival: Festival, printer_id: int) -> None:
    festival.sell()
    job = claim(festival, printer_id)
    finish(festival, job, JobState.UNCERTAIN)
    assert answer(festival, job.id, came_out=False) == 1
    assert copies(festival) == [(0, JobState.ABANDONED), (1, JobState.QUEUED)]
    assert [entry["spoilt"] for entry in reprints_told(festival)] == [True]


def test_a_ticket_that_came_out_is_printed(festival: Festival, printer_id: int) -> None:
    festival.sell()
    job = claim(festival, printer_id)
    finish(festival, job, JobState.UNCERTAIN)
    assert answer(festival, job.id, came_out=True) is None
    assert copies(festival) == [(0, JobState.PRINTED)]
    assert reprints_told(festival) == []


def test_the_question_is_answered_once(festival: Festival, printer_id: int) -> None:
    festival.sell()
    job = claim(festival, printer_id)
    finish(festival, job, JobState.UNCERTAIN)
    answer(festival, job.id, came_out=False)
    for came_out in (True, False):
        with pytest.raises(Refusal):
            answer(festival, job.id, came_out=came_out)
    assert len(copies(festival)) == 2


def test_a_reversed_ticket_that_did_not_come_out_is_not_copied(festival: Festival, printer_id: int) -> None:
    sale = festival.sell()
    job = claim(festival, printer_id)
    finish(festival, job, JobState.UNCERTAIN)
    festival.write(
        lambda session: reverse(session, Reverse(uuid4(), sale.sale_id), festival.desk, clock=festival.clock)
    )
    assert answer(festival, job.id, came_out=False) is None
    assert copies(festival) == [(0, JobState.ABANDONED)]


Act = Callable[[Session, Festival, int, int], object]

ACTS: dict[str, Act] = {
    "resend": lambda session, festival, job_id, _: reprinting.resend(session, job_id, clock=festival.clock),
    "send elsewhere": lambda session, festival, job_id, other: reprinting.send_elsewhere(
        session, job_id, other, clock=festival.clock
    ),
    "abandon": lambda session, festival, job_id, _: reprinting.abandon(session, job_id, clock=festival.clock),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
@pytest.mark.parametrize("outcome", [JobState.SENDING, JobState.PRINTED, JobState.SENT, JobState.UNCERTAIN])
def test_what_may_have_come_out_cannot_be_sent_again_unmarked(
    festival: Festival, printer_id: int, act: Act, outcome: JobState
) -> None:
    festival.sell()
    job = claim(festival, printer_id)
    if outcome is not JobState.SENDING:
        finish(festival, job, outcome)
    with pytest.raises(Refusal):
        festival.write(lambda session: act(session, festival, job.id, printer_id))
    assert copies(festival) == [(0, outcome)]


def test_a_blocked_document_can_be_sent_elsewhere(festival: Festival, printer_id: int) -> None:
    festival.sell()
    job = next_job(festival, printer_id)
    festival.write(lambda session: outbox.block(session, job, "Plus de papier.", clock=festival.clock))
    other = add_printer(festival, "Epson 2")
    festival.write(lambda session: reprinting.send_elsewhere(session, job.id, other, clock=festival.clock))
    assert next_job(festival, other).id == job.id
    used = festival.read(lambda session: outbox.printers_of_till(session, festival.desk.post.till_id))
    assert other in used


def test_a_printer_out_of_use_is_sent_nothing(festival: Festival, printer_id: int) -> None:
    festival.sell()
    job = next_job(festival, printer_id)
    with pytest.raises(Refusal, match="plus en service"):
        festival.write(lambda session: reprinting.send_elsewhere(session, job.id, 999, clock=festival.clock))
    assert next_job(festival, printer_id).id == job.id


def test_a_blocked_document_can_be_tried_again_or_abandoned(festival: Festival, printer_id: int) -> None:
    festival.sell()
    job = next_job(festival, printer_id)
    festival.write(lambda session: outbox.block(session, job, "Plus de papier.", clock=festival.clock))
    festival.write(lambda session: reprinting.resend(session, job.id, clock=festival.clock))
    assert state(festival, job) is JobState.QUEUED
    festival.write(lambda session: reprinting.abandon(session, job.id, clock=festival.clock))
    assert state(festival, job) is JobState.ABANDONED


def test_an_abandoned_document_comes_only_as_a_copy(festival: Festival, printer_id: int) -> None:
    sale = festival.sell()
    job = next_job(festival, printer_id)
    festival.write(lambda session: reprinting.abandon(session, job.id, clock=festival.clock))
    with pytest.raises(Refusal, match="DUPLICATA"):
        festival.write(lambda session: reprinting.resend(session, job.id, clock=festival.clock))
    assert reprint(festival, sale.sale_id) == 1


def test_what_is_about_to_come_out_is_not_copied(festival: Festival, printer_id: int) -> None:
    sale_id = festival.sell().sale_id
    with pytest.raises(Refusal, match="il attend son tour"):
        reprint(festival, sale_id)
    finish(festival, claim(festival, printer_id), JobState.PRINTED)
    reprint(festival, sale_id)
    with pytest.raises(Refusal, match="il attend son tour"):
        reprint(festival, sale_id)
    assert copies(festival) == [(0, JobState.PRINTED), (1, JobState.QUEUED)]


@pytest.mark.parametrize("reason", ["blocked", "sending", "uncertain"])
def test_a_document_on_its_way_is_not_copied(festival: Festival, printer_id: int, reason: str) -> None:
    sale = festival.sell()
    job = next_job(festival, printer_id)
    if reason == "blocked":
        festival.write(lambda session: outbox.block(session, job, "Capot ouvert.", clock=festival.clock))
    else:
        claim(festival, printer_id)
    if reason == "uncertain":
        finish(festival, job, JobState.UNCERTAIN)
    with pytest.raises(Refusal):
        reprint(festival, sale.sale_id)


def test_a_receipt_is_an_original_the_first_time_and_a_copy_after(
    festival: Festival, printer_id: int
) -> None:
    sale_id = sell_and_print(festival, printer_id)
    receipts = add_printer(festival, "Reçus", PrinterRole.RECEIPTS)

    def ask() -> int:
        return festival.write(
            lambda session: reprinting.request_receipt(session, festival.desk, sale_id, clock=festival.clock)
        )

    for number in (0, 1, 2):
        assert ask() == number
        with pytest.raises(Refusal, match="il attend son tour"):
            ask()
        finish(festival, claim(festival, receipts), JobState.PRINTED)
    assert [entry["number"] for entry in reprints_told(festival)] == ["1-000001", "1-000001"]


def test_no_copy_is_ordered_from_a_closed_shift_or_by_who_prints_badges(
    festival: Festival, printer_id: int
) -> None:
    sale_id = sell_and_print(festival, printer_id)
    jules = festival.read(staff)[-1]
    of_badges = replace(festival.desk, operator_id=jules.id, operator_number=jules.number)
    desks = {"ne tient plus de caisse": lambda: of_badges, "a été fermée": lambda: closed_desk(festival)}
    for words, at_desk in desks.items():
        desk, before = at_desk(), festival.everything()
        for act in (copy_of_ticket, copy_of_receipt):
            with pytest.raises(Refusal, match=words):
                festival.write(lambda session, act=act, desk=desk: act(session, festival, desk, sale_id))
        assert festival.everything() == before


def test_a_manager_orders_a_copy_without_a_shift_as_long_as_they_are_one(
    festival: Festival, printer_id: int
) -> None:
    sale_id = sell_and_print(festival, printer_id)
    manager = replace(closed_desk(festival), operator_id=festival.manager.id, operator_number=1)
    festival.write(lambda session: copy_of_receipt(session, festival, manager, sale_id))
    assert festival.write(lambda session: copy_of_ticket(session, festival, manager, sale_id)) == 1
    assert [entry["operator"] for entry in reprints_told(festival)] == [1]
    festival.send_away(festival.manager)
    with pytest.raises(Refusal, match="a été fermée"):
        festival.write(lambda session: copy_of_ticket(session, festival, manager, sale_id))


def closed_desk(festival: Festival) -> Desk:
    """The first till's desk once its shift was closed."""
    shift = festival.desk.till_session_id
    festival.write(
        lambda session: close_shift(
            session, festival.posts[0], festival.cashier, shift, 10_850, clock=festival.clock
        )
    )
    return festival.desk


def copy_of_ticket(session: Session, festival: Festival, desk: Desk, sale_id: UUID) -> int:
    return reprinting.reprint(
        session, desk, DocumentKind.TICKET, sale_id=sale_id, position=1, clock=festival.clock
    )


def copy_of_receipt(session: Session, festival: Festival, desk: Desk, sale_id: UUID) -> int:
    return reprinting.request_receipt(session, desk, sale_id, clock=festival.clock)


def test_a_document_never_ordered_has_no_copy(festival: Festival, printer_id: int) -> None:
    sale_id = sell_and_print(festival, printer_id)
    with pytest.raises(Refusal, match="jamais été imprimé"):
        reprint(festival, sale_id, DocumentKind.RECEIPT)


def test_two_tills_that_copy_one_ticket_at_once_order_one_copy(festival: Festival, printer_id: int) -> None:
    from threading import Barrier, Thread

    sale_id = sell_and_print(festival, printer_id)
    answers: list[str] = []
    together = Barrier(2)

    def copy(till: int) -> None:
        together.wait()
        try:
            festival.write(
                lambda session: reprinting.reprint(
                    session,
                    festival.desks[till],
                    DocumentKind.TICKET,
                    sale_id=sale_id,
                    position=1,
                    clock=festival.clock,
                )
            )
        except Refusal as refusal:
            answers.append(refusal.message)
        else:
            answers.append("")

    threads = [Thread(target=copy, args=(till,)) for till in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["", "Ce document n'est pas encore sorti : il attend son tour."]
    assert copies(festival) == [(0, JobState.PRINTED), (1, JobState.QUEUED)]


def test_a_printer_test_goes_to_the_printer_that_is_tested(festival: Festival, printer_id: int) -> None:
    job_id = festival.write(
        lambda session: reprinting.order_printer_test(
            session, festival.desk.post.till_id, printer_id, clock=festival.clock
        )
    )
    job = next_job(festival, printer_id)
    assert (job.id, job.document, job.sale_id) == (job_id, DocumentKind.PRINTER_TEST, None)
    finish(festival, claim(festival, printer_id), JobState.UNCERTAIN)
    assert answer(festival, job_id, came_out=False) is None
