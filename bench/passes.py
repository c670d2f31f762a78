"""Passes as half the queue holds one: how soon a scanned one is shown, and what a booking costs."""

import random
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

from sqlalchemy import insert, select

from boxoffice.models import Booking, Pass, PassSource, Product, table
from boxoffice.sales.codes import ALPHABET, LENGTH
from boxoffice.sales.holders.bookings import Book, book

from . import against_sql, counter, customers, servers
from .measuring import Figure, Progress, percentile_ms
from .stage import Stage

PASSES, BOOKINGS_EACH = 6_000, 20
PRODUCT, PLACES = "PASS20", "PASS"
COCKPIT_MS = 60.0
_FRESH = 1_000
"""Passes beside the others on which nothing is booked yet."""
BETWEEN_KEYS = 0.002
"""The seconds that a scanner leaves between two keys."""
_ESCAPE, COUNTER = b"\x1b", "Séances"
_SEED = 1988


def measure_booking(stage: Stage, engine: str, aim: float, *, times: int, progress: Progress) -> list[Figure]:
    """How many times longer a booking takes than its SQL, among as many as a festival makes."""
    fill(stage)
    return against_sql.measure(stage, "booking", engine, aim, _bookings, times=times, progress=progress)


def measure_cockpit(stage: Stage, engine: str, *, scans: int, progress: Progress) -> list[Figure]:
    """From the Enter of a scanner to the cockpit painted; the letters before it come as one types."""
    fill(stage)
    stage.open_today()
    servers.tidy_up(stage.database)
    stage.database.close()
    chance = random.Random(_SEED)
    times = []
    with counter.logged_in(stage.settings) as terminal:
        for turn in range(scans + 1):
            rank = chance.randrange(PASSES)
            for letter in _code(rank).lower():
                terminal.type(letter.encode())
                time.sleep(BETWEEN_KEYS)
            times.append(terminal.repaint_with(b"\r", _number(rank)))
            terminal.settle()
            terminal.repaint_with(_ESCAPE, COUNTER)
            terminal.settle()
            progress(f"{engine}: opening cockpits", turn, scans)
    first, *later = times
    return [
        Figure(
            f"cockpit open to painted, 95th percentile, {engine}",
            percentile_ms(later, 95),
            "ms",
            COCKPIT_MS,
            note=f"median {percentile_ms(later, 50):.0f} ms, the first {first * 1_000:.0f} ms; "
            f"{PASSES} passes, {PASSES * BOOKINGS_EACH} bookings",
        )
    ]


def fill(stage: Stage) -> None:
    """Give a festival its customers, passes and bookings; once, if asked twice."""
    customers.write_down(stage)
    at = stage.clock.now()
    with stage.database.write() as session:
        if session.get(Pass, UUID(int=1)) is not None:
            return
        product_id = session.execute(select(table(Product).c.id).where(table(Product).c.code == PRODUCT))
        passes = {
            "product_id": product_id.scalar_one(),
            "source": PassSource.ONLINE,
            "state_reason": "",
            "places": BOOKINGS_EACH,
            "issued_at": at,
        }
        session.connection().execute(
            insert(table(Pass)),
            [
                {
                    **passes,
                    "id": UUID(int=rank + 1),
                    "number": _number(rank),
                    "code": _code(rank),
                    "holder_id": UUID(int=rank + 1),
                    "used": BOOKINGS_EACH if rank < PASSES else 0,
                }
                for rank in range(PASSES + _FRESH)
            ],
        )
        chance = random.Random(_SEED)
        screenings = stage.programme.screenings
        for rank in range(PASSES):
            session.connection().execute(
                insert(table(Booking)),
                [
                    {
                        "id": UUID(int=rank * BOOKINGS_EACH + place + 1),
                        "pass_id": UUID(int=rank + 1),
                        "screening_id": screening.id,
                        "tariff_code": PLACES,
                        "starts_at": screening.starts_at,
                        "place": screening.place,
                        "till_id": stage.desk.post.till_id,
                        "operator_id": stage.desk.operator_id,
                        "at": at - timedelta(days=1),
                        "reason": "",
                    }
                    for place, screening in enumerate(chance.sample(screenings, BOOKINGS_EACH))
                ],
            )


def _bookings(stage: Stage) -> Iterator[Callable[[], object]]:
    """One seat at a time, each pass at a screening of its own turn."""
    open_to_passes = [
        screening
        for screening in stage.programme.screenings
        if any(offer.code == PLACES for offer in stage.programme.offers[screening.price_list_id])
    ]
    for turn in range(_FRESH):
        screening = open_to_passes[turn % len(open_to_passes)]
        command = Book((uuid4(),), UUID(int=PASSES + turn + 1), screening.id)
        yield partial(_book, stage, command)


def _book(stage: Stage, command: Book) -> None:
    stage.database.attempt(lambda session: book(session, command, stage.desk, clock=stage.clock))


def _number(rank: int) -> str:
    return f"9-{rank:07d}-00000"


def _code(rank: int) -> str:
    """The code of a pass, which holds its rank."""
    digits = f"{rank:0{LENGTH}x}"
    return "P" + "".join(ALPHABET[int(digit, 16)] for digit in digits)
