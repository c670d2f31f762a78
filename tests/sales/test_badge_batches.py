"""Badges by the hundred: nobody is forgotten, none is printed twice without a mark."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.models import (
    JobState,
    JournalEntry,
    Pass,
    PassSource,
    PrintBatch,
    Printer,
    PrinterKind,
    PrintJob,
    TillPrinter,
    table,
)
from boxoffice.sales.holders import badge_batches, badges
from boxoffice.sales.holders.badge_batches import BatchProgress, OrderBatch
from boxoffice.sales.holders.badge_selection import BadgeSelection, count_badges, count_unprinted, list_badges
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.prints import outbox, reprinting
from boxoffice.sales.staff.desk import BadgeDesk, PrintingDesk

from .conftest import Festival
from .test_badges import badge_desk, come_out, jobs_of, order, printer

ONLINE = BadgeSelection(sold_online=True)


@pytest.fixture
def passes(festival: Festival) -> tuple[UUID, ...]:
    """Zoé and Émile bought theirs online, Ada hers at the counter."""
    sold = tuple(
        festival.sell_pass(CustomerDetails(surname, first_name, email=f"{first_name}@example.fr"))
        for surname, first_name in (("Vidal", "Zoé"), ("Arnaud", "Émile"), ("Nguyễn", "Ada"))
    )
    festival.write(
        lambda session: session.execute(
            update(table(Pass)).where(table(Pass).c.id.in_(sold[:2])).values(source=PassSource.ONLINE)
        )
    )
    return sold


def order_batch(
    festival: Festival, selection: BadgeSelection = ONLINE, *, desk: PrintingDesk | None = None
) -> BatchProgress:
    command = OrderBatch(uuid4(), selection, badge_batches.SOLD_ONLINE)
    return festival.write(
        lambda session: badge_batches.order_batch(
            session, desk or badge_desk(festival), command, clock=festival.clock
        )
    )


def progress(festival: Festival) -> BatchProgress:
    (found,) = festival.read(lambda session: badge_batches.list_batches(session, festival.desk.post.till_id))
    return found


def waiting(festival: Festival) -> int | None:
    """The job that the printer would take next."""

    def look(session: Session) -> int | None:
        job = outbox.next_job(session, festival.desk.post.till_id, printer(festival))
        return None if job is None else job.id

    return festival.read(look)


def test_those_sold_online_without_badge_are_ordered_at_one_go_by_name(
    festival: Festival, passes: tuple[UUID, ...]
) -> None:
    zoe, emile, ada = passes
    batch = order_batch(festival)
    assert (batch.total, batch.waiting, batch.printed, batch.paused) == (2, 2, 0, False)
    assert (batch.label, batch.operator) == ("Pass vendus en ligne", "Jules R.")
    (first,), (second,) = jobs_of(festival, emile), jobs_of(festival, zoe)
    assert first.id is not None
    assert second.id is not None
    assert first.id < second.id
    assert jobs_of(festival, ada) == []
    (told,) = (row.content for row in festival.rows(JournalEntry) if row.kind == "badges.ordered")
    assert '"badges":2' in told


@pytest.mark.usefixtures("passes")
def test_a_badge_is_in_one_batch_only(festival: Festival) -> None:
    order_batch(festival)
    before = festival.everything()
    with pytest.raises(Refusal, match="aucun badge à imprimer"):
        order_batch(festival)
    assert festival.everything() == before


def test_a_badge_printed_alone_is_in_no_batch_after(festival: Festival, passes: tuple[UUID, ...]) -> None:
    zoe, emile, _ada = passes
    order(festival, zoe)
    assert order_batch(festival).total == 1
    assert [job.batch_id is None for job in jobs_of(festival, zoe)] == [True]
    assert [job.copy_number for job in jobs_of(festival, emile)] == [0]


def test_a_blocked_pass_is_in_no_batch(festival: Festival, passes: tuple[UUID, ...]) -> None:
    festival.write(
        lambda session: session.execute(
            update(table(Pass)).where(table(Pass).c.id == passes[0]).values(state="blocked")
        )
    )
    assert order_batch(festival).total == 1


@pytest.mark.usefixtures("passes")
def test_what_a_batch_has_printed_is_counted(festival: Festival) -> None:
    order_batch(festival)
    come_out(festival)
    batch = progress(festival)
    assert (batch.printed, batch.waiting, batch.is_over) == (1, 1, False)
    come_out(festival, JobState.SENT)
    batch = progress(festival)
    assert (batch.printed, batch.waiting, batch.is_over) == (2, 0, True)


@pytest.mark.usefixtures("passes")
def test_a_batch_held_back_prints_nothing_until_it_goes_on(festival: Festival) -> None:
    batch = order_batch(festival)
    festival.write(lambda session: badge_batches.pause(session, badge_desk(festival), batch.id))
    assert waiting(festival) is None
    ticket = festival.sell()
    come_out(festival)
    assert progress(festival).printed == 0
    assert ticket.tickets
    festival.write(lambda session: badge_batches.resume(session, badge_desk(festival), batch.id))
    assert waiting(festival) is not None


def test_a_badge_of_a_batch_held_back_can_come_out_alone(
    festival: Festival, passes: tuple[UUID, ...]
) -> None:
    zoe, _emile, _ada = passes
    batch = order_batch(festival)
    with pytest.raises(Refusal, match="attend son tour"):
        order(festival, zoe)
    festival.write(lambda session: badge_batches.pause(session, badge_desk(festival), batch.id))
    assert order(festival, zoe) == 0
    assert waiting(festival) == jobs_of(festival, zoe)[0].id
    assert (progress(festival).total, len(jobs_of(festival, zoe))) == (1, 1)


@pytest.mark.usefixtures("passes")
def test_a_badge_in_doubt_holds_its_batch_back_until_somebody_answers(festival: Festival) -> None:
    batch = order_batch(festival)
    come_out(festival, JobState.UNCERTAIN)
    stopped = progress(festival)
    assert (stopped.paused, stopped.uncertain, stopped.waiting) == (True, 1, 1)
    assert stopped.doubtful_job is not None
    assert waiting(festival) is None
    with pytest.raises(Refusal, match="Personne ne sait"):
        festival.write(lambda session: badge_batches.resume(session, badge_desk(festival), batch.id))
    doubtful = stopped.doubtful_job
    copy = festival.write(
        lambda session: reprinting.answer(
            session, badge_desk(festival), doubtful, came_out=False, clock=festival.clock
        )
    )
    assert copy == 1
    answered = progress(festival)
    assert (answered.total, answered.uncertain, answered.abandoned, answered.waiting) == (2, 0, 0, 2)
    festival.write(lambda session: badge_batches.resume(session, badge_desk(festival), batch.id))
    come_out(festival)
    come_out(festival)
    assert (progress(festival).printed, progress(festival).is_over) == (2, True)


def test_a_batch_given_up_whole_leaves_what_was_printed_and_can_be_ordered_anew(
    festival: Festival, passes: tuple[UUID, ...]
) -> None:
    everybody = BadgeSelection()
    batch = order_batch(festival, everybody)
    come_out(festival)
    given_up = festival.write(
        lambda session: badge_batches.give_up(session, badge_desk(festival), batch.id, clock=festival.clock)
    )
    over = progress(festival)
    assert (given_up, over.printed, over.abandoned, over.is_over) == (2, 1, 2, True)
    assert waiting(festival) is None
    assert festival.read(lambda session: count_badges(session, BadgeSelection(unprinted=True))) == 2
    again = order_batch(festival, everybody)
    assert (again.total, again.waiting) == (2, 2)
    copies = [job.copy_number for pass_id in passes for job in jobs_of(festival, pass_id)]
    assert copies == [0] * 5, "what never came out is no copy"


@pytest.mark.usefixtures("passes")
def test_another_till_neither_pauses_nor_resumes_a_batch(festival: Festival) -> None:
    batch = order_batch(festival)
    there = festival.desks[1]
    with pytest.raises(Refusal, match="pas celle de ce poste"):
        festival.write(lambda session: badge_batches.pause(session, there, batch.id))
    with pytest.raises(Refusal, match="pas celle de ce poste"):
        festival.write(lambda session: badge_batches.resume(session, there, batch.id))


@pytest.mark.usefixtures("passes")
def test_passes_are_found_by_name_without_accents_or_by_number(festival: Festival) -> None:
    def found(words: str, *, sold_online: bool = False) -> list[str]:
        lines = festival.read(
            lambda session: list_badges(session, BadgeSelection(words, sold_online=sold_online))
        )
        return [line.surname for line in lines]

    number = festival.rows(Pass)[0].number
    assert found("nguyen") == ["Nguyễn"]
    assert found("emi arn") == ["Arnaud"]
    assert len(found(number)) == 1
    assert found("") == ["Arnaud", "Nguyễn", "Vidal"]
    assert found("", sold_online=True) == ["Arnaud", "Vidal"]
    assert found("%") == []


def test_a_pass_tells_how_far_its_badge_got(festival: Festival, passes: tuple[UUID, ...]) -> None:
    zoe = passes[0]
    order(festival, zoe)
    come_out(festival)
    order(festival, zoe, again=True)
    (line,) = festival.read(lambda session: list_badges(session, BadgeSelection("zoe")))
    assert line.last is not None
    assert (line.last.copy_number, line.last.state, line.last.operator) == (1, JobState.QUEUED, "Jules R.")
    assert not line.last.came_out


@pytest.mark.usefixtures("passes")
def test_those_without_badge_are_counted_by_product(festival: Festival) -> None:
    def counts() -> list[tuple[str, int]]:
        return [(row.label, row.count) for row in festival.read(count_unprinted)]

    assert counts() == [("Pass individuel 20 places", 3)]
    order_batch(festival)
    assert counts() == [("Pass individuel 20 places", 1)]
    assert festival.read(lambda session: count_badges(session, BadgeSelection())) == 3


def test_nothing_of_a_batch_is_written_when_it_is_refused(festival: Festival) -> None:
    with pytest.raises(Refusal):
        order_batch(festival, BadgeSelection("personne"))
    assert (festival.count(PrintBatch), festival.count(PrintJob)) == (0, 0)


def test_a_list_of_bookings_can_be_asked_for_as_often_as_wanted(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    for _time in range(2):
        festival.write(
            lambda session: badges.print_bookings(
                session, badge_desk(festival), pass_id, clock=festival.clock
            )
        )
    assert [(job.document, job.position, job.copy_number) for job in jobs_of(festival, pass_id)] == [
        ("bookings", 0, 0),
        ("bookings", 1, 0),
    ]


@pytest.mark.usefixtures("passes")
def test_two_tills_that_order_the_same_badges_at_once_order_each_of_them_once(festival: Festival) -> None:
    meet = Barrier(2)

    def order_at(till: int) -> int:
        desk = BadgeDesk(festival.posts[till], 4, 4, "Jules R.")
        meet.wait()
        try:
            return order_batch(festival, desk=desk).total
        except Refusal:
            return 0

    with ThreadPoolExecutor(2) as tills:
        ordered = sorted(tills.map(order_at, range(2)))
    assert ordered == [0, 2]
    assert sorted(job.copy_number for job in festival.rows(PrintJob)) == [0, 0]


def test_two_tills_that_order_one_badge_at_once_order_it_once(
    festival: Festival, passes: tuple[UUID, ...]
) -> None:
    meet = Barrier(2)

    def order_at(till: int) -> bool:
        desk = BadgeDesk(festival.posts[till], 4, 4, "Jules R.")
        meet.wait()
        try:
            festival.write(lambda session: badges.print_badge(session, desk, passes[0], clock=festival.clock))
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(2) as tills:
        assert sorted(tills.map(order_at, range(2))) == [False, True]
    assert len(jobs_of(festival, passes[0])) == 1


@pytest.mark.usefixtures("passes")
def test_what_waits_of_a_batch_can_be_given_to_another_printer(festival: Festival) -> None:
    batch = order_batch(festival)
    come_out(festival)

    def add_printer(session: Session) -> int:
        spare = Printer(name="Secours", kind=PrinterKind.VIRTUAL)
        session.add(spare)
        session.flush()
        assert spare.id is not None
        return spare.id

    spare = festival.write(add_printer)
    assert spare not in {job.printer_id for job in festival.rows(PrintJob)}
    moved = festival.write(
        lambda session: badge_batches.send_elsewhere(
            session, badge_desk(festival), batch.id, spare, clock=festival.clock
        )
    )
    assert moved == 1
    assert [(job.state, job.printer_id == spare) for job in festival.rows(PrintJob)] == [
        (JobState.PRINTED, False),
        (JobState.QUEUED, True),
    ]


def test_a_till_without_any_printer_orders_no_badge(festival: Festival, passes: tuple[UUID, ...]) -> None:
    festival.write(lambda session: session.execute(table(TillPrinter).delete()))
    with pytest.raises(Refusal, match="pas d'imprimante"):
        order_batch(festival)
    with pytest.raises(Refusal, match="pas d'imprimante"):
        order(festival, passes[0])
    assert festival.count(PrintJob) == 0
