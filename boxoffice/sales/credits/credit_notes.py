"""The credit note itself: an operation that undoes seats of a sale, and says where their value went."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, insert, select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import LineKind, MovementKind, SaleKind, StoredValueKind
from boxoffice.language import _
from boxoffice.models import CreditNote, Operator, Sale, SaleLine, Ticket, Till, table

from .. import means, refunds
from ..books import bookkeeping, numbering
from ..books.bookkeeping import Names, Operation, Shown
from ..books.numbers import paper_number
from ..operation_rows import operation_row
from ..people.customers import read_customer
from ..prints import outbox, print_orders
from ..prints.papers import DocumentKind
from ..refunds import LineBack, Refund
from ..screenings.seats import Place
from ..sold_lines import undoing
from ..staff.desk import Desk
from ..vouchers import promo_codes, spending, stored_values
from ..vouchers.stored_values import account_id, open_account
from ..vouchers.value_changes import Changes, NewValue

_sale, _line, _ticket, _till = table(Sale), table(SaleLine), table(Ticket), table(Till)
_note, _operator = table(CreditNote), table(Operator)

_HOLD_SALES = (
    select(_sale.c.id)
    .where(_sale.c.id.in_(bindparam("ids", expanding=True)), _sale.c.kind == SaleKind.SALE)
    .order_by(_sale.c.id)
    .with_for_update(key_share=True)
)
_NOTES = (
    select(
        _sale,
        _till.c.number.label("till_number"),
        _note.c.number.label("note_number"),
    )
    .join(_till, _till.c.id == _sale.c.till_id)
    .join(_note, _note.c.sale_id == _sale.c.id)
    .where(_sale.c.id == bindparam("id"))
)
_DEAD = (
    select(_till.c.number.label("till_number"), _ticket.c.number)
    .join(_till, _till.c.id == _ticket.c.till_id)
    .join(
        _line,
        (_line.c.reverses_sale_id == _ticket.c.sale_id) & (_line.c.reverses_position == _ticket.c.position),
    )
    .where(_line.c.sale_id == bindparam("id"))
    .order_by(_line.c.position)
)
_INSERT = insert(_note)
FEE_LABEL = "Frais de reprise"
"""What is kept of a seat, as the books and the paper call it."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Where the value of seats goes: payments that give back, and which of them credit a balance anew."""

    refunds: tuple[Refund, ...]
    credited: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class NewCreditNote:
    """A credit note to be written: the seats of one sale, each with the cents that are given for it.

    `requests` are those that it answers, `authorized_by` the id of the manager who accepted them. `going` are
    the positions of other seats of that sale that the same act turns into other credit notes.
    """

    sale_id: UUID
    original_id: UUID
    seats: tuple[tuple[RowMapping, int], ...]
    shared: Shared
    customer_id: UUID | None
    authorized_by: int | None = None
    requests: tuple[UUID, ...] = ()
    reason: str = ""
    going: frozenset[int] = frozenset()

    @property
    def places(self) -> Counter[Place]:
        """The seats that are on sale again once it is written."""
        return Counter((seat["screening_id"], seat["quota"]) for seat, _cents in self.seats)


@dataclass(frozen=True, slots=True)
class CompletedCredit:
    """What the books hold of a credit note; numbers as printed, cents positive."""

    sale_id: UUID
    original_id: UUID
    operation: str
    number: str
    credited_cents: int
    refunds: tuple[Refund, ...]
    tickets: tuple[str, ...]
    customer_id: UUID | None


def share(
    session: Session,
    original_id: UUID,
    seats: Sequence[tuple[RowMapping, int]],
    customer_id: UUID | None,
) -> Shared:
    """Where the value of seats goes: onto the cards that paid for them, and what was paid in money onto the
    balance of the customer.

    Raises Refusal where there is something to credit, and nobody to credit it to.
    """
    return onto_values(share_out(session, original_id, seats), customer_id)


def share_out(
    session: Session, original_id: UUID, seats: Sequence[tuple[RowMapping, int]]
) -> tuple[Refund, ...]:
    """What each means that paid for a sale would get back for some of its seats."""
    lines = [LineBack(seat["position"], cents, seat["vat_rate"]) for seat, cents in seats]
    return refunds.share(refunds.paid_for(session, original_id), lines).refunds


