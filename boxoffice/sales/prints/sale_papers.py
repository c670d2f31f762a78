"""The papers of an operation, from what the books hold of it; NothingToPrint where they hold none."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, select
from sqlmodel import Session

from boxoffice.clock import say
from boxoffice.kinds import StoredValueKind
from boxoffice.models import (
    CreditNote,
    Event,
    JournalEntry,
    Operator,
    Payment,
    Sale,
    SaleLine,
    Screening,
    StoredValue,
    Ticket,
    TicketHolder,
    Till,
    ValueMovement,
    table,
)
from boxoffice.money import format_euros

from ..books.bookkeeping import vat_amounts, vat_shares
from ..books.numbers import paper_number
from ..books.witnesses import witnessed_as
from ..means import BY_CODE, EXCHANGE
from ..people.customers import read_customer
from ..staff.rules import read_rules
from ..undone import undone
from ..vouchers.obstacles import masked_code
from .letterhead import read_letterhead
from .papers import (
    CreditNotePaper,
    NothingToPrint,
    Origin,
    PaperLine,
    PaperPayment,
    PaperReversal,
    ReceiptPaper,
    ReversalPaper,
    TicketPaper,
    VatShare,
)

_sale, _line, _payment, _ticket = table(Sale), table(SaleLine), table(Payment), table(Ticket)
_holder, _till, _operator = table(TicketHolder), table(Till), table(Operator)
_screening, _event = table(Screening), table(Event)
_entry, _note = table(JournalEntry), table(CreditNote)
_value, _movement = table(StoredValue), table(ValueMovement)


def ticket_paper(session: Session, sale_id: UUID, position: int, copy_number: int) -> TicketPaper:
    """The ticket of the line of a sale at `position`; `copy_number` is 0 for the original."""
    row = session.execute(
        select(
            _ticket,
            _line.c.tariff_code,
            _line.c.label,
            _line.c.unit_price_cents,
            _line.c.vat_rate,
            _till.c.number.label("till_number"),
            _screening.c.code.label("screening_code"),
            _event.c.minimum_age,
            _holder.c.name.label("holder"),
            undone(_ticket.c.sale_id, _ticket.c.position).label("is_undone"),
        )
        .join(_line, (_line.c.sale_id == _ticket.c.sale_id) & (_line.c.position == _ticket.c.position))
        .join(_till, _till.c.id == _ticket.c.till_id)
        .join(_screening, _screening.c.id == _ticket.c.screening_id)
        .join(_event, _event.c.id == _screening.c.event_id)
        .outerjoin(
            _holder, (_holder.c.sale_id == _ticket.c.sale_id) & (_holder.c.position == _ticket.c.position)
        )
        .where(_ticket.c.sale_id == sale_id, _ticket.c.position == position)
    ).one_or_none()
    if row is None:
        raise NothingToPrint(f"no ticket {position} in sale {sale_id}")
    return TicketPaper(
        letterhead=read_letterhead(session),
        origin=_origin(_sale_row(session, sale_id)),
        event_title=row.event_title,
        event_version=row.event_version,
        minimum_age=row.minimum_age,
        starts_at=row.starts_at,
        place=row.place,
        seat=row.seat,
        tariff_code=row.tariff_code or "",
        tariff_label=row.label,
        price_cents=row.unit_price_cents,
        vat_rate=row.vat_rate,
        number=paper_number(row.till_number, row.number),
        screening_code=row.screening_code,
        code=row.code,
        holder=row.holder or "",
        advice=read_rules(session).ticket_advice,
        is_undone=row.is_undone,
        copy_number=copy_number,
    )


def receipt(session: Session, sale_id: UUID, copy_number: int) -> ReceiptPaper:
    """What was bought and how it was paid, and what took it back since."""
    sale = _sale_row(session, sale_id)
    return ReceiptPaper(
        letterhead=read_letterhead(session),
        origin=_origin(sale),
        lines=_lines(session, sale_id),
        payments=_payments(session, sale_id),
        vat=_vat(session, sale_id),
        total_cents=sale.total_cents,
        ticket_numbers=_ticket_numbers(session, sale_id),
        journal_entry=_journal_entry(session, sale_id),
        reversals=_reversals(session, sale_id),
        is_undone=not _stands(session, sale_id),
        copy_number=copy_number,
    )


def _reversals(session: Session, sale_id: UUID) -> tuple[PaperReversal, ...]:
    """What took back this sale, or a part of it, until now."""
    rows = session.execute(
        select(_till.c.number.label("till_number"), _sale.c.number, _sale.c.at, _sale.c.total_cents)
        .join(_till, _till.c.id == _sale.c.till_id)
        .where(_sale.c.reverses_sale_id == sale_id)
        .order_by(_sale.c.at, _sale.c.number)
    )
    return tuple(
        PaperReversal(paper_number(row.till_number, row.number), row.at, row.total_cents) for row in rows
    )


def _stands(session: Session, sale_id: UUID) -> bool:
    """Whether a line of a sale is left that nothing took back."""
    standing = exists().where(_line.c.sale_id == sale_id, ~undone(_line.c.sale_id, _line.c.position))
    return bool(session.execute(select(standing)).scalar_one())


def reversal_slip(session: Session, sale_id: UUID, copy_number: int) -> ReversalPaper:
    """What a reversal undid, and what was handed back for it."""
    sale = _sale_row(session, sale_id)
    if sale.reverses_sale_id is None:
        raise NothingToPrint(f"sale {sale_id} reverses nothing")
    original = _sale_row(session, sale.reverses_sale_id)
    return ReversalPaper(
        letterhead=read_letterhead(session),
        origin=_origin(sale),
        original_operation=paper_number(original.till_number, original.number),
        original_at=original.at,
        lines=_lines(session, sale_id),
        refunds=_payments(session, sale_id),
        vat=_vat(session, sale_id),
        total_cents=sale.total_cents,
        ticket_numbers=_dead_ticket_numbers(session, sale_id),
        authorized_by=_manager(session, sale),
        reason=sale.reason,
        journal_entry=_journal_entry(session, sale_id),
        copy_number=copy_number,
    )


def credit_note(session: Session, sale_id: UUID, copy_number: int) -> CreditNotePaper:
    """The seats taken back, what they are credited with, and what that paid for in an exchange."""
    sale = _sale_row(session, sale_id)
    note = session.execute(
        select(_note.c.number, _till.c.number.label("till_number"))
        .join(_till, _till.c.id == _note.c.till_id)
        .where(_note.c.sale_id == sale_id)
    ).one_or_none()
    if note is None or sale.reverses_sale_id is None:
        raise NothingToPrint(f"sale {sale_id} is no credit note")
    original = _sale_row(session, sale.reverses_sale_id)
    credits = _payments(session, sale_id)
    exchanged = tuple(credit for credit in credits if credit.label == EXCHANGE.on_paper)
    customer = read_customer(session, sale.customer_id) if sale.customer_id else None
    return CreditNotePaper(
        letterhead=read_letterhead(session),
        origin=_origin(sale),
        number=paper_number(note.till_number, note.number),
        original_operation=paper_number(original.till_number, original.number),
        original_at=original.at,
        lines=_lines(session, sale_id),
        credits=tuple(credit for credit in credits if credit not in exchanged),
        vat=_vat(session, sale_id),
        credited_cents=-sale.total_cents,
        ticket_numbers=_dead_ticket_numbers(session, sale_id),
        customer=customer.details.name if customer else "",
        authorized_by=_manager(session, sale),
        journal_entry=_journal_entry(session, sale_id),
        copy_number=copy_number,
        exchanged_cents=-sum(credit.amount_cents for credit in exchanged),
        exchanged_for=_paid_with(session, sale_id),
    )


def _paid_with(session: Session, credit_note_id: UUID) -> str:
    """The operation that a credit note paid for in an exchange, where it is of one."""
    row = session.execute(
        select(_till.c.number.label("till_number"), _sale.c.number)
        .join(_till, _till.c.id == _sale.c.till_id)
        .where(_sale.c.exchanges_sale_id == credit_note_id)
    ).one_or_none()
    return paper_number(row.till_number, row.number) if row else ""


def _manager(session: Session, sale: Row[Any]) -> str:
    """Who answered for an operation, where somebody had to."""
    found = session.execute(select(_operator.c.name).where(_operator.c.id == sale.authorized_by_id))
    return found.scalar_one_or_none() or ""


def _vat(session: Session, sale_id: UUID) -> tuple[VatShare, ...]:
    """The VAT of an operation as the journal tells it."""
    lines = session.execute(select(_line).where(_line.c.sale_id == sale_id)).mappings().all()
    payments = session.execute(select(_payment).where(_payment.c.sale_id == sale_id)).mappings().all()
    return vat_shares(vat_amounts(lines, payments))


def _sale_row(session: Session, sale_id: UUID) -> Row[Any]:
    row = session.execute(
        select(
            _sale,
            _till.c.number.label("till_number"),
            _operator.c.number.label("cashier_number"),
        )
        .join(_till, _till.c.id == _sale.c.till_id)
        .join(_operator, _operator.c.id == _sale.c.operator_id)
        .where(_sale.c.id == sale_id)
    ).one_or_none()
    if row is None:
        raise NothingToPrint(f"no sale {sale_id}")
    return row


def _origin(sale: Row[Any]) -> Origin:
    return Origin(
        till_number=sale.till_number,
        cashier_number=sale.cashier_number,
        operation=paper_number(sale.till_number, sale.number),
        at=sale.at,
    )


def _lines(session: Session, sale_id: UUID) -> tuple[PaperLine, ...]:
    """The lines of a sale or reversal, equal ones gathered, in the order in which they were sold."""
    sold_as = (
        (_ticket.c.sale_id == _line.c.reverses_sale_id) & (_ticket.c.position == _line.c.reverses_position)
    ) | ((_ticket.c.sale_id == _line.c.sale_id) & (_ticket.c.position == _line.c.position))
    rows = session.execute(
        select(_line, _ticket.c.event_title, _ticket.c.starts_at, _ticket.c.place)
        .outerjoin(_ticket, sold_as)
        .where(_line.c.sale_id == sale_id)
        .order_by(_line.c.position)
    ).all()
    quantities: dict[tuple[str, str, int, int], int] = {}
    for row in rows:
        label, detail = row.label, ""
        if row.event_title is not None:
            label = row.event_title
            detail = f"{row.label} · {say(row.starts_at, 'EEE d MMM HH:mm')} · {row.place}"
        same = (label, detail, row.unit_price_cents, row.vat_rate)
        quantities[same] = quantities.get(same, 0) + row.quantity
    return tuple(
        PaperLine(label, detail, quantity, price, rate)
        for (label, detail, price, rate), quantity in quantities.items()
    )


def _payments(session: Session, sale_id: UUID) -> tuple[PaperPayment, ...]:
    rows = session.execute(
        select(_payment, _value.c.kind, _value.c.id.label("held"), _movement.c.left_after)
        .outerjoin(_value, _value.c.id == _payment.c.value_id)
        .outerjoin(
            _movement,
            (_movement.c.value_id == _payment.c.value_id)
            & (_movement.c.sale_id == _payment.c.sale_id)
            & (_movement.c.position == _payment.c.position),
        )
        .where(_payment.c.sale_id == sale_id)
        .order_by(_payment.c.position)
    )
    return tuple(
        PaperPayment(
            BY_CODE[row.means].on_paper if row.means in BY_CODE else row.means,
            row.amount_cents,
            row.tendered_cents,
            row.reference,
            card=masked_code(session, row.kind, row.held) if row.held else "",
            left=_left(row.kind, row.left_after),
        )
        for row in rows
    )


def _left(kind: StoredValueKind | None, amount: int | None) -> str:
    """What stays of a value, with its unit; nothing where it was none, or there is as much as wanted."""
    if kind is None or amount is None:
        return ""
    if kind is StoredValueKind.PLACE_CARD:
        return f"{amount} places" if amount > 1 else f"{amount} place"
    return format_euros(amount)


def _ticket_numbers(session: Session, sale_id: UUID) -> tuple[str, ...]:
    return _numbers(
        session.execute(
            select(_till.c.number.label("till_number"), _ticket.c.number)
            .join(_till, _till.c.id == _ticket.c.till_id)
            .where(_ticket.c.sale_id == sale_id)
            .order_by(_ticket.c.position)
        ).all()
    )


def _dead_ticket_numbers(session: Session, reversal_id: UUID) -> tuple[str, ...]:
    return _numbers(
        session.execute(
            select(_till.c.number.label("till_number"), _ticket.c.number)
            .join(_till, _till.c.id == _ticket.c.till_id)
            .join(
                _line,
                (_line.c.reverses_sale_id == _ticket.c.sale_id)
                & (_line.c.reverses_position == _ticket.c.position),
            )
            .where(_line.c.sale_id == reversal_id)
            .order_by(_line.c.position)
        ).all()
    )


def _journal_entry(session: Session, sale_id: UUID) -> str:
    """Where the journal tells of a sale; nothing where it does not, which a verification will say."""
    row = session.execute(
        select(_till.c.number, _entry.c.sequence, _entry.c.digest)
        .join(_till, _till.c.id == _entry.c.till_id)
        .where(_entry.c.sale_id == sale_id)
    ).one_or_none()
    return witnessed_as(row.number, row.sequence, row.digest) if row else ""


def _numbers(rows: Sequence[Row[Any]]) -> tuple[str, ...]:
    return tuple(paper_number(row.till_number, row.number) for row in rows)
