"""A small festival, a clock that stands still and a desk, on each engine."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from boxoffice import database as databases
from boxoffice.clock import SettableClock, business_day
from boxoffice.database import Database
from boxoffice.errors import Refusal
from boxoffice.kinds import ClosingPeriod
from boxoffice.models import (
    Event,
    JournalEntry,
    Product,
    Role,
    Screening,
    Tariff,
    metadata,
    table,
)
from boxoffice.prepared import Prepared
from boxoffice.sales import basket as baskets
from boxoffice.sales import means
from boxoffice.sales.basket import Basket, GiftCardLine, Line, PassLine, ProductLine, SeatLine
from boxoffice.sales.books.signing import Anchor, load_key
from boxoffice.sales.books.verification import verify
from boxoffice.sales.checkout import Checkout, checkout
from boxoffice.sales.closings.period_closing import ClosePeriod, close_period
from boxoffice.sales.closings.till_closing import CloseTill, close_till
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.reversal import CompletedReversal, Reverse, reverse
from boxoffice.sales.settlement import Settlement, Tender, tender
from boxoffice.sales.staff.business_days import open_day
from boxoffice.sales.staff.desk import Desk, Post
from boxoffice.sales.staff.drawer import expected
from boxoffice.sales.staff.operators import StaffMember, staff
from boxoffice.sales.staff.patience import Patience
from boxoffice.sales.staff.rules import BadgePolicy, Rules
from boxoffice.sales.staff.setup import open_post
from boxoffice.sales.staff.shifts import OpenShift, Shift, current_shift, open_shift, resume_shift
from boxoffice.sales.staff.staff_changes import AddOperator, add_operator, deactivate
from boxoffice.sales.vouchers import stored_values
from tests.recycled import Copies
from tests.sales.small_festival import NOON

Result = TypeVar("Result")

_screening, _event, _tariff, _product = table(Screening), table(Event), table(Tariff), table(Product)

# What most tests ask is written once: each statement takes longer to write than to be answered.
_WHOLE = {each.name: Prepared(each.select()) for each in metadata.sorted_tables}
_AS_STORED = [f'SELECT * FROM "{each.name}"' for each in metadata.sorted_tables]
_SCREENING = Prepared(_screening.select().where(_screening.c.code == sa.bindparam("wanted")))
_PRODUCT = Prepared(_product.select().where(_product.c.code == sa.bindparam("wanted")))
_SEAT = Prepared(
    sa.select(
        _screening.c.id.label("screening_id"),
        _screening.c.starts_at,
        _event.c.title,
        _tariff.c.id.label("tariff_id"),
        _tariff.c.label,
        _tariff.c.price_cents,
        _tariff.c.minimum_group,
    )
    .join(_event, _event.c.id == _screening.c.event_id)
    .join(_tariff, _tariff.c.price_list_id == _screening.c.price_list_id)
    .where(_screening.c.code == sa.bindparam("screening"), _tariff.c.code == sa.bindparam("tariff"))
)


@cache
def _in_order(model: type[SQLModel]) -> sa.Select[Any]:
    rows = table(model)
    return rows.select().order_by(*rows.primary_key.columns)


@pytest.fixture
def keys(festival_keys: Path, tmp_path: Path) -> Path:
    """A folder with the signing key of each till, and nothing that another test has signed with it."""
    folder = tmp_path / "keys"
    shutil.copytree(festival_keys, folder, ignore=shutil.ignore_patterns("*.anchor"))
    return folder


@dataclass
class FestivalClock(SettableClock):
    """A clock that lets nobody go from one business day to another with a till open."""

    night: Callable[[], Callable[[], None]] | None = None
    """Closes what is open, and returns how it is opened again the next morning."""

    @contextmanager
    def without_nights(self) -> Iterator[None]:
        """Move to where the database stands already, whatever is open there."""
        night, self.night = self.night, None
        yield
        self.night = night

    def __setattr__(self, name: str, value: Any) -> None:
        crosses = name == "at" and getattr(self, "night", None) and _is_later_day(self.at, value)
        morning = self.night() if crosses and self.night else None
        super().__setattr__(name, value)
        if morning is not None:
            morning()


def _is_later_day(before: datetime, after: datetime) -> bool:
    starts_at = Rules().business_day_starts
    return business_day(after, starts_at) > business_day(before, starts_at)


@dataclass
class Festival:
    """What a test needs at hand: the database, the clock, two desks, and baskets to fill."""

    database: Database
    clock: FestivalClock
    posts: tuple[Post, Post]
    desks: tuple[Desk, Desk]
    manager: StaffMember
    cashier: StaffMember

    @property
    def managers_desk(self) -> Desk:
        """The first till with the manager at it."""
        manager = self.manager
        return replace(
            self.desk,
            operator_id=manager.id,
            operator_number=manager.number,
            operator_name=manager.name,
            is_manager=True,
        )

    @property
    def desk(self) -> Desk:
        return self.desks[0]

    def seat_line(
        self, screening: str = "KNEECAP", tariff: str = "PLEIN", quantity: int = 1, **changes: Any
    ) -> SeatLine:
        """A line of the basket as the counter makes it."""
        with self.database.read() as session:
            (seat,) = _SEAT.rows(session, {"screening": screening, "tariff": tariff})
        line = SeatLine(
            screening_id=seat.screening_id,
            tariff_id=seat.tariff_id,
            event_title=seat.title,
            starts_at=seat.starts_at,
            tariff_label=seat.label,
            price_cents=seat.price_cents,
            quantity=quantity,
            minimum_group=seat.minimum_group,
        )
        return replace(line, **changes)  # type: ignore[arg-type]

    def product_line(self, code: str = "TOUR", quantity: int = 1) -> ProductLine:
        row = self._product(code)
        return ProductLine(row.id, row.label, row.price_cents, quantity)

    def pass_line(self, code: str = "PASS20", holder: CustomerDetails | None = None) -> PassLine:
        """A pass as the counter puts it in the basket, in the name of somebody new."""
        row = self._product(code)
        details = holder or CustomerDetails("Dupont", "Léa", email="lea@example.fr")
        return PassLine(uuid4(), row.id, row.label, row.price_cents, uuid4(), details)

    def gift_line(self, code: str = "CADEAU", cents: int = 5000, **words: str) -> GiftCardLine:
        """A gift card as the counter puts it in the basket; a voucher for a place has its own price."""
        row = self._product(code)
        price = cents if code == "CADEAU" else row.price_cents
        return GiftCardLine(uuid4(), row.id, row.label, price, **words)

    def _product(self, code: str) -> Any:
        with self.database.read() as session:
            (row,) = _PRODUCT.rows(session, {"wanted": code})
        return row

    def sell_gift(self, code: str = "CADEAU", cents: int = 5000, **words: str) -> GiftCardLine:
        """Sell a gift card, and commit."""
        line = self.gift_line(code, cents, **words)
        self.sell(line)
        return line

    def paid(self, *lines: Line, by: Sequence[Tender] = (), **changes: Any) -> Checkout:
        """A checkout of these lines, paid by these tenders and what is left in cash."""
        basket = self.basket(*lines)
        settlement = Settlement(basket.total_cents, tuple(by))
        if settlement.remaining_cents:
            settlement = tender(settlement, means.CASH, cash_limit_cents=10_000_000)
        return replace(self.order(*lines, tenders=settlement.tenders), **changes)  # type: ignore[arg-type]

    def complete(self, command: Checkout, desk: Desk | None = None) -> CompletedSale:
        """Carry out a checkout, and commit."""
        return self.write(lambda session: checkout(session, command, desk or self.desk, clock=self.clock))

    def left_on(self, value_id: UUID) -> int | None:
        """What is left of a value, in its unit."""
        row = self.read(lambda session: stored_values.read(session, value_id))
        assert row is not None
        amount: int | None = row["amount"]
        return amount

    def stands(self) -> None:
        """Nothing is wrong in the journal, nor in the books that it tells of."""
        verdict = self.read(verify)
        assert verdict.fault is None, str(verdict.fault)

    def sell_pass(self, holder: CustomerDetails | None = None, code: str = "PASS20") -> UUID:
        """Sell a pass whose badge nobody has asked for yet, and commit; its id."""
        line = self.pass_line(code, holder)
        rules = replace(self.desk.post.rules, badge=BadgePolicy.ON_REQUEST)
        self.sell(line, desk=replace(self.desk, post=replace(self.desk.post, rules=rules)))
        return line.pass_id

    def screening_id(self, code: str) -> int:
        with self.database.read() as session:
            (found,) = _SCREENING.rows(session, {"wanted": code})
        return int(found.id)

    def basket(self, *lines: Line) -> Basket:
        basket = Basket()
        for line in lines:
            basket = baskets.add(basket, line)
        return basket

    def order(self, *lines: Line, **changes: Any) -> Checkout:
        """A checkout of these lines, paid in exact cash unless told otherwise."""
        basket = self.basket(*lines)
        tenders: tuple[Tender, ...] = ()
        if basket.total_cents:
            tenders = tender(Settlement(basket.total_cents), means.CASH, cash_limit_cents=10_000_000).tenders
        return replace(Checkout(uuid4(), basket, tenders), **changes)  # type: ignore[arg-type]

    def sell(self, *lines: Line, desk: Desk | None = None, **changes: Any) -> CompletedSale:
        """Sell these lines and commit."""
        command = self.order(*(lines or (self.seat_line(),)), **changes)
        return self.write(lambda session: checkout(session, command, desk or self.desk, clock=self.clock))

    def end_the_day(self) -> Callable[[], None]:
        """Have a manager close each till that is open, and the day if that closes it.

        Returns what opens them again, for the same people.
        """
        with self.database.read() as session:
            there = {member.id: member for member in staff(session)}
            shifts = [current_shift(session, post.till_id) for post in self.posts]
        manager = next(member for member in there.values() if member.is_manager)

        def close(session: Session, post: Post, shift: Shift) -> None:
            cash = expected(session, shift.id)[means.CASH.code]
            command = CloseTill(uuid4(), post.till_id, max(cash, 0))
            close_till(session, command, post, manager, clock=self.clock)

        def open_again() -> None:
            opened = list(self.desks)
            for place, (post, shift) in enumerate(zip(self.posts, shifts, strict=True)):
                if shift is not None and shift.operator_id in there:
                    member = there[shift.operator_id]
                    again = OpenShift(shift.float_cents, authorized_by=manager, reason="Un autre jour")
                    opened[place] = self.write(
                        partial(open_shift, post=post, member=member, command=again, clock=self.clock)
                    )
            self.desks = (opened[0], opened[1])

        for post, shift in zip(self.posts, shifts, strict=True):
            if shift is not None:
                self.write(partial(close, post=post, shift=shift))
        if self.read(lambda session: open_day(session)) is not None:
            day = ClosePeriod(uuid4(), ClosingPeriod.DAY)
            self.write(
                partial(close_period, command=day, post=self.posts[0], manager=manager, clock=self.clock)
            )
        return open_again

    def write(self, work: Callable[[Session], Result]) -> Result:
        with self.database.write() as session:
            return work(session)

    def read(self, work: Callable[[Session], Result]) -> Result:
        with self.database.read() as session:
            return work(session)

    def refused(self, command: Checkout, desk: Desk | None = None, kind: type[Refusal] = Refusal) -> Refusal:
        """The refusal that a checkout meets, once it is known that it left no trace."""
        before = self.as_stored()
        with pytest.raises(kind) as refused:
            self.write(lambda session: checkout(session, command, desk or self.desk, clock=self.clock))
        assert self.as_stored() == before
        return refused.value

    def reverse(self, original: CompletedSale, *positions: int, **changes: Any) -> CompletedReversal:
        """Undo a sale, or the lines of it at these positions, and commit."""
        desk = changes.pop("desk", self.desk)
        reason = "Erreur de séance" if desk.is_manager else ""
        command = replace(Reverse(uuid4(), original.sale_id, positions or None, reason), **changes)
        return self.write(lambda session: reverse(session, command, desk, clock=self.clock))

    def send_away(self, member: StaffMember) -> None:
        """Let a member of the staff go, for which another manager answers."""

        def let_go(session: Session) -> None:
            zoe = AddOperator("Zoé L.", Role.MANAGER, "456789")
            add_operator(session, self.posts[1], zoe, clock=self.clock, manager=self.manager)
            answering = staff(session)[-1]
            deactivate(session, self.posts[1], member.number, clock=self.clock, manager=answering)

        self.write(let_go)

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table, to see whether something has changed."""
        with self.database.read() as session:
            return {name: sorted(map(tuple, whole.rows(session)), key=repr) for name, whole in _WHOLE.items()}

    def as_stored(self) -> list[list[tuple[Any, ...]]]:
        """Every row of every table as the driver gives it: all that seeing that nothing has changed takes."""
        with self.database.read() as session, closing(session.connection().connection.cursor()) as cursor:
            if self.database.is_sqlite:
                return [cursor.execute(each).fetchall() for each in _AS_STORED]
            cursor.execute("; ".join(_AS_STORED))
            rows = [cursor.fetchall()]
            while cursor.nextset():
                rows.append(cursor.fetchall())
            return rows

    def count(self, model: type[SQLModel]) -> int:
        return self.read(
            lambda session: session.execute(sa.select(sa.func.count()).select_from(table(model))).scalar_one()
        )

    def rows(self, model: type[SQLModel]) -> list[Any]:
        """Every row of a table, by its primary key."""
        return self.read(lambda session: list(session.execute(_in_order(model))))

    def allocated(self, screening: str = "KNEECAP") -> int:
        with self.database.read() as session:
            (found,) = _SCREENING.rows(session, {"wanted": screening})
        return int(found.allocated)


