"""Givers of gift cards at random, through the real services: cards sold, spent in part or whole, one lost."""

import random
from collections.abc import Sequence
from contextlib import suppress
from uuid import uuid4

from .clock import Clock
from .database import Database
from .errors import Refusal
from .kinds import PassTrouble
from .sales import means
from .sales.basket import Basket, GiftCardLine
from .sales.checkout import Checkout, checkout
from .sales.conditions import requirement_obstacle
from .sales.screenings.programme import Programme, read_programme, seat_line
from .sales.settlement import Settlement, Stored, tender
from .sales.staff.desk import Desk
from .sales.vouchers.card_care import BlockCard, block
from .sales.vouchers.gift_offers import GiftOffer

WORDS = (
    ("Papi & Mamie", "Léa", "Joyeux anniversaire ! Une semaine de cinéma t'attend."),
    ("L'équipe du 3e étage", "Sylvie", "Bonne retraite, et bonnes toiles."),
    ("", "Côme", "À nos soirées dans le noir."),
    ("Ton parrain", "Anouk", ""),
    ("", "", ""),
)
SOLD = 10
LOST = 3
"""The rank of the card that is lost the day after."""
AMOUNTS = (2_000, 3_000, 5_000, 10_000)


class GiftGivers:
    """Those who give gift cards, and those who get them."""

    def __init__(
        self, database: Database, desks: Sequence[Desk], chance: random.Random, clock: Clock
    ) -> None:
        self._database, self._desks, self._chance, self._clock = database, desks, chance, clock

    def come(self) -> None:
        """Buy cards of each sort; spend every other one on seats, all of it or a part; lose one."""
        with self._database.read() as session:
            programme = read_programme(session, self._desks[0].post.rules)
        for rank in range(SOLD if programme.gift_cards else 0):
            offer = programme.gift_cards[rank % len(programme.gift_cards)]
            card = self._buy(offer, WORDS[rank % len(WORDS)])
            if rank == LOST:
                self._lose(card)
            elif rank % 2:
                self._spend(card, offer.vat_rate, programme)

    def _buy(self, offer: GiftOffer, words: tuple[str, str, str]) -> GiftCardLine:
        """A card in this giver's words, for its price or one of a few round amounts."""
        wanted = [cents for cents in AMOUNTS if offer.least_cents <= cents <= offer.most_cents]
        cents = self._chance.choice(wanted or [offer.least_cents])
        line = GiftCardLine(uuid4(), offer.product_id, offer.label, cents, *words)
        self._pay(Basket((line,)), Settlement(cents))
        return line

    def _lose(self, card: GiftCardLine) -> None:
        lost = BlockCard(card.value_id, PassTrouble.LOST)
        self._database.attempt(lambda session: block(session, lost, self._desk(), clock=self._clock))

    def _spend(self, card: GiftCardLine, vat_rate: int | None, programme: Programme) -> None:
        """Pay a seat or two of something to come with as much of the card as it pays, the rest otherwise."""
        now = self._clock.now()
        coming = [
            (row, offer)
            for row in programme.screenings
            if row.starts_at > now and not row.nominative
            for offer in programme.offers[row.price_list_id]
            if offer.price_cents and not requirement_obstacle(offer.requirement) and offer.minimum_group == 1
        ]
        if not coming:
            return
        row, offer = self._chance.choice(coming)
        basket = Basket((seat_line(row, offer, self._chance.randint(1, 2)),))
        if vat_rate in (None, offer.vat_rate):
            with suppress(Refusal):
                settlement = tender(
                    Settlement(basket.total_cents),
                    means.GIFT_CARD,
                    min(card.price_cents, basket.total_cents),
                    stored=Stored(card.value_id, vat_rate),
                    cash_limit_cents=0,
                )
                self._pay(basket, settlement)

    def _pay(self, basket: Basket, settlement: Settlement) -> None:
        """Pay what is left by bank card."""
        desk = self._desk()
        if not settlement.is_complete:
            settlement = tender(settlement, means.CARD, cash_limit_cents=desk.post.rules.cash_limit_cents)
        order = Checkout(uuid4(), basket, settlement.tenders)
        self._database.attempt(lambda session: checkout(session, order, desk, clock=self._clock))

    def _desk(self) -> Desk:
        return self._chance.choice(self._desks)
