"""What the customer wants: a screening found, a tariff chosen, a basket filled and edited."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from textual import events
from textual.message import Message
from textual.screen import Screen

from boxoffice.kinds import Requirement
from boxoffice.language import _, plural
from boxoffice.money import format_euros
from boxoffice.sales import basket as baskets
from boxoffice.sales.basket import Basket, Line, SeatLine
from boxoffice.sales.codes import read_code, read_typed_code
from boxoffice.sales.screenings.programme import Programme, ScreeningRow, seat_line
from boxoffice.sales.vouchers.promo_basket import PromoOffer

from .agenda import Agenda
from .asking import AskNames, AskQuantity
from .charged import paid_before
from .choices import Choice, choices, growth_obstacle, line_obstacle
from .dialogs import Confirm
from .enduring import Enduring
from .scanning import Before, Scanner, is_foreign
from .showing_words import kept_words, next_showing_words
from .widgets.basket_panel import BasketPanel
from .widgets.screening_list import ScreeningList
from .widgets.tariff_panel import TariffPanel

if TYPE_CHECKING:
    from boxoffice.house import House


Standing = tuple[Basket, int, str, bool, bool]
"""What stands here: the basket, the place of the chosen screening, what is looked for and how it is typed,
and whether a tariff was chosen since."""


class ShoppingScreen(Enduring, Screen[None]):
    """The half of the counter that needs no money: its state is the agenda and the basket."""

    class TakenOut(Message):
        """The cashier has taken something out of the basket, which the books want to know."""

        def __init__(self, lines: tuple[Line, ...]) -> None:
            super().__init__()
            self.lines = lines

    def __init__(self, house: "House", programme: Programme) -> None:
        super().__init__()
        self.house, self.programme = house, programme
        self.agenda = Agenda(programme, house.post.rules.business_day_starts, house.clock.now())
        self.basket = Basket()
        self.codes: tuple[PromoOffer, ...] = ()
        self.cards: tuple[UUID, ...] = ()
        self.basket_line: int | None = None
        self._served = False
        self._wanted = 1
        self.scanner = Scanner()
        self.screenings = ScreeningList(self.agenda, house.clock.now)
        most = max((len(offers) for offers in programme.offers.values()), default=1)
        self.tariffs = TariffPanel(most, touch=house.settings.touch)
        self.basket_panel = BasketPanel(house.clock.now)
        self._before = Before(self._standing)

    # -- the list

    def stand_on_next(self) -> None:
        """Stand on the next screening still on sale."""
        self.screenings.show(self.agenda.next_to_sell(self.house.clock.now()))
        self.show_tariffs()

    def look_for(self, search: str) -> None:
        self._served = False
        self.agenda.look_for(search)
        self.stand_on_next()

    def search_on(self, character: str) -> None:
        """Look for one letter more; the first after a tariff begins a new search.

        The letters of a code are only noted, for the Enter of a slow scanner: no screening is named so.
        """
        if self.scanner.is_amid_code:
            self.agenda.search += character
            return
        search = "" if self._served else self.agenda.search
        between = " " if search and search[-1].isdecimal() and character.isalpha() else ""
        self.look_for(search + between + character)

    def take_back_scan(self, event: events.Key) -> str:
        """What a scanner typed, once the Enter that ends it is there: no trace is left of its keys."""
        sent = self.scanner.sends(event)
        if event.is_printable:
            self._before.keep(self._standing)
        elif event.key != "enter":
            self._before.begin(self._standing)
        text = self.scanner.text
        if event.key != "enter" or not sent:
            return ""
        if not (read_code(text) or read_typed_code(text) or is_foreign(text)):
            return ""
        self._stand_again(self._before.of(len(text)))
        return text

    @property
    def _standing(self) -> Standing:
        return (
            self.basket,
            self.screenings.chosen or 0,
            self.agenda.search,
            self.screenings.literal,
            self._served,
        )

    def remember(self) -> None:
        """Know what stands here before a scan begins."""
        self._before.begin(self._standing)

    def _stand_again(self, standing: Standing) -> None:
        """Have the basket, the search and the chosen screening of before."""
        basket, chosen, search, self.screenings.literal, served = standing
        self.change(basket)
        self.look_for(search)
        self._served = served
        self._choose_screening(chosen)
        self.remember()

    def action_erase(self) -> None:
        if not self.agenda.search:
            self.screenings.literal = False
        self.look_for(self.agenda.search[:-1])

    def action_back(self) -> None:
        """One step back: the search, the basket's cursor, the day; then the basket, which is asked for."""
        if self.agenda.search or self.screenings.literal:
            self.screenings.literal = False
            self.look_for("")
        elif self.basket_line is not None:
            self.action_turn_to_basket()
        elif self.agenda.day != self.agenda.days[0]:
            self.agenda.turn_day(-len(self.agenda.days))
            self.stand_on_next()
        else:
            self.action_empty()

    def action_move(self, by: int) -> None:
        if self.basket_line is not None:
            self.choose_line(self.basket_line + by)
        elif self.screenings.chosen is not None:
            self._choose_screening(self.screenings.chosen + by)

    def action_turn_page(self, by: int) -> None:
        if self.screenings.chosen is not None:
            self._choose_screening(self.screenings.chosen + by * max(self.screenings.body_height - 1, 1))

    def action_go_to_end(self, by: int) -> None:
        self._choose_screening(0 if by < 0 else len(self.agenda.shown) - 1)

    def action_turn_day(self, by: int) -> None:
        self.agenda.turn_day(by)
        self.stand_on_next()

    def action_turn_section(self, by: int) -> None:
        self.agenda.turn_section(by)
        self.stand_on_next()

    def _choose_screening(self, index: int) -> None:
        if self.agenda.shown:
            self.screenings.choose(min(max(index, 0), len(self.agenda.shown) - 1))
            self.show_tariffs()

    async def on_screening_list_turned(self, event: ScreeningList.Turned) -> None:
        event.stop()
        await self.app.run_action(event.action, self)

    def on_screening_list_chosen(self, event: ScreeningList.Chosen) -> None:
        self._choose_screening(event.index)

    # -- tariffs

    def _choices(self) -> tuple[ScreeningRow | None, tuple[Choice, ...]]:
        listed = self.screenings.chosen_screening
        if listed is None:
            return None, ()
        row = listed.row
        offers = self.programme.offers.get(row.price_list_id, ())
        on_sale = self.agenda.is_on_sale(row, self.house.clock.now())
        seats = self.agenda.seats[row.id]
        return row, choices(offers, seats, self.basket, row.id, on_sale=on_sale, codes=self.codes)

    def show_tariffs(self) -> None:
        self.tariffs.show(*self._choices())

    def choose_digit(self, digit: str) -> None:
        row, offered = self._choices()
        choice = next((choice for choice in offered if choice.digit == digit), None)
        if row is not None and choice is not None:
            self._add(row, choice)

    def on_tariff_panel_chosen(self, event: TariffPanel.Chosen) -> None:
        row, offered = self._choices()
        choice = next((choice for choice in offered if choice.offer.id == event.tariff_id), None)
        if row is not None and choice is not None:
            self.basket_panel.show(self.basket, self.basket_line)
            self._add(row, choice)

    def _add(self, row: ScreeningRow, choice: Choice) -> None:
        """Put a seat in the basket, or as many as make a group."""
        self._served = True
        offer = choice.offer
        if choice.obstacle:
            elsewhere = (
                next_showing_words(self.agenda, row, self.house.clock.now())
                if offer.requirement is Requirement.NOTHING
                else ""
            )
            refused = _("{label} : {reason}.").format(label=offer.label, reason=choice.obstacle)
            kept = kept_words(self.agenda, row) if offer.requirement is Requirement.NOTHING else ""
            self.advise(" ".join(filter(None, (refused, kept, elsewhere))))
            return
        already = self.basket.find_seats(row.id, offer.id, choice.opened_by)
        line = seat_line(row, offer, 1 if already else offer.minimum_group)
        self.put(replace(line, promo_code_id=choice.opened_by))
        proof = _("{label} : {proof}").format(label=offer.label, proof=offer.proof)
        self.advise(proof if offer.proof else "")
        if self._wanted > 1 and not already:
            self._set_quantity(len(self.basket.lines) - 1, max(self._wanted, offer.minimum_group))
        self._wanted = 1

    def advise(self, advice: str) -> None:
        self.tariffs.advise(advice)

    # -- the basket

    def put(self, line: Line) -> None:
        self.change(baskets.add(self.basket, line))

    def change(self, basket: Basket) -> None:
        """Show another basket, and what it leaves to choose."""
        self.basket = basket
        if self.basket_line is not None:
            self.basket_line = min(self.basket_line, len(basket.lines) - 1) if basket else None
        self.basket_panel.show(basket, self.basket_line)
        self.show_tariffs()

    def reduce(self, basket: Basket) -> None:
        """Show a basket that the cashier may have taken something out of."""
        if gone := baskets.taken_out(self.basket, basket):
            self.post_message(self.TakenOut(gone))
        self.change(basket)
        if not basket:
            self.advise("")

    @property
    def _line(self) -> int | None:
        """The line that quantities apply to: the chosen one, else the last."""
        if not self.basket:
            return None
        return len(self.basket.lines) - 1 if self.basket_line is None else self.basket_line

    def choose_line(self, index: int) -> None:
        self.basket_line = min(max(index, 0), len(self.basket.lines) - 1)
        self.basket_panel.show(self.basket, self.basket_line)

    def action_turn_to_basket(self) -> None:
        if self.basket_line is None and self.basket:
            self.choose_line(len(self.basket.lines) - 1)
        else:
            self.basket_line = None
            self.basket_panel.show(self.basket)

    def on_basket_panel_chosen(self, event: BasketPanel.Chosen) -> None:
        self.choose_line(event.index)

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
            self._ask_quantity_first()
            return
        line = self.basket.lines[index]

        def answered(quantity: int | None) -> None:
            if quantity is not None:
                self._set_quantity(index, quantity)

        question = _("{label} : combien ?").format(label=line.label)
        self.app.push_screen(AskQuantity(question, line.quantity), answered)

    def _ask_quantity_first(self) -> None:
        """Know how many seats before their tariff: the next one chosen is for so many."""

        def answered(quantity: int | None) -> None:
            if quantity:
                self._wanted = quantity
                said = plural(
                    "{count} place : sous quel tarif ?", "{count} places : sous quel tarif ?", quantity
                )
                self.advise(said.format(count=quantity))

        self.app.push_screen(AskQuantity(_("Combien de places ?"), least=1), answered)

    def _set_quantity(self, index: int, quantity: int) -> None:
        line = self.basket.lines[index]
        if isinstance(line, SeatLine):
            seats = self.agenda.seats[line.screening_id]
            if reason := growth_obstacle(line, quantity, self.programme, seats, self.basket):
                self.advise(reason)
                return
        self.reduce(baskets.set_quantity(self.basket, index, quantity))

    def action_empty(self) -> None:
        """Empty the basket once that is confirmed; an empty one is in nobody's name again."""
        if not self.basket:
            if self.basket.customer_id is not None:
                self.change(Basket())
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.reduce(Basket())

        detail = _("{total} : rien n'est encore vendu.").format(total=format_euros(self.basket.total_cents))
        if self.basket.charges:
            detail = f"{paid_before(self.basket)} " + _("Videz-le une fois qu'ils sont remboursés.")
        self.app.push_screen(Confirm(_("Vider le panier ?"), detail), answered)

    def action_names(self) -> None:
        index = self._line
        if index is None:
            self.advise(_("Le panier est vide : il n'y a aucun nom à saisir."))
            return
        line = self.basket.lines[index]
        if isinstance(line, SeatLine) and line.nominative:
            self.ask_names(index, line)
        else:
            self.advise(_("Cette ligne n'est pas nominative : aucun nom n'est à saisir."))

    def ask_names(self, index: int, line: SeatLine, then: Callable[[], None] | None = None) -> None:
        """Ask for the names on the tickets of a line; `then` goes on once they are known."""

        def answered(names: tuple[str, ...] | None) -> None:
            if names is None:
                return
            self.change(baskets.set_holders(self.basket, index, names))
            if then is not None:
                then()

        title = _("{title} : places nominatives").format(title=line.event_title)
        self.app.push_screen(AskNames(title, line.quantity, line.holders), answered)

    def something_missing(self, then: Callable[[], None]) -> bool:
        """Ask for what a line still lacks, and go on, or say it; whether there was anything."""
        for index, line in enumerate(self.basket.lines):
            if not isinstance(line, SeatLine) or not (reason := line_obstacle(line)):
                continue
            if line.quantity < line.minimum_group:
                refused = _("{label} : {reason}.").format(label=line.tariff_label, reason=reason)
                self.advise(f"{refused} " + _("* change la quantité, Suppr retire la ligne."))
                self.choose_line(index)
            else:
                self.ask_names(index, line, then)
            return True
        return False

    def renew_programme(self, programme: Programme) -> None:
        """Show what is on sale as it has been read again, standing where one stood if that is still there."""
        stood = self.screenings.chosen_screening
        self.programme = programme
        self.agenda.renew(programme, self.house.clock.now())
        shown = [listed.row.id for listed in self.agenda.shown]
        if stood is None or stood.row.id not in shown:
            self.stand_on_next()
            return
        self.screenings.show(shown.index(stood.row.id))
        self.show_tariffs()
