"""The rows of an operation and of what pays it, as the tables hold them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from boxoffice.clock import business_day
from boxoffice.models import SaleKind
from boxoffice.prepared import Row

from .settlement import Tender
from .staff.desk import Desk


def operation_row(
    desk: Desk,
    kind: SaleKind,
    *,
    sale_id: UUID,
    number: int,
    at: datetime,
    total_cents: int,
    customer_id: UUID | None,
    reverses: UUID | None = None,
    exchanges: UUID | None = None,
    authorized_by: int | None = None,
    reason: str = "",
) -> Row:
    """What the table of sales holds of an operation made at a desk now."""
    return {
        "id": sale_id,
        "kind": kind,
        "till_id": desk.post.till_id,
        "till_session_id": desk.till_session_id,
        "operator_id": desk.operator_id,
        "authorized_by_id": authorized_by,
        "number": number,
        "at": at,
        "business_day": business_day(at, desk.post.rules.business_day_starts),
        "total_cents": total_cents,
        "reverses_sale_id": reverses,
        "exchanges_sale_id": exchanges,
        "customer_id": customer_id,
        "reason": reason,
    }


def tender_rows(sale_id: UUID, tenders: Iterable[Tender]) -> list[Row]:
    """The payments of a sale, in the order in which they were made."""
    return [
        {
            "sale_id": sale_id,
            "position": position,
            "means": tender.means,
            "amount_cents": tender.amount_cents,
            "tendered_cents": tender.tendered_cents,
            "reference": tender.reference,
            "value_id": tender.value_id,
            "vat_rate": tender.vat_rate,
            "covers": tender.covers,
        }
        for position, tender in enumerate(tenders, start=1)
    ]
