"""The outbox at work, against a printer that breaks on demand, on both engines."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from threading import Event
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from boxoffice.database import Database
from boxoffice.models import JobState, Printer, PrinterKind, PrinterRole, PrintJob, TillPrinter, table
from boxoffice.printing.document import Document
from boxoffice.printing.layouts import lay_out
from boxoffice.printing.news import PrinterNews
from boxoffice.printing.outbox import (
    CANNOT_BE_LAID_OUT,
    DATABASE_LOST,
    DRAWER_PATIENCE,
    DRAWER_SILENT,
    UNEXPECTED,
    OpenPrinter,
    Outbox,
    PrinterQueue,
    Turn,
)
from boxoffice.printing.printers import Driver
from boxoffice.printing.printers.driver import CONNECTION_LOST, COVER_OPEN, NO_PAPER, OFF
from boxoffice.sales.holders import badges
from boxoffice.sales.prints import outbox, reprinting
from boxoffice.sales.prints.outbox import PrinterSettings
from boxoffice.sales.prints.papers import Paper, TicketPaper
from tests.sales.conftest import Festival

from .fake_printer import FakePrinter, connect


class Counter:
    """A till with one printer, and what the screen was told of it."""

    def __init__(self, festival: Festival, kind: PrinterKind, address: str, folder: Path) -> None:
        self.festival = festival
        self.folder = folder
        self.news: list[PrinterNews] = []
        with festival.database.write() as session:
            for old in session.exec(select(TillPrinter)).all():
                session.delete(old)
            session.flush()
            printer = Printer(name=f"Epson {kind}", kind=kind, address=address)
            session.add(printer)
            session.flush()
            assert printer.id is not None
            self.printer_id = printer.id
            session.add(
                TillPrinter(
                    till_id=festival.desk.post.till_id, role=PrinterRole.TICKETS, printer_id=printer.id
                )
            )
        self.queue = self.make_queue(self.printer_id)

    def make_queue(self, printer_id: int) -> PrinterQueue:
        return PrinterQueue(
            self.festival.database,
            self.festival.desk.post.till_id,
            printer_id,
            self.folder,
            clock=self.festival.clock,
            news=self.hear,
            open_printer=self.open_printer,
        )

    def open_printer(self, settings: PrinterSettings, folder: Path, learnt: Callable[[bool], None]) -> Driver:
        return driver_of(settings, folder, learnt)

    def hear(self, news: PrinterNews) -> None:
        self.news.append(news)

    def sell(self, quantity: int = 1) -> UUID:
        return self.festival.sell(self.festival.seat_line(quantity=quantity)).sale_id

    def run(self) -> Turn:
        """Print until nothing more can be."""
        while (turn := self.queue.run_once()) is Turn.WORKED:
            pass
        return turn

    @property
    def jobs(self) -> list[PrintJob]:
        with self.festival.database.read() as session:
            return list(session.exec(select(PrintJob).order_by(col(PrintJob.id))))

    @property
    def states(self) -> list[JobState]:
        return [job.state for job in self.jobs]


def with_badge_printer(counter: Counter, kind: PrinterKind, address: str, **settings: bool) -> int:
    """A printer of the till for its badges; its id."""
    with counter.festival.database.write() as session:
        printer = Printer(name=f"Badges {kind}", kind=kind, address=address, **settings)
        session.add(printer)
        session.flush()
        assert printer.id is not None
        session.add(
            TillPrinter(
                till_id=counter.festival.desk.post.till_id,
                role=PrinterRole.BADGES,
                printer_id=printer.id,
            )
        )
        return printer.id


def order_badge(counter: Counter, pass_id: UUID) -> int:
    festival = counter.festival
    return festival.write(
        lambda session: badges.print_badge(session, festival.desk, pass_id, clock=festival.clock)
    )


def driver_of(settings: PrinterSettings, folder: Path, learnt: object) -> Driver:
    """The driver of a printer, which waits for the fake one if it is on the network."""
    from boxoffice.printing.printers import open_printer

    if settings.kind is not PrinterKind.NETWORK:
        return open_printer(settings, folder)
    assert callable(learnt)
    return connect(settings.address, settings.acknowledges, learnt)


@pytest.fixture
def counter(festival: Festival, printer: FakePrinter, tmp_path: Path) -> Counter:
    """A till whose tickets come out of the fake printer."""
    return Counter(festival, PrinterKind.NETWORK, printer.address, tmp_path)


def test_each_ticket_of_a_sale_comes_out_once(counter: Counter, printer: FakePrinter) -> None:
    counter.sell(3)
    assert counter.run() is Turn.IDLE
    assert counter.states == [JobState.PRINTED] * 3
    numbers = [f"Billet n° 1-{number:06d}".encode("cp1252") for number in (1, 2, 3)]
    assert [number in paper for number, paper in zip(numbers, printer.papers, strict=True)] == [True] * 3


def test_what_a_printer_can_is_remembered(counter: Counter, printer: FakePrinter) -> None:
    counter.sell()
    counter.run()
    with counter.festival.database.read() as session:
        assert (
            session.exec(select(Printer.acknowledges).where(Printer.id == counter.printer_id)).one() is True
        )
    assert printer.connections == 1


def test_a_printer_turned_off_blocks_and_then_prints_everything(
    counter: Counter, printer: FakePrinter
) -> None:
    printer.turn_off()
    counter.sell(2)
    assert counter.run() is Turn.BLOCKED
    assert counter.states == [JobState.BLOCKED, JobState.QUEUED]
    assert counter.jobs[0].reason == OFF
    assert counter.news[-1].reason == OFF
    printer.turn_on()
    assert counter.run() is Turn.IDLE
    assert counter.states == [JobState.PRINTED] * 2
    assert len(printer.papers) == 2


@pytest.mark.parametrize(("trouble", "reason"), [("cover_open", COVER_OPEN), ("paper_out", NO_PAPER)])
def test_a_printer_that_needs_something_is_sent_no_byte(
    counter: Counter, printer: FakePrinter, trouble: str, reason: str
) -> None:
    setattr(printer, trouble, True)
    counter.sell()
    for _ in range(3):
        assert counter.run() is Turn.BLOCKED
    assert (counter.states, counter.jobs[0].reason) == ([JobState.BLOCKED], reason)
    assert [news.reason for news in counter.news] == [reason]
    printer.mend()
    assert counter.run() is Turn.IDLE
    assert counter.states == [JobState.PRINTED]


def test_a_printer_that_is_put_out_of_service_ails_no_more(counter: Counter, printer: FakePrinter) -> None:
    printer.paper_out = True
    counter.queue.look()
    counter.festival.write(lambda session: session.execute(table(Printer).update().values(active=False)))
    counter.queue.look()
    counter.queue.look()
    assert [news.ready for news in counter.news] == [False, True]


def test_paper_out_in_the_middle_keeps_the_ticket_on_the_line(counter: Counter, printer: FakePrinter) -> None:
    counter.sell()
    counter.queue.look()
    seen: list[tuple[JobState, str]] = []
    printer.paper_out_after = 30

    def mend(news: PrinterNews) -> None:
        counter.news.append(news)
        if news.reason == NO_PAPER:
            seen.append((counter.states[0], counter.jobs[0].reason))
            printer.mend()

    counter.queue._news = mend
    assert counter.run() is Turn.IDLE
    assert seen == [(JobState.SENDING, NO_PAPER)]
    assert (counter.states, counter.jobs[0].reason) == ([JobState.PRINTED], "")
    assert len(printer.papers) == 1


@pytest.mark.parametrize("accident", ["drop", "mute", "silent"])
def test_what_may_have_come_out_is_never_sent_again_by_itself(
    counter: Counter, printer: FakePrinter, accident: str
) -> None:
    counter.sell(2)
    counter.queue.look()
    if accident == "drop":
        printer.drop_after = 30
    printer.confirms = accident != "mute"
    if accident == "silent":
        silence_when_sending(counter, printer)
    assert counter.queue.run_once() is Turn.WORKED
    printer.confirms = printer.answers = True
    counter.queue._news = counter.hear
    assert counter.states == [JobState.UNCERTAIN, JobState.QUEUED]
    assert counter.jobs[0].reason
    assert counter.run() is Turn.IDLE
    assert counter.states == [JobState.UNCERTAIN, JobState.PRINTED]


def silence_when_sending(counter: Counter, printer: FakePrinter) -> None:
    def hear(news: PrinterNews) -> None:
        counter.news.append(news)
        if news.state is JobState.SENDING:
            printer.answers = False

    counter.queue._news = hear


def test_a_lost_ticket_comes_again_marked_with_the_same_number_and_code(
    counter: Counter, printer: FakePrinter
) -> None:
    counter.sell()
    counter.queue.look()
    printer.drop_after = 30
    counter.run()
    (lost,) = counter.jobs
    assert (lost.state, lost.reason) == (JobState.UNCERTAIN, CONNECTION_LOST)
    festival = counter.festival
    festival.write(
        lambda session: reprinting.answer(
            session, festival.desk, lost.id or 0, came_out=False, clock=festival.clock
        )
    )
    assert counter.run() is Turn.IDLE
    (paper,) = printer.papers
    assert "DUPLICATA n° 1".encode("cp1252") in paper
    assert "Billet n° 1-000001".encode("cp1252") in paper


def test_a_reversed_ticket_is_not_printed(counter: Counter, printer: FakePrinter) -> None:
    from uuid import uuid4

    from boxoffice.sales.reversal import Reverse, reverse

    sale_id = counter.sell()
    festival = counter.festival
    with festival.database.read() as session:
        job = outbox.next_job(session, festival.desk.post.till_id, counter.printer_id)
    assert job is not None
    festival.write(
        lambda session: reverse(session, Reverse(uuid4(), sale_id), festival.desk, clock=festival.clock)
    )
    counter.run()
    assert counter.states[0] is JobState.ABANDONED
    assert all(b"COUPON DE GESTION" in paper for paper in printer.papers)


def test_a_document_that_cannot_be_laid_out_does_not_hold_up_the_others(
    counter: Counter, printer: FakePrinter
) -> None:
    with counter.festival.database.write() as session:
        session.add(
            PrintJob(
                till_id=counter.festival.desk.post.till_id,
                printer_id=counter.printer_id,
                document="receipt",
                created_at=counter.festival.clock.now(),
                changed_at=counter.festival.clock.now(),
            )
        )
    counter.sell()
    assert counter.run() is Turn.IDLE
    assert counter.states == [JobState.BLOCKED, JobState.PRINTED]
    assert len(printer.papers) == 1


def test_a_layout_that_fails_does_not_hold_up_the_others(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def lay_out_tickets(paper: Paper, columns: int, *, landscape: bool) -> Document:
        if isinstance(paper, TicketPaper):
            return lay_out(paper, columns, landscape=landscape)
        raise KeyError(paper)

    monkeypatch.setattr("boxoffice.printing.outbox.lay_out", lay_out_tickets)
    counter.festival.sell(receipt=True)
    assert counter.run() is Turn.IDLE
    assert counter.states == [JobState.PRINTED, JobState.BLOCKED]
    assert counter.jobs[1].reason == CANNOT_BE_LAID_OUT
    assert counter.news[-1].reason == CANNOT_BE_LAID_OUT
    counter.sell()
    assert counter.run() is Turn.IDLE
    assert counter.states == [JobState.PRINTED, JobState.BLOCKED, JobState.PRINTED]
    assert "KeyError" in caplog.text


def first_news_of(counter: Counter, database: Database, open_printer: OpenPrinter) -> PrinterNews:
    """What a queue tells first, at work in its thread."""
    told: Queue[PrinterNews] = Queue()
    queue = PrinterQueue(
        database,
        counter.festival.desk.post.till_id,
        counter.printer_id,
        counter.folder,
        clock=counter.festival.clock,
        news=told.put,
        open_printer=open_printer,
    )
    queue.start()
    news = told.get(timeout=10)
    queue.stop()
    queue.join(10)
    return news


def test_an_incident_is_not_said_to_be_the_databases(counter: Counter) -> None:
    def fail(*settings: object) -> Driver:
        raise KeyError(settings)

    assert first_news_of(counter, counter.festival.database, fail).reason == UNEXPECTED


@dataclass(frozen=True)
class AbsentDatabase(Database):
    """A database that answers nobody."""

    @contextmanager
    def read(self) -> Iterator[Session]:
        raise OperationalError("SELECT", {}, ConnectionError(), connection_invalidated=True)
        yield


def test_a_lost_database_is_said_to_be_lost(counter: Counter) -> None:
    database = counter.festival.database
    absent = AbsentDatabase(database.engine, database.write_engine)
    assert first_news_of(counter, absent, driver_of).reason == DATABASE_LOST


@dataclass(frozen=True)
class LosingDatabase(Database):
    """A database whose answers get lost: `losses` says of each coming write when, "" for not at all."""

    losses: list[str] = field(default_factory=list)

    @contextmanager
    def write(self) -> Iterator[Session]:
        loss = self.losses.pop(0) if self.losses else ""
        with super().write() as session:
            yield session
            if loss == "before the commit":
                raise ConnectionError
        if loss == "after the commit":
            raise ConnectionError


@pytest.mark.parametrize("loss", ["before the commit", "after the commit"])
@pytest.mark.parametrize("step", ["claim", "end"])
def test_a_database_lost_at_any_step_prints_each_ticket_once(
    counter: Counter, printer: FakePrinter, step: str, loss: str
) -> None:
    counter.sell()
    database = counter.festival.database
    losing = LosingDatabase(database.engine, database.write_engine)
    counter.festival.database = losing
    counter.queue = counter.make_queue(counter.printer_id)
    counter.queue.look()
    losing.losses.extend([loss] if step == "claim" else ["", loss])
    with pytest.raises(ConnectionError):
        counter.queue.run_once()
    assert counter.run() is Turn.IDLE
    assert counter.states == [JobState.PRINTED]
    assert len(printer.papers) == 1


def test_a_claim_is_not_given_back_once_another_printer_has_the_ticket(
    counter: Counter, printer: FakePrinter
) -> None:
    counter.sell()
    festival = counter.festival
    database = festival.database
    losing = LosingDatabase(database.engine, database.write_engine)
    festival.database = losing
    counter.queue = counter.make_queue(counter.printer_id)
    counter.queue.look()
    losing.losses.append("before the commit")
    with pytest.raises(ConnectionError):
        counter.queue.run_once()
    with database.write() as session:
        other = Printer(name="Renfort", kind=PrinterKind.FILE, address="lp1")
        session.add(other)
        session.flush()
        job_id, other_id = counter.jobs[0].id or 0, other.id or 0
        reprinting.send_elsewhere(session, job_id, other_id, clock=festival.clock)
        job = outbox.find_job(session, job_id)
        assert job is not None
        assert outbox.begin_sending(session, job, clock=festival.clock)
    assert counter.run() is Turn.IDLE
    assert (counter.states, counter.jobs[0].printer_id) == ([JobState.SENDING], other_id)
    assert printer.papers == []


def test_what_a_stopped_program_was_sending_is_uncertain_at_the_next_start(counter: Counter) -> None:
    counter.sell(2)
    festival = counter.festival
    till_id = festival.desk.post.till_id
    with festival.database.write() as session:
        job = outbox.next_job(session, till_id, counter.printer_id)
        assert job is not None
        assert outbox.begin_sending(session, job, clock=festival.clock)
    assert (
        festival.write(lambda session: outbox.mark_interrupted(session, till_id, clock=festival.clock)) == 1
    )
    assert counter.states == [JobState.UNCERTAIN, JobState.QUEUED]


def test_a_dead_printer_does_not_delay_another(
    counter: Counter, printer: FakePrinter, tmp_path: Path
) -> None:
    printer.turn_off()
    counter.sell()
    assert counter.run() is Turn.BLOCKED
    with counter.festival.database.write() as session:
        other = Printer(name="Virtuelle", kind=PrinterKind.VIRTUAL, address=str(tmp_path / "papers"))
        session.add(other)
        session.flush()
        assert other.id is not None
        reprinting.send_elsewhere(session, counter.jobs[0].id or 0, other.id, clock=counter.festival.clock)
    assert counter.make_queue(other.id).run_once() is Turn.WORKED
    assert counter.states == [JobState.PRINTED]
    assert sorted(path.suffix for path in (tmp_path / "papers").iterdir()) == [".bin", ".png"]
    printer.turn_on()


def test_the_outbox_prints_when_woken_and_stops_when_asked(festival: Festival, tmp_path: Path) -> None:
    counter = Counter(festival, PrinterKind.VIRTUAL, str(tmp_path / "papers"), tmp_path)
    printed = Event()

    def hear(news: PrinterNews) -> None:
        if news.state is JobState.PRINTED:
            printed.set()

    works = Outbox(festival.database, festival.desk.post.till_id, tmp_path, clock=festival.clock, news=hear)
    counter.sell()
    works.start()
    assert printed.wait(10)
    printed.clear()
    counter.sell()
    works.wake()
    assert printed.wait(10)
    works.stop()
    assert counter.states == [JobState.PRINTED] * 2
    assert not any(queue._thread.is_alive() for queue in works._queues.values())
    assert not works._thread.is_alive()


def test_accidents_on_a_third_of_the_tickets_lose_none_and_double_none_unmarked(
    counter: Counter, printer: FakePrinter
) -> None:
    """The cashier answers as they see: what is not in the printer's tray did not come out."""
    from random import Random

    chance = Random(2)
    festival = counter.festival
    counter.queue.look()
    sold = 0
    for screening in ("KNEECAP2", "ETERNAL") * 5 + ("KNEECAP",) * 5:
        festival.sell(festival.seat_line(screening))
        sold += 1
        match chance.randrange(9):
            case 0:
                printer.drop_after = chance.randrange(5, 300)
            case 1:
                printer.confirms = False
            case 2:
                printer.cover_open = True
        counter.run()
        printer.confirms, printer.drop_after = True, None
        printer.mend()
        counter.run()
        for job in counter.jobs:
            if job.state is JobState.UNCERTAIN:
                answer(counter, printer, job)
        counter.run()
    assert JobState.UNCERTAIN not in counter.states
    assert any(b"DUPLICATA" in paper for paper in printer.papers)
    for number in range(1, sold + 1):
        name = f"Billet n° 1-{number:06d}".encode("cp1252")
        outs = [paper for paper in printer.papers if name in paper]
        assert outs
        assert len([paper for paper in outs if b"DUPLICATA" not in paper]) <= 1


