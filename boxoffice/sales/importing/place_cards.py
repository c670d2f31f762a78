"""Importing the numbers of place cards issued elsewhere: each becomes a card that pays seats here, once."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, select
from sqlmodel import Session

from boxoffice.clock import Clock, in_paris
from boxoffice.kinds import Action, CardSource
from boxoffice.language import _
from boxoffice.models import Numbering, PlaceCard, PlaceCardHolder, PlaceCardKind, table
from boxoffice.sales.people.customer_details import folded
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.operators import StaffMember, answering
from boxoffice.sales.vouchers import place_cards, stored_values
from boxoffice.sales.vouchers.place_cards import NewCard
from boxoffice.sales.vouchers.value_changes import Hand

from .layouts import NUMBERED_CARDS
from .reading import Row, Sheets, Source, read_sheets
from .refusals import ImportRefused

_card, _kind, _holder = table(PlaceCard), table(PlaceCardKind), table(PlaceCardHolder)
_numbering = table(Numbering)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ImportPlaceCards:
    """Files of numbers issued elsewhere, to import together."""

    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class ImportedPlaceCards:
    """How many cards are new, and how many were known: these are left as they have become."""

    added: int
    known: int


def import_place_cards(
    session: Session,
    command: ImportPlaceCards,
    post: Post,
    *,
    clock: Clock,
    manager: StaffMember | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ImportedPlaceCards:
    """Write down the cards that are not known yet. Raises ImportRefused; the caller then keeps nothing.

    A card is known by its number: importing the same file again changes nothing. A `manager` answers for it,
    once the first shift was opened: a card pays.
    """
    answered_by = answering(session, manager, Action.IMPORT_FILES)
    # Tills lock their numbering first: so does an import, or the two could wait for each other.
    session.execute(
        select(_numbering.c.till_id).where(_numbering.c.till_id == post.till_id).with_for_update()
    ).one()
    at = clock.now()
    sheets = read_sheets(command.sources, (NUMBERED_CARDS,))
    rows = sheets.of(NUMBERED_CARDS.kind)
    kinds = {row["code"]: row for row in session.execute(select(_kind)).mappings()}
    known = _known(session, [row.values["number"] for row in rows])
    new: list[NewCard] = []
    for done, row in enumerate(rows, start=1):
        kind = _kind_of(sheets, row, kinds)
        there = known.get(row.values["number"])
        if kind is not None and there is not None:
            _hold_against(sheets, row, there, kind)
        elif kind is not None and _makes_sense(sheets, row, kind):
            new.append(_new(row, kind, at))
        if progress is not None:
            progress(done, len(rows))
    if sheets.faults:
        raise ImportRefused(sheets.faults)
    by = Hand(post, manager.id if manager else None, answered_by)
    stored_values.tell(
        session,
        by,
        "imported",
        at=at,
        issued=[card.value for card in new],
        content={
            "files": {source.name: hashlib.sha256(source.content).hexdigest() for source in command.sources},
            "rows": {"added": len(new), "known": len(rows) - len(new)},
        },
    )
    place_cards.write_down(session, new)
    return ImportedPlaceCards(len(new), len(rows) - len(new))


def _known(session: Session, numbers: list[str]) -> dict[str, RowMapping]:
    found: dict[str, RowMapping] = {}
    for start in range(0, len(numbers), _AT_ONCE):
        rows = session.execute(
            select(_card.c.number, _card.c.kind_id, _card.c.source, _holder.c.surname)
            .outerjoin(_holder, _holder.c.value_id == _card.c.value_id)
            .where(_card.c.number.in_(numbers[start : start + _AT_ONCE]))
        )
        found |= {row["number"]: row for row in rows.mappings()}
    return found


def _kind_of(sheets: Sheets, row: Row, kinds: Mapping[str, RowMapping]) -> RowMapping | None:
    if (kind := kinds.get(row.values["kind"])) is not None:
        return kind
    message = _("« {code} » n'existe pas ; valeurs admises : {codes}").format(
        code=row.values["kind"], codes=", ".join(sorted(kinds)) or "–"
    )
    sheets.faults.append(row.fault("kind", message))
    return None


def _hold_against(sheets: Sheets, row: Row, there: RowMapping, kind: RowMapping) -> None:
    """A number that is known must be of the same card."""
    number = row.values["number"]
    if there["source"] is not CardSource.ELSEWHERE:
        message = _("« {number} » est le numéro d'une carte émise ici").format(number=number)
        sheets.faults.append(row.fault("number", message))
    elif there["kind_id"] != kind["id"]:
        message = _("la carte {number} est déjà là, et d'une autre sorte").format(number=number)
        sheets.faults.append(row.fault("kind", message))
    elif kind["nominative"] and there["surname"] not in (None, folded(row.values.get("surname", ""))):
        message = _("la carte {number} est déjà là, à un autre nom").format(number=number)
        sheets.faults.append(row.fault("surname", message))


def _makes_sense(sheets: Sheets, row: Row, kind: RowMapping) -> bool:
    """Tell what in a new card makes no sense; whether everything does."""
    before, values = len(sheets.faults), row.values
    since, until = values.get("valid_from"), values.get("valid_until")
    if since and until and until < since:
        sheets.faults.append(row.fault("valid_until", _("la validité finit avant de commencer")))
    if kind["nominative"] and not folded(values.get("surname", "")):
        place = "surname" if "surname" in values else "kind"
        sheets.faults.append(row.fault(place, _("il faut le nom du titulaire")))
    if values.get("surname") and not kind["nominative"]:
        sheets.faults.append(row.fault("surname", _("cette sorte de carte n'est pas nominative")))
    places = values.get("places")
    if places is not None and (kind["places"] is None or places > kind["places"]):
        sheets.faults.append(row.fault("places", _("cette sorte de carte n'a pas autant de places")))
    return len(sheets.faults) == before


def _new(row: Row, kind: RowMapping, at: datetime) -> NewCard:
    values = row.values
    until = values.get("valid_until") or place_cards.ends_on(kind, in_paris(at).date())
    return place_cards.new_card(
        {**kind, "places": values.get("places") or kind["places"]},
        CardSource.ELSEWHERE,
        at,
        number=values["number"],
        surname=values.get("surname", ""),
        validity=(values.get("valid_from"), until),
    )
