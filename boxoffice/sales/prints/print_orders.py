"""Ordering papers in the transaction of the sale that they belong to."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, bindparam, func, insert, literal_column, select
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.language import _, later
from boxoffice.models import JobState, PrintAttempt, PrinterRole, PrintJob, TillPrinter, table
from boxoffice.prepared import Prepared

from ..staff.desk import PrintingDesk
from .papers import DocumentKind

_job, _till_printer, _attempt = table(PrintJob), table(TillPrinter), table(PrintAttempt)

WRITTEN = later("Écrit en PDF.")

ROLES: dict[DocumentKind, PrinterRole] = {
    DocumentKind.TICKET: PrinterRole.TICKETS,
    DocumentKind.RECEIPT: PrinterRole.RECEIPTS,
    DocumentKind.REVERSAL_SLIP: PrinterRole.RECEIPTS,
    DocumentKind.CREDIT_NOTE: PrinterRole.RECEIPTS,
    DocumentKind.BADGE: PrinterRole.BADGES,
    DocumentKind.BOOKINGS: PrinterRole.RECEIPTS,
    DocumentKind.RESERVATION: PrinterRole.RECEIPTS,
    DocumentKind.AFFECTED_LIST: PrinterRole.REPORTS,
    DocumentKind.SCREENING_STATEMENT: PrinterRole.REPORTS,
    DocumentKind.DOOR_LIST: PrinterRole.REPORTS,
    DocumentKind.WEEK_STATEMENT: PrinterRole.REPORTS,
    DocumentKind.LEFT_TONIGHT: PrinterRole.REPORTS,
    DocumentKind.GIFT_CARD: PrinterRole.TICKETS,
    DocumentKind.PLACE_CARD: PrinterRole.TICKETS,
    DocumentKind.PROMO_CODE: PrinterRole.TICKETS,
    DocumentKind.CLOSING: PrinterRole.REPORTS,
    DocumentKind.READING: PrinterRole.REPORTS,
    DocumentKind.HANDOVER: PrinterRole.REPORTS,
    DocumentKind.CASH_SLIP: PrinterRole.REPORTS,
    DocumentKind.DEPOSIT_SLIP: PrinterRole.REPORTS,
    DocumentKind.PRINTER_TEST: PrinterRole.TICKETS,
}


def _printer_of(role: ColumnElement[PrinterRole]) -> ScalarSelect[int]:
    return (
        select(_till_printer.c.printer_id)
        .where(_till_printer.c.till_id == bindparam("till_id"), _till_printer.c.role == role)
        .scalar_subquery()
    )


def printer_for(till_id: int, document: DocumentKind) -> ColumnElement[int]:
    """The printer from which a document of this till comes out, as an expression."""
    of_till = select(_till_printer.c.printer_id).where(_till_printer.c.till_id == till_id)
    roles = (ROLES[document], PrinterRole.TICKETS)
    return func.coalesce(*(of_till.where(_till_printer.c.role == role).scalar_subquery() for role in roles))


_JOB = insert(_job).values(
    till_id=bindparam("till_id"),
    printer_id=func.coalesce(
        _printer_of(bindparam("role", type_=_till_printer.c.role.type)),
        _printer_of(literal_column(f"'{PrinterRole.TICKETS}'")),
    ),
    document=bindparam("document"),
    position=bindparam("place"),
    copy_number=bindparam("copy"),
    state=literal_column(f"'{JobState.QUEUED}'"),
    reason=literal_column("''"),
    created_at=bindparam("at"),
    changed_at=bindparam("at"),
)
_ORDER = Prepared(_JOB.values(sale_id=bindparam("sale")))
_ORDER_OF_PASS = Prepared(
    _JOB.values(pass_id=bindparam("pass"), batch_id=bindparam("batch"), operator_id=bindparam("operator"))
)
"""What is the same in each row is written out: a value bound is converted again for every paper."""
_ORDER_OF_VALUE = Prepared(
    _JOB.values(value_id=bindparam("value"), batch_id=bindparam("batch"), operator_id=bindparam("operator"))
)
_ORDER_OF_CLOSING = Prepared(_JOB.values(closing_id=bindparam("closing"), operator_id=bindparam("operator")))


def order(
    session: Session,
    till_id: int,
    documents: Iterable[tuple[DocumentKind, int]],
    *,
    sale_id: UUID,
    at: datetime,
    copy_number: int = 0,
) -> None:
    """Order documents of a sale, as (kind, line position) pairs, from the printers that this till uses.

    What has no printer of its own comes out where the tickets do. A till without any orders all the same: the
    outbox shows what waits for one.
    """
    rows = [
        {
            "till_id": till_id,
            "role": ROLES[document],
            "document": document,
            "sale": sale_id,
            "place": position,
            "copy": copy_number,
            "at": at,
        }
        for document, position in documents
    ]
    if rows:
        _ORDER.insert(session, rows)


def order_report(
    session: Session,
    till_id: int,
    document: DocumentKind,
    number: int,
    *,
    at: datetime,
    copy_number: int = 0,
) -> None:
    """Order a list of that number; it may be ordered as often as one likes, for it is worth nothing.

    A statement that was given out before has a `copy_number`.
    """
    session.connection().execute(
        _JOB,
        {
            "till_id": till_id,
            "role": ROLES[document],
            "document": document,
            "place": number,
            "copy": copy_number,
            "at": at,
        },
    )


def note_file(
    session: Session,
    till_id: int,
    document: DocumentKind,
    number: int,
    *,
    at: datetime,
    copy_number: int = 0,
) -> None:
    """Note that a statement was written to a file: numbered as the papers are, it needs no printer."""
    job_id = session.execute(
        insert(_job)
        .values(
            till_id=till_id,
            document=document,
            position=number,
            copy_number=copy_number,
            state=JobState.SENT,
            reason=WRITTEN,
            created_at=at,
            changed_at=at,
        )
        .returning(_job.c.id)
    ).scalar_one()
    session.execute(
        insert(_attempt).values(job_id=job_id, at=at, printer="", outcome=JobState.SENT, detail=WRITTEN)
    )


def check_printer(session: Session, till_id: int, document: DocumentKind) -> None:
    """Raise Refusal when a till has no printer that would bring out a document."""
    found = session.execute(
        select(_till_printer.c.printer_id).where(
            _till_printer.c.till_id == till_id,
            _till_printer.c.role.in_((ROLES[document], PrinterRole.TICKETS)),
        )
    ).first()
    if found is None:
        raise Refusal(
            _("Ce poste n'a pas d'imprimante pour ce document."),
            _("Un responsable en choisit une : « boxoffice printers assign »."),
        )


def order_for_passes(
    session: Session,
    desk: PrintingDesk,
    document: DocumentKind,
    passes: Iterable[UUID],
    *,
    at: datetime,
    places: Mapping[UUID, int] = MappingProxyType({}),
    copy_number: int = 0,
    batch_id: UUID | None = None,
) -> None:
    """Order one document of each pass, in this order, from the printer that this till has for it.

    `places` tell apart the documents of one pass that are no copies of each other; 0 where there is none.
    """
    rows = [
        {
            "till_id": desk.post.till_id,
            "role": ROLES[document],
            "document": document,
            "pass": pass_id,
            "batch": batch_id,
            "operator": desk.operator_id,
            "place": places.get(pass_id, 0),
            "copy": copy_number,
            "at": at,
        }
        for pass_id in passes
    ]
    if rows:
        _ORDER_OF_PASS.insert(session, rows)


def order_for_values(
    session: Session,
    desk: PrintingDesk,
    document: DocumentKind,
    values: Iterable[UUID],
    *,
    at: datetime,
    issue: int = 0,
    copy_number: int = 0,
    batch_id: UUID | None = None,
) -> None:
    """Order the paper of each card or code, in this order, from the printer that this till has for it.

    `issue` tells apart the originals of a card whose codes were replaced.
    """
    rows = [
        {
            "till_id": desk.post.till_id,
            "role": ROLES[document],
            "document": document,
            "value": value_id,
            "batch": batch_id,
            "operator": desk.operator_id,
            "place": issue,
            "copy": copy_number,
            "at": at,
        }
        for value_id in values
    ]
    if rows:
        _ORDER_OF_VALUE.insert(session, rows)


def order_for_closing(
    session: Session, till_id: int, closing_id: UUID, operator_id: int, *, at: datetime, copy_number: int = 0
) -> None:
    """Order the paper of a closing, from the printer that this till has for reports."""
    row = {
        "till_id": till_id,
        "role": ROLES[DocumentKind.CLOSING],
        "document": DocumentKind.CLOSING,
        "closing": closing_id,
        "operator": operator_id,
        "place": 0,
        "copy": copy_number,
        "at": at,
    }
    _ORDER_OF_CLOSING.insert(session, [row])
