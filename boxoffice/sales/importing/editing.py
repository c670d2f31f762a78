"""Rows of the programme as they stand, changed by hand: under the rules of an import, and told like one."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from boxoffice.clock import Clock, in_paris
from boxoffice.errors import Refusal
from boxoffice.kinds import Action
from boxoffice.language import _, later
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
from boxoffice.money import format_amount, format_euros, format_rate
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.wording import one_line

from .cells import time_words, word_of
from .layouts import LAYOUTS, Column, Kind, Layout
from .programme import ImportProgramme, ProgrammeRefused, import_programme
from .reading import Source

EDITABLE = (
    Kind.VENUE,
    Kind.HALL,
    Kind.EVENT,
    Kind.PRICE_LIST,
    Kind.TARIFF,
    Kind.PRODUCT,
    Kind.PASS,
    Kind.SCREENING,
)
"""What may be changed row by row; cards are sold under terms that only a file gives."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a row says in one column, written as it would be typed."""

    field: str
    label: str
    text: str
    required: bool


@dataclass(frozen=True, slots=True)
class StandingRow:
    """A row of the programme; `key` are the codes that it is known by."""

    key: tuple[str, ...]
    about: str
    cells: tuple[Cell, ...]


def list_rows(session: Session, kind: Kind) -> tuple[StandingRow, ...]:
    """Every row of a kind, as it stands."""
    layout = _layout(kind)
    rows = []
    for values, about in _READ[kind](session):
        cells = tuple(
            Cell(column.field, _label(column), _written(column.field, values[column.field]), column.required)
            for column in layout.columns
        )
        rows.append(StandingRow(tuple(str(values[name]) for name in layout.key), about, cells))
    return tuple(rows)


def empty_row(kind: Kind) -> StandingRow:
    """What is asked of a row that is to be added."""
    columns = _layout(kind).columns
    cells = (Cell(column.field, _label(column), _default(column), column.required) for column in columns)
    return StandingRow((), "", tuple(cells))


def key_fields(kind: Kind) -> tuple[str, ...]:
    """What a row is known by, which nobody changes."""
    return _layout(kind).key


def write_row(
    session: Session,
    kind: Kind,
    texts: Mapping[str, str],
    post: Post,
    *,
    clock: Clock,
    manager: StaffMember | None = None,
) -> None:
    """Bring a row to what was typed, by field, or add it; a changed price is that of later sales.

    A `manager` answers for it, once the first shift was opened. Raises Refusal, naming what cannot be, and
    why: nothing is changed then.
    """
    columns = [column for column in _layout(kind).columns if column.field in texts]
    written = io.StringIO()
    sheet = csv.writer(written, delimiter=";")
    sheet.writerow([column.name for column in columns])
    sheet.writerow([one_line(texts[column.field]) for column in columns])
    source = Source(SETTINGS_FILE, written.getvalue().encode())
    try:
        import_programme(
            session,
            ImportProgramme((source,)),
            post,
            clock=clock,
            manager=manager,
            action=Action.CHANGE_SETTINGS,
        )
    except ProgrammeRefused as refused:
        raise _told(refused, columns) from refused


SETTINGS_FILE = "réglages"
"""What the journal calls what was typed, where an import names its files."""


def _told(refused: ProgrammeRefused, columns: Iterable[Column]) -> Refusal:
    """The faults of one row, each by what it is about."""
    labels = {column.name: _label(column) for column in columns}
    said = []
    for fault in refused.faults:
        label = labels.get(fault.column, fault.column)
        what = _("{label} : {message}.").format(label=label, message=fault.message)
        said.append(what if fault.column else f"{fault.message.capitalize()}.")
    return Refusal(" ".join(dict.fromkeys(said)), _("Rien n'a été changé."))


def _layout(kind: Kind) -> Layout:
    return next(layout for layout in LAYOUTS if layout.kind is kind)


def _label(column: Column) -> str:
    return _(_LABELS[column.name])


def _default(column: Column) -> str:
    return "" if column.required else _written(column.field, column.empty)


def _written(field: str, value: Any) -> str:
    """A value as the reader of its cell reads it."""
    match value:
        case None:
            return ""
        case bool():
            return _("oui") if value else _("non")
        case int() if field.endswith("_cents"):
            return format_amount(value)
        case int() if field == "vat_rate":
            return format_rate(value)
        case StrEnum():
            return word_of(value)
        case date():
            return f"{value:%d/%m/%Y}"
        case Mapping():
            return " ".join(f"{name}={seats}" for name, seats in value.items())
        case _:
            return str(value)


Standing = Iterable[tuple[dict[str, Any], str]]
"""The values of each row by field, and what to say of it."""


