"""The counter: screenings, tariffs, basket and payment on one screen, sold with a few keys."""

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar
from uuid import uuid4

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.language import _, plural, spoken
from boxoffice.money import format_euros
from boxoffice.sales import basket as baskets
from boxoffice.sales import means
from boxoffice.sales.basket import Basket, SeatLine
from boxoffice.sales.checkout import Checkout, CompletedSale
from boxoffice.sales.desk import Desk
from boxoffice.sales.programme import Programme, ScreeningRow
from boxoffice.sales.settlement import Settlement

from . import errands, selling
from .agenda import Agenda
from .choices import Choice, choices, line_obstacle, seat_line, seats_left_for
from .commands import COUNTER, bindings
from .dialogs import AskNames, AskQuantity, Confirm
from .payment import Payment, press
from .widgets.bars import KeyBar, KeyLabel, Status, StatusBar
from .widgets.basket_panel import BasketPanel
from .widgets.payment_panel import PaymentPanel
from .widgets.screening_list import ScreeningList
from .widgets.tariff_panel import TariffPanel

if TYPE_CHECKING:
    from boxoffice.house import House


class CounterScreen(Screen[None]):
    """Where the cashier spends the day.

    Every key passes through `on_key`, in the order typed, so that a hurried cashier or a scanner is never
    answered out of turn. The state is the agenda, the basket and the payment; the panels only draw it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(COUNTER)]
    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [(0, "-narrow"), (100, "-wide")]

    def __init__(self, house: "House", desk: Desk, programme: Programme) -> None:
        super().__init__()
        self._house, self._desk, self._programme = house, desk, programme
        self.agenda = Agenda(programme, house.post.rules.business_day_starts, house.clock.now())
        self.basket = Basket()
        self.basket_line: int | None = None
        self.payment: Payment | None = None
        self._actions: dict[str, str] = {}
        self._list = ScreeningList(self.agenda, house.clock.now)
        most = max((len(offers) for offers in programme.offers.values()), default=1)
        self._tariffs = TariffPanel(most, touch=house.settings.touch)
        self._basket_panel = BasketPanel()
        self._payment_panel = PaymentPanel()
        self._status = StatusBar(self._say_status())
        self._key_bar = KeyBar(())

    def compose(self) -> ComposeResult:
        yield self._status
        with Horizontal(id="counter"):
            with Vertical(id="left"):
                yield self._list
                yield self._tariffs
                yield self._payment_panel
            yield self._basket_panel
        yield self._key_bar

    def on_mount(self) -> None:
        self._payment_panel.display = False
        self._learn_keys()
        self._stand_on_next()

    # -- keys

    async def on_key(self, event: events.Key) -> None:
        character = event.character if event.character and event.is_printable else ""
        if self.payment is not None:
            event.stop()
            self._press(event.key, character)
            return
        self._basket_panel.show(self.basket, self.basket_line)
        if self._list.literal and character:
            event.stop()
            self._look_for(self.agenda.search + character)
        elif action := self._actions.get(event.key):
            event.stop()
            await self.app.run_action(action, self)
        elif character.isdecimal():
            event.stop()
            self._choose_digit(character)
        elif character == "/":
            event.stop()
            self._list.literal = True
            self._look_for(self.agenda.search)
        elif character.isalpha() or (character and self.agenda.search):
            event.stop()
            self._look_for(self.agenda.search + character)

    def _learn_keys(self) -> None:
        """Know which key does what, as remapped by the settings."""
        bound = self.active_bindings
        self._actions = {key: active.binding.action for key, active in bound.items() if active.node is self}
        first = {active.binding.id: key for key, active in reversed(bound.items())}
        self._key_bar.show(
            [
                KeyLabel(
                    self.app.get_key_display(bound[first[command.id]].binding),
                    _(command.label),
                    command.action,
                )
                for command in COUNTER
                if command.in_bar and command.id in first
            ]
        )

    def _look_for(self, search: str) -> None:
        self.agenda.look_for(search)
        self._list.show(self.agenda.next_to_sell(self._house.clock.now()))
        self._show_tariffs()

    def action_erase(self) -> None:
        if self.agenda.search:
            self._look_for(self.agenda.search[:-1])
        elif self._list.literal:
            self._list.literal = False
            self._look_for("")

    def action_back(self) -> None:
        if self.agenda.search or self._list.literal:
            self._list.literal = False
            self._look_for("")
        elif self.basket_line is not None:
            self.action_turn_to_basket()
        elif self.basket:
            self.action_empty()

    # -- the list

    def _stand_on_next(self) -> None:
        """Stand on the next screening still on sale."""
        self._list.show(self.agenda.next_to_sell(self._house.clock.now()))
        self._show_tariffs()

    def action_move(self, by: int) -> None:
        if self.basket_line is not None:
            self._choose_line(self.basket_line + by)
        elif self._list.chosen is not None:
            self._choose_screening(self._list.chosen + by)

    def action_turn_page(self, by: int) -> None:
        if self._list.chosen is not None:
            self._choose_screening(self._list.chosen + by * max(self._list.body_height - 1, 1))

    def action_go_to_end(self, by: int) -> None:
        self._choose_screening(0 if by < 0 else len(self.agenda.shown) - 1)

    def action_turn_day(self, by: int) -> None:
        self.agenda.turn_day(by)
        self._stand_on_next()

    def action_turn_section(self, by: int) -> None:
        self.agenda.turn_section(by)
        self._stand_on_next()

    def _choose_screening(self, index: int) -> None:
        if self.agenda.shown:
            self._list.choose(min(max(index, 0), len(self.agenda.shown) - 1))
            self._show_tariffs()

    def on_screening_list_chosen(self, event: ScreeningList.Chosen) -> None:
        if self.payment is None:
            self._choose_screening(event.index)

    # -- tariffs

    def _choices(self) -> tuple[ScreeningRow | None, tuple[Choice, ...]]:
        listed = self._list.chosen_screening
        if listed is None:
            return None, ()
        row = listed.row
        offers = self._programme.offers.get(row.price_list_id, ())
        on_sale = self.agenda.is_on_sale(row, self._house.clock.now())
        return row, choices(offers, self.agenda.seats[row.id], self.basket, row.id, on_sale=on_sale)

    def _show_tariffs(self) -> None:
        self._tariffs.show(*self._choices())

    def _choose_digit(self, digit: str) -> None:
        row, offered = self._choices()
        choice = next((choice for choice in offered if choice.digit == digit), None)
        if row is not None and choice is not None:
            self._add(row, choice)

    def on_tariff_panel_chosen(self, event: TariffPanel.Chosen) -> None:
        row, offered = self._choices()
        choice = next((choice for choice in offered if choice.offer.id == event.tariff_id), None)
        if self.payment is None and row is not None and choice is not None:
            self._basket_panel.show(self.basket, self.basket_line)
            self._add(row, choice)

    def _add(self, row: ScreeningRow, choice: Choice) -> None:
        """Put a seat in the basket, or as many as make a group."""
        offer = choice.offer
        if choice.obstacle:
            self._tariffs.advise(f"{offer.label} : {choice.obstacle}.")
            return
        already = self.basket.find(("seat", row.id, offer.id))
        quantity = 1 if already else offer.minimum_group
        self._change(baskets.add(self.basket, seat_line(row, offer, quantity)))
        self._tariffs.advise(offer.proof)

    # -- the basket

    def _change(self, basket: Basket) -> None:
        """Show another basket, and what it leaves to choose."""
        self.basket = basket
        if self.basket_line is not None:
            last = len(basket.lines) - 1
            self.basket_line = min(self.basket_line, last) if basket else None
        self._basket_panel.show(basket, self.basket_line)
        self._show_tariffs()

    @property
    def _line(self) -> int | None:
        """The line that quantities apply to: the chosen one, else the last."""
        if not self.basket:
            return None
        return len(self.basket.lines) - 1 if self.basket_line is None else self.basket_line

    def _choose_line(self, index: int) -> None:
        self.basket_line = min(max(index, 0), len(self.basket.lines) - 1)
        self._basket_panel.show(self.basket, self.basket_line)

    def action_turn_to_basket(self) -> None:
        if self.basket_line is None and self.basket:
            self._choose_line(len(self.basket.lines) - 1)
        else:
            self.basket_line = None
            self._basket_panel.show(self.basket)

    def on_basket_panel_chosen(self, event: BasketPanel.Chosen) -> None:
        if self.payment is None:
            self._choose_line(event.index)

    def action_more(self) -> None:
        self._set_quantity_by(1)

    def action_less(self) -> None:
        self._set_quantity_by(-1)

    def _set_quantity_by(self, by: int) -> None:
        if self._line is not None:
            self._set_quantity(self._line, self.basket.lines[self._line].quantity + by)

    def action_remove(self) -> None:
        if self._line is not None:
            self._set_quantity(self._line, 0)

    def action_quantity(self) -> None:
        index = self._line
        if index is None:
            return
        line = self.basket.lines[index]
        label = line.tariff_label if isinstance(line, SeatLine) else line.label

        def answered(quantity: int | None) -> None:
            if quantity is not None:
                self._set_quantity(index, quantity)

        question = _("{label} : combien ?").format(label=label)
        self.app.push_screen(AskQuantity(question, line.quantity), answered)

    def _set_quantity(self, index: int, quantity: int) -> None:
        line = self.basket.lines[index]
        if isinstance(line, SeatLine) and quantity > line.quantity:
            if refusal := self._too_many(line, quantity):
                self._tariffs.advise(refusal)
                return
        self._change(baskets.set_quantity(self.basket, index, quantity))

    def _too_many(self, line: SeatLine, quantity: int) -> str:
        """Why a line cannot grow to `quantity`, or nothing."""
        row = next(listed.row for listed in self.agenda.listed if listed.row.id == line.screening_id)
        offers = self._programme.offers.get(row.price_list_id, ())
        offer = next((offer for offer in offers if offer.id == line.tariff_id), None)
        if offer is None:
            return ""
        seats = self.agenda.seats[row.id]
        left = seats_left_for(offer, offers, seats, self.basket, row.id) + line.quantity
        if quantity <= left:
            return ""
        return plural(
            "{title} : il reste {left} place, vous en demandez {wanted}.",
            "{title} : il reste {left} places, vous en demandez {wanted}.",
            left,
        ).format(title=row.event_title, left=left, wanted=quantity)

    def action_empty(self) -> None:
        if not self.basket:
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._change(Basket())

        question = _("Vider le panier ?")
        detail = _("{total} : rien n'est encore vendu.").format(total=format_euros(self.basket.total_cents))
        self.app.push_screen(Confirm(question, detail), answered)

    # -- paying

    def action_pay(self) -> None:
        """Open the payment, once nothing is missing from the basket."""
        if self._list.literal:
            self._list.literal = False
            self._list.refresh_title()
            return
        if not self.basket:
            self._tariffs.advise(
                _("Le panier est vide : choisissez une séance, puis un tarif par son chiffre.")
            )
            return
        for index, line in enumerate(self.basket.lines):
            if not isinstance(line, SeatLine) or not (reason := line_obstacle(line)):
                continue
            if line.quantity >= line.minimum_group:
                self._ask_names(index, line)
            else:
                self._tariffs.advise(f"{line.tariff_label} : {reason}.")
                self._choose_line(index)
            return
        self._open_payment()

    def _ask_names(self, index: int, line: SeatLine) -> None:
        def answered(names: tuple[str, ...] | None) -> None:
            if names is not None:
                self._change(baskets.set_holders(self.basket, index, names))
                self.action_pay()

        title = _("{title} : places nominatives").format(title=line.event_title)
        self.app.push_screen(AskNames(title, line.quantity, line.holders), answered)

    def _open_payment(self) -> None:
        limit = self._desk.post.rules.cash_limit_cents
        self._show_payment(Payment(uuid4(), Settlement(self.basket.total_cents), limit))

    def _show_payment(self, payment: Payment | None) -> None:
        opening = (payment is None) != (self.payment is None)
        self.payment = payment
        if payment is not None:
            self._payment_panel.show(payment)
        if opening:
            self._payment_panel.display = payment is not None

    def _press(self, key: str, character: str) -> None:
        payment = self.payment
        assert payment is not None
        if key == "escape" and not payment.noting:
            self._step_back(payment)
            return
        pressed = press(payment, key, character)
        if pressed is payment:
            return
        self._show_payment(pressed)
        if pressed.settling:
            self._sell(pressed)

    def on_payment_panel_pressed(self, event: PaymentPanel.Pressed) -> None:
        if self.payment is not None:
            self._press(event.key, event.key if len(event.key) == 1 else "")

    def _step_back(self, payment: Payment) -> None:
        """One step back: what is typed, then each tender, then the basket. Never while in doubt."""
        if payment.settling:
            return
        if payment.doubtful:
            self._find_out(payment)
        elif payment.typed:
            self._show_payment(replace(payment, typed="", refusal=None))
        elif payment.settlement.tenders:
            self._show_payment(press(payment, "backspace", ""))
        else:
            self._show_payment(None)

    def _sell(self, payment: Payment) -> None:
        command = Checkout(payment.sale_id, self.basket, payment.settlement.tenders, payment.receipt)
        errands.send(self, lambda: selling.sell(self._house, command, self._desk), self._sold, self._not_sold)

    def _sold(self, sold: selling.Sold) -> None:
        """Empty the basket and stand ready for the next customer; the change stays in sight until a key."""
        paid = self.payment
        if paid and any(means.BY_CODE[given.means].opens_drawer for given in paid.settlement.tenders):
            self._house.open_drawer()
        self._show_payment(None)
        self.basket, self.basket_line = Basket(), None
        self._basket_panel.show(self.basket, None, selling.farewell(sold.sale))
        self.agenda.refresh_seats(sold.seats)
        self.agenda.reset()
        self._list.literal = False
        self._stand_on_next()

    def _not_sold(self, refusal: Refusal) -> None:
        if self.payment is not None:
            doubtful = isinstance(refusal, selling.Doubtful)
            self._show_payment(replace(self.payment, settling=False, doubtful=doubtful, refusal=refusal))

    def _find_out(self, payment: Payment) -> None:
        """Ask whether a doubtful sale was made before letting the basket be changed."""

        def known(sale: CompletedSale | None) -> None:
            if sale is not None:
                self._sold(selling.Sold(sale, {}))
            else:
                self._show_payment(replace(payment, settling=False, doubtful=False, refusal=None))

        self._show_payment(replace(payment, settling=True))
        errands.send(self, lambda: selling.find_out(self._house, payment.sale_id), known, self._not_sold)

    # -- the edges

    def _say_status(self) -> Status:
        return Status(
            festival=self._house.festival,
            till=self._house.post.till_name,
            operator=self._desk.operator_name,
            moment=say(self._house.clock.now(), "EEE d MMM HH:mm", spoken()),
        )
