"""Reversal: an operation of its own that undoes a sale, whole or by line; nothing of the sale is changed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, func, select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action
from boxoffice.language import _, plural
from boxoffice.models import (
    Operator,
    Sale,
    SaleKind,
    StoredValueKind,
    Till,
    table,
)

from . import means, settlement
from .books import bookkeeping, numbering
from .books.bookkeeping import Names, Operation, Shown
from .books.numbers import paper_number
from .holders import companions, passes
from .operation_rows import operation_row
from .people.customers import held_customer, standing_id
from .prints import outbox, print_orders
from .prints.papers import DocumentKind
from .refunds import Refund, given_back, payment_rows, refunds_due
from .screenings import seats
from .sold_lines import broken_group, hold_tickets, lines_to_undo, sold_lines, undoing
from .staff.desk import Desk
from .staff.permissions import require
from .staff.standing import shift_still_open
from .vouchers import card_sales, loyalty, promo_codes, spending, stored_values
from .vouchers.loyalty import PointsBack
from .vouchers.value_changes import NOTHING, Changes, Row
from .wording import reason_line

_sale, _operator, _till = table(Sale), table(Operator), table(Till)

_ORIGINAL = (
    select(_sale, _till.c.number.label("till_number"))
    .join(_till, _till.c.id == _sale.c.till_id)
    .where(_sale.c.id == bindparam("id"))
)
_LAST_OF_TILL = (
    select(func.max(_sale.c.number))
    .where(_sale.c.till_id == bindparam("till"), _sale.c.kind == SaleKind.SALE)
    .scalar_subquery()
)
_LAST = select(_sale.c.id).where(_sale.c.till_id == bindparam("till"), _sale.c.number == _LAST_OF_TILL)
_HOLD_ORIGINAL = _ORIGINAL.with_for_update(of=_sale, key_share=True)


@dataclass(frozen=True, slots=True)
class Reverse:
    """The wish to undo a sale, or the lines of it at `positions`. `sale_id` is the new operation's own.

    `authorized_by` is the id of the manager who allowed it, where one is needed.
    """

    sale_id: UUID
    original_id: UUID
    positions: tuple[int, ...] | None = None
    reason: str = ""
    authorized_by: int | None = None


@dataclass(frozen=True, slots=True)
class CompletedReversal:
    """What the books hold of a reversal: the refunds to hand over, the tickets now dead, the points taken."""

    sale_id: UUID
    original_id: UUID
    operation: str
    refunded_cents: int
    refunds: tuple[Refund, ...]
    tickets: tuple[str, ...]
    points: PointsBack


def reverse(session: Session, command: Reverse, desk: Desk, *, clock: Clock) -> CompletedReversal:
    """Undo a sale: money back by the means it came, tickets dead, seats on sale again, a slip to print.

    The last sale of this till is undone freely within the grace time; ManagerNeeded for any other, and for
    leaving fewer seats of a group tariff than it asks for, or points spent that cannot be taken back. Whoever
    may do that alone is told so too, as long as they do not say why.
    Raises Refusal for lines already reversed, used tickets, screenings that have ended, and passes with
    seats booked or extra tickets.
    """
    original = session.execute(_HOLD_ORIGINAL, {"id": command.original_id}).mappings().one_or_none()
    if done := completed_reversal(session, command.sale_id):
        if done.original_id != command.original_id:
            raise Refusal(_("Cette annulation a déjà servi à une autre vente."), _("Recommencez."))
        return done
    settlement.refuse_card_number(command.reason)
    at = clock.now()
    opened_at = shift_still_open(session, desk, at=at)
    if original is None or original["kind"] is not SaleKind.SALE:
        raise Refusal(_("Cette vente n'existe pas."), _("Cherchez-la par son numéro."))
    undone = _decide(session, command, original, desk, at)
    taken_back = passes.cancel_sold(session, undone.passes_sold)
    companions.refuse_kept(session, undone.passes_sold, at=at)
    numbers = numbering.draw_numbers(session, desk.post.till_id, operations=1)
    operation = Operation(
        sale=_sale_row(command, undone, desk, numbers.operation),
        lines=[undoing(line, command.sale_id, position) for position, line in enumerate(undone.lines, 1)],
        payments=payment_rows(command.sale_id, undone.refunds),
        passes=taken_back,
    )
    names = _names(session, undone, desk, opened_at)
    changes = _changes(session, undone, operation)
    bookkeeping.record(session, desk, operation, names, journal_sequence=numbers.journal, changes=changes)
    points = loyalty.points_back(session, command.sale_id)
    print_orders.order(
        session, desk.post.till_id, [(DocumentKind.REVERSAL_SLIP, 0)], sale_id=command.sale_id, at=at
    )
    outbox.stop_printing(session, command.original_id, undone.positions, clock=clock)
    seats.give_back(session, Counter((line["screening_id"], line["quota"]) for line in undone.seats))
    return CompletedReversal(
        sale_id=command.sale_id,
        original_id=command.original_id,
        operation=paper_number(desk.post.till_number, numbers.operation),
        refunded_cents=undone.cents,
        refunds=undone.refunds,
        tickets=_ticket_numbers(undone.lines, original["till_number"]),
        points=points,
    )


@dataclass(frozen=True, slots=True)
class _Undone:
    """What a reversal undoes of a sale, what each means and card gets back, and which manager answers."""

    original: RowMapping
    lines: Sequence[RowMapping]
    refunds: tuple[Refund, ...]
    given_back: Changes
    authorized_by: int | None
    at: datetime

    @property
    def positions(self) -> list[int]:
        return [line["position"] for line in self.lines]

    @property
    def cents(self) -> int:
        return sum(line["unit_price_cents"] for line in self.lines)

    @property
    def seats(self) -> list[RowMapping]:
        return [line for line in self.lines if line["screening_id"]]

    @property
    def passes_sold(self) -> list[UUID]:
        return [line["pass_id"] for line in self.lines if line["pass_id"] and line["product_id"]]


def _decide(session: Session, command: Reverse, original: RowMapping, desk: Desk, at: datetime) -> _Undone:
    """Hold what was sold, and see what of it can be undone. Raises ManagerNeeded and Refusal as `reverse`."""
    sale_id = command.original_id
    hold_tickets(session, sale_id)
    if original["customer_id"] is not None:
        held_customer(session, original["customer_id"])
    sold = sold_lines(session, sale_id)
    lines = lines_to_undo(sold, command.positions, at)
    refunds = refunds_due(session, sale_id, [line["position"] for line in lines])
    given_back = spending.give_back(session, refunds)
    unusual = broken_group(sold, lines) or _spent_points(session, sale_id, refunds)
    authorized_by = _authority(session, command, original, unusual, desk, at)
    return _Undone(original, lines, refunds, given_back, authorized_by, at)


def _sale_row(command: Reverse, undone: _Undone, desk: Desk, number: int) -> Row:
    return operation_row(
        desk,
        SaleKind.REVERSAL,
        sale_id=command.sale_id,
        number=number,
        at=undone.at,
        total_cents=-undone.cents,
        customer_id=undone.original["customer_id"],
        reverses=command.original_id,
        authorized_by=undone.authorized_by,
        reason=reason_line(command.reason),
    )


def _names(session: Session, undone: _Undone, desk: Desk, opened_at: datetime) -> Names:
    """What the journal calls what a reversal is about."""
    return Names(
        tills={desk.post.till_id: desk.post.till_number},
        operators=_operator_numbers(session, desk.operator_id, undone.authorized_by),
        sessions={(desk.post.till_id, desk.till_session_id): opened_at},
        screenings={line["screening_id"]: line["screening_code"] for line in undone.seats},
        products={line["product_id"]: line["product_code"] for line in undone.lines if line["product_id"]},
        passes={line["pass_id"]: line["pass_number"] for line in undone.lines if line["pass_id"]},
        shown={line["screening_id"]: Shown(line["event_code"], line["venue_code"]) for line in undone.seats},
    )


def _changes(session: Session, undone: _Undone, operation: Operation) -> Changes:
    """What becomes of cards, codes, points and balances."""
    sale_id = undone.original["id"]
    return (
        undone.given_back
        + _opened_balance(session, undone)
        + Changes(moves=promo_codes.free(session, sale_id, undone.positions))
        + card_sales.take_back(session, operation.lines)
        + loyalty.take_back(session, sale_id, undone.refunds)
    )


def _opened_balance(session: Session, undone: _Undone) -> Changes:
    """The balance that something goes back to is opened where there was none: an exchange had paid."""
    if all(refund.means != means.BALANCE.code for refund in undone.refunds):
        return NOTHING
    owner = standing_id(session, undone.original["customer_id"])
    return Changes(opened=stored_values.open_account(session, owner, StoredValueKind.BALANCE, at=undone.at))


def _authority(
    session: Session, command: Reverse, original: RowMapping, unusual: str, desk: Desk, at: datetime
) -> int | None:
    """The manager who answers for this reversal, or nobody where the cashier may do it alone.

    `unusual` is what a manager must have seen, or nothing.
    """
    if command.authorized_by is not None:
        return require(session, Action.REVERSE_LATE, command.authorized_by)
    last = session.execute(_LAST, {"till": desk.post.till_id}).scalar_one_or_none()
    age = at - original["at"]
    in_time = timedelta() <= age <= timedelta(minutes=desk.post.rules.grace_minutes)
    if original["id"] == last and in_time and not unusual:
        return None
    if unusual:
        why = unusual
    elif original["till_id"] != desk.post.till_id:
        why = _("Cette vente vient d'une autre caisse.")
    elif original["id"] != last:
        why = _("Ce n'est pas la dernière vente de cette caisse.")
    else:
        why = _("Cette vente a plus de {minutes} minutes.").format(minutes=desk.post.rules.grace_minutes)
    needed = ManagerNeeded(why, _("Un responsable peut l'annuler avec son code."))
    answers = require(session, Action.REVERSE_LATE, desk.operator_id, needed=needed)
    if not reason_line(command.reason):
        raise ManagerNeeded(why, _("Dites pourquoi elle est annulée."))
    return answers


def _spent_points(session: Session, original_id: UUID, refunds: Sequence[Refund]) -> str:
    """Why the points that this sale brought cannot all be taken back, or nothing."""
    missing = loyalty.missing_points(session, original_id, refunds)
    if not missing:
        return ""
    return plural(
        "Cette vente a donné des points, et {missing} a déjà servi.",
        "Cette vente a donné des points, et {missing} ont déjà servi.",
        missing,
    ).format(missing=missing)


def _operator_numbers(session: Session, *ids: int | None) -> dict[int, int]:
    known = [operator_id for operator_id in ids if operator_id is not None]
    found = session.execute(select(_operator.c.id, _operator.c.number).where(_operator.c.id.in_(known)))
    return {row.id: row.number for row in found}


def _ticket_numbers(lines: Sequence[RowMapping], till_number: int) -> tuple[str, ...]:
    return tuple(paper_number(till_number, line["ticket_number"]) for line in lines if line["ticket_number"])


def completed_reversal(session: Session, sale_id: UUID) -> CompletedReversal | None:
    """The reversal of this id as the books hold it, if it was made."""
    done = session.execute(_ORIGINAL, {"id": sale_id}).mappings().one_or_none()
    if done is None or done["reverses_sale_id"] is None:
        return None
    undone = [line for line in sold_lines(session, done["reverses_sale_id"]) if line["undone_by"] == sale_id]
    till_number = session.execute(_ORIGINAL, {"id": done["reverses_sale_id"]}).mappings().one()["till_number"]
    return CompletedReversal(
        sale_id=sale_id,
        original_id=done["reverses_sale_id"],
        operation=paper_number(done["till_number"], done["number"]),
        refunded_cents=-done["total_cents"],
        refunds=given_back(session, sale_id),
        tickets=_ticket_numbers(undone, till_number),
        points=loyalty.points_back(session, sale_id),
    )
