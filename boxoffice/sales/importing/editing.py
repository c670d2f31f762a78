"""Rows of the programme as they stand, changed by hand: under the rules of an import, and told like one."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import FieldsRefused, Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _, later
from boxoffice.money import format_amount, format_rate
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.meanwhile import change_alone, what_changes
from boxoffice.sales.staff.operators import StaffMember, answering
from boxoffice.sales.wording import one_line, yes_or_no

from .cells import weekday_words, word_of
from .layouts import LAYOUTS, Column, Kind, Layout
from .programme import ImportProgramme, ProgrammeRefused, merge_programme
from .reading import Source
from .standing_rows import STANDING
from .telling import Answered, programme_standing, tell_programme

EDITABLE = (
    Kind.VENUE,
    Kind.HALL,
    Kind.EVENT,
    Kind.PRICE_LIST,
    Kind.TARIFF,
    Kind.PRODUCT,
    Kind.PASS,
    Kind.GIFT_CARD,
    Kind.PLACE_CARD,
    Kind.SCREENING,
)
"""What may be changed row by row, in the order in which it is asked for."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a row says in one column, written as it would be typed."""

    field: str
    label: str
    text: str
    required: bool


@dataclass(frozen=True, slots=True)
class StandingRow:
    """A row of the programme; `key` are the codes that it is known by. Out of use, no list offers it."""

    key: tuple[str, ...]
    about: str
    cells: tuple[Cell, ...]
    in_use: bool = True


def list_rows(session: Session, kind: Kind) -> tuple[StandingRow, ...]:
    """Every row of a kind, as it stands."""
    layout = _layout(kind)
    rows = []
    for values, about, in_use in STANDING[kind](session):
        cells = tuple(
            Cell(column.field, _label(column), _written(column.field, values[column.field]), column.required)
            for column in layout.columns
        )
        rows.append(StandingRow(tuple(str(values[name]) for name in layout.key), about, cells, in_use))
    return tuple(rows)


def find_row(session: Session, kind: Kind, key: tuple[str, ...]) -> StandingRow | None:
    """The row of these codes as it stands, if there is one."""
    return next((row for row in list_rows(session, kind) if row.key == key), None)


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
    seen: Mapping[str, str] | None = None,
    new: bool = False,
) -> None:
    """Bring a row to what was typed, by field, or add it; a changed price is that of later sales.

    A `new` one is refused where there is one already. Of a row that was `seen`, only what is typed otherwise
    is changed: the rest stays as it stands by then.
    A `manager` answers for it, once the first shift was opened. Raises Refusal, naming what cannot be, and
    why: nothing is changed then; and ChangedMeanwhile for what somebody else has changed since it was seen.
    """
    change_alone(session)
    answered = Answered(post, answering(session, manager, Action.CHANGE_SETTINGS), clock.now())
    if seen is not None:
        standing, about = _standing(session, kind, seen)
        labels = {cell.field: cell.label for cell in empty_row(kind).cells}
        changes = what_changes(seen, texts, standing, labels, about)
        if not changes:
            return
        texts = {**standing, **changes}
    if new:
        _refuse_known(session, kind, texts)
    columns = [column for column in _layout(kind).columns if column.field in texts]
    written = io.StringIO()
    sheet = csv.writer(written, delimiter=";")
    sheet.writerow([column.name for column in columns])
    sheet.writerow([one_line(texts[column.field]) for column in columns])
    source = Source(SETTINGS_FILE, written.getvalue().encode())
    before = programme_standing(session)
    try:
        merge_programme(session, ImportProgramme((source,)), post, clock=clock)
    except ProgrammeRefused as refused:
        raise _told(refused, columns) from refused
    row = {"kind": kind.value, "codes": [one_line(texts[name]) for name in key_fields(kind)]}
    tell_programme(session, JournalKind.PROGRAMME_CHANGED, row, before, answered)


SETTINGS_FILE = "réglages"
"""What faults call what was typed, where an import names its files."""


def _refuse_known(session: Session, kind: Kind, texts: Mapping[str, str]) -> None:
    """Refuse to add a row that there is: whoever adds it has not seen what it would change."""
    key = tuple(one_line(texts[name]) for name in key_fields(kind))
    known = find_row(session, kind, key)
    if known is not None:
        raise Refusal(
            _("« {code} » existe déjà : {about}.").format(code=" ".join(key), about=known.about),
            _("Choisissez un autre code, ou changez cette ligne-là."),
        )


