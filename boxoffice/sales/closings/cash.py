"""Cash that moves without a sale: carried in, out or away from a full drawer; and a drawer merely opened."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action, CashKind, JournalKind
from boxoffice.language import _
from boxoffice.models import LARGEST_FLOAT_CENTS, CashMovement, table
from boxoffice.money import LARGEST_CENTS, format_euros

from ..books import journal, numbering
from ..means import CASH
from ..prints import print_orders
from ..prints.papers import DocumentKind
from ..staff.desk import Desk
from ..staff.drawer import expected
from ..staff.operators import StaffMember
from ..staff.permissions import require
from ..staff.standing import shift_still_open
from ..wording import one_line, reason_line

_movement = table(CashMovement)


@dataclass(frozen=True, slots=True)
class MoveCash:
    """The wish to carry cash in or out: why, and in whose hands. A second try finds what the first did.

    A pick-up takes what is too much of a drawer away: it needs no reason of its own.
    """

    movement_id: UUID
    kind: CashKind
    amount_cents: int
    carrier: str
    reason: str = ""


def move_cash(
    session: Session,
    command: MoveCash,
    desk: Desk,
    *,
    clock: Clock,
    authorized_by: StaffMember | None = None,
) -> int:
    """Carry cash into the drawer of this shift or out of it; its slip is ordered. Returns its number.

    Raises ManagerNeeded for cash taken out by whoever is none, and Refusal without a reason or a carrier, and
    for more than the drawer should hold.
    """
    done = session.execute(
        select(_movement.c.number).where(_movement.c.id == command.movement_id)
    ).scalar_one_or_none()
    if done is not None:
        return int(done)
    at = clock.now()
    opened_at = shift_still_open(session, desk, at=at)
    reason = reason_line(command.reason)
    if command.kind is CashKind.PICKUP and not reason:
        reason = "Prélèvement"
    carrier = one_line(command.carrier)
    _check(session, desk, command, reason, carrier, authorized_by)
    numbers = numbering.draw_numbers(session, desk.post.till_id)
    last = session.execute(
        select(func.max(_movement.c.number)).where(_movement.c.till_id == desk.post.till_id)
    ).scalar_one()
    row = {
        "id": command.movement_id,
        "till_id": desk.post.till_id,
        "number": (last or 0) + 1,
        "till_session_id": desk.till_session_id,
        "operator_id": desk.operator_id,
        "authorized_by_id": authorized_by.id if authorized_by else None,
        "kind": command.kind,
        "amount_cents": command.amount_cents,
        "reason": reason,
        "carrier": carrier,
        "at": at,
    }
    session.execute(insert(_movement).values(row))
    told = {
        "amount": command.amount_cents,
        "authorized_by": authorized_by.number if authorized_by else None,
        "carrier": carrier,
        "id": str(command.movement_id),
        "kind": command.kind,
        "number": row["number"],
        "operator": desk.operator_number,
        "reason": reason,
        "session": opened_at.isoformat(),
    }
    journal.write_entry(session, desk.post, numbers.journal, JournalKind.CASH_MOVED, told, at=at)
    print_orders.order_report(session, desk.post.till_id, DocumentKind.CASH_SLIP, (last or 0) + 1, at=at)
    return (last or 0) + 1


def open_drawer(
    session: Session, desk: Desk, reason: str, *, clock: Clock, authorized_by: StaffMember | None = None
) -> None:
    """Tell the journal that the drawer is opened without a sale, and why; whoever calls then opens it.

    Raises ManagerNeeded for whoever may not, and Refusal without a reason.
    """
    at = clock.now()
    shift_still_open(session, desk, at=at)
    needed = ManagerNeeded(_("Un responsable doit autoriser l'ouverture du tiroir."))
    answering = authorized_by.id if authorized_by else None
    require(session, Action.OPEN_DRAWER, desk.operator_id, answering, needed=needed)
    why = reason_line(reason)
    if not why:
        raise Refusal(_("Dites pourquoi le tiroir s'ouvre."))
    leave = {"authorized_by": authorized_by.number} if authorized_by else {}
    journal.append(
        session,
        desk.post,
        JournalKind.DRAWER_OPENED,
        {"reason": why, **leave},
        at=at,
        operator_number=desk.operator_number,
    )


def _check(
    session: Session,
    desk: Desk,
    command: MoveCash,
    reason: str,
    carrier: str,
    authorized_by: StaffMember | None,
) -> None:
    if not 0 < command.amount_cents <= LARGEST_CENTS:
        raise Refusal(_("Ce montant n'est pas possible."), _("Tapez ce qui a été porté."))
    if not reason:
        raise Refusal(_("Dites pourquoi cet argent est porté."))
    if not carrier:
        raise Refusal(_("Dites qui porte cet argent."))
    held = expected(session, desk.till_session_id)[CASH.code]
    manager_id = authorized_by.id if authorized_by else None
    if command.kind is CashKind.IN:
        if authorized_by is not None:
            require(session, Action.CASH_OUT, desk.operator_id, manager_id)
        if command.amount_cents > LARGEST_FLOAT_CENTS or held + command.amount_cents > LARGEST_CENTS:
            raise Refusal(
                _("Un apport va jusqu'à {most}.").format(most=format_euros(LARGEST_FLOAT_CENTS)),
                _("Tapez ce qui a été porté."),
            )
        return
    too_much, blind = command.amount_cents > held, desk.post.rules.blind_count
    if too_much and not blind:
        raise Refusal(
            _("Le tiroir ne devrait contenir que {held}.").format(held=format_euros(max(held, 0))),
            _("Tapez ce qui a été porté."),
        )
    if command.kind is CashKind.PICKUP:
        said = _("Un responsable doit autoriser un prélèvement : {amount}, {carrier}.")
    else:
        said = _("Un responsable doit autoriser une sortie d'argent : {amount}, {carrier}.")
    needed = ManagerNeeded(said.format(amount=format_euros(command.amount_cents), carrier=carrier))
    require(session, Action.CASH_OUT, desk.operator_id, manager_id, needed=needed)
    if too_much:
        # Said before the code, it would let a cashier find out what is expected, one try after the other.
        raise Refusal(_("Le tiroir ne devrait pas contenir autant."), _("Tapez ce qui a été porté."))
