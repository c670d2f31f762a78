"""What is to become of stored values, by whom, and how the journal tells of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from boxoffice.kinds import MovementKind, StoredValueKind

from ..staff.desk import Desk, Post

Row = Mapping[Any, Any]


@dataclass(frozen=True, slots=True)
class Hand:
    """Who moves values where no shift needs to be open: an import, with the manager who answers for it."""

    post: Post
    operator_id: int | None
    operator_number: int | None


By = Desk | Hand
"""Who moves a value, and at which till."""


@dataclass(frozen=True, slots=True)
class NewValue:
    """A value to be brought into being with `amount` in it; None is as many uses as wanted.

    `told` is what the journal tells of the card that it is of, codes by their SHA-256.
    """

    id: UUID
    kind: StoredValueKind
    amount: int | None
    customer_id: UUID | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    told: Mapping[str, Any] | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """The wish to move a value by `amount`, which is negative where it is used.

    `position` is the line or payment that it is for. `on` is the day on which it must serve where that is not
    today's; a manager's id is `authorized_by`.
    """

    value_id: UUID
    kind: MovementKind
    amount: int
    position: int | None = None
    reason: str = ""
    on: date | None = None
    authorized_by: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What an entry of the journal tells of values: those issued, and each movement as its table has it."""

    issued: Sequence[NewValue] = ()
    movements: Sequence[Row] = ()

    def __bool__(self) -> bool:
        return bool(self.issued or self.movements)


@dataclass(frozen=True, slots=True)
class Changes:
    """What one operation does to values: those that it issues, moves, and takes back for good.

    `opened` are the accounts opened for it.
    """

    issued: tuple[NewValue, ...] = ()
    opened: tuple[NewValue, ...] = ()
    moves: tuple[Move, ...] = ()
    cancelled: tuple[UUID, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.issued or self.opened or self.moves or self.cancelled)

    def __add__(self, more: "Changes") -> "Changes":
        return Changes(
            self.issued + more.issued,
            self.opened + more.opened,
            self.moves + more.moves,
            self.cancelled + more.cancelled,
        )


NOTHING = Changes()


def describe(told: Told, operators: Mapping[int, int]) -> dict[str, Any]:
    """What an entry tells of values; nothing where none moved. `operators` are numbers by id."""
    return {
        **({"issued": [_describe_new(value) for value in told.issued]} if told.issued else {}),
        **({"values": [_describe(row, operators) for row in told.movements]} if told.movements else {}),
    }


def _describe_new(value: NewValue) -> dict[str, Any]:
    told: dict[str, Any] = {"id": str(value.id), "kind": value.kind, "amount": value.amount}
    if value.customer_id:
        told["customer"] = str(value.customer_id)
    if value.valid_from:
        told["valid_from"] = value.valid_from.isoformat()
    if value.valid_until:
        told["valid_until"] = value.valid_until.isoformat()
    return {**told, **(value.told or {})}


def _describe(row: Row, operators: Mapping[int, int]) -> dict[str, Any]:
    told = {
        "amount": row["amount"],
        "kind": row["kind"],
        "left": row["left_after"],
        "sequence": row["sequence"],
        "value": str(row["value_id"]),
    }
    if row["position"] is not None:
        told["position"] = row["position"]
    if row["reason"]:
        told["reason"] = row["reason"]
    if row["authorized_by_id"] is not None:
        told["authorized_by"] = operators.get(row["authorized_by_id"])
    return told
