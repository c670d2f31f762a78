"""A small festival, a clock that stands still and a desk, on each engine."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from boxoffice.clock import SettableClock
from boxoffice.database import Database
from boxoffice.errors import Refusal
from boxoffice.models import (
    Event,
    Hall,
    PriceList,
    Product,
    Quota,
    Requirement,
    Role,
    Screening,
    Tariff,
    VatStatus,
    Venue,
    metadata,
    table,
)
from boxoffice.sales import basket as baskets
from boxoffice.sales import means
from boxoffice.sales.basket import Basket, ProductLine, SeatLine
from boxoffice.sales.checkout import Checkout, CompletedSale, checkout
from boxoffice.sales.desk import Desk, Post
from boxoffice.sales.operators import StaffMember, staff
from boxoffice.sales.reversal import CompletedReversal, Reverse, reverse
from boxoffice.sales.settlement import Settlement, Tender, tender
from boxoffice.sales.setup import AddOperator, AddTill, FoundFestival, add_operator, add_till, found_festival
from boxoffice.sales.shifts import OpenShift, open_shift
from boxoffice.sales.signing import create_key

Result = TypeVar("Result")

NOON = datetime(2026, 1, 21, 11, 0, tzinfo=UTC)
"""Noon in Angers, on the Wednesday of the sample edition."""


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a signing key per till, made once."""
    folder = tmp_path_factory.mktemp("keys")
    for number in (1, 2):
        create_key(folder / f"till-{number}.pem")
    return folder


