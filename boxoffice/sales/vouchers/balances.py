"""The balance of a customer: what credit notes brought, what was paid with it, what a manager corrected."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, MovementKind, StoredValueKind
from boxoffice.language import _
from boxoffice.models import Operator, Sale, Till, ValueMovement, table
from boxoffice.money import format_euros

from .. import settlement
from ..books.numbers import paper_number
from ..people.customers import held_customer, known_customer
from ..staff.desk import Desk
from ..staff.permissions import require
from ..staff.standing import shift_still_open
from ..wording import reason_line
from . import stored_values
from .value_changes import Move

_movement = table(ValueMovement)
_sale, _till, _operator = table(Sale), table(Till), table(Operator)
_sold_by = table(Till).alias("sold_by")


@dataclass(frozen=True, slots=True)
class Balance:
    """What a customer has left to spend, in cents; `value_id` is there even before anything was credited."""

    value_id: UUID
    customer_id: UUID
    customer_name: str
    cents: int


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A movement of a value, in its own unit; `operation` is what it was for, as printed."""

    at: datetime
    kind: MovementKind
    amount: int
    left_after: int | None
    operation: str
    till_name: str
    operator_name: str
    authorized_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class CorrectBalance:
    """A balance to be `after` cents, if it still is `before`; a manager answers for it with a reason."""

    customer_id: UUID
    before_cents: int
    after_cents: int
    reason: str
    authorized_by: int


def read_balance(session: Session, customer_id: UUID) -> Balance:
    """The balance of a customer, or of whom they were merged into. Raises Refusal for one who is no more."""
    customer = known_customer(session, customer_id)
    value_id = stored_values.account_id(customer.id, StoredValueKind.BALANCE)
    found = stored_values.read(session, value_id)
    return Balance(value_id, customer.id, customer.details.name, found["amount"] if found else 0)


def read_ledger(session: Session, value_id: UUID) -> tuple[LedgerRow, ...]:
    """Every movement of a value, the latest first."""
    manager = _operator.alias("manager")
    rows = session.execute(
        select(
            _movement,
            _till.c.name.label("till_name"),
            _operator.c.name.label("operator_name"),
            manager.c.name.label("manager_name"),
            _sale.c.number.label("sale_number"),
            _sold_by.c.number.label("sale_till"),
        )
        .join(_till, _till.c.id == _movement.c.till_id)
        .outerjoin(_operator, _operator.c.id == _movement.c.operator_id)
        .outerjoin(manager, manager.c.id == _movement.c.authorized_by_id)
        .outerjoin(_sale, _sale.c.id == _movement.c.sale_id)
        .outerjoin(_sold_by, _sold_by.c.id == _sale.c.till_id)
        .where(_movement.c.value_id == value_id)
        .order_by(_movement.c.sequence.desc())
    )
    return tuple(
        LedgerRow(
            row.at,
            row.kind,
            row.amount,
            row.left_after,
            paper_number(row.sale_till, row.sale_number) if row.sale_number else "",
            row.till_name,
            row.operator_name or "",
            row.manager_name or "",
            row.reason,
        )
        for row in rows
    )


def correct(session: Session, command: CorrectBalance, desk: Desk, *, clock: Clock) -> Balance:
    """Correct a balance, for a reason that the ledger keeps.

    Raises ManagerNeeded, and Refusal without a reason, below zero, and where the balance is no longer what
    the manager saw.
    """
    shift_still_open(session, desk, at=clock.now())
    require(session, Action.CORRECT_BALANCE, desk.operator_id, command.authorized_by)
    reason = reason_line(command.reason)
    settlement.refuse_card_number(reason)
    if not reason:
        raise Refusal(_("Une correction de solde se justifie."), _("Écrivez pourquoi."))
    if command.after_cents < 0:
        raise Refusal(_("Un solde ne descend pas sous zéro."), _("Tapez un autre montant."))
    if command.after_cents == command.before_cents:
        raise Refusal(_("Le solde est déjà de {left}.").format(left=format_euros(command.before_cents)))
    at = clock.now()
    balance = read_balance(session, held_customer(session, command.customer_id))
    if balance.cents != command.before_cents:
        raise _changed_meanwhile(balance.cents)
    opened = stored_values.open_account(session, balance.customer_id, StoredValueKind.BALANCE, at=at)
    move = Move(
        balance.value_id,
        MovementKind.CORRECTED,
        command.after_cents - command.before_cents,
        reason=reason,
        authorized_by=command.authorized_by,
    )
    (moved,) = stored_values.tell(session, desk, "corrected", at=at, moves=[move], opened=opened)
    if moved["left_after"] != command.after_cents:
        raise _changed_meanwhile(moved["left_after"] - move.amount)
    return replace(balance, cents=command.after_cents)


def _changed_meanwhile(cents: int) -> Refusal:
    return Refusal(
        _("Le solde vient de changer : il est de {left}.").format(left=format_euros(cents)),
        _("Relisez-le, puis corrigez-le."),
    )
