"""Badges at two desks: a batch held back at one, an answer lost at the other, hundreds of passes at both."""

from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy import select as sa_select
from sqlmodel import Session, select

from boxoffice.models import (
    Customer,
    Pass,
    PrintBatch,
    Printer,
    PrinterKind,
    PrinterRole,
    PrintJob,
    TillPrinter,
    table,
)
from boxoffice.sales.holders import badge_batches, badges
from boxoffice.sales.holders.badge_batches import BatchProgress, OrderBatch
from boxoffice.sales.holders.badge_selection import BadgeSelection
from boxoffice.sales.prints import outbox
from boxoffice.sales.staff.desk import BadgeDesk

from .conftest import Festival
from .meanwhile import meanwhile
from .test_badge_batches import ONLINE, order_batch, passes, waiting
from .test_badges import badge_desk, begin_next, jobs_of, printer

__all__ = ["passes"]


def second_desk(festival: Festival) -> BadgeDesk:
    """Jules at the second till, which has a printer of its own for badges."""
    till_id = festival.posts[1].till_id

    def plug_in(session: Session) -> None:
        session.add(Printer(name="Badges 2", kind=PrinterKind.VIRTUAL))
        session.flush()
        printer_id = session.exec(select(Printer.id).where(Printer.name == "Badges 2")).one()
        assert printer_id is not None
        session.merge(TillPrinter(till_id=till_id, role=PrinterRole.BADGES, printer_id=printer_id))

    festival.write(plug_in)
    return BadgeDesk(festival.posts[1], 4, 4, "Jules R.")


def test_a_badge_of_a_batch_held_back_elsewhere_comes_out_where_it_is_asked_for(
    festival: Festival, passes: tuple[UUID, ...]
) -> None:
    zoe, _emile, _ada = passes
    there = second_desk(festival)
    batch = order_batch(festival)
    festival.write(lambda session: badge_batches.pause(session, badge_desk(festival), batch.id))
    festival.write(lambda session: badges.print_badge(session, there, zoe, clock=festival.clock))
    (job,) = jobs_of(festival, zoe)
    mine = next(row.id for row in festival.rows(Printer) if row.name == "Badges 2")
    assert (job.till_id, job.printer_id) == (there.post.till_id, mine)
    found = festival.read(lambda session: outbox.next_job(session, there.post.till_id, mine))
    assert found is not None
    assert found.id == job.id
    assert waiting(festival) is None


def test_a_batch_asked_for_again_for_a_lost_answer_is_ordered_once(
    festival: Festival, passes: tuple[UUID, ...]
) -> None:
    command = OrderBatch(uuid4(), ONLINE, badge_batches.SOLD_ONLINE)
    desk, clock = badge_desk(festival), festival.clock

    def order_it() -> BatchProgress:
        return festival.write(lambda session: badge_batches.order_batch(session, desk, command, clock=clock))

    first = order_it()
    assert order_it() == first
    assert festival.count(PrintBatch) == 1
    assert festival.count(PrintJob) == first.total == len(passes) - 1


def test_a_batch_given_up_twice_says_the_same(festival: Festival, passes: tuple[UUID, ...]) -> None:
    batch = order_batch(festival)
    desk, clock = badge_desk(festival), festival.clock
    for _try in range(2):
        given_up = festival.write(lambda session: badge_batches.give_up(session, desk, batch.id, clock=clock))
        assert given_up == len(passes) - 1


def test_a_badge_that_its_printer_begins_meanwhile_stays_when_its_batch_goes_elsewhere(
    festival: Festival, passes: tuple[UUID, ...]
) -> None:
    batch = order_batch(festival)
    second_desk(festival)
    there = next(row.id for row in festival.rows(Printer) if row.name == "Badges 2")
    desk, clock = badge_desk(festival), festival.clock
    given = meanwhile(
        festival,
        lambda session: begin_next(festival, session),
        lambda: festival.write(
            lambda session: badge_batches.send_elsewhere(session, desk, batch.id, there, clock=clock)
        ),
    )
    assert given == len(passes) - 2
    printers = [job.printer_id for job in festival.rows(PrintJob)]
    assert sorted(printers) == sorted([printer(festival), there])


def test_passes_are_held_by_their_ids_however_many_they_are(festival: Festival) -> None:
    """Two desks that hold them by name, some hundreds at a time, could wait for each other."""
    count = 501
    sold = festival.sell_pass()
    row, holder = festival.rows(Pass)[0], festival.rows(Customer)[0]
    customers = [holder._asdict() | {"id": UUID(int=n), "search": f"{count - n:04d}"} for n in range(count)]
    held = [
        row._asdict() | {"id": UUID(int=n), "number": f"N-{n}", "code": f"P{n}", "holder_id": UUID(int=n)}
        for n in range(count)
    ]

    def crowd(session: Session) -> None:
        session.execute(insert(table(Customer)), customers)
        session.execute(insert(table(Pass)), held)

    festival.write(crowd)
    first, last = held[0]["id"], held[-1]["id"]
    rows = table(Pass)

    def hold(session: Session) -> None:
        session.execute(sa_select(rows.c.id).where(rows.c.id == first).with_for_update())

    def nothing_else_is_held(session: Session) -> None:
        free = sa_select(rows.c.id).where(rows.c.id == last).with_for_update(skip_locked=True)
        assert session.execute(free).scalars().all() == [last]

    ordered = meanwhile(festival, hold, lambda: order_batch(festival, BadgeSelection()), nothing_else_is_held)
    assert isinstance(ordered, BatchProgress)
    assert ordered.total == count + 1
    assert sold in {job.pass_id for job in festival.rows(PrintJob)}
