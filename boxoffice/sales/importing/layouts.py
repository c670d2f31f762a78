"""The columns of each kind of programme file, as documented in `docs/programme-csv.md`."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from boxoffice.models import LARGEST_GROUP, LARGEST_HALL, PassKind, Regime, Requirement, ScreeningState

from . import cells

Key = tuple[str, ...]
"""The codes that tell a row from the others of its kind."""


class Kind(StrEnum):
    """What the rows of a file describe, in the order in which they are merged."""

    VENUE = "venue"
    HALL = "hall"
    EVENT = "event"
    PRICE_LIST = "price_list"
    TARIFF = "tariff"
    PRODUCT = "product"
    PASS = "pass"
    GIFT_CARD = "gift_card"
    PLACE_CARD = "place_card"
    SCREENING = "screening"
    SOLD_PASS = "sold_pass"
    ACCREDITED = "accredited"
    RESERVED = "reserved"
    CREDIT_REQUEST = "credit_request"
    NUMBERED_CARD = "numbered_card"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name on top, the field it fills, how it is read, what an empty cell means."""

    name: str
    field: str
    read: Callable[[str], Any] = cells.read_text
    required: bool = False
    empty: Any = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """A kind of file. The first column names it; the fields of `key` tell its rows apart."""

    kind: Kind
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def named_by(self) -> str:
        return same(self.columns[0].name)

    def column(self, field: str) -> Column:
        return next(column for column in self.columns if column.field == field)


