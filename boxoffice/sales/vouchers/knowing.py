"""All that may pay a basket: what its customer has here, and the cards and codes that were scanned."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, or_, select
from sqlmodel import Session

from boxoffice.clock import Clock, business_day, in_paris
from boxoffice.kinds import StoredValueKind, StoredValueState
from boxoffice.language import _
from boxoffice.models import (
    Event,
    GiftCard,
    PriceList,
    Product,
    Screening,
    StoredValue,
    Tariff,
    table,
)

from .. import means
from ..basket import Basket, GiftCardLine, PlaceCardLine, SeatLine
from ..codes import masked
from ..people.customers import standing_id
from ..settlement import Tender
from ..staff.desk import Desk
from . import loyalty, place_cards, stored_values
from .best_order import best_order
from .eligibility import PlaceTerms, SeatAsked, covered_cents, obstacle
from .place_cards import CardState
from .promo_basket import PromoOffer, codes_on, gains
from .proposal import (
    BalanceKnown,
    BalanceStep,
    CardKnown,
    CardStep,
    CentsByRate,
    CodeKnown,
    Known,
    LineDue,
    PlacesKnown,
    PlaceStep,
    Proposal,
    RewardKnown,
)

_value, _gift = table(StoredValue), table(GiftCard)
_screening, _event, _tariff = table(Screening), table(Event), table(Tariff)
_list, _product = table(PriceList), table(Product)

_SEATS = (
    select(
        _screening.c.id.label("screening_id"),
        _tariff.c.id.label("tariff_id"),
        _tariff.c.vat_rate,
        _event.c.title,
        _event.c.section,
        _screening.c.starts_at,
        _list.c.code,
        _list.c.supplement_cents,
    )
    .join(_event, _event.c.id == _screening.c.event_id)
    .join(_list, _list.c.id == _screening.c.price_list_id)
    .join(_tariff, _tariff.c.price_list_id == _list.c.id)
    .where(
        _screening.c.id.in_(bindparam("screenings", expanding=True)),
        _tariff.c.id.in_(bindparam("tariffs", expanding=True)),
    )
)
_PRODUCTS = select(_product.c.id, _product.c.vat_rate).where(
    _product.c.id.in_(bindparam("ids", expanding=True))
)
_CARDS = (
    select(
        _value.c.id,
        _value.c.amount,
        _value.c.valid_until,
        _gift.c.vat_rate,
        _gift.c.typed_code,
    )
    .join(_gift, _gift.c.value_id == _value.c.id)
    .where(
        or_(
            _value.c.customer_id == bindparam("customer"),
            _value.c.id.in_(bindparam("ids", expanding=True)),
        ),
        _value.c.state == StoredValueState.ACTIVE,
        _value.c.amount > 0,
        or_(_value.c.valid_from.is_(None), _value.c.valid_from <= bindparam("day")),
        or_(_value.c.valid_until.is_(None), _value.c.valid_until >= bindparam("day")),
    )
)

Seats = Mapping[int, SeatAsked]
"""The seats of a basket as cards look at them, by position in the sale."""


def propose(
    session: Session,
    basket: Basket,
    desk: Desk,
    *,
    clock: Clock,
    scanned: Iterable[UUID] = (),
    codes: Sequence[PromoOffer] = (),
    exchanged: CentsByRate = (),
) -> Proposal:
    """The best order to pay a basket in: with what its customer has, and what was scanned beside.

    `exchanged` is what seats given back pay of it already.
    """
    lines = lines_due(session, basket, charges_vat=desk.post.charges_vat)
    seats = seats_asked(session, basket)
    known = read_known(session, basket, seats, desk, clock=clock, scanned=scanned, codes=codes)
    return best_order(lines, replace(known, exchanged=exchanged))


def lines_due(session: Session, basket: Basket, *, charges_vat: bool = True) -> tuple[LineDue, ...]:
    """Every seat and article of a basket as it is to be paid, by position in the sale."""
    rates = {(row["screening_id"], row["tariff_id"]): row["vat_rate"] for row in _seat_rows(session, basket)}
    ids = [line.product_id for line in basket if not isinstance(line, SeatLine)]
    products = {row.id: row.vat_rate for row in session.execute(_PRODUCTS, {"ids": ids})} if ids else {}
    lines: list[LineDue] = []
    for line in basket:
        buys_value = isinstance(line, GiftCardLine | PlaceCardLine)
        if isinstance(line, SeatLine):
            rate = rates.get((line.screening_id, line.tariff_id), 0)
        else:
            rate = products[line.product_id]
        for _unit in range(line.quantity):
            at = len(lines) + 1
            lines.append(LineDue(at, line.label, line.price_cents, rate if charges_vat else 0, buys_value))
    return tuple(lines)


def seats_asked(session: Session, basket: Basket) -> dict[int, SeatAsked]:
    """The seats of a basket as place cards look at them, by position in the sale."""
    rows = {(row["screening_id"], row["tariff_id"]): row for row in _seat_rows(session, basket)}
    found, position = {}, 0
    for line in basket:
        for _unit in range(line.quantity):
            position += 1
            row = rows.get((line.screening_id, line.tariff_id)) if isinstance(line, SeatLine) else None
            if row is not None:
                found[position] = SeatAsked(
                    row["title"],
                    row["starts_at"],
                    row["section"],
                    row["code"],
                    line.price_cents,
                    row["vat_rate"],
                    row["supplement_cents"],
                )
    return found


def read_known(
    session: Session,
    basket: Basket,
    seats: Seats,
    desk: Desk,
    *,
    clock: Clock,
    scanned: Iterable[UUID] = (),
    codes: Sequence[PromoOffer] = (),
) -> Known:
    """What may pay a basket: its customer's wallet, balance and points, what was scanned, and codes."""
    today, scanned = business_day(clock.now(), desk.post.rules.business_day_starts), list(scanned)
    customer_id = standing_id(session, basket.customer_id) if basket.customer_id else None
    cards = list(place_cards.states(session, scanned, desk, clock=clock))
    if customer_id is not None:
        kept = place_cards.in_wallet(session, customer_id, desk, clock=clock)
        cards += [card for card in kept if card.value_id not in scanned]
    values = {"customer": customer_id, "ids": scanned, "day": today}
    points, rewards = _rewards(session, customer_id, seats, clock) if customer_id else (0, ())
    return Known(
        places=tuple(_places(cards, seats)),
        cards=tuple(_gift_cards(session.execute(_CARDS, values).mappings())),
        balance=balance_of(session, customer_id) if customer_id else None,
        points=points,
        rewards=rewards,
        codes=tuple(_codes(basket, codes)),
    )


