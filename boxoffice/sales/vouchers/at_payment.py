"""A card or account at the payment of a basket: what it pays there, and what is left on it after."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4, uuid5

from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.language import _, plural
from boxoffice.money import format_euros

from .. import means
from ..basket import Basket, SeatLine
from ..settlement import Settlement, Tender, payable_cents
from ..staff.desk import Desk
from . import gift_cards, guessing, knowing, loyalty, place_cards, which_card
from .eligibility import SeatAsked
from .gift_cards import GiftCardState
from .place_cards import CardState
from .promo_basket import PromoOffer, codes_on, put_on_seats, without
from .proposal import CentsByRate, CodeStep, LineDue, Proposal, RewardStep


@dataclass(frozen=True, slots=True)
class PaidWith:
    """The tenders that cards add to a payment, and in a sentence what is left on the last of them.

    `refused` is why the first of several that pay nothing does not.
    """

    tenders: tuple[Tender, ...]
    said: str
    refused: Refusal | None = None


@dataclass(frozen=True, slots=True)
class AtHand:
    """What is known to pay a basket when its payment opens; amounts are cents.

    `balance_cents` is that of the customer it is in the name of, whose value is `balance_id`. `basket` is the
    one to pay, once the codes are where the proposed order puts them; `birthday` the kind and the name of a
    place that is due to them for their birthday, and would pay here. `order_id` is made with the order:
    accepting it again does nothing more.
    """

    balance_id: UUID | None = None
    balance_cents: int = 0
    proposal: Proposal = field(default_factory=Proposal)
    proposed: tuple[Tender, ...] = ()
    basket: Basket = field(default_factory=Basket)
    birthday: tuple[int, str] | None = None
    order_id: UUID = field(default_factory=uuid4, compare=False)


class OrderChanged(Refusal):
    """The order that was seen is not the best any more; `hand` is what is proposed now."""

    def __init__(self, hand: AtHand) -> None:
        super().__init__(
            _("L'ordre proposé a changé depuis : rien n'est réglé."),
            _("Relisez le nouveau, puis acceptez-le."),
        )
        self.hand = hand


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known at the counter beside the basket: cards scanned before, codes, and seats given back.

    `exchanged` is what these seats pay, by rate of VAT; a code then stays where it is.
    """

    cards: tuple[UUID, ...] = ()
    codes: tuple[PromoOffer, ...] = ()
    exchanged: CentsByRate = ()


NOTHING_BESIDE = Beside()


def at_hand(
    session: Session, basket: Basket, desk: Desk, *, clock: Clock, beside: Beside = NOTHING_BESIDE
) -> AtHand:
    """What the customer of a basket has here, with what is known beside, and the order proposed to pay in."""
    proposal, _lowered = _propose(session, basket, desk, clock, beside)
    due = None
    if basket.customer_id is not None and not beside.exchanged:
        due = knowing.birthday_place(session, basket, basket.customer_id, clock=clock)
    return replace(_at_hand(session, basket, proposal), birthday=due)


def give_birthday_place(
    session: Session,
    basket: Basket,
    kind_id: int,
    desk: Desk,
    *,
    clock: Clock,
    beside: Beside = NOTHING_BESIDE,
) -> AtHand:
    """Give its place to a customer whose birthday it was; then the order to pay in is proposed with it."""
    if basket.customer_id is not None:
        loyalty.give_birthday_place(session, basket.customer_id, kind_id, desk, clock=clock)
    return at_hand(session, basket, desk, clock=clock, beside=beside)


def accept(
    session: Session,
    basket: Basket,
    seen: AtHand,
    desk: Desk,
    *,
    clock: Clock,
    beside: Beside = NOTHING_BESIDE,
) -> AtHand:
    """Do what the order that was seen asks for before anything is paid; then the order is proposed anew.

    Codes go to the seats that it chose for them, points are turned into places. Raises OrderChanged where
    another order would be proposed by now, unless this one was accepted before.
    """
    proposal, lowered = _propose(session, basket, desk, clock, beside)
    rewards = {
        uuid5(seen.order_id, str(step.covers)): step
        for step in seen.proposal.steps
        if isinstance(step, RewardStep)
    }
    if proposal != seen.proposal and not place_cards.states(session, rewards, desk, clock=clock):
        raise OrderChanged(at_hand(session, basket, desk, clock=clock, beside=beside))
    if basket.customer_id is not None:
        for value_id, step in rewards.items():
            loyalty.reward(session, basket.customer_id, step.kind_id, desk, clock=clock, value_id=value_id)
    settled = replace(beside, codes=())
    anew, _same = _propose(session, lowered, desk, clock, settled)
    return _at_hand(session, lowered, anew)


