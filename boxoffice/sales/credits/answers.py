"""Answering requests for credit notes: a seat accepted is on sale again, one refused serves again."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import RowMapping, insert, select
from sqlmodel import Session

from boxoffice.clock import Clock, say
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action, JournalKind, ScreeningState, StoredValueKind
from boxoffice.language import _, spoken
from boxoffice.models import CreditAnswer, CreditRequest, Operator, table

from .. import settlement
from ..books import journal, numbering
from ..people.customers import held_customer
from ..refunds import paid_for
from ..screenings import seats
from ..screenings.seats import Place as SeatPlace
from ..staff.desk import Desk
from ..staff.permissions import may, require
from ..staff.rules import CreditAnswers
from ..staff.standing import shift_still_open
from ..vouchers.stored_values import account_id
from ..wording import reason_line
from .credit_notes import (
    CompletedCredit,
    NewCreditNote,
    completed_credit,
    hold_sales,
    order_paper,
    share,
    write,
)
from .seats_to_credit import Place, dead, find_seats, hold_tickets

_request, _answer, _operator = table(CreditRequest), table(CreditAnswer), table(Operator)
_INSERT = insert(_answer)
_REQUESTS = (
    select(
        _request,
        _answer.c.accepted,
        _answer.c.at.label("answered_at"),
        _answer.c.reason.label("answer_reason"),
        _answer.c.sale_id.label("credit_id"),
        _answer.c.till_id.label("answered_till_id"),
        _operator.c.name.label("answered_by"),
    )
    .outerjoin(_answer, _answer.c.request_id == _request.c.id)
    .outerjoin(_operator, _operator.c.id == _answer.c.operator_id)
    .order_by(_request.c.asked_at, _request.c.id)
)

_Credited = tuple[UUID, UUID | None]
"""A sale, and the customer whose balance a note for seats of it credits."""


@dataclass(frozen=True, slots=True)
class AcceptCredits:
    """The wish to accept requests. `answer_id` was made when they were chosen: accepting again does nothing.

    `authorized_by` is the id of the manager who allowed it; `print_notes` has their documents come out.
    """

    answer_id: UUID
    request_ids: tuple[UUID, ...]
    authorized_by: int | None = None
    print_notes: bool = True


@dataclass(frozen=True, slots=True)
class RefuseCredits:
    """The wish to refuse requests for a reason that the customers are told."""

    request_ids: tuple[UUID, ...]
    reason: str
    authorized_by: int | None = None


def accept(
    session: Session, command: AcceptCredits, desk: Desk, *, clock: Clock
) -> tuple[CompletedCredit, ...]:
    """Accept requests, all or none: one credit note for the seats of a sale, each on sale again.

    A second try returns the notes of the first. Raises ManagerNeeded, and Refusal for requests that another
    counter has answered, seats that came back meanwhile, and screenings that have ended.
    """
    opened_at = shift_still_open(session, desk, at=clock.now())
    requests = _hold_requests(session, command.request_ids)
    if done := _accepted_before(session, command, requests):
        return done
    _refuse_answered(requests)
    authorized_by = _authority(session, command.authorized_by, desk)
    at = clock.now()
    rows = {
        (row["sale_id"], row["position"]): row
        for row in find_seats(session, [(each["sale_id"], each["position"]) for each in requests])
    }
    by_note: dict[_Credited, list[RowMapping]] = defaultdict(list)
    for request in requests:
        _check_still_there(rows[request["sale_id"], request["position"]], at)
        by_note[request["sale_id"], _credited_customer(session, request)].append(request)
    first, *others = _in_turn(by_note)
    moved_after = _may_move(session, by_note, rows) if others else set()
    completed: list[CompletedCredit] = []
    returned: Counter[SeatPlace] = Counter()
    for turn in (first, *others):
        notes = [_note(session, command, key, by_note, rows, authorized_by) for key in turn]
        completed += write(session, notes, desk, opened_at, at=at, clock=clock, moved_after=moved_after)
        for note in notes:
            _answer_all(session, note.requests, desk, at, authorized_by, sale_id=note.sale_id)
            if command.print_notes:
                order_paper(session, desk, note.sale_id, at=at)
            returned += note.places
    seats.give_back(session, returned)
    return tuple(completed)


def refuse(session: Session, command: RefuseCredits, desk: Desk, *, clock: Clock) -> int:
    """Refuse requests for a reason: their tickets let in again. Returns how many were refused now.

    A second try refuses none. Raises ManagerNeeded, and Refusal without a reason, and for requests that
    another counter has answered.
    """
    shift_still_open(session, desk, at=clock.now())
    reason = reason_line(command.reason)
    settlement.refuse_card_number(reason)
    if not reason:
        raise Refusal(_("Un refus se justifie : le client en reçoit la raison."), _("Écrivez pourquoi."))
    requests = _hold_requests(session, command.request_ids)
    if all(each["accepted"] is False and each["answer_reason"] == reason for each in requests):
        return 0
    _refuse_answered(requests)
    authorized_by = _authority(session, command.authorized_by, desk)
    at = clock.now()
    ids = [each["id"] for each in requests]
    numbers = numbering.draw_numbers(session, desk.post.till_id)
    _answer_all(session, ids, desk, at, authorized_by, reason=reason)
    told = {
        "authorized_by": _operator_number(session, authorized_by),
        "operator": desk.operator_number,
        "reason": reason,
        "requests": [str(request_id) for request_id in ids],
    }
    journal.write_entry(session, desk.post, numbers.journal, JournalKind.CREDIT_REFUSED, told, at=at)
    return len(ids)


def _hold_requests(session: Session, request_ids: Sequence[UUID]) -> Sequence[RowMapping]:
    """The requests, their sales and tickets held: a second counter waits, and finds them answered."""
    wanted = _REQUESTS.where(_request.c.id.in_(request_ids))
    asked = session.execute(wanted).mappings().all()
    if not asked or len(asked) != len(set(request_ids)):
        raise Refusal(_("Cette demande n'existe pas."), _("Relisez les demandes d'avoir."))
    hold_sales(session, {each["sale_id"] for each in asked})
    hold_tickets(session, [(each["sale_id"], each["position"]) for each in asked])
    return session.execute(wanted).mappings().all()


def _accepted_before(
    session: Session, command: AcceptCredits, requests: Sequence[RowMapping]
) -> tuple[CompletedCredit, ...]:
    """The notes of this very answer, where it was given before; none where it was not."""
    notes = {each["credit_id"] for each in requests}
    expected = {
        _note_id(command.answer_id, each["sale_id"], _credited_customer(session, each)) for each in requests
    }
    if notes != expected:
        return ()
    found = (completed_credit(session, note_id) for note_id in sorted(expected, key=str))
    return tuple(note for note in found if note is not None)


def _in_turn(credited: Iterable[_Credited]) -> list[list[_Credited]]:
    """No two notes of one sale in one turn: what the first gives back of a card, the next does not."""
    turns: list[list[_Credited]] = []
    met: Counter[UUID] = Counter()
    for key in sorted(credited, key=str):
        original_id, _customer_id = key
        if met[original_id] == len(turns):
            turns.append([])
        turns[met[original_id]].append(key)
        met[original_id] += 1
    return turns


def _may_move(session: Session, credited: Iterable[_Credited], rows: Mapping[Place, RowMapping]) -> set[UUID]:
    """Every value that notes written in turn may move, to be held before the first of them moves any."""
    moved = {row["promo_code_id"] for row in rows.values()}
    for original_id, customer_id in credited:
        moved |= {paid.value_id for paid in paid_for(session, original_id)}
        if customer_id is not None:
            moved.add(account_id(customer_id, StoredValueKind.BALANCE))
    return {value_id for value_id in moved if value_id is not None}


def _note(
    session: Session,
    command: AcceptCredits,
    credited: _Credited,
    by_note: Mapping[_Credited, Sequence[RowMapping]],
    rows: Mapping[Place, RowMapping],
    authorized_by: int | None,
) -> NewCreditNote:
    """The note for these requests for seats of one sale, as much as its cards have not had back yet."""
    original_id, customer_id = credited
    asked = sorted(by_note[credited], key=lambda each: each["position"])
    wanted = tuple((rows[original_id, each["position"]], each["credited_cents"]) for each in asked)
    return NewCreditNote(
        sale_id=_note_id(command.answer_id, original_id, customer_id),
        original_id=original_id,
        seats=wanted,
        shared=share(session, original_id, wanted, customer_id),
        customer_id=customer_id,
        authorized_by=authorized_by,
        requests=tuple(each["id"] for each in asked),
        going=frozenset(
            each["position"]
            for key, requests in by_note.items()
            if key != credited and key[0] == original_id
            for each in requests
        ),
    )


def _note_id(answer_id: UUID, original_id: UUID, customer_id: UUID | None) -> UUID:
    return uuid5(answer_id, f"{original_id} {customer_id}")


def _credited_customer(session: Session, request: RowMapping) -> UUID | None:
    return held_customer(session, request["customer_id"]) if request["customer_id"] else None


def _refuse_answered(requests: Sequence[RowMapping]) -> None:
    for request in requests:
        if request["accepted"] is None:
            continue
        said = _("Cette demande a déjà été refusée par {name} à {time}.")
        if request["accepted"]:
            said = _("Cette demande a déjà été acceptée par {name} à {time}.")
        raise Refusal(
            said.format(
                name=request["answered_by"].rstrip("."),
                time=say(request["answered_at"], _("H 'h' mm"), spoken()),
            ),
            _("Relisez les demandes d'avoir."),
        )


def _check_still_there(seat: RowMapping, at: datetime) -> None:
    if said := dead(seat):
        raise said
    if at > seat["ends_at"] and seat["screening_state"] is not ScreeningState.CANCELLED:
        raise Refusal(
            _("La séance de {title} est terminée : sa place n'est plus reprise.").format(
                title=seat["event_title"]
            ),
            _("Refusez cette demande."),
        )


def needs_manager(session: Session, desk: Desk) -> bool:
    """Whether who is at a desk cannot answer requests without a manager."""
    if desk.post.rules.credit_answers is CreditAnswers.AT_ONCE:
        return False
    return not may(session, Action.ANSWER_CREDITS, desk.operator_id)


def _authority(session: Session, authorized_by: int | None, desk: Desk) -> int | None:
    """The manager who answers, or nobody where the rule of the festival does."""
    if authorized_by is None and desk.post.rules.credit_answers is CreditAnswers.AT_ONCE:
        return None
    needed = ManagerNeeded(
        _("Un responsable répond aux demandes d'avoir."), _("Demandez à un responsable de taper son code.")
    )
    return require(session, Action.ANSWER_CREDITS, desk.operator_id, authorized_by, needed=needed)


def _answer_all(
    session: Session,
    request_ids: Sequence[UUID],
    desk: Desk,
    at: datetime,
    authorized_by: int | None,
    *,
    sale_id: UUID | None = None,
    reason: str = "",
) -> None:
    session.connection().execute(
        _INSERT,
        [
            {
                "request_id": request_id,
                "accepted": sale_id is not None,
                "reason": reason,
                "at": at,
                "till_id": desk.post.till_id,
                "operator_id": desk.operator_id,
                "authorized_by_id": authorized_by,
                "sale_id": sale_id,
            }
            for request_id in request_ids
        ],
    )


def _operator_number(session: Session, operator_id: int | None) -> int | None:
    if operator_id is None:
        return None
    found: int = session.execute(select(_operator.c.number).where(_operator.c.id == operator_id)).scalar_one()
    return found
