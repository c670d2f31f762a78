"""Taking the money, key by key: a frozen value that each key makes anew. No screen, no session."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID

from boxoffice.errors import Refusal
from boxoffice.language import _, later
from boxoffice.money import format_euros, parse_amount
from boxoffice.sales import means, settlement
from boxoffice.sales.basket import Basket, CardCharge
from boxoffice.sales.codes import CodeKind, read_code
from boxoffice.sales.means import Means
from boxoffice.sales.settlement import Settlement, Stored, Tender
from boxoffice.sales.vouchers.at_payment import AtHand

from .charged import charged_words

NOTES = {"i": 500, "d": 1000, "v": 2000, "q": 5000}
"""The notes of a French drawer by the key that hands one over (cInq, Dix, Vingt, cinQuante), in cents."""

LONGEST_REFERENCE = 20
LONGEST_ENTRY = 60
LONGEST_TOLD = 40
SCANNED = {
    CodeKind.TICKET: later("Un billet a été scanné : cela ne change rien au règlement."),
    CodeKind.PASS: later("Un pass a été scanné : cela ne change rien au règlement."),
    CodeKind.RESERVATION: later("Une réservation a été scannée : cela ne change rien au règlement."),
}
STEPS = {"left": -100, "right": 100, "down": -1000, "up": 1000}
"""What the arrows change of the part of a balance that is used, in cents."""


class Asked(StrEnum):
    """What of a card is being typed."""

    CODE = "code"
    NUMBER = "number"
    SURNAME = "surname"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is being typed of a card; `number` is that of the nominative card whose surname is asked for.

    `refused`: the books know nobody by what is typed. It stands to be corrected; a letter begins anew.
    """

    asked: Asked
    typed: str = ""
    number: str = ""
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Lookup:
    """A card that the books are asked about by its code, or the proposed order that is to be carried out.

    `more` are the codes of others that were scanned meanwhile, `birthday` the kind of the place that is to be
    given to the customer first. `entry` is where the code was typed, if it was.
    """

    text: str = ""
    surname: str | None = None
    accepts: bool = False
    more: tuple[str, ...] = ()
    birthday: int | None = None
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """How far the paying of a basket has come.

    `typed` is the amount being typed, `reference` the authorisation number noted for the next card or cheque.
    Once `settling`, no key counts until the database has answered; `doubtful` means that it did not, so that
    only trying again, with the same `sale_id`, can tell.
    `hand` is what the customer has here to pay with. `entry` is what is typed of a card, `lookup` what the
    books are asked about it, while no key counts; `drawing_cents` the part of the balance being chosen;
    `said` what a card that just paid has left.
    """

    sale_id: UUID
    settlement: Settlement
    cash_limit_cents: int
    typed: str = ""
    reference: str = ""
    noting: bool = False
    receipt: bool = False
    settling: bool = False
    doubtful: bool = False
    refusal: Refusal | None = None
    hand: AtHand = field(default_factory=AtHand)
    entry: Entry | None = None
    lookup: Lookup | None = None
    drawing_cents: int | None = None
    said: str = ""
    obstacle: Refusal | None = None
    asked: bool = False

    @property
    def offers(self) -> bool:
        """Whether an order to pay in is proposed, and may still be taken."""
        return bool(self.hand.proposal.steps) and not self.settlement.tenders

    @property
    def birthday(self) -> tuple[int, str] | None:
        """The place that may be given to the customer for their birthday, before anything is paid."""
        return None if self.settlement.tenders else self.hand.birthday

    @property
    def most_of_balance(self) -> int:
        """The most that the customer's balance can pay of what remains."""
        return min(self.hand.balance_cents, self.settlement.remaining_cents)

    @property
    def charges(self) -> tuple[CardCharge, ...]:
        """What the card terminal has taken already, for a sale that is not made yet."""
        tenders = self.settlement.tenders
        return tuple(
            CardCharge(tender.amount_cents, tender.reference)
            for tender in tenders
            if tender.means == means.CARD.code
        )

    @property
    def typed_cents(self) -> int | None:
        """What has been typed so far, or nothing if that is no amount."""
        try:
            return parse_amount(self.typed.rstrip(",."))
        except ValueError:
            return None


