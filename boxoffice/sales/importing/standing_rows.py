"""The rows of the programme as they stand, each with what is said of it in a list."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlmodel import Session, col, select

from boxoffice.clock import in_paris
from boxoffice.kinds import VoucherPurpose
from boxoffice.language import _
from boxoffice.models import (
    Event,
    GiftProduct,
    Hall,
    PassProduct,
    PlaceCardKind,
    PriceList,
    Product,
    Quota,
    Screening,
    Tariff,
    Venue,
)
from boxoffice.money import format_euros

from .cells import time_words
from .layouts import Kind

Standing = Iterable[tuple[dict[str, Any], str, bool]]
"""The values of each row by field, what to say of it, and whether anything may still be sold by it."""


def _venues(session: Session) -> Standing:
    for row in session.exec(select(Venue).order_by(col(Venue.code))):
        yield row.model_dump(), _in_service(f"{row.name} · {row.regime}", row.active), row.active


def _halls(session: Session) -> Standing:
    found = select(Hall, Venue).join(Venue, col(Venue.id) == Hall.venue_id)
    for hall, venue in session.exec(found.order_by(col(Venue.code), col(Hall.code))):
        about = _("{venue}, {name} · {count} places")
        told = about.format(venue=venue.name, name=hall.name, count=hall.capacity)
        active = hall.active and venue.active
        yield {**hall.model_dump(), "venue": venue.code}, _in_service(told, active), active


def _events(session: Session) -> Standing:
    for row in session.exec(select(Event).order_by(col(Event.title), col(Event.code))):
        yield row.model_dump(), _in_service(row.title, row.active), row.active


def _price_lists(session: Session) -> Standing:
    for row in session.exec(select(PriceList).order_by(col(PriceList.code))):
        yield row.model_dump(), _in_service(row.name, row.active), row.active


def _tariffs(session: Session) -> Standing:
    found = select(Tariff, PriceList).join(PriceList, col(PriceList.id) == Tariff.price_list_id)
    for tariff, prices in session.exec(found.order_by(col(PriceList.code), col(Tariff.position))):
        about = f"{tariff.label} · {_priced(tariff)}"
        yield {**tariff.model_dump(), "price_list": prices.code}, about, tariff.active and prices.active


def _products(session: Session) -> Standing:
    special = {
        *session.exec(select(PassProduct.product_id)),
        *session.exec(select(GiftProduct.product_id)),
        *session.exec(select(PlaceCardKind.product_id)),
    }
    for row in session.exec(select(Product).order_by(col(Product.position), col(Product.code))):
        if row.id not in special:
            yield row.model_dump(), f"{row.label} · {_priced(row)}", row.active


def _passes(session: Session) -> Standing:
    found = select(Product, PassProduct).join(PassProduct, col(PassProduct.product_id) == Product.id)
    for product, terms in session.exec(found.order_by(col(Product.position), col(Product.code))):
        about = f"{product.label} · {_priced(product)}"
        yield {**product.model_dump(), **terms.model_dump()}, about, product.active


def _gift_cards(session: Session) -> Standing:
    found = select(Product, GiftProduct).join(GiftProduct, col(GiftProduct.product_id) == Product.id)
    for product, terms in session.exec(found.order_by(col(Product.position), col(Product.code))):
        fixed = terms.least_cents == terms.most_cents
        amounts = {
            "price_cents": terms.least_cents if fixed else None,
            "least_cents": None if fixed else terms.least_cents,
            "most_cents": None if fixed else terms.most_cents,
        }
        rate = product.vat_rate if terms.purpose is VoucherPurpose.SINGLE else None
        price = format_euros(terms.least_cents)
        if not fixed:
            price = _("de {least} à {most}").format(least=price, most=format_euros(terms.most_cents))
        yield (
            {**product.model_dump(), **terms.model_dump(), **amounts, "vat_rate": rate},
            f"{product.label} · {_for_sale(price, product)}",
            product.active,
        )


def _place_cards(session: Session) -> Standing:
    """Kinds of cards; one that is only given has a product no more, or one that sells nothing."""
    found = select(PlaceCardKind, Product).join(
        Product, col(Product.id) == PlaceCardKind.product_id, isouter=True
    )
    for kind, product in session.exec(found.order_by(col(PlaceCardKind.code))):
        sold = product if product is not None and (product.active or not kind.active) else None
        values = {
            **kind.model_dump(),
            "price_cents": sold.price_cents if sold else None,
            "position": sold.position if sold else None,
        }
        about = _priced(sold) if sold else _for_sale(_("offerte"), kind)
        yield values, f"{kind.label} · {about}", kind.active


def _screenings(session: Session) -> Standing:
    quotas: dict[int, dict[str, int]] = {}
    for quota in session.exec(select(Quota).order_by(col(Quota.name))):
        quotas.setdefault(quota.screening_id, {})[quota.name] = quota.seats
    found = (
        select(Screening, Event, Hall, PriceList)
        .join(Event, col(Event.id) == Screening.event_id)
        .join(Hall, col(Hall.id) == Screening.hall_id)
        .join(PriceList, col(PriceList.id) == Screening.price_list_id)
    )
    for row, event, hall, prices in session.exec(
        found.order_by(col(Screening.starts_at), col(Screening.code))
    ):
        local = in_paris(row.starts_at)
        values = {
            **row.model_dump(),
            "event": event.code,
            "hall": hall.code,
            "price_list": prices.code,
            "date": local.date(),
            "time": time_words(local.timetz()),
            "duration": int((row.ends_at - row.starts_at).total_seconds() // 60),
            "quotas": quotas.get(row.id or 0, {}),
        }
        yield values, f"{local:%d/%m %H:%M} · {event.title} · {hall.short_name}", True


def _in_service(about: str, active: bool) -> str:
    return about if active else _("{what} · hors service").format(what=about)


def _priced(row: Tariff | Product) -> str:
    return _for_sale(format_euros(row.price_cents), row)


def _for_sale(price: str, row: Tariff | Product | PlaceCardKind) -> str:
    return price if row.active else _("{price}, hors vente").format(price=price)


STANDING: Mapping[Kind, Callable[[Session], Standing]] = {
    Kind.VENUE: _venues,
    Kind.HALL: _halls,
    Kind.EVENT: _events,
    Kind.PRICE_LIST: _price_lists,
    Kind.TARIFF: _tariffs,
    Kind.PRODUCT: _products,
    Kind.PASS: _passes,
    Kind.GIFT_CARD: _gift_cards,
    Kind.PLACE_CARD: _place_cards,
    Kind.SCREENING: _screenings,
}
"""How the rows of a kind are read."""
