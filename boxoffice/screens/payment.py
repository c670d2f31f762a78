"""Taking the money, key by key: a frozen value that each key makes anew. No screen, no session."""

from dataclasses import dataclass, replace
from uuid import UUID

from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.money import format_euros, parse_amount
from boxoffice.sales import means, settlement
from boxoffice.sales.means import Means
from boxoffice.sales.settlement import Settlement

NOTES = {"i": 500, "d": 1000, "v": 2000, "q": 5000}
"""The notes of a French drawer by the key that hands one over (cInq, Dix, Vingt, cinQuante), in cents."""

LONGEST_REFERENCE = 20


@dataclass(frozen=True, slots=True)
class Payment:
    """How far the paying of a basket has come.

    `typed` is the amount being typed, `reference` the authorisation number noted for the next card or cheque.
    Once `settling`, no key counts until the database has answered; `doubtful` means that it did not, so that
    only trying again, with the same `sale_id`, can tell.
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
    obstacle: Refusal | None = None
    asked: bool = False

    @property
    def typed_cents(self) -> int | None:
        """What has been typed so far, or nothing if that is no amount."""
        try:
            return parse_amount(self.typed.rstrip(",."))
        except ValueError:
            return None


def press(payment: Payment, key: str, character: str) -> Payment:
    """The payment after one key; once it is complete and `settling`, it is to be brought to the books."""
    if payment.settling:
        return payment
    asked = payment.asked
    if not payment.doubtful:
        payment = replace(payment, refusal=payment.obstacle, asked=False)
    if payment.noting:
        return _note(payment, key, character)
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
    return replace(payment, settlement=settlement.withdraw_last(payment.settlement))


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
