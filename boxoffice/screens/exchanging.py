"""The part of the counter that exchanges seats: those that come back pay for those that are chosen."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.message import Message

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import JournalKind
from boxoffice.language import _
from boxoffice.money import format_euros
from boxoffice.sales.basket import Basket, name_customer
from boxoffice.sales.checkout import Checkout
from boxoffice.sales.completed_sales import completed_sale
from boxoffice.sales.credits.credit_notes import completed_credit
from boxoffice.sales.credits.exchange import Exchange, Quote, check_returned, quote
from boxoffice.sales.credits.seats_to_credit import sum_up
from boxoffice.sales.people.customers import FoundCustomer, read_customer
from boxoffice.sales.screenings.programme import Programme
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.vouchers.at_payment import Beside

from . import errands, selling
from .choosing_returned import ExchangeWish
from .dialogs import Confirm
from .manager_pin import Authorization
from .paying import Paying
from .permitting import Act, ask_leave
from .selling import Sold
from .serving import ServingScreen

if TYPE_CHECKING:
    from boxoffice.house import House


class ExchangingScreen(ServingScreen):
    """Keeps the seats that come back in sight while others are chosen; nothing is written until that is paid.

    The whole basket is what they are exchanged for.
    """

    paying: Paying

    def __init__(self, house: "House", desk: Desk, programme: Programme) -> None:
        super().__init__(house, desk, programme)
        self.exchange: ExchangeWish | None = None
        self._asking_quote = False

    def begin_exchange(self, wish: ExchangeWish) -> None:
        """Show what comes back, in the name of the customer of that sale, and have the new seats chosen."""
        if self.basket or self.exchange is not None:
            self.say(
                Refusal(
                    _("Le panier n'est pas vide."),
                    _("Encaissez-le ou mettez-le en attente, puis échangez."),
                )
            )
            return
        house = self.house

        def read() -> FoundCustomer | None:
            with house.database.read() as session:
                if wish.authorized_by is None:
                    positions = tuple(seat.position for seat in wish.seats)
                    check_returned(session, wish.original_id, positions, self.desk, clock=house.clock)
                seats = sum_up(session, wish.original_id, house.post.rules, at=house.clock.now())
                buyer = next((seat.customer_id for seat in seats if seat.customer_id), None)
                return read_customer(session, buyer) if buyer else None

        def begin(buyer: FoundCustomer | None) -> None:
            self._know_exchange(wish)
            if buyer is not None:
                self.change(name_customer(Basket(), buyer.id, buyer.details.name))
            self.advise(
                _("Échange : choisissez les nouvelles places, puis Entrée. Échap renonce, rien n'est changé.")
            )

        def refused(refusal: Refusal) -> None:
            self._ask_leave(wish, refusal, self.begin_exchange)

        errands.send(self, read, begin, refused)

    def _ask_leave(self, wish: ExchangeWish, refusal: Refusal, go_on: Callable[[ExchangeWish], None]) -> None:
        """Go on once a manager has answered for an exchange past the deadline, and has said why."""
        if not isinstance(refusal, ManagerNeeded):
            self.say(refusal)
            return

        def allowed(leave: Authorization) -> None:
            go_on(replace(wish, authorized_by=leave.manager.id, reason=leave.reason))

        about = _("Échange de la vente {operation} : {seats}.").format(
            operation=wish.operation,
            seats=", ".join(f"{seat.label} {seat.event_title}" for seat in wish.seats),
        )
        act = Act(f"{JournalKind.SALE_CREDITED} {wish.operation}", about, ask_reason=True)
        ask_leave(self, self.house, act, refusal, allowed, self.say)

    def end_exchange(self) -> None:
        """What comes next is a sale like others."""
        self._know_exchange(None)

    def _know_exchange(self, wish: ExchangeWish | None) -> None:
        self.exchange = wish
        seats = () if wish is None else wish.seats
        self.basket_panel.show_returned(
            tuple((seat.label, seat.event_title, seat.total_cents) for seat in seats)
        )

    def action_empty(self) -> None:
        """Give the exchange up, once that is confirmed."""
        if self.exchange is None:
            super().action_empty()
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.end_exchange()
                self.reduce(Basket())
                self.advise(_("Échange abandonné : les billets restent valables."))

        detail = _("Rien n'est encore changé : les billets restent valables.")
        self.app.push_screen(Confirm(_("Renoncer à l'échange ?"), detail), answered)

    # -- the difference

    def pay_exchange(self) -> None:
        """Ask what the exchange comes to; then for what is missing, or at once for a last word."""
        if self.exchange is None or self._asking_quote:
            return
        self._asking_quote = True
        command = self._command(self.exchange)

        def ask() -> Quote | Sold:
            with self.house.database.read() as session:
                done = completed_sale(session, command.sale_id)
                if done is not None:
                    return Sold(done, {}, completed_credit(session, command.credit_note_id))
                return quote(session, command, self.desk, clock=self.house.clock)

        def answered(answer: Quote | Sold) -> None:
            self._asking_quote = False
            match answer:
                case Sold():
                    self.exchanged(answer)
                case Quote(to_pay_cents=missing) if missing > 0:
                    self.paying.open(
                        self.basket,
                        Message().time,
                        beside=Beside(self.cards, exchanged=answer.exchanged),
                        sell=self._swap,
                    )
                case Quote(back_cents=left) if left > 0 and self.basket.customer_id is None:
                    self._ask_whose(left)
                case Quote():
                    self._confirm(answer)

        errands.send(self, ask, answered, self._refuse_exchange)

    def exchanged(self, sold: Sold) -> None:
        """Both operations are in the books."""
        raise NotImplementedError

    def _command(self, wish: ExchangeWish) -> Exchange:
        return Exchange(
            sale_id=self.paying.sale_id,
            credit_note_id=wish.credit_note_id,
            original_id=wish.original_id,
            positions=tuple(seat.position for seat in wish.seats),
            basket=self.basket,
            authorized_by=wish.authorized_by,
            reason=wish.reason,
            print_note=True,
        )

    def _swap(self, paid: Checkout) -> Sold:
        """Bring the exchange to the books, with what was paid; called away from the screen."""
        assert self.exchange is not None
        command = replace(
            self._command(self.exchange), basket=paid.basket, tenders=paid.tenders, receipt=paid.receipt
        )
        return selling.swap(self.house, command, self.desk)

    def _ask_whose(self, left_cents: int) -> None:
        """Have the customer named to whose balance the difference goes."""
        said = _("{cents} iront au solde du client : nommez-le, puis Entrée.")
        self.advise(said.format(cents=format_euros(left_cents)))
        self.action_customers()

    def _confirm(self, worth: Quote) -> None:
        def answered(yes: bool | None) -> None:
            if yes and self.exchange is not None:
                self._asking_quote = True
                command = self._command(self.exchange)
                errands.send(
                    self,
                    lambda: selling.swap(self.house, command, self.desk),
                    done,
                    self._refuse_exchange,
                )

        def done(sold: Sold) -> None:
            self._asking_quote = False
            self.exchanged(sold)

        words = _("Places rendues {old}, nouvelles places {new}.").format(
            old=format_euros(worth.old_cents), new=format_euros(worth.new_cents)
        )
        left = _("{cents} crédités : rien n'est rendu en argent.").format(
            cents=format_euros(worth.back_cents)
        )
        nothing = _("Rien à payer, rien à rendre.")
        detail = f"{words} {left if worth.back_cents else nothing}"
        self.app.push_screen(Confirm(_("Échanger ces places ?"), detail, yes=_("Échanger")), answered)

    def _refuse_exchange(self, refusal: Refusal) -> None:
        self._asking_quote = False
        if self.exchange is None:
            self.say(refusal)
            return

        def go_on(allowed: ExchangeWish) -> None:
            self.exchange = allowed
            self.pay_exchange()

        self._ask_leave(self.exchange, refusal, go_on)

    def unlock(self) -> None:
        self._asking_quote = False
