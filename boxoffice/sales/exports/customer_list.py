"""Every customer who gave a name, as a table: for a manager, and the journal tells of it."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from boxoffice.clock import Clock, in_paris
from boxoffice.kinds import Action, JournalKind
from boxoffice.models import Customer, Pass, Sale, table

from ..books import journal
from ..people.customer_index import STANDING
from ..staff.desk import Post
from ..staff.operators import StaffMember
from ..staff.permissions import require
from .sheets import Column, Kind, Row, Sheet, streamed

CUSTOMER_LISTS = "clients-*"
"""What the files of customer lists are called: there are names in them."""

_customer, _pass, _sale = table(Customer), table(Pass), table(Sale)

_COLUMNS = (
    Column("nom", width=20),
    Column("prénom", width=16),
    Column("organisme", width=24),
    Column("né le", Kind.DAY, 11),
    Column("téléphone", width=18),
    Column("courriel", width=28),
    Column("code postal", width=11),
    Column("ville", width=20),
    Column("pays", width=14),
    Column("créé le", Kind.MOMENT, 19),
    Column("vu le", Kind.MOMENT, 19),
    Column("pass", Kind.COUNT, 6),
    Column("achats", Kind.COUNT, 7),
    Column("identifiant", width=36),
)
_PASSES = (
    select(func.count()).where(_pass.c.holder_id == _customer.c.id).correlate(_customer).scalar_subquery()
)
_SALES = (
    select(func.count()).where(_sale.c.customer_id == _customer.c.id).correlate(_customer).scalar_subquery()
)
_ALL = (
    select(_customer, _PASSES.label("passes"), _SALES.label("sales"))
    .where(STANDING)
    .order_by(_customer.c.surname, _customer.c.first_name, _customer.c.id)
)


def count_customers(session: Session) -> int:
    """How many customers there are to write."""
    return int(session.execute(select(func.count()).select_from(_customer).where(STANDING)).scalar_one())


def tell_customer_list(
    session: Session, post: Post, count: int, *, manager: StaffMember, clock: Clock
) -> None:
    """Tell the journal which manager has the list of so many customers. Raises ManagerNeeded for others."""
    require(session, Action.EXPORT_CUSTOMERS, manager.id)
    journal.append(
        session,
        post,
        JournalKind.CUSTOMER_LISTED,
        {"exported": count},
        at=clock.now(),
        operator_number=manager.number,
    )


def customer_sheet(session: Session) -> Sheet:
    """The list of customers, to be written before the session ends."""
    return Sheet("Clients", _COLUMNS, _rows(session))


def customer_list_name(at: datetime) -> str:
    """What the file of a list made at that moment is called, by the hour of Paris; its kind is not told."""
    return CUSTOMER_LISTS.replace("*", f"{in_paris(at):%Y%m%d-%H%M%S}")


def _rows(session: Session) -> Iterator[Row]:
    for row in streamed(session, _ALL).mappings():
        yield (
            *(
                row[name] or None
                for name in (
                    "surname",
                    "first_name",
                    "organisation",
                    "birth_date",
                    "phone",
                    "email",
                    "postcode",
                    "town",
                    "country",
                )
            ),
            row["created_at"],
            row["seen_at"],
            row["passes"],
            row["sales"],
            str(row["id"]),
        )
