"""Asking for seats to be turned into credit notes: their tickets let nobody in until that is refused."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import RowMapping, insert, select
from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.kinds import CreditRequestSource, JournalKind
from boxoffice.language import _
from boxoffice.models import CreditAnswer, CreditRequest, table
from boxoffice.money import format_euros

from ..books import journal, numbering
from ..people.customers import known_customer, read_customer
from ..staff.desk import Desk, Post
from ..staff.rules import CreditAnswers
from ..staff.standing import shift_still_open
from .answers import AcceptCredits, accept
from .credit_notes import CompletedCredit, completed_credit, share
from .seats_to_credit import (
    CreditSeat,
    Place,
    credit_seat,
    find_seats,
    hold_tickets,
    refuse_remainder,
)

_request, _answer = table(CreditRequest), table(CreditAnswer)
_INSERT = insert(_request)


@dataclass(frozen=True, slots=True)
class SeatAsked:
    """A seat to be turned into a credit note, for the cents that the customer was told.

    `request_id` was made by the counter when the seat was chosen: asking again asks once.
    """

    request_id: UUID
    sale_id: UUID
    position: int
    credited_cents: int


@dataclass(frozen=True, slots=True)
class AskCredits:
    """The wish to turn seats into credit notes. `customer_id` is whose balance grows, of a sale to nobody."""

    seats: tuple[SeatAsked, ...]
    customer_id: UUID | None = None
    terms_accepted: bool = False


@dataclass(frozen=True, slots=True)
class AskedCredit:
    """A request as it was written down; `credit_note` is its answer, where the rule gives it at once."""

    request_id: UUID
    seat: CreditSeat
    customer_id: UUID | None
    credit_note: CompletedCredit | None = None


def ask(session: Session, command: AskCredits, desk: Desk, *, clock: Clock) -> tuple[AskedCredit, ...]:
    """Ask for seats to be turned into credit notes, all or none; a second try asks nothing more.

    Raises Refusal for terms not accepted, a seat that cannot come back, an amount that is no longer the one
    told, seats that would remain as none are sold, and where nobody has a balance to credit.
    """
    shift_still_open(session, desk, at=clock.now())
    at = clock.now()
    if not command.seats:
        raise Refusal(_("Aucune place n'est choisie."), _("Choisissez les places à reprendre."))
    places = [(seat.sale_id, seat.position) for seat in command.seats]
    hold_tickets(session, places)
    rows = {(row["sale_id"], row["position"]): row for row in find_seats(session, places)}
    if already := _asked_before(session, command, rows, desk, at):
        return already
    if not command.terms_accepted:
        raise Refusal(
            _("Le client n'a pas accepté les conditions de reprise."), _("Lisez-les-lui, puis cochez.")
        )
    asked = [_check(seat, rows, command, session, desk, at) for seat in command.seats]
    refuse_remainder(session, places, leaving=_("Reprenez toutes ces places, ou aucune."))
    _check_somebody_is_credited(session, asked, rows)
    write_down(
        session,
        asked,
        rows,
        desk.post,
        CreditRequestSource.COUNTER,
        operator=(desk.operator_id, desk.operator_number),
        asked_at={},
        at=at,
    )
    if desk.post.rules.credit_answers is CreditAnswers.AT_ONCE:
        accept(session, AcceptCredits(uuid4(), tuple(each.request_id for each in asked)), desk, clock=clock)
    return tuple(_with_note(session, each) for each in asked)


def write_down(
    session: Session,
    asked: Sequence[AskedCredit],
    seats: Mapping[Place, RowMapping],
    post: Post,
    source: CreditRequestSource,
    *,
    operator: tuple[int, int],
    asked_at: Mapping[UUID, datetime],
    at: datetime,
) -> None:
    """Insert requests that were found possible, and tell the journal.

    `operator` is the id and number of who answers for them; `asked_at` is by request, where it was not now.
    """
    rows = [
        {
            "id": request.request_id,
            "sale_id": request.seat.sale_id,
            "position": request.seat.position,
            "attempt": (seats[request.seat.sale_id, request.seat.position]["attempt"] or 0) + 1,
            "customer_id": request.customer_id,
            "source": source,
            "paid_cents": request.seat.paid_cents,
            "credited_cents": request.seat.credited_cents,
            "asked_at": asked_at.get(request.request_id, at),
            "till_id": post.till_id,
            "operator_id": operator[0],
        }
        for request in asked
    ]
    numbers = numbering.draw_numbers(session, post.till_id)
    session.connection().execute(_INSERT, rows)
    told = {"operator": operator[1], "requests": [describe_request(row) for row in rows]}
    journal.write_entry(session, post, numbers.journal, JournalKind.CREDIT_REQUESTED, told, at=at)


def describe_request(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A request for the journal; whose balance it is for by an id that says nothing of anybody."""
    return {
        "asked_at": row["asked_at"].isoformat(),
        "attempt": row["attempt"],
        "credited": row["credited_cents"],
        "customer": str(row["customer_id"]) if row["customer_id"] else None,
        "paid": row["paid_cents"],
        "position": row["position"],
        "request": str(row["id"]),
        "sale": str(row["sale_id"]),
        "source": row["source"],
    }


