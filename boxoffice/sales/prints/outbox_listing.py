"""The outbox as the cashier reads it: what is waiting, what needs an answer, what came out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, case, func, or_, select
from sqlmodel import Session

from boxoffice.clock import say
from boxoffice.kinds import ClosingPeriod
from boxoffice.language import _, later, spoken
from boxoffice.models import (
    Closing,
    JobState,
    Pass,
    PassState,
    PrintAttempt,
    Printer,
    PrintJob,
    Product,
    Sale,
    Ticket,
    Till,
    TillSession,
    table,
)

from ..books.numbers import paper_number
from ..reserving.held_seats import spoken_reference
from ..undone import undone
from .outbox import OLDEST_FIRST, PENDING, WAITING
from .papers import DocumentKind

_job, _attempt, _printer = table(PrintJob), table(PrintAttempt), table(Printer)
_ticket, _sale, _till = table(Ticket), table(Sale), table(Till)
_pass, _product = table(Pass), table(Product)
_closing, _shift = table(Closing), table(TillSession)
_closed_till, _shift_till = _till.alias(), _till.alias()

STATE_WORDS = {
    JobState.QUEUED: later("en attente"),
    JobState.BLOCKED: later("bloqué"),
    JobState.SENDING: later("en cours"),
    JobState.PRINTED: later("imprimé"),
    JobState.SENT: later("envoyé"),
    JobState.UNCERTAIN: later("à vérifier"),
    JobState.ABANDONED: later("abandonné"),
}
DOCUMENT_WORDS = {
    DocumentKind.TICKET: later("Billet"),
    DocumentKind.RECEIPT: later("Reçu"),
    DocumentKind.REVERSAL_SLIP: later("Coupon de gestion"),
    DocumentKind.CREDIT_NOTE: later("Avoir"),
    DocumentKind.BADGE: later("Badge"),
    DocumentKind.BOOKINGS: later("Réservations"),
    DocumentKind.GIFT_CARD: later("Carte cadeau"),
    DocumentKind.PLACE_CARD: later("Carte de places"),
    DocumentKind.PROMO_CODE: later("Code promo"),
    DocumentKind.RESERVATION: later("Réservation"),
    DocumentKind.AFFECTED_LIST: later("Séance changée"),
    DocumentKind.SCREENING_STATEMENT: later("Relevé de séance"),
    DocumentKind.DOOR_LIST: later("Liste à l'entrée"),
    DocumentKind.WEEK_STATEMENT: later("Bordereau de semaine"),
    DocumentKind.LEFT_TONIGHT: later("Ce qui reste ce soir"),
    DocumentKind.CLOSING: later("Clôture (Z)"),
    DocumentKind.READING: later("Lecture (X)"),
    DocumentKind.HANDOVER: later("Feuille de relève"),
    DocumentKind.CASH_SLIP: later("Mouvement d'espèces"),
    DocumentKind.DEPOSIT_SLIP: later("Remise en banque"),
    DocumentKind.PRINTER_TEST: later("Test d'imprimante"),
}
PERIOD_WORDS = {
    ClosingPeriod.DAY: later("journée"),
    ClosingPeriod.MONTH: later("mois"),
    ClosingPeriod.YEAR: later("année"),
}
_OF_SHIFT = (DocumentKind.HANDOVER, DocumentKind.DEPOSIT_SLIP)
_ATTENTION = case(
    (_job.c.state == JobState.UNCERTAIN, 0),
    (_job.c.state == JobState.BLOCKED, 1),
    (_job.c.state == JobState.SENDING, 2),
    (_job.c.state == JobState.QUEUED, 3),
    else_=4,
)


@dataclass(frozen=True, slots=True)
class OutboxLine:
    """A document of the outbox, in the words of the interface. `printer` is empty while there is none."""

    job_id: int
    document: DocumentKind
    sale_id: UUID | None
    position: int
    copy_number: int
    title: str
    detail: str
    printer_id: int | None
    printer: str
    state: JobState
    state_words: str
    reason: str
    ordered_at: datetime
    changed_at: datetime
    void: bool = False
    """Whether it is of a cancelled ticket or of a pass that serves no more: nothing prints it again."""

    pass_id: UUID | None = None

    @property
    def needs_answer(self) -> bool:
        """Whether the cashier must say if it came out."""
        return self.state is JobState.UNCERTAIN

    @property
    def waits(self) -> bool:
        """Whether it can be resent, sent elsewhere or abandoned."""
        return self.state in WAITING

    @property
    def can_be_copied(self) -> bool:
        """Whether a DUPLICATA can be asked for."""
        came_out = self.state in (JobState.PRINTED, JobState.SENT, JobState.ABANDONED)
        is_unique = self.sale_id is not None or self.document is DocumentKind.BADGE
        return is_unique and came_out and not self.void


@dataclass(frozen=True, slots=True)
class OutboxStep:
    """One thing that happened to a document, and at which printer."""

    at: datetime
    printer: str
    state_words: str
    detail: str


@dataclass(frozen=True, slots=True)
class OutboxCount:
    """How many documents of a till wait, are blocked, need an answer; and why the first is blocked."""

    waiting: int
    blocked: int
    uncertain: int
    reason: str


def list_outbox(session: Session, till_id: int, *, limit: int = 200) -> tuple[OutboxLine, ...]:
    """The documents of a till, those that need somebody first, then the latest."""
    mine = _job.c.till_id == till_id
    latest = select(_job.c.id).where(mine).order_by(_job.c.id.desc()).limit(limit).subquery()
    pending = select(_job.c.id).where(mine, _job.c.state.in_(PENDING))
    rows = session.execute(
        select(
            _job,
            _printer.c.name.label("printer"),
            _ticket.c.number.label("ticket_number"),
            _ticket.c.event_title,
            _ticket.c.starts_at,
            _sale.c.number.label("operation_number"),
            _till.c.number.label("till_number"),
            undone(_ticket.c.sale_id, _ticket.c.position).label("void"),
            _pass.c.number.label("pass_number"),
            _pass.c.state.label("pass_state"),
            _product.c.label.label("product"),
            _closing.c.period,
            _closing.c.number.label("closing_number"),
            _closing.c.last_day,
            _closed_till.c.number.label("closed_till"),
            _shift_till.c.number.label("shift_till"),
            _shift.c.closed_at.label("shift_closed_at"),
        )
        .outerjoin(_printer, _printer.c.id == _job.c.printer_id)
        .outerjoin(_sale, _sale.c.id == _job.c.sale_id)
        .outerjoin(_till, _till.c.id == _sale.c.till_id)
        .outerjoin(
            _ticket,
            (_job.c.document == DocumentKind.TICKET)
            & (_ticket.c.sale_id == _job.c.sale_id)
            & (_ticket.c.position == _job.c.position),
        )
        .outerjoin(_pass, _pass.c.id == _job.c.pass_id)
        .outerjoin(_product, _product.c.id == _pass.c.product_id)
        .outerjoin(_closing, _closing.c.id == _job.c.closing_id)
        .outerjoin(_closed_till, _closed_till.c.id == _closing.c.till_id)
        .outerjoin(_shift, _job.c.document.in_(_OF_SHIFT) & (_shift.c.id == _job.c.position))
        .outerjoin(_shift_till, _shift_till.c.id == _shift.c.till_id)
        .where(or_(_job.c.id.in_(pending), _job.c.id.in_(select(latest.c.id))))
        .order_by(_ATTENTION, _job.c.id.desc())
        .limit(limit)
    )
    return tuple(
        OutboxLine(
            job_id=row.id,
            document=DocumentKind(row.document),
            sale_id=row.sale_id,
            position=row.position,
            copy_number=row.copy_number,
            title=_title(row),
            detail=_detail(row),
            printer_id=row.printer_id,
            printer=row.printer or "",
            state=row.state,
            state_words=_words_of(row.state, row.printer),
            reason=_(row.reason) if row.reason else "",
            ordered_at=row.created_at,
            changed_at=row.changed_at,
            void=row.void or row.pass_state not in (None, PassState.ACTIVE),
            pass_id=row.pass_id,
        )
        for row in rows
    )


def list_steps(session: Session, job_id: int) -> tuple[OutboxStep, ...]:
    """Everything that happened to a document, in order."""
    rows = session.execute(select(_attempt).where(_attempt.c.job_id == job_id).order_by(_attempt.c.id))
    return tuple(
        OutboxStep(
            row.at, row.printer, _words_of(row.outcome, row.printer), _(row.detail) if row.detail else ""
        )
        for row in rows
    )


def count_outbox(session: Session, till_id: int) -> OutboxCount:
    """What the header of the counter says of the outbox."""
    rows = session.execute(
        select(_job.c.state, func.count().label("jobs"))
        .where(_job.c.till_id == till_id, _job.c.state.in_(PENDING))
        .group_by(_job.c.state)
    )
    counts = {row.state: row.jobs for row in rows}
    reason = session.execute(
        select(_job.c.reason)
        .where(_job.c.till_id == till_id, _job.c.state == JobState.BLOCKED)
        .order_by(OLDEST_FIRST)
        .limit(1)
    ).scalar_one_or_none()
    return OutboxCount(
        waiting=sum(counts.get(state, 0) for state in WAITING),
        blocked=counts.get(JobState.BLOCKED, 0),
        uncertain=counts.get(JobState.UNCERTAIN, 0),
        reason=_(reason) if reason else "",
    )


def _detail(row: Row[Any]) -> str:
    """What a paper is about: its seat's screening, its pass, the days that it closes."""
    if row.event_title is not None:
        return f"{row.event_title} · {say(row.starts_at, 'EEE d MMM HH:mm', spoken())}"
    if row.last_day is not None:
        return f"{row.last_day:%d/%m/%Y}"
    if row.shift_closed_at is not None:
        return say(row.shift_closed_at, "EEE d MMM HH:mm", spoken())
    return row.product or ""


def _words_of(state: JobState, printer: str | None) -> str:
    """What a state is called; only a file is sent without any printer."""
    return _("écrit") if state is JobState.SENT and not printer else _(STATE_WORDS[state])


def _title(row: Row[Any]) -> str:
    """`Billet 2-000456`, `Badge 2-0000017-40392`, `Réservation 48 21 53`, `Clôture (Z) caisse 2 n° 14`…"""
    document = DocumentKind(row.document)
    words, number = _(DOCUMENT_WORDS[document]), row.ticket_number or row.operation_number
    if document is DocumentKind.RESERVATION:
        return f"{words} {spoken_reference(str(row.position))}"
    if row.pass_number is not None:
        return f"{words} {row.pass_number}"
    if row.shift_till is not None:
        return _("{paper} caisse {till}").format(paper=words, till=row.shift_till)
    if row.closing_number is not None:
        of_all = _(PERIOD_WORDS.get(row.period, ""))
        whose = of_all if row.closed_till is None else _("caisse {till}").format(till=row.closed_till)
        return _("{paper} {whose} n° {number}").format(paper=words, whose=whose, number=row.closing_number)
    if row.till_number is None or number is None:
        return words
    return f"{words} {paper_number(row.till_number, number)}"
