"""The crowd of the simulation does at the counter only what customers can."""

from boxoffice.models import JobState, PrintJob
from boxoffice.simulation import Plan, simulate
from tests.sales.conftest import Festival


def test_a_crowd_asks_for_copies_of_tickets_that_have_come_out(festival: Festival) -> None:
    plan = Plan(sales=8, reversals=0, reprints=1)
    done = simulate(festival.database, festival.desks, plan, clock=festival.clock)
    jobs = festival.rows(PrintJob)
    copied = [(job.sale_id, job.position) for job in jobs if job.copy_number]
    states = {(job.sale_id, job.position): job.state for job in jobs if not job.copy_number}
    assert done.reprinted == len(copied) > 0
    assert {states[original] for original in copied} == {JobState.SENT}