def _at_hand(session: Session, basket: Basket, proposal: Proposal) -> AtHand:
    found = None if basket.customer_id is None else knowing.balance_of(session, basket.customer_id)
    return AtHand(
        balance_id=found.value_id if found else None,
        balance_cents=found.amount_cents if found else 0,
        proposal=proposal,
        proposed=knowing.tenders_of(proposal),
        basket=basket,
    )


def _propose(
    session: Session, basket: Basket, desk: Desk, clock: Clock, beside: Beside
) -> tuple[Proposal, Basket]:
    """The best order, and the basket with the codes where it wants them.

    They stay where they are unless that costs the customer more, or wastes more.
    """
    as_it_is = knowing.propose(
        session, basket, desk, clock=clock, scanned=beside.cards, exchanged=beside.exchanged
    )
    if beside.exchanged:
        return as_it_is, basket
    bare, free = without(basket, beside.codes)
    if not free:
        return as_it_is, basket
    anew = knowing.propose(session, bare, desk, clock=clock, scanned=beside.cards, codes=free)
    offers = {offer.value_id: offer for offer in free}
    chosen = {
        position: offers[step.value_id]
        for step in anew.steps
        if isinstance(step, CodeStep)
        for position, _off in step.off
    }
    lowered = put_on_seats(bare, chosen)
    *worth, things = as_it_is.cost
    used = len(codes_on(basket) & offers.keys())
    if anew.cost >= (*worth, things + used) or _breaks_a_group(lowered):
        return as_it_is, basket
    spared = tuple(
        CodeStep(
            offer.value_id, (), _("Code promo {code} : gardé pour une autre fois").format(code=offer.code)
        )
        for offer in free
        if offer.value_id in codes_on(basket) - codes_on(lowered)
    )
    return replace(anew, steps=(*spared, *anew.steps)), lowered


def _breaks_a_group(basket: Basket) -> bool:
    """Whether a code has opened a group tariff for fewer than it is for."""
    return any(
        isinstance(line, SeatLine) and line.former_tariff is not None and line.quantity < line.minimum_group
        for line in basket
    )


def pay_by_code(
    session: Session,
    text: str,
    basket: Basket,
    settlement: Settlement,
    desk: Desk,
    *,
    clock: Clock,
    surname: str | None = None,
    most_cents: int | None = None,
) -> PaidWith:
    """What the gift card or place card of a scanned or typed code pays of a basket: as much as it can.

    A gift card pays `most_cents` at most, where that is given.

    Raises SurnameNeeded for a nominative card, CodeRefused for a code that nobody knows, Refusal for a card
    that pays nothing here.
    """

    def find() -> GiftCardState | CardState:
        return which_card.find(
            text,
            lambda: gift_cards.look_up(session, text, desk, clock=clock),
            lambda: place_cards.look_up(session, text, desk, clock=clock, surname=surname),
        )

    found = guessing.look_up(session, text, find, desk, clock=clock)
    if isinstance(found, GiftCardState):
        lines = knowing.lines_due(session, basket, charges_vat=desk.post.charges_vat)
        return _by_gift_card(found, lines, settlement, most_cents)
    return _by_place_card(session, found, basket, settlement, desk)


def pay_by_codes(
    session: Session,
    texts: Sequence[str],
    basket: Basket,
    settlement: Settlement,
    desk: Desk,
    *,
    clock: Clock,
) -> PaidWith:
    """What several cards scanned in a row pay of a basket, each what those before it leave.

    Raises Refusal as `pay_by_code` does where none of them pays anything.
    """
    paid = PaidWith((), "")
    for text in texts:
        so_far = replace(settlement, tenders=(*settlement.tenders, *paid.tenders))
        try:
            more = pay_by_code(session, text, basket, so_far, desk, clock=clock)
        except Refusal as refusal:
            paid = replace(paid, refused=paid.refused or refusal)
        else:
            paid = replace(paid, tenders=(*paid.tenders, *more.tenders), said=more.said)
    if paid.refused is not None and not paid.tenders:
        raise paid.refused
    return paid


