"""Selling at random through the real services: for load, for benchmarks and for the sample festival."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from .clock import Clock, SettableClock, business_day
from .closing_crowd import Managers
from .database import Database
from .errors import Refusal
from .kinds import JobState
from .sales import basket as baskets
from .sales import means
from .sales.basket import Basket, ProductLine
from .sales.checkout import Checkout, checkout
from .sales.completed_sales import CompletedSale
from .sales.conditions import group_obstacle, requirement_obstacle, seats_obstacle
from .sales.prints import outbox, reprinting
from .sales.prints.papers import DocumentKind
from .sales.reversal import Reverse, reverse
from .sales.screenings.programme import Programme, ScreeningRow, read_programme, read_seats, seat_line
from .sales.settlement import Settlement, Tender, tender
from .sales.staff.desk import Desk

NOTES = (500, 1_000, 2_000, 5_000)
HOLDERS = ("Anouk Lefèvre", "Mehdi Benali", "Œdipe Martin", "Zoé Nguyễn")
SEATS_READ_EVERY = 200
"""Sales between two looks at the seats left: a crowd does ask for screenings that have sold out since."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to sell. Shares are of one; `rate` is sales per second, flat out when None.

    With `until`, a settable clock is moved from where it stands to that moment, evenly over the sales.
    """

    sales: int
    seed: int = 1
    rate: float | None = None
    reversals: float = 0.02
    reprints: float = 0.01
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """What the simulation has done so far; takings in cents, reversals deducted."""

    sales: int = 0
    tickets: int = 0
    reversed: int = 0
    reprinted: int = 0
    refused: int = 0
    takings_cents: int = 0


Progress = Callable[[Tally], None]


def simulate(
    database: Database,
    desks: Sequence[Desk],
    plan: Plan,
    *,
    clock: Clock,
    progress: Progress = lambda _tally: None,
) -> Tally:
    """Play a crowd at these desks; the same seed on the same database plays the same crowd."""
    crowd = _Crowd(database, desks, random.Random(plan.seed), clock)
    step = timedelta()
    if plan.until is not None and isinstance(clock, SettableClock):
        step = (plan.until - clock.now()) / max(plan.sales, 1)
    tally = Tally()
    started = time.monotonic()
    for turn in range(plan.sales):
        if turn % SEATS_READ_EVERY == 0:
            crowd.look()
        if isinstance(clock, SettableClock):
            clock.advance(step)
        crowd.wake_up()
        tally = crowd.serve(tally, plan)
        progress(tally)
        if plan.rate is not None:
            time.sleep(max(0.0, started + (turn + 1) / plan.rate - time.monotonic()))
    return tally


class _Crowd:
    """The customers: what they know of the programme, and how they ask and pay."""

    def __init__(
        self, database: Database, desks: Sequence[Desk], chance: random.Random, clock: Clock
    ) -> None:
        self.database = database
        self.desks = desks
        self.chance = chance
        self.clock = clock
        self.programme = Programme((), {}, ())
        self.day = business_day(clock.now(), desks[0].post.rules.business_day_starts)

    def wake_up(self) -> None:
        """Wait for managers to close a day that is over, and open the tills again."""
        starts_at = self.desks[0].post.rules.business_day_starts
        today = business_day(self.clock.now(), starts_at)
        if today > self.day:
            posts = [desk.post for desk in self.desks]
            managers = Managers(self.database, posts, self.chance, self.clock)
            self.desks = managers.next_morning(self.desks)
            self.day = today

    def look(self) -> None:
        """See the programme, or only the seats left once it is known."""
        with self.database.read() as session:
            if not self.programme.screenings:
                self.programme = read_programme(session, self.desks[0].post.rules)
                return
            seats = read_seats(session)
        self.programme = replace(
            self.programme,
            screenings=tuple(
                replace(screening, seats=seats[screening.id]) for screening in self.programme.screenings
            ),
        )

    def serve(self, tally: Tally, plan: Plan) -> Tally:
        """One customer at one desk; sometimes a mistake to undo, or a ticket to print again."""
        desk = self.chance.choice(self.desks)
        basket = self._basket()
        if not basket:
            return replace(tally, refused=tally.refused + 1)
        order = Checkout(self._uuid(), basket, self._tenders(basket, desk))
        try:
            sold = self.database.attempt(lambda session: checkout(session, order, desk, clock=self.clock))
        except Refusal:
            return replace(tally, refused=tally.refused + 1)
        tally = replace(
            tally,
            sales=tally.sales + 1,
            tickets=tally.tickets + len(sold.tickets),
            takings_cents=tally.takings_cents + sold.total_cents,
        )
        if self.chance.random() < plan.reversals:
            return self._undo(sold, desk, tally)
        if sold.tickets and self.chance.random() < plan.reprints:
            return self._reprint(sold, desk, tally)
        return tally

    def _undo(self, sold: CompletedSale, desk: Desk, tally: Tally) -> Tally:
        command = Reverse(self._uuid(), sold.sale_id)
        self.database.attempt(lambda session: reverse(session, command, desk, clock=self.clock))
        return replace(
            tally, reversed=tally.reversed + 1, takings_cents=tally.takings_cents - sold.total_cents
        )

    def _reprint(self, sold: CompletedSale, desk: Desk, tally: Tally) -> Tally:
        """Once the first ticket of a sale has come out, ask for a copy; not while a printer has it."""
        kind, sale_id = DocumentKind.TICKET, sold.sale_id
        try:
            with self.database.write() as session:
                original = reprinting.last_copy(session, kind, sale_id, 1)
                if original is not None and outbox.begin_sending(session, original, clock=self.clock):
                    outbox.finish_sending(session, original.id, JobState.SENT, clock=self.clock)
                reprinting.reprint(session, desk, kind, sale_id=sale_id, position=1, clock=self.clock)
        except Refusal:
            return tally
        return replace(tally, reprinted=tally.reprinted + 1)

    def _basket(self) -> Basket:
        at = self.clock.now()
        basket = Basket()
        on_sale = [s for s in self.programme.screenings if s.is_on_sale(at)]
        for _screening in range(1 if self.chance.random() < 0.9 else 2):
            if on_sale:
                basket = self._seats(basket, self._wanted(on_sale))
        if self.programme.articles and self.chance.random() < 0.06:
            article = self.chance.choice(self.programme.articles)
            basket = baskets.add(basket, ProductLine(article.id, article.label, article.price_cents))
        return basket

    def _wanted(self, on_sale: Sequence[ScreeningRow]) -> ScreeningRow:
        """A crowd prefers what comes soon, in large halls."""
        soon = on_sale[: max(40, len(on_sale) // 3)] if self.chance.random() < 0.5 else on_sale
        return self.chance.choices(soon, [screening.seats.capacity for screening in soon])[0]

    def _seats(self, basket: Basket, screening: ScreeningRow) -> Basket:
        offers = [
            offer
            for offer in self.programme.offers.get(screening.price_list_id, ())
            if not requirement_obstacle(offer.requirement)
            and not seats_obstacle(screening.seats.left_for(offer.quota))
        ]
        if not offers:
            return basket
        offer = self.chance.choices(offers, [5 if offer.position == 1 else 1 for offer in offers])[0]
        quantity = self.chance.choices((1, 2, 3, 4), (45, 40, 10, 5))[0]
        if group_obstacle(offer.minimum_group, quantity):
            quantity = offer.minimum_group + self.chance.randrange(5)
        line = seat_line(screening, offer, quantity)
        if screening.nominative:
            line = replace(line, holders=tuple(self.chance.choices(HOLDERS, k=quantity)))
        return baskets.add(basket, line)

    def _tenders(self, basket: Basket, desk: Desk) -> tuple[Tender, ...]:
        settlement = Settlement(basket.total_cents)
        limit = desk.post.rules.cash_limit_cents
        if settlement.is_complete:
            return ()
        if self.chance.random() < 0.04 and basket.total_cents > 500:
            settlement = tender(settlement, means.CASH, 500, cash_limit_cents=limit)
        by = self.chance.choices((means.CARD, means.CASH, means.CHEQUE), (60, 36, 4))[0]
        if by is means.CASH and settlement.remaining_cents > limit:
            by = means.CARD
        handed = None
        if by is means.CASH and self.chance.random() < 0.7:
            handed = next((note for note in NOTES if note >= settlement.remaining_cents), None)
        return tender(settlement, by, handed, cash_limit_cents=limit).tenders

    def _uuid(self) -> UUID:
        """Always new: the same crowd may come twice, and must not be taken for its first visit."""
        return uuid4()
