"""The stage that everything is measured on: the sample festival at its full size, on either engine."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import insert, select, update
from sqlmodel import Session

from boxoffice import database as databases
from boxoffice.clock import SettableClock, SystemClock
from boxoffice.config import Settings, settings_in
from boxoffice.database import Database
from boxoffice.festival_sample import MANAGER, make_sample_festival
from boxoffice.kinds import CashKind, ClosingPeriod, JournalKind
from boxoffice.models import JobState, PrintJob, Requirement, Screening, table
from boxoffice.sales import means
from boxoffice.sales.basket import Basket
from boxoffice.sales.checkout import Checkout, checkout
from boxoffice.sales.closings.cash import MoveCash, move_cash
from boxoffice.sales.closings.period_closing import ClosePeriod, close_period
from boxoffice.sales.closings.till_closing import CloseTill, close_till
from boxoffice.sales.importing.telling import Answered, programme_standing, tell_programme
from boxoffice.sales.screenings.programme import Offer, Programme, ScreeningRow, read_programme, seat_line
from boxoffice.sales.settlement import Tender
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.drawer import expected
from boxoffice.sales.staff.operators import staff
from boxoffice.sales.staff.shift_closing import ShiftEnd
from boxoffice.sales.staff.shifts import OpenShift, open_shift

SCREENINGS = 600
FLOAT_CENTS = 15_000
SALES_IN_A_TRANSACTION = 250
SALES_BETWEEN_PICKUPS = 10_000
_FOLDER = Path(__file__).parents[1] / "build" / "bench"


@dataclass
class Stage:
    """A festival in a database of its own, with a shift open at its first till."""

    settings: Settings
    database: Database
    clock: SettableClock
    desk: Desk
    programme: Programme

    def on_copy(self, url: str) -> "Stage":
        """The same stage on a copy of its database, with an anchor of its own: each copy is signed apart."""
        signer = self.desk.post.signer
        anchor_path = signer.anchor_path.with_name(f"{uuid4().hex}.anchor")
        shutil.copy(signer.anchor_path, anchor_path)
        post = replace(self.desk.post, signer=replace(signer, anchor_path=anchor_path))
        return replace(
            self,
            database=databases.connect(url),
            clock=SettableClock(self.clock.at),
            desk=replace(self.desk, post=post),
        )

    def orders(self, seats: int = 3) -> Iterator[Checkout]:
        """Baskets of `seats` seats paid in cash, one screening after the other.

        Two tariffs where there are two; quotas and conditions are left alone.
        """
        open_to_all = [
            screening
            for screening in self.programme.screenings
            if not screening.nominative and self._offers(screening)
        ]
        largest = max(screening.seats.left for screening in open_to_all)
        for sold in range(seats, largest + 1, seats):
            for screening in open_to_all:
                if sold <= screening.seats.left:
                    yield self._order(screening, seats)

    def _order(self, screening: ScreeningRow, seats: int) -> Checkout:
        offers = self._offers(screening)[:2]
        quantities = (seats - 1, 1) if len(offers) == 2 and seats > 1 else (seats,)
        basket = Basket(
            tuple(
                seat_line(screening, offer, quantity)
                for offer, quantity in zip(offers, quantities, strict=False)
            )
        )
        cash = Tender(means.CASH.code, basket.total_cents, tendered_cents=basket.total_cents)
        return Checkout(uuid4(), basket, (cash,))

    def _offers(self, screening: ScreeningRow) -> list[Offer]:
        return [
            offer
            for offer in self.programme.offers[screening.price_list_id]
            if offer.price_cents
            and offer.quota is None
            and offer.minimum_group == 1
            and offer.requirement is Requirement.NOTHING
        ]

    def open_today(self) -> None:
        """Close what was sold here, and its day, and open the till now: nothing is sold on a day gone by."""
        post = self.desk.post
        with self.database.write() as session:
            manager = next(member for member in staff(session) if member.name == MANAGER.name)
            drawer = expected(session, self.desk.till_session_id)[means.CASH.code]
            banked = ShiftEnd(deposit_cents=drawer - FLOAT_CENTS)
            till = CloseTill(uuid4(), post.till_id, drawer, banked)
            close_till(session, till, post, manager, clock=self.clock)
            close_period(session, ClosePeriod(uuid4(), ClosingPeriod.DAY), post, manager, clock=self.clock)
            self.desk = open_shift(session, post, manager, OpenShift(FLOAT_CENTS), clock=SystemClock())

    def sell(self, order: Checkout) -> None:
        """One sale, as the counter makes it."""
        self.database.attempt(lambda session: checkout(session, order, self.desk, clock=self.clock))

    def fill(self, tickets: int, seats: int, progress: Callable[[int], None] = lambda _sold: None) -> None:
        """Sell so many tickets, `seats` at a time, many sales to a transaction, and count them as printed."""
        with self.database.read() as session:
            self.programme = read_programme(session, self.desk.post.rules)
        orders, sales = self.orders(seats), 0
        while sales * seats < tickets:
            with self.database.write() as session:
                for _sale in range(SALES_IN_A_TRANSACTION):
                    checkout(session, next(orders), self.desk, clock=self.clock)
            sales += SALES_IN_A_TRANSACTION
            if sales % SALES_BETWEEN_PICKUPS == 0:
                self._pick_up()
            progress(sales * seats)
        with self.database.write() as session:
            jobs = table(PrintJob)
            session.execute(update(jobs).where(jobs.c.state == JobState.QUEUED).values(state=JobState.SENT))

    def _pick_up(self) -> None:
        """Carry what was taken out of the drawer: none holds a million."""
        with self.database.write() as session:
            taken = expected(session, self.desk.till_session_id)[means.CASH.code] - FLOAT_CENTS
            carried = MoveCash(uuid4(), CashKind.PICKUP, taken, MANAGER.name)
            move_cash(session, carried, self.desk, clock=self.clock)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder on the disk that the project is on, gone afterwards: memory would make commits look free."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=_FOLDER))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def raise_stage(url: str, folder: Path) -> Stage:
    """A festival of 600 screenings around today, its first till open, nothing sold."""
    settings = settings_in(folder, database_url=url)
    database = databases.connect(url)
    databases.migrate(database)
    clock = SettableClock(SystemClock().now())
    post = make_sample_festival(database, settings, clock=clock)[0]
    with database.write() as session:
        before = programme_standing(session)
        _add_screenings(session)
        answered = Answered(post, None, clock.now())
        tell_programme(session, JournalKind.PROGRAMME_IMPORTED, {"files": {}}, before, answered)
        programme = read_programme(session, post.rules)
        clock.at = programme.screenings[0].starts_at - timedelta(hours=1)
        member = next(member for member in staff(session) if member.name == MANAGER.name)
        desk = open_shift(session, post, member, OpenShift(FLOAT_CENTS), clock=clock)
    return Stage(settings, database, clock, desk, programme)


def _add_screenings(session: Session) -> None:
    """Show some events once more, until the festival is a full one."""
    screenings = table(Screening)
    columns = [column for column in screenings.c if column.name != "id"]
    shown = session.execute(select(*columns).order_by(screenings.c.capacity.desc())).mappings().all()
    again = [
        {**dict(row), "code": f"{row['code']}-BIS", "held": 0} for row in shown[: SCREENINGS - len(shown)]
    ]
    if again:
        session.execute(insert(screenings), again)