@dataclass
class Festival:
    """What a test needs at hand: the database, the clock, two desks, and baskets to fill."""

    database: Database
    clock: SettableClock
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
            row = session.exec(select(Screening).where(Screening.code == screening)).one()
            offer = session.exec(
                select(Tariff).where(Tariff.price_list_id == row.price_list_id, Tariff.code == tariff)
            ).one()
            event = session.get(Event, row.event_id)
            hall = session.get(Hall, row.hall_id)
        assert event is not None
        assert hall is not None
        assert row.id is not None
        assert offer.id is not None
        line = SeatLine(
            screening_id=row.id,
            tariff_id=offer.id,
            event_title=event.title,
            starts_at=row.starts_at,
            place=hall.name,
            tariff_label=offer.label,
            price_cents=offer.price_cents,
            quantity=quantity,
            minimum_group=offer.minimum_group,
        )
        return replace(line, **changes)  # type: ignore[arg-type]

    def product_line(self, code: str = "TOUR", quantity: int = 1) -> ProductLine:
        with self.database.read() as session:
            row = session.exec(select(Product).where(Product.code == code)).one()
        assert row.id
        return ProductLine(row.id, row.label, row.price_cents, quantity)

    def basket(self, *lines: SeatLine | ProductLine) -> Basket:
        basket = Basket()
        for line in lines:
            basket = baskets.add(basket, line)
        return basket

    def order(self, *lines: SeatLine | ProductLine, **changes: Any) -> Checkout:
        """A checkout of these lines, paid in exact cash unless told otherwise."""
        basket = self.basket(*lines)
        tenders: tuple[Tender, ...] = ()
        if basket.total_cents:
            tenders = tender(Settlement(basket.total_cents), means.CASH, cash_limit_cents=10_000_000).tenders
        return replace(Checkout(uuid4(), basket, tenders), **changes)  # type: ignore[arg-type]

    def sell(self, *lines: SeatLine | ProductLine, desk: Desk | None = None, **changes: Any) -> CompletedSale:
        """Sell these lines and commit."""
        command = self.order(*(lines or (self.seat_line(),)), **changes)
        return self.write(lambda session: checkout(session, command, desk or self.desk, clock=self.clock))

    def write(self, work: Callable[[Session], Result]) -> Result:
        with self.database.write() as session:
            return work(session)

    def read(self, work: Callable[[Session], Result]) -> Result:
        with self.database.read() as session:
            return work(session)

    def refused(self, command: Checkout, desk: Desk | None = None, kind: type[Refusal] = Refusal) -> Refusal:
        """The refusal that a checkout meets, once it is known that it left no trace."""
        before = self.everything()
        with pytest.raises(kind) as refused:
            self.write(lambda session: checkout(session, command, desk or self.desk, clock=self.clock))
        assert self.everything() == before
        return refused.value

    def reverse(self, original: CompletedSale, *positions: int, **changes: Any) -> CompletedReversal:
        """Undo a sale, or the lines of it at these positions, and commit."""
        desk = changes.pop("desk", self.desk)
        command = replace(Reverse(uuid4(), original.sale_id, positions or None), **changes)
        return self.write(lambda session: reverse(session, command, desk, clock=self.clock))

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table, to see whether something has changed."""
        with self.database.engine.connect() as connection:
            return {
                each.name: sorted((tuple(row) for row in connection.execute(each.select())), key=repr)
                for each in metadata.sorted_tables
            }

    def count(self, model: type[SQLModel]) -> int:
        return self.read(
            lambda session: session.execute(sa.select(sa.func.count()).select_from(table(model))).scalar_one()
        )

    def rows(self, model: type[SQLModel]) -> list[Any]:
        """Every row of a table, by its primary key."""
        rows = table(model)
        statement = rows.select().order_by(*rows.primary_key.columns)
        return self.read(lambda session: list(session.execute(statement)))

    def allocated(self, screening: str = "KNEECAP") -> int:
        return self.read(
            lambda session: session.exec(
                select(Screening.allocated).where(col(Screening.code) == screening)
            ).one()
        )


@pytest.fixture
def festival(database: Database, keys: Path) -> Festival:
    """Kneecap in a hall of 10 seats of which 2 for passes, The Eternal Daughter, Icare for children."""
    clock = SettableClock(NOON)
    with database.write() as session:
        post = found_festival(
            session,
            FoundFestival(
                festival="Festival Premiers Plans",
                operator_name="Association Premiers Plans",
                address="9 rue Claveau",
                postcode="49100",
                town="Angers",
                siret="73282932000074",
                vat_status=VatStatus.LIABLE,
                manager_name="Lisa B.",
                manager_pin="1234",
            ),
            key_path=keys / "till-1.pem",
            clock=clock,
        )
        second = add_till(session, AddTill(2), key_path=keys / "till-2.pem", clock=clock)
        for name, role in (("Karim D.", Role.CASHIER), ("Chloé M.", Role.CASHIER), ("Jules R.", Role.BADGES)):
            add_operator(session, post, AddOperator(name, role, "2345"), clock=clock)
        _programme(session)
        lisa, karim, chloe, _jules = staff(session)
        desks = (
            open_shift(session, post, karim, OpenShift(10_000), clock=clock),
            open_shift(session, second, chloe, OpenShift(5_000), clock=clock),
        )
    return Festival(database, clock, (post, second), desks, lisa, karim)


def _programme(session: Session) -> None:
    venue = Venue(code="CC", name="Centre de Congrès", town="Angers")
    session.add(venue)
    session.flush()
    hall = Hall(code="AUD", venue_id=venue.id, name="Auditorium", short_name="Auditorium", capacity=10)
    small = Hall(code="JAR", venue_id=venue.id, name="Amphi Jardin", short_name="Amphi Jardin", capacity=5)
    films = PriceList(code="FILMS", name="Films")
    session.add_all([hall, small, films])
    session.flush()
    offers = (
        ("PLEIN", "Plein", 850, 1, Requirement.NOTHING, None),
        ("REDUIT", "Réduit jeune", 600, 1, Requirement.NOTHING, None),
        ("GROUPE", "Groupe", 600, 4, Requirement.NOTHING, None),
        ("UFR", "Fauteuil (UFR)", 600, 1, Requirement.NOTHING, "ufr"),
        ("INVIT", "Invitation", 0, 1, Requirement.NOTHING, None),
        ("PASS", "Détenteur pass", 0, 1, Requirement.PASS, "pass"),
    )
    for position, (code, label, price, group, requirement, quota) in enumerate(offers, start=1):
        session.add(
            Tariff(
                price_list_id=films.id,
                code=code,
                position=position,
                label=label,
                price_cents=price,
                vat_rate=550,
                minimum_group=group,
                requirement=requirement,
                quota=quota,
            )
        )
    shown = (
        ("KNEECAP", "Kneecap", hall, 8, 105, False),
        ("ETERNAL", "The Eternal Daughter", small, 3, 96, False),
        ("KNEECAP2", "Kneecap", small, 26, 105, False),
        ("RENCONTRE", "Rencontre nominative", small, 10, 60, True),
    )
    events: dict[str, Event] = {}
    for code, title, room, hours, minutes, nominative in shown:
        if title not in events:
            events[title] = Event(
                code=title.upper(),
                title=title,
                duration_minutes=minutes,
                version="VOSTFR",
                nominative=nominative,
            )
            session.add(events[title])
            session.flush()
        starts_at = NOON + timedelta(hours=hours)
        session.add(
            Screening(
                code=code,
                event_id=events[title].id,
                hall_id=room.id,
                price_list_id=films.id,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=minutes),
                capacity=room.capacity,
                held=2 if code == "KNEECAP" else 0,
            )
        )
    session.flush()
    kneecap = session.exec(select(Screening).where(Screening.code == "KNEECAP")).one()
    session.add(Quota(screening_id=kneecap.id, name="ufr", seats=2))
    session.add(Product(code="TOUR", position=1, label="Tour de cou", price_cents=300, vat_rate=2000))
