"""What the papers of a period tell beside its signed figures, counted again from the same signed rows."""

import json
from collections import Counter
from collections.abc import Iterable

from sqlalchemy import bindparam, case, func, select
from sqlmodel import Session

from boxoffice.kinds import CardSource, JournalKind, SaleKind
from boxoffice.models import (
    JournalEntry,
    Operator,
    Payment,
    PlaceCard,
    PlaceCardKind,
    Sale,
    ShiftClosing,
    Till,
    TillSession,
    table,
)

from .figures import Figures, Span
from .outcomes import Answered, Aside, OpeningAnswered, UnsoldCards

_sale, _payment, _till = table(Sale), table(Payment), table(Till)
_card, _kind, _entry = table(PlaceCard), table(PlaceCardKind), table(JournalEntry)
_closing, _shift, _operator = table(ShiftClosing), table(TillSession), table(Operator)

_IN_SPAN = (
    _till.c.number == bindparam("till"),
    _sale.c.number.between(bindparam("first_operation"), bindparam("last_operation")),
)
_exchanging = _sale.alias("exchanging")
_EXCHANGES = (
    select(func.count(), func.coalesce(func.sum(_sale.c.total_cents), 0))
    .select_from(_sale)
    .join(_till, _till.c.id == _sale.c.till_id)
    .join(_exchanging, _exchanging.c.exchanges_sale_id == _sale.c.id)
    .where(*_IN_SPAN, _sale.c.kind == SaleKind.CREDIT_NOTE)
)
_UNSOLD_CARDS = (
    select(
        _kind.c.label,
        func.sum(case((_payment.c.amount_cents > 0, 1), else_=-1)),
        func.sum(_payment.c.amount_cents),
    )
    .select_from(_sale)
    .join(_till, _till.c.id == _sale.c.till_id)
    .join(_payment, _payment.c.sale_id == _sale.c.id)
    .join(_card, _card.c.value_id == _payment.c.value_id)
    .join(_kind, _kind.c.id == _card.c.kind_id)
    .where(*_IN_SPAN, _card.c.source != CardSource.COUNTER)
    .group_by(_kind.c.label)
)
_ANSWERED = (
    select(_closing.c.number, _operator.c.name)
    .join(_till, _till.c.id == _closing.c.till_id)
    .join(_shift, _shift.c.id == _closing.c.till_session_id)
    .join(_operator, _operator.c.id == func.coalesce(_closing.c.authorized_by_id, _closing.c.operator_id))
    .where(
        _till.c.number == bindparam("till"),
        _closing.c.number.between(bindparam("first_shift"), bindparam("last_shift")),
        _operator.c.id != _shift.c.operator_id,
    )
)

_OPENINGS = (
    select(_entry.c.at, _entry.c.content)
    .join(_till, _till.c.id == _entry.c.till_id)
    .where(
        _till.c.number == bindparam("till"),
        _entry.c.sequence.between(bindparam("first_entry"), bindparam("last_entry")),
        _entry.c.kind == JournalKind.TILL_OPENED,
        _entry.c.sale_id.is_(None),
    )
    .order_by(_entry.c.sequence)
)
_NAMES = select(_operator.c.number, _operator.c.name)


def read_aside(session: Session, figures: Figures) -> Aside:
    """What goes beside these figures, of the same numbers."""
    exchanges = cents = 0
    tickets: Counter[str] = Counter()
    paid: Counter[str] = Counter()
    for span in figures.spans:
        count, total = session.execute(_EXCHANGES, _bind(span)).one()
        exchanges, cents = exchanges + count, cents + int(total)
        for label, times, amount in session.execute(_UNSOLD_CARDS, _bind(span)):
            tickets[label] += int(times)
            paid[label] += int(amount)
    unsold = tuple(
        UnsoldCards(label, tickets[label], paid[label]) for label in sorted(tickets) if tickets[label]
    )
    return Aside(
        exchanges,
        cents,
        unsold,
        tuple(_answered(session, figures.spans)),
        tuple(_openings(session, figures.spans)),
    )


def _answered(session: Session, spans: Iterable[Span]) -> Iterable[Answered]:
    for span in spans:
        for number, name in session.execute(_ANSWERED, _bind(span)):
            yield Answered(span.till, number, name)


def _openings(session: Session, spans: Iterable[Span]) -> Iterable[OpeningAnswered]:
    """As the journal tells them: no other row knows who answered for an opening."""
    names = {row.number: row.name for row in session.execute(_NAMES)}
    for span in spans:
        for at, content in session.execute(_OPENINGS, _bind(span)):
            told = json.loads(content)
            if "authorized_by" in told:
                name = names.get(told["authorized_by"], "")
                yield OpeningAnswered(span.till, at, name, told.get("reason", ""))


def _bind(span: Span) -> dict[str, int]:
    return {"till": span.till} | span.numbers()
