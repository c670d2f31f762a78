"""Cards that a sale sells: issued with it, and taken back with it as long as nobody has used them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Table, bindparam, func, insert, select
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.kinds import LineKind, MovementKind, StoredValueKind
from boxoffice.language import _
from boxoffice.models import StoredValue, ValueMovement, table

from ..basket import GiftCardLine, PlaceCardLine
from ..pricing import Priced
from ..prints.papers import DocumentKind
from ..staff.desk import Desk
from . import gift_cards, place_cards, stored_values
from .obstacles import name_of
from .value_changes import Changes, Move, NewValue

_value, _movement = table(StoredValue), table(ValueMovement)

_SOLD = (
    select(_value, _movement.c.amount.label("sold_with"))
    .join(_movement, (_movement.c.value_id == _value.c.id) & (_movement.c.sequence == 1))
    .where(_value.c.id == bindparam("id"))
)
_USES = select(func.coalesce(func.sum(_movement.c.amount), 0)).where(_movement.c.value_id == bindparam("id"))

_DOCUMENTS = {
    StoredValueKind.GIFT_CARD: DocumentKind.GIFT_CARD,
    StoredValueKind.PLACE_CARD: DocumentKind.PLACE_CARD,
}

CardRows = tuple[tuple[Table, Mapping[str, Any]], ...]
"""Rows of the tables that a card is kept in, to be inserted in this order after the lines of its sale."""


@dataclass(frozen=True, slots=True)
class CardsSold:
    """The values that a sale issues, and the rows of the cards that they are of."""

    values: tuple[NewValue, ...] = ()
    rows: CardRows = ()

    @property
    def changes(self) -> Changes:
        return Changes(issued=self.values)

    def papers(self) -> Iterator[tuple[DocumentKind, list[UUID]]]:
        """The cards to print, by the document that each is."""
        for kind, document in _DOCUMENTS.items():
            if sold := [value.id for value in self.values if value.kind is kind]:
                yield document, sold


NO_CARDS = CardsSold()


def make(session: Session, priced: Priced, desk: Desk, *, at: datetime) -> CardsSold:
    """The cards that a basket sells, each with its codes. Raises Refusal for one that cannot be sold."""
    sold_by = {line["value_id"]: line for line in priced.lines if line["value_id"] is not None}
    if not sold_by:
        return NO_CARDS
    made: list[tuple[NewValue, CardRows]] = []
    for line in priced.basket:
        if isinstance(line, GiftCardLine):
            made.append(gift_cards.make(line, sold_by[line.value_id], priced, desk, at=at))
        elif isinstance(line, PlaceCardLine):
            made.append(place_cards.make(session, line, sold_by[line.value_id], priced, at=at))
    return CardsSold(
        tuple(value for value, _rows in made), tuple(row for _value, rows in made for row in rows)
    )


def write_down(session: Session, cards: CardsSold) -> None:
    """Write down the cards of a sale, once its lines and values are."""
    for rows, row in cards.rows:
        session.connection().execute(insert(rows), row)


def take_back(session: Session, lines: Iterable[Mapping[Any, Any]]) -> Changes:
    """Cancel the cards that these lines sold.

    Raises Refusal for one that no longer holds all that it was sold with.
    """
    moves, cancelled = [], []
    for line in lines:
        if line["value_id"] is None or line["kind"] not in (LineKind.PRODUCT, LineKind.VOUCHER):
            continue
        value_id: UUID = line["value_id"]
        held = stored_values.read(session, value_id)
        if held is not None and held["amount"] is None:
            _refuse_used_without_end(session, value_id)
        else:
            sold = session.execute(_SOLD, {"id": value_id}).mappings().one()
            if sold["amount"] != sold["sold_with"]:
                raise _used(session, sold)
            moves.append(Move(value_id, MovementKind.TAKEN_BACK, -sold["sold_with"], line["position"]))
        cancelled.append(value_id)
    return Changes(moves=tuple(moves), cancelled=tuple(cancelled))


def _refuse_used_without_end(session: Session, value_id: UUID) -> None:
    """Raise Refusal for a card good for as many places as wanted that has paid one; nobody uses it after."""
    held = stored_values.hold(session, value_id)
    if session.execute(_USES, {"id": value_id}).scalar_one():
        raise _used(session, held)


def _used(session: Session, value: RowMapping) -> Refusal:
    return Refusal(
        _("{name} : déjà utilisée.").format(name=name_of(session, value)),
        _("Elle ne s'annule plus : choisissez les autres lignes."),
    )
