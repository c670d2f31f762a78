"""Selling a gift: which card, for how much, from whom to whom; then it is in the basket like the rest."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar
from uuid import uuid4

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Input, Static

from boxoffice.errors import Refusal
from boxoffice.language import _, later, plural
from boxoffice.money import format_amount, format_euros, parse_amount
from boxoffice.sales.basket import GiftCardLine, PlaceCardLine
from boxoffice.sales.vouchers.gift_cards import LONGEST_MESSAGE, LONGEST_NAME, message_row
from boxoffice.sales.vouchers.gift_offers import GiftOffer
from boxoffice.sales.vouchers.place_card_offers import PlaceCardOffer
from boxoffice.sales.wording import ONE_LINE

from .asking import AskText
from .choosing import Choose, Thing
from .dialogs import Dialog

LABELS = {
    "amount": later("Montant"),
    "recipient": later("Pour"),
    "giver": later("De la part de"),
    "message": later("Message"),
}
"""What each field is called, in the order in which they are asked for."""

PutGift = Callable[[GiftCardLine | PlaceCardLine], None]


@dataclass(frozen=True, slots=True)
class _Act:
    """What a row of the list does when it is chosen."""

    thing: Thing
    do: Callable[[], None]


def sell_gift(
    screen: Screen[Any],
    gifts: tuple[GiftOffer, ...],
    cards: tuple[PlaceCardOffer, ...],
    put: PutGift,
    check: Callable[[], None],
    give: Callable[[], None],
    write_down: Callable[[], None],
) -> None:
    """Ask which gift is wanted and what it says, and `put` its line; or `check` a card that is there already,
    or have a manager `give` some, or `write_down` one that was issued elsewhere.

    Given up anywhere, nothing is left of it.
    """
    acts = [_Act(_gift(offer), partial(_ask_words, screen, offer, put)) for offer in gifts]
    acts += [_Act(_place_card(card), partial(_ask_surname, screen, card, put)) for card in cards]
    acts.append(_Act(Thing(_("Vérifier une carte"), _("par son code ou son numéro")), check))
    acts.append(_Act(Thing(_("Donner des cartes"), _("un responsable, un motif")), give))
    acts.append(_Act(Thing(_("Inscrire une carte"), _("émise ailleurs")), write_down))

    def chosen(place: int | None) -> None:
        if place is not None:
            acts[place].do()

    screen.app.push_screen(Choose(_("Cadeaux et cartes"), [act.thing for act in acts]), chosen)


class GiftForm(Dialog[GiftCardLine | None]):
    """How much a gift card is worth and what it says; None when it is given up."""

    HELP = later(
        "Entrée ou Tab passe au champ suivant ; Entrée au dernier champ, ou F9 n'importe où, met la carte au "
        "panier. Tout peut rester vide, sauf le montant. Échap renonce."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9,ctrl+s", "save", later("Au panier"), id="gift.save", tooltip=later("Met au panier")),
        Binding("down", "next_field", later("Suivant"), id="gift.next", tooltip=later("Le champ suivant")),
        Binding(
            "up",
            "previous_field",
            later("Précédent"),
            id="gift.previous",
            tooltip=later("Le champ précédent"),
        ),
    ]
    DEFAULT_CSS = """
    GiftForm {
        .dialog { width: 74; }
        .form-row { height: auto; }
        .form-label { width: 15; text-align: right; color: $text-muted; }
        Input, Input:focus { width: 1fr; height: 1; margin: 0 1 1 1; }
        Input { background: $panel; }
        Input:focus { background: $primary 30%; }
    }
    """

    def __init__(self, offer: GiftOffer) -> None:
        super().__init__()
        self._offer = offer
        self.title_text = offer.label if _chosen_amount(offer) else f"{offer.label} · {_price(offer)}"
        self._fields = tuple(name for name in LABELS if name != "amount" or _chosen_amount(offer))

    def compose_question(self) -> ComposeResult:
        for name in self._fields:
            with Horizontal(classes="form-row"):
                yield Static(_(LABELS[name]), classes="form-label", markup=False)
                yield Input(
                    placeholder=_price(self._offer) if name == "amount" else "",
                    restrict=r"-?[\d.,]{0,8}" if name == "amount" else ONE_LINE,
                    id=f"field-{name}",
                )
        yield from self.digits() if _chosen_amount(self._offer) else ()
        yield from self.foot(
            ("enter", _("Entrée champ suivant")), ("f9", _("F9 au panier")), ("escape", _("Échap renoncer"))
        )

    def on_mount(self) -> None:
        self.query(Input).first().focus()

    def nothing(self) -> None:
        return None

    def action_next_field(self) -> None:
        self.focus_next(Input)

    def action_previous_field(self) -> None:
        self.focus_previous(Input)

    @on(Input.Submitted)
    def entered(self, event: Input.Submitted) -> None:
        event.stop()
        name = next(name for name in self._fields if event.input.id == f"field-{name}")
        if name == self._fields[-1]:
            self.action_save()
            return
        try:
            self._check(name)
        except Refusal as refusal:
            self.say_wrong(refusal)
        else:
            self.say_wrong()
            self.focus_next(Input)

    def action_save(self) -> None:
        """Answer with the line, once the amount is one and the card can say these words."""
        try:
            for name in self._fields:
                self._check(name)
            line = self._line()
            message_row(line)
        except Refusal as refusal:
            self.say_wrong(refusal)
        else:
            self.dismiss(line)

    def _line(self) -> GiftCardLine:
        typed = {name: self.query_one(f"#field-{name}", Input).value.strip() for name in self._fields}
        price_cents = self._amount(typed.pop("amount")) if "amount" in typed else self._offer.least_cents
        return GiftCardLine(uuid4(), self._offer.product_id, self._offer.label, price_cents, **typed)

    def _check(self, name: str) -> None:
        """Raise Refusal for what a field cannot hold, and stand on it."""
        field = self.query_one(f"#field-{name}", Input)
        text = field.value.strip()
        try:
            if name == "amount":
                self._amount(text)
            elif len(text) > (most := LONGEST_MESSAGE if name == "message" else LONGEST_NAME):
                raise Refusal(
                    _("{field} : {count} caractères, c'est trop long pour la carte.").format(
                        field=_(LABELS[name]), count=len(text)
                    ),
                    _("{most} caractères au plus.").format(most=most),
                )
        except Refusal:
            field.focus()
            raise

    def _amount(self, text: str) -> int:
        try:
            cents = parse_amount(text.rstrip(",."))
        except ValueError:
            raise Refusal(_("Tapez le montant de la carte."), _("Par exemple 50 ou 12,50.")) from None
        if not self._offer.least_cents <= cents <= self._offer.most_cents:
            raise Refusal(_("{label} : {range}.").format(label=self._offer.label, range=_price(self._offer)))
        return cents


def _ask_words(screen: Screen[Any], offer: GiftOffer, put: PutGift) -> None:
    def answered(line: GiftCardLine | None) -> None:
        if line is not None:
            put(line)

    screen.app.push_screen(GiftForm(offer), answered)


def _ask_surname(screen: Screen[Any], card: PlaceCardOffer, put: PutGift) -> None:
    """Put a place card into the basket, in the name of its holder if it is nominative."""

    def answered(surname: str | None) -> None:
        if surname is not None:
            put(PlaceCardLine(uuid4(), card.product_id, card.label, card.price_cents, surname))

    if card.nominative:
        question = _("{label} : nom de famille de son titulaire ?").format(label=card.label)
        screen.app.push_screen(AskText(question, longest=LONGEST_NAME, required=True), answered)
    else:
        answered("")


def _gift(offer: GiftOffer) -> Thing:
    days = offer.valid_days
    about = "" if days is None else plural("valable {count} jour", "valable {count} jours", days)
    end = "" if _chosen_amount(offer) else format_amount(offer.least_cents)
    return Thing(offer.label, _price(offer) if _chosen_amount(offer) else about.format(count=days), end)


def _place_card(card: PlaceCardOffer) -> Thing:
    return Thing(
        card.label, _("au nom de son titulaire") if card.nominative else "", format_amount(card.price_cents)
    )


def _chosen_amount(offer: GiftOffer) -> bool:
    return offer.least_cents != offer.most_cents


def _price(offer: GiftOffer) -> str:
    """What it costs, or between what amounts that may be chosen."""
    if not _chosen_amount(offer):
        return format_euros(offer.least_cents)
    least, most = format_euros(offer.least_cents), format_euros(offer.most_cents)
    return _("de {least} à {most}").format(least=least, most=most)
