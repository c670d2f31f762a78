"""Holders of passes at random, through the real services: passes sold, seats booked, plans changed."""

import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select

from .clock import Clock
from .database import Database
from .errors import Refusal
from .models import Pass, table
from .sales import means
from .sales.basket import Basket, PassLine
from .sales.checkout import Checkout, checkout
from .sales.holders.bookings import Book, CancelBookings, SwapBooking, book, cancel, swap
from .sales.holders.cockpit import Cockpit, read_cockpit
from .sales.holders.passes import PassOffer, read_pass_offers
from .sales.people.customer_details import CustomerDetails
from .sales.people.doubles import PossibleDoubles
from .sales.reserving.reservable import SeatsWanted
from .sales.reserving.reservations import Reserve, reserve
from .sales.screenings.doors import opening
from .sales.screenings.entrance import admit
from .sales.screenings.programme import Programme, ScreeningRow, read_programme
from .sales.settlement import Settlement, tender
from .sales.staff.desk import Desk

NAMES = tuple(
    tuple(name.split(" ", 1))
    for name in (
        "Anouk Lefèvre",
        "Mehdi Benali",
        "Œdipe Martin",
        "Zoé Nguyễn",
        "Gaëtan Courtemanche",
        "Inès d'Aubigny",
        "Théo Kowalczyk",
        "Maud Le Goff",
        "Bérénice Santos-Faria",
        "Côme Vandenbroucke",
        "Aïssatou Diallo",
        "Lucien Chauveau",
        "Noé Hérault",
        "Salomé Bär",
        "Émile Trottier-Lacaze",
        "Louison Pasquier",
    )
)
"""Nobody's: first names and surnames put together."""

SOLD, RESERVED = 10, 6
BOOKED_EACH = 5
AHEAD = timedelta(days=3)
DOOR = "Entrée principale"


class PassHolders:
    """Those who hold the passes of a festival, and those who telephone."""

    def __init__(
        self, database: Database, desks: Sequence[Desk], chance: random.Random, clock: Clock
    ) -> None:
        self._database, self._desks, self._chance, self._clock = database, desks, chance, clock

    def come(self) -> None:
        """Buy passes, and book seats on them and on those sold elsewhere."""
        with self._database.read() as session:
            offers = read_pass_offers(session)
        for rank in range(SOLD):
            self._buy(self._chance.choice(offers), self._somebody(rank))
        programme = self._programme()
        for held in self._cockpits():
            wanted = list(self._open_to(held, programme))
            for row in self._chance.sample(wanted, min(len(wanted), self._chance.randint(1, BOOKED_EACH))):
                seats = 1 if held.places_per_screening == 1 else self._chance.randint(1, 3)
                command = Book(tuple(uuid4() for _seat in range(seats)), held.pass_id, row.id)
                self._book(command)

    def change_their_minds(self) -> None:
        """Give back a booking, exchange another, go to what is on; and telephone for seats not paid yet."""
        programme = self._programme()
        for rank, held in enumerate(self._cockpits()):
            free = [seat for seat in held.standing if seat.is_cancellable(self._clock.now())]
            with suppress(Refusal):
                if free and rank % 3 == 0:
                    self._give_back(free[-1].id)
                elif free and rank % 3 == 1:
                    self._exchange(held, free[0].id, programme)
                else:
                    self._go_in(held)
        coming = [
            row for row in programme.screenings if row.starts_at > self._clock.now() + timedelta(hours=2)
        ]
        for rank, row in zip(range(RESERVED), coming[:: max(len(coming) // 40, 1)], strict=False):
            self._telephone(row, programme, self._somebody(-1 - rank))

    def _buy(self, offer: PassOffer, holder: CustomerDetails) -> None:
        line = PassLine(
            uuid4(), offer.product_id, offer.label, offer.price_cents, uuid4(), holder, offer.proof
        )
        basket, desk = Basket((line,)), self._desk()
        limit = desk.post.rules.cash_limit_cents
        paid = tender(Settlement(basket.total_cents), means.CARD, cash_limit_cents=limit)
        order = Checkout(uuid4(), basket, paid.tenders)
        self._database.attempt(lambda session: checkout(session, order, desk, clock=self._clock))

    def _book(self, command: Book) -> None:
        with suppress(Refusal):
            self._database.attempt(lambda session: book(session, command, self._desk(), clock=self._clock))

    def _give_back(self, booking_id: UUID) -> None:
        command = CancelBookings((booking_id,))
        self._database.attempt(lambda session: cancel(session, command, self._desk(), clock=self._clock))

    def _exchange(self, held: Cockpit, booking_id: UUID, programme: Programme) -> None:
        booked = {seat.screening_id for seat in held.standing}
        others = [row for row in self._open_to(held, programme) if row.id not in booked]
        if others:
            command = SwapBooking(booking_id, uuid4(), self._chance.choice(others).id)
            self._database.attempt(lambda session: swap(session, command, self._desk(), clock=self._clock))

    def _go_in(self, held: Cockpit) -> None:
        """Be let in, if the doors are open for something booked."""
        post, now = self._desk().post, self._clock.now()
        if any(opening(seat.starts_at, post.rules) <= now <= seat.ends_at for seat in held.standing):
            self._database.attempt(lambda session: admit(session, post, held.code, DOOR, clock=self._clock))

    def _telephone(self, row: ScreeningRow, programme: Programme, who: CustomerDetails) -> None:
        offer = programme.offers[row.price_list_id][0]
        command = Reserve(uuid4(), (SeatsWanted(row.id, offer.code, self._chance.randint(1, 4)),), who)
        with suppress(Refusal):
            try:
                self._reserve(command)
            except PossibleDoubles as known:
                self._reserve(replace(command, customer_id=known.doubles[0].id))

    def _reserve(self, command: Reserve) -> None:
        self._database.attempt(lambda session: reserve(session, command, self._desk(), clock=self._clock))

    def _open_to(self, held: Cockpit, programme: Programme) -> Iterator[ScreeningRow]:
        """What this pass may book of the days to come."""
        now = self._clock.now()
        for row in programme.screenings:
            if row.is_on_sale(now) and row.starts_at < now + AHEAD:
                offers = programme.offers[row.price_list_id]
                offer = next((offer for offer in offers if offer.code == held.place_tariff), None)
                if offer is not None and row.seats.left_for(offer.quota) > 3:
                    yield row

    def _cockpits(self) -> list[Cockpit]:
        with self._database.read() as session:
            ids = session.execute(select(table(Pass).c.id).order_by(table(Pass).c.number)).scalars()
            return [read_cockpit(session, pass_id, self._desks[0].post.rules) for pass_id in ids.all()]

    def _programme(self) -> Programme:
        with self._database.read() as session:
            return read_programme(session, self._desks[0].post.rules)

    def _desk(self) -> Desk:
        return self._chance.choice(self._desks)

    def _somebody(self, rank: int) -> CustomerDetails:
        first_name, surname = NAMES[rank % len(NAMES)]
        phone = "06 " + " ".join(f"{self._chance.randrange(100):02d}" for _pair in range(4))
        email = f"{first_name[0]}{rank % len(NAMES)}@example.fr".lower()
        return CustomerDetails(surname, first_name, phone=phone, email=email, postcode="49000", town="Angers")
