"""The part of the counter that opens things: what was scanned, the card of a customer, what is no seat."""

from uuid import UUID

from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.money import format_amount
from boxoffice.sales import basket as baskets
from boxoffice.sales.basket import Basket, ProductLine
from boxoffice.sales.codes import CodeKind, read_code, read_typed_code
from boxoffice.sales.vouchers.card_view import CardView

from .card_screen import ask_for_card, open_card_view
from .choosing import Choose, Thing
from .choosing_returned import ExchangeWish
from .cockpit import open_pass
from .credit_inbox import CreditInbox
from .customer_card import CardAnswer, NameBasket, PassChosen, ReservationChosen
from .customers import open_card, serve_customer
from .dialogs import Confirm
from .extras import Extras
from .gift_sale import sell_gift
from .giving_places import give_away
from .pass_sale import sell_pass
from .pass_showings import Around
from .sales_search import SalesSearch
from .widgets.bars import StatusBar
from .with_codes import CodesScreen, may_be_word


class ServingScreen(CodesScreen):
    """Opens what is scanned or asked for, and puts into the basket what is no seat."""

    def show_scanned(self, text: str) -> None:
        """Show what was scanned: pass, card, reservation, sale of a ticket; put a promo code on the sale."""
        match read_code(text):
            case CodeKind.PASS, code:
                self.open_pass(code)
            case CodeKind.RESERVATION, code:
                self.show_reservations(code)
            case CodeKind.TICKET, code:
                self.action_find_sale(code)
            case ((CodeKind.GIFT_CARD | CodeKind.PLACE_CARD), code):
                self.open_value_card(code)
            case None if read_typed_code(text):
                self.scan_promo_code(text, self.say)
            case None if may_be_word(text):
                self.scan_promo_code(text, self._tell_unknown)
            case _:
                self._tell_unknown()

    def _tell_unknown(self, refusal: Refusal | None = None) -> None:
        """Say that nothing is known by what was scanned, nor a promo code, where the cashier looks."""
        said = _("Ce code-barres n'est pas celui d'un billet.") + (f" {refusal}" if refusal else "")
        if self.is_active:
            self.advise(said)
        else:
            self.say(Refusal(said))

    def is_no_promo_code(self, refusal: Refusal) -> None:
        """Offer to open a card by what was typed where films are, if it looks like the code of one."""
        super().is_no_promo_code(refusal)
        text = self.agenda.search
        if read_typed_code(text) is None:
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.look_for("")
                self.advise("")
                self.open_value_card(text)

        question = _("Est-ce le code d'une carte cadeau ?")
        detail = _("Aucun film et aucun code promo n'y répondent.")
        self.app.push_screen(Confirm(question, detail, yes=_("Ouvrir la carte")), answered)

    def open_value_card(self, text: str) -> None:
        """Open a gift card or place card by its scanned code; it is offered when this basket is paid."""

        def found(card: CardView) -> None:
            if self.basket and not card.trouble and card.value_id not in self.cards:
                self.cards = (*self.cards, card.value_id)
                self.advise(
                    _("{card} : proposée au règlement de ce panier.").format(
                        card=f"{card.label} {card.masked}"
                    )
                )

        open_card_view(self, self.house, self.desk, text, self.basket, self._open_card, found, self.say)

    def change(self, basket: Basket) -> None:
        """Show another basket; the next customer has none of the cards scanned for this one."""
        if not basket:
            self.cards = ()
        super().change(basket)

    def open_pass(self, text: str) -> None:
        """Open the cockpit of a pass, by its code or its number, on the screening chosen here."""
        listed = self.screenings.chosen_screening
        chosen = None if listed is None else listed.row
        around = Around(self.programme, dict(self.agenda.seats), chosen, self.hear_seats)
        extras = Extras(self.house, self.desk, lambda: self.basket, self.reduce)
        open_pass(self, self.house, self.desk, text, around, extras, self._open_card, self.say)

    def _open_card(self, customer_id: UUID) -> None:
        open_card(self, self.house, self.desk, customer_id, self._know, self.say)

    def action_customers(self) -> None:
        serve_customer(self, self.house, self.desk, self._know, self.say)

    def _know(self, answer: CardAnswer) -> None:
        """Go on with what the card of a customer was left for."""
        match answer:
            case NameBasket(customer_id=customer_id, name=name):
                self.change(baskets.name_customer(self.basket, customer_id, name))
            case PassChosen(number=number):
                self.open_pass(number)
            case ReservationChosen(reference=reference):
                self.show_reservations(reference)
            case ExchangeWish():
                self.begin_exchange(answer)

    def action_find_sale(self, text: str = "") -> None:
        def answered(wish: ExchangeWish | None) -> None:
            if wish is not None:
                self.begin_exchange(wish)

        self.app.push_screen(SalesSearch(self.house, self.desk, text), answered)

    def begin_exchange(self, wish: ExchangeWish) -> None:
        """Have other seats chosen for these."""
        raise NotImplementedError

    def action_credits(self) -> None:
        self.app.push_screen(CreditInbox(self.house, self.desk))

    async def on_status_bar_credits_pressed(self, event: StatusBar.CreditsPressed) -> None:
        event.stop()
        await self.app.run_action("credits", self)

    def action_sell_pass(self) -> None:
        offers, name = self.programme.passes, self.basket.customer_name
        sell_pass(self, self.house, offers, name, self.put, self.advise)

    def action_sell_gift(self) -> None:
        programme = self.programme
        sell_gift(
            self,
            programme.gift_cards,
            programme.place_cards,
            self.put,
            self._check_card,
            self._give_away,
            self._write_down_card,
        )

    def _check_card(self) -> None:
        """Open a card by its code or number, typed."""
        ask_for_card(self, self.house, self.desk, self.basket, self._open_card)

    def _give_away(self) -> None:
        """Have a manager give cards to nobody known: they come out on paper."""
        give_away(self, self.house, self.desk, None, self.advise, self.say)

    def _write_down_card(self) -> None:
        """Have a manager write down a card that was issued elsewhere, by its number."""
        give_away(self, self.house, self.desk, None, self.advise, self.say, numbered=True)

    def action_products(self) -> None:
        articles = self.programme.articles
        if not articles:
            self.advise(_("Le programme n'a aucun article à vendre."))
            return

        def chosen(place: int | None) -> None:
            if place is not None:
                article = articles[place]
                self.put(ProductLine(article.id, article.label, article.price_cents))

        things = [Thing(article.label, end=format_amount(article.price_cents)) for article in articles]
        self.app.push_screen(Choose(_("Articles"), things), chosen)
