"""Somebody written down among the customers: for a card, a pass sold, a seat reserved, or out of a file.

Customers are held before anything of theirs, one after the other by their ids, and whoever writes somebody
new takes a turn before that: two tills never wait in a ring.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session

from boxoffice.database import take_turns
from boxoffice.errors import Refusal
from boxoffice.kinds import JournalKind, TurnsAt
from boxoffice.language import _
from boxoffice.models import Customer, table

from ..books import journal
from ..staff.desk import Desk
from .customer_details import CustomerDetails, search_words
from .customer_index import STANDING
from .customers import held_customer, standing_id

_customer = table(Customer)

_OF_THESE_WORDS = (
    select(_customer.c.id, _customer.c.birth_date)
    .where(_customer.c.search == bindparam("words"), STANDING)
    .order_by(_customer.c.created_at, _customer.c.id)
)


@dataclass(frozen=True, slots=True)
class People:
    """Whom ids mean, held until the transaction ends; those who are `born` were nobody's before."""

    standing: Mapping[UUID, UUID] = field(default_factory=dict)
    born: tuple[UUID, ...] = ()


def take_turn(session: Session) -> None:
    """Wait until nobody else writes a customer down, corrects, merges or erases one."""
    take_turns(session, TurnsAt.SAVING_CUSTOMERS)


def write_down(session: Session, people: Mapping[UUID, CustomerDetails], at: datetime) -> None:
    """Make customers of people who are none yet, each under the id made for them."""
    rows = [
        {
            **asdict(details),
            "id": customer_id,
            "search": search_words(details),
            "created_at": at,
            "seen_at": at,
            "merged_into_id": None,
            "erased_at": None,
        }
        for customer_id, details in people.items()
    ]
    if rows:
        session.connection().execute(insert(_customer), rows)


def hold_people(
    session: Session,
    people: Mapping[UUID, CustomerDetails],
    at: datetime,
    *,
    named: UUID | None = None,
    not_these: frozenset[UUID] = frozenset(),
) -> People:
    """Hold the customers of these ids, and the one `named` beside them; make customers of who is none yet.

    Two who have the same name, and phone or e-mail, are one customer, unless that is one of `not_these`.
    Raises Refusal for one erased since.
    """
    wanted = {*people, named} - {None}
    if not wanted:
        return People()
    of_ids = select(_customer.c.id, _customer.c.erased_at).where(_customer.c.id.in_(wanted))
    known = {row.id for row in session.execute(of_ids)}
    if people.keys() - known:
        take_turn(session)
    held = of_ids.order_by(_customer.c.id).with_for_update(read=True)
    for row in session.execute(held):
        if row.erased_at is not None and row.id in people:
            raise Refusal(
                _("La fiche de {name} a été effacée.").format(name=people[row.id].name),
                _("Retirez ce pass du panier, puis vendez-le de nouveau."),
            )
    standing = {customer_id: standing_id(session, customer_id) for customer_id in known}
    born: list[UUID] = []
    for customer_id, details in people.items():
        if customer_id in known:
            continue
        same = _same_person(session, details, not_these) if details.phone or details.email else None
        if same is None:
            write_down(session, {customer_id: details}, at)
            born.append(customer_id)
        standing[customer_id] = same or customer_id
    return People(standing, tuple(born))


def tell_born(session: Session, desk: Desk, born: Iterable[UUID], at: datetime) -> None:
    """Tell who wrote these customers down."""
    for customer_id in born:
        content = {"customer": str(customer_id)}
        journal.append(
            session,
            desk.post,
            JournalKind.CUSTOMER_CREATED,
            content,
            at=at,
            operator_number=desk.operator_number,
        )


def hold_standing(session: Session, customer_id: UUID) -> UUID:
    """Whom an id means today, kept from being merged or erased until the transaction ends.

    Raises Refusal for one erased.
    """
    standing = held_customer(session, customer_id)
    erased = select(_customer.c.erased_at).where(_customer.c.id == standing)
    if session.execute(erased).scalar_one_or_none() is not None:
        raise Refusal(
            _("La fiche de ce client a été effacée."), _("Mettez le panier à un autre nom, ou à aucun.")
        )
    return standing


def touch_known(session: Session, details: CustomerDetails, at: datetime) -> UUID | None:
    """The customer of this very name and phone, who has just been heard of; None for nobody known."""
    while details.phone and (known := _same_person(session, details)) is not None:
        still = update(_customer).where(_customer.c.id == known, STANDING).values(seen_at=at)
        if session.execute(still.returning(_customer.c.id)).one_or_none() is not None:
            return known
    return None


def customer_of(session: Session, details: CustomerDetails, at: datetime) -> UUID:
    """The customer of this very name and phone, or a new one."""
    if (known := touch_known(session, details, at)) is not None:
        return known
    new_id = uuid4()
    write_down(session, {new_id: details}, at)
    return new_id


def _same_person(
    session: Session, details: CustomerDetails, not_these: frozenset[UUID] = frozenset()
) -> UUID | None:
    """The customer who is found by the same words, and born on no other day."""
    for row in session.execute(_OF_THESE_WORDS, {"words": search_words(details)}):
        days = {row.birth_date, details.birth_date} - {None}
        if row.id not in not_these and len(days) < 2:
            found: UUID = row.id
            return found
    return None