def same(name: str) -> str:
    """A column's name as it is compared: no accents, no capitals, spaces or underscores alike."""
    plain = unicodedata.normalize("NFD", name.casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(letters.replace("_", " ").split())


# In the order of recognition: a file of tariffs also has the column of the price list they belong to.
LAYOUTS = (
    Layout(
        Kind.PASS,
        ("code",),
        (
            Column("pass", "code", cells.read_code, required=True),
            Column("touche", "position", cells.whole_number(1, 99), required=True),
            Column("libellé", "label", required=True),
            Column("prix", "price_cents", cells.read_price, required=True),
            Column("TVA", "vat_rate", cells.read_rate, required=True),
            Column("sorte", "kind", cells.read_pass_kind, empty=PassKind.PASS),
            Column("nombre de places", "places", cells.whole_number(1, 999), empty=None),
            Column("par séance", "places_per_screening", cells.whole_number(1, 999), empty=None),
            Column("par jour", "places_per_day", cells.whole_number(1, 999), empty=None),
            Column("tarif des places", "place_tariff", cells.read_code, required=True),
            Column("accompagnants", "companions", cells.whole_number(0, 99), empty=0),
            Column("tarif accompagnant", "companion_tariff", cells.read_code),
            Column("valable du", "valid_from", cells.read_date, empty=None),
            Column("valable jusqu'au", "valid_until", cells.read_date, empty=None),
            Column("justificatif", "proof"),
            Column("en vente", "active", cells.read_yes, empty=True),
        ),
    ),
    Layout(
        Kind.GIFT_CARD,
        ("code",),
        (
            Column("carte cadeau", "code", cells.read_code, required=True),
            Column("touche", "position", cells.whole_number(1, 99), required=True),
            Column("libellé", "label", required=True),
            Column("prix", "price_cents", cells.read_price, empty=None),
            Column("minimum", "least_cents", cells.read_price, empty=None),
            Column("maximum", "most_cents", cells.read_price, empty=None),
            Column("usage", "purpose", cells.read_purpose, required=True),
            Column("TVA", "vat_rate", cells.read_rate, empty=None),
            Column("jours de validité", "valid_days", cells.whole_number(1, 3650), empty=None),
            Column("en vente", "active", cells.read_yes, empty=True),
        ),
    ),
    Layout(
        Kind.PLACE_CARD,
        ("code",),
        (
            Column("carte de places", "code", cells.read_code, required=True),
            Column("libellé", "label", required=True),
            Column("nombre de places", "places", cells.whole_number(1, 99), empty=None),
            Column("TVA", "vat_rate", cells.read_rate, required=True),
            Column("touche", "position", cells.whole_number(1, 99), empty=None),
            Column("prix", "price_cents", cells.read_price, empty=None),
            Column("nominative", "nominative", cells.read_yes, empty=False),
            Column("supplément compris", "includes_supplement", cells.read_yes, empty=False),
            Column("points", "points", cells.whole_number(1, 99_999), empty=None),
            Column("anniversaire", "birthday", cells.read_yes, empty=False),
            Column("jours", "weekdays", cells.read_weekdays),
            Column("sections", "sections", cells.read_names),
            Column("grilles", "price_lists", cells.read_names),
            Column("jours de validité", "valid_days", cells.whole_number(1, 3650), empty=None),
            Column("valable jusqu'au", "valid_until", cells.read_date, empty=None),
            Column("en vente", "active", cells.read_yes, empty=True),
        ),
    ),
    Layout(
        Kind.PRODUCT,
        ("code",),
        (
            Column("produit", "code", cells.read_code, required=True),
            Column("touche", "position", cells.whole_number(1, 99), required=True),
            Column("libellé", "label", required=True),
            Column("prix", "price_cents", cells.read_price, required=True),
            Column("TVA", "vat_rate", cells.read_rate, required=True),
            Column("en vente", "active", cells.read_yes, empty=True),
        ),
    ),
    Layout(
        Kind.SCREENING,
        ("code",),
        (
            Column("séance", "code", cells.read_code, required=True),
            Column("manifestation", "event", cells.read_code, required=True),
            Column("salle", "hall", cells.read_code, required=True),
            Column("grille", "price_list", cells.read_code, required=True),
            Column("date", "date", cells.read_date, required=True),
            Column("heure", "time", cells.read_time, required=True),
            Column("durée", "duration", cells.whole_number(1, 1440), empty=None),
            Column("jauge", "capacity", cells.whole_number(1, LARGEST_HALL), empty=None),
            Column("contingents", "quotas", cells.read_quotas, empty=MappingProxyType({})),
            Column("fin de vente", "sale_ends_minutes", cells.whole_number(0, 1440), empty=None),
            Column("fin d'annulation", "cancelling_ends_minutes", cells.whole_number(0, 9999), empty=None),
            Column(
                "fin de réservation", "reservation_expires_minutes", cells.whole_number(0, 9999), empty=None
            ),
            Column("état", "state", cells.read_state, empty=ScreeningState.SCHEDULED),
        ),
    ),
    Layout(
        Kind.TARIFF,
        ("price_list", "code"),
        (
            Column("tarif", "code", cells.read_code, required=True),
            Column("grille", "price_list", cells.read_code, required=True),
            Column("touche", "position", cells.whole_number(1, 99), required=True),
            Column("libellé", "label", required=True),
            Column("prix", "price_cents", cells.read_price, required=True),
            Column("TVA", "vat_rate", cells.read_rate, required=True),
            Column("justificatif", "proof"),
            Column("groupe minimum", "minimum_group", cells.whole_number(1, LARGEST_GROUP), empty=1),
            Column("condition", "requirement", cells.read_requirement, empty=Requirement.NOTHING),
            Column("contingent", "quota", cells.read_code, empty=None),
            Column("en vente", "active", cells.read_yes, empty=True),
        ),
    ),
    Layout(
        Kind.PRICE_LIST,
        ("code",),
        (
            Column("grille", "code", cells.read_code, required=True),
            Column("nom", "name", required=True),
            Column("supplément", "supplement_cents", cells.read_price, empty=0),
            Column("en service", "active", cells.read_yes, empty=True),
        ),
    ),
    Layout(
        Kind.EVENT,
        ("code",),
        (
            Column("manifestation", "code", cells.read_code, required=True),
            Column("titre", "title", required=True),
            Column("durée", "duration_minutes", cells.whole_number(1, 1440), required=True),
            Column("réalisation", "director"),
            Column("pays", "country"),
            Column("année", "year", cells.whole_number(1888, 2100), empty=None),
            Column("section", "section"),
            Column("version", "version"),
            Column("âge minimum", "minimum_age", cells.whole_number(0, 18), empty=0),
            Column("nominative", "nominative", cells.read_yes, empty=False),
            Column("en service", "active", cells.read_yes, empty=True),
        ),
    ),
    Layout(
        Kind.HALL,
        ("code",),
        (
            Column("salle", "code", cells.read_code, required=True),
            Column("lieu", "venue", cells.read_code, required=True),
            Column("nom", "name", required=True),
            Column("places", "capacity", cells.whole_number(1, LARGEST_HALL), required=True),
            Column("nom court", "short_name"),
            Column("en service", "active", cells.read_yes, empty=True),
        ),
    ),
    Layout(
        Kind.VENUE,
        ("code",),
        (
            Column("lieu", "code", cells.read_code, required=True),
            Column("nom", "name", required=True),
            Column("ville", "town"),
            Column("régime", "regime", cells.read_regime, empty=Regime.CGI_290Q),
            Column("en service", "active", cells.read_yes, empty=True),
        ),
    ),
)

_HOLDER = (
    Column("prénom", "first_name"),
    Column("organisation", "organisation"),
    Column("date de naissance", "birth_date", cells.read_date, empty=None),
    Column("téléphone", "phone"),
    Column("courriel", "email"),
    Column("code postal", "postcode"),
    Column("ville", "town"),
    Column("pays", "country"),
)
"""What may be known of a holder beside the surname."""

SOLD_PASSES = Layout(
    Kind.SOLD_PASS,
    ("number",),
    (
        Column("numéro", "number", cells.read_code, required=True),
        Column("pass", "product", cells.read_code, required=True),
        Column("nom", "surname", required=True),
        *_HOLDER,
        Column("vendu le", "sold_on", cells.read_date, empty=None),
    ),
)
ACCREDITATIONS = Layout(
    Kind.ACCREDITED,
    ("number",),
    (
        Column("numéro", "number", cells.read_code, required=True),
        Column("catégorie", "product", cells.read_code, required=True),
        Column("nom", "surname", required=True),
        *_HOLDER,
    ),
)
RESERVATIONS = Layout(
    Kind.RESERVED,
    ("reference", "screening", "tariff"),
    (
        Column("référence", "reference", cells.read_code, required=True),
        Column("séance", "screening", cells.read_code, required=True),
        Column("tarif", "tariff", cells.read_code, required=True),
        Column("places", "quantity", cells.whole_number(1, 999), required=True),
        Column("nom", "surname", required=True),
        Column("prénom", "first_name"),
        Column("téléphone", "phone"),
        Column("courriel", "email"),
        Column("code", "code", cells.read_reservation_code),
    ),
)
"""One row for each kind of seats: those of one reference are one reservation."""
NUMBERED_CARDS = Layout(
    Kind.NUMBERED_CARD,
    ("number",),
    (
        Column("numéro de carte", "number", cells.read_card_number, required=True),
        Column("carte", "kind", cells.read_code, required=True),
        Column("places", "places", cells.whole_number(1, 99), empty=None),
        Column("valable du", "valid_from", cells.read_date, empty=None),
        Column("valable jusqu'au", "valid_until", cells.read_date, empty=None),
        Column("nom", "surname"),
    ),
)
"""Numbers issued elsewhere. `places` are those left, where some have been used there."""

CREDIT_REQUESTS = Layout(
    Kind.CREDIT_REQUEST,
    ("reference",),
    (
        Column("demande", "reference", cells.read_code, required=True),
        Column("billet", "ticket", cells.read_paper_number, required=True),
        Column("demandée le", "asked_on", cells.read_date, required=True),
        Column("à", "time", cells.read_time, required=True),
        Column("courriel", "email"),
    ),
)
"""One row for each seat that a customer of the online shop wants to give back."""