def onto_values(given: Iterable[Refund], customer_id: UUID | None) -> Shared:
    """The same, but what would be given back in money goes onto the balance of the customer.

    Raises Refusal where that is somebody unknown.
    """
    back: list[Refund] = []
    fresh: dict[int | None, int] = {}
    for refund in given:
        if means.BY_CODE[refund.means].stored:
            back.append(refund)
        else:
            fresh[refund.vat_rate] = fresh.get(refund.vat_rate, 0) + refund.amount_cents
    if not fresh:
        return Shared(tuple(back))
    if customer_id is None:
        raise nobody_to_credit()
    balance = account_id(customer_id, StoredValueKind.BALANCE)
    credits = [Refund(means.BALANCE.code, cents, balance, rate) for rate, cents in fresh.items()]
    return Shared((*back, *credits), frozenset(range(len(back) + 1, len(back) + len(credits) + 1)))


def nobody_to_credit() -> Refusal:
    """The refusal to credit a balance that nobody has."""
    return Refusal(
        _("Un avoir va sur le solde d'un client."),
        _("F3 : nommez le client, ou inscrivez-le s'il est nouveau."),
    )


def hold_sales(session: Session, sale_ids: Iterable[UUID]) -> None:
    """Keep sales from being reversed until the transaction ends, in an order that every till goes by."""
    session.execute(_HOLD_SALES, {"ids": list(sale_ids)}).all()


def write(
    session: Session,
    notes: Sequence[NewCreditNote],
    desk: Desk,
    opened_at: datetime,
    *,
    at: datetime,
    clock: Clock,
    moved_after: Iterable[UUID] = (),
) -> tuple[CompletedCredit, ...]:
    """Write credit notes in the books as of `at`, the seats not yet on sale again: the caller does that last.

    Balances are opened first, in the order of their customers; then numbers are drawn, then all values they
    move are held, in the order of their ids, with those `moved_after` in the same transaction: two counters
    never wait in a ring.
    """
    opened = {note.sale_id: _open_balance(session, note, at) for note in sorted(notes, key=_customer_of)}
    prepared = [(note, _changes(session, note, opened[note.sale_id])) for note in notes]
    moved = {move.value_id for _note, changes in prepared for move in changes.moves}
    stored_values.hold_all(session, desk, moved.union(moved_after))
    operators = _operator_numbers(session, desk, notes)
    return tuple(
        _write_one(session, note, changes, _names(note, desk, operators, opened_at), desk, at, clock)
        for note, changes in prepared
    )


def order_paper(session: Session, desk: Desk, sale_id: UUID, *, at: datetime) -> None:
    """Have the document of a credit note printed."""
    print_orders.order(session, desk.post.till_id, [(DocumentKind.CREDIT_NOTE, 0)], sale_id=sale_id, at=at)


def completed_credit(session: Session, sale_id: UUID) -> CompletedCredit | None:
    """The credit note of this id as the books hold it, if it was written."""
    row = session.execute(_NOTES, {"id": sale_id}).mappings().one_or_none()
    if row is None:
        return None
    dead = session.execute(_DEAD, {"id": sale_id}).all()
    return CompletedCredit(
        sale_id=sale_id,
        original_id=row["reverses_sale_id"],
        operation=paper_number(row["till_number"], row["number"]),
        number=paper_number(row["till_number"], row["note_number"]),
        credited_cents=-row["total_cents"],
        refunds=refunds.given_back(session, sale_id),
        tickets=tuple(paper_number(ticket.till_number, ticket.number) for ticket in dead),
        customer_id=row["customer_id"],
    )


def _customer_of(note: NewCreditNote) -> str:
    return str(note.customer_id)


def _open_balance(session: Session, note: NewCreditNote, at: datetime) -> tuple[NewValue, ...]:
    """Open the balance that a credit note credits, unless there is one. Raises Refusal if it is nobody's."""
    if not note.shared.credited:
        return ()
    assert note.customer_id is not None
    if read_customer(session, note.customer_id) is None:
        raise Refusal(
            _("Ce client a été effacé : son solde ne peut plus être crédité."),
            _("Refusez la demande."),
        )
    return open_account(session, note.customer_id, StoredValueKind.BALANCE, at=at)


