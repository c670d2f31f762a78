"""Gift cards between counters that race for them, and programs killed while they pay with them."""

import os
import random
import select as readiness
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session

from boxoffice import database as databases
from boxoffice.errors import Refusal
from boxoffice.kinds import MovementKind
from boxoffice.models import Payment, Sale, ValueMovement
from boxoffice.sales import means
from boxoffice.sales.basket import GiftCardLine
from boxoffice.sales.checkout import Checkout, checkout
from boxoffice.sales.reversal import Reverse, reverse
from boxoffice.sales.settlement import Tender
from boxoffice.sales.staff.desk import Desk
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house
from tests.sales.processes import fork, in_processes

ROUNDS = 12
KILLS = 25
LONGEST_LIFE_SECONDS = 0.03
PATIENCE_SECONDS = 30.0


def at_counters(festival: Festival, works: list[Callable[[databases.Database], object]]) -> list[object]:
    """Each work at a counter of its own, in a process of its own."""
    url = festival.database.engine.url.render_as_string(hide_password=False)
    festival.database.close()

    def connected(work: Callable[[databases.Database], object]) -> object:
        database = databases.connect(url)
        try:
            return work(database)
        finally:
            database.close()

    return in_processes([partial(connected, work) for work in works])


def by_cards(cents: int, *cards: GiftCardLine) -> tuple[Tender, ...]:
    return tuple(Tender(means.GIFT_CARD.code, cents, value_id=card.value_id) for card in cards)


def test_two_counters_empty_a_card_between_them_and_never_more(festival: Festival) -> None:
    card = festival.sell_gift(cents=3_000)
    order = replace(festival.order(festival.product_line()), tenders=by_cards(300, card))
    start = get_context("fork").Barrier(2)

    def spend(desk: Desk, database: databases.Database) -> tuple[int, str]:
        start.wait(30)
        for paid in range(ROUNDS):
            command = replace(order, sale_id=uuid4())
            try:
                database.attempt(
                    lambda session, command=command: checkout(session, command, desk, clock=festival.clock)
                )
            except Refusal as refusal:
                return paid, refusal.message
        return ROUNDS, ""

    results = at_counters(festival, [partial(spend, desk) for desk in festival.desks])
    assert sum(paid for paid, _message in results) == 10
    assert any("il ne reste rien" in message for _paid, message in results)
    assert festival.left_on(card.value_id) == 0
    festival.read(check_the_house)


def test_two_counters_paying_with_the_same_two_cards_never_wait_in_a_ring(festival: Festival) -> None:
    cards = [festival.sell_gift(cents=20_000) for _card in range(2)]
    order = festival.order(festival.product_line(quantity=2))
    start = get_context("fork").Barrier(2)

    def spend(desk: Desk, paid_by: list[GiftCardLine], database: databases.Database) -> None:
        start.wait(30)
        for _round in range(ROUNDS):
            command = replace(order, sale_id=uuid4(), tenders=by_cards(300, *paid_by))
            database.attempt(
                lambda session, command=command: checkout(session, command, desk, clock=festival.clock)
            )

    first, second = festival.desks
    at_counters(festival, [partial(spend, first, cards), partial(spend, second, cards[::-1])])
    assert [festival.left_on(card.value_id) for card in cards] == [20_000 - 2 * ROUNDS * 300] * 2
    festival.read(check_the_house)


def test_a_card_is_either_taken_back_or_used_not_both(festival: Festival) -> None:
    sold = [(line, festival.sell(line)) for line in (festival.gift_line(cents=1_000) for _try in range(6))]
    order = festival.order(festival.product_line())
    start = get_context("fork").Barrier(2)

    def take_back(database: databases.Database) -> list[bool]:
        return [
            tried(
                database,
                lambda session, sale=sale: reverse(
                    session,
                    Reverse(uuid4(), sale.sale_id, reason="Erreur"),
                    festival.managers_desk,
                    clock=festival.clock,
                ),
            )
            for _line, sale in sold
        ]

    def use(database: databases.Database) -> list[bool]:
        commands = (replace(order, sale_id=uuid4(), tenders=by_cards(300, line)) for line, _sale in sold)
        return [
            tried(
                database,
                lambda session, command=command: checkout(
                    session, command, festival.desks[1], clock=festival.clock
                ),
            )
            for command in commands
        ]

    def tried(database: databases.Database, act: Callable[[Session], object]) -> bool:
        start.wait(30)
        try:
            database.attempt(act)
        except Refusal:
            return False
        return True

    taken_back, used = at_counters(festival, [take_back, use])
    assert all(back != spent for back, spent in zip(taken_back, used, strict=True))
    festival.read(check_the_house)


def test_a_program_killed_while_cards_pay_moves_each_once_for_each_sale(festival: Festival) -> None:
    cards = [festival.sell_gift(cents=20_000) for _card in range(2)]
    sold = festival.count(Sale)
    order = replace(festival.order(festival.product_line(quantity=2)), tenders=by_cards(300, *cards))
    festival.database.close()
    chance, open_question = random.Random(4), uuid4()
    for _kill in range(KILLS):
        reading, writing = os.pipe()
        child = fork(partial(_pay_and_pay, festival, order, open_question, writing))
        os.close(writing)
        said, awaited = b"", chance.choice([1, 2])
        while said.count(b"\n") < awaited:
            assert readiness.select([reading], [], [], PATIENCE_SECONDS)[0], "the program does not start"
            said += os.read(reading, 4096)
        time.sleep(chance.uniform(0, LONGEST_LIFE_SECONDS))
        os.kill(child, signal.SIGKILL)
        assert os.waitpid(child, 0)[1] == signal.SIGKILL
        with os.fdopen(reading, "rb") as pipe:
            said += pipe.read()
        open_question = UUID(said.decode().rpartition("\n")[0].splitlines()[-1])

    made = festival.count(Sale) - sold
    used = [row for row in festival.rows(ValueMovement) if row.kind is MovementKind.USED]
    assert made > KILLS // 3
    assert len(used) == 2 * made == len({(row.sale_id, row.value_id) for row in used})
    assert [festival.left_on(card.value_id) for card in cards] == [20_000 - 300 * made] * 2
    by_card = festival.read(
        lambda session: session.execute(
            sa.select(sa.func.sum(Payment.amount_cents)).where(Payment.means == means.GIFT_CARD.code)
        ).scalar_one()
    )
    assert by_card == 600 * made
    festival.read(check_the_house)


def _pay_and_pay(festival: Festival, order: Checkout, unanswered: UUID, writing: int) -> None:
    """The program: pay again what was not answered, then pay once more, saying each sale before it is made.

    It makes no more, however long it lives: the cards would be empty before the last of them is killed.
    """
    command = replace(order, sale_id=unanswered)
    for _sale in range(2):
        os.write(writing, f"{command.sale_id}\n".encode())
        festival.database.attempt(
            lambda session, command=command: checkout(session, command, festival.desk, clock=festival.clock)
        )
        command = replace(order, sale_id=uuid4())
    while True:
        signal.pause()