def _standing(session: Session, kind: Kind, seen: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """How a row that was seen stands, by field, as it would be typed; and what lists call it by now."""
    row = find_row(session, kind, tuple(seen[field] for field in key_fields(kind)))
    if row is None:
        return dict(seen), ""
    return {cell.field: cell.text for cell in row.cells}, row.about


def _told(refused: ProgrammeRefused, columns: Iterable[Column]) -> Refusal:
    """The faults of one row, each by what it is about."""
    labels = {column.name: _label(column) for column in columns}
    said = []
    for fault in refused.faults:
        label = labels.get(fault.column, fault.column)
        what = _("{label} : {message}.").format(label=label, message=fault.message)
        said.append(what if fault.column else f"{fault.message.capitalize()}.")
    wrong = {fault.column for fault in refused.faults}
    names = [column.field for column in columns if column.name in wrong]
    return FieldsRefused(" ".join(dict.fromkeys(said)), _("Rien n'a été changé."), names)


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
            return yes_or_no(value)
        case int() if field.endswith("_cents"):
            return format_amount(value)
        case int() if field == "vat_rate":
            return format_rate(value)
        case StrEnum():
            return word_of(value)
        case date():
            return f"{value:%d/%m/%Y}"
        case str() if field == "weekdays":
            return weekday_words(value)
        case str() if "\n" in value:
            return ", ".join(value.splitlines())
        case Mapping():
            return " ".join(f"{name}={seats}" for name, seats in value.items())
        case _:
            return str(value)


_LABELS: Mapping[str, str] = {
    "accompagnants": later("Accompagnants"),
    "anniversaire": later("Anniversaire"),
    "année": later("Année"),
    "carte cadeau": later("Carte cadeau"),
    "carte de places": later("Carte de places"),
    "code": later("Code"),
    "condition": later("Condition"),
    "contingent": later("Contingent"),
    "contingents": later("Contingents"),
    "date": later("Date"),
    "durée": later("Durée en minutes"),
    "en service": later("En service"),
    "en vente": later("En vente"),
    "fin d'annulation": later("Fin d'annulation, min"),
    "fin de réservation": later("Fin de réserv., min"),
    "fin de vente": later("Fin de vente, min"),
    "grille": later("Grille"),
    "grilles": later("Grilles"),
    "groupe minimum": later("Groupe minimum"),
    "heure": later("Heure"),
    "jauge": later("Jauge"),
    "jours": later("Jours"),
    "jours de validité": later("Jours de validité"),
    "justificatif": later("Justificatif"),
    "libellé": later("Libellé"),
    "lieu": later("Lieu"),
    "manifestation": later("Manifestation"),
    "maximum": later("Maximum"),
    "minimum": later("Minimum"),
    "nom": later("Nom"),
    "nom court": later("Nom court"),
    "nombre de places": later("Nombre de places"),
    "nominative": later("Nominative"),
    "par jour": later("Places par jour"),
    "par séance": later("Places par séance"),
    "pass": later("Pass"),
    "pays": later("Pays"),
    "places": later("Places"),
    "points": later("Points"),
    "prix": later("Prix"),
    "produit": later("Produit"),
    "réalisation": later("Réalisation"),
    "régime": later("Régime"),
    "salle": later("Salle"),
    "section": later("Section"),
    "sections": later("Sections"),
    "séance": later("Séance"),
    "sorte": later("Sorte"),
    "supplément": later("Supplément"),
    "supplément compris": later("Supplément compris"),
    "tarif": later("Tarif"),
    "tarif accompagnant": later("Tarif accompagnant"),
    "tarif des places": later("Tarif des places"),
    "titre": later("Titre"),
    "touche": later("Touche"),
    "TVA": later("TVA"),
    "usage": later("Usage"),
    "valable du": later("Valable du"),
    "valable jusqu'au": later("Valable jusqu'au"),
    "version": later("Version"),
    "ville": later("Ville"),
    "âge minimum": later("Âge minimum"),
    "état": later("État"),
}
"""What a column is called where one row is shown."""
