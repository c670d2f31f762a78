"""Reversal: an operation of its own that undoes a sale, whole or by line; nothing of the sale is changed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, func, select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action
from boxoffice.language import _, plural
from boxoffice.models import (
    Event,
    Hall,
    Operator,
    Pass,
    Product,
    Sale,
    SaleKind,
    SaleLine,
    Screening,
    ScreeningState,
    StoredValueKind,
    Tariff,
    Ticket,
    TicketScan,
    Till,
    Venue,
    table,
)

from . import means, settlement
from .books import bookkeeping, journal
from .books.bookkeeping import Names, Operation, Shown
from .books.numbers import paper_number
from .holders import companions, passes
from .operation_rows import operation_row
from .people.customers import held_customer, standing_id
from .prints import outbox, print_orders
from .prints.papers import DocumentKind
from .refunds import Refund, given_back, payment_rows, refunds_due
from .screenings import seats
from .staff.desk import Desk
from .staff.permissions import require
from .staff.standing import shift_still_open
from .undone import waits_for_credit
from .vouchers import card_sales, loyalty, promo_codes, spending, stored_values
from .vouchers.loyalty import PointsBack
from .vouchers.value_changes import NOTHING, Changes
from .wording import reason_line

_sale, _line, _ticket = table(Sale), table(SaleLine), table(Ticket)
_scan, _screening, _product = table(TicketScan), table(Screening), table(Product)
_tariff, _pass, _event = table(Tariff), table(Pass), table(Event)
_hall, _venue = table(Hall), table(Venue)
_operator, _till = table(Operator), table(Till)
_undo = table(SaleLine).alias("undo")

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
_LINES = (
    select(
        _line,
        _ticket.c.number.label("ticket_number"),
        _ticket.c.event_title,
        _screening.c.code.label("screening_code"),
        _screening.c.ends_at,
        _screening.c.state.label("screening_state"),
        _event.c.code.label("event_code"),
        _venue.c.code.label("venue_code"),
        _product.c.code.label("product_code"),
        _pass.c.number.label("pass_number"),
        _scan.c.at.label("used_at"),
        _scan.c.door,
        _undo.c.sale_id.label("undone_by"),
        func.coalesce(_tariff.c.minimum_group, 1).label("minimum_group"),
        waits_for_credit(_line.c.sale_id, _line.c.position).label("waits_for_credit"),
    )
    .outerjoin(_ticket, (_ticket.c.sale_id == _line.c.sale_id) & (_ticket.c.position == _line.c.position))
    .outerjoin(_screening, _screening.c.id == _line.c.screening_id)
    .outerjoin(_event, _event.c.id == _screening.c.event_id)
    .outerjoin(_hall, _hall.c.id == _screening.c.hall_id)
    .outerjoin(_venue, _venue.c.id == _hall.c.venue_id)
    .outerjoin(
        _tariff,
        (_tariff.c.price_list_id == _screening.c.price_list_id) & (_tariff.c.code == _line.c.tariff_code),
    )
    .outerjoin(_product, _product.c.id == _line.c.product_id)
    .outerjoin(_pass, _pass.c.id == _line.c.pass_id)
    .outerjoin(_scan, (_scan.c.sale_id == _line.c.sale_id) & (_scan.c.position == _line.c.position))
    .outerjoin(
        _undo,
        (_undo.c.reverses_sale_id == _line.c.sale_id) & (_undo.c.reverses_position == _line.c.position),
    )
    .where(_line.c.sale_id == bindparam("id"))
    .order_by(_line.c.position)
)
_HOLD_ORIGINAL = _ORIGINAL.with_for_update(of=_sale, key_share=True)
_HOLD_TICKETS = (
    select(_ticket.c.position)
    .where(_ticket.c.sale_id == bindparam("id"))
    .order_by(_ticket.c.position)
    .with_for_update(key_share=True)
)


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
    session.execute(_HOLD_TICKETS, {"id": command.original_id}).all()
    if original["customer_id"] is not None:
        held_customer(session, original["customer_id"])
    sold = session.execute(_LINES, {"id": command.original_id}).mappings().all()
    lines = _lines_to_undo(sold, command, at)
    positions = [line["position"] for line in lines]
    refunds = refunds_due(session, command.original_id, positions)
    given_back_to_values = spending.give_back(session, refunds)
    unusual = _broken_group(sold, lines) or _spent_points(session, command.original_id, refunds)
    authorized_by = _authority(session, command, original, unusual, desk, at)

    total = -sum(line["unit_price_cents"] for line in lines)
    passes_sold = [line["pass_id"] for line in lines if line["pass_id"] and line["product_id"]]
    taken_back = passes.cancel_sold(session, passes_sold)
    companions.refuse_kept(session, passes_sold, at=at)
    numbers = journal.draw_numbers(session, desk.post.till_id, operations=1)
    operation = Operation(
        sale=operation_row(
            desk,
            SaleKind.REVERSAL,
            sale_id=command.sale_id,
            number=numbers.operation,
            at=at,
            total_cents=total,
            customer_id=original["customer_id"],
            reverses=command.original_id,
            authorized_by=authorized_by,
            reason=reason_line(command.reason),
        ),
        lines=[undoing(line, command.sale_id, position) for position, line in enumerate(lines, start=1)],
        payments=payment_rows(command.sale_id, refunds),
        passes=taken_back,
    )
    operators = _operator_numbers(session, desk.operator_id, authorized_by)
    names = _names(desk, operators, lines, opened_at)
    changes = (
        given_back_to_values
        + _opened_balance(session, original, refunds, at)
        + Changes(moves=promo_codes.free(session, command.original_id, positions))
        + card_sales.take_back(session, operation.lines)
        + loyalty.take_back(session, command.original_id, refunds)
    )
    bookkeeping.record(session, desk, operation, names, journal_sequence=numbers.journal, changes=changes)
    points = loyalty.points_back(session, command.sale_id)
    print_orders.order(
        session, desk.post.till_id, [(DocumentKind.REVERSAL_SLIP, 0)], sale_id=command.sale_id, at=at
    )
    outbox.stop_printing(session, command.original_id, positions, clock=clock)
    seats.give_back(
        session, Counter((line["screening_id"], line["quota"]) for line in lines if line["screening_id"])
    )
    return CompletedReversal(
        sale_id=command.sale_id,
        original_id=command.original_id,
        operation=paper_number(desk.post.till_number, numbers.operation),
        refunded_cents=-total,
        refunds=refunds,
        tickets=_ticket_numbers(lines, original["till_number"]),
        points=points,
    )


def _names(
    desk: Desk, operators: Mapping[int, int], lines: Sequence[RowMapping], opened_at: datetime
) -> Names:
    """What the journal calls what a reversal is about."""
    seats_back = [line for line in lines if line["screening_id"]]
    return Names(
        tills={desk.post.till_id: desk.post.till_number},
        operators=operators,
        sessions={(desk.post.till_id, desk.till_session_id): opened_at},
        screenings={line["screening_id"]: line["screening_code"] for line in seats_back},
        products={line["product_id"]: line["product_code"] for line in lines if line["product_id"]},
        passes={line["pass_id"]: line["pass_number"] for line in lines if line["pass_id"]},
        shown={line["screening_id"]: Shown(line["event_code"], line["venue_code"]) for line in seats_back},
    )


def _opened_balance(
    session: Session, original: RowMapping, refunds: Sequence[Refund], at: datetime
) -> Changes:
    """The balance that something goes back to is opened where there was none: an exchange had paid."""
    if all(refund.means != means.BALANCE.code for refund in refunds):
        return NOTHING
    owner = standing_id(session, original["customer_id"])
    return Changes(opened=stored_values.open_account(session, owner, StoredValueKind.BALANCE, at=at))


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


def _broken_group(lines: Sequence[RowMapping], undone: Sequence[RowMapping]) -> str:
    """Why the lines that would remain are no longer a group at their group tariff, or nothing."""
    gone = {line["position"] for line in undone}
    kept = [line for line in lines if line["undone_by"] is None and line["position"] not in gone]
    left = Counter((line["screening_id"], line["tariff_code"]) for line in kept)
    for line in undone:
        remaining = left[line["screening_id"], line["tariff_code"]]
        if 0 < remaining < line["minimum_group"]:
            return plural(
                "Il ne resterait que {left} place au tarif {tariff}, qui en demande au moins {minimum}.",
                "Il ne resterait que {left} places au tarif {tariff}, qui en demande au moins {minimum}.",
                remaining,
            ).format(left=remaining, tariff=line["label"], minimum=line["minimum_group"])
    return ""


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


def _lines_to_undo(lines: Sequence[RowMapping], command: Reverse, at: datetime) -> Sequence[RowMapping]:
    if command.positions is None:
        chosen = [line for line in lines if line["undone_by"] is None]
    else:
        wanted = set(command.positions)
        chosen = [line for line in lines if line["position"] in wanted]
        if len(chosen) != len(wanted):
            raise Refusal(_("Cette vente n'a pas cette ligne."))
    if not chosen or any(line["undone_by"] is not None for line in chosen):
        raise Refusal(_("C'est déjà annulé."), _("Rien n'est à rembourser une seconde fois."))
    for line in chosen:
        if line["waits_for_credit"]:
            raise Refusal(
                _("Une demande d'avoir est en cours pour {title}.").format(title=line["event_title"]),
                _("Acceptez-la ou refusez-la : demandes d'avoir."),
            )
        if line["used_at"] is not None:
            raise Refusal(
                _("Le billet de {title} a déjà servi à l'entrée ({door}).").format(
                    title=line["event_title"], door=line["door"]
                ),
                _("Un billet utilisé ne s'annule pas : choisissez les autres lignes."),
            )
        has_ended = line["ends_at"] is not None and at > line["ends_at"]
        if has_ended and line["screening_state"] is not ScreeningState.CANCELLED:
            raise Refusal(
                _("La séance de {title} est terminée : son billet ne s'annule plus.").format(
                    title=line["event_title"]
                ),
                _("Choisissez les autres lignes."),
            )
    return chosen


def undoing(line: RowMapping, sale_id: UUID, position: int) -> dict[str, Any]:
    """The line of an operation, at `position`, that undoes a line of a sale whole."""
    return {
        "sale_id": sale_id,
        "position": position,
        "kind": line["kind"],
        "label": line["label"],
        "quantity": -1,
        "unit_price_cents": line["unit_price_cents"],
        "vat_rate": line["vat_rate"],
        "tariff_code": line["tariff_code"],
        "quota": line["quota"],
        "screening_id": line["screening_id"],
        "product_id": line["product_id"],
        "pass_id": line["pass_id"],
        "value_id": line["value_id"],
        "promo_code_id": line["promo_code_id"],
        "discount_cents": line["discount_cents"],
        "reverses_sale_id": line["sale_id"],
        "reverses_position": line["position"],
    }


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
    undone = [
        line
        for line in session.execute(_LINES, {"id": done["reverses_sale_id"]}).mappings()
        if line["undone_by"] == sale_id
    ]
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
