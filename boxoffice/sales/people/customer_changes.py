"""Writing customers down, correcting them, and making one of two who are the same person.

The journal tells who did it and to which customer, by an id that says nothing of anybody.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlmodel import Session

from boxoffice.clock import Clock, in_paris
from boxoffice.errors import Refusal
from boxoffice.kinds import Action, JournalKind
from boxoffice.language import _
from boxoffice.models import Customer, Operator, Pass, Reservation, table

from ..books.journal import append
from ..staff.desk import Desk
from ..staff.permissions import require
from ..vouchers import holdings
from .customer_details import CustomerDetails, checked, search_words
from .customer_index import STANDING
from .customers import DETAILS, FoundCustomer, details_of, read_customer
from .doubles import refuse_doubles
from .writing_down import take_turn, tell_born, write_down

_customer, _pass, _reservation = table(Customer), table(Pass), table(Reservation)
_operator = table(Operator)


@dataclass(frozen=True, slots=True)
class CreateCustomer:
    """Somebody to write down under an id made for them: trying again writes nobody twice.

    `not_these` are customers who look like the same person and were found to be others.
    """

    customer_id: UUID
    details: CustomerDetails
    not_these: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class CorrectCustomer:
    """A customer's details to be `after`, if they still are `before`; `not_these` as for a new one."""

    customer_id: UUID
    before: CustomerDetails
    after: CustomerDetails
    not_these: frozenset[UUID] = frozenset()


def create_customer(session: Session, command: CreateCustomer, desk: Desk, *, clock: Clock) -> FoundCustomer:
    """Write a customer down. Raises WrongDetails, and PossibleDoubles for those not said to be others."""
    details = checked(command.details, _today(clock))
    take_turn(session)
    if (there := read_customer(session, command.customer_id)) is not None:
        return there
    refuse_doubles(session, details, command.not_these)
    at = clock.now()
    write_down(session, {command.customer_id: details}, at)
    tell_born(session, desk, [command.customer_id], at)
    return FoundCustomer(command.customer_id, details)


def correct_customer(
    session: Session, command: CorrectCustomer, desk: Desk, *, clock: Clock
) -> FoundCustomer:
    """Correct a customer's details; what they are already is left as it is.

    Raises WrongDetails, PossibleDoubles for those not said to be others, and Refusal if another counter has
    changed, merged or erased the customer meanwhile.
    """
    after = checked(command.after, _today(clock))
    take_turn(session)
    now = hold_customer(session, command.customer_id)
    if now.details == after:
        return now
    if now.details != command.before:
        raise Refusal(
            _("Cette fiche vient d'être changée à une autre caisse."), _("Relisez-la, puis corrigez-la.")
        )
    changed = [
        name
        for name in CustomerDetails.__dataclass_fields__
        if getattr(after, name) != getattr(command.before, name)
    ]
    refuse_doubles(session, after, command.not_these, command.customer_id)
    _write(session, command.customer_id, after, clock)
    content = {"customer": str(command.customer_id), "fields": changed}
    _tell(session, desk, JournalKind.CUSTOMER_CHANGED, content, clock)
    return FoundCustomer(command.customer_id, after)


def merge_customers(
    session: Session, gone_id: UUID, kept_id: UUID, desk: Desk, *, manager_id: int, clock: Clock
) -> FoundCustomer:
    """Make one of two customers: `kept` gets all that `gone` holds, and what is known of `gone` alone.

    Sales stay in the name of `gone`, which says whom it was merged into and nothing else of anybody. A second
    try returns what the first one made. Raises ManagerNeeded, and Refusal if both are one, or one is no more.
    """
    require(session, Action.MERGE_CUSTOMERS, manager_id)
    take_turn(session)
    if gone_id == kept_id:
        raise Refusal(_("C'est la même fiche."), _("Choisissez l'autre fiche du client."))
    into = select(_customer.c.merged_into_id).where(_customer.c.id == gone_id)
    if session.execute(into).scalar_one_or_none() == kept_id:
        return hold_customer(session, kept_id)
    held = {each: hold_customer(session, each) for each in sorted((gone_id, kept_id))}
    gone, kept = held[gone_id], held[kept_id]
    filled = {
        name: getattr(kept.details, name) or getattr(gone.details, name)
        for name in CustomerDetails.__dataclass_fields__
    }
    details = replace(kept.details, **filled)
    for rows in (_pass.c.holder_id, _reservation.c.customer_id):
        session.execute(update(rows.table).where(rows == gone_id).values({rows: kept_id}))
    holdings.merge(session, gone_id, kept_id, desk, at=clock.now())
    session.execute(
        update(_customer).where(_customer.c.merged_into_id == gone_id).values(merged_into_id=kept_id)
    )
    _write(session, kept_id, details, clock)
    blank = CustomerDetails(country="")
    session.execute(
        update(_customer)
        .where(_customer.c.id == gone_id)
        .values(**asdict(blank), search="", merged_into_id=kept_id)
    )
    leave = select(_operator.c.number).where(_operator.c.id == manager_id)
    authorized_by = session.execute(leave).scalar_one()
    content = {"authorized_by": authorized_by, "customer": str(gone_id), "into": str(kept_id)}
    _tell(session, desk, JournalKind.CUSTOMER_MERGED, content, clock)
    return FoundCustomer(kept_id, details)


def hold_customer(session: Session, customer_id: UUID) -> FoundCustomer:
    """A customer who is to be changed, held until that is done. Raises Refusal if merged or erased."""
    row = (
        session.connection()
        .execute(_all().where(_customer.c.id == customer_id).with_for_update())
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise Refusal(
            _("Cette fiche n'existe plus : elle a été fusionnée ou effacée."), _("Cherchez le client.")
        )
    return FoundCustomer(customer_id, details_of(row))


def _write(session: Session, customer_id: UUID, details: CustomerDetails, clock: Clock) -> None:
    session.execute(
        update(_customer)
        .where(_customer.c.id == customer_id)
        .values(**asdict(details), search=search_words(details), seen_at=clock.now())
    )


def _all() -> Select[tuple[UUID]]:
    return select(_customer.c.id, *DETAILS).where(STANDING)


def _tell(
    session: Session, desk: Desk, kind: JournalKind, content: Mapping[str, object], clock: Clock
) -> None:
    append(session, desk.post, kind, content, at=clock.now(), operator_number=desk.operator_number)


def _today(clock: Clock) -> date:
    return in_paris(clock.now()).date()
