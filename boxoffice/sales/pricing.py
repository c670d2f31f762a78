"""A basket held against the programme: prices read again, what may not be sold refused, its lines written.

No card, code or customer is looked at here: only what is on sale, at which price, and until when.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import Session

from boxoffice.clock import say
from boxoffice.errors import Refusal
from boxoffice.language import _, spoken
from boxoffice.models import (
    Event,
    GiftProduct,
    Hall,
    LineKind,
    PassKind,
    PassProduct,
    PlaceCardKind,
    Product,
    Quota,
    Requirement,
    Screening,
    Tariff,
    Venue,
    VoucherPurpose,
    table,
)
from boxoffice.money import LARGEST_CENTS, format_euros
from boxoffice.prepared import Prepared, Row

from .basket import Article, Basket, GiftCardLine, Line, PassLine, PlaceCardLine, ProductLine, SeatLine
from .codes import CodeKind, new_code
from .conditions import group_obstacle, requirement_obstacle
from .screenings.programme import on_sale_until
from .staff.desk import Desk
from .wording import one_line, what_of

_product, _quota = table(Product), table(Quota)
_screening, _tariff, _event = table(Screening), table(Tariff), table(Event)
_hall, _venue, _terms = table(Hall), table(Venue), table(PassProduct)
_gift, _places = table(GiftProduct), table(PlaceCardKind)

_OFFERS = (
    select(
        _screening.c.id.label("screening_id"),
        _screening.c.code.label("screening_code"),
        _screening.c.starts_at,
        _screening.c.ends_at,
        _screening.c.sale_ends_minutes,
        _event.c.code.label("event_code"),
        _event.c.title,
        _event.c.version,
        _event.c.section,
        _event.c.nominative,
        _venue.c.code.label("venue_code"),
        _venue.c.name.label("venue"),
        _hall.c.name.label("hall"),
        _tariff.c.id.label("tariff_id"),
        _tariff.c.price_list_id,
        _tariff.c.code.label("tariff_code"),
        _tariff.c.label,
        _tariff.c.price_cents,
        _tariff.c.vat_rate,
        _tariff.c.minimum_group,
        _tariff.c.requirement,
        _quota.c.name.label("quota"),
    )
    .join(_event, _event.c.id == _screening.c.event_id)
    .join(_hall, _hall.c.id == _screening.c.hall_id)
    .join(_venue, _venue.c.id == _hall.c.venue_id)
    .join(_tariff, (_tariff.c.price_list_id == _screening.c.price_list_id) & _tariff.c.active)
    .outerjoin(_quota, (_quota.c.screening_id == _screening.c.id) & (_quota.c.name == _tariff.c.quota))
)
_ARTICLES = (
    select(
        _product.c.id,
        _product.c.code,
        _product.c.label,
        _product.c.price_cents,
        _product.c.vat_rate,
        _terms.c.kind.label("pass_kind"),
        _terms.c.places,
        _terms.c.valid_from,
        _terms.c.valid_until,
        _gift.c.purpose,
        _gift.c.least_cents,
        _gift.c.most_cents,
        _gift.c.valid_days,
        _places.c.id.label("place_card_kind_id"),
    )
    .outerjoin(_terms, _terms.c.product_id == _product.c.id)
    .outerjoin(_gift, _gift.c.product_id == _product.c.id)
    .outerjoin(_places, _places.c.product_id == _product.c.id)
    .where(_product.c.id.in_(bindparam("products", expanding=True)), _product.c.active)
)

LARGEST_QUANTITY = 2_000
"""More than the largest hall holds: what is above is a slip of the finger, refused before any row is made."""

NewRow = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Priced:
    """A basket as it will be sold: the rows of its lines, of tickets and of their holders, and what they are
    of. Tickets have no number yet.
    """

    basket: Basket
    offers: Mapping[tuple[int, int], Row]
    articles: Mapping[int, Row]
    lines: list[NewRow]
    tickets: list[NewRow]
    holders: list[NewRow]

    def offer_of(self, position: int) -> Row | None:
        """The screening and tariff that the line at `position`, from 1, sells a seat of; None for another."""
        for line in self.basket:
            if 0 < position <= line.quantity and isinstance(line, SeatLine):
                return self.offers[line.screening_id, line.tariff_id]
            position -= line.quantity
        return None


def price(session: Session, basket: Basket, sale_id: UUID, desk: Desk, *, at: datetime) -> Priced:
    """The basket priced as the programme stands. Raises Refusal when anything in it no longer does."""
    offers = _read_offers(session, basket)
    articles = _read_articles(session, basket)
    for line in basket:
        if isinstance(line, SeatLine):
            _check_seat_line(line, offers.get((line.screening_id, line.tariff_id)), desk, at)
        else:
            _check_article(line, articles.get(line.product_id))
    if basket.total_cents > LARGEST_CENTS:
        raise Refusal(
            _("Une vente ne dépasse pas {most}.").format(most=format_euros(LARGEST_CENTS)),
            _("Partagez le panier en plusieurs ventes."),
        )
    return _written(basket, sale_id, offers, articles, desk)


@cache
def _offers_of(lines: int) -> Prepared:
    """The offers of so many lines, prepared once: a list of any length would be another text each time."""
    return Prepared(
        _OFFERS.where(
            _screening.c.id.in_([bindparam(f"screening_{line}") for line in range(lines)]),
            _tariff.c.id.in_([bindparam(f"tariff_{line}") for line in range(lines)]),
        )
    )


def _read_offers(session: Session, basket: Basket) -> dict[tuple[int, int], Row]:
    wanted = [line for line in basket if isinstance(line, SeatLine)]
    if not wanted:
        return {}
    known: dict[str, int] = {}
    for index, line in enumerate(wanted):
        known |= {f"screening_{index}": line.screening_id, f"tariff_{index}": line.tariff_id}
    found = _offers_of(len(wanted)).all(session, known)
    return {(row["screening_id"], row["tariff_id"]): row for row in found}


def _read_articles(session: Session, basket: Basket) -> dict[int, Row]:
    wanted = [line.product_id for line in basket if not isinstance(line, SeatLine)]
    if not wanted:
        return {}
    found = session.connection().execute(_ARTICLES, {"products": wanted}).mappings()
    return {row["id"]: row for row in found}


def _check_seat_line(line: SeatLine, offer: Row | None, desk: Desk, at: datetime) -> None:
    _check_price(line, offer)
    assert offer is not None
    until = on_sale_until(offer["starts_at"], offer["ends_at"], offer["sale_ends_minutes"], desk.post.rules)
    if at > until:
        raise Refusal(
            _("{what} n'est plus en vente depuis {time}.").format(
                what=what_of(line.event_title, line.starts_at), time=say(until, _("H 'h' mm"), spoken())
            ),
            _("Retirez cette séance du panier."),
        )
    requirement = Requirement(offer["requirement"])
    by_code = line.promo_code_id is not None and requirement is Requirement.PROMO_CODE
    if line.pass_id is None and not by_code and (reason := requirement_obstacle(requirement)):
        raise Refusal(
            _("{label} : {reason}.").format(label=line.tariff_label, reason=reason),
            _("Choisissez un autre tarif."),
        )
    if reason := group_obstacle(offer["minimum_group"], line.quantity):
        raise Refusal(
            _("{label} : {reason}.").format(label=line.tariff_label, reason=reason),
            _("Ajoutez des places ou choisissez un autre tarif."),
        )
    if (
        offer["nominative"]
        and sum(bool(one_line(name)) for name in line.holders[: line.quantity]) != line.quantity
    ):
        raise Refusal(
            _("{what} est nominative : il faut un nom par billet.").format(
                what=what_of(line.event_title, line.starts_at)
            ),
            _("Saisissez les noms des spectateurs."),
        )


def _check_article(line: Article, article: Row | None) -> None:
    _check_price(line, article)
    assert article is not None
    sorts = {
        PassLine: article["pass_kind"] is PassKind.PASS,
        GiftCardLine: article["purpose"] is not None,
        PlaceCardLine: article["place_card_kind_id"] is not None,
        ProductLine: article["pass_kind"] is article["purpose"] is article["place_card_kind_id"] is None,
    }
    if not sorts[type(line)]:
        raise Refusal(
            _("{label} ne se vend pas ainsi.").format(label=line.label), _("Retirez cette ligne du panier.")
        )


def _check_price(line: Line, offer: Row | None) -> None:
    label = line.label
    if offer is None:
        raise Refusal(
            _("{label} n'est plus proposé.").format(label=label), _("Retirez cette ligne du panier.")
        )
    if line.quantity < 1:
        raise Refusal(_("{label} : la quantité doit être d'au moins 1.").format(label=label))
    if line.quantity > LARGEST_QUANTITY:
        raise Refusal(
            _("{label} : pas plus de {most} à la fois.").format(label=label, most=LARGEST_QUANTITY),
            _("Diminuez la quantité."),
        )
    if isinstance(line, GiftCardLine) and offer["least_cents"] != offer["most_cents"]:
        _check_amount(line, offer)
        return
    if (changed := price_changed(line, offer["price_cents"])) is not None:
        raise changed


def price_changed(line: Line, price_cents: int) -> Refusal | None:
    """Why a line is not sold as the customer was told, if what it sells costs another price by now."""
    told = line.price_cents + (line.discount_cents if isinstance(line, SeatLine) else 0)
    if price_cents == told:
        return None
    return Refusal(
        _("Le prix de {label} a changé : {new} au lieu de {old}.").format(
            label=line.label, new=format_euros(price_cents), old=format_euros(told)
        ),
        _("Retirez la ligne et ajoutez-la de nouveau."),
    )


def _check_amount(line: GiftCardLine, article: Row) -> None:
    """A gift card is sold at its price, or at an amount chosen between two."""
    least, most = article["least_cents"], article["most_cents"]
    if least is not None and not least <= line.price_cents <= most:
        raise Refusal(
            _("{label} : de {least} à {most}.").format(
                label=line.label, least=format_euros(least), most=format_euros(most)
            ),
            _("Retirez la ligne et ajoutez-la de nouveau."),
        )


def _written(
    basket: Basket,
    sale_id: UUID,
    offers: Mapping[tuple[int, int], Row],
    articles: Mapping[int, Row],
    desk: Desk,
) -> Priced:
    """The rows of lines (one for each seat or article), of tickets and of their holders."""
    lines: list[NewRow] = []
    tickets: list[NewRow] = []
    holders: list[NewRow] = []
    for line in basket:
        for index in range(line.quantity):
            place = {"sale_id": sale_id, "position": len(lines) + 1}
            if not isinstance(line, SeatLine):
                lines.append(place | _article_row(line, articles[line.product_id]))
                continue
            offer = offers[line.screening_id, line.tariff_id]
            lines.append(place | _seat_row(line, offer))
            tickets.append(place | _ticket_row(offer, desk))
            if offer["nominative"]:
                holders.append(place | {"name": one_line(line.holders[index])})
    if not desk.post.charges_vat:
        for row in lines:
            row["vat_rate"] = 0
    return Priced(basket, offers, articles, lines, tickets, holders)


def _seat_row(line: SeatLine, offer: Row) -> NewRow:
    return {
        "kind": LineKind.TICKET,
        "label": offer["label"],
        "quantity": 1,
        "unit_price_cents": line.price_cents,
        "vat_rate": offer["vat_rate"],
        "tariff_code": offer["tariff_code"],
        "quota": offer["quota"],
        "screening_id": offer["screening_id"],
        "product_id": None,
        "pass_id": line.pass_id,
        "value_id": None,
        "promo_code_id": line.promo_code_id,
        "discount_cents": line.discount_cents,
        "reverses_sale_id": None,
        "reverses_position": None,
    }


def _article_row(line: Article, article: Row) -> NewRow:
    """A multi-purpose voucher is owed when it is sold: VAT and turnover count when it is used."""
    owed = article["purpose"] is VoucherPurpose.MULTI
    return {
        "kind": LineKind.VOUCHER if owed else LineKind.PRODUCT,
        "label": article["label"],
        "quantity": 1,
        "unit_price_cents": line.price_cents,
        "vat_rate": 0 if owed else article["vat_rate"],
        "tariff_code": None,
        "quota": None,
        "screening_id": None,
        "product_id": article["id"],
        "pass_id": line.pass_id if isinstance(line, PassLine) else None,
        "value_id": line.value_id if isinstance(line, GiftCardLine | PlaceCardLine) else None,
        "promo_code_id": None,
        "discount_cents": 0,
        "reverses_sale_id": None,
        "reverses_position": None,
    }


def _ticket_row(offer: Row, desk: Desk) -> NewRow:
    return {
        "till_id": desk.post.till_id,
        "number": 0,
        "code": new_code(CodeKind.TICKET),
        "screening_id": offer["screening_id"],
        "event_title": offer["title"],
        "event_version": offer["version"],
        "place": f"{offer['venue']}, {offer['hall']}",
        "starts_at": offer["starts_at"],
        "seat": "",
    }
