"""Whatever is done, in any order, on either engine: the house stands after every step."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from sqlmodel import Session

from boxoffice.models import JobState, PrintJob, SaleLine, Ticket, TicketScan
from boxoffice.sales import means
from boxoffice.sales.basket import Basket
from boxoffice.sales.checkout import Checkout, checkout
from boxoffice.sales.parking import park, recall
from boxoffice.sales.prints import outbox, reprinting
from boxoffice.sales.prints.outbox import Job
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.sales.reversal import reverse
from boxoffice.sales.screenings.entrance import admit
from boxoffice.sales.settlement import Settlement, tender
from boxoffice.sales.staff.shift_closing import ShiftEnd, close_shift
from boxoffice.sales.staff.shifts import current_shift, open_shift
from tests.sales.at_two_tills import (
    MOMENTS,
    MOSTLY,
    TILLS,
    WHICH,
    AtTwoTills,
    Moment,
    Script,
    explore,
    pick,
    serving,
)
from tests.sales.closed_books import answered
from tests.sales.conftest import Festival

Wishes = list[tuple[str, str, int] | int]

CENTS = st.integers(-100, 2_000)
SCREENINGS = st.sampled_from(["KNEECAP", "ETERNAL", "KNEECAP2"])
SEATS = (
    st.tuples(SCREENINGS, st.sampled_from(["PLEIN", "PLEIN", "REDUIT", "INVIT", "UFR"]), st.integers(1, 2))
    | st.tuples(SCREENINGS, st.just("GROUPE"), st.integers(3, 4))
    | st.tuples(SCREENINGS, st.just("PASS"), st.just(1))
)
WISHES = st.lists(SEATS | st.integers(1, 3), min_size=1, max_size=2)
PARTS = st.lists(st.tuples(st.sampled_from(means.ALL), st.integers(1, 1_500)), max_size=2)


class AnyOrder(AtTwoTills):
    """Everything that can happen at two tills, and the paper that comes out."""

    def __init__(self, festival: Festival) -> None:
        super().__init__(festival)
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

    @rule(till=TILLS, wishes=WISHES, moment=MOMENTS)
    def sell_and_die(self, till: int, wishes: Wishes, moment: Moment) -> None:
        order = self._order(wishes)
        self._die(moment, till, partial(checkout, command=order, desk=self.desks[till]))
        if sold := self._try("sale after a death", partial(self._asked_twice, checkout, order, till)):
            self.sold.append(sold)

    @rule(
        till=TILLS,
        which=WHICH,
        lines=st.none() | st.sets(st.integers(1, 3), min_size=1, max_size=2),
        allowed=MOSTLY,
    )
    def undo(self, till: int, which: int, lines: set[int] | None, allowed: bool) -> None:
        command = self._reversal(which, lines, allowed)
        undone = self._try("reversal", partial(self._asked_twice, reverse, command, till))
        assert not undone or sum(part.amount_cents for part in undone.refunds) == undone.refunded_cents

    @rule(till=TILLS, which=WHICH, moment=MOMENTS)
    def undo_and_die(self, till: int, which: int, moment: Moment) -> None:
        command = self._reversal(which, None, allowed=True)
        self._die(moment, till, partial(reverse, command=command, desk=self.desks[till]))
        self._try("reversal after a death", partial(self._asked_twice, reverse, command, till))

    @rule(till=TILLS, which=WHICH)
    def scan(self, till: int, which: int) -> None:
        over = {(line.reverses_sale_id, line.reverses_position) for line in self.festival.rows(SaleLine)}
        over |= {(scan.sale_id, scan.position) for scan in self.festival.rows(TicketScan)}
        tickets = sorted(self.festival.rows(Ticket), key=lambda row: (row.till_id, row.number))
        code = pick(which, [row for row in tickets if (row.sale_id, row.position) not in over], tickets).code
        work = partial(admit, post=self.festival.posts[till], scanned=code, door="Porte A")
        self._try("entrance", partial(self._write, work))

    @rule(till=TILLS, wishes=WISHES)
    def set_aside(self, till: int, wishes: Wishes) -> None:
        work = partial(park, basket=self._basket(wishes), note="", desk=self.desks[till])
        self.parked.append(self._write(work))
        self.done["basket set aside"] += 1

    @precondition(lambda self: self.parked)
    @rule(till=TILLS)
    def recall_and_sell(self, till: int) -> None:
        recalled = self.festival.write(lambda session: recall(session, self.parked.pop()))
        sell = partial(self.festival.sell, *recalled.basket, desk=self.desks[till])
        if sold := self._try("sale", sell):
            self.sold.append(sold)

    @rule(till=TILLS, counted=CENTS, opened_again=MOSTLY)
    def close(self, till: int, counted: int, opened_again: bool) -> None:
        post, shift = self.festival.posts[till], self.desks[till].till_session_id
        work = partial(
            close_shift,
            post=post,
            member=self.festival.manager,
            shift_id=shift,
            counted_cents=counted,
            end=ShiftEnd(reason="Compté deux fois"),
        )
        self._try("shift closed", partial(self._write, work))
        if opened_again:
            self.open(till, 0)

    @rule(till=TILLS, cents=CENTS)
    def open(self, till: int, cents: int) -> None:
        post = self.festival.posts[till]
        work = partial(
            open_shift, post=post, member=self.festival.cashier, command=answered(self.festival, cents)
        )
        if opened := self._try("shift opened", partial(self._write, work)):
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
            self.done["paper answered for"] += 1

    @rule(till=TILLS, which=WHICH)
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
            self._try("paper copied", partial(self._write, work))

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


def test_each_act_at_two_tills_comes_to_something(festival: Festival) -> None:
    counter = AnyOrder(festival)
    script = Script(counter)
    script.play(counter.print_some, "paper", till=0, papers=[(JobState.UNCERTAIN, True)])
    script.play(counter.answer, "paper answered for", till=0)
    script.play(counter.print_and_die, "paper after a death", till=0, came_out=False)
    script.play(counter.answer, "paper answered for", till=0)
    printed = [(JobState.PRINTED, True), (JobState.SENT, True), (JobState.SENT, True)]
    script.play(counter.print_some, "paper", till=0, papers=printed)
    script.play(counter.copy, "paper copied", till=0, which=1)

    mixed = [("KNEECAP", "UFR", 1), 2]
    script.play(counter.sell, "sale", till=0, wishes=mixed, parts=[(means.CASH, 300), (means.CHEQUE, 200)])
    script.play(counter.undo, "reversal", till=0, which=1, lines={1}, allowed=False)
    script.play(counter.undo, "reversal", till=1, which=0, lines=None, allowed=True)
    for moment in Moment:
        one = [("ETERNAL", "REDUIT", 1)]
        script.play(counter.sell_and_die, "sale after a death", till=1, wishes=one, moment=moment)
    for which, moment in enumerate(Moment, start=2):
        script.play(counter.undo_and_die, "reversal after a death", till=1, which=which, moment=moment)

    script.play(counter.set_aside, "basket set aside", till=0, wishes=[("KNEECAP2", "GROUPE", 4)])
    script.play(counter.recall_and_sell, "sale", till=1)
    script.play(counter.scan, "entrance", till=0, which=serving(0))
    script.play(counter.wait, minutes=60)
    script.play(counter.close, "shift closed", till=1, counted=2_000, opened_again=False)
    script.play(counter.open, "shift opened", till=1, cents=500)
    script.play(counter.close, "shift closed", "shift opened", till=0, counted=0, opened_again=True)
    script.end()


def test_in_any_order_the_books_balance_no_seat_is_sold_and_no_paper_printed_twice(
    new_festival: Callable[[], Festival],
) -> None:
    explore(AnyOrder, new_festival)
