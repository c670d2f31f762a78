"""Somebody written down among the customers: for a card, a pass sold, a seat reserved, or out of a file."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.models import Customer, table

from .customer_details import CustomerDetails, search_words
from .customer_index import STANDING
from .customers import standing_id

_customer = table(Customer)

_OF_THESE_WORDS = (
    select(_customer.c.id)
    .where(_customer.c.search == bindparam("words"), STANDING)
    .order_by(_customer.c.created_at)
    .limit(1)
)


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


def write_down_unknown(
    session: Session, people: Mapping[UUID, CustomerDetails], at: datetime
) -> dict[UUID, UUID]:
    """Make customers of those whose ids nobody knows; returns whom each of the ids means today.

    Raises Refusal for one erased since.
    """
    found = session.execute(
        select(_customer.c.id, _customer.c.erased_at)
        .where(_customer.c.id.in_(people))
        .with_for_update(read=True)
    )
    known = {row.id: row.erased_at for row in found}
    for customer_id, erased_at in known.items():
        if erased_at is not None:
            raise Refusal(
                _("La fiche de {name} a été effacée.").format(name=people[customer_id].name),
                _("Retirez ce pass du panier, puis vendez-le de nouveau."),
            )
    write_down(session, {each: details for each, details in people.items() if each not in known}, at)
    return {each: standing_id(session, each) if each in known else each for each in people}


def customer_of(session: Session, details: CustomerDetails, at: datetime) -> UUID:
    """The customer of this very name and phone, or a new one."""
    words = search_words(details)
    known = session.execute(_OF_THESE_WORDS, {"words": words}).scalars().first() if details.phone else None
    if known is not None:
        session.execute(update(_customer).where(_customer.c.id == known).values(seen_at=at))
        found: UUID = known
        return found
    new_id = uuid4()
    write_down(session, {new_id: details}, at)
    return new_id