def begun(basket: Basket, sale_id: UUID, due_cents: int, *, cash_limit_cents: int, receipt: bool) -> Payment:
    """The payment of a basket before its first key: what was paid by card for it already is part of it.

    What is more than its price now is given back on the terminal first.
    """
    paid = tuple(
        Tender(means.CARD.code, charge.amount_cents, reference=charge.reference) for charge in basket.charges
    )
    settlement = Settlement(due_cents, paid)
    said = charged_words(basket.charged_cents) if paid else ""
    if settlement.remaining_cents >= 0:
        return Payment(sale_id, settlement, cash_limit_cents, receipt=receipt, said=said)
    too_much = Refusal(said, _("C'est plus que ce panier ne coûte : remboursez-les sur le terminal."))
    return Payment(sale_id, Settlement(due_cents), cash_limit_cents, receipt=receipt, refusal=too_much)


def press(payment: Payment, key: str, character: str) -> Payment:
    """The payment after one key; once it is complete and `settling`, it is to be brought to the books."""
    if payment.settling or payment.lookup is not None:
        return payment
    asked = payment.asked
    if not payment.doubtful:
        payment = replace(payment, refusal=payment.obstacle, asked=False)
    if payment.noting:
        return _note(payment, key, character)
    if payment.entry is not None:
        return _enter(payment, payment.entry, key, character)
    if payment.drawing_cents is not None:
        return _draw(payment, payment.drawing_cents, key, character)
    if key == "enter":
        return _take(payment, means.CASH)
    if payment.doubtful:
        return payment
    if key == "backspace":
        return _take_back(payment, asked=asked)
    if character.lower() == "r":
        return replace(payment, receipt=not payment.receipt)
    if payment.settlement.is_complete:
        return payment
    if character.isdecimal() or character in {",", "."}:
        return _type(payment, character)
    match character.lower():
        case "n":
            return replace(payment, noting=True)
        case means.GIFT_CARD.key:
            return replace(payment, entry=Entry(Asked.CODE), said="")
        case means.PLACE_CARD.key:
            return replace(payment, entry=Entry(Asked.NUMBER), said="")
        case means.BALANCE.key:
            return _turn_to_balance(payment)
        case "o" if payment.offers:
            return replace(payment, lookup=Lookup(accepts=True), typed="")
        case "a" if payment.birthday is not None:
            return replace(payment, lookup=Lookup(birthday=payment.birthday[0]), typed="")
        case note if note in NOTES:
            return replace(payment, typed=_amount_text((payment.typed_cents or 0) + NOTES[note]))
        case letter:
            chosen = next((each for each in means.ALL if each.key == letter), None)
            return payment if chosen is None else _take(payment, chosen)


def _take(payment: Payment, by: Means) -> Payment:
    """Take what was typed, or all that remains, by one means; settle when nothing remains."""
    if payment.obstacle is not None:
        return replace(payment, refusal=payment.obstacle)
    if payment.settlement.is_complete:
        return replace(payment, settling=True, refusal=None)
    typed = payment.typed_cents
    if payment.typed and typed is None:
        return replace(
            payment, refusal=Refusal(_("Ce montant ne se lit pas."), _("Tapez par exemple 12,50."))
        )
    try:
        taken = settlement.tender(
            payment.settlement,
            by,
            typed,
            reference=payment.reference if by.takes_reference else "",
            cash_limit_cents=payment.cash_limit_cents,
        )
    except Refusal as refusal:
        return replace(payment, refusal=refusal)
    return replace(payment, settlement=taken, typed="", reference="", settling=taken.is_complete)


def _take_back(payment: Payment, *, asked: bool) -> Payment:
    if payment.typed:
        return replace(payment, typed=payment.typed[:-1])
    if payment.reference:
        return replace(payment, reference="")
    tenders = payment.settlement.tenders
    if tenders and tenders[-1].means == means.CARD.code and not asked:
        return replace(payment, asked=True, refusal=_charged(tenders[-1].amount_cents))
    return replace(payment, settlement=settlement.withdraw_last(payment.settlement), said="")


