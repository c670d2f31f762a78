"""How a total is being paid: frozen values, no session. Amounts are cents."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NoReturn
from uuid import UUID

from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.money import format_euros

from . import means
from .means import Means
from .wording import is_one_line

DIGITS_OF_A_CARD = 13
"""The fewest digits that the number of a card has; none is ever kept."""

LONGEST_REFERENCE = 40
_LIKE_A_CARD = re.compile(r"(?:[0-9][ .-]?){12,18}[0-9]")

LARGEST_NOTE_CENTS = 50_000


@dataclass(frozen=True, slots=True)
class Stored:
    """The card or account that pays, told by its value. `vat_rate` is that of a single-purpose voucher, which
    pays for nothing else; `covers` is the position of the line that a place card pays for.
    """

    value_id: UUID
    vat_rate: int | None = None
    covers: int | None = None


@dataclass(frozen=True, slots=True)
class Tender:
    """A part of the total paid by one means. `tendered_cents` is what was handed over, change included.

    `value_id`, `vat_rate` and `covers` are those of `Stored`, where a card or account pays.
    """

    means: str
    amount_cents: int
    tendered_cents: int | None = None
    reference: str = ""
    value_id: UUID | None = None
    vat_rate: int | None = None
    covers: int | None = None

    @property
    def stored(self) -> Stored | None:
        return None if self.value_id is None else Stored(self.value_id, self.vat_rate, self.covers)


@dataclass(frozen=True, slots=True)
class Settlement:
    """A total, and what has been handed over for it so far."""

    total_cents: int
    tenders: tuple[Tender, ...] = ()

    @property
    def remaining_cents(self) -> int:
        return self.total_cents - sum(tender.amount_cents for tender in self.tenders)

    @property
    def change_cents(self) -> int:
        return sum(
            (tender.tendered_cents or tender.amount_cents) - tender.amount_cents for tender in self.tenders
        )

    @property
    def is_complete(self) -> bool:
        return self.remaining_cents == 0


def tender(
    settlement: Settlement,
    by: Means,
    handed_cents: int | None = None,
    *,
    reference: str = "",
    stored: Stored | None = None,
    cash_limit_cents: int,
) -> Settlement:
    """The settlement with `handed_cents` more by one means, or all that remains when no amount is given.

    Raises Refusal for a reference that is no short line or may be the number of a card, nothing handed,
    change that the means cannot give or that holds a note of 500 €, cash above the legal limit, and a card
    that is not told or pays already.
    """
    _check_stored(settlement, by, stored)
    if sum(map(str.isdigit, reference)) >= DIGITS_OF_A_CARD:
        _refuse_card()
    if len(reference) > LONGEST_REFERENCE or not is_one_line(reference):
        raise Refusal(
            _("Cette référence n'est pas un numéro d'autorisation ou de chèque."),
            _("Notez {most} caractères au plus.").format(most=LONGEST_REFERENCE),
        )
    remaining = settlement.remaining_cents
    handed = remaining if handed_cents is None else handed_cents
    if remaining <= 0:
        raise Refusal(_("Tout est déjà payé."))
    if handed <= 0:
        raise Refusal(_("Le montant doit être supérieur à zéro."), _("Tapez ce que le client donne."))
    if handed > remaining and not by.gives_change:
        raise Refusal(
            _("{means} : {handed} dépasse les {remaining} qui restent à payer.").format(
                means=_(by.label), handed=format_euros(handed), remaining=format_euros(remaining)
            ),
            _("Tapez un montant inférieur ou égal au reste."),
        )
    paid = min(handed, remaining)
    if by is means.CASH:
        _refuse_too_much_cash(settlement, paid, cash_limit_cents)
    if handed - paid >= LARGEST_NOTE_CENTS:
        raise Refusal(
            _("Il faudrait rendre {change} : le montant reçu semble erroné.").format(
                change=format_euros(handed - paid)
            ),
            _("Tapez de nouveau ce que le client donne."),
        )
    added = Tender(by.code, paid, handed if by.gives_change else None, reference)
    if stored is not None:
        added = replace(added, value_id=stored.value_id, vat_rate=stored.vat_rate, covers=stored.covers)
    return Settlement(settlement.total_cents, (*settlement.tenders, added))


def _check_stored(settlement: Settlement, by: Means, stored: Stored | None) -> None:
    """A card or account pays where it is told, and once; a place card once for each of its places."""
    if by.stored != (stored is not None):
        raise Refusal(
            _("{means} : il faut la carte ou le client.").format(means=_(by.label)),
            _("Scannez la carte, ou nommez le client."),
        )
    if any(given.stored == stored for given in settlement.tenders if stored is not None):
        said = (
            _("Le solde paie déjà cette vente.")
            if by is means.BALANCE
            else _("Cette carte paie déjà cette vente.")
        )
        raise Refusal(said, _("⌫ reprend le dernier règlement, pour changer le montant."))


def payable_cents(settlement: Settlement, due_by_rate: Mapping[int, int], vat_rate: int | None = None) -> int:
    """The most that a gift card may pay of what remains, of what such cards may pay: `due_by_rate`.

    For a single-purpose voucher, only what has its rate.
    """
    by_cards = sum(given.amount_cents for given in settlement.tenders if given.means in means.PAY_NO_CARD)
    remaining = max(min(settlement.remaining_cents, sum(due_by_rate.values()) - by_cards), 0)
    if vat_rate is None:
        return remaining
    paid = sum(given.amount_cents for given in settlement.tenders if given.vat_rate == vat_rate)
    return min(remaining, max(due_by_rate.get(vat_rate, 0) - paid, 0))


def withdraw_last(settlement: Settlement) -> Settlement:
    """The settlement without the tender taken last."""
    return Settlement(settlement.total_cents, settlement.tenders[:-1])


def check(settlement: Settlement, *, cash_limit_cents: int) -> None:
    """Raise Refusal unless the tenders pay the total exactly, each by a means that can."""
    again = Settlement(settlement.total_cents)
    for given in settlement.tenders:
        by = means.BY_CODE.get(given.means)
        if by is None or by is means.EXCHANGE:
            raise Refusal(_("Moyen de paiement inconnu : {code}.").format(code=given.means))
        handed = given.amount_cents if given.tendered_cents is None else given.tendered_cents
        again = tender(
            again,
            by,
            handed,
            reference=given.reference,
            stored=given.stored,
            cash_limit_cents=cash_limit_cents,
        )
    if not again.is_complete:
        raise Refusal(
            _("Les règlements ne font pas le total : il reste {remaining}.").format(
                remaining=format_euros(again.remaining_cents)
            ),
            _("Complétez le règlement."),
        )
    if again != settlement:
        raise Refusal(
            _("Les règlements ne se tiennent pas : le rendu n'est pas le bon."),
            _("Saisissez-les de nouveau."),
        )


def refuse_card_number(text: str) -> None:
    """Raise Refusal for a sentence with the number of a card in it: what is signed stays for ever."""
    for written in _LIKE_A_CARD.findall(text):
        digits = [int(digit) for digit in written if digit.isdigit()]
        doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
        if (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0:
            _refuse_card()


def _refuse_card() -> NoReturn:
    raise Refusal(_("Un numéro de carte ne se note jamais."), _("Notez le numéro d'autorisation du ticket."))


def _refuse_too_much_cash(settlement: Settlement, paid: int, limit: int) -> None:
    """Cash above the limit is refused for the sale as a whole (CMF art. L112-6 and D112-3)."""
    in_cash = paid + sum(t.amount_cents for t in settlement.tenders if t.means == means.CASH.code)
    if in_cash > limit:
        raise Refusal(
            _("La loi interdit d'encaisser plus de {limit} en espèces.").format(limit=format_euros(limit)),
            _("Demandez un autre moyen de paiement pour le reste."),
        )
