"""What an archive holds: each file, the table it is made of, and which of its rows belong to the period.

What closings cover belongs where they do, by its numbers; what they do not, by its moment. No code that is
worth something goes in; of a customer, only the id. The staff is named, as it is in the journal.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, exists, false, or_, select

from boxoffice.kinds import ClosingPeriod
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

from ..closings.figures import Span

_sale, _line, _counted = table(Sale), table(SaleLine), table(ShiftClosing)


@dataclass(frozen=True, slots=True)
class Period:
    """Business days, both included, and the moments at which they begin and end.

    `covered` are the numbers of each till, by its id, that closings of these days cover.
    """

    first: date
    last: date
    since: datetime
    until: datetime
    covered: tuple[tuple[int, Span], ...] = ()


Belongs = Callable[[Table, Period], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the archive, in CSV and in JSON: what it is, for its reader, and the rows that go in.

    `of_sales`: those of the sales covered, in the order in which the journals tell them.
    """

    name: str
    meaning: str
    rows: Table
    belongs: Belongs | None = None
    without: frozenset[str] = frozenset()
    of_sales: bool = False


def numbered(rows: Table, period: Period, what: str) -> ColumnElement[bool]:
    """Rows whose number a closing of the period covers, as one of its till's operations, shifts or so."""
    return or_(
        false(),
        *(
            and_(
                rows.c.till_id == till_id,
                rows.c.number.between(getattr(span, f"first_{what}"), getattr(span, f"last_{what}")),
            )
            for till_id, span in period.covered
        ),
    )


def of_a_sale(rows: Table, period: Period) -> ColumnElement[bool]:
    """What a sale covered is made of."""
    return exists().where(_sale.c.id == rows.c.sale_id, numbered(_sale, period, "operation"))


def moved_then(rows: Table, period: Period) -> ColumnElement[bool]:
    """What a sale covered did to a value, and what happened to it without a sale in the period."""
    return or_(of_a_sale(rows, period), and_(rows.c.sale_id.is_(None), at_its_time(rows, period)))


def at_its_time(rows: Table, period: Period) -> ColumnElement[bool]:
    """What happened in the period."""
    return and_(rows.c.at >= period.since, rows.c.at < period.until)


def of_a_shift(rows: Table, period: Period) -> ColumnElement[bool]:
    """What belongs to a shift covered."""
    return exists().where(
        _counted.c.till_session_id == rows.c.till_session_id, numbered(_counted, period, "shift")
    )


def shifts(rows: Table, period: Period) -> ColumnElement[bool]:
    """A shift covered."""
    return exists().where(_counted.c.till_session_id == rows.c.id, numbered(_counted, period, "shift"))


def shifts_ended(rows: Table, period: Period) -> ColumnElement[bool]:
    """How a shift covered ended."""
    return numbered(rows, period, "shift")


def cash_moved(rows: Table, period: Period) -> ColumnElement[bool]:
    """Cash carried in a shift covered."""
    return numbered(rows, period, "movement")


def of_closed_days(rows: Table, period: Period) -> ColumnElement[bool]:
    """A closing of days of the period, or of a longer time that ends in it, and those of tills in it."""
    gathered = (
        and_(
            rows.c.period == ClosingPeriod.TILL,
            rows.c.till_id == till_id,
            rows.c.last_entry.between(span.first_entry, span.last_entry),
        )
        for till_id, span in period.covered
    )
    of_days = and_(rows.c.till_id.is_(None), rows.c.last_day.between(period.first, period.last))
    return or_(of_days, *gathered)


def asked_then(rows: Table, period: Period) -> ColumnElement[bool]:
    """A request made in the period."""
    return and_(rows.c.asked_at >= period.since, rows.c.asked_at < period.until)


def passes_by_then(rows: Table, period: Period) -> ColumnElement[bool]:
    """A pass issued before the period ended, or by a sale covered, whatever its clock said."""
    sold = and_(_line.c.pass_id == rows.c.id, of_a_sale(_line, period))
    return or_(rows.c.issued_at < period.until, exists().where(sold))


def values_by_then(rows: Table, period: Period) -> ColumnElement[bool]:
    """A value issued before the period ended, or by a sale covered, whatever its clock said."""
    sold = and_(_line.c.value_id == rows.c.id, of_a_sale(_line, period))
    return or_(rows.c.issued_at < period.until, exists().where(sold))


_CODES = frozenset({"code", "typed_code"})

