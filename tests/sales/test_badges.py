"""The papers of a pass: one original badge, copies that say so, and lists of what is booked."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from boxoffice.errors import Refusal
from boxoffice.kinds import PassTrouble
from boxoffice.models import Customer, JobState, JournalEntry, Pass, PassState, PrintJob, table
from boxoffice.sales.checkout import checkout
from boxoffice.sales.holders import badges
from boxoffice.sales.holders.bookings import Book, book
from boxoffice.sales.holders.pass_care import ReplacePass, replace
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.prints import outbox, reprinting
from boxoffice.sales.prints.paper_loading import load_paper
from boxoffice.sales.prints.papers import BadgePaper, BookingsPaper
from boxoffice.sales.staff.desk import BadgeDesk

from .conftest import NOON, Festival
from .invariants import check_the_house

HOLDER = CustomerDetails("Lefèvre-Ibáñez", "Zoé", email="zoe@example.fr")


def badge_desk(festival: Festival) -> BadgeDesk:
    """Jules, who prints badges, at the first till."""
    return BadgeDesk(festival.desk.post, 4, 4, "Jules R.")


def order(festival: Festival, pass_id: UUID, *, again: bool = False) -> int:
    return festival.write(
        lambda session: badges.print_badge(
            session, badge_desk(festival), pass_id, clock=festival.clock, again=again
        )
    )


def jobs_of(festival: Festival, pass_id: UUID) -> list[PrintJob]:
    return festival.read(
        lambda session: list(
            session.exec(select(PrintJob).where(PrintJob.pass_id == pass_id).order_by(col(PrintJob.id)))
        )
    )


def come_out(festival: Festival, state: JobState = JobState.PRINTED) -> None:
    """Let the next paper of the first till leave its printer."""

    def print_one(session: Session) -> None:
        job = outbox.next_job(session, festival.desk.post.till_id, printer(festival))
        assert job is not None
        assert outbox.begin_sending(session, job, clock=festival.clock)
        assert outbox.finish_sending(session, job.id, state, clock=festival.clock)

    festival.write(print_one)


def begin_next(festival: Festival, session: Session, pass_code: str = "") -> bool:
    """Whether the printer may begin with what waits longest, drawn with this code."""
    job = outbox.next_job(session, festival.desk.post.till_id, printer(festival))
    assert job is not None
    return outbox.begin_sending(session, job, clock=festival.clock, pass_code=pass_code)


def printer(festival: Festival) -> int:
    return festival.read(lambda session: outbox.printers_of_till(session, festival.desk.post.till_id)[0])


def loaded(festival: Festival, pass_id: UUID, place: int = -1) -> BadgePaper | BookingsPaper:
    job_id = jobs_of(festival, pass_id)[place].id
    assert job_id is not None

    def load(session: Session) -> BadgePaper | BookingsPaper:
        job = outbox.find_job(session, job_id)
        assert job is not None
        paper = load_paper(session, job, clock=festival.clock)
        assert isinstance(paper, BadgePaper | BookingsPaper)
        return paper

    return festival.read(load)


def test_a_badge_bears_its_holder_and_its_places(festival: Festival) -> None:
    pass_id = festival.sell_pass(HOLDER)
    assert order(festival, pass_id) == 0
    paper = loaded(festival, pass_id)
    assert isinstance(paper, BadgePaper)
    assert (paper.first_name, paper.surname) == ("Zoé", "Lefèvre-Ibáñez")
    assert (paper.product, paper.places, paper.used) == ("Pass individuel 20 places", 20, 0)
    assert paper.number.startswith("1-0000001-")
    assert paper.code.startswith("P")
    assert (paper.edition, paper.copy_number) == ("2026", 0)


def test_a_badge_asked_for_twice_is_on_its_way_once(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    order(festival, pass_id)
    with pytest.raises(Refusal, match="pas encore sorti"):
        order(festival, pass_id, again=True)
    assert len(jobs_of(festival, pass_id)) == 1


def test_a_badge_printed_before_says_when_and_by_whom(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    order(festival, pass_id)
    come_out(festival)
    festival.clock.advance(timedelta(hours=2))
    with pytest.raises(badges.PrintedBefore) as refused:
        order(festival, pass_id)
    assert "déjà été imprimé par Jules R. le mer. 21 janv. à 12 h 00." in refused.value.message
    assert "DUPLICATA n° 1" in refused.value.remedy
    assert len(jobs_of(festival, pass_id)) == 1


def test_a_copy_of_a_badge_is_marked_and_told_to_the_journal(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    order(festival, pass_id)
    come_out(festival)
    assert order(festival, pass_id, again=True) == 1
    assert loaded(festival, pass_id).number
    paper = loaded(festival, pass_id)
    assert isinstance(paper, BadgePaper)
    assert paper.copy_number == 1
    told = festival.read(
        lambda session: session.exec(
            select(JournalEntry.content).where(JournalEntry.kind == "document.reprinted")
        ).one()
    )
    assert '"copy":1,"document":"badge","entry":"document.reprinted"' in told
    assert paper.number in told
    assert "Dupont" not in told


def replace_pass(festival: Festival, pass_id: UUID) -> None:
    festival.clock.advance(timedelta(seconds=1))
    (code,) = [row.code for row in festival.rows(Pass) if row.id == pass_id]
    command = ReplacePass(pass_id, code, PassTrouble.LOST, festival.manager.id)
    festival.write(lambda session: replace(session, command, festival.desk, clock=festival.clock))


def test_the_badge_of_a_new_code_is_an_original_and_its_copies_are_marked(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    order(festival, pass_id)
    come_out(festival)
    order(festival, pass_id, again=True)
    come_out(festival)
    replace_pass(festival, pass_id)
    assert order(festival, pass_id) == 0
    come_out(festival)
    with pytest.raises(badges.PrintedBefore):
        order(festival, pass_id)
    assert order(festival, pass_id, again=True) == 1
    assert [(job.position, job.copy_number) for job in jobs_of(festival, pass_id)] == [
        (0, 0),
        (0, 1),
        (1, 0),
        (1, 1),
    ]
    festival.read(check_the_house)


def test_a_badge_that_came_out_after_its_pass_was_replaced_bears_the_new_code(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    order(festival, pass_id)
    replace_pass(festival, pass_id)
    festival.clock.advance(timedelta(seconds=1))
    come_out(festival)
    with pytest.raises(badges.PrintedBefore):
        order(festival, pass_id)


def test_a_badge_given_up_before_anything_was_sent_is_an_original_again(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    order(festival, pass_id)
    (job,) = jobs_of(festival, pass_id)
    festival.write(lambda session: reprinting.abandon(session, job.id, clock=festival.clock))
    assert order(festival, pass_id) == 0
    assert [(job.position, job.copy_number) for job in jobs_of(festival, pass_id)] == [(0, 0), (1, 0)]


@pytest.mark.parametrize("state", [PassState.BLOCKED, PassState.CANCELLED])
def test_a_pass_that_serves_no_more_has_no_badge(festival: Festival, state: PassState) -> None:
    pass_id = festival.sell_pass()
    festival.write(
        lambda session: session.execute(update(table(Pass)).values(state=state, state_reason="volé"))
    )
    with pytest.raises(Refusal, match=r"bloqué : volé|annulé"):
        order(festival, pass_id)


def test_a_badge_that_waits_is_abandoned_once_its_pass_is_blocked(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    order(festival, pass_id)
    festival.write(lambda session: session.execute(update(table(Pass)).values(state=PassState.BLOCKED)))

    assert not festival.write(lambda session: begin_next(festival, session))
    assert [job.state for job in jobs_of(festival, pass_id)] == [JobState.ABANDONED]


def test_a_badge_that_did_not_come_out_comes_again_as_a_copy(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    order(festival, pass_id)
    come_out(festival, JobState.UNCERTAIN)
    job_id = jobs_of(festival, pass_id)[0].id
    assert job_id is not None
    copy = festival.write(
        lambda session: reprinting.answer(
            session, badge_desk(festival), job_id, came_out=False, clock=festival.clock
        )
    )
    assert copy == 1
    assert [(job.copy_number, job.state) for job in jobs_of(festival, pass_id)] == [
        (0, JobState.ABANDONED),
        (1, JobState.QUEUED),
    ]


def test_a_pass_sold_at_the_counter_comes_out_as_a_badge(festival: Festival) -> None:
    lines = festival.pass_line(), festival.pass_line("PASS6")
    festival.sell(*lines, festival.seat_line())
    assert [(job.document, job.pass_id, job.operator_id) for job in festival.rows(PrintJob)] == [
        ("ticket", None, None),
        *(("badge", line.pass_id, festival.desk.operator_id) for line in lines),
    ]
    with pytest.raises(Refusal, match="pas encore sorti"):
        order(festival, lines[0].pass_id)


def test_a_sale_tried_again_orders_no_second_badge(festival: Festival) -> None:
    command = festival.order(festival.pass_line())
    for _time in range(2):
        festival.write(lambda session: checkout(session, command, festival.desk, clock=festival.clock))
    assert festival.count(PrintJob) == 1


def test_the_badge_of_a_sale_undone_does_not_come_out(festival: Festival) -> None:
    sale = festival.sell(festival.pass_line())
    festival.reverse(sale)
    festival.write(lambda session: begin_next(festival, session))
    assert [job.state for job in festival.rows(PrintJob) if job.document == "badge"] == [JobState.ABANDONED]


def test_the_badge_of_somebody_erased_is_printed_without_a_name(festival: Festival) -> None:
    pass_id = festival.sell_pass(HOLDER)
    nobody = {"surname": "", "first_name": "", "email": "", "search": ""}
    festival.write(lambda session: session.execute(update(table(Customer)).values(**nobody)))
    order(festival, pass_id)
    paper = loaded(festival, pass_id)
    assert isinstance(paper, BadgePaper)
    assert (paper.surname, paper.product) == ("", "Pass individuel 20 places")


def test_the_list_of_bookings_tells_seats_together_and_until_when_they_can_be_given_back(
    festival: Festival,
) -> None:
    pass_id = festival.sell_pass(HOLDER, "PASS6")
    for screening, seats in (("KNEECAP2", 2), ("ETERNAL", 1)):
        command = Book(tuple(uuid4() for _seat in range(seats)), pass_id, festival.screening_id(screening))
        festival.write(
            lambda session, command=command: book(session, command, festival.desk, clock=festival.clock)
        )
    festival.write(
        lambda session: badges.print_bookings(session, badge_desk(festival), pass_id, clock=festival.clock)
    )
    paper = loaded(festival, pass_id)
    assert isinstance(paper, BookingsPaper)
    assert (paper.holder, paper.places, paper.used) == ("Zoé Lefèvre-Ibáñez", 6, 3)
    assert [(seat.event_title, seat.seats, seat.cancellable_until) for seat in paper.bookings] == [
        ("The Eternal Daughter", 1, None),
        ("Kneecap", 2, NOON + timedelta(hours=2)),
    ]


def test_a_badge_that_is_being_printed_when_its_pass_is_replaced_is_of_the_former_code(
    festival: Festival,
) -> None:
    pass_id = festival.sell_pass()
    order(festival, pass_id)
    job_id = jobs_of(festival, pass_id)[0].id
    assert job_id is not None
    festival.write(lambda session: begin_next(festival, session))
    replace_pass(festival, pass_id)
    festival.clock.advance(timedelta(seconds=1))
    festival.write(
        lambda session: outbox.finish_sending(session, job_id, JobState.PRINTED, clock=festival.clock)
    )
    assert order(festival, pass_id) == 0
    assert [(job.position, job.copy_number) for job in jobs_of(festival, pass_id)] == [(0, 0), (1, 0)]


def test_a_badge_drawn_with_a_code_that_is_replaced_is_not_begun(festival: Festival) -> None:
    pass_id = festival.sell_pass()
    order(festival, pass_id)
    former = code_of(festival, pass_id)
    replace_pass(festival, pass_id)
    assert not festival.write(lambda session: begin_next(festival, session, former))
    assert jobs_of(festival, pass_id)[0].state is JobState.QUEUED
    assert festival.write(lambda session: begin_next(festival, session, code_of(festival, pass_id)))


def code_of(festival: Festival, pass_id: UUID) -> str:
    return next(row.code for row in festival.rows(Pass) if row.id == pass_id)
