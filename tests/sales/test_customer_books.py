"""What became of customers, changed behind the journal: `verify` finds it, and names whose card it is."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import delete, update
from sqlalchemy.sql import Delete, Update

from boxoffice.models import Customer, table
from boxoffice.sales.books.verification import verify
from boxoffice.sales.people.customer_changes import CreateCustomer, create_customer, merge_customers
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.people.personal_data import erase_customers
from tests.sales.conftest import Festival
from tests.sales.test_tampering import behind_the_guards, savepoint

_customer = table(Customer)
LEA, MAX, NOE, IDA = (UUID(int=number) for number in range(1, 5))


@pytest.fixture
def people(festival: Festival) -> Festival:
    """Léa and Max as they are, Noé who was erased, and Ida who turned out to be Léa."""
    for customer_id, name in ((LEA, "Léa"), (MAX, "Max"), (NOE, "Noé"), (IDA, "Ida")):
        command = CreateCustomer(customer_id, CustomerDetails("Dupont", name))
        festival.write(
            lambda session, command=command: create_customer(
                session, command, festival.desk, clock=festival.clock
            )
        )
    manager = festival.manager
    festival.write(
        lambda session: erase_customers(
            session, [NOE], festival.desk.post, manager=manager, clock=festival.clock
        )
    )
    festival.write(
        lambda session: merge_customers(
            session, IDA, LEA, festival.desk, manager_id=manager.id, clock=festival.clock
        )
    )
    festival.stands()
    return festival


def of(customer_id: UUID) -> Update:
    return update(_customer).where(_customer.c.id == customer_id)


@pytest.mark.parametrize(
    ("change", "whose"),
    [
        (of(MAX).values(merged_into_id=LEA), MAX),
        (of(IDA).values(merged_into_id=None), IDA),
        (of(IDA).values(merged_into_id=MAX), IDA),
        (of(MAX).values(erased_at=datetime(2026, 1, 21, tzinfo=UTC)), MAX),
        (of(NOE).values(erased_at=None), NOE),
        (delete(_customer).where(_customer.c.id == MAX), MAX),
        (delete(_customer).where(_customer.c.id == NOE), NOE),
    ],
    ids=["merged", "parted", "merged elsewhere", "erased", "back", "removed", "removed when erased"],
)
def test_what_became_of_a_customer_is_what_the_journal_tells(
    people: Festival, change: Update | Delete, whose: UUID
) -> None:
    with behind_the_guards(people) as session, savepoint(session):
        session.execute(change)
        found = verify(session).fault
    assert found is not None
    assert found.where == f"fiche du client {whose}"