def answer(counter: Counter, printer: FakePrinter, job: PrintJob) -> None:
    festival = counter.festival
    with festival.database.read() as session:
        found = outbox.find_job(session, job.id or 0)
        assert found is not None
        from boxoffice.sales.prints.paper_loading import load_paper

        paper = load_paper(session, found, clock=festival.clock)
    assert isinstance(paper, TicketPaper)
    came_out = any(f"Billet n° {paper.number}".encode("cp1252") in out for out in printer.papers)
    festival.write(
        lambda session: reprinting.answer(
            session, festival.desk, job.id or 0, came_out=came_out, clock=festival.clock
        )
    )


def with_drawer(counter: Counter) -> Counter:
    """The same counter, a cash drawer behind its printer."""
    with counter.festival.database.write() as session:
        printer = session.get(Printer, counter.printer_id)
        assert printer is not None
        printer.drawer = True
        session.add(printer)
    return counter


def outbox_of(counter: Counter, told: Queue[PrinterNews]) -> Outbox:
    """The outbox of the counter at work, its first look at the printer behind it."""
    festival = counter.festival
    works = Outbox(
        festival.database, festival.desk.post.till_id, counter.folder, clock=festival.clock, news=told.put
    )
    works.start()
    told.get(timeout=10)
    return works


