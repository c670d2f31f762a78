"""Cards and accounts that pay: each means says what it takes from its value at payment, and gives back."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.kinds import MovementKind, StoredValueKind
from boxoffice.language import _
from boxoffice.models import StoredValue, table
from boxoffice.money import format_euros, format_rate

from .. import means
from ..people.customers import held_customer, read_customer, standing_id
from ..pricing import Priced
from ..refunds import Refund
from ..settlement import Tender
from . import gift_cards, place_cards
from .stored_values import account_id
from .value_changes import NOTHING, Changes, Move, Row

_value = table(StoredValue)
_OWNER = select(_value.c.customer_id).where(_value.c.id == bindparam("id"))


@dataclass(frozen=True, slots=True)
class Hook:
    """What a means does with its values.

    `draw` is what a tender, at its position from 1, takes from its value; it raises Refusal for what that may
    not pay of the basket. `units` is what comes back to a value for an amount in cents.
    """

    draw: Callable[[Session, Tender, int, Priced], Move]
    units: Callable[[int], int]


def _draw_balance(session: Session, tender: Tender, position: int, priced: Priced) -> Move:
    """A balance pays for the customer whose it is."""
    customer_id = priced.basket.customer_id
    owner = None if customer_id is None else standing_id(session, customer_id)
    if owner is None or tender.value_id != account_id(owner, StoredValueKind.BALANCE):
        raise Refusal(
            _("Ce solde n'est pas celui du client de cette vente."),
            _("Nommez le client, puis prenez son solde."),
        )
    return Move(tender.value_id, MovementKind.USED, -tender.amount_cents, position)


HOOKS: Mapping[str, Hook] = {
    means.GIFT_CARD.code: Hook(gift_cards.draw, lambda cents: cents),
    means.BALANCE.code: Hook(_draw_balance, lambda cents: cents),
    means.PLACE_CARD.code: Hook(place_cards.draw, lambda _cents: 1),
}


def draw(session: Session, priced: Priced, tenders: Sequence[Tender]) -> Changes:
    """What the cards and accounts among the tenders give.

    Raises Refusal for one that may not pay for these lines, and for more than what has its rate of VAT.
    """
    stored = [(index, each) for index, each in enumerate(tenders, start=1) if each.value_id is not None]
    if not stored:
        return NOTHING
    due = due_by_rate(priced.lines)
    _check_what_is_bought(due, tenders)
    _check_rates(due, tenders)
    covered = Counter(tender.covers for _position, tender in stored if tender.covers is not None)
    if any(times > 1 for times in covered.values()):
        raise Refusal(_("Une place de carte paie une seule fois chaque place."), _("Retirez-en une."))
    return Changes(
        moves=tuple(
            HOOKS[tender.means].draw(session, tender, position, priced) for position, tender in stored
        )
    )


def give_back(session: Session, refunds: Sequence[Refund]) -> Changes:
    """What comes back to the cards and accounts that paid, in the order of the payments that give back.

    Their customers are kept from being erased until the transaction ends: call it before numbers are drawn.
    Raises Refusal for the balance of one who was erased, whom nobody could spend it for.
    """
    for value_id in {each.value_id for each in refunds if each.means == means.BALANCE.code}:
        _refuse_erased(session, value_id)
    return Changes(
        moves=tuple(
            Move(
                refund.value_id,
                MovementKind.GIVEN_BACK,
                HOOKS[refund.means].units(refund.amount_cents),
                position,
            )
            for position, refund in enumerate(refunds, start=1)
            if refund.value_id is not None
        )
    )


def _refuse_erased(session: Session, value_id: UUID | None) -> None:
    owner = session.execute(_OWNER, {"id": value_id}).scalar_one_or_none()
    if owner is not None and read_customer(session, held_customer(session, owner)) is None:
        raise Refusal(
            _("Ce client a été effacé : son solde ne peut plus être crédité."),
            _("Ses places s'échangent contre d'autres, du même prix ou plus chères."),
        )


def due_by_rate(lines: Iterable[Row]) -> dict[int, int]:
    """The cents due at each rate of VAT: what gift cards may pay, which is no other card."""
    due: Counter[int] = Counter()
    for line in lines:
        if line["value_id"] is None:
            due[line["vat_rate"]] += line["unit_price_cents"]
    return dict(due)


def _check_what_is_bought(due: Mapping[int, int], tenders: Sequence[Tender]) -> None:
    """A card that pays another would have its time anew, without a manager."""
    paid = dict.fromkeys(means.PAY_NO_CARD, 0)
    for tender in tenders:
        if tender.means in paid:
            paid[tender.means] += tender.amount_cents
    most = sum(due.values())
    if paid[means.GIFT_CARD.code] and sum(paid.values()) > most:
        raise Refusal(
            _("Une carte cadeau ne paie ni carte cadeau, ni bon, ni carte de places."),
            _("Les cartes paient ici {most} au plus ; complétez autrement.").format(most=format_euros(most)),
        )


def _check_rates(due: Mapping[int, int], tenders: Sequence[Tender]) -> None:
    paid: Counter[int] = Counter()
    for tender in tenders:
        if tender.vat_rate is not None:
            paid[tender.vat_rate] += tender.amount_cents
    for rate, cents in paid.items():
        if cents > due.get(rate, 0):
            raise Refusal(
                _("Cette carte ne paie que ce qui est à {rate} de TVA : {due} au plus.").format(
                    rate=format_rate(rate), due=format_euros(due.get(rate, 0))
                ),
                _("Diminuez le montant, ou complétez autrement."),
            )
