"""What befalls a card after it was issued: blocked, served again, lengthened, replaced by one with new codes.

A cashier blocks a lost card at once; a manager answers for the rest. The journal tells of each without a
name: a trouble by its kind, a code by its SHA-256.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Table, bindparam, delete, exists, insert, select, update
from sqlmodel import Session

from boxoffice.clock import Clock, business_day
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, MovementKind, PassTrouble, StoredValueKind, StoredValueState
from boxoffice.language import _
from boxoffice.models import (
    FormerValueCode,
    GiftCard,
    GiftMessage,
    PlaceCard,
    ValueMovement,
    table,
)

from .. import settlement
from ..books.bookkeeping import code_told
from ..codes import CodeKind, masked, new_card_number, new_code, new_typed_code
from ..staff.desk import Desk, Post
from ..staff.operators import StaffMember, answering_at
from ..staff.permissions import require
from ..staff.standing import shift_still_open
from ..wording import reason_line
from . import stored_values
from .obstacles import name_of, state_words
from .value_changes import Hand, Move

_former, _message = table(FormerValueCode), table(GiftMessage)
_movement = table(ValueMovement)

_put_back = _movement.alias("put_back")
_RUN_OUT = select(_movement.c.amount, _movement.c.at).where(
    _movement.c.value_id == bindparam("value"),
    _movement.c.kind == MovementKind.EXPIRED,
    ~exists().where(
        _put_back.c.value_id == _movement.c.value_id,
        _put_back.c.kind == MovementKind.CORRECTED,
        _put_back.c.sequence > _movement.c.sequence,
    ),
)
"""What ran out with a card and was not put back yet, whatever the clocks of the tills said."""
LONGEST = timedelta(days=5 * 366)
"""How far from today a card may be lengthened: what is later is a slip of the finger."""


@dataclass(frozen=True, slots=True)
class _Codes:
    """Where the codes of a kind of card are: what is scanned, and what is typed, and how that is made."""

    rows: Table
    kind: CodeKind
    typed: str
    new_typed: Callable[[], str]


_CODES: Mapping[StoredValueKind, _Codes] = {
    StoredValueKind.GIFT_CARD: _Codes(table(GiftCard), CodeKind.GIFT_CARD, "typed_code", new_typed_code),
    StoredValueKind.PLACE_CARD: _Codes(table(PlaceCard), CodeKind.PLACE_CARD, "number", new_card_number),
}


@dataclass(frozen=True, slots=True)
class BlockCard:
    """The wish that a card serve no more. `note` says in words what no trouble says, without any name."""

    value_id: UUID
    trouble: PassTrouble
    note: str = ""


@dataclass(frozen=True, slots=True)
class UnblockCard:
    """The wish that a blocked card serve again. `authorized_by` is a manager's id, unless one is there."""

    value_id: UUID
    authorized_by: int | None = None


@dataclass(frozen=True, slots=True)
class LengthenCard:
    """The wish that a card which was good until `former` be good until another day; a manager says why.

    The days are those that its paper tells: of use for a gift card, of the screening for a place card.
    """

    value_id: UUID
    former: date | None
    until: date
    reason: str
    authorized_by: int


@dataclass(frozen=True, slots=True)
class ReplaceCard:
    """The wish for a card with new codes, its value staying as it is: the former ones are to pay nothing.

    `masked` is the end of the code that is to be dead, as it was shown.
    """

    value_id: UUID
    masked: str
    trouble: PassTrouble
    authorized_by: int | None = None


@dataclass(frozen=True, slots=True)
class ReplacedCard:
    """The codes of the card that is to be printed now; shown to nobody but its owner."""

    value_id: UUID
    code: str
    typed_code: str


def block(session: Session, command: BlockCard, desk: Desk, *, clock: Clock) -> None:
    """Let a card serve no more; one that is blocked keeps the reason it has.

    Raises Refusal for a card that was taken back, and for a trouble that nothing says.
    """
    shift_still_open(session, desk, at=clock.now())
    held = stored_values.hold(session, command.value_id)
    if held["state"] is StoredValueState.BLOCKED:
        return
    _refuse_cancelled(session, held)
    note = reason_line(command.note)
    settlement.refuse_card_number(note)
    if command.trouble is PassTrouble.OTHER and not note:
        raise Refusal(_("Dites pourquoi cette carte est bloquée."))
    reason = note or command.trouble.value
    stored_values.set_state(session, command.value_id, StoredValueState.BLOCKED, reason)
    content = {"value": str(command.value_id), "trouble": command.trouble}
    stored_values.tell(session, desk, "blocked", at=clock.now(), content=content)


def unblock(session: Session, command: UnblockCard, desk: Desk, *, clock: Clock) -> None:
    """Let a blocked card serve again; one that serves is left as it is.

    Raises ManagerNeeded without a manager, and Refusal for a card that was taken back.
    """
    shift_still_open(session, desk, at=clock.now())
    manager = answering_at(
        session, desk, Action.UNBLOCK_CARD, command.authorized_by, _("Un responsable débloque une carte.")
    )
    held = stored_values.hold(session, command.value_id)
    _refuse_cancelled(session, held)
    if held["state"] is StoredValueState.ACTIVE:
        return
    stored_values.set_state(session, command.value_id, StoredValueState.ACTIVE)
    content = {"value": str(command.value_id), "authorized_by": manager}
    stored_values.tell(session, desk, "unblocked", at=clock.now(), content=content)