@dataclass(frozen=True)
class Opening:
    """What opening the two tills of a festival reads: the same in each copy of a database."""

    desks: tuple[Desk, Desk]
    anchors: tuple[Anchor, Anchor]
    manager: StaffMember
    cashier: StaffMember


def read_opening(database: Database, keys: Path) -> Opening:
    """What the small festival is to its two tills."""
    with database.read() as session:
        lisa, karim, chloe, _jules = staff(session)
        one, two = (_with_doors_open(open_post(session, n, load_key(keys / f"till-{n}.pem"))) for n in (1, 2))
        desks = (resume_shift(session, one, karim), resume_shift(session, two, chloe))
        anchors = (end_of_journal(session, one.till_id), end_of_journal(session, two.till_id))
    return Opening(desks, anchors, lisa, karim)


def open_festival(database: Database, keys: Path, opening: Opening | None = None) -> Festival:
    """The small festival as a database holds it, its two tills open; the keys know its journal."""
    opening = opening or read_opening(database, keys)
    one, two = (replace(desk, post=_at_its_own_start(desk.post, keys)) for desk in opening.desks)
    for desk, anchor in zip((one, two), opening.anchors, strict=True):
        desk.post.signer.keep_anchor(anchor, restored=True)
    clock = FestivalClock(NOON)
    opened = Festival(database, clock, (one.post, two.post), (one, two), opening.manager, opening.cashier)
    clock.night = opened.end_the_day
    return opened


