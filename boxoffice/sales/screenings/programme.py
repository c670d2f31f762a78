"""The programme as the counter shows it: screenings with their seats left, tariffs, products."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from boxoffice.kinds import JournalKind
from boxoffice.models import (
    Event,
    GiftProduct,
    Hall,
    JournalEntry,
    PassProduct,
    PlaceCardKind,
    Product,
    Quota,
    Requirement,
    Screening,
    ScreeningChange,
    ScreeningState,
    Tariff,
    Till,
    Venue,
    table,
)
from boxoffice.prepared import Prepared

from ..basket import Line, ProductLine, SeatLine
from ..holders.passes import PassOffer, read_pass_offers
from ..staff.rules import Rules
from ..vouchers.gift_offers import GiftOffer, read_gift_offers
from ..vouchers.place_card_offers import PlaceCardOffer, read_place_card_offers

_screening, _quota = table(Screening), table(Quota)
_change, _entry, _till = table(ScreeningChange), table(JournalEntry), table(Till)
_SEATS = Prepared(
    sa.select(
        _screening.c.id,
        _screening.c.capacity,
        _screening.c.held,
        _screening.c.allocated,
        _screening.c.state,
    )
)
_QUOTAS = Prepared(sa.select(_quota.c.screening_id, _quota.c.name, _quota.c.seats, _quota.c.allocated))


def _last_told(kind: JournalKind) -> sa.ScalarSelect[int]:
    """The numbers of the last entries of a kind in the chains of all tills, added up."""
    of_till = (_entry.c.till_id == _till.c.id, _entry.c.kind == str(kind), _entry.c.sale_id.is_(None))
    last = sa.select(sa.func.coalesce(sa.func.max(_entry.c.sequence), 0)).where(*of_till).scalar_subquery()
    return sa.select(sa.func.coalesce(sa.func.sum(last), 0)).select_from(_till).scalar_subquery()


_LAST_CHANGES = Prepared(
    sa.select(
        sa.select(sa.func.coalesce(sa.func.max(_change.c.number), 0)).scalar_subquery().label("screening"),
        _last_told(JournalKind.PROGRAMME_IMPORTED).label("imported"),
        _last_told(JournalKind.PROGRAMME_CHANGED).label("changed"),
    )
)


@dataclass(frozen=True, slots=True)
class Seats:
    """How many seats there are, how many quotas keep, and how many are sold outside of any quota."""

    capacity: int
    held: int
    allocated: int
    quotas: Mapping[str, tuple[int, int]] = field(default_factory=lambda: MappingProxyType({}))
    cancelled: bool = False

    @property
    def left(self) -> int:
        """Seats on sale to anybody."""
        return 0 if self.cancelled else self.capacity - self.held - self.allocated

    @property
    def kept(self) -> Mapping[str, int]:
        """Seats left in each quota that has some."""
        if self.cancelled:
            return {}
        return {
            name: seats - allocated for name, (seats, allocated) in self.quotas.items() if seats > allocated
        }

    @property
    def sold(self) -> int:
        return self.allocated + sum(allocated for _, allocated in self.quotas.values())

    def left_for(self, quota: str | None) -> int:
        """Seats left to a tariff: those of its quota where the screening has one, else those on open sale."""
        if quota is None or quota not in self.quotas:
            return self.left
        seats, allocated = self.quotas[quota]
        return 0 if self.cancelled else seats - allocated


@dataclass(frozen=True, slots=True)
class ScreeningRow:
    """One screening of the list. Moments are UTC; `hall` is short for the screen, `place` full for paper."""

    id: int
    code: str
    event_id: int
    event_title: str
    director: str
    section: str
    version: str
    minimum_age: int
    nominative: bool
    hall: str
    place: str
    hall_id: int
    venue_id: int
    starts_at: datetime
    ends_at: datetime
    on_sale_until: datetime
    price_list_id: int
    seats: Seats

    def is_on_sale(self, at: datetime) -> bool:
        """Whether it may be sold now, seats or not."""
        return not self.seats.cancelled and at <= self.on_sale_until


@dataclass(frozen=True, slots=True)
class Offer:
    """A tariff of a price list. `position` is the digit that sells it; the price is in cents."""

    id: int
    price_list_id: int
    code: str
    position: int
    label: str
    price_cents: int
    vat_rate: int
    proof: str
    minimum_group: int
    requirement: Requirement
    quota: str | None


@dataclass(frozen=True, slots=True)
class Article:
    """A product on sale; the price is in cents."""

    id: int
    label: str
    price_cents: int


@dataclass(frozen=True, slots=True)
class Programme:
    """Everything the counter sells, screenings in order of time."""

    screenings: tuple[ScreeningRow, ...]
    offers: Mapping[int, tuple[Offer, ...]]
    articles: tuple[Article, ...]
    passes: tuple[PassOffer, ...] = ()
    place_cards: tuple[PlaceCardOffer, ...] = ()
    gift_cards: tuple[GiftOffer, ...] = ()

    def price_of(self, line: Line) -> int | None:
        """What a line of a basket costs by now, each in cents; None if it is not sold at one price."""
        if isinstance(line, SeatLine):
            offers = (offer for offers in self.offers.values() for offer in offers)
            return next((offer.price_cents for offer in offers if offer.id == line.tariff_id), None)
        if isinstance(line, ProductLine):
            return next((each.price_cents for each in self.articles if each.id == line.product_id), None)
        sold: tuple[PassOffer | PlaceCardOffer, ...] = (*self.passes, *self.place_cards)
        return next((each.price_cents for each in sold if each.product_id == line.product_id), None)


def seat_line(
    screening: ScreeningRow, offer: Offer, quantity: int, *, pass_id: UUID | None = None
) -> SeatLine:
    """The line of a basket for seats at a screening under a tariff."""
    return SeatLine(
        screening_id=screening.id,
        tariff_id=offer.id,
        event_title=screening.event_title,
        starts_at=screening.starts_at,
        tariff_label=offer.label,
        price_cents=offer.price_cents,
        quantity=quantity,
        proof=offer.proof,
        minimum_group=offer.minimum_group,
        nominative=screening.nominative,
        pass_id=pass_id,
    )


def last_change(session: Session) -> int:
    """A number that is another one once the programme was changed: a price, a row, a screening moved."""
    (last,) = _LAST_CHANGES.rows(session)
    return int(last.screening + last.imported + last.changed)


def read_programme(session: Session, rules: Rules) -> Programme:
    """The whole programme, past screenings included."""
    return Programme(
        _screenings(session, rules),
        _offers(session),
        _articles(session),
        read_pass_offers(session),
        read_place_card_offers(session),
        read_gift_offers(session),
    )


def _screenings(session: Session, rules: Rules) -> tuple[ScreeningRow, ...]:
    seats = read_seats(session)
    rows = session.exec(
        select(Screening, Event, Hall, Venue)
        .join(Event, col(Event.id) == Screening.event_id)
        .join(Hall, col(Hall.id) == Screening.hall_id)
        .join(Venue, col(Venue.id) == Hall.venue_id)
        .order_by(col(Screening.starts_at), Hall.short_name, Screening.code)
    )
    return tuple(
        ScreeningRow(
            id=_known(screening.id),
            code=screening.code,
            event_id=_known(event.id),
            event_title=event.title,
            director=event.director,
            section=event.section,
            version=event.version,
            minimum_age=event.minimum_age,
            nominative=event.nominative,
            hall=hall.short_name,
            place=f"{venue.name}, {hall.name}",
            hall_id=_known(hall.id),
            venue_id=_known(venue.id),
            starts_at=screening.starts_at,
            ends_at=screening.ends_at,
            on_sale_until=on_sale_until(
                screening.starts_at, screening.ends_at, screening.sale_ends_minutes, rules
            ),
            price_list_id=screening.price_list_id,
            seats=seats[_known(screening.id)],
        )
        for screening, event, hall, venue in rows
    )


def _offers(session: Session) -> dict[int, tuple[Offer, ...]]:
    """The tariffs in use of each price list, in the order of their digits."""
    offers: dict[int, list[Offer]] = defaultdict(list)
    for tariff in session.exec(
        select(Tariff).where(col(Tariff.active)).order_by(col(Tariff.position), Tariff.code)
    ):
        offers[tariff.price_list_id].append(
            Offer(
                id=_known(tariff.id),
                price_list_id=tariff.price_list_id,
                code=tariff.code,
                position=tariff.position,
                label=tariff.label,
                price_cents=tariff.price_cents,
                vat_rate=tariff.vat_rate,
                proof=tariff.proof,
                minimum_group=tariff.minimum_group,
                requirement=tariff.requirement,
                quota=tariff.quota,
            )
        )
    return {price_list_id: tuple(of_list) for price_list_id, of_list in offers.items()}


def _articles(session: Session) -> tuple[Article, ...]:
    """The products that are nothing but products: neither passes, nor cards of any kind."""
    return tuple(
        Article(_known(product.id), product.label, product.price_cents)
        for product in session.exec(
            select(Product)
            .outerjoin(PassProduct, col(PassProduct.product_id) == Product.id)
            .outerjoin(GiftProduct, col(GiftProduct.product_id) == Product.id)
            .outerjoin(PlaceCardKind, col(PlaceCardKind.product_id) == Product.id)
            .where(
                col(Product.active),
                col(PassProduct.product_id).is_(None),
                col(GiftProduct.product_id).is_(None),
                col(PlaceCardKind.id).is_(None),
            )
            .order_by(col(Product.position))
        )
    )


def read_seats(session: Session) -> dict[int, Seats]:
    """The seats of every screening, as they are now: what a counter reads again when another one has sold."""
    quotas: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    for screening_id, name, seats, allocated in _QUOTAS.stored(session, {}):
        quotas[screening_id][name] = (seats, allocated)
    return {
        screening_id: Seats(
            capacity, held, allocated, quotas.get(screening_id, {}), state == ScreeningState.CANCELLED
        )
        for screening_id, capacity, held, allocated, state in _SEATS.stored(session, {})
    }


def on_sale_until(starts_at: datetime, ends_at: datetime, minutes: int | None, rules: Rules) -> datetime:
    """The last moment of sale: some minutes after the start, never after the end (Code du cinéma)."""
    allowed = rules.sale_ends_minutes if minutes is None else minutes
    return min(starts_at + timedelta(minutes=allowed), ends_at)


def _known(row_id: int | None) -> int:
    assert row_id is not None
    return row_id
