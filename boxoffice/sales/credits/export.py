"""Every request for a credit note, for a spreadsheet; it has names: the journal tells who asked for it."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from boxoffice.clock import Clock, in_paris
from boxoffice.kinds import CreditRequestSource, CreditState, JournalKind
from boxoffice.money import format_amount

from ..books import journal
from ..staff.desk import Post
from .listing import CreditRow, all_credits

_STATES = {
    CreditState.PENDING: "demande reprise en cours",
    CreditState.ACCEPTED: "place reprise",
    CreditState.REFUSED: "refusée",
}
_SOURCES = {CreditRequestSource.COUNTER: "guichet", CreditRequestSource.ONLINE: "en ligne"}
COLUMNS = (
    "demandée le",
    "à",
    "origine",
    "état",
    "commande",
    "billet",
    "tarif",
    "manifestation",
    "séance le",
    "séance à",
    "payé",
    "crédité",
    "client",
    "courriel",
    "répondue le",
    "par",
    "avoir",
    "motif",
)


def export_credits(session: Session, post: Post, *, operator_number: int, clock: Clock) -> str:
    """Every request as CSV, the oldest first."""
    rows = all_credits(session)
    journal.append(
        session,
        post,
        JournalKind.CREDITS_EXPORTED,
        {"requests": len(rows)},
        at=clock.now(),
        operator_number=operator_number,
    )
    return as_csv(rows)


def as_csv(rows: Iterable[CreditRow]) -> str:
    """Requests for a spreadsheet."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(
            [
                *_moment(row.asked_at),
                _SOURCES[row.source],
                _STATES[row.state],
                row.operation,
                row.ticket_number,
                row.label,
                row.event_title,
                *_moment(row.starts_at),
                format_amount(row.paid_cents),
                format_amount(row.credited_cents),
                row.customer_name,
                row.customer_email,
                _moment(row.answered_at)[0] if row.answered_at else "",
                row.answered_by,
                row.credit_note,
                row.reason,
            ]
        )
    return written.getvalue()


def _moment(at: datetime) -> tuple[str, str]:
    local = in_paris(at)
    return f"{local:%d/%m/%Y}", f"{local:%H:%M}"
