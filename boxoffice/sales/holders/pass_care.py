"""What befalls a pass after its sale: blocked, served again, replaced by a new code, given to its holder.

A cashier blocks a lost pass at once; a manager answers for the rest. The journal tells of each without a
name: a trouble by its kind, a code by its SHA-256, a customer by an id that means nothing by itself.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind, PassTrouble
from boxoffice.language import _
from boxoffice.models import FormerPassCode, Pass, PassState, table
from boxoffice.prepared import Row

from ..books import journal
from ..books.bookkeeping import code_told
from ..codes import CodeKind, new_code
from ..people.customer_changes import hold_customer
from ..staff.desk import Desk
from ..staff.operators import answering_at
from ..staff.standing import shift_still_open
from ..wording import one_line
from .passes import hold_pass, state_obstacle

_pass, _former = table(Pass), table(FormerPassCode)


@dataclass(frozen=True, slots=True)
class BlockPass:
    """The wish that a pass serve no more. `note` says in words what no trouble says, without any name."""

    pass_id: UUID
    trouble: PassTrouble
    note: str = ""


@dataclass(frozen=True, slots=True)
class UnblockPass:
    """The wish that a blocked pass serve again. `authorized_by` is a manager's id, unless one is there."""

    pass_id: UUID
    authorized_by: int | None = None


@dataclass(frozen=True, slots=True)
class ReplacePass:
    """The wish for a pass under a new code, `former_code` being the one that is to open nothing any more."""

    pass_id: UUID
    former_code: str
    trouble: PassTrouble
    authorized_by: int | None = None


@dataclass(frozen=True, slots=True)
class GivePass:
    """The wish that a pass be in the name of the customer it was meant for."""

    pass_id: UUID
    customer_id: UUID
    authorized_by: int | None = None


def block(session: Session, command: BlockPass, desk: Desk, *, clock: Clock) -> None:
    """Let a pass serve no more; its bookings stay. One that is blocked keeps the reason it has.

    Raises Refusal for a pass that was taken back, and for a trouble that nothing says.
    """
    shift_still_open(session, desk, at=clock.now())
    held = _hold(session, command.pass_id)
    if held["state"] is PassState.BLOCKED:
        return
    note = one_line(command.note)
    if command.trouble is PassTrouble.OTHER and not note:
        raise Refusal(_("Dites pourquoi ce pass est bloqué."))
    values = {"state": PassState.BLOCKED, "state_reason": note or command.trouble.value}
    session.execute(update(_pass).where(_pass.c.id == held["id"]).values(values))
    told = {"pass": held["number"], "trouble": command.trouble}
    journal.append(
        session,
        desk.post,
        JournalKind.PASS_BLOCKED,
        told,
        at=clock.now(),
        operator_number=desk.operator_number,
    )


def unblock(session: Session, command: UnblockPass, desk: Desk, *, clock: Clock) -> None:
    """Let a blocked pass serve again; one that serves is left as it is.

    Raises ManagerNeeded without a manager, and Refusal for a pass that was taken back.
    """
    shift_still_open(session, desk, at=clock.now())
    manager = answering_at(
        session, desk, Action.UNBLOCK_PASS, command.authorized_by, _("Un responsable débloque un pass.")
    )
    held = _hold(session, command.pass_id)
    if held["state"] is PassState.ACTIVE:
        return
    _serves(session, held)
    told = {"authorized_by": manager, "pass": held["number"]}
    journal.append(
        session,
        desk.post,
        JournalKind.PASS_UNBLOCKED,
        told,
        at=clock.now(),
        operator_number=desk.operator_number,
    )


def replace(session: Session, command: ReplacePass, desk: Desk, *, clock: Clock) -> str:
    """Give a pass a new code, which is returned: its number, places and bookings stay, and it serves again.

    The former code opens nothing any more. A second try returns the code that the first one gave.
    Raises ManagerNeeded without a manager, and Refusal for a pass that was taken back.
    """
    shift_still_open(session, desk, at=clock.now())
    manager = answering_at(
        session, desk, Action.REPLACE_PASS, command.authorized_by, _("Un responsable remplace un pass.")
    )
    held = _hold(session, command.pass_id)
    at = clock.now()  # once it is held: a badge that has begun by now bears the former code
    if held["code"] != command.former_code:
        if not _was_code_of(session, command.former_code, held["id"]):
            raise Refusal(_("Ce code n'est pas celui de ce pass."), _("Scannez le pass de nouveau."))
        return str(held["code"])
    code = new_code(CodeKind.PASS)
    former = {"code": held["code"], "pass_id": held["id"], "replaced_at": at, "reason": command.trouble}
    session.execute(insert(_former).values(former))
    session.execute(update(_pass).where(_pass.c.id == held["id"]).values(code=code))
    _serves(session, held)
    told = {
        "authorized_by": manager,
        "code": code_told(code),
        "former_code": code_told(held["code"]),
        "pass": held["number"],
        "trouble": command.trouble,
        "unblocked": held["state"] is PassState.BLOCKED,
    }
    journal.append(
        session, desk.post, JournalKind.PASS_REPLACED, told, at=at, operator_number=desk.operator_number
    )
    return code


def give(session: Session, command: GivePass, desk: Desk, *, clock: Clock) -> None:
    """Put a pass in the name of another customer; one in their name already is left as it is.

    Raises ManagerNeeded without a manager, and Refusal for a pass that was taken back or a customer gone.
    """
    shift_still_open(session, desk, at=clock.now())
    manager = answering_at(
        session, desk, Action.CHANGE_HOLDER, command.authorized_by, _("Un responsable change un titulaire.")
    )
    holder_id = hold_customer(session, command.customer_id).id
    held = _hold(session, command.pass_id)
    if held["holder_id"] == holder_id:
        return
    session.execute(update(_pass).where(_pass.c.id == held["id"]).values(holder_id=holder_id))
    told = {
        "authorized_by": manager,
        "customer": str(holder_id),
        "former_customer": str(held["holder_id"]),
        "pass": held["number"],
    }
    journal.append(
        session, desk.post, JournalKind.PASS_GIVEN, told, at=clock.now(), operator_number=desk.operator_number
    )


def _hold(session: Session, pass_id: UUID) -> Row:
    """The pass, nobody else changing it meanwhile. Raises Refusal for one unknown or taken back."""
    held = hold_pass(session, pass_id)
    if held["state"] is PassState.CANCELLED:
        raise Refusal(
            state_obstacle(held["state"], held["state_reason"], held["number"]),
            _("Sa vente a été annulée : il faut en vendre un autre."),
        )
    return held


def _serves(session: Session, held: Row) -> None:
    values = {"state": PassState.ACTIVE, "state_reason": ""}
    session.execute(update(_pass).where(_pass.c.id == held["id"]).values(values))


def _was_code_of(session: Session, code: str, pass_id: UUID) -> bool:
    was = select(_former.c.code).where(_former.c.code == code, _former.c.pass_id == pass_id)
    return session.execute(was).first() is not None
