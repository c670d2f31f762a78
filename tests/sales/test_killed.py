"""A program killed at random moments of selling and printing: what it acknowledged stands, once."""

import os
import random
import re
import select as readiness
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session, select

from boxoffice.models import (
    LARGEST_HALL,
    Hall,
    JobState,
    Printer,
    PrinterKind,
    PrintJob,
    Sale,
    Screening,
    Ticket,
    TillPrinter,
    table,
)
from boxoffice.printing.outbox import Outbox, PrinterQueue, Turn
from boxoffice.sales.books.signing import read_anchor
from boxoffice.sales.books.verification import verify
from boxoffice.sales.checkout import Checkout, checkout
from boxoffice.sales.prints import outbox, reprinting
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house
from tests.sales.processes import fork
from tests.soaking import SOAK

KILLS = 20 * SOAK
"""On each engine: `BOXOFFICE_SOAK=5` makes two hundred in all."""

LONGEST_LIFE_SECONDS = 0.06
PATIENCE_SECONDS = 30.0
_TICKET = re.compile(rb"T[BCDFGHJKLNPRSTVX]{30}")


def test_kills_lose_no_acknowledged_sale_and_double_no_paper(festival: Festival, tmp_path: Path) -> None:
    roll = tmp_path / "roll.bin"
    printer_id = _print_to(festival, roll)
    _many_seats(festival)
    order = festival.order(festival.seat_line("ETERNAL"))
    first = festival.sell(*order.basket)
    assert _queue(festival, printer_id, tmp_path).run_once() is Turn.WORKED
    festival.database.close()

    chance = random.Random(20260121)
    begun = {first.sale_id}
    acknowledged = {first.sale_id}
    open_question: UUID | None = None
    for _kill in range(KILLS):
        for word, sale_id in _live_and_die(festival, order, tmp_path, open_question, chance):
            begun.add(sale_id)
            open_question = sale_id
            if word == "done":
                acknowledged.add(sale_id)
                open_question = None

    _check_sales(festival, begun, acknowledged)
    _check_papers(festival, printer_id, roll)
    assert len(acknowledged) > KILLS // 3


def _live_and_die(
    festival: Festival, order: Checkout, folder: Path, unanswered: UUID | None, chance: random.Random
) -> Iterator[tuple[str, UUID]]:
    """What one run of the program said before it was killed."""
    reading, writing = os.pipe()
    child = fork(lambda: _sell_and_print(festival, order, folder, unanswered, writing))
    os.close(writing)
    said, awaited = b"", chance.choice([b"begin", b"done"])
    while awaited not in said:
        assert readiness.select([reading], [], [], PATIENCE_SECONDS)[0], "the program does not start"
        said += os.read(reading, 4096)
    time.sleep(chance.uniform(0, LONGEST_LIFE_SECONDS))
    os.kill(child, signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    with os.fdopen(reading, "rb") as pipe:
        said += pipe.read()
    for sentence in said.decode().splitlines(keepends=True):
        if sentence.endswith("\n"):
            word, sale_id = sentence.split()
            yield word, UUID(sale_id)


def _sell_and_print(
    festival: Festival, order: Checkout, folder: Path, unanswered: UUID | None, writing: int
) -> None:
    """The program: print what waits, sell again what was not answered, then sell and sell."""
    database, till_id = festival.database, festival.desk.post.till_id
    printers = Outbox(database, till_id, folder, clock=festival.clock, news=lambda _news: None)
    printers.start()
    sale_id = unanswered or uuid4()
    while True:
        order = replace(order, sale_id=sale_id)
        os.write(writing, f"begin {sale_id}\n".encode())
        database.attempt(
            lambda session, order=order: checkout(session, order, festival.desk, clock=festival.clock)
        )
        os.write(writing, f"done {sale_id}\n".encode())
        printers.wake()
        sale_id = uuid4()


def _check_sales(festival: Festival, begun: set[UUID], acknowledged: set[UUID]) -> None:
    made = [row.id for row in festival.rows(Sale)]
    assert len(made) == len(set(made))
    assert acknowledged <= set(made) <= begun
    assert festival.count(Ticket) == len(made) == festival.allocated("ETERNAL")
    festival.read(check_the_house)
    anchor = read_anchor(festival.posts[0].signer.anchor_path.with_suffix(".pem"))
    assert anchor is not None
    verdict = festival.read(lambda session: verify(session, anchors={1: anchor}))
    assert verdict.fault is None
    assert verdict.sales == len(made)


def _check_papers(festival: Festival, printer_id: int, roll: Path) -> None:
    """Each ticket came out, its original at most once; what nobody knew was asked, and copied with a mark."""
    till_id = festival.desk.post.till_id
    festival.write(lambda session: outbox.mark_interrupted(session, till_id, clock=festival.clock))
    queue = _queue(festival, printer_id, roll.parent)
    while queue.run_once() is Turn.WORKED:
        pass
    states = Counter(row.state for row in festival.rows(PrintJob))
    assert set(states) <= {JobState.SENT, JobState.UNCERTAIN}

    originals = _papers(roll)[False]
    for job in festival.rows(PrintJob):
        if job.state is JobState.UNCERTAIN:
            came_out = originals[_code(festival, job)] > 0
            festival.write(
                lambda session, job=job, came_out=came_out: reprinting.answer(
                    session, festival.desk, job.id, came_out=came_out, clock=festival.clock
                )
            )
    while queue.run_once() is Turn.WORKED:
        pass

    papers = _papers(roll)
    codes = {row.code.encode() for row in festival.rows(Ticket)}
    assert max(papers[False].values()) == 1
    assert set(papers[False]) | set(papers[True]) == codes
    assert not set(papers[False]) & set(papers[True])


def _queue(festival: Festival, printer_id: int, folder: Path) -> PrinterQueue:
    till_id = festival.desk.post.till_id
    return PrinterQueue(
        festival.database, till_id, printer_id, folder, clock=festival.clock, news=lambda _news: None
    )


def _papers(roll: Path) -> dict[bool, Counter[bytes]]:
    """The codes of the tickets on the roll of paper, by whether they are marked as copies."""
    papers: dict[bool, Counter[bytes]] = {False: Counter(), True: Counter()}
    for document in roll.read_bytes().split(b"\x1b@")[1:]:
        (code,) = set(_TICKET.findall(document))
        papers[b"DUPLICATA" in document][code] += 1
    return papers


def _code(festival: Festival, job: sa.Row) -> bytes:
    ticket = table(Ticket)
    found = festival.read(
        lambda session: session.execute(
            select(ticket.c.code).where(ticket.c.sale_id == job.sale_id, ticket.c.position == job.position)
        ).scalar_one()
    )
    return found.encode()


def _print_to(festival: Festival, roll: Path) -> int:
    """Have the tickets of the first till printed on a roll of paper that keeps everything."""

    def change(session: Session) -> int:
        printer = Printer(name="Rouleau", kind=PrinterKind.FILE, address=str(roll))
        session.add(printer)
        session.flush()
        assert printer.id is not None
        for used in session.exec(select(TillPrinter).where(TillPrinter.till_id == 1)):
            used.printer_id = printer.id
            session.add(used)
        return printer.id

    return festival.write(change)


def _many_seats(festival: Festival) -> None:
    def change(session: Session) -> None:
        for hall in session.exec(select(Hall)):
            hall.capacity = LARGEST_HALL
            session.add(hall)
        for screening in session.exec(select(Screening)):
            screening.capacity = LARGEST_HALL
            session.add(screening)

    festival.write(change)
