"""The counter: screenings, tariffs, basket and payment on one screen, sold with a few keys."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar
from uuid import uuid4

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message

from boxoffice.errors import Refusal
from boxoffice.language import _, later
from boxoffice.sales.basket import Basket
from boxoffice.sales.books.occurrences import lines_removed
from boxoffice.sales.parking import Recalled
from boxoffice.sales.reversal import CompletedReversal
from boxoffice.sales.screenings.programme import Programme
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.vouchers.at_payment import Beside

from . import errands, scanning, selling
from .asking import AskText
from .charged import paid_before, tell_charged
from .commands import Command, bindings
from .counter_commands import COUNTER, EVERYWHERE
from .management_commands import MANAGEMENT
from .managing import ManagingScreen
from .menu import ManagementMenu
from .outbox import OutboxScreen
from .parked import ParkedBaskets, left_words, park, recalled_words
from .paying import BOUNCE, Paying
from .reversal import ReversalDialog
from .selling import Sold
from .shift_ending import close_own_shift
from .shopping import ShoppingScreen
from .widgets.bars import KeyBar, label_of
from .widgets.basket_panel import Farewell
from .widgets.payment_panel import PaymentPanel

if TYPE_CHECKING:
    from boxoffice.house import House

WIDE = 100
ALWAYS = {"lock"}
"""What is done over a payment too."""
_CONTROLLED = frozenset(command.action.partition("(")[0] for command in COUNTER)


class CounterScreen(ManagingScreen):
    """Where the cashier spends the day.

    Every key passes through `on_key`, in the order typed, so that a hurried cashier or a scanner is never
    answered out of turn. The state is the agenda, the basket and the payment; the panels only draw it.
    """

    HELP = later(
        "Les chiffres vendent un tarif de la séance choisie, les lettres cherchent une séance, les touches "
        "de fonction agissent. Entrée encaisse, Échap revient d'un pas. « / » cherche aussi avec des "
        "chiffres : /19h45."
    )
    LETTERS_OPEN_NOTHING: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COUNTER)]

    class Left(Message):
        """The operator goes; the shift stays open."""

    class Locked(Message):
        """The counter is to be covered until its operator is back."""

    def __init__(self, house: "House", desk: Desk, programme: Programme) -> None:
        super().__init__(house, desk, programme)
        self.paying = Paying(
            self, house, desk, self._sold, self._refused_to_sell, self._show_keys, self.show_as_paid
        )
        self._actions: dict[str, str] = {}
        self._leaving = False
        self._paid_by = "", 0.0
        self._key_bar = KeyBar(())

    def compose(self) -> ComposeResult:
        yield self.status
        with Horizontal(id="counter"):
            with Vertical(id="left"):
                yield self.screenings
                yield self.tariffs
                yield self.paying.panel
            yield self.basket_panel
        yield self._key_bar

    def on_mount(self) -> None:
        self.paying.panel.display = False
        self._learn_keys()
        self.stand_on_next()

    @property
    def is_serving(self) -> bool:
        return bool(self.basket or self.exchange or self.agenda.search or self.paying.payment is not None)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < WIDE, "-narrow")

    # -- keys

    async def on_key(self, event: events.Key) -> None:
        character = event.character if event.character and event.is_printable else ""
        if self._leaving:
            event.stop()
            return
        if self.paying.payment is not None:
            if event.key in self._actions or character:
                event.stop()
            self.scanner.sends(event)
            self._paid_by = event.key, event.time
            if (always := self._actions.get(event.key)) in ALWAYS:
                await self.app.run_action(always, self)
            elif event.key.startswith("ctrl+"):
                self.paying.keep_at_it()
            else:
                self.paying.hear(event)
            return
        if scanned := self.take_back_scan(event):
            event.stop()
            self.show_scanned(scanned)
            return
        self.basket_panel.show(self.basket, self.basket_line)
        if self.screenings.literal and character:
            event.stop()
            self.look_for(self.agenda.search + character)
        elif action := self._actions.get(event.key):
            event.stop()
            await self.app.run_action(action, self)
        elif character.isdecimal() and not self._seeks_in_vain:
            event.stop()
            self.choose_digit(character)
        elif character == "/":
            event.stop()
            self.screenings.literal = True
            self.search_on("")
        elif character.isalpha() or (character and self.agenda.search):
            event.stop()
            if not self._is_of_payment(event):
                self.search_on(character)

    @property
    def _seeks_in_vain(self) -> bool:
        """Whether nothing answers to what is searched for: it may be a promo code."""
        return bool(self.agenda.search) and not self.agenda.shown

    def _is_of_payment(self, event: events.Key) -> bool:
        """Whether this is the letter that ended the payment, held or bounced."""
        key, at = self._paid_by
        if not at or event.key != key or event.time - at >= BOUNCE * scanning.BURST_SECONDS:
            return False
        self._paid_by = key, event.time
        return True

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        """While a payment is open, its own keys and the lock are the only ones; none while one leaves."""
        if action not in _CONTROLLED:
            return True
        return not self._leaving and (self.paying.payment is None or action in ALWAYS)

    def _learn_keys(self) -> None:
        """Know which key does what, as remapped by the settings."""
        self._actions = {
            key: active.binding.action
            for key, active in self.active_bindings.items()
            if active.node is self and active.binding.id
        }
        self._show_keys()

    def _show_keys(self) -> None:
        """Show the chief keys of the moment: none that does nothing."""
        bound = self.active_bindings.values()
        first = {active.binding.id: active.binding for active in reversed(bound)}
        self._key_bar.show(
            [
                label_of(command, self.app.get_key_display(first[command.id]))
                for command in (*EVERYWHERE, *COUNTER)
                if command.in_bar and command.id in first
            ]
        )

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        event.stop()
        await self.app.run_action(event.action, self)

    # -- paying

    def action_pay(self) -> None:
        """Open the payment; an Enter first ends a search, tried as a code where nothing answers to it."""
        entered_at = self.scanner.entered_at
        was_literal, self.screenings.literal = self.screenings.literal, False
        if was_literal:
            self.screenings.repaint()
        if entered_at and self._seeks_in_vain:
            self.try_as_code()
        elif not (entered_at and was_literal):
            self._pay(entered_at)

    def _pay_as_named(self) -> None:
        """Go on once names were typed, which an Enter ended."""
        self._pay(Message().time)

    def _pay(self, entered_at: float) -> None:
        if not self.basket:
            self.advise(_("Le panier est vide : choisissez une séance, puis un tarif par son chiffre."))
        elif self.something_missing(self._pay_as_named):
            return
        elif self.exchange is not None:
            self.pay_exchange()
        else:
            self.paying.open(self.basket, entered_at, beside=Beside(self.cards, self.codes))

    def on_payment_panel_pressed(self, event: PaymentPanel.Pressed) -> None:
        self.paying.press(event.key, event.key if len(event.key) == 1 else "")

    def _sold(self, sold: Sold) -> None:
        """Stand ready for the next customer; the change due stays in sight until a key."""
        farewell = selling.farewell(sold, self.basket)
        self.agenda.refresh_seats(sold.seats)
        self.part(farewell)

    def exchanged(self, sold: Sold) -> None:
        self._sold(sold)

    def part(self, farewell: Farewell) -> None:
        self.basket, self.basket_line = Basket(), None
        self.paying.sale_id = uuid4()
        self.basket_panel.show(self.basket, None, farewell)
        self._start_over()

    def _start_over(self) -> None:
        self.forget_codes()
        self.cards = ()
        self.end_exchange()
        self.agenda.reset(self.house.clock.now())
        self.screenings.literal = False
        self.advise("")
        self.stand_on_next()
        self.remember()
        self.ask_about_doubtful()

    def _refused_to_sell(self) -> None:
        """Something was not as the screen had it: read again what is on sale."""
        errands.send(self, self.house.programme, self.renew_programme, self.say)

    def renew_programme(self, programme: Programme) -> None:
        super().renew_programme(programme)
        self.paying.follow()

    def change(self, basket: Basket) -> None:
        """Show another basket; an empty one begins another sale, of which nothing is paid."""
        if not basket:
            self.paying.sale_id = uuid4()
            tell_charged(self.app, basket, _("Remboursez-les sur le terminal."))
            basket = replace(basket, charges=())
        super().change(basket)

    # -- around the sale

    def action_menu(self) -> None:
        def chosen(command: Command | None) -> None:
            if command is not None:
                self.run_worker(self.app.run_action(command.action, self), exit_on_error=False)

        in_menu = (command for command in (*MANAGEMENT, *COUNTER, *EVERYWHERE) if command.in_menu)
        listed = sorted(in_menu, key=lambda command: command.in_bar)
        self.app.push_screen(ManagementMenu(listed, training=self.house.settings.training), chosen)

    def action_reverse(self) -> None:
        def done(reversal: CompletedReversal | None) -> None:
            if reversal is not None:
                self.basket_panel.show(self.basket, self.basket_line, selling.farewell_undone(reversal))

        self.app.push_screen(ReversalDialog(self.house, self.desk), done)

    def action_outbox(self) -> None:
        self.app.push_screen(OutboxScreen(self.house, self.desk))

    def on_shopping_screen_taken_out(self, event: ShoppingScreen.TakenOut) -> None:
        def tell() -> None:
            with self.house.database.write() as session:
                lines_removed(session, self.desk, event.lines, clock=self.house.clock)

        errands.send(self, tell, lambda _told: None, self.say)

    def action_park(self) -> None:
        if self.exchange is not None:
            self.advise(_("Terminez l'échange, ou renoncez-y par Échap."))
            return
        if not self.basket:
            self.advise(_("Le panier est vide : il n'y a rien à mettre en attente."))
            return

        def noted(note: str | None) -> None:
            if note is not None:
                self._park(note or paid_before(self.basket), self._parked, self.say)

        self.app.push_screen(AskText(_("Mettre le panier en attente : note ?"), longest=60), noted)

    def _park(self, note: str, parked: Callable[[Basket], None], refused: Callable[[Refusal], None]) -> None:
        basket, sale_id = self.left_basket, self.paying.sale_id
        park(self, self.house, self.desk, basket, sale_id, note, parked, refused, in_doubt=self.in_doubt)

    def _parked(self, basket: Basket) -> None:
        if self.basket == basket:
            self.change(Basket())
            self._start_over()
        self.advise(_("Panier mis en attente."))

    def action_recall(self) -> None:
        if self.basket:
            self.advise(_("Encaissez, videz ou mettez en attente ce panier avant d'en reprendre un autre."))
            return

        self.app.push_screen(ParkedBaskets(self.house, self.desk), self._recalled)

    def _recalled(self, recalled: Recalled | None) -> None:
        """Go on with a basket taken back, unless it turns out to be paid: its payment was in doubt."""
        if recalled is None:
            return
        self.change(recalled.basket)
        self.read_codes(recalled.basket)
        if recalled.sale is None:
            self.paying.sale_id = recalled.sale_id
            self.advise(recalled_words(recalled))
            return
        self._sold(Sold(recalled.sale, {}))
        self.advise(_("Ce panier était déjà encaissé : il n'est pas vendu deux fois."))

    def action_lock(self) -> None:
        self.post_message(self.Locked())

    def action_log_out(self) -> None:
        if self.may_leave():
            self.post_message(self.Left())

    def action_close_shift(self) -> None:
        if self.may_leave():
            close_own_shift(self, self.house, self.desk, self.leave, self.say)

    def leave(self) -> None:
        self.post_message(self.Left())

    def may_leave(self) -> bool:
        if self.exchange is not None:
            self.advise(_("Terminez l'échange, ou renoncez-y par Échap."))
            return False
        if self.basket:
            self.advise(_("Encaissez, videz ou mettez en attente le panier avant de partir."))
        return not self.basket

    @property
    def in_doubt(self) -> bool:
        """Whether the basket may be sold already."""
        payment = self.paying.payment
        return payment is not None and (payment.settling or payment.doubtful)

    @property
    def left_basket(self) -> Basket:
        """The basket as it would wait if it were left now, with what the card terminal has taken for it."""
        if self.paying.payment is None:
            return self.basket
        return replace(self.basket, charges=self.paying.charges)

    @property
    def left_note(self) -> str:
        """The note that the basket would wait under."""
        exchanged = "" if self.exchange is None else self.exchange.operation
        return left_words(self.left_basket, in_doubt=self.in_doubt, exchanged=exchanged)

    def set_aside_and_leave(self) -> None:
        """Free the till for somebody else, once the basket waits with the others; else lock it again."""
        if not self.basket:
            self.post_message(self.Left())
            return
        self._leaving = True
        if not self.in_doubt:
            remedy = _("Reprenez le panier par Ctrl+R et finissez-le, ou remboursez-les sur le terminal.")
            tell_charged(self.app, self.left_basket, remedy)

        def parked(_basket: Basket) -> None:
            self.post_message(self.Left())

        self._park(self.left_note, parked, self._stay_locked)

    def unlock(self) -> None:
        super().unlock()
        self.paying.unlock()
        self._leaving = False

    def _stay_locked(self, refusal: Refusal) -> None:
        self._leaving = False
        self.say(refusal)
        self.post_message(self.Locked())
