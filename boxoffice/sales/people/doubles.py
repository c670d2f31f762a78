"""Customers who may be the same person as one who is being written down or corrected."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import Session

from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.models import Customer, table

from .customer_details import CustomerDetails, folded
from .customer_index import STANDING
from .customers import DETAILS, FoundCustomer, found_customer

_customer = table(Customer)

NEAR_NAME = 84.0
"""From which likeness, of 100, two names at the same postcode may be one."""


class PossibleDoubles(Refusal):
    """Customers who may be the one being saved; whoever saves says which of them, or that it is another."""

    def __init__(self, doubles: Sequence[FoundCustomer]) -> None:
        names = ", ".join(double.details.name for double in doubles)
        super().__init__(
            _("Ce client existe peut-être déjà : {names}.").format(names=names),
            _("Dites si c'est la même personne."),
        )
        self.doubles = tuple(doubles)


def possible_doubles(
    session: Session, details: CustomerDetails, *, but: UUID | None = None
) -> tuple[FoundCustomer, ...]:
    """Customers who may be the same person as `details`, all but one of them.

    The same e-mail or phone; else, unless the days of birth differ, the same name, or one nearly the same at
    the same postcode or of the same day of birth.
    """
    name = _compared_name(details)
    alike = [
        _customer.c[column] == known
        for column in ("email", "phone", "postcode", "birth_date")
        if (known := getattr(details, column))
    ]
    if surname := folded(details.surname):
        alike.append(_customer.c.search.startswith(surname, autoescape=True))
    if not alike:
        return ()
    wanted = select(_customer.c.id, *DETAILS).where(STANDING).where(or_(*alike))
    if but is not None:
        wanted = wanted.where(_customer.c.id != but)
    near = map(found_customer, session.connection().execute(wanted).mappings())
    return tuple(found for found in near if _may_be(found.details, details, name))


def _may_be(known: CustomerDetails, details: CustomerDetails, name: str) -> bool:
    if (details.email and known.email == details.email) or (details.phone and known.phone == details.phone):
        return True
    born_alike = known.birth_date is not None and known.birth_date == details.birth_date
    if not born_alike and None not in (known.birth_date, details.birth_date):
        return False
    from rapidfuzz import fuzz  # 70 ms, which no start has to pay

    likeness = fuzz.ratio(_compared_name(known), name)
    if likeness == 100:
        return bool(details.first_name)
    lives_alike = bool(details.postcode) and known.postcode == details.postcode
    return (born_alike or lives_alike) and likeness >= NEAR_NAME


def _compared_name(details: CustomerDetails) -> str:
    return folded(f"{details.surname} {details.first_name}")


def refuse_doubles(
    session: Session, details: CustomerDetails, not_these: frozenset[UUID], but: UUID | None = None
) -> None:
    """Raise PossibleDoubles for customers who may be the one to be saved, and were not said to be others."""
    doubles = [found for found in possible_doubles(session, details, but=but) if found.id not in not_these]
    if doubles:
        raise PossibleDoubles(doubles)
