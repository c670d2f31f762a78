"""What was issued, used and given back of stored values in a period: by its sales, and by its journal."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from boxoffice.kinds import MovementKind
from boxoffice.models import GiftCard, JournalEntry, Sale, StoredValue, ValueMovement, table

from .figures import Stored

_sale, _entry = table(Sale), table(JournalEntry)
_value, _movement, _gift = table(StoredValue), table(ValueMovement), table(GiftCard)

LOOKED_UP_AT_ONCE = 500

_OF_VALUE = (_value.c.kind, _gift.c.vat_rate, _value.c.amount.is_(None).label("is_unlimited"))
_BY_SALES = (
    select(*_OF_VALUE, _movement.c.kind.label("moved"), func.sum(_movement.c.amount).label("amount"))
    .select_from(_movement)
    .join(_sale, _sale.c.id == _movement.c.sale_id)
    .join(_value, _value.c.id == _movement.c.value_id)
    .outerjoin(_gift, _gift.c.value_id == _value.c.id)
    .where(
        _movement.c.till_id == bindparam("till_id"),
        _sale.c.till_id == bindparam("till_id"),
        _sale.c.number.between(bindparam("first_operation"), bindparam("last_operation")),
    )
    .group_by(*_OF_VALUE, _movement.c.kind)
)
_TOLD = select(_entry.c.content).where(
    _entry.c.till_id == bindparam("till_id"),
    _entry.c.sequence.between(bindparam("first_entry"), bindparam("last_entry")),
    _entry.c.kind >= "value.",
    _entry.c.kind < "value/",
    _entry.c.sale_id.is_(None),
)
_VALUES = (
    select(_value.c.id, *_OF_VALUE)
    .outerjoin(_gift, _gift.c.value_id == _value.c.id)
    .where(_value.c.id.in_(bindparam("ids", expanding=True)))
)
_COLUMNS: Mapping[MovementKind, str] = {
    MovementKind.ISSUED: "issued",
    MovementKind.EARNED: "issued",
    MovementKind.CREDITED: "credited",
    MovementKind.TAKEN_BACK: "taken_back",
    MovementKind.USED: "used",
    MovementKind.REWARDED: "used",
    MovementKind.GIVEN_BACK: "used",
    MovementKind.EXPIRED: "expired",
    MovementKind.CORRECTED: "corrected",
    MovementKind.MERGED: "corrected",
}
_LESS = frozenset({"used", "expired", "taken_back"})
"""What is told as a positive number although it leaves less."""


class _Moved(NamedTuple):
    kind: str
    rate: int | None
    is_unlimited: bool
    moved: MovementKind
    amount: int


def read_stored(session: Session, spans: Iterable[Mapping[str, int]]) -> tuple[Stored, ...]:
    """What became of values in these spans, by kind and, for vouchers taxed when sold, by rate."""
    totals: dict[tuple[str, int | None], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for span in spans:
        by_sales = (_Moved(*row) for row in session.execute(_BY_SALES, span))
        for moved in (*by_sales, *_told_apart(session, span)):
            column = "unlimited" if moved.is_unlimited else _COLUMNS[moved.moved]
            less = moved.is_unlimited or column in _LESS
            totals[moved.kind, moved.rate][column] += -int(moved.amount) if less else int(moved.amount)
    columns = ("issued", "credited", "taken_back", "used", "expired", "corrected", "unlimited")
    return tuple(
        Stored(kind, rate, *(total[column] for column in columns))
        for (kind, rate), total in sorted(totals.items(), key=lambda item: (item[0][0], item[0][1] or 0))
    )


def _told_apart(session: Session, span: Mapping[str, int]) -> Iterator[_Moved]:
    """The movements that entries of the journal tell outside of any sale."""
    told = [
        (UUID(moved["value"]), MovementKind(moved["kind"]), moved["amount"])
        for (content,) in session.execute(_TOLD, span)
        for moved in json.loads(content).get("values", ())
    ]
    for start in range(0, len(told), LOOKED_UP_AT_ONCE):
        some = told[start : start + LOOKED_UP_AT_ONCE]
        ids = list({value_id for value_id, _moved, _amount in some})
        values = {row[0]: row[1:] for row in session.execute(_VALUES, {"ids": ids})}
        for value_id, moved, amount in some:
            kind, rate, is_unlimited = values[value_id]
            yield _Moved(kind, rate, is_unlimited, moved, amount)
