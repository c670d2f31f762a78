"""Importing what customers of the online shop ask to give back: each reference becomes a request, once."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import RowMapping, select
from sqlmodel import Session

from boxoffice.clock import Clock, paris
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import Action, CreditRequestSource, JournalKind
from boxoffice.language import _
from boxoffice.models import CreditRequest, Customer, Ticket, Till, table
from boxoffice.sales.books.journal import append
from boxoffice.sales.books.numbers import paper_number
from boxoffice.sales.credits.credit_notes import share
from boxoffice.sales.credits.requests import AskedCredit, customer_credited, write_down
from boxoffice.sales.credits.seats_to_credit import Place, credit_seat, find_seats, hold_tickets
from boxoffice.sales.people.customer_index import STANDING
from boxoffice.sales.staff.desk import Post
from boxoffice.sales.staff.operators import StaffMember
from boxoffice.sales.staff.permissions import require

from .layouts import CREDIT_REQUESTS, Kind
from .reading import Row, Sheets, Source, read_sheets
from .refusals import ImportRefused

_request, _customer = table(CreditRequest), table(Customer)
_ticket, _till = table(Ticket), table(Till)

_REFERENCES = UUID("5b7a1d3e-6c0f-4a52-9d1b-2f3c84e6a907")
"""What the references of requests are told apart by: the same one is always the same request."""


@dataclass(frozen=True, slots=True)
class ImportCreditRequests:
    """Files of requests made online, to import together."""

    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class ImportedCreditRequests:
    """How many requests are new, and how many were known and are left as they have become."""

    added: int
    known: int


def import_credit_requests(
    session: Session,
    command: ImportCreditRequests,
    post: Post,
    *,
    manager: StaffMember | None,
    clock: Clock,
    progress: Callable[[int, int], None] | None = None,
) -> ImportedCreditRequests:
    """Ask for the seats that customers gave back online. Raises ImportRefused; the caller then keeps nothing.

    A request is known by its reference: importing the same file again changes nothing. What it is worth is
    what the rule gave at the moment when it was made.
    """
    if manager is None:
        raise ManagerNeeded(_("Un responsable doit répondre de ces demandes."))
    require(session, Action.IMPORT_FILES, manager.id)
    at = clock.now()
    sheets = read_sheets(command.sources, (CREDIT_REQUESTS,))
    rows = sheets.of(Kind.CREDIT_REQUEST)
    places = _places(session, sheets, rows)
    hold_tickets(session, places.values())
    seats = {(seat["sale_id"], seat["position"]): seat for seat in find_seats(session, places.values())}
    known = _known(session, rows)
    asked: list[AskedCredit] = []
    asked_at: dict[UUID, datetime] = {}
    taken: dict[Place, Row] = {}
    for done, row in enumerate(rows, start=1):
        identity = request_id(row.values["reference"])
        if identity not in known and row.key in places:
            place = places[row.key]
            if place in taken:
                message = _("« {ticket} » est déjà demandé ligne {line}")
                told = message.format(ticket=paper_number(*row.values["ticket"]), line=taken[place].line)
                sheets.faults.append(row.fault("ticket", told))
            elif request := _read(session, sheets, row, seats[place], post, at):
                taken[place] = row
                asked.append(request)
                asked_at[identity] = _moment(row)
        if progress is not None:
            progress(done, len(rows))
    if sheets.faults:
        raise ImportRefused(sheets.faults)
    if asked:
        write_down(
            session,
            asked,
            seats,
            post,
            CreditRequestSource.ONLINE,
            operator=(manager.id, manager.number),
            asked_at=asked_at,
            at=at,
        )
    imported = ImportedCreditRequests(len(asked), len(rows) - len(asked))
    about = {
        "files": {source.name: hashlib.sha256(source.content).hexdigest() for source in command.sources},
        "requests": {"added": imported.added, "known": imported.known},
    }
    append(session, post, JournalKind.CREDITS_IMPORTED, about, at=at, operator_number=manager.number)
    return imported


def request_id(reference: str) -> UUID:
    """The id of the request that has this reference online."""
    return uuid5(_REFERENCES, reference)


def _known(session: Session, rows: list[Row]) -> set[UUID]:
    """The requests of these rows that are in the books already."""
    wanted = [request_id(row.values["reference"]) for row in rows]
    return set(session.execute(select(_request.c.id).where(_request.c.id.in_(wanted))).scalars())


def _places(session: Session, sheets: Sheets, rows: list[Row]) -> Mapping[tuple[str, ...], Place]:
    """The sale and line of each ticket, by its row; the fault told where there is no such ticket."""
    numbers = {row.key: row.values["ticket"] for row in rows}
    found = {
        (row.till_number, row.number): (row.sale_id, row.position)
        for row in session.execute(
            select(
                _till.c.number.label("till_number"), _ticket.c.number, _ticket.c.sale_id, _ticket.c.position
            )
            .join(_till, _till.c.id == _ticket.c.till_id)
            .where(_ticket.c.number.in_({number for _till_number, number in numbers.values()}))
        )
    }
    for row in rows:
        if row.values["ticket"] not in found:
            ticket = paper_number(*row.values["ticket"])
            message = _("le billet {ticket} n'existe pas").format(ticket=ticket)
            sheets.faults.append(row.fault("ticket", message))
    return {key: found[ticket] for key, ticket in numbers.items() if ticket in found}


def _read(
    session: Session, sheets: Sheets, row: Row, seat: RowMapping, post: Post, at: datetime
) -> AskedCredit | None:
    """The request of a row; None, and the fault told, where it cannot be."""
    moment = _moment(row)
    if moment > at or moment < seat["sold_at"]:
        message = _("la demande ne peut être faite ni avant la vente, ni après maintenant")
        sheets.faults.append(row.fault("asked_on", message))
        return None
    worth = credit_seat(seat, post.rules, moment)
    try:
        if worth.obstacle is not None:
            raise worth.obstacle
        customer_id = customer_credited(session, worth, _customer_of(session, row.values["email"]))
        share(session, worth.sale_id, [(seat, worth.credited_cents)], customer_id)
    except Refusal as refusal:
        sheets.faults.append(row.fault("ticket", refusal.message.rstrip(".")))
        return None
    return AskedCredit(request_id(row.values["reference"]), worth, customer_id)


def _customer_of(session: Session, email: str) -> UUID | None:
    """The one customer of this e-mail, where there is one."""
    if not email:
        return None
    found: Any = session.execute(
        select(_customer.c.id).where(STANDING, _customer.c.email == email.casefold())
    ).scalars()
    ids = list(found)
    return ids[0] if len(ids) == 1 else None


def _moment(row: Row) -> datetime:
    return paris(row.values["asked_on"], row.values["time"]).astimezone(UTC)
