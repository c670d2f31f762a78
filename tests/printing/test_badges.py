"""Badges as they come out: in batches, on a printer that breaks, standing and lying."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlmodel import Session

from boxoffice.kinds import PassTrouble
from boxoffice.models import JobState, Pass, PassSource, PrinterKind, PrintJob, table
from boxoffice.printing.outbox import PrinterQueue, Turn
from boxoffice.printing.printers.driver import NO_PAPER, OFF
from boxoffice.sales.holders import badge_batches, pass_care
from boxoffice.sales.holders.badge_batches import BatchProgress, OrderBatch
from boxoffice.sales.holders.badge_selection import BadgeSelection
from boxoffice.sales.holders.pass_care import ReplacePass
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.prints import outbox, reprinting
from tests.sales.conftest import Festival
from tests.sales.meanwhile import meanwhile

from .fake_printer import FakePrinter
from .test_outbox import Counter, order_badge, with_badge_printer

HOLDERS = ("Arnaud", "Bouvier", "Chantebise", "Desrosiers")
DUPLICATA = "DUPLICATA n°".encode("cp1252")


class BadgeCounter(Counter):
    """A till with a network printer for its badges, and four passes sold online."""

    def __init__(self, festival: Festival, printer: FakePrinter, folder: Path, **settings: bool) -> None:
        super().__init__(festival, PrinterKind.VIRTUAL, str(folder / "tickets"), folder)
        for holder in HOLDERS:
            self.festival.sell_pass(CustomerDetails(holder, "Léa", email=f"{holder}@example.fr"))
        self.festival.write(
            lambda session: session.execute(update(table(Pass)).values(source=PassSource.ONLINE))
        )
        self.run()
        self.badge_printer = with_badge_printer(self, PrinterKind.NETWORK, printer.address, **settings)
        self.badge_queue: PrinterQueue = self.make_queue(self.badge_printer)
        self.batch_id: UUID | None = None

    def order_batch(self) -> None:
        self.batch_id = self.festival.write(
            lambda session: badge_batches.order_batch(
                session,
                self.festival.desk,
                OrderBatch(uuid4(), BadgeSelection(sold_online=True), badge_batches.SOLD_ONLINE),
                clock=self.festival.clock,
            )
        ).id

    def resume(self) -> None:
        batch_id = self.batch_id
        assert batch_id is not None
        self.festival.write(lambda session: badge_batches.resume(session, self.festival.desk, batch_id))

    def answer(self, *, came_out: bool) -> None:
        job_id = self.progress.doubtful_job
        assert job_id is not None
        self.festival.write(
            lambda session: reprinting.answer(
                session, self.festival.desk, job_id, came_out=came_out, clock=self.festival.clock
            )
        )

    @property
    def progress(self) -> BatchProgress:
        (found,) = self.festival.read(
            lambda session: badge_batches.list_batches(session, self.festival.desk.post.till_id)
        )
        return found

    def print_badges(self) -> Turn:
        """Print badges until nothing more can be."""
        while (turn := self.badge_queue.run_once()) is Turn.WORKED:
            pass
        return turn


@pytest.fixture
def counter(festival: Festival, printer: FakePrinter, tmp_path: Path) -> BadgeCounter:
    return BadgeCounter(festival, printer, tmp_path)


def names(printer: FakePrinter) -> list[str]:
    """Whose badges came out, in this order, copies marked with a star."""
    return [
        next(name for name in HOLDERS if name.encode() in paper) + ("*" if DUPLICATA in paper else "")
        for paper in printer.papers
    ]


def test_a_batch_comes_out_by_name_each_badge_once(counter: BadgeCounter, printer: FakePrinter) -> None:
    counter.order_batch()
    assert counter.print_badges() is Turn.IDLE
    assert names(printer) == list(HOLDERS)
    assert (counter.progress.printed, counter.progress.is_over) == (4, True)


def test_a_batch_waits_for_a_printer_that_is_off_and_goes_on_by_itself(
    counter: BadgeCounter, printer: FakePrinter
) -> None:
    counter.order_batch()
    printer.turn_off()
    assert counter.print_badges() is Turn.BLOCKED
    progress = counter.progress
    assert (progress.reason, progress.paused, progress.waiting) == (OFF, False, 4)
    printer.turn_on()
    assert counter.print_badges() is Turn.IDLE
    assert names(printer) == list(HOLDERS)


def test_paper_that_runs_out_between_two_badges_costs_none(
    counter: BadgeCounter, printer: FakePrinter
) -> None:
    counter.order_batch()
    assert counter.badge_queue.run_once() is Turn.WORKED
    printer.paper_out = True
    assert counter.print_badges() is Turn.BLOCKED
    assert counter.progress.reason == NO_PAPER
    printer.mend()
    assert counter.print_badges() is Turn.IDLE
    assert names(printer) == list(HOLDERS)


def test_a_printer_lost_in_the_middle_of_a_badge_stops_the_batch_until_somebody_looked(
    counter: BadgeCounter, printer: FakePrinter
) -> None:
    counter.order_batch()
    assert counter.badge_queue.run_once() is Turn.WORKED
    printer.drop_after = 5000
    assert counter.print_badges() is Turn.IDLE
    progress = counter.progress
    assert (progress.printed, progress.uncertain, progress.waiting, progress.paused) == (1, 1, 2, True)
    assert progress.reason == ""
    assert names(printer) == ["Arnaud"]
    counter.answer(came_out=False)
    assert counter.print_badges() is Turn.IDLE, "it waits to be let go on"
    counter.resume()
    assert counter.print_badges() is Turn.IDLE
    assert names(printer) == ["Arnaud", "Chantebise", "Desrosiers", "Bouvier*"]
    assert (counter.progress.printed, counter.progress.total) == (4, 4)


def test_a_badge_in_doubt_that_came_out_is_not_printed_again(
    counter: BadgeCounter, printer: FakePrinter
) -> None:
    counter.order_batch()
    assert counter.badge_queue.run_once() is Turn.WORKED
    printer.confirms = False
    assert counter.print_badges() is Turn.IDLE
    assert names(printer) == list(HOLDERS[:2])
    printer.confirms = True
    counter.answer(came_out=True)
    counter.resume()
    assert counter.print_badges() is Turn.IDLE
    assert names(printer) == list(HOLDERS)


def test_a_program_that_stops_in_a_batch_forgets_none_and_doubles_none(
    counter: BadgeCounter, printer: FakePrinter
) -> None:
    counter.order_batch()
    assert counter.badge_queue.run_once() is Turn.WORKED
    festival = counter.festival
    till = festival.desk.post.till_id

    def stop_while_sending(session: Session) -> None:
        job = outbox.next_job(session, till, counter.badge_printer)
        assert job is not None
        assert outbox.begin_sending(session, job, clock=festival.clock)

    festival.write(stop_while_sending)
    assert festival.write(lambda session: outbox.mark_interrupted(session, till, clock=festival.clock)) == 1
    assert counter.print_badges() is Turn.IDLE
    assert (counter.progress.paused, counter.progress.uncertain) == (True, 1)
    counter.answer(came_out=False)
    counter.resume()
    assert counter.print_badges() is Turn.IDLE
    assert names(printer) == ["Arnaud", "Chantebise", "Desrosiers", "Bouvier*"]


def test_a_lying_badge_is_one_image_as_wide_as_the_paper(
    festival: Festival, printer: FakePrinter, tmp_path: Path
) -> None:
    counter = BadgeCounter(festival, printer, tmp_path, badge_landscape=True)
    (pass_id, *_others) = (row.id for row in festival.rows(Pass))
    order_badge(counter, pass_id)
    assert counter.print_badges() is Turn.IDLE
    (paper,) = printer.papers
    assert paper.count(b"\x1dv0\x00" + (64).to_bytes(2, "little")) == 4
    assert b"Arnaud" not in paper
    assert counter.festival.rows(PrintJob)[-1].state is JobState.PRINTED


def test_no_badge_comes_out_with_a_code_that_is_being_replaced(festival: Festival, tmp_path: Path) -> None:
    counter = Counter(festival, PrinterKind.VIRTUAL, str(tmp_path / "badges"), tmp_path)
    pass_id = festival.sell_pass()
    counter.run()
    order_badge(counter, pass_id)
    (former,) = [row.code for row in festival.rows(Pass)]
    command = ReplacePass(pass_id, former, PassTrouble.LOST, festival.manager.id)
    meanwhile(
        festival,
        lambda session: pass_care.replace(session, command, festival.desks[1], clock=festival.clock),
        counter.queue.run_once,
    )
    counter.run()
    (badge,) = (tmp_path / "badges").glob("*badge*.bin")
    (code,) = [row.code for row in festival.rows(Pass)]
    assert code != former
    assert code.encode() in badge.read_bytes()
    assert former.encode() not in badge.read_bytes()
