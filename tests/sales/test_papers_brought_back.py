"""An original sent to print again behind dropped guards is found afterwards, whoever puts the guards back."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from boxoffice.models import JobState, PrintAttempt, PrinterRole, PrintJob, guards, table
from boxoffice.sales.books.verification import verify
from boxoffice.sales.prints import outbox, print_orders, reprinting
from boxoffice.sales.prints.papers import DocumentKind
from tests.sales.conftest import Festival
from tests.sales.test_outbox import add_printer, claim, finish
from tests.sales.test_tampering import behind_the_guards, fault

_job = table(PrintJob)


@pytest.fixture
def printer_id(festival: Festival) -> int:
    return add_printer(festival, "Epson 1", PrinterRole.TICKETS)


def bring_back(festival: Festival, state: JobState = JobState.QUEUED) -> None:
    """Queue every paper again, with the guards taken away for as long as it takes."""

    def act(session: Session) -> None:
        guards.remove(session.connection())
        session.execute(_job.update().values(state=state))
        guards.install(session.connection())

    festival.write(act)
    assert festival.read(lambda session: guards.missing(session.connection())) == ()


def again(festival: Festival) -> str:
    (job,) = festival.rows(PrintJob)
    return f"impression n° {job.id} : elle était finie, et a été remise dans la file."


@pytest.mark.parametrize("ended", [JobState.PRINTED, JobState.SENT, JobState.UNCERTAIN])
def test_an_original_that_waits_again_is_found(festival: Festival, printer_id: int, ended: JobState) -> None:
    festival.sell()
    finish(festival, claim(festival, printer_id), ended)
    assert fault(festival) is None
    bring_back(festival)
    assert str(fault(festival)) == again(festival)


@pytest.mark.parametrize("ended", [JobState.PRINTED, JobState.UNCERTAIN])
def test_an_original_that_came_out_again_is_found_for_ever(
    festival: Festival, printer_id: int, ended: JobState
) -> None:
    festival.sell()
    finish(festival, claim(festival, printer_id), ended)
    bring_back(festival)
    finish(festival, claim(festival, printer_id), ended)
    assert str(fault(festival)) == again(festival)
    bring_back(festival, JobState.PRINTED)
    assert str(fault(festival)) == again(festival)


def test_a_paper_given_up_that_waits_again_is_found(festival: Festival) -> None:
    festival.sell()
    (job,) = festival.rows(PrintJob)
    festival.write(lambda session: reprinting.abandon(session, job.id, clock=festival.clock))
    assert fault(festival) is None
    bring_back(festival)
    assert str(fault(festival)) == again(festival)


def test_a_paper_that_takes_every_allowed_turn_is_no_fault(festival: Festival, printer_id: int) -> None:
    sale = festival.sell(festival.seat_line(quantity=2))
    job = claim(festival, printer_id)
    festival.write(lambda session: outbox.block(session, job, "Capot ouvert.", clock=festival.clock))
    festival.write(lambda session: reprinting.resend(session, job.id, clock=festival.clock))
    finish(festival, claim(festival, printer_id), JobState.UNCERTAIN)
    festival.write(
        lambda session: reprinting.answer(
            session, festival.desk, job.id, came_out=False, clock=festival.clock
        )
    )
    festival.reverse(sale, 2)
    finish(festival, claim(festival, printer_id), JobState.PRINTED)
    assert festival.read(verify).fault is None
    states = festival.read(lambda session: session.execute(sa.select(_job.c.state)).scalars().all())
    assert sorted(states) == [JobState.ABANDONED, JobState.ABANDONED, JobState.PRINTED, JobState.QUEUED]


def take_away(session: Session) -> dict[str, object]:
    """Take the only paper away with all that was told of it; what it was."""
    (job,) = session.execute(_job.select()).mappings().all()
    session.execute(table(PrintAttempt).delete())
    session.execute(_job.delete())
    return dict(job)


def test_a_ticket_whose_paper_was_taken_away_is_found(festival: Festival, printer_id: int) -> None:
    sale = festival.sell()
    finish(festival, claim(festival, printer_id), JobState.PRINTED)
    with behind_the_guards(festival) as session:
        take_away(session)
        assert str(verify(session).fault) == f"billet {sale.tickets[0]} : son impression manque."


def test_a_ticket_taken_away_and_ordered_again_as_new_is_found(festival: Festival, printer_id: int) -> None:
    sale = festival.sell()
    finish(festival, claim(festival, printer_id), JobState.PRINTED)
    festival.clock.advance(timedelta(minutes=1))
    with behind_the_guards(festival) as session:
        take_away(session)
        at, document = festival.clock.now(), [(DocumentKind.TICKET, 1)]
        print_orders.order(session, festival.posts[0].till_id, document, sale_id=sale.sale_id, at=at)
        said = f"billet {sale.tickets[0]} : son impression a été demandée après la vente."
        assert str(verify(session).fault) == said


@pytest.mark.parametrize("change", ["changed", "taken away", "made as new"])
def test_an_uncertain_paper_whose_last_step_is_not_the_one_that_was_kept_is_found(
    festival: Festival, printer_id: int, change: str
) -> None:
    """The next Z counts it by that step."""
    festival.sell()
    finish(festival, claim(festival, printer_id), JobState.UNCERTAIN)
    steps = table(PrintAttempt)
    last = steps.c.outcome == JobState.UNCERTAIN
    done = {
        "changed": steps.update().where(last).values(outcome=JobState.SENT),
        "taken away": steps.delete().where(last),
        "made as new": _job.update().values(state=JobState.SENT),
    }
    with behind_the_guards(festival) as session:
        assert verify(session).fault is None
        session.execute(done[change])
        found = verify(session).fault
        assert found is not None
        assert found.what == "elle n'en est pas où son dernier pas l'a laissée."
