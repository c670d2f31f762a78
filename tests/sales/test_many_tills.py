"""Several counters on one database, each a process of its own."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from threading import Barrier

import pytest
from sqlmodel import Session, select

from boxoffice import database as databases
from boxoffice.errors import Refusal
from boxoffice.models import Hall, Screening, Ticket
from boxoffice.sales.basket import SeatLine
from boxoffice.sales.checkout import checkout
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.setup import AddTill, add_till
from boxoffice.sales.staff.shifts import OpenShift, open_shift
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house
from tests.sales.processes import in_processes

TILLS = 8
SEATS = 240


@pytest.fixture
def desks(festival: Festival, tmp_path: Path) -> list[Desk]:
    """Eight tills with a shift open."""
    desks = list(festival.desks)
    for number in range(3, TILLS + 1):
        key_path = tmp_path / f"till-{number}.pem"
        desks.append(festival.write(partial(_open_till, festival=festival, number=number, key_path=key_path)))
    return desks


def _open_till(session: Session, festival: Festival, number: int, key_path: Path) -> Desk:
    post = add_till(
        session, AddTill(number), key_path=key_path, clock=festival.clock, manager=festival.manager
    )
    return open_shift(session, post, festival.cashier, OpenShift(0), clock=festival.clock)


def _seat(festival: Festival, code: str, seats: int) -> None:
    def change(session: Session) -> None:
        screening = session.exec(select(Screening).where(Screening.code == code)).one()
        hall = session.get(Hall, screening.hall_id)
        assert hall is not None
        hall.capacity = max(hall.capacity, seats)
        screening.capacity = seats
        session.add_all([hall, screening])

    festival.write(change)


def _start(festival: Festival, works: list[Callable[[databases.Database], object]]) -> list[object]:
    """Each work in a process with a connection of its own."""
    url = festival.database.engine.url.render_as_string(hide_password=False)
    festival.database.close()

    def connected(work: Callable[[databases.Database], object]) -> object:
        database = databases.connect(url)
        try:
            return work(database)
        finally:
            database.close()

    return in_processes([partial(connected, work) for work in works])


def test_eight_tills_sell_a_hall_out_to_its_last_seat_and_each_gets_a_share(
    festival: Festival, desks: list[Desk]
) -> None:
    _seat(festival, "ETERNAL", SEATS)
    line = festival.seat_line("ETERNAL", "REDUIT")
    start = get_context("fork").Barrier(TILLS)

    def sell_until_refused(desk: Desk, database: databases.Database) -> tuple[int, str]:
        start.wait(30)
        sold = 0
        while True:
            order = festival.order(replace(line, quantity=1 + sold % 2))
            try:
                done = database.attempt(
                    lambda session, order=order: checkout(session, order, desk, clock=festival.clock)
                )
            except Refusal as refusal:
                return sold, refusal.message
            sold += len(done.tickets)

    results = _start(festival, [partial(sell_until_refused, desk) for desk in desks])
    shares = [sold for sold, _message in results]
    left = SEATS - sum(shares)
    assert left in (0, 1)
    assert all("The Eternal Daughter" in message for _sold, message in results)
    assert min(shares) > 0
    if left:
        festival.sell(line)
    assert festival.allocated("ETERNAL") == SEATS == festival.count(Ticket)
    assert festival.refused(festival.order(line)).message == "The Eternal Daughter de 15 h 00 est complet."
    festival.read(check_the_house)


def test_the_last_seat_goes_to_one_of_two_tills_and_the_other_is_told(festival: Festival) -> None:
    rounds = ["KNEECAP", "ETERNAL", "KNEECAP2"]
    for code in rounds:
        _seat(festival, code, 3 if code == "KNEECAP" else 1)
    lines = {code: festival.seat_line(code, "INVIT") for code in rounds}
    start = get_context("fork").Barrier(2)
    results = _start(
        festival, [partial(_try_each, festival, desk, list(lines.values()), start) for desk in festival.desks]
    )
    for first, second in zip(*results, strict=True):
        assert sorted([first == "", second == ""]) == [False, True]
        assert (first or second).endswith("est complet.")
    assert festival.count(Ticket) == len(rounds)
    festival.read(check_the_house)


def _try_each(
    festival: Festival, desk: Desk, lines: list[SeatLine], start: Barrier, database: databases.Database
) -> list[str]:
    """What became of a wish for one seat of each screening: nothing to say, or the refusal."""
    outcomes = []
    for line in lines:
        order = festival.order(line)
        start.wait(30)
        try:
            database.attempt(
                lambda session, order=order: checkout(session, order, desk, clock=festival.clock)
            )
            outcomes.append("")
        except Refusal as refusal:
            outcomes.append(refusal.message)
    return outcomes


def test_two_programs_opening_one_till_are_not_both_let_in(festival: Festival, tmp_path: Path) -> None:
    post = festival.write(
        lambda session: add_till(
            session,
            AddTill(3),
            key_path=tmp_path / "till-3.pem",
            clock=festival.clock,
            manager=festival.manager,
        )
    )
    start = get_context("fork").Barrier(2)

    def open_it(who: object, database: databases.Database) -> str:
        start.wait(30)
        try:
            with database.write() as session:
                open_shift(session, post, who, OpenShift(0), clock=festival.clock)
        except Refusal as refusal:
            return refusal.message
        return ""

    outcomes = _start(festival, [partial(open_it, who) for who in (festival.manager, festival.cashier)])
    refused = [outcome for outcome in outcomes if outcome]
    assert len(refused) == 1
    assert refused[0].startswith("Cette caisse est déjà ouverte par")
    festival.read(check_the_house)