def _at_its_own_start(post: Post, keys: Path) -> Post:
    """The post as a program has it that was just started: with its own key, and no wrong PIN seen."""
    return replace(post, signer=load_key(keys / f"till-{post.till_number}.pem"), patience=Patience())


def end_of_journal(session: Session, till_id: int) -> Anchor:
    """The last entry of a till, as the till would remember it."""
    ended = (
        select(JournalEntry.sequence, JournalEntry.digest)
        .where(JournalEntry.till_id == till_id)
        .order_by(col(JournalEntry.sequence).desc())
    )
    return Anchor(*session.exec(ended.limit(1)).one())


def _with_doors_open(post: Post) -> Post:
    """The post with doors that open two days before: most tests scan at the noon they stand at."""
    return replace(post, rules=replace(post.rules, entrance_opens_minutes=2 * 24 * 60))


@pytest.fixture
def festival(
    database: Database,
    database_url: str,
    template_of: dict[str, str],
    openings: dict[str, Opening],
    keys: Path,
) -> Festival:
    """Kneecap in a hall of 10 seats, 2 of them for wheelchairs; two more films; an evening by name."""
    template = template_of[database_url]
    if template not in openings:
        openings[template] = read_opening(database, keys)
    return open_festival(database, keys, openings[template])


@pytest.fixture(params=["sqlite", "postgresql"])
def new_festival(
    request: pytest.FixtureRequest, tmp_path: Path, keys: Path
) -> Iterator[Callable[[], Festival]]:
    """Makes a festival of its own each time, in place of the one before, on each engine in turn."""
    with ExitStack() as last:
        numbers = count()
        template = request.getfixturevalue(f"{request.param}_festival")

        def on_sqlite() -> Festival:
            path = tmp_path / f"{next(numbers)}.sqlite"
            shutil.copy(template, path)
            return open_festival(databases.connect(f"sqlite:///{path}"), keys)

        def on_postgresql() -> Festival:
            last.close()
            copies: Copies = request.getfixturevalue("copies")
            url = copies.take(template)
            last.callback(copies.give_back, url)
            database = copies.open(url)
            last.callback(copies.close, url, database)
            return open_festival(database, keys)

        yield on_sqlite if request.param == "sqlite" else on_postgresql


