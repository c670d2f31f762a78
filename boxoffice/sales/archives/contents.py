"""What an archive holds: each file, the table it is made of, and which of its rows belong to the period.

No name nor code that is worth something goes in; of a customer, only the id.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, exists, or_, select

from boxoffice.models import (
    Booking,
    BookingEnd,
    BookingScan,
    CashCount,
    CashMovement,
    Closing,
    CreditAnswer,
    CreditNote,
    CreditRequest,
    Establishment,
    Event,
    GiftCard,
    GiftProduct,
    Hall,
    Operator,
    Pass,
    PassProduct,
    Payment,
    PlaceCard,
    PlaceCardKind,
    PriceList,
    Product,
    PromoBatch,
    PromoCode,
    Quota,
    Sale,
    SaleLine,
    Screening,
    ScreeningChange,
    Setting,
    ShiftClosing,
    ShiftCount,
    SigningKey,
    StoredValue,
    Tariff,
    Ticket,
    TicketScan,
    Till,
    TillSession,
    ValueMovement,
    Venue,
    table,
)

_sale, _shift = table(Sale), table(TillSession)


@dataclass(frozen=True, slots=True)
class Period:
    """Business days, both included, and the moments at which they begin and end."""

    first: date
    last: date
    since: datetime
    until: datetime


Belongs = Callable[[Table, Period], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the archive, in CSV and in JSON: what it is, for its reader, and the rows that go in."""

    name: str
    meaning: str
    rows: Table
    belongs: Belongs | None = None
    without: frozenset[str] = frozenset()


def of_its_day(rows: Table, period: Period) -> ColumnElement[bool]:
    """A sale of one of the business days."""
    return rows.c.business_day.between(period.first, period.last)


def of_a_sale(rows: Table, period: Period) -> ColumnElement[bool]:
    """What a sale of the period is made of."""
    return exists().where(_sale.c.id == rows.c.sale_id, of_its_day(_sale, period))


def at_its_time(rows: Table, period: Period) -> ColumnElement[bool]:
    """What happened in the period."""
    return and_(rows.c.at >= period.since, rows.c.at < period.until)


def of_a_shift(rows: Table, period: Period) -> ColumnElement[bool]:
    """What belongs to a shift that was open in the period."""
    return exists().where(_shift.c.id == rows.c.till_session_id, open_then(_shift, period))


def open_then(rows: Table, period: Period) -> ColumnElement[bool]:
    """A shift that was open in the period."""
    closed = or_(rows.c.closed_at.is_(None), rows.c.closed_at >= period.since)
    return and_(rows.c.opened_at < period.until, closed)


def of_closed_days(rows: Table, period: Period) -> ColumnElement[bool]:
    """A closing of days of the period, or of a longer time that ends in it."""
    return rows.c.last_day.between(period.first, period.last)


def asked_then(rows: Table, period: Period) -> ColumnElement[bool]:
    """A request made in the period."""
    return and_(rows.c.asked_at >= period.since, rows.c.asked_at < period.until)


def issued_by_then(rows: Table, period: Period) -> ColumnElement[bool]:
    """What had been issued before the period ended."""
    return rows.c.issued_at < period.until


_CODES = frozenset({"code", "typed_code"})

