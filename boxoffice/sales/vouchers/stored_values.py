"""The one ledger of what customers may spend later: each movement says why, and what is left after it.

A value never goes below zero, however many counters reach for it at once: one conditional update takes, and
whoever comes second is told what is left. Values are moved in order of id, after numbers are drawn and before
seats are taken: two counters never wait in a ring.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import RowMapping, bindparam, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from boxoffice.clock import business_day
from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind, MovementKind, StoredValueKind, StoredValueState
from boxoffice.language import _
from boxoffice.models import Numbering, Operator, StoredValue, ValueMovement, table
from boxoffice.money import LARGEST_CENTS

from ..books import journal, numbering
from .obstacles import obstacle
from .value_changes import By, Changes, Move, NewValue, Row, Told, describe

_value, _movement = table(StoredValue), table(ValueMovement)
_operator, _numbering = table(Operator), table(Numbering)

SPENDING = frozenset({MovementKind.USED, MovementKind.REWARDED})
"""What customers do with a value: it must serve that day. The box office may do the rest at any time."""

_ACCOUNTS = UUID("6f2e6a0c-55a1-4c1c-9d0e-6f1d5b0b7c11")
_MOVE = (
    update(_value)
    .where(
        _value.c.id == bindparam("value"),
        _value.c.state.in_(bindparam("states", expanding=True)),
        or_(
            _value.c.amount.is_(None),
            (_value.c.amount + bindparam("change")).between(0, LARGEST_CENTS),
        ),
        or_(_value.c.valid_from.is_(None), _value.c.valid_from <= bindparam("begun")),
        or_(_value.c.valid_until.is_(None), _value.c.valid_until >= bindparam("not_over")),
    )
    .values(amount=_value.c.amount + bindparam("change"), movements=_value.c.movements + 1)
    .returning(_value.c.amount, _value.c.movements)
)
_INSERT = insert(_movement)
_OF_TILL = _numbering.c.till_id == bindparam("till")
_HOLD_NUMBERS = select(_numbering.c.till_id).where(_OF_TILL).with_for_update()
_HOLD_ALL = (
    select(_value.c.id)
    .where(_value.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_value.c.id)
    .with_for_update()
)
_HOLD = select(_value).where(_value.c.id == bindparam("id")).with_for_update()
_STATES = {
    True: [StoredValueState.ACTIVE],
    False: [StoredValueState.ACTIVE, StoredValueState.BLOCKED],
}


def bring_in(session: Session, values: Sequence[NewValue], at: datetime) -> None:
    """Write down new values with what is in them; `write_issued` then opens their ledgers."""
    rows = [
        {
            "id": value.id,
            "kind": value.kind,
            "customer_id": value.customer_id,
            "amount": value.amount,
            "movements": 1 if value.amount else 0,
            "state": StoredValueState.ACTIVE,
            "state_reason": "",
            "valid_from": value.valid_from,
            "valid_until": value.valid_until,
            "issued_at": at,
        }
        for value in values
    ]
    if rows:
        session.connection().execute(insert(_value), rows)


def write_issued(
    session: Session, values: Sequence[NewValue], by: By, *, at: datetime, sale_id: UUID | None = None
) -> list[Row]:
    """The first movement of each value that holds something; those of a sale come after its lines."""
    rows: list[Row] = [
        _row(
            Move(value.id, MovementKind.ISSUED, value.amount, value.position),
            (value.amount, 1),
            by,
            at,
            sale_id,
        )
        for value in values
        if value.amount
    ]
    if rows:
        session.connection().execute(_INSERT, rows)
    return rows


def move(
    session: Session, moves: Iterable[Move], by: By, *, at: datetime, sale_id: UUID | None = None
) -> list[Row]:
    """Move values, all or none, in the order of their ids; returns the rows of the ledger.

    Numbers must have been drawn, and the operation `sale_id` written down.
    Raises Refusal for a value that does not hold that much, does not serve, or is over.
    """
    rows: list[Row] = []
    connection, today = session.connection(), business_day(at, by.post.rules.business_day_starts)
    for wish in sorted(moves, key=lambda wish: wish.value_id):
        spent = wish.kind in SPENDING
        day = wish.on or today
        moved = connection.execute(
            _MOVE,
            {
                "value": wish.value_id,
                "change": wish.amount,
                "states": _STATES[spent],
                "begun": day if spent else date.max,
                "not_over": day if spent else date.min,
            },
        ).one_or_none()
        if moved is None:
            raise obstacle(session, wish.value_id, -wish.amount, day)
        row = _row(wish, (moved.amount, moved.movements), by, at, sale_id)
        connection.execute(_INSERT, row)
        rows.append(row)
    return rows


def tell(
    session: Session,
    by: By,
    event: str,
    *,
    at: datetime,
    moves: Iterable[Move] = (),
    issued: Sequence[NewValue] = (),
    opened: Sequence[NewValue] = (),
    content: Mapping[str, Any] | None = None,
) -> list[Row]:
    """Bring in and move values outside of any sale, and tell the journal as `value.{event}`.

    `opened` are the accounts opened for it, `content` is what else the entry tells. Returns the rows of the
    ledger. Raises Refusal as `move` does.
    """
    numbers = numbering.draw_numbers(session, by.post.till_id)
    bring_in(session, issued, at)
    rows = [*write_issued(session, issued, by, at=at), *move(session, moves, by, at=at)]
    told = {
        "operator": by.operator_number,
        **describe(Told((*opened, *issued), rows), operator_numbers(session, rows)),
        **(content or {}),
    }
    journal.write_entry(session, by.post, numbers.journal, JournalKind(f"value.{event}"), told, at=at)
    return rows


def carry_out(session: Session, changes: Changes, by: By, *, at: datetime, sale_id: UUID) -> dict[str, Any]:
    """Do what an operation just written down does to values, those issued having been brought in before.

    Returns what its entry tells of them. Raises Refusal as `move` does.
    """
    rows = [
        *write_issued(session, changes.issued, by, at=at, sale_id=sale_id),
        *move(session, changes.moves, by, at=at, sale_id=sale_id),
    ]
    for value_id in changes.cancelled:
        set_state(session, value_id, StoredValueState.CANCELLED)
    told = Told((*changes.opened, *changes.issued), rows)
    return {
        **describe(told, operator_numbers(session, rows)),
        **({"cancelled": [str(each) for each in changes.cancelled]} if changes.cancelled else {}),
    }


def operator_numbers(session: Session, movements: Iterable[Row]) -> dict[int, int]:
    """The numbers of the managers who answer for movements, by id."""
    managers = {row["authorized_by_id"] for row in movements} - {None}
    if not managers:
        return {}
    found = session.execute(select(_operator.c.id, _operator.c.number).where(_operator.c.id.in_(managers)))
    return {row.id: row.number for row in found}


def hold(session: Session, value_id: UUID) -> RowMapping:
    """A value as it is, nobody else changing it meanwhile. Raises Refusal for one that is not there."""
    held = session.execute(_HOLD, {"id": value_id}).mappings().one_or_none()
    if held is None:
        raise Refusal(_("Cette carte est inconnue."))
    return held


def hold_all(session: Session, by: By, value_ids: Collection[UUID]) -> None:
    """Hold values that are moved in several steps, in the order that every till goes by: numbers first."""
    session.execute(_HOLD_NUMBERS, {"till": by.post.till_id}).all()
    if value_ids:
        session.execute(_HOLD_ALL, {"ids": list(value_ids)}).all()


def read(session: Session, value_id: UUID) -> RowMapping | None:
    """A value as it is, or None."""
    return session.execute(select(_value).where(_value.c.id == value_id)).mappings().one_or_none()


def account_id(customer_id: UUID, kind: StoredValueKind) -> UUID:
    """The id of the balance or points of a customer, whether there are any yet or not."""
    return uuid5(_ACCOUNTS, f"{kind} {customer_id}")


def open_account(
    session: Session, customer_id: UUID, kind: StoredValueKind, *, at: datetime
) -> tuple[NewValue, ...]:
    """Open the balance or points of a customer with nothing in it, under its `account_id`.

    Returns what the journal is to tell as issued: nothing where there is one already.
    """
    value_id = account_id(customer_id, kind)
    dialects: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
    statement = dialects[session.connection().dialect.name](_value)
    opened = (
        session.connection()
        .execute(
            statement.values(
                id=value_id,
                kind=kind,
                customer_id=customer_id,
                amount=0,
                movements=0,
                state=StoredValueState.ACTIVE,
                state_reason="",
                issued_at=at,
            )
            .on_conflict_do_nothing()
            .returning(_value.c.id)
        )
        .first()
    )
    return () if opened is None else (NewValue(value_id, kind, 0, customer_id),)


def set_state(session: Session, value_id: UUID, state: StoredValueState, reason: str = "") -> None:
    """Change whether a value serves, which the caller tells the journal."""
    session.execute(update(_value).where(_value.c.id == value_id).values(state=state, state_reason=reason))


def set_end(session: Session, value_id: UUID, valid_until: date) -> None:
    """Change until when a value serves, which the caller tells the journal."""
    session.execute(update(_value).where(_value.c.id == value_id).values(valid_until=valid_until))


def _row(
    wish: Move, left: tuple[int | None, int], by: By, at: datetime, sale_id: UUID | None
) -> dict[str, Any]:
    left_after, sequence = left
    return {
        "value_id": wish.value_id,
        "sequence": sequence,
        "kind": wish.kind,
        "amount": wish.amount,
        "left_after": left_after,
        "at": at,
        "till_id": by.post.till_id,
        "operator_id": by.operator_id,
        "authorized_by_id": wish.authorized_by,
        "sale_id": sale_id,
        "position": wish.position,
        "reason": wish.reason,
    }
