"""Whatever is done, in any order, on either engine: the house stands after every step."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from functools import partial
from itertools import count
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import Session

from boxoffice import database as databases
from boxoffice.errors import Refusal
from boxoffice.models import JobState, PrintJob, Ticket
from boxoffice.sales import means
from boxoffice.sales.basket import Basket
from boxoffice.sales.checkout import Checkout, checkout
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.parking import park, recall
from boxoffice.sales.prints import outbox, reprinting
from boxoffice.sales.prints.outbox import Job
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.sales.reversal import Reverse, reverse
from boxoffice.sales.screenings.entrance import admit
from boxoffice.sales.settlement import Settlement, tender
from boxoffice.sales.staff.shifts import OpenShift, close_shift, current_shift, open_shift
from tests.conftest import postgresql_url
from tests.sales.conftest import Festival, open_festival
from tests.sales.invariants import check_the_house

Result = TypeVar("Result")
Wishes = list[tuple[str, str, int] | int]

TILLS = st.sampled_from([0, 1])
CENTS = st.integers(-100, 2_000)
SEATS = st.tuples(
    st.sampled_from(["KNEECAP", "ETERNAL", "KNEECAP2"]),
    st.sampled_from(["PLEIN", "REDUIT", "INVIT", "UFR", "GROUPE", "PASS"]),
    st.integers(1, 4),
)
WISHES = st.lists(SEATS | st.integers(1, 3), min_size=1, max_size=2)
PARTS = st.lists(st.tuples(st.sampled_from(means.ALL), st.integers(1, 1_500)), max_size=2)
SALES = st.integers(0, 99)


class Moment(StrEnum):
    """When a program dies that is writing to the books."""

    BEFORE_COMMIT = "before the commit"
    BEFORE_ANCHOR = "before it remembers what it signed"
    BEFORE_ANSWER = "before the answer"


class Killed(Exception):
    """The program dies here."""


class AtTwoTills(RuleBasedStateMachine):
    """Two tills, of which each may die while it writes. The house stands after every step.

    `done` counts what came to something, whatever the sequence: one that is only refused tests nothing.
    """

    def __init__(self, festival: Festival, done: Counter[str]) -> None:
        super().__init__()
        self.festival = festival
        self.done = done
        self.desks = list(festival.desks)
        self.sold: list[CompletedSale] = []

    @invariant()
    def the_house_stands(self) -> None:
        known = {post.till_number: post.signer.anchor() for post in self.festival.posts}
        anchors = {number: anchor for number, anchor in known.items() if anchor is not None}
        self.festival.read(lambda session: check_the_house(session, anchors))

    def teardown(self) -> None:
        self.festival.database.close()

    def _reversal(self, which: int, lines: set[int] | None, allowed: bool) -> Reverse:
        return Reverse(
            uuid4(),
            self.sold[which % len(self.sold)].sale_id,
            None if lines is None else tuple(lines),
            authorized_by=self.festival.manager.id if allowed else None,
        )

    def _write(self, work: Callable[..., Result]) -> Result:
        return self.festival.write(lambda session: work(session, clock=self.festival.clock))

    def _try(self, what: str, act: Callable[[], Result]) -> Result | None:
        """What an act comes to, which is counted, or nothing where it is refused."""
        try:
            result = act()
        except Refusal as refusal:
            if "signé en dernier" in refusal.message:
                raise  # no death may stop a till for good
            return None
        self.done[what] += 1
        return result

    def _asked_twice(self, service: Callable[..., Result], command: object, till: int) -> Result:
        """A second try, for a lost answer, finds what the first one did."""
        work = partial(service, command=command, desk=self.desks[till], clock=self.festival.clock)
        result = self.festival.database.attempt(work)
        assert self.festival.database.attempt(work) == result
        return result

    def _die(self, moment: Moment, till: int, work: Callable[..., object]) -> None:
        """Do something that writes to the books, in a program that dies at this moment of it."""
        anchor = self.festival.posts[till].signer.anchor_path
        remembered = anchor.read_bytes() if anchor.exists() else None

        def write(session: Session) -> None:
            work(session, clock=self.festival.clock)
            if moment is Moment.BEFORE_COMMIT:
                raise Killed

        with suppress(Refusal, Killed):
            self.festival.write(write)
        if moment is not Moment.BEFORE_ANSWER:
            anchor.unlink(missing_ok=True)
            if remembered is not None:
                anchor.write_bytes(remembered)


class AnyOrder(AtTwoTills):
    """Everything that can happen at two tills, and the paper that comes out."""

    def __init__(self, festival: Festival, done: Counter[str]) -> None:
        super().__init__(festival, done)
        self.parked: list[UUID] = []
        self.roll: Counter[int] = Counter()

    @initialize()
    def open_with_a_sale(self) -> None:
        self.sold.append(self.festival.sell(self.festival.seat_line(quantity=2)))

    # -- at the counter

    @rule(till=TILLS, wishes=WISHES, parts=PARTS)
    def sell(self, till: int, wishes: Wishes, parts: list[tuple[means.Means, int]]) -> None:
        settlement = Settlement(self._basket(wishes).total_cents)
        for by, cents in parts:
            if settlement.remaining_cents > cents:
                settlement = tender(settlement, by, cents, cash_limit_cents=100_000)
        if settlement.remaining_cents:
            settlement = tender(settlement, means.CARD, cash_limit_cents=100_000)
        order = replace(self._order(wishes), tenders=settlement.tenders)
        if sold := self._try("sale", partial(self._asked_twice, checkout, order, till)):
            self.sold.append(sold)

    @rule(till=TILLS, wishes=WISHES, moment=st.sampled_from(Moment))
    def sell_and_die(self, till: int, wishes: Wishes, moment: Moment) -> None:
        order = self._order(wishes)
        self._die(moment, till, partial(checkout, command=order, desk=self.desks[till]))
        if sold := self._try("sale after a death", partial(self._asked_twice, checkout, order, till)):
            self.sold.append(sold)

    @rule(
        till=TILLS,
        which=SALES,
        lines=st.none() | st.sets(st.integers(1, 5), min_size=1, max_size=3),
        allowed=st.booleans(),
    )
    def undo(self, till: int, which: int, lines: set[int] | None, allowed: bool) -> None:
        command = self._reversal(which, lines, allowed)
        undone = self._try("reversal", partial(self._asked_twice, reverse, command, till))
        assert not undone or sum(part.amount_cents for part in undone.refunds) == undone.refunded_cents

    @rule(till=TILLS, which=SALES, moment=st.sampled_from(Moment))
    def undo_and_die(self, till: int, which: int, moment: Moment) -> None:
        command = self._reversal(which, None, allowed=True)
        self._die(moment, till, partial(reverse, command=command, desk=self.desks[till]))
        self._try("reversal after a death", partial(self._asked_twice, reverse, command, till))

    @rule(till=TILLS, which=SALES)
    def scan(self, till: int, which: int) -> None:
        tickets = self.festival.rows(Ticket)
        code = tickets[which % len(tickets)].code
        work = partial(admit, post=self.festival.posts[till], scanned=code, door="Porte A")
        self._try("entrance", partial(self._write, work))

    @rule(till=TILLS, wishes=WISHES)
    def set_aside(self, till: int, wishes: Wishes) -> None:
        work = partial(park, basket=self._basket(wishes), note="", desk=self.desks[till])
        self.parked.append(self._write(work))

    @precondition(lambda self: self.parked)
    @rule(till=TILLS)
    def recall_and_sell(self, till: int) -> None:
        recalled = self.festival.write(lambda session: recall(session, self.parked.pop()))
        sell = partial(self.festival.sell, *recalled.basket, desk=self.desks[till])
        if sold := self._try("sale", sell):
            self.sold.append(sold)

    @rule(till=TILLS, counted=CENTS, opened_again=st.booleans())
    def close(self, till: int, counted: int, opened_again: bool) -> None:
        post, shift = self.festival.posts[till], self.desks[till].till_session_id
        work = partial(
            close_shift, post=post, member=self.festival.manager, shift_id=shift, counted_cents=counted
        )
        self._try("shift", partial(self._write, work))
        if opened_again:
            self.open(till, 0)

    @rule(till=TILLS, cents=CENTS)
    def open(self, till: int, cents: int) -> None:
        post = self.festival.posts[till]
        work = partial(open_shift, post=post, member=self.festival.cashier, command=OpenShift(cents))
        if opened := self._try("shift", partial(self._write, work)):
            self.desks[till] = opened
        there = self.festival.read(lambda session: current_shift(session, post.till_id))
        assert there is None or there.id == self.desks[till].till_session_id

    @rule(minutes=st.sampled_from([1, 9, 11, 60]))
    def wait(self, minutes: int) -> None:
        self.festival.clock.advance(timedelta(minutes=minutes))

    # -- at the printer

    @rule(
        till=TILLS,
        papers=st.lists(st.tuples(st.sampled_from(outbox.OVER), st.booleans()), min_size=1, max_size=4),
    )
    def print_some(self, till: int, papers: list[tuple[JobState, bool]]) -> None:
        """What the printer said is what happened; where it said nothing, the paper may have come out."""
        for outcome, came_out in papers:
            if job := self._begin_printing(till):
                self.roll[job.id] += came_out or outcome is not JobState.UNCERTAIN
                self._write(partial(outbox.finish_sending, job_id=job.id, outcome=outcome))
                self.done["paper"] += 1

    @rule(till=TILLS, came_out=st.booleans())
    def print_and_die(self, till: int, came_out: bool) -> None:
        if job := self._begin_printing(till):
            self.roll[job.id] += came_out
            self._write(partial(outbox.mark_interrupted, till_id=self.festival.posts[till].till_id))
            self.done["paper after a death"] += 1

    @rule(till=TILLS)
    def answer(self, till: int) -> None:
        """The cashier tells of the first paper in doubt what they see."""
        doubtful = [job for job in self.festival.rows(PrintJob) if job.state is JobState.UNCERTAIN]
        if doubtful:
            job, came_out = doubtful[0], self.roll[doubtful[0].id] > 0
            work = partial(reprinting.answer, desk=self.desks[till], job_id=job.id, came_out=came_out)
            self._write(work)
            self.done["paper asked about or copied"] += 1

    @rule(till=TILLS, which=SALES)
    def copy(self, till: int, which: int) -> None:
        over = [job for job in self.festival.rows(PrintJob) if job.state not in outbox.PENDING]
        if over:
            job = over[which % len(over)]
            work = partial(
                reprinting.reprint,
                desk=self.desks[till],
                document=DocumentKind(job.document),
                sale_id=job.sale_id,
                position=job.position,
            )
            self._try("paper asked about or copied", partial(self._write, work))

    # -- what holds after every step

    @invariant()
    def each_paper_came_out_as_its_state_says(self) -> None:
        """One of no state twice, a waiting or abandoned one never, a printed or sent one once."""
        out_in = {JobState.PRINTED: {1}, JobState.SENT: {1}, JobState.UNCERTAIN: {0, 1}}
        for job in self.festival.rows(PrintJob):
            assert self.roll[job.id] in out_in.get(job.state, {0}), job

    # -- how it is done

    def _basket(self, wishes: Wishes) -> Basket:
        return self.festival.basket(
            *(
                self.festival.product_line(quantity=wish)
                if isinstance(wish, int)
                else self.festival.seat_line(*wish)
                for wish in wishes
            )
        )

    def _order(self, wishes: Wishes) -> Checkout:
        return self.festival.order(*self._basket(wishes))

    def _begin_printing(self, till: int) -> Job | None:
        """The next paper of a till, claimed; nothing where none waits, or where its ticket is dead."""
        till_id = self.festival.posts[till].till_id

        def begin(session: Session) -> Job | None:
            (printer_id,) = outbox.printers_of_till(session, till_id)
            job = outbox.next_job(session, till_id, printer_id)
            if job and outbox.begin_sending(session, job, clock=self.festival.clock):
                return job
            return None

        return self.festival.write(begin)


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


ACTS = {
    "sale",
    "sale after a death",
    "reversal",
    "reversal after a death",
    "entrance",
    "paper",
    "paper after a death",
    "paper asked about or copied",
    "shift",
}
MOST_ROUNDS = 5


def play_until_done(
    machine: Callable[[Festival, Counter[str]], AtTwoTills],
    acts: set[str],
    new_festival: Callable[[], Festival],
    **changes: int,
) -> None:
    """Play until every act has come to something: most often one round is enough.

    Each round draws anew, on an integration server too: the same draws again would come to nothing new.
    """
    done: Counter[str] = Counter()
    for _round in range(MOST_ROUNDS):
        run_state_machine_as_test(
            lambda: machine(new_festival(), done),
            settings=settings(
                max_examples=changes.get("examples", 6),
                stateful_step_count=changes.get("steps", 30),
                deadline=None,
                derandomize=False,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
        if done.keys() >= acts:
            break
    assert acts - done.keys() == set(), "these were refused whenever they were tried"


def test_in_any_order_the_books_balance_no_seat_is_sold_and_no_paper_printed_twice(
    new_festival: Callable[[], Festival],
) -> None:
    play_until_done(AnyOrder, ACTS, new_festival)
