"""Place cards, promo codes and points, in any order at two tills that may die, on either engine."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from sqlmodel import Session, select

from boxoffice.kinds import StoredValueKind
from boxoffice.models import StoredValue
from boxoffice.sales.basket import Basket, SeatLine, name_customer
from boxoffice.sales.checkout import Checkout, checkout
from boxoffice.sales.means import CASH
from boxoffice.sales.reversal import reverse
from boxoffice.sales.settlement import Tender
from boxoffice.sales.vouchers import expiring, loyalty, place_cards, promo_codes
from boxoffice.sales.vouchers.liabilities import liabilities_until
from boxoffice.sales.vouchers.promo_basket import put_on
from boxoffice.sales.vouchers.wallet import PutInWallet, put_in_wallet
from tests.sales.at_two_tills import MOMENTS, TILLS, WHICH, AtTwoTills, Moment, Script, explore
from tests.sales.conftest import Festival
from tests.sales.value_life import (
    add_customer,
    add_kind,
    card_line,
    card_state,
    give_card,
    make,
    seat_of,
)

SCREENINGS = st.sampled_from(["KNEECAP", "ETERNAL", "KNEECAP2"])
COUNTS = st.integers(1, 3)


class AnyOrderOfCards(AtTwoTills):
    """Two tills with the same few cards and codes. What is refused is refused; nothing is lost or made."""

    def __init__(self, festival: Festival) -> None:
        super().__init__(festival)
        self.cards: list[UUID] = []
        self.codes: list[str] = []
        self.reward_kind = 0
        self.customer_id = uuid4()

    @initialize()
    def open_the_house(self) -> None:
        festival = self.festival
        kind = add_kind(festival, price_cents=2400, places=3)
        self.reward_kind = add_kind(festival, "FIDELITE", label="Place 7/7", places=1, points=20)
        self.customer_id = add_customer(festival)
        self.cards = [give_card(festival, kind, until=date(2026, 1, 22))]
        self.codes = [
            *make(festival, uses=3, valid_until=date(2026, 1, 22)).codes,
            *make(festival, name="Amis", percentage=2000, word="PLANS", uses=None, seats_per_use=2).codes,
        ]

    @invariant()
    def what_is_outstanding_is_what_is_left(self) -> None:
        def work(session: Session) -> None:
            left: Counter[StoredValueKind] = Counter()
            for value in session.exec(select(StoredValue)):
                left[value.kind] += value.amount or 0
            end = self.festival.clock.now() + timedelta(seconds=1)
            told: Counter[StoredValueKind] = Counter()
            for row in liabilities_until(session, end).rows:
                told[row.kind] += row.outstanding
            assert +told == +left

        self.festival.read(work)

    @rule(till=TILLS, named=st.booleans())
    def buy_card(self, till: int, named: bool) -> None:
        line = card_line(self.festival)
        if self._sell("card sold", till, self._named(Basket((line,)), named)):
            self.cards.append(line.value_id)

    @rule(till=TILLS, which=WHICH, screening=SCREENINGS, count=COUNTS, places=COUNTS)
    def pay_with_places(self, till: int, which: int, screening: str, count: int, places: int) -> None:
        basket = self._named(self._seats(screening, count), named=bool(which % 2))
        if tenders := self._try("places offered", partial(self._places, which, basket, min(count, places))):
            self._sell("paid with places", till, basket, tenders)

    @rule(till=TILLS, which=WHICH, screening=SCREENINGS, count=COUNTS)
    def use_a_code(self, till: int, which: int, screening: str, count: int) -> None:
        if basket := self._try("code put on", partial(self._lowered, which, self._seats(screening, count))):
            self._sell("sold with a code", till, basket)

    @rule(till=TILLS, which=WHICH, screening=SCREENINGS, moment=MOMENTS)
    def die_while_paying(self, till: int, which: int, screening: str, moment: Moment) -> None:
        """A program that dies, and then tries again: one place is used, whatever had been written."""
        basket = self._seats(screening, 1)
        tenders = self._try("places offered", partial(self._places, which, basket, 1))
        if tenders is None:
            return
        command = Checkout(uuid4(), basket, tenders)
        work = partial(checkout, command=command, desk=self.desks[till])
        self._die(moment, till, work)
        if sold := self._try("paid after a death", partial(self._write, work)):
            self.sold.append(sold)

    @rule(till=TILLS)
    def turn_points_into_a_place(self, till: int) -> None:
        work = partial(
            loyalty.reward, customer_id=self.customer_id, kind_id=self.reward_kind, desk=self.desks[till]
        )
        if card := self._try("reward", partial(self._write, work)):
            self.cards.append(card.value_id)

    @rule(till=TILLS, which=WHICH, mine=st.booleans())
    def keep_in_the_wallet(self, till: int, which: int, mine: bool) -> None:
        card = card_state(self.festival, self._card(which))
        command = PutInWallet(card.value_id, self.customer_id if mine else None, card.customer_id)
        work = partial(put_in_wallet, command=command, desk=self.desks[till])
        self._try("wallet", lambda: self._write(work) or True)

    @precondition(lambda self: self.sold)
    @rule(till=TILLS, which=WHICH, lines=st.none() | st.sets(st.integers(1, 3), min_size=1))
    def undo(self, till: int, which: int, lines: set[int] | None) -> None:
        command = self._reversal(which, lines, allowed=True)
        self._try("reversal", partial(self._asked_twice, reverse, command, till))

    @rule(till=TILLS)
    def empty_what_is_over(self, till: int) -> None:
        post = self.festival.posts[till]
        over = self.festival.read(lambda session: expiring.any_over(session, post, clock=self.festival.clock))
        emptied = self._write(partial(expiring.expire_over, post=post))
        assert bool(emptied) == over
        self.done["emptied"] += bool(emptied)

    @rule(hours=st.sampled_from([1, 5, 40]))
    def wait(self, hours: int) -> None:
        self.festival.clock.advance(timedelta(hours=hours))

    # -- how it is done

    def _sell(self, what: str, till: int, basket: Basket, tenders: tuple[Tender, ...] | None = None) -> bool:
        total = basket.total_cents
        in_cash = (Tender(CASH.code, total, total),) if total else ()
        command = Checkout(uuid4(), basket, in_cash if tenders is None else tenders)
        sold = self._try(what, partial(self._asked_twice, checkout, command, till))
        if sold:
            self.sold.append(sold)
        return sold is not None

    def _seats(self, screening: str, count: int) -> Basket:
        return Basket((self.festival.seat_line(screening, quantity=count),))

    def _named(self, basket: Basket, named: bool) -> Basket:
        return name_customer(basket, self.customer_id, "Léa") if named else basket

    def _card(self, which: int) -> UUID:
        return self.cards[which % len(self.cards)]

    def _places(self, which: int, basket: Basket, places: int) -> tuple[Tender, ...]:
        """So many places of a card, and the rest in cash."""
        card = card_state(self.festival, self._card(which))
        (line,) = basket.lines
        assert isinstance(line, SeatLine)
        seat = seat_of(self.festival, line)
        tenders = [place_cards.pay(card, position, seat, 550) for position in range(1, places + 1)]
        left = basket.total_cents - sum(tender.amount_cents for tender in tenders)
        return (*tenders, *([Tender(CASH.code, left, left)] if left else []))

    def _lowered(self, which: int, basket: Basket) -> Basket:
        """The basket with a code on it; now and then a code says that it has one use more than it has."""
        festival, code = self.festival, self.codes[which % len(self.codes)]
        offer = festival.read(
            lambda session: promo_codes.look_up(session, code, festival.desk, clock=festival.clock)
        )
        if which % 5 == 0 and offer.uses_left is not None:
            offer = replace(offer, uses_left=offer.uses_left + 1)
        return put_on(basket, offer)


def test_each_act_of_cards_comes_to_something(festival: Festival) -> None:
    desk = AnyOrderOfCards(festival)
    script = Script(desk)
    script.play(desk.buy_card, "card sold", till=0, named=True)
    script.play(
        desk.pay_with_places,
        "places offered",
        "paid with places",
        till=1,
        which=1,
        screening="KNEECAP",
        count=3,
        places=2,
    )
    script.play(
        desk.use_a_code, "code put on", "sold with a code", till=0, which=2, screening="ETERNAL", count=2
    )
    script.play(desk.undo, "reversal", till=1, which=2, lines={2})
    script.play(desk.turn_points_into_a_place, "reward", till=1)
    script.play(desk.keep_in_the_wallet, "wallet", till=0, which=0, mine=True)
    script.play(
        desk.die_while_paying,
        "places offered",
        "paid after a death",
        till=0,
        which=0,
        screening="KNEECAP2",
        moment=Moment.BEFORE_ANSWER,
    )
    script.play(desk.undo, "reversal", till=0, which=1, lines=None)
    script.play(desk.empty_what_is_over, till=0)
    script.play(desk.wait, hours=40)
    script.play(desk.empty_what_is_over, "emptied", till=1)
    script.end()


def test_after_every_step_cards_codes_points_and_journal_agree(
    new_festival: Callable[[], Festival],
) -> None:
    explore(AnyOrderOfCards, new_festival)
