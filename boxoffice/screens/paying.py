"""The payment at the counter: opened over the list, pressed key by key, settled in the books once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from textual import events
from textual.screen import Screen

from boxoffice.errors import DeskClosed, Refusal
from boxoffice.language import _
from boxoffice.sales import means
from boxoffice.sales.basket import Basket, CardCharge
from boxoffice.sales.checkout import Checkout
from boxoffice.sales.codes import CodeKind, read_code
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.settlement import Settlement, Tender
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.staff.rules import ReceiptPolicy
from boxoffice.sales.vouchers.at_payment import NOTHING_BESIDE, AtHand, Beside, OrderChanged, PaidWith
from boxoffice.sales.vouchers.guessing import CodeRefused
from boxoffice.sales.vouchers.place_cards import SurnameNeeded

from . import errands, scanning, selling
from .card_lookups import cards_asked, hand_asked, order_accepted, place_given
from .payment import Asked, Entry, Lookup, Payment, begun, pays_nothing, press
from .scanning import Before, ScanGuard
from .selling import Doubtful, Sold
from .widgets.payment_panel import PaymentPanel

if TYPE_CHECKING:
    from boxoffice.house import House

PAYING_CARDS = frozenset({CodeKind.GIFT_CARD, CodeKind.PLACE_CARD})
"""What pays by being scanned."""

BOUNCE, HELD = 12, 35
"""For how many bursts after an Enter another is the same one, bounced or repeated, and after the one that
opens the payment: a key that is held is repeated that late at first.
"""


class Paying:
    """Leads one payment at a time. While the books are asked, and while in doubt, nothing else can be done.

    `sale_id` is what the books are asked under: a basket keeps it, however often its payment is opened, until
    it is sold or emptied.
    `sold` is called with what the books hold, `refused` when they would not take the sale, `turned` when the
    payment opens or closes, `changed` when its codes went to other seats of the basket, or what a card had
    paid of it was given back.
    """

    def __init__(
        self,
        screen: Screen[Any],
        house: "House",
        desk: Desk,
        sold: Callable[[Sold], None],
        refused: Callable[[], None],
        turned: Callable[[], None],
        changed: Callable[[Basket], None],
    ) -> None:
        self.panel = PaymentPanel()
        self.payment: Payment | None = None
        self.sale_id = uuid4()
        self.is_reading_hand = False
        self._screen, self._house, self._desk = screen, house, desk
        self._basket = Basket()
        self._beside = NOTHING_BESIDE
        self._sell: Callable[[Checkout], Sold] | None = None
        self._guard = ScanGuard(screen, self._typed, self._sure, self._scanned)
        self._deaf_until = 0.0
        self._before: Before[Payment | None] = Before(None)
        self._unsent = False
        self._scanned_meanwhile: tuple[str, ...] = ()
        self._too_much: tuple[CardCharge, ...] = ()
        self._sold, self._told_refused, self._turned = sold, refused, turned
        self._changed = changed

    def open(
        self,
        basket: Basket,
        entered_at: float = 0.0,
        *,
        beside: Beside = NOTHING_BESIDE,
        sell: Callable[[Checkout], Sold] | None = None,
    ) -> None:
        """Ask for the money of a basket, once the books have nothing against it.

        `entered_at` is when Enter asked for it, on the clock of keys. `beside` is what is known of it to pay
        with. `sell` brings to the books what was found possible already, of which other seats pay a part.
        """
        self._basket = basket
        self._deaf_until = entered_at + HELD * scanning.BURST_SECONDS if entered_at else 0.0
        self._beside, self._sell = beside, sell
        self._guard = ScanGuard(self._screen, self._typed, self._sure, self._scanned)
        self._before.begin(None)
        rules = self._desk.post.rules
        always = rules.receipt is ReceiptPolicy.ALWAYS
        due = basket.total_cents - sum(cents for _rate, cents in beside.exchanged)
        limit = rules.cash_limit_cents
        self._show(begun(basket, self.sale_id, due, cash_limit_cents=limit, receipt=always))
        assert self.payment is not None
        self._too_much = () if self.payment.charges else basket.charges
        self.panel.display = True
        self._turned()
        self.is_reading_hand = bool(basket.customer_id or beside.cards or len(beside.codes) > 1)
        if self.is_reading_hand:
            read = hand_asked(self._house, self._desk, basket, beside)
            know, fail = partial(self._know_hand, basket), partial(self._unknown_hand, basket)
            errands.send(self._screen, read, know, fail)
        if sell is None:
            self._rehearse(basket)

    @property
    def charges(self) -> tuple[CardCharge, ...]:
        """What the card terminal has taken for the basket that is being paid, whose sale is not made yet."""
        return self._too_much + (() if self.payment is None else self.payment.charges)

    def _rehearse(self, basket: Basket) -> None:
        """Ask whether the books would have this basket."""
        errands.send(
            self._screen,
            lambda: selling.rehearse(self._house, basket, self._desk),
            lambda _nothing: self._learn(basket, None),
            lambda refusal: self._learn(basket, refusal),
        )

    def follow(self) -> None:
        """Stop an open payment that the books would not have any more: something else is on sale now.

        What was in its way already is asked about at Enter: a payment opens to money by a key alone.
        """
        payment, basket = self.payment, self._basket
        if payment is None or payment.obstacle is not None or self._sell is not None:
            return
        errands.send(
            self._screen,
            lambda: selling.rehearse(self._house, basket, self._desk),
            lambda _nothing: None,
            lambda refusal: self._learn(basket, refusal),
        )

    def _learn(self, basket: Basket, obstacle: Refusal | None) -> None:
        """Take no money for a basket as long as the books would not have it."""
        payment = self.payment
        if payment is None or self._basket is not basket or payment.settling or payment.doubtful:
            return
        if obstacle is not payment.obstacle:
            self._show(replace(payment, obstacle=obstacle, refusal=obstacle))
            self._told_refused()

    def hear(self, event: events.Key) -> None:
        """Take one key, unless a scanner sends it or it is the Enter of before, bounced or held."""
        if event.key == "enter" and event.time < self._deaf_until:
            self._deaf_until = max(self._deaf_until, event.time + BOUNCE * scanning.BURST_SECONDS)
        else:
            self._deaf_until = 0.0
            self._guard.take(event)

    def keep_at_it(self) -> None:
        """Say that what a key asks for waits until the payment is over."""
        if self.payment is not None and not self.payment.settling and not self.payment.doubtful:
            remedy = _("Terminez le règlement, ou revenez au panier par Échap.")
            self._show(replace(self.payment, refusal=Refusal(_("Un règlement est ouvert."), remedy)))

    def _typed(self, event: events.Key) -> bool:
        """Show what a key does, at once; whether it took money, after which nobody types on at once."""
        before = self.payment
        if event.is_printable:
            self._before.keep(before)
        else:
            self._before.begin(before)
        self.press(event.key, event.character if event.character and event.is_printable else "", sure=False)
        after = self.payment
        return before is not None and after is not None and before.settlement != after.settlement

    def _sure(self) -> None:
        """The last key was a cashier's: bring what it ended to the books."""
        if self._unsent and self.payment is not None:
            self._unsent = False
            self._settle(self.payment)

    def _scanned(self, text: str, acted: int) -> None:
        """Say what was scanned and that it changes nothing; take back its keys that were acted upon."""
        self._take_back(acted)
        payment, code = self.payment, read_code(text)
        if code and code[0] in PAYING_CARDS:
            self._look(Lookup(code[1]))
            return
        if payment is not None and not code and payment.entry and payment.entry.asked is not Asked.SURNAME:
            self._look(Lookup(text, entry=replace(payment.entry, typed=text)))
            return
        said = pays_nothing(text)
        self._screen.notify(said.remedy, title=said.message, severity="warning", markup=False)

    def _take_back(self, keys: int) -> None:
        """Have the payment as it was before the last keys, unless they already went to the books."""
        before, now = self._before.of(keys) if keys else None, self.payment
        if before is None or now is None or before.lookup or now.lookup or now.doubtful:
            return
        if now.settling and not self._unsent:
            return
        self._unsent = False
        refusal = before.refusal or now.obstacle
        self._show(replace(before, hand=now.hand, obstacle=now.obstacle, refusal=refusal))

    def press(self, key: str, character: str, *, sure: bool = True) -> None:
        """Take one key. Unless it is `sure` that a cashier sends it, a letter that ends the payment waits."""
        payment = self.payment
        if payment is None or payment.settling:
            return
        if payment.lookup is not None:
            return
        if key == "escape" and not (payment.noting or payment.entry or payment.drawing_cents is not None):
            self._step_back(payment)
            return
        pressed = press(payment, key, character)
        if pressed == payment:
            if key == "enter" and payment.obstacle is not None:
                self._rehearse(self._basket)
            return
        if pressed.lookup is not None:
            self._look(pressed.lookup)
            return
        self._show(pressed)
        self._unsent = pressed.settling
        if sure or not character:
            self._sure()

    # -- what the customer has here

    def _know_hand(self, basket: Basket, hand: AtHand) -> None:
        """What the customer of a payment that was left has is not what the next one has."""
        if self._basket is not basket:
            return
        self.is_reading_hand = False
        if self.payment is not None:
            self._show(replace(self.payment, hand=hand))

    def _unknown_hand(self, basket: Basket, refusal: Refusal) -> None:
        if self._basket is not basket:
            return
        self.is_reading_hand = False
        if self.payment is not None and not self.payment.doubtful:
            self._show(replace(self.payment, refusal=refusal))

    def _look(self, lookup: Lookup) -> None:
        """Ask the books what a card pays, or to carry out the proposed order; no key counts meanwhile."""
        payment = self.payment
        if payment is None or payment.settling or payment.doubtful:
            return
        if payment.lookup is not None:
            self._scanned_meanwhile += (lookup.text,) if lookup.text else ()
            return
        asked = replace(payment, lookup=lookup, entry=None, drawing_cents=None, said="", refusal=None)
        self._show(asked)
        if lookup.accepts:
            accept = order_accepted(self._house, self._desk, self._basket, payment.hand, self._beside)
            errands.send(self._screen, accept, self._accepted, self._pays_not)
            return
        if lookup.birthday is not None:
            give = place_given(self._house, self._desk, self._basket, lookup.birthday, self._beside)
            errands.send(self._screen, give, self._gave_place, self._pays_not)
            return
        ask = cards_asked(self._house, self._desk, self._basket, payment, lookup)
        errands.send(self._screen, ask, self._pays, self._pays_not)

    def _look_at_others(self) -> None:
        """Ask about the cards that were scanned while the books were asked about one."""
        first, *others = (*self._scanned_meanwhile, "")
        self._scanned_meanwhile = ()
        if first:
            self._look(Lookup(first, more=tuple(filter(None, others))))

    def _accepted(self, hand: AtHand) -> None:
        """Pay as proposed; where codes went to other seats, it is another basket that is paid."""
        payment = self.payment
        if payment is not None and hand.basket != self._basket:
            self._basket = hand.basket
            settlement = Settlement(hand.basket.total_cents, payment.settlement.tenders)
            self._show(replace(payment, settlement=settlement))
            self._changed(hand.basket)
        self._add(hand.proposed, "", hand)
        self._look_at_others()

    def _gave_place(self, hand: AtHand) -> None:
        """Propose the order with the place that the customer now has: nothing is paid yet."""
        payment = self.payment
        if payment is not None and payment.lookup is not None:
            said = _("Place d'anniversaire donnée : elle est dans le portefeuille du client.")
            self._show(replace(payment, lookup=None, hand=hand, said=said))
        self._look_at_others()

    def _pays(self, paid: PaidWith) -> None:
        self._add(paid.tenders, paid.said)
        if self.payment is not None and paid.refused is not None:
            self._show(replace(self.payment, refusal=paid.refused))
        self._look_at_others()

    def _add(self, tenders: Sequence[Tender], said: str, hand: AtHand | None = None) -> None:
        """Take the tenders of a card. Paid in full, a sale still waits for Enter: a scan sells nothing."""
        payment = self.payment
        if payment is None or payment.lookup is None:
            return
        settlement = payment.settlement
        taken = Settlement(settlement.total_cents, (*settlement.tenders, *tenders))
        known = payment.hand if hand is None else hand
        self._show(replace(payment, lookup=None, settlement=taken, typed="", said=said, hand=known))

    def _pays_not(self, refusal: Refusal) -> None:
        payment = self.payment
        if payment is None or payment.lookup is None:
            return
        entry = None
        if isinstance(refusal, SurnameNeeded):
            entry = Entry(Asked.SURNAME, number=payment.lookup.text)
        elif isinstance(refusal, CodeRefused) and payment.lookup.entry is not None:
            entry = replace(payment.lookup.entry, refused=True)
        hand = refusal.hand if isinstance(refusal, OrderChanged) else payment.hand
        self._show(replace(payment, lookup=None, entry=entry, refusal=refusal, hand=hand))
        if entry is None or entry.refused:
            self._look_at_others()

    def _show(self, payment: Payment) -> None:
        self.payment = payment
        self.panel.show(payment)

    def _close(self) -> None:
        self.payment = None
        self._scanned_meanwhile = ()
        self._unsent = False
        self.panel.display = False
        self._turned()

    def _step_back(self, payment: Payment) -> None:
        """One step: out of doubt, then what is typed, then each tender, then back to the basket."""
        if payment.doubtful:
            self._show(replace(payment, settling=True))
            errands.send(
                self._screen,
                lambda: selling.find_out(self._house, payment.sale_id),
                self._found_out,
                self._refused,
            )
        elif isinstance(payment.obstacle, DeskClosed):
            self._leave(self.charges)
        elif payment.typed:
            self._show(replace(payment, typed="", refusal=None))
        elif payment.settlement.tenders:
            self._show(press(payment, "backspace", ""))
        else:
            self._leave(self._too_much)

    def _leave(self, charges: tuple[CardCharge, ...]) -> None:
        """Go back to the basket, of which these are still paid by card."""
        self._close()
        if self._basket.charges != charges:
            self._changed(replace(self._basket, charges=charges))

    def _settle(self, payment: Payment) -> None:
        command = Checkout(payment.sale_id, self._basket, payment.settlement.tenders, payment.receipt)
        sell = self._sell or (lambda command: selling.sell(self._house, command, self._desk))
        errands.send(self._screen, lambda: sell(command), self._finish, self._refused)

    def unlock(self) -> None:
        """What the books were asked and nobody heard is in doubt: asked again, it is the same sale."""
        payment = self.payment
        if payment is None or not payment.settling or self._unsent:
            return
        doubt = Doubtful(
            _("Un incident imprévu a interrompu la vente."),
            _("Le panier est gardé. Entrée pour essayer encore : la vente ne sera pas faite deux fois."),
        )
        self._show(replace(payment, settling=False, doubtful=True, refusal=doubt))

    def _finish(self, sold: Sold) -> None:
        if self.payment is None or self.payment.sale_id != sold.sale.sale_id:
            return
        paid = self.payment.settlement.tenders
        self._close()
        self._sold(sold)
        if any(means.BY_CODE[given.means].opens_drawer for given in paid):
            self._house.open_drawer()

    def _found_out(self, sale: CompletedSale | None) -> None:
        if sale is not None:
            self._finish(Sold(sale, {}))
        elif self.payment is not None:
            self._show(replace(self.payment, settling=False, doubtful=False, refusal=None))

    def _refused(self, refusal: Refusal) -> None:
        if self.payment is not None:
            doubtful, stays = isinstance(refusal, Doubtful), isinstance(refusal, DeskClosed)
            refused = replace(self.payment, settling=False, doubtful=doubtful, refusal=refusal)
            self._show(replace(refused, obstacle=refusal if stays else refused.obstacle))
            self._told_refused()
