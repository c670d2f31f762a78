"""The part of the counter that promo codes change: the tariffs that they open, the prices that they lower."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar
from uuid import UUID

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.language import _, plural, spoken
from boxoffice.money import format_amount, format_euros, format_rate
from boxoffice.sales.basket import Basket, SeatLine
from boxoffice.sales.codes import normalised
from boxoffice.sales.vouchers import guessing, promo_codes
from boxoffice.sales.vouchers.promo_basket import (
    PromoOffer,
    codes_on,
    left_alone,
    needs_company,
    put_on,
    seats_with,
    take_off,
)
from boxoffice.sales.vouchers.promo_batches import SHORTEST_WORD

from . import errands
from .asking_codes import AskCode
from .choices import code_is_for
from .choosing import Choose, Thing
from .reserving import ReservingScreen

Known = TypeVar("Known")

_IN_WORDS = " -'.·"
NAMED = 2
"""Screenings named where a code is for others than the one chosen."""


class CodesScreen(ReservingScreen):
    """Knows the promo codes of this customer: each stays on the basket, however it changes, until taken off.

    Only the checkout uses a code up.
    """

    _customers_served = 0

    def action_promo_code(self) -> None:
        """Ask for a code; where there are some already, take one off or ask for another."""
        if not self.codes:
            self._ask_code()
            return
        acts: list[tuple[Thing, Callable[[], None]]] = [
            (
                Thing(_("Retirer {code}").format(code=offer.code), f"{offer.name} : {gives_words(offer)}"),
                partial(self._take_off, offer),
            )
            for offer in self.codes
        ]
        acts.append((Thing(_("Entrer un autre code")), self._ask_code))

        def chosen(place: int | None) -> None:
            if place is not None:
                acts[place][1]()

        self.app.push_screen(Choose(_("Code promo"), [thing for thing, _act in acts]), chosen)

    def action_sell_opened(self) -> None:
        """Sell the tariff that a code opens here; while a search is typed, a space is part of it."""
        if self.agenda.search and not self._served:
            self.search_on(" ")
            return
        row, offered = self._choices()
        opened = next((choice for choice in offered if choice.opened_by is not None), None)
        if row is not None and opened is not None:
            self._add(row, opened)
        elif self.codes:
            self.advise(_("Aucun code promo n'ouvre de tarif ici. Les chiffres vendent les autres."))

    def scan_promo_code(self, text: str, refused: Callable[[Refusal], None]) -> None:
        """Put the code that was scanned on the basket."""
        errands.send(self, lambda: self._look_up(text), self._for_this_customer(self._take), refused)

    def try_as_code(self) -> None:
        """Take what was searched for in vain as a promo code, which a cashier may type where films are."""
        text = self.agenda.search

        def known(offer: PromoOffer) -> None:
            if self.agenda.search == text:
                self.look_for("")
            take(offer)

        take = self._for_this_customer(self._take)
        errands.send(self, lambda: self._look_up(text), known, self.is_no_promo_code)

    def is_no_promo_code(self, refusal: Refusal) -> None:
        """Say why what was searched for in vain is no promo code either."""
        self.advise(str(refusal))

    def read_codes(self, basket: Basket) -> None:
        """Know again what the codes do that a basket came back with."""
        if not codes_on(basket) and not basket.codes:
            return

        def read() -> tuple[PromoOffer, ...]:
            with self.house.database.read() as session:
                return promo_codes.offers_on(session, basket, clock=self.house.clock)

        errands.send(self, read, self._for_this_customer(self._know_codes), self.say)

    def change(self, basket: Basket) -> None:
        """Show another basket, its codes on as many of its seats as they cover; emptied, it has none."""
        if self.basket and not basket:
            self.forget_codes()
        super().change(replace(self._with_codes(basket), codes=self._given(basket)))

    def show_as_paid(self, basket: Basket) -> None:
        """Show the basket as its payment made it, its codes where they were put, until it is changed."""
        super().change(basket)

    def action_empty(self) -> None:
        """Take the codes off a basket that is empty already, else empty it."""
        if self.basket or not self.codes:
            super().action_empty()
            return
        self.forget_codes()
        self.advise(_("Code promo retiré."))

    def something_missing(self, then: Callable[[], None]) -> bool:
        """Say also of a place given that nobody has bought the other one."""
        alone = next((offer for offer in self.codes if left_alone(self.basket, offer)), None)
        if alone is not None:
            self.advise(str(needs_company()))
            return True
        return super().something_missing(then)

    def forget_codes(self) -> None:
        """The next customer has none, be they told late of one."""
        self._customers_served += 1
        self._know_codes(())

    def _for_this_customer(self, then: Callable[[Known], None]) -> Callable[[Known], None]:
        """What to do with an answer of the books, unless the basket was sold or emptied before it came."""
        served = self._customers_served

        def known(answer: Known) -> None:
            if self._customers_served == served:
                then(answer)

        return known

    def _ask_code(self) -> None:
        hint = _("Tapez le code, avec ou sans tirets, ou scannez-le. Il n'est utilisé qu'une fois payé.")
        self.app.push_screen(AskCode(_("Code promo"), hint, self._look_up), self._answered)

    def _answered(self, offer: PromoOffer | None) -> None:
        if offer is not None:
            self._take(offer)

    def _look_up(self, text: str) -> PromoOffer:
        house, desk = self.house, self.desk
        return house.database.attempt(
            lambda session: guessing.look_up(
                session,
                text,
                lambda: promo_codes.look_up(session, text, desk, clock=house.clock),
                desk,
                clock=house.clock,
            )
        )

    def _take(self, offer: PromoOffer) -> None:
        """Put a code on the basket, and say what it does, or why it does nothing yet."""
        if any(known.value_id == offer.value_id for known in self.codes):
            self.advise(_("Le code {code} est déjà mis : F7 le retire.").format(code=offer.code))
            return
        self._know_codes((*self.codes, offer))
        before = self.basket
        self.change(before)
        self.advise(self._taken_words(offer, changed=self.basket != before))

    def _taken_words(self, offer: PromoOffer, *, changed: bool) -> str:
        listed = self.screenings.chosen_screening
        here = listed is not None and listed.row.id in offer.screenings
        head = _("{name} : {gives}.").format(name=offer.name, gives=gives_words(offer))
        if changed:
            off = sum(
                line.discount_cents * line.quantity
                for line in self.basket
                if isinstance(line, SeatLine) and line.promo_code_id == offer.value_id
            )
            return head if not off else f"{head} " + _("{off} de moins.").format(off=format_euros(off))
        if offer.needs_paid_seat and self.basket:
            return f"{head} {needs_company()}"
        if not here:
            return f"{head} {self._where_words(offer)}"
        opened = offer.opened.get(listed.row.id) if listed is not None else None
        if opened is not None:
            return f"{head} " + _("Espace vend « {label} ».").format(label=opened.label)
        return f"{head} " + _("Le prix baisse dès qu'une place est au panier.")

    def _where_words(self, offer: PromoOffer) -> str:
        """The next screenings that a code is for."""
        now = self.house.clock.now()
        rows = [
            row for row in self.programme.screenings if row.id in offer.screenings and row.starts_at > now
        ]
        named = " ; ".join(
            f"{row.event_title}, {say(row.starts_at, _('EEE d HH:mm'), spoken())}" for row in rows[:NAMED]
        )
        others = len(rows) - NAMED
        if others > 0:
            named += plural(" et {count} autre", " et {count} autres", others).format(count=others)
        return _("Il vaut pour : {screenings}.").format(screenings=named)

    def _take_off(self, offer: PromoOffer) -> None:
        """Take a code off: prices are as they were, and seats that only it opened leave the basket."""
        gone = tuple(
            line
            for line in self.basket
            if isinstance(line, SeatLine)
            and line.promo_code_id == offer.value_id
            and line.former_tariff is None
            and not line.discount_cents
        )
        self._know_codes(tuple(known for known in self.codes if known.value_id != offer.value_id))
        if gone:
            self.post_message(self.TakenOut(gone))
        self.change(take_off(self.basket, offer.value_id))
        self.advise(_("Code promo {code} retiré.").format(code=offer.code))

    def _know_codes(self, codes: tuple[PromoOffer, ...]) -> None:
        self.codes = codes
        self.basket = replace(self.basket, codes=self._given(self.basket))
        self.basket_panel.note(codes_words(codes))
        self.show_tariffs()

    def _given(self, basket: Basket) -> tuple[UUID, ...]:
        """The codes that go with a basket wherever it waits; an empty one has none."""
        return tuple(offer.value_id for offer in self.codes) if basket else ()

    def _with_codes(self, basket: Basket) -> Basket:
        for offer in self.codes:
            bare = take_off(basket, offer.value_id, keep_opened=True)
            try:
                basket = put_on(bare, offer)
            except Refusal:
                basket = bare
        return basket

    def _set_quantity(self, index: int, quantity: int) -> None:
        """Change a quantity; a tariff opened by a code is for no more seats than the code."""
        line = self.basket.lines[index]
        offer = self._opener(line) if isinstance(line, SeatLine) else None
        if offer is not None and offer.most_seats is not None:
            room = offer.most_seats - seats_with(self.basket, offer.value_id)
            if quantity - line.quantity > room:
                self.advise(code_is_for(offer.most_seats))
                return
        super()._set_quantity(index, quantity)

    def _opener(self, line: SeatLine) -> PromoOffer | None:
        """The code that opens the tariff of a line, chosen at it."""
        if line.former_tariff is not None or line.discount_cents:
            return None
        return next((known for known in self.codes if known.value_id == line.promo_code_id), None)


def may_be_word(text: str) -> bool:
    """Whether a text may be a promo code that a manager chose: a word, with or without figures."""
    bare = normalised(text)
    return (
        len(bare) >= SHORTEST_WORD
        and not bare.isdecimal()
        and all(letter.isalnum() or letter in _IN_WORDS for letter in text)
    )


def gives_words(offer: PromoOffer) -> str:
    """What a code does, in the fewest words."""
    if offer.percentage is not None:
        return _("{rate} de moins").format(rate=format_rate(offer.percentage))
    if offer.amount_cents is not None:
        return _("{amount} de moins par place").format(amount=format_euros(offer.amount_cents))
    tariffs = {(opened.label, opened.price_cents) for opened in offer.opened.values()}
    return ", ".join(f"{label} {format_amount(cents)}" for label, cents in sorted(tariffs))


def codes_words(codes: tuple[PromoOffer, ...]) -> str:
    """The codes of a basket in the room of its foot: the end of the only one, or how many."""
    if not codes:
        return ""
    if len(codes) > 1:
        return plural("{count} code", "{count} codes", len(codes)).format(count=len(codes))
    return _("code …{end}").format(end=codes[0].code.replace("-", "")[-4:])