PARTS = (
    Part("etablissement", "l'exploitant", table(Establishment)),
    Part("caisses", "les caisses", table(Till)),
    Part(
        "operateurs",
        "les opérateurs, par leur numéro",
        table(Operator),
        without=frozenset({"name", "pin_hash", "wrong_pins", "early_pins", "untold_pins", "locked_until"}),
    ),
    Part("cles", "les clés publiques qui signent les journaux", table(SigningKey)),
    Part("regles", "les règles changées par l'exploitant", table(Setting)),
    Part("lieux", "les lieux", table(Venue)),
    Part("salles", "les salles et leur jauge", table(Hall)),
    Part("grilles", "les grilles tarifaires", table(PriceList)),
    Part("tarifs", "les tarifs, prix et taux de TVA", table(Tariff)),
    Part("manifestations", "les films et manifestations", table(Event)),
    Part("seances", "les séances", table(Screening)),
    Part("contingents", "les contingents des séances", table(Quota)),
    Part("seances-changees", "les séances annulées ou déplacées", table(ScreeningChange), at_its_time),
    Part("produits", "les produits vendus", table(Product)),
    Part("produits-pass", "les pass", table(PassProduct)),
    Part("produits-cartes", "les cartes cadeaux", table(GiftProduct)),
    Part("cartes-places", "les sortes de cartes de places", table(PlaceCardKind)),
    Part("codes-promo-lots", "les lots de codes promo", table(PromoBatch)),
    Part("sessions", "les sessions de caisse : fond, ouverture, fermeture", table(TillSession), open_then),
    Part(
        "ventes",
        "les opérations : ventes, annulations, avoirs ; totaux en centimes",
        table(Sale),
        of_its_day,
    ),
    Part(
        "lignes",
        "les lignes des opérations : libellé, quantité, prix en centimes, taux de TVA en centièmes de %",
        table(SaleLine),
        of_a_sale,
    ),
    Part("reglements", "les règlements, en centimes", table(Payment), of_a_sale, frozenset({"reference"})),
    Part("billets", "les billets et leurs numéros", table(Ticket), of_a_sale, _CODES),
    Part("entrees", "les billets contrôlés à l'entrée", table(TicketScan), at_its_time),
    Part("avoirs", "les avoirs numérotés", table(CreditNote), of_a_sale),
    Part("avoirs-demandes", "les demandes d'avoir", table(CreditRequest), asked_then),
    Part("avoirs-reponses", "les réponses aux demandes d'avoir", table(CreditAnswer), at_its_time),
    Part("pass", "les pass émis", table(Pass), issued_by_then, _CODES | {"state_reason"}),
    Part("reservations-pass", "les réservations sur les pass", table(Booking), at_its_time),
    Part("reservations-pass-fins", "leurs annulations et échanges", table(BookingEnd), at_its_time),
    Part("reservations-pass-entrees", "leurs entrées", table(BookingScan), at_its_time),
    Part(
        "valeurs",
        "les cartes, soldes, points et codes émis, et ce qu'il en reste",
        table(StoredValue),
        issued_by_then,
        frozenset({"state_reason"}),
    ),
    Part("valeurs-mouvements", "les mouvements de ces valeurs", table(ValueMovement), at_its_time),
    Part("valeurs-cadeaux", "les cartes cadeaux", table(GiftCard), None, _CODES),
    Part("valeurs-places", "les cartes de places", table(PlaceCard), None, _CODES),
    Part("valeurs-promo", "les codes promo, par leur lot", table(PromoCode), None, _CODES),
    Part(
        "especes-mouvements",
        "les espèces ajoutées ou retirées, en centimes",
        table(CashMovement),
        at_its_time,
        frozenset({"carrier"}),
    ),
    Part("sessions-clotures", "la fermeture de chaque session", table(ShiftClosing), at_its_time),
    Part("sessions-comptes", "l'attendu et le compté par moyen", table(ShiftCount), of_a_shift),
    Part("sessions-coupures", "le compte des espèces par coupure", table(CashCount), of_a_shift),
    Part("clotures", "les clôtures et leurs totaux, perpétuels compris", table(Closing), of_closed_days),
)
"""Every file but the journal, in the order of the archive."""


def query(part: Part, period: Period) -> tuple[tuple[str, ...], Select[Any]]:
    """The columns of a file, and what reads its rows, in the order of their keys."""
    columns = [column for column in part.rows.columns if column.name not in part.without]
    statement = select(*columns).order_by(*part.rows.primary_key.columns)
    if part.belongs is not None:
        statement = statement.where(part.belongs(part.rows, period))
    return tuple(column.name for column in columns), statement