def _changes(session: Session, note: NewCreditNote, opened: tuple[NewValue, ...]) -> Changes:
    """What a credit note does to values: back onto cards, onto the balance, and codes free.

    Points stay: what was paid in money is still the customer's, and earns none when it is spent.
    """
    back = spending.give_back(session, note.shared.refunds)
    moves = tuple(
        replace(move, kind=MovementKind.CREDITED) if move.position in note.shared.credited else move
        for move in back.moves
    )
    positions = [seat["position"] for seat, _cents in note.seats]
    freed = promo_codes.free(session, note.original_id, positions, going=note.going)
    return Changes(opened=opened, moves=(*moves, *freed))


def _names(note: NewCreditNote, desk: Desk, operators: Mapping[int, int], opened_at: datetime) -> Names:
    """What the journal calls what a credit note is about."""
    seats = [seat for seat, _cents in note.seats]
    return Names(
        tills={desk.post.till_id: desk.post.till_number},
        operators=operators,
        sessions={(desk.post.till_id, desk.till_session_id): opened_at},
        screenings={seat["screening_id"]: seat["screening_code"] for seat in seats},
        passes={seat["pass_id"]: seat["pass_number"] for seat in seats if seat["pass_id"]},
        shown={seat["screening_id"]: Shown(seat["event_code"], seat["venue_code"]) for seat in seats},
    )


def _write_one(
    session: Session,
    note: NewCreditNote,
    changes: Changes,
    names: Names,
    desk: Desk,
    at: datetime,
    clock: Clock,
) -> CompletedCredit:
    till_id, till_number = desk.post.till_id, desk.post.till_number
    numbers = numbering.draw_numbers(session, till_id, operations=1, credit_notes=1)
    lines = _lines(note)
    total = sum(line["quantity"] * line["unit_price_cents"] for line in lines)
    operation = Operation(
        sale=operation_row(
            desk,
            SaleKind.CREDIT_NOTE,
            sale_id=note.sale_id,
            number=numbers.operation,
            at=at,
            total_cents=total,
            customer_id=note.customer_id,
            reverses=note.original_id,
            authorized_by=note.authorized_by,
            reason=note.reason,
        ),
        lines=lines,
        payments=refunds.payment_rows(note.sale_id, note.shared.refunds),
        credit_note={
            "number": numbers.credit_notes,
            "requests": [str(request_id) for request_id in note.requests],
        },
    )
    bookkeeping.record(session, desk, operation, names, journal_sequence=numbers.journal, changes=changes)
    session.connection().execute(
        _INSERT, {"sale_id": note.sale_id, "till_id": till_id, "number": numbers.credit_notes}
    )
    seats = [seat for seat, _cents in note.seats]
    outbox.stop_printing(session, note.original_id, [seat["position"] for seat in seats], clock=clock)
    return CompletedCredit(
        sale_id=note.sale_id,
        original_id=note.original_id,
        operation=paper_number(till_number, numbers.operation),
        number=paper_number(till_number, numbers.credit_notes),
        credited_cents=-total,
        refunds=note.shared.refunds,
        tickets=tuple(paper_number(seat["ticket_till"], seat["ticket_number"]) for seat in seats),
        customer_id=note.customer_id,
    )


def _lines(note: NewCreditNote) -> list[dict[str, Any]]:
    """A line for each seat that comes back, then one for what is kept of it, at its own rate of VAT."""
    lines = [
        undoing(seat, note.sale_id, position) for position, (seat, _cents) in enumerate(note.seats, start=1)
    ]
    for seat, cents in note.seats:
        if kept := seat["unit_price_cents"] - cents:
            lines.append(
                dict.fromkeys(lines[0])
                | {
                    "sale_id": note.sale_id,
                    "position": len(lines) + 1,
                    "kind": LineKind.FEE,
                    "label": FEE_LABEL,
                    "quantity": 1,
                    "unit_price_cents": kept,
                    "vat_rate": seat["vat_rate"],
                    "discount_cents": 0,
                }
            )
    return lines


def _operator_numbers(session: Session, desk: Desk, notes: Sequence[NewCreditNote]) -> dict[int, int]:
    managers = {note.authorized_by for note in notes} - {None, desk.operator_id}
    found = session.execute(select(_operator.c.id, _operator.c.number).where(_operator.c.id.in_(managers)))
    return {desk.operator_id: desk.operator_number, **{row.id: row.number for row in found}}