def customer_credited(session: Session, seat: CreditSeat, customer_id: UUID | None) -> UUID | None:
    """Whose balance a seat is credited to: that of who bought it, else of who is named.

    Raises Refusal where a sale in somebody's name would be credited to somebody else, and for a customer who
    is no more.
    """
    buyer = read_customer(session, seat.customer_id) if seat.customer_id else None
    named = known_customer(session, customer_id) if customer_id else None
    if buyer is not None and named is not None and buyer.id != named.id:
        raise Refusal(
            _("La vente {operation} est au nom de {name} : c'est son solde qui est crédité.").format(
                operation=seat.operation, name=buyer.details.name
            ),
            _("Reprenez ces places au nom de {name}.").format(name=buyer.details.name),
        )
    found = buyer or named
    return found.id if found else None


def _asked_before(
    session: Session,
    command: AskCredits,
    rows: Mapping[Place, RowMapping],
    desk: Desk,
    at: datetime,
) -> tuple[AskedCredit, ...]:
    """The requests of this command where they were written down before; none where they were not."""
    ids = [seat.request_id for seat in command.seats]
    found = {row.id: row for row in session.execute(select(_request).where(_request.c.id.in_(ids)))}
    if not found:
        return ()
    if any(
        (seat.sale_id, seat.position) != (found[seat.request_id].sale_id, found[seat.request_id].position)
        if seat.request_id in found
        else True
        for seat in command.seats
    ):
        raise Refusal(_("Cette demande a déjà servi à d'autres places."), _("Recommencez."))
    return tuple(
        _with_note(
            session,
            AskedCredit(
                seat.request_id,
                replace(
                    credit_seat(rows[seat.sale_id, seat.position], desk.post.rules, at),
                    credited_cents=found[seat.request_id].credited_cents,
                    obstacle=None,
                ),
                found[seat.request_id].customer_id,
            ),
        )
        for seat in command.seats
    )


def _check(
    asked: SeatAsked,
    rows: Mapping[Place, RowMapping],
    command: AskCredits,
    session: Session,
    desk: Desk,
    at: datetime,
) -> AskedCredit:
    row = rows.get((asked.sale_id, asked.position))
    if row is None:
        raise Refusal(_("Ce billet n'existe pas."), _("Cherchez la vente par son numéro."))
    seat = credit_seat(row, desk.post.rules, at)
    if seat.obstacle is not None:
        raise seat.obstacle
    if seat.credited_cents != asked.credited_cents:
        raise Refusal(
            _("{title} : la reprise vaut maintenant {new} au lieu de {old}.").format(
                title=seat.event_title,
                new=format_euros(seat.credited_cents),
                old=format_euros(asked.credited_cents),
            ),
            _("Relisez le récapitulatif avec le client."),
        )
    customer_id = customer_credited(session, seat, command.customer_id)
    return AskedCredit(asked.request_id, seat, customer_id)


def _check_somebody_is_credited(
    session: Session, asked: Sequence[AskedCredit], rows: Mapping[Place, RowMapping]
) -> None:
    """Raise Refusal for seats whose value would go to a balance, where nobody is named."""
    by_sale: dict[UUID, list[AskedCredit]] = defaultdict(list)
    for each in asked:
        by_sale[each.seat.sale_id].append(each)
    for sale_id, together in by_sale.items():
        wanted = [(rows[sale_id, each.seat.position], each.seat.credited_cents) for each in together]
        share(session, sale_id, wanted, together[0].customer_id)


def _with_note(session: Session, asked: AskedCredit) -> AskedCredit:
    answered = select(_answer.c.sale_id).where(_answer.c.request_id == asked.request_id)
    note_id = session.execute(answered).scalars().first()
    return replace(asked, credit_note=completed_credit(session, note_id) if note_id else None)