def lengthen(session: Session, command: LengthenCard, desk: Desk, *, clock: Clock) -> None:
    """Let a card serve until a later day; what had run out with it is put back on it.

    Raises ManagerNeeded, and Refusal without a reason, for a day that is not later or too far, for a card
    without an end or taken back, and where its end is no longer the one that the manager saw.
    """
    at = clock.now()
    shift_still_open(session, desk, at=at)
    manager = answering_at(
        session, desk, Action.LENGTHEN_CARD, command.authorized_by, _("Un responsable prolonge une carte.")
    )
    reason = reason_line(command.reason)
    settlement.refuse_card_number(reason)
    if not reason:
        raise Refusal(_("Une carte se prolonge pour une raison."), _("Écrivez pourquoi."))
    held = stored_values.hold(session, command.value_id)
    _refuse_cancelled(session, held)
    today = business_day(at, desk.post.rules.business_day_starts)
    _refuse_end(held, command, today)
    ended = held["valid_until"]
    gone = sum(
        row.amount
        for row in session.execute(_RUN_OUT, {"value": command.value_id})
        if business_day(row.at, desk.post.rules.business_day_starts) > ended
    )
    back = Move(
        command.value_id,
        MovementKind.CORRECTED,
        -gone,
        reason=reason,
        authorized_by=command.authorized_by,
    )
    content = {
        "authorized_by": manager,
        "former_valid_until": ended.isoformat(),
        "reason": reason,
        "valid_until": command.until.isoformat(),
        "value": str(command.value_id),
    }
    stored_values.set_end(session, command.value_id, command.until)
    stored_values.tell(session, desk, "lengthened", at=at, moves=[back] if gone else [], content=content)


def _refuse_end(held: RowMapping, command: LengthenCard, today: date) -> None:
    """Raise Refusal unless a card ends, and would end later than it does and no sooner than today."""
    if held["valid_until"] is None:
        raise Refusal(_("Cette carte est sans date de fin : il n'y a rien à prolonger."))
    if held["valid_until"] != command.former:
        raise Refusal(_("La date de fin de cette carte vient de changer."), _("Relisez-la."))
    if command.until <= held["valid_until"] or command.until < today:
        raise Refusal(
            _("Elle vaut jusqu'au {day}.").format(day=f"{held['valid_until']:%d/%m/%Y}"),
            _("Tapez une date plus tardive, aujourd'hui ou plus tard."),
        )
    if command.until > today + LONGEST:
        raise Refusal(_("C'est dans plus de cinq ans."), _("Vérifiez l'année."))


def replace(session: Session, command: ReplaceCard, desk: Desk, *, clock: Clock) -> ReplacedCard:
    """Give a card new codes, its value staying as it is; a blocked one serves again.

    A second try returns the codes that the first one gave.
    Raises ManagerNeeded without a manager, and Refusal for a card that was taken back, or that has no codes.
    """
    at = clock.now()
    shift_still_open(session, desk, at=at)
    manager = answering_at(
        session, desk, Action.REPLACE_CARD, command.authorized_by, _("Un responsable remplace une carte.")
    )
    held = stored_values.hold(session, command.value_id)
    _refuse_cancelled(session, held)
    if held["kind"] not in _CODES:
        raise Refusal(_("Seule une carte se remplace."))
    codes = _CODES[held["kind"]]
    of_card = codes.rows.c.value_id == command.value_id
    former = session.execute(select(codes.rows).where(of_card)).mappings().one()
    if masked(former[codes.typed]) != command.masked:
        return ReplacedCard(command.value_id, former["code"], former[codes.typed])
    gone = [code for code in (former["code"], former[codes.typed]) if code]
    session.execute(
        insert(_former),
        [
            {"code": code, "value_id": command.value_id, "replaced_at": at, "reason": command.trouble}
            for code in gone
        ],
    )
    new = ReplacedCard(command.value_id, new_code(codes.kind), codes.new_typed())
    session.execute(update(codes.rows).where(of_card).values({"code": new.code, codes.typed: new.typed_code}))
    stored_values.set_state(session, command.value_id, StoredValueState.ACTIVE)
    content: dict[str, Any] = {
        "authorized_by": manager,
        "codes": {"code": code_told(new.code), codes.typed: code_told(new.typed_code)},
        "former_codes": [code_told(code) for code in gone],
        "trouble": command.trouble,
        "unblocked": held["state"] is StoredValueState.BLOCKED,
        "value": str(command.value_id),
    }
    stored_values.tell(session, desk, "replaced", at=at, content=content)
    return new


def forget_words(session: Session, value_id: UUID, post: Post, *, manager: StaffMember, clock: Clock) -> bool:
    """Erase what a gift card says, and to whom, for whoever asks; whether it said anything.

    Raises ManagerNeeded unless `manager` may erase what customers leave.
    """
    require(session, Action.ERASE_CUSTOMERS, manager.id)
    if not session.connection().execute(delete(_message).where(_message.c.value_id == value_id)).rowcount:
        return False
    by = Hand(post, manager.id, manager.number)
    stored_values.tell(session, by, "words_forgotten", at=clock.now(), content={"value": str(value_id)})
    return True


def _refuse_cancelled(session: Session, held: RowMapping) -> None:
    if held["state"] is StoredValueState.CANCELLED:
        raise Refusal(state_words(held, name_of(session, held)))
