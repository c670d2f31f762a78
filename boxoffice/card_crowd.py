"""Customers with place cards and promo codes at random, through the real services."""

import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from uuid import UUID, uuid4

from sqlmodel import Session

from .clock import Clock, in_paris
from .database import Database
from .errors import Refusal
from .kinds import PromoEffect
from .sales import means
from .sales.basket import Basket, PlaceCardLine, name_customer
from .sales.checkout import Checkout, checkout
from .sales.conditions import requirement_obstacle
from .sales.people.customer_changes import CreateCustomer, create_customer
from .sales.people.customer_details import CustomerDetails
from .sales.screenings.programme import Programme, read_programme, seat_line
from .sales.settlement import Settlement, Tender, tender
from .sales.staff.desk import Desk
from .sales.staff.operators import StaffMember, staff
from .sales.vouchers import place_cards, promo_codes
from .sales.vouchers.knowing import seats_asked
from .sales.vouchers.promo_basket import put_on
from .sales.vouchers.promo_batches import MakeCodes, make_codes

LOYAL = (
    CustomerDetails("Moreau", "Camille", email="camille.moreau@example.fr"),
    CustomerDetails("Haddad", "Yanis", phone="06 12 34 56 78"),
    CustomerDetails("Le Gall", "Soizic", email="soizic@example.fr", postcode="49000", town="Angers"),
    CustomerDetails("Ferreira", "Inês", email="ines.ferreira@example.fr"),
)
WORD = "PREMIERSPLANS"
CODES = 20
USED = 6
"""Codes of the batch that somebody comes with."""


class CardHolders:
    """Those who buy place cards and come back with them, and those who come with a code."""

    def __init__(
        self, database: Database, desks: Sequence[Desk], chance: random.Random, clock: Clock
    ) -> None:
        self._database, self._desks, self._chance, self._clock = database, desks, chance, clock

    def come(self) -> None:
        """Buy a card of each sort in a name, use some of its places, and sell with a few codes."""
        with self._database.read() as session:
            programme = read_programme(session, self._desks[0].post.rules)
            manager = next(member for member in staff(session) if member.is_manager)
        for details, offer in zip(LOYAL, programme.place_cards, strict=False):
            customer_id = self._introduce(details)
            line = PlaceCardLine(uuid4(), offer.product_id, offer.label, offer.price_cents)
            self._pay(name_customer(Basket((line,)), customer_id, details.name))
            self._use(line.value_id, customer_id, programme)
        for code in self._make(manager)[:USED]:
            self._sell_with(code, programme)

    def _introduce(self, details: CustomerDetails) -> UUID:
        desk = self._desk()
        with self._database.write() as session:
            command = CreateCustomer(uuid4(), details)
            return create_customer(session, command, desk, clock=self._clock).id

    def _use(self, value_id: UUID, customer_id: UUID, programme: Programme) -> None:
        """One place of a card for a seat of a screening to come, where it is good for one."""
        basket = name_customer(self._seats(programme, 1), customer_id)
        desk = self._desk()
        with suppress(Refusal), self._database.write() as session:
            (card,) = place_cards.states(session, [value_id], desk, clock=self._clock)
            rate = card.terms.vat_rate
            place = place_cards.pay(card, 1, seats_asked(session, basket)[1], rate)
            left = basket.total_cents - place.amount_cents
            rest = (Tender(means.CARD.code, left),) if left else ()
            checkout(session, Checkout(uuid4(), basket, (place, *rest)), desk, clock=self._clock)

    def _make(self, manager: StaffMember) -> tuple[str, ...]:
        """A batch of codes for a partner, and a word for everybody."""
        until = in_paris(self._clock.now()).date() + timedelta(days=9)
        partner = MakeCodes(
            "Partenaires", PromoEffect.PERCENTAGE_OFF, CODES, percentage=2000, valid_until=until
        )
        everybody = MakeCodes(
            "Affiche",
            PromoEffect.AMOUNT_OFF,
            word=WORD,
            amount_cents=200,
            uses=100,
            valid_until=until,
        )
        post = self._desks[0].post
        with self._database.write() as session:
            make_codes(session, everybody, post, manager, clock=self._clock)
            return make_codes(session, partner, post, manager, clock=self._clock).codes

    def _sell_with(self, code: str, programme: Programme) -> None:
        with suppress(Refusal):
            desk = self._desk()
            with self._database.read() as session:
                offer = promo_codes.look_up(session, code, desk, clock=self._clock)
            self._pay(put_on(self._seats(programme, self._chance.randint(1, 3)), offer))

    def _seats(self, programme: Programme, quantity: int) -> Basket:
        """Seats at the first tariff of a screening to come that is not by name."""
        at = self._clock.now()
        coming = [
            each
            for each in programme.screenings
            if each.starts_at > at and not each.nominative and each.seats.left >= quantity
        ]
        screening = self._chance.choice(coming[:60])
        offer = next(
            each
            for each in programme.offers[screening.price_list_id]
            if not requirement_obstacle(each.requirement) and each.minimum_group == 1
        )
        return Basket((seat_line(screening, offer, quantity),))

    def _pay(self, basket: Basket) -> None:
        desk, settlement = self._desk(), Settlement(basket.total_cents)
        if not settlement.is_complete:
            settlement = tender(settlement, means.CARD, cash_limit_cents=desk.post.rules.cash_limit_cents)
        command = Checkout(uuid4(), basket, settlement.tenders)

        def work(session: Session) -> None:
            checkout(session, command, desk, clock=self._clock)

        self._database.attempt(work)

    def _desk(self) -> Desk:
        return self._chance.choice(self._desks)