def test_the_drawer_is_opened_once_and_not_again_with_the_next_ticket(
    festival: Festival, tmp_path: Path
) -> None:
    counter = with_drawer(Counter(festival, PrinterKind.FILE, str(tmp_path / "lp0"), tmp_path))
    told: Queue[PrinterNews] = Queue()
    works = outbox_of(counter, told)
    works.open_drawer()
    for _ in range(2):
        counter.sell()
        works.wake()
        while told.get(timeout=10).state is not JobState.SENT:
            pass
    works.stop()
    sent = (tmp_path / "lp0").read_bytes()
    assert sent.count(b"\x1bp\x00\x19\xfa") == 1
    assert sent.count(b"\x1b@") == 2


def test_a_printer_that_was_not_well_is_told_well_again_with_nothing_to_print(
    festival: Festival, printer: FakePrinter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("boxoffice.printing.outbox.RETRY_SECONDS", 0.01)
    counter = Counter(festival, PrinterKind.NETWORK, printer.address, tmp_path)
    printer.paper_out = True
    told: Queue[PrinterNews] = Queue()
    queue = PrinterQueue(
        festival.database,
        festival.desk.post.till_id,
        counter.printer_id,
        tmp_path,
        clock=festival.clock,
        news=told.put,
        open_printer=driver_of,
    )
    queue.start()
    assert told.get(timeout=10).reason == NO_PAPER
    printer.mend()
    while not told.get(timeout=10).ready:
        pass
    queue.stop()
    queue.join(10)


def test_a_drawer_behind_a_mistyped_address_is_told_apart_from_the_paper(
    festival: Festival, tmp_path: Path
) -> None:
    counter = with_drawer(Counter(festival, PrinterKind.NETWORK, "printer:neuf-mille", tmp_path))
    told: Queue[PrinterNews] = Queue()
    works = outbox_of(counter, told)
    works.open_drawer()
    while not (news := told.get(timeout=10)).of_drawer:
        pass
    works.stop()
    assert (news.reason, news.of_drawer, news.ready) == (DRAWER_SILENT, True, True)


def test_a_drawer_that_could_not_be_opened_soon_stays_shut(festival: Festival, tmp_path: Path) -> None:
    counter = with_drawer(Counter(festival, PrinterKind.FILE, str(tmp_path / "lp0"), tmp_path))
    told: Queue[PrinterNews] = Queue()
    opening, asked = Event(), Event()

    def stuck(settings: PrinterSettings, folder: Path, learnt: object) -> Driver:
        opening.set()
        assert asked.wait(10)
        return driver_of(settings, folder, learnt)

    queue = PrinterQueue(
        festival.database,
        festival.desk.post.till_id,
        counter.printer_id,
        tmp_path,
        clock=festival.clock,
        news=told.put,
        open_printer=stuck,
    )
    queue.start()
    assert opening.wait(10)
    queue.open_drawer(festival.clock.now())
    festival.clock.advance(DRAWER_PATIENCE * 1.1)
    asked.set()
    while not told.get(timeout=10).of_drawer:
        pass
    queue.stop()
    queue.join(10)
    assert not (tmp_path / "lp0").exists()


def test_a_badge_comes_out_of_the_printer_for_badges(festival: Festival, tmp_path: Path) -> None:
    counter = Counter(festival, PrinterKind.VIRTUAL, str(tmp_path / "tickets"), tmp_path)
    badge_printer = with_badge_printer(counter, PrinterKind.VIRTUAL, str(tmp_path / "badges"))
    pass_id = festival.sell_pass()
    counter.run()
    order_badge(counter, pass_id)
    assert counter.make_queue(badge_printer).run_once() is Turn.WORKED
    (found,) = (tmp_path / "badges").glob("*.png")
    assert found.name.startswith("000001-badge-1-0000001-")
    assert counter.states == [JobState.PRINTED]
    assert not (tmp_path / "tickets").exists()
