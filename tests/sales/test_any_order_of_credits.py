"""Mixed means, credit notes and exchanges, in any order at two tills that may die, on either engine."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.kinds import LineKind, StoredValueKind
from boxoffice.models import (
    GiftCard,
    JournalEntry,
    Payment,
    PlaceCard,
    Sale,
    SaleLine,
    StoredValue,
    Ticket,
    TicketScan,
    ValueMovement,
)
from boxoffice.sales import means
from boxoffice.sales.basket import Basket, name_customer
from boxoffice.sales.checkout import Checkout, checkout
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.credits.answers import AcceptCredits, RefuseCredits, accept, refuse
from boxoffice.sales.credits.exchange import Exchange, exchange, quote
from boxoffice.sales.credits.requests import ask
from boxoffice.sales.reversal import reverse
from boxoffice.sales.screenings.entrance import admit
from boxoffice.sales.settlement import Settlement, Tender, tender
from boxoffice.sales.vouchers import at_payment, balances, expiring, loyalty, promo_codes
from boxoffice.sales.vouchers.balances import CorrectBalance
from boxoffice.sales.vouchers.liabilities import liabilities_until
from boxoffice.sales.vouchers.promo_basket import put_on
from tests.sales.at_two_tills import MOMENTS, TILLS, WHICH, AtTwoTills, Moment, Script, explore, pick, serving
from tests.sales.conftest import Festival
from tests.sales.credit_life import PAUL, cents_of, customer, summary, wish
from tests.sales.value_life import add_kind, card_line, give_card, make

Wish = tuple[str, str, int]

SEATS = st.tuples(
    st.sampled_from(["KNEECAP", "ETERNAL", "KNEECAP2"]),
    st.sampled_from(["PLEIN", "PLEIN", "REDUIT", "INVIT"]),
    st.integers(1, 3),
)
ORDERS = st.lists(SEATS, min_size=1, max_size=2)
COUNTS = st.integers(1, 2)
WHOSE = st.sampled_from([0, 1, 1, 2])
PAYERS = st.lists(st.sampled_from(["CADEAU", "BON850", "CARTE5", "balance", "proposed", "card"]), max_size=3)
POSITIONS = st.sets(st.integers(1, 3), min_size=1, max_size=2)


class AnyOrderOfCredits(AtTwoTills):
    """Two tills, two customers, a card of each kind. What is refused is refused; no cent is lost or made."""

    def __init__(self, festival: Festival) -> None:
        super().__init__(festival)
        self.customers: list[UUID] = []
        self.requests: list[UUID] = []
        self.codes: dict[str, list[str]] = defaultdict(list)
        self.code = ""
        self.reward_kind = 0

    @initialize()
    def open_the_house(self) -> None:
        festival = self.festival
        kind = add_kind(festival, price_cents=2400, places=3)
        self.reward_kind = add_kind(festival, "FIDELITE", label="Place 7/7", places=1, points=20)
        self.customers = [customer(festival), customer(festival, PAUL)]
        given = give_card(festival, kind, until=date(2026, 1, 22))
        self.codes["CARTE5"] = [row.code for row in festival.rows(PlaceCard) if row.value_id == given]
        (self.code,) = make(festival, uses=3, valid_until=date(2026, 1, 22)).codes
        self.buy_a_card(till=0, what="CADEAU", whose=0)
        self.buy_a_card(till=1, what="BON850", whose=0)
        self.sell(till=0, order=[("KNEECAP", "PLEIN", 2)], whose=1, payers=["CADEAU"], coded=False)

    # -- what holds

    @invariant()
    def money_in_is_money_out_and_what_is_owed(self) -> None:
        """What was taken in money is takings, less what vouchers had paid before, and what is still owed."""
        festival = self.festival
        values = {row.id: row for row in festival.rows(StoredValue)}
        rates = {row.value_id: row.vat_rate for row in festival.rows(GiftCard)}
        moved = _by(((row.value_id, row.kind), row.amount) for row in festival.rows(ValueMovement))
        paid = _by((_kind(row, rates), row.amount_cents) for row in festival.rows(Payment))
        sold = _by(
            (row.kind is LineKind.VOUCHER, row.quantity * row.unit_price_cents)
            for row in festival.rows(SaleLine)
        )
        owed = [
            each
            for each in values.values()
            if each.kind is StoredValueKind.BALANCE
            or (each.kind is StoredValueKind.GIFT_CARD and rates[each.id] is None)
        ]
        left = sum(each.amount for each in owed)
        lapsed = -sum(moved[each.id, "expired"] for each in owed)
        corrected = sum(moved[each.id, "corrected"] for each in owed)
        assert paid["exchange"] == 0
        assert paid["money"] == sold[False] - paid["voucher"] - paid["place_card"] + left + lapsed - corrected
        multi = sum(each.amount for each in owed if each.kind is StoredValueKind.GIFT_CARD)
        over = -sum(moved[each.id, "expired"] for each in owed if each.kind is StoredValueKind.GIFT_CARD)
        assert sold[True] == paid["gift_card"] + over + multi
        balance = sum(each.amount for each in owed if each.kind is StoredValueKind.BALANCE)
        assert balance == corrected - paid["balance"]
        ended = festival.clock.now() + timedelta(seconds=1)
        assert festival.read(lambda session: liabilities_until(session, ended)).owed_cents == left

    @invariant()
    def each_exchange_clears_itself(self) -> None:
        """What the credit note of an exchange brings is what its sale takes, to the cent."""
        clearing = _by(
            (row.sale_id, row.amount_cents)
            for row in self.festival.rows(Payment)
            if row.means == means.EXCHANGE.code
        )
        for sale in self.festival.rows(Sale):
            if sale.exchanges_sale_id is not None:
                assert clearing.pop(sale.id, 0) == -clearing.pop(sale.exchanges_sale_id, 0)
        assert not +clearing

    @invariant()
    def the_journal_alone_makes_the_same_ledgers(self) -> None:
        """No table but the journal is asked what is left of each value; none was ever below zero."""
        left: Counter[str] = Counter()
        numbered: Counter[str] = Counter()
        steps = []
        for row in self.festival.rows(JournalEntry):
            content = json.loads(row.content)
            left.update({each["id"]: 0 for each in content.get("issued", ())})
            steps += [(each["value"], each["sequence"], each) for each in content.get("values", ())]
        for value, sequence, each in sorted(steps, key=lambda step: step[:2]):
            numbered[value] += 1
            left[value] += each["amount"]
            assert sequence == numbered[value]
            assert each["left"] is None or each["left"] == left[value] >= 0
        kept = {str(row.id): row.amount for row in self.festival.rows(StoredValue)}
        assert {value: cents for value, cents in left.items() if kept[value] is not None} == {
            value: cents for value, cents in kept.items() if cents is not None
        }

    # -- sold

    @rule(till=TILLS, what=st.sampled_from(["BON850", "CADEAU", "CARTE5"]), whose=WHOSE)
    def buy_a_card(self, till: int, what: str, whose: int) -> None:
        """A voucher for a place, a gift card of 30,00, or a card of three places."""
        festival = self.festival
        line = card_line(festival) if what == "CARTE5" else festival.gift_line(what, 3000)
        if self._sell("card sold", till, self._named(Basket((line,)), whose), ()):
            rows = festival.rows(PlaceCard if what == "CARTE5" else GiftCard)
            self.codes[what].append(next(row.code for row in rows if row.value_id == line.value_id))

    @rule(till=TILLS, order=ORDERS, whose=WHOSE, payers=PAYERS, coded=st.booleans())
    def sell(self, till: int, order: list[Wish], whose: int, payers: list[str], coded: bool) -> None:
        basket = self._basket(order, whose, coded=coded)
        self._sell("sale", till, basket, payers)

    @rule(till=TILLS, which=WHICH, lines=st.none() | POSITIONS)
    def undo(self, till: int, which: int, lines: set[int] | None) -> None:
        command = self._reversal(which, lines, allowed=True)
        self._try("reversal", partial(self._asked_twice, reverse, command, till))

    # -- given back

    @rule(till=TILLS, which=WHICH, count=COUNTS, whose=WHOSE)
    def ask(self, till: int, which: int, count: int, whose: int) -> None:
        sale, positions = self._seats_of(which, count)
        (named,) = (row.customer_id for row in self.festival.rows(Sale) if row.id == sale.sale_id)
        command = wish(self.festival, sale, positions, None if named else self._customer(whose))
        if asked := self._try("request", partial(self._asked_twice, ask, command, till)):
            self.requests += [each.request_id for each in asked]

    @precondition(lambda self: self.requests)
    @rule(till=TILLS, which=WHICH, several=st.booleans())
    def accept(self, till: int, which: int, several: bool) -> None:
        self._try("note", partial(self._asked_twice, accept, self._acceptance(which, several), till))

    @precondition(lambda self: self.requests)
    @rule(till=TILLS, which=WHICH, moment=MOMENTS)
    def accept_and_die(self, till: int, which: int, moment: Moment) -> None:
        command = self._acceptance(which, several=False)
        self._die(moment, till, partial(accept, command=command, desk=self.desks[till]))
        self._try("note after a death", partial(self._asked_twice, accept, command, till))

    @precondition(lambda self: self.requests)
    @rule(till=TILLS, which=WHICH)
    def refuse(self, till: int, which: int) -> None:
        (request,) = self._waiting(which, several=False)
        command = RefuseCredits((request,), "Séance complète", self.festival.manager.id)
        work = partial(refuse, command=command, desk=self.desks[till])
        if self._try("refusal", partial(self._write, work)):
            self.requests.remove(request)

    # -- exchanged

    @rule(till=TILLS, which=WHICH, count=COUNTS, order=ORDERS, whose=WHOSE, coded=st.booleans())
    def exchange(self, till: int, which: int, count: int, order: list[Wish], whose: int, coded: bool) -> None:
        command = self._exchange(which, count, self._basket(order, whose, coded=coded), till)
        if command and (done := self._try("exchange", partial(self._asked_twice, exchange, command, till))):
            self.sold.append(done.sale)

    @rule(till=TILLS, which=WHICH, order=ORDERS, whose=WHOSE, moment=MOMENTS)
    def exchange_and_die(self, till: int, which: int, order: list[Wish], whose: int, moment: Moment) -> None:
        command = self._exchange(which, 1, self._basket(order, whose), till)
        if command is None:
            return
        self._die(moment, till, partial(exchange, command=command, desk=self.desks[till]))
        again = partial(self._asked_twice, exchange, command, till)
        if done := self._try("exchange after a death", again):
            self.sold.append(done.sale)

    # -- around

    @rule(till=TILLS, whose=st.integers(1, 2), cents=st.none() | st.integers(-500, 500))
    def treat(self, till: int, whose: int, cents: int | None) -> None:
        """Correct the balance of a customer, or turn their points into a place."""
        customer_id, desk = self.customers[whose - 1], self.desks[till]
        if cents is None:
            work = partial(loyalty.reward, customer_id=customer_id, kind_id=self.reward_kind, desk=desk)
            self._try("reward", partial(self._write, work))
            return
        there = cents_of(self.festival, customer_id)
        command = CorrectBalance(customer_id, there, there + cents, "Geste", self.festival.manager.id)
        self._try("correction", partial(self._write, partial(balances.correct, command=command, desk=desk)))

    @rule(till=TILLS, which=WHICH)
    def let_in(self, till: int, which: int) -> None:
        over = {(line.reverses_sale_id, line.reverses_position) for line in self.festival.rows(SaleLine)}
        over |= {(scan.sale_id, scan.position) for scan in self.festival.rows(TicketScan)}
        tickets = sorted(self.festival.rows(Ticket), key=lambda row: (row.till_id, row.number))
        code = pick(which, [row for row in tickets if (row.sale_id, row.position) not in over], tickets).code
        work = partial(admit, post=self.festival.posts[till], scanned=code, door="Porte A")
        self._try("entrance", partial(self._write, work))

    @rule(till=TILLS)
    def empty_what_is_over(self, till: int) -> None:
        self.done["emptied"] += bool(
            self._write(partial(expiring.expire_over, post=self.festival.posts[till]))
        )

    @rule(hours=st.sampled_from([1, 1, 1, 5, 40]))
    def wait(self, hours: int) -> None:
        self.festival.clock.advance(timedelta(hours=hours))

    # -- how it is done

    def _sell(self, what: str, till: int, basket: Basket, payers: Sequence[str]) -> bool:
        command = Checkout(uuid4(), basket, self._paid(basket, payers, till))
        sold = self._try(what, partial(self._asked_twice, checkout, command, till))
        if sold:
            self.sold.append(sold)
        return sold is not None

    def _paid(self, basket: Basket, payers: Iterable[str], till: int) -> tuple[Tender, ...]:
        """What each of these gives, as far as it goes, and the rest in cash."""
        settlement = Settlement(basket.total_cents)
        for payer in payers:
            with suppress(Refusal):
                settlement = self._pay_with(payer, basket, settlement, till)
        if settlement.remaining_cents:
            settlement = tender(settlement, means.CASH, cash_limit_cents=1_000_000)
        return settlement.tenders

    def _pay_with(self, payer: str, basket: Basket, settlement: Settlement, till: int) -> Settlement:
        festival, desk = self.festival, self.desks[till]
        if payer == "card":
            part = settlement.remaining_cents // 2
            return tender(settlement, means.CARD, part, cash_limit_cents=1_000_000) if part else settlement
        if payer in ("balance", "proposed"):
            known = festival.read(
                lambda session: at_payment.at_hand(session, basket, desk, clock=festival.clock)
            )
            if payer == "proposed":
                return settlement if settlement.tenders else replace(settlement, tenders=known.proposed)
            part = min(known.balance_cents, settlement.remaining_cents)
            given = (Tender(means.BALANCE.code, part, value_id=known.balance_id),) if part else ()
            return replace(settlement, tenders=(*settlement.tenders, *given))
        text = self.codes[payer][-1]

        def work(session: Session) -> at_payment.PaidWith:
            return at_payment.pay_by_code(session, text, basket, settlement, desk, clock=festival.clock)

        return replace(settlement, tenders=(*settlement.tenders, *festival.read(work).tenders))

    def _basket(self, order: Iterable[Wish], whose: int, *, coded: bool = False) -> Basket:
        festival = self.festival
        basket = self._named(festival.basket(*(festival.seat_line(*each) for each in order)), whose)
        if coded:
            with suppress(Refusal):
                return put_on(
                    basket,
                    festival.read(
                        lambda session: promo_codes.look_up(
                            session, self.code, festival.desk, clock=festival.clock
                        )
                    ),
                )
        return basket

    def _named(self, basket: Basket, whose: int) -> Basket:
        return name_customer(basket, self._customer(whose), "Léa" if whose else "")

    def _customer(self, whose: int) -> UUID | None:
        return self.customers[whose - 1] if whose else None

    def _seats_of(self, which: int, count: int) -> tuple[CompletedSale, tuple[int, ...]]:
        """So many seats of a sale; mostly of one that has some which may come back."""
        there = {
            sale.sale_id: [seat.position for seat in summary(self.festival, sale) if seat.obstacle is None]
            for sale in self.sold
        }
        sale = pick(which, [sale for sale in self.sold if there[sale.sale_id]], self.sold)
        return sale, tuple(there[sale.sale_id][:count]) or tuple(range(1, count + 1))

    def _waiting(self, which: int, several: bool) -> tuple[UUID, ...]:
        """One of the requests that were not refused, or the last two of them."""
        return tuple(self.requests[-2:]) if several else (self.requests[which % len(self.requests)],)

    def _acceptance(self, which: int, several: bool) -> AcceptCredits:
        return AcceptCredits(uuid4(), self._waiting(which, several), self.festival.manager.id)

    def _exchange(self, which: int, count: int, basket: Basket, till: int) -> Exchange | None:
        """The wish for this basket instead of seats of a sale, what is missing paid in cash."""
        festival, desk = self.festival, self.desks[till]
        sale, positions = self._seats_of(which, count)
        allowed = festival.manager.id
        command = Exchange(uuid4(), uuid4(), sale.sale_id, positions, basket, authorized_by=allowed)
        worth = self._try(
            "quote",
            lambda: festival.read(lambda session: quote(session, command, desk, clock=festival.clock)),
        )
        if worth is None or not worth.to_pay_cents:
            return command if worth else None
        missing = tender(Settlement(worth.to_pay_cents), means.CASH, cash_limit_cents=1_000_000)
        return replace(command, tenders=missing.tenders)


def _by(pairs: Iterable[tuple[object, int]]) -> Counter[object]:
    """The sum by key; a counter knows no key as zero."""
    sums: Counter[object] = Counter()
    for key, amount in pairs:
        sums[key] += amount
    return sums


def _kind(payment: Payment, rates: dict[UUID, int | None]) -> str:
    """What kind of value paid; money is money, and a card with a rate of VAT a voucher."""
    if payment.means in {each.code for each in means.ALL}:
        return "money"
    if payment.means == means.GIFT_CARD.code and payment.value_id and rates[payment.value_id] is not None:
        return "voucher"
    return payment.means


def test_each_act_of_credits_comes_to_something(festival: Festival) -> None:
    desk = AnyOrderOfCredits(festival)
    script = Script(desk)
    # 0: a card of 30,00; 1: a voucher; 2: two seats at 8,50 for Léa, by that card, of which 13,00 are left.
    script.play(desk.buy_a_card, "card sold", till=1, what="CADEAU", whose=0)  # 3
    script.play(desk.buy_a_card, "card sold", till=0, what="CARTE5", whose=1)  # 4
    script.play(
        desk.sell,  # 5: one place, one voucher, a part by card, the rest in cash
        "sale",
        till=0,
        order=[("ETERNAL", "PLEIN", 3)],
        whose=1,
        payers=["CARTE5", "BON850", "card"],
        coded=False,
    )
    script.play(
        desk.sell, "sale", till=1, order=[("KNEECAP", "PLEIN", 2)], whose=2, payers=["CADEAU"], coded=True
    )  # 6
    script.play(desk.ask, "request", till=1, which=serving(2), count=2, whose=0)
    script.play(desk.refuse, "refusal", till=0, which=0)
    script.play(desk.accept, "note", till=0, which=0, several=False)
    script.play(desk.ask, "request", till=0, which=serving(2), count=1, whose=2)
    script.play(desk.accept_and_die, "note after a death", till=1, which=1, moment=Moment.BEFORE_ANSWER)
    script.play(
        desk.exchange,
        "quote",
        "exchange",
        till=1,
        which=serving(0),
        count=2,
        order=[("KNEECAP2", "REDUIT", 1)],
        whose=1,
        coded=False,
    )  # 7: 11,00 go back onto the gift card
    script.play(
        desk.exchange_and_die,
        "quote",
        "exchange after a death",
        till=0,
        which=serving(1),
        order=[("KNEECAP2", "PLEIN", 2)],
        whose=1,
        moment=Moment.BEFORE_ANCHOR,
    )  # 8: 11,00 more in cash
    script.play(desk.undo, "reversal", till=0, which=8, lines=None)
    script.play(desk.treat, "correction", till=0, whose=1, cents=500)
    script.play(
        desk.sell,
        "sale",
        till=1,
        order=[("KNEECAP", "PLEIN", 1)],
        whose=1,
        payers=["proposed"],
        coded=False,
    )  # 9: the balance first
    script.play(desk.treat, "reward", till=0, whose=1, cents=None)
    script.play(desk.undo, "reversal", till=1, which=5, lines={1})
    script.play(desk.let_in, "entrance", till=0, which=serving(0))
    script.play(desk.wait, hours=40)
    script.play(desk.empty_what_is_over, "emptied", till=1)
    script.end()


def test_after_every_step_money_credits_and_journal_agree(new_festival: Callable[[], Festival]) -> None:
    explore(AnyOrderOfCredits, new_festival)