PARTS = (
    Part("etablissement", "l'exploitant", table(Establishment)),
    Part("caisses", "les caisses", table(Till)),
    Part(
        "operateurs",
        "les opérateurs, par leur numéro et leur nom",
        table(Operator),
        without=frozenset({"pin_hash", "wrong_pins", "early_pins", "untold_pins", "locked_until"}),
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
    Part("sessions", "les sessions de caisse : fond, ouverture, fermeture", table(TillSession), shifts),
    Part(
        "ventes",
        "les opérations : ventes, annulations, avoirs ; totaux en centimes",
        table(Sale),
        of_sales=True,
    ),
    Part(
        "lignes",
        "les lignes des opérations : libellé, quantité, prix en centimes, taux de TVA en centièmes de %",
        table(SaleLine),
        of_sales=True,
    ),
    Part(
        "reglements",
        "les règlements, en centimes",
        table(Payment),
        without=frozenset({"reference"}),
        of_sales=True,
    ),
    Part("billets", "les billets et leurs numéros", table(Ticket), without=_CODES, of_sales=True),
    Part("entrees", "les billets contrôlés à l'entrée", table(TicketScan), at_its_time),
    Part("avoirs", "les avoirs numérotés", table(CreditNote), of_sales=True),
    Part("avoirs-demandes", "les demandes d'avoir", table(CreditRequest), asked_then),
    Part("avoirs-reponses", "les réponses aux demandes d'avoir", table(CreditAnswer), at_its_time),
    Part("pass", "les pass émis", table(Pass), passes_by_then, _CODES | {"state_reason"}),
    Part("reservations-pass", "les réservations sur les pass", table(Booking), at_its_time),
    Part("reservations-pass-fins", "leurs annulations et échanges", table(BookingEnd), at_its_time),
    Part("reservations-pass-entrees", "leurs entrées", table(BookingScan), at_its_time),
    Part(
        "valeurs",
        "les cartes, soldes, points et codes émis, et ce qu'il en reste",
        table(StoredValue),
        values_by_then,
        frozenset({"state_reason"}),
    ),
    Part("valeurs-mouvements", "les mouvements de ces valeurs", table(ValueMovement), moved_then),
    Part("valeurs-cadeaux", "les cartes cadeaux", table(GiftCard), None, _CODES),
    Part("valeurs-places", "les cartes de places", table(PlaceCard), None, _CODES | {"number"}),
    Part("valeurs-promo", "les codes promo, par leur lot", table(PromoCode), None, _CODES),
    Part(
        "especes-mouvements",
        "les espèces ajoutées ou retirées, en centimes, et par qui",
        table(CashMovement),
        cash_moved,
    ),
    Part("sessions-clotures", "la fermeture de chaque session", table(ShiftClosing), shifts_ended),
    Part("sessions-comptes", "l'attendu et le compté par moyen", table(ShiftCount), of_a_shift),
    Part("sessions-coupures", "le compte des espèces par coupure", table(CashCount), of_a_shift),
    Part(
        "clotures",
        "les clôtures et leurs totaux, perpétuels compris",
        table(Closing),
        of_closed_days,
        frozenset({"entry"}),
    ),
)
"""Every file but the journal, in the order of the archive."""


def query(part: Part, period: Period) -> tuple[tuple[str, ...], tuple[Select[Any], ...]]:
    """The columns of a file, and what reads its rows one after the other, in their order."""
    columns = [column for column in part.rows.columns if column.name not in part.without]
    names = tuple(column.name for column in columns)
    if part.of_sales:
        return names, tuple(_by_till(part.rows, select(*columns), period)) or (
            select(*columns).where(false()),
        )
    statement = select(*columns).order_by(*part.rows.primary_key.columns)
    if part.belongs is not None:
        statement = statement.where(part.belongs(part.rows, period))
    return names, (statement,)


def _by_till(rows: Table, statement: Select[Any], period: Period) -> Iterator[Select[Any]]:
    """The rows of the sales covered at each till, in the order of the numbers of its sales."""
    if rows is not _sale:
        statement = statement.join(_sale, _sale.c.id == rows.c.sale_id)
    for till_id, span in period.covered:
        yield statement.where(
            _sale.c.till_id == till_id, _sale.c.number.between(span.first_operation, span.last_operation)
        ).order_by(_sale.c.number, *(rows.c[name] for name in ("position",) if name in rows.c))
