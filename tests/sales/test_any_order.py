"""Whatever is done, in any order, on either engine: the house stands."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from boxoffice import database as databases
from boxoffice.errors import Refusal
from boxoffice.models import Ticket
from boxoffice.sales import means
from boxoffice.sales.basket import Basket
from boxoffice.sales.checkout import checkout
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.entrance import admit
from boxoffice.sales.parking import park, recall
from boxoffice.sales.reversal import Reverse, reverse
from boxoffice.sales.settlement import Settlement, tender
from boxoffice.sales.shifts import OpenShift, close_shift, current_shift, open_shift
from tests.conftest import postgresql_url
from tests.sales.conftest import Festival, open_festival
from tests.sales.invariants import check_the_house

TILLS = st.sampled_from([0, 1])
CENTS = st.integers(-100, 2_000)
SEATS = st.tuples(
    st.sampled_from(["KNEECAP", "ETERNAL", "KNEECAP2"]),
    st.sampled_from(["PLEIN", "REDUIT", "GROUPE", "UFR", "INVIT", "PASS"]),
    st.integers(1, 5),
)
WISHES = st.lists(SEATS | st.integers(1, 3), min_size=1, max_size=3)
PARTS = st.lists(st.tuples(st.sampled_from(means.ALL), st.integers(1, 1_500)), max_size=2)


class AnyOrder(RuleBasedStateMachine):
    """Two tills, and everything that can happen at them."""

    def __init__(self, festival: Festival) -> None:
        super().__init__()
        self.festival = festival
        self.desks = list(festival.desks)
        self.sold: list[CompletedSale] = []
        self.parked: list[UUID] = []

    def basket(self, wishes: list[tuple[str, str, int] | int]) -> Basket:
        return self.festival.basket(
            *(
                self.festival.product_line(quantity=wish)
                if isinstance(wish, int)
                else self.festival.seat_line(*wish)
                for wish in wishes
            )
        )

    def try_to(self, act: Callable[[], object]) -> object | None:
        """What an act comes to, or nothing where it is refused."""
        try:
            return act()
        except Refusal:
            return None

    @rule(till=TILLS, wishes=WISHES, parts=PARTS)
    def sell(
        self, till: int, wishes: list[tuple[str, str, int] | int], parts: list[tuple[means.Means, int]]
    ) -> None:
        basket = self.basket(wishes)
        settlement = Settlement(basket.total_cents)
        for by, cents in parts:
            if settlement.remaining_cents > cents:
                settlement = tender(settlement, by, cents, cash_limit_cents=100_000)
        if settlement.remaining_cents:
            settlement = tender(settlement, means.CARD, cash_limit_cents=100_000)
        order = replace(self.festival.order(), basket=basket, tenders=settlement.tenders)
        work = partial(checkout, command=order, desk=self.desks[till], clock=self.festival.clock)
        if done := self.try_to(lambda: self.festival.database.attempt(work)):
            assert self.festival.database.attempt(work) == done
            self.sold.append(done)

    @precondition(lambda self: self.sold)
    @rule(
        till=TILLS,
        which=st.integers(0, 99),
        lines=st.none() | st.sets(st.integers(1, 5), min_size=1, max_size=3),
        allowed=st.booleans(),
    )
    def undo(self, till: int, which: int, lines: set[int] | None, allowed: bool) -> None:
        command = Reverse(
            uuid4(),
            self.sold[which % len(self.sold)].sale_id,
            None if lines is None else tuple(lines),
            authorized_by=self.festival.manager.id if allowed else None,
        )
        work = partial(reverse, command=command, desk=self.desks[till], clock=self.festival.clock)
        if done := self.try_to(lambda: self.festival.database.attempt(work)):
            assert self.festival.database.attempt(work) == done
            assert sum(refund.amount_cents for refund in done.refunds) == done.refunded_cents

    @precondition(lambda self: self.sold)
    @rule(till=TILLS, which=st.integers(0, 99))
    def scan(self, till: int, which: int) -> None:
        tickets = self.festival.rows(Ticket)
        if not tickets:
            return
        code = tickets[which % len(tickets)].code
        post = self.festival.posts[till]
        self.try_to(
            lambda: self.festival.write(
                lambda session: admit(session, post, code, "Porte A", clock=self.festival.clock)
            )
        )

    @rule(till=TILLS, wishes=WISHES)
    def park(self, till: int, wishes: list[tuple[str, str, int] | int]) -> None:
        basket = self.basket(wishes)
        self.parked.append(
            self.festival.write(
                lambda session: park(session, basket, "", self.desks[till], clock=self.festival.clock)
            )
        )

    @precondition(lambda self: self.parked)
    @rule(till=TILLS)
    def recall_and_sell(self, till: int) -> None:
        recalled = self.festival.write(lambda session: recall(session, self.parked.pop()))
        self.try_to(lambda: self.festival.sell(*recalled.basket, desk=self.desks[till]))

    @rule(till=TILLS, counted=CENTS)
    def close(self, till: int, counted: int) -> None:
        post, shift = self.festival.posts[till], self.desks[till].till_session_id
        self.try_to(
            lambda: self.festival.write(
                lambda session: close_shift(
                    session, post, self.festival.manager, shift, counted, clock=self.festival.clock
                )
            )
        )

    @rule(till=TILLS, cents=CENTS)
    def open(self, till: int, cents: int) -> None:
        post = self.festival.posts[till]
        opened = self.try_to(
            lambda: self.festival.write(
                lambda session: open_shift(
                    session, post, self.festival.cashier, OpenShift(cents), clock=self.festival.clock
                )
            )
        )
        if opened:
            self.desks[till] = opened
        there = self.festival.read(lambda session: current_shift(session, post.till_id))
        assert there is None or there.id == self.desks[till].till_session_id

    @rule(minutes=st.sampled_from([1, 9, 11, 120, 480]))
    def wait(self, minutes: int) -> None:
        self.festival.clock.advance(timedelta(minutes=minutes))

    def teardown(self) -> None:
        self.festival.read(check_the_house)
        self.festival.database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_festival(
    request: pytest.FixtureRequest, tmp_path: Path, keys: Path
) -> Iterator[Callable[[], Festival]]:
    """Makes a festival of its own each time, on each engine in turn."""
    numbers = count()
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_festival")

        def on_sqlite() -> Festival:
            path = tmp_path / f"{next(numbers)}.sqlite"
            shutil.copy(template, path)
            return open_festival(databases.connect(f"sqlite:///{path}"), keys)

        yield on_sqlite
        return
    server, template = (request.getfixturevalue(f"postgresql_{what}") for what in ("server", "festival"))

    def on_postgresql() -> Festival:
        name = f"order_{next(numbers)}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return open_festival(databases.connect(postgresql_url(server, name)), keys)

    yield on_postgresql
    with psycopg.connect(server, autocommit=True) as connection:
        for number in range(next(numbers)):
            connection.execute(f"DROP DATABASE order_{number} WITH (FORCE)")


def test_in_any_order_the_books_balance_and_no_seat_is_sold_twice(
    new_festival: Callable[[], Festival],
) -> None:
    run_state_machine_as_test(
        lambda: AnyOrder(new_festival()),
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