def _by_gift_card(
    card: GiftCardState, lines: Sequence[LineDue], settlement: Settlement, most_cents: int | None
) -> PaidWith:
    if card.trouble:
        raise Refusal(card.trouble, _("Demandez un autre moyen de paiement."))
    if any(given.value_id == card.value_id for given in settlement.tenders):
        raise Refusal(_("Cette carte paie déjà cette vente."), _("⌫ la retire, pour changer le montant."))
    due: Counter[int] = Counter()
    for line in lines:
        if not line.buys_value:
            due[line.vat_rate] += line.price_cents
    most = payable_cents(settlement, due, card.vat_rate)
    if most <= 0:
        if any(line.buys_value for line in lines):
            raise Refusal(
                _("Une carte cadeau ne paie ni carte cadeau, ni bon, ni carte de places."),
                _("Demandez un autre moyen de paiement pour la nouvelle carte."),
            )
        raise Refusal(
            _("Cette carte ne peut rien payer de ce qui reste."), _("Demandez un autre moyen de paiement.")
        )
    paid = min(card.left_cents, most, most if most_cents is None else most_cents)
    if paid <= 0:
        raise Refusal(_("Le montant doit être supérieur à zéro."), _("Tapez ce que la carte doit payer."))
    tender = Tender(means.GIFT_CARD.code, paid, value_id=card.value_id, vat_rate=card.vat_rate)
    said = _("{card} : {paid} payés, il y reste {left}.").format(
        card=card.masked, paid=format_euros(paid), left=format_euros(card.left_cents - paid)
    )
    return PaidWith((tender,), said)


def _by_place_card(
    session: Session, card: CardState, basket: Basket, settlement: Settlement, desk: Desk
) -> PaidWith:
    """One place for each seat that it pays, the dearest first, as far as the places left to it go."""
    if card.trouble:
        raise Refusal(card.trouble, _("Demandez un autre moyen de paiement."))
    taken = sum(given.value_id == card.value_id for given in settlement.tenders)
    if card.places_left is not None and taken:
        card = replace(card, places_left=max(card.places_left - taken, 0))
    if card.places_left == 0:
        raise Refusal(
            _("Cette carte paie déjà cette vente."),
            _("⌫ reprend le dernier règlement, pour changer le montant."),
        )
    lines = {
        line.position: line for line in knowing.lines_due(session, basket, charges_vat=desk.post.charges_vat)
    }
    covered = {given.covers for given in settlement.tenders}
    seats = {at: seat for at, seat in knowing.seats_asked(session, basket).items() if at not in covered}
    refused: Refusal | None = None
    tenders: list[Tender] = []
    remaining = settlement.remaining_cents
    places = len(seats) if card.places_left is None else card.places_left
    for position, seat in sorted(seats.items(), key=_dearest_first):
        if len(tenders) == places:
            break
        try:
            tender = place_cards.pay(card, position, seat, lines[position].vat_rate)
        except Refusal as refusal:
            refused = refused or refusal
            continue
        if tender.amount_cents <= remaining:
            tenders.append(tender)
            remaining -= tender.amount_cents
    if not tenders:
        raise refused or Refusal(
            _("Cette carte ne peut rien payer de ce qui reste."), _("Demandez un autre moyen de paiement.")
        )
    return PaidWith(tuple(tenders), _places_said(card, len(tenders)))


def _dearest_first(item: tuple[int, SeatAsked]) -> tuple[int, int]:
    position, seat = item
    return -seat.price_cents, position


def _places_said(card: CardState, used: int) -> str:
    if card.places_left is None:
        return _("{card} : ses places ne se comptent pas.").format(card=card.label)
    left = card.places_left - used
    return plural(
        "{card} {number} : il y reste {left} place.", "{card} {number} : il y reste {left} places.", left
    ).format(card=card.label, number=card.masked, left=left)
