"""Place cards, promo codes and points as the tests of the domain come by them."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session, select

from boxoffice.kinds import CardSource, PromoEffect, Requirement
from boxoffice.models import (
    Event,
    PlaceCardKind,
    PriceList,
    Product,
    Screening,
    StoredValue,
    Tariff,
    ValueMovement,
)
from boxoffice.sales import basket as baskets
from boxoffice.sales.basket import Basket, Line, PlaceCardLine, SeatLine
from boxoffice.sales.books.verification import verify
from boxoffice.sales.checkout import Checkout, checkout
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.means import CASH
from boxoffice.sales.people.customer_changes import CreateCustomer, create_customer
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.settlement import Tender
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.vouchers import place_cards, promo_codes, stored_values
from boxoffice.sales.vouchers.eligibility import SeatAsked
from boxoffice.sales.vouchers.place_cards import CardState
from boxoffice.sales.vouchers.promo_basket import PromoOffer
from boxoffice.sales.vouchers.promo_batches import MadeBatch, MakeCodes, make_codes
from boxoffice.sales.vouchers.value_changes import Hand
from tests.sales.conftest import Festival


def add_kind(festival: Festival, code: str = "CARTE5", **changes: Any) -> int:
    """A kind of card in the tables, on sale if it is given a price."""
    price = changes.pop("price_cents", None)

    def work(session: Session) -> int:
        product_id = None
        if price is not None:
            product = Product(code=code, position=20, label=code, price_cents=price, vat_rate=550)
            session.add(product)
            session.flush()
            product_id = product.id
        values = {"label": f"Carte {code}", "places": 5, "vat_rate": 550, "product_id": product_id, **changes}
        kind = PlaceCardKind(code=code, **values)
        session.add(kind)
        session.flush()
        assert kind.id is not None
        return kind.id

    return festival.write(work)


def card_line(festival: Festival, code: str = "CARTE5", **changes: Any) -> PlaceCardLine:
    with festival.database.read() as session:
        product = session.exec(select(Product).where(Product.code == code)).one()
    assert product.id is not None
    return PlaceCardLine(uuid4(), product.id, product.label, product.price_cents, **changes)


def give_card(
    festival: Festival,
    kind_id: int,
    *,
    number: str = "",
    surname: str = "",
    customer_id: UUID | None = None,
    until: date | None = None,
    since: date | None = None,
) -> UUID:
    """A card given by the festival, told to the journal."""

    def work(session: Session) -> UUID:
        kind = place_cards.kinds(session, [kind_id])[kind_id]
        at = festival.clock.now()
        card = place_cards.new_card(
            kind,
            CardSource.GIVEN,
            at,
            number=number,
            surname=surname,
            customer_id=customer_id,
            validity=(since, until),
        )
        manager = festival.manager
        by = Hand(festival.posts[0], manager.id, manager.number)
        stored_values.tell(session, by, "issued", at=at, issued=[card.value])
        place_cards.write_down(session, [card])
        return card.value.id

    return festival.write(work)


def numbered_card(festival: Festival, kind_id: int, number: str) -> UUID:
    """A card that was issued elsewhere, and came here by its number."""

    def work(session: Session) -> UUID:
        kind = place_cards.kinds(session, [kind_id])[kind_id]
        at = festival.clock.now()
        card = place_cards.new_card(kind, CardSource.ELSEWHERE, at, number=number)
        by = Hand(festival.posts[0], festival.manager.id, festival.manager.number)
        stored_values.tell(session, by, "imported", at=at, issued=[card.value])
        place_cards.write_down(session, [card])
        return card.value.id

    return festival.write(work)


def card_state(festival: Festival, value_id: UUID) -> CardState:
    def work(session: Session) -> CardState:
        return place_cards.states(session, [value_id], festival.desk, clock=festival.clock)[0]

    return festival.read(work)


def seat_of(festival: Festival, line: SeatLine) -> SeatAsked:
    """A seat of the basket as cards look at it."""

    def work(session: Session) -> SeatAsked:
        screening = session.get_one(Screening, line.screening_id)
        event = session.get_one(Event, screening.event_id)
        prices = session.get_one(PriceList, screening.price_list_id)
        tariff = session.get_one(Tariff, line.tariff_id)
        return SeatAsked(
            event.title,
            screening.starts_at,
            event.section,
            prices.code,
            line.price_cents,
            tariff.vat_rate,
            prices.supplement_cents,
        )

    return festival.read(work)


def sell_with_card(
    festival: Festival, value_id: UUID, *lines: SeatLine, desk: Desk | None = None
) -> CompletedSale:
    """Sell these seats, one place of the card for each, what is left in cash."""
    command = order_with_card(festival, value_id, *lines)
    return festival.write(
        lambda session: checkout(session, command, desk or festival.desk, clock=festival.clock)
    )


def order_with_card(festival: Festival, value_id: UUID, *lines: SeatLine) -> Checkout:
    card = card_state(festival, value_id)
    tenders = [
        place_cards.pay(card, position, seat_of(festival, line), 550)
        for position, line in enumerate((each for line in lines for each in [line] * line.quantity), start=1)
    ]
    basket = festival.basket(*lines)
    left = basket.total_cents - sum(tender.amount_cents for tender in tenders)
    if left:
        tenders.append(Tender(CASH.code, left, left))
    return Checkout(uuid4(), basket, tuple(tenders))


def left_in(festival: Festival, value_id: UUID) -> int | None:
    return festival.read(lambda session: session.get_one(StoredValue, value_id).amount)


def ledger(festival: Festival, value_id: UUID) -> list[tuple[str, int, int | None]]:
    """Kind, amount and what was left, of each movement of a value."""
    return [
        (row.kind.value, row.amount, row.left_after)
        for row in festival.rows(ValueMovement)
        if row.value_id == value_id
    ]


def make(festival: Festival, **changes: Any) -> MadeBatch:
    """A batch of codes made by the manager: half off, once, unless told otherwise."""
    effect = {"effect": PromoEffect.PERCENTAGE_OFF, "percentage": 5000}
    command = MakeCodes(**{"name": "Presse", **effect, **changes})
    return festival.write(
        lambda session: make_codes(
            session, command, festival.posts[0], festival.manager, clock=festival.clock
        )
    )


def look_up(festival: Festival, text: str) -> PromoOffer:
    return festival.read(
        lambda session: promo_codes.look_up(session, text, festival.desk, clock=festival.clock)
    )


def in_cash(basket: Basket) -> Checkout:
    total = basket.total_cents
    return Checkout(uuid4(), basket, (Tender(CASH.code, total, total),) if total else ())


def sell_basket(festival: Festival, basket: Basket, desk: Desk | None = None) -> CompletedSale:
    command = in_cash(basket)
    return festival.write(
        lambda session: checkout(session, command, desk or festival.desk, clock=festival.clock)
    )


def named_basket(festival: Festival, customer_id: UUID, *lines: Line) -> Basket:
    return baskets.name_customer(festival.basket(*lines), customer_id, "Léa Dupont")


def add_customer(festival: Festival, birth_date: date | None = None) -> UUID:
    details = CustomerDetails("Dupont", "Léa", email="lea@example.fr", birth_date=birth_date)
    return festival.write(
        lambda session: create_customer(
            session, CreateCustomer(uuid4(), details), festival.desk, clock=festival.clock
        )
    ).id


def add_promo_tariff(festival: Festival, price_cents: int = 0) -> None:
    """A tariff of the films that only a code opens."""

    def work(session: Session) -> None:
        films = session.exec(select(PriceList).where(PriceList.code == "FILMS")).one()
        session.add(
            Tariff(
                price_list_id=films.id,
                code="PROMO",
                position=9,
                label="Tarif promo",
                price_cents=price_cents,
                vat_rate=550,
                requirement=Requirement.PROMO_CODE,
            )
        )

    festival.write(work)


def books_hold(festival: Festival) -> None:
    """The journal tells everything that the tables hold, and nothing else."""
    verdict = festival.read(verify)
    assert verdict.fault is None, verdict.fault


def later(festival: Festival, **by: float) -> None:
    festival.clock.advance(timedelta(**by))
