"""Technical events that the journal must tell beside the sales (BOI-TVA-DECLA-30-10-30)."""

import json
from collections.abc import Iterable
from uuid import UUID

from sqlmodel import Session, col, select

from boxoffice import __version__
from boxoffice.clock import Clock
from boxoffice.kinds import JournalKind
from boxoffice.models import JournalEntry, Till

from ..basket import Line, SeatLine
from ..staff.desk import Desk, Post
from . import journal


def program_started(session: Session, post: Post, *, clock: Clock) -> None:
    """Tell that another version of the program is at this till than the one that wrote last."""
    last = session.exec(
        select(JournalEntry.content)
        .where(JournalEntry.till_id == post.till_id)
        .order_by(col(JournalEntry.sequence).desc())
        .limit(1)
    ).first()
    before = json.loads(last)["version"] if last else None
    if before != __version__:
        journal.append(session, post, JournalKind.PROGRAM_VERSION_CHANGED, {"from": before}, at=clock.now())


def lines_removed(session: Session, desk: Desk, removed: Iterable[Line], *, clock: Clock) -> None:
    """Tell what a cashier took out of a basket before it was paid; amounts in cents."""
    told = [
        {
            "label": f"{line.event_title} – {line.tariff_label}"
            if isinstance(line, SeatLine)
            else line.label,
            "quantity": line.quantity,
            "price": line.price_cents,
        }
        for line in removed
    ]
    if told:
        journal.append(
            session,
            desk.post,
            JournalKind.BASKET_LINE_REMOVED,
            {"lines": told},
            at=clock.now(),
            operator_number=desk.operator_number,
        )


def basket_discarded(session: Session, desk: Desk, sale_id: UUID, *, clock: Clock) -> None:
    """Tell that a basket set aside, which was to become this sale, was thrown away unread."""
    journal.append(
        session,
        desk.post,
        JournalKind.BASKET_DISCARDED,
        {"basket": str(sale_id)},
        at=clock.now(),
        operator_number=desk.operator_number,
    )


def basket_charged(session: Session, desk: Desk, sale_id: UUID, amount_cents: int, *, clock: Clock) -> None:
    """Tell that a card was debited for a basket that was set aside, which was to become this sale, unpaid.

    Set aside again while the same is debited, it is told once.
    """
    if amount_cents != _charged_before(session, sale_id):
        journal.append(
            session,
            desk.post,
            JournalKind.BASKET_CHARGED,
            {"basket": str(sale_id), "amount": amount_cents},
            at=clock.now(),
            operator_number=desk.operator_number,
        )


def _charged_before(session: Session, sale_id: UUID) -> int:
    """What was debited by card for this basket when the journals told of it last, in cents."""
    entries = session.exec(
        select(JournalEntry.content)
        .where(
            col(JournalEntry.till_id).in_(select(Till.id)),
            JournalEntry.kind == JournalKind.BASKET_CHARGED,
            col(JournalEntry.sale_id).is_(None),
        )
        .order_by(col(JournalEntry.at), col(JournalEntry.sequence))
    )
    told = (json.loads(content) for content in entries)
    amounts = [each["amount"] for each in told if each["basket"] == str(sale_id)]
    return amounts[-1] if amounts else 0


def chain_broken(session: Session, post: Post, fault: str, *, clock: Clock) -> None:
    """Tell that a verification found the journal, or the books it describes, to be wrong."""
    journal.append(session, post, JournalKind.CHAIN_BROKEN, {"fault": fault}, at=clock.now())