def tenders_of(proposal: Proposal) -> tuple[Tender, ...]:
    """The tenders of a proposal, in its order; codes and points come before, and a proposal anew after."""
    tenders: list[Tender] = []
    for step in proposal.steps:
        match step:
            case PlaceStep():
                tenders.append(
                    Tender(
                        means.PLACE_CARD.code,
                        step.amount_cents,
                        value_id=step.value_id,
                        vat_rate=step.vat_rate,
                        covers=step.covers,
                    )
                )
            case CardStep():
                tenders.append(
                    Tender(
                        means.GIFT_CARD.code,
                        step.amount_cents,
                        value_id=step.value_id,
                        vat_rate=step.vat_rate,
                    )
                )
            case BalanceStep():
                tenders.append(Tender(means.BALANCE.code, step.amount_cents, value_id=step.value_id))
    return tuple(tenders)


def covers(terms: PlaceTerms, seats: Seats) -> dict[int, int]:
    """What one place pays of each seat that it may pay, by position."""
    return {at: covered_cents(terms, seat) for at, seat in seats.items() if not obstacle(terms, seat)}


def _seat_rows(session: Session, basket: Basket) -> Sequence[RowMapping]:
    wanted = [line for line in basket if isinstance(line, SeatLine)]
    if not wanted:
        return ()
    values = {
        "screenings": list({line.screening_id for line in wanted}),
        "tariffs": list({line.tariff_id for line in wanted}),
    }
    return session.execute(_SEATS, values).mappings().all()


def _places(cards: Iterable[CardState], seats: Seats) -> Iterator[PlacesKnown]:
    for card in cards:
        if not card.trouble and (covered := covers(card.terms, seats)):
            label = f"{card.label} {card.masked}"
            yield PlacesKnown(card.value_id, label, card.places_left, covered, card.valid_until)


def _gift_cards(rows: Iterable[Mapping[Any, Any]]) -> Iterator[CardKnown]:
    for row in rows:
        label = _("Carte cadeau {code}").format(code=masked(row["typed_code"]))
        yield CardKnown(row["id"], label, row["amount"], row["valid_until"], row["vat_rate"])


def balance_of(session: Session, customer_id: UUID) -> BalanceKnown | None:
    """What a customer, or whom they were merged into, has left to spend; None where there is nothing."""
    value_id = stored_values.account_id(standing_id(session, customer_id), StoredValueKind.BALANCE)
    found = stored_values.read(session, value_id)
    if found is None or not found["amount"] or found["state"] is not StoredValueState.ACTIVE:
        return None
    return BalanceKnown(value_id, found["amount"])


def _rewards(
    session: Session, customer_id: UUID, seats: Seats, clock: Clock
) -> tuple[int, tuple[RewardKnown, ...]]:
    """The points of a customer, and the places that they have enough of them for."""
    found = loyalty.read_loyalty(session, customer_id, clock=clock)
    reached = [offer for offer in found.rewards if not offer.missing]
    kinds = place_cards.kinds(session, [offer.kind_id for offer in reached]) if reached else {}
    today: date = in_paris(clock.now()).date()
    return found.points, tuple(
        RewardKnown(offer.kind_id, offer.label, offer.points, covered)
        for offer in reached
        if (covered := covers(_terms_if_issued(kinds[offer.kind_id], today), seats))
    )


def birthday_place(
    session: Session, basket: Basket, customer_id: UUID, *, clock: Clock
) -> tuple[int, str] | None:
    """The kind and name of a place due to a customer for their birthday, which would pay a seat of theirs."""
    due = loyalty.read_loyalty(session, customer_id, clock=clock).birthday
    seats = seats_asked(session, basket) if due else {}
    kinds = place_cards.kinds(session, [kind_id for kind_id, _label in due]) if seats else {}
    today = in_paris(clock.now()).date()
    return next(
        (
            (kind_id, label)
            for kind_id, label in due
            if kind_id in kinds and covers(_terms_if_issued(kinds[kind_id], today), seats)
        ),
        None,
    )


def _terms_if_issued(kind: Mapping[Any, Any], today: date) -> PlaceTerms:
    until = place_cards.ends_on(kind, today)
    return place_cards.terms_of({**kind, "valid_from": None, "valid_until": until})


def _codes(basket: Basket, codes: Iterable[PromoOffer]) -> Iterator[CodeKnown]:
    """The codes that are not on the basket yet, by what each would take off; those for two seats are put on
    it by hand.
    """
    used = codes_on(basket)
    for offer in codes:
        if offer.value_id in used or offer.needs_paid_seat:
            continue
        if off := gains(basket, offer):
            label = _("Code promo {code}").format(code=offer.code)
            yield CodeKnown(offer.value_id, label, off, offer.most_seats, offer.valid_until)