@pytest.fixture
def life(request: pytest.FixtureRequest, festival: Festival) -> Festival:
    """The festival once passes, bookings, reservations and changed screenings have left their rows."""
    _go_on_from(request, festival, "life")
    return festival


@pytest.fixture
def closed_books(request: pytest.FixtureRequest, festival: Festival) -> Festival:
    """The festival once tills, days, months and a year of it were closed; both tills are open again."""
    _go_on_from(request, festival, "closed_books")
    with festival.database.read() as session:
        shifts = [current_shift(session, post.till_id) for post in festival.posts]
    first, second = (
        replace(desk, till_session_id=shift.id)
        for desk, shift in zip(festival.desks, shifts, strict=True)
        if shift is not None
    )
    festival.desks = first, second
    return festival


@pytest.fixture
def full_books(request: pytest.FixtureRequest, festival: Festival) -> CompletedSale:
    """A little of everything in the books of two tills; the sale returned has one row of each kind."""
    return _go_on_from(request, festival, "full_books")


@pytest.fixture
def rows_of_the_books(request: pytest.FixtureRequest, festival: Festival) -> CompletedSale:
    """A row at least in each table of the books, some that nothing was sold for; a sale of two seats."""
    return _go_on_from(request, festival, "rows_of_the_books")


@pytest.fixture
def archived_day(request: pytest.FixtureRequest, festival: Festival) -> bytes:
    """The archive of a day of the festival: the bytes of its file."""
    return _go_on_from(request, festival, "archived_day")


def _go_on_from(request: pytest.FixtureRequest, festival: Festival, scene: str) -> Any:
    """What a scene that the database was copied from came to, at the moment at which it ended."""
    engine = "sqlite" if festival.database.is_sqlite else "postgresql"
    _template, played = request.getfixturevalue(f"{engine}_scene")(scene)
    with festival.clock.without_nights():
        festival.clock.at = played.ended_at
    return played.outcome
