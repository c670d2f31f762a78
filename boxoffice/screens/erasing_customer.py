"""Erasing a customer: their card goes whatever becomes of the bytes that are left of it."""

from typing import TYPE_CHECKING
from uuid import UUID

from boxoffice.errors import Refusal
from boxoffice.printing.erasing import leave_no_trace
from boxoffice.sales.people.customers import read_customer
from boxoffice.sales.people.personal_data import erase_customers
from boxoffice.sales.staff.operators import StaffMember

if TYPE_CHECKING:
    from boxoffice.house import House


def erase_customer(house: "House", customer_id: UUID, manager: StaffMember) -> Refusal | None:
    """Erase a customer, or find them erased; what could not be done beside that, if anything.

    Raises Refusal where their card is to stay.
    """
    try:
        house.database.attempt(
            lambda session: erase_customers(
                session, [customer_id], house.post, manager=manager, clock=house.clock
            )
        )
    except Refusal:
        with house.database.read() as session:
            if read_customer(session, customer_id) is not None:
                raise
    try:
        leave_no_trace(house.database, house.settings)
    except Refusal as left:
        return left
    return None