def _venues(session: Session) -> Standing:
    for row in session.exec(select(Venue).order_by(col(Venue.code))):
        yield row.model_dump(), f"{row.name} · {row.regime}"


def _halls(session: Session) -> Standing:
    found = select(Hall, Venue).join(Venue, col(Venue.id) == Hall.venue_id)
    for hall, venue in session.exec(found.order_by(col(Venue.code), col(Hall.code))):
        about = _("{venue}, {name} · {count} places")
        told = about.format(venue=venue.name, name=hall.name, count=hall.capacity)
        yield {**hall.model_dump(), "venue": venue.code}, told


def _events(session: Session) -> Standing:
    for row in session.exec(select(Event).order_by(col(Event.title), col(Event.code))):
        yield row.model_dump(), row.title


def _price_lists(session: Session) -> Standing:
    for row in session.exec(select(PriceList).order_by(col(PriceList.code))):
        yield row.model_dump(), row.name


def _tariffs(session: Session) -> Standing:
    found = select(Tariff, PriceList).join(PriceList, col(PriceList.id) == Tariff.price_list_id)
    for tariff, prices in session.exec(found.order_by(col(PriceList.code), col(Tariff.position))):
        about = f"{tariff.label} · {_priced(tariff)}"
        yield {**tariff.model_dump(), "price_list": prices.code}, about


def _products(session: Session) -> Standing:
    special = {
        *session.exec(select(PassProduct.product_id)),
        *session.exec(select(GiftProduct.product_id)),
        *session.exec(select(PlaceCardKind.product_id)),
    }
    for row in session.exec(select(Product).order_by(col(Product.position), col(Product.code))):
        if row.id not in special:
            yield row.model_dump(), f"{row.label} · {_priced(row)}"


def _passes(session: Session) -> Standing:
    found = select(Product, PassProduct).join(PassProduct, col(PassProduct.product_id) == Product.id)
    for product, terms in session.exec(found.order_by(col(Product.position), col(Product.code))):
        yield {**product.model_dump(), **terms.model_dump()}, f"{product.label} · {_priced(product)}"


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
        yield values, f"{local:%d/%m %H:%M} · {event.title} · {hall.short_name}"


def _priced(row: Tariff | Product) -> str:
    price = format_euros(row.price_cents)
    return price if row.active else _("{price}, hors vente").format(price=price)


_READ: Mapping[Kind, Callable[[Session], Standing]] = {
    Kind.VENUE: _venues,
    Kind.HALL: _halls,
    Kind.EVENT: _events,
    Kind.PRICE_LIST: _price_lists,
    Kind.TARIFF: _tariffs,
    Kind.PRODUCT: _products,
    Kind.PASS: _passes,
    Kind.SCREENING: _screenings,
}
_LABELS: Mapping[str, str] = {
    "accompagnants": later("Accompagnants"),
    "année": later("Année"),
    "code": later("Code"),
    "condition": later("Condition"),
    "contingent": later("Contingent"),
    "contingents": later("Contingents"),
    "date": later("Date"),
    "durée": later("Durée en minutes"),
    "en vente": later("En vente"),
    "fin d'annulation": later("Fin d'annulation, min"),
    "fin de réservation": later("Fin de réserv., min"),
    "fin de vente": later("Fin de vente, min"),
    "grille": later("Grille"),
    "groupe minimum": later("Groupe minimum"),
    "heure": later("Heure"),
    "jauge": later("Jauge"),
    "justificatif": later("Justificatif"),
    "libellé": later("Libellé"),
    "lieu": later("Lieu"),
    "manifestation": later("Manifestation"),
    "nom": later("Nom"),
    "nom court": later("Nom court"),
    "nombre de places": later("Nombre de places"),
    "nominative": later("Nominative"),
    "par jour": later("Places par jour"),
    "par séance": later("Places par séance"),
    "pass": later("Pass"),
    "pays": later("Pays"),
    "places": later("Places"),
    "prix": later("Prix"),
    "produit": later("Produit"),
    "réalisation": later("Réalisation"),
    "régime": later("Régime"),
    "salle": later("Salle"),
    "section": later("Section"),
    "séance": later("Séance"),
    "sorte": later("Sorte"),
    "supplément": later("Supplément"),
    "tarif": later("Tarif"),
    "tarif accompagnant": later("Tarif accompagnant"),
    "tarif des places": later("Tarif des places"),
    "titre": later("Titre"),
    "touche": later("Touche"),
    "TVA": later("TVA"),
    "valable du": later("Valable du"),
    "valable jusqu'au": later("Valable jusqu'au"),
    "version": later("Version"),
    "ville": later("Ville"),
    "âge minimum": later("Âge minimum"),
    "état": later("État"),
}
"""What a column is called where one row is shown."""