def _enter(payment: Payment, entry: Entry, key: str, character: str) -> Payment:
    """Type what identifies a card; Enter asks the books about it, Escape or an empty one gives up."""
    if key == "escape" or (key == "enter" and not entry.typed.strip()):
        return replace(payment, entry=None)
    if key == "enter":
        if entry.asked is Asked.SURNAME:
            lookup = Lookup(entry.number, entry.typed.strip(), entry=entry)
            return replace(payment, entry=None, lookup=lookup)
        return replace(payment, entry=None, lookup=Lookup(entry.typed.strip(), entry=entry))
    if key == "backspace":
        return replace(payment, entry=replace(entry, typed=entry.typed[:-1], refused=False))
    before = "" if entry.refused else entry.typed
    if not character or len(before) >= LONGEST_ENTRY:
        return payment
    if entry.asked is not Asked.SURNAME:
        character = character.upper()
    return replace(payment, entry=replace(entry, typed=before + character, refused=False))


def _turn_to_balance(payment: Payment) -> Payment:
    """Begin with as much of the balance as can be used, or with the amount typed."""
    if payment.hand.balance_id is None:
        return replace(
            payment,
            refusal=Refusal(
                _("Aucun solde : le client n'est pas nommé, ou il n'a rien."),
                _("Revenez au panier par Échap, puis nommez le client par F3."),
            ),
        )
    wanted = payment.most_of_balance if payment.typed_cents is None else payment.typed_cents
    return replace(payment, drawing_cents=min(wanted, payment.most_of_balance), typed="", said="")


def _draw(payment: Payment, cents: int, key: str, character: str) -> Payment:
    """Choose the part of the balance by arrows or by typing it; Enter takes it, Escape gives up."""
    if key in STEPS:
        return replace(payment, drawing_cents=_within(payment, cents + STEPS[key]), typed="")
    if key == "backspace":
        typed = payment.typed[:-1]
        return _drawn_as_typed(replace(payment, typed=typed), cents)
    if character.isdecimal() or character in {",", "."}:
        return _drawn_as_typed(_type(payment, character), cents)
    if key == "escape":
        return replace(payment, drawing_cents=None, typed="")
    if key != "enter" and character.lower() != means.BALANCE.key:
        return payment
    value_id = payment.hand.balance_id
    assert value_id is not None
    try:
        taken = settlement.tender(
            payment.settlement,
            means.BALANCE,
            cents,
            stored=Stored(value_id),
            cash_limit_cents=payment.cash_limit_cents,
        )
    except Refusal as refusal:
        return replace(payment, refusal=refusal, drawing_cents=None, typed="")
    return replace(payment, settlement=taken, drawing_cents=None, typed="")


def _drawn_as_typed(payment: Payment, cents: int) -> Payment:
    typed = payment.typed_cents
    return replace(payment, drawing_cents=cents if typed is None else _within(payment, typed))


def _within(payment: Payment, cents: int) -> int:
    return max(0, min(cents, payment.most_of_balance))


def _charged(amount_cents: int) -> Refusal:
    """What to do with the money that the card terminal has taken, before it is forgotten here."""
    return Refusal(
        _("{amount} déjà payés par carte : remboursez-les sur le terminal.").format(
            amount=format_euros(amount_cents)
        ),
        _("La même touche encore reprend ce règlement ; une autre le garde."),
    )


def _type(payment: Payment, character: str) -> Payment:
    typed = payment.typed + character.replace(".", ",")
    if typed == ",":
        typed = "0,"
    whole, _comma, cents = typed.partition(",")
    if len(whole) > 5 or len(cents) > 2 or "," in cents:
        return payment
    return replace(payment, typed=typed)


def _note(payment: Payment, key: str, character: str) -> Payment:
    """Type the authorisation number: letters and figures, ended by Enter."""
    if key in {"enter", "escape"}:
        return replace(payment, noting=False, reference=payment.reference if key == "enter" else "")
    if key == "backspace":
        return replace(payment, reference=payment.reference[:-1])
    if character.isalnum() and len(payment.reference) < LONGEST_REFERENCE:
        return replace(payment, reference=payment.reference + character.upper())
    return payment


def _amount_text(cents: int) -> str:
    euros, rest = divmod(cents, 100)
    return f"{euros},{rest:02d}" if rest else str(euros)


def pays_nothing(scanned: str) -> Refusal:
    """What to say of a scan that is no card, while a payment is open."""
    if code := read_code(scanned):
        remedy = _("Terminez-le, ou revenez au panier par Échap, puis scannez de nouveau.")
        return Refusal(_(SCANNED[code[0]]), remedy)
    told = _("« {code} » a été scanné : cela ne change rien au règlement.")
    return Refusal(told.format(code=scanned[:LONGEST_TOLD]), _("Ce n'est pas le code d'un billet."))
