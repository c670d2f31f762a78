"""Ordering papers in the transaction of the sale that they belong to."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, insert, select
from sqlmodel import Session

from boxoffice.models import JobState, PrinterRole, PrintJob, TillPrinter, table

from .papers import DocumentKind

_job, _till_printer = table(PrintJob), table(TillPrinter)

ROLES: dict[DocumentKind, PrinterRole] = {
    DocumentKind.TICKET: PrinterRole.TICKETS,
    DocumentKind.RECEIPT: PrinterRole.RECEIPTS,
    DocumentKind.REVERSAL_SLIP: PrinterRole.RECEIPTS,
    DocumentKind.PRINTER_TEST: PrinterRole.TICKETS,
}

_PRINTER_OF_ROLE = (
    select(_till_printer.c.printer_id)
    .where(
        _till_printer.c.till_id == bindparam("till_id"),
        _till_printer.c.role.in_([bindparam("role"), PrinterRole.TICKETS]),
    )
    .order_by(_till_printer.c.role == PrinterRole.TICKETS)
    .limit(1)
    .scalar_subquery()
)
_ORDER = insert(_job).values(
    till_id=bindparam("till_id"),
    printer_id=_PRINTER_OF_ROLE,
    document=bindparam("document"),
    sale_id=bindparam("sale"),
    position=bindparam("place"),
    copy_number=bindparam("copy"),
    state=JobState.QUEUED,
    reason="",
    created_at=bindparam("at"),
    changed_at=bindparam("at"),
)


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
        session.connection().execute(_ORDER, rows)
