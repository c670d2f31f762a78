"""All that a customer holds: moved when two become one, and told before anybody is erased."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.kinds import MovementKind, PassTrouble, StoredValueKind, StoredValueState
from boxoffice.language import _
from boxoffice.models import (
    CreditAnswer,
    CreditRequest,
    GiftCard,
    GiftMessage,
    PlaceCardHolder,
    Sale,
    StoredValue,
    table,
)

from ..staff.desk import Desk
from . import stored_values
from .obstacles import amount_words, name_of
from .value_changes import By, Move

_value, _request, _answer = table(StoredValue), table(CreditRequest), table(CreditAnswer)
_gift, _message, _surname = table(GiftCard), table(GiftMessage), table(PlaceCardHolder)
_sale = table(Sale)

ACCOUNTS = (StoredValueKind.BALANCE, StoredValueKind.POINTS)
"""What a customer has one of: two that become one customer put them together."""

WORTH = (StoredValueKind.BALANCE, StoredValueKind.GIFT_CARD, StoredValueKind.PLACE_CARD)
"""What was paid for or credited: nobody is forgotten who still has some of it."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A value of a customer: how it is called, its code masked, and what is left in its unit."""

    value_id: UUID
    kind: StoredValueKind
    name: str
    left: int | None
    left_words: str
    state: StoredValueState
    valid_until: date | None


def holdings_of(session: Session, customer_id: UUID) -> tuple[Holding, ...]:
    """What a customer holds, used up or not: balance and points first, then cards as they came."""
    rows = session.execute(
        select(_value).where(_value.c.customer_id == customer_id).order_by(_value.c.issued_at, _value.c.id)
    ).mappings()
    found = [
        Holding(
            row["id"],
            row["kind"],
            name_of(session, row),
            row["amount"],
            amount_words(row["kind"], row["amount"]),
            row["state"],
            row["valid_until"],
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda held: (*ACCOUNTS, held.kind).index(held.kind)))


def merge(session: Session, gone_id: UUID, kept_id: UUID, desk: Desk, *, at: datetime) -> None:
    """Put what `gone` holds into the hands of `kept`: amounts of accounts are added up, cards change hands.

    Raises Refusal where another counter moves one of them meanwhile.
    """
    of_gone = select(_value.c.id).where(_value.c.customer_id == gone_id)
    kept_accounts = (stored_values.account_id(kept_id, kind) for kind in ACCOUNTS)
    stored_values.hold_all(session, desk, {*session.execute(of_gone).scalars(), *kept_accounts})
    cards = (_value.c.customer_id == gone_id, _value.c.kind.not_in(ACCOUNTS))
    session.execute(update(_value).where(*cards).values(customer_id=kept_id))
    accounts = session.execute(
        select(_value.c.id, _value.c.kind, _value.c.amount)
        .where(_value.c.customer_id == gone_id, _value.c.kind.in_(ACCOUNTS), _value.c.amount > 0)
        .order_by(_value.c.kind)
    ).all()
    for account in accounts:
        kept = stored_values.account_id(kept_id, account.kind)
        opened = stored_values.open_account(session, kept_id, account.kind, at=at)
        moves = (
            Move(account.id, MovementKind.MERGED, -account.amount),
            Move(kept, MovementKind.MERGED, account.amount),
        )
        moved = stored_values.tell(session, desk, "merged", at=at, moves=moves, opened=opened)
        if any(row["value_id"] == account.id and row["left_after"] for row in moved):
            raise Refusal(_("Le solde de cette fiche vient de changer."), _("Fusionnez de nouveau."))


def holds_something(customer_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether a customer has anything left that was paid for or credited."""
    return exists().where(
        _value.c.customer_id == customer_id,
        _value.c.kind.in_(WORTH),
        _value.c.state != StoredValueState.CANCELLED,
        or_(_value.c.amount > 0, _value.c.amount.is_(None)),
    )


def refuse_losing(session: Session, customer_id: UUID, name: str) -> None:
    """Raise Refusal, naming what would be lost, where a customer who is to be erased holds something.

    Points alone are no reason: they were given.
    """
    left = [
        held
        for held in holdings_of(session, customer_id)
        if held.left != 0 and held.state is not StoredValueState.CANCELLED
    ]
    if any(held.kind in WORTH for held in left):
        words = " ; ".join(f"{held.name} : {held.left_words}" for held in left)
        raise Refusal(
            _("{name} perdrait ce qui lui reste. {left}.").format(name=name, left=words),
            _("Dépensez-le d'abord, ou confirmez que le client y renonce."),
        )


def refuse_waiting(session: Session, customer_ids: Sequence[UUID]) -> None:
    """Raise Refusal where a request for a credit note still waits for one of these customers."""
    waiting = (
        select(_request.c.id)
        .outerjoin(_answer, _answer.c.request_id == _request.c.id)
        .where(_request.c.customer_id.in_(customer_ids), _answer.c.request_id.is_(None))
    )
    if session.execute(waiting.limit(1)).first():
        raise Refusal(
            _("Une demande d'avoir de ce client attend une réponse."), _("Répondez-y, puis effacez-le.")
        )


def forfeit(session: Session, customer_ids: Sequence[UUID], by: By, *, at: datetime) -> None:
    """Take what customers who are erased give up out of what the festival owes, and their names off cards.

    What was noted of a card that is blocked may tell a name as well.
    """
    left = session.execute(
        select(_value.c.id, _value.c.amount)
        .where(_value.c.customer_id.in_(customer_ids), _value.c.amount > 0)
        .order_by(_value.c.id)
    ).all()
    if left:
        moves = [Move(value.id, MovementKind.EXPIRED, -value.amount) for value in left]
        stored_values.tell(session, by, "forfeited", at=at, moves=moves)
    held = select(_value.c.id).where(_value.c.customer_id.in_(customer_ids))
    session.execute(delete(_surname).where(_surname.c.value_id.in_(held)))
    _forget_notes(session, _value.c.customer_id.in_(customer_ids))


def forget_messages(session: Session, sales: ColumnElement[bool]) -> None:
    """Take what gift cards say off those sold by these sales."""
    sold = select(_gift.c.value_id).join(_sale, and_(_sale.c.id == _gift.c.sale_id, sales))
    session.execute(delete(_message).where(_message.c.value_id.in_(sold)))
    _forget_notes(session, _value.c.id.in_(sold))


def _forget_notes(session: Session, values: ColumnElement[bool]) -> None:
    """Take what was noted of these values off them, but for a trouble that names nobody."""
    noted = values, _value.c.state_reason.not_in(list(PassTrouble))
    session.execute(update(_value).where(*noted).values(state_reason=""))
