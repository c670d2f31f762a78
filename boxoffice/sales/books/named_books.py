"""Tickets of what is nominative, which are sold with a name each as the journal told the programme.

Without it a screening could ask for no names in the database for the time of a sale. Names are personal, so
the journal does not tell them: they are held while they are kept.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, or_, select
from sqlmodel import Session

from boxoffice.language import _
from boxoffice.models import Customer, Sale, SaleLine, Screening, Ticket, TicketHolder, Till, table
from boxoffice.prepared import Prepared

from .catalogue_books import CatalogueBooks
from .numbers import paper_number
from .reconciliation import Wrong

_ticket, _holder, _sale, _line = table(Ticket), table(TicketHolder), table(Sale), table(SaleLine)
_customer, _screening, _till = table(Customer), table(Screening), table(Till)

_pass_of = exists().where(_line.c.sale_id == _sale.c.id, _line.c.pass_id.is_not(None))
_is_somebodys = or_(
    _customer.c.id.is_not(None) & _customer.c.erased_at.is_(None) & _customer.c.merged_into_id.is_(None),
    _sale.c.customer_id.is_(None) & ~_pass_of,
)
_UNNAMED = Prepared(
    select(_till.c.number.label("till"), _sale.c.number)
    .select_from(_ticket)
    .join(_screening, _screening.c.id == _ticket.c.screening_id)
    .join(_sale, _sale.c.id == _ticket.c.sale_id)
    .join(_till, _till.c.id == _sale.c.till_id)
    .outerjoin(_customer, _customer.c.id == _sale.c.customer_id)
    .outerjoin(_holder, (_holder.c.sale_id == _ticket.c.sale_id) & (_holder.c.position == _ticket.c.position))
    .where(
        _ticket.c.screening_id == bindparam("screening"),
        _screening.c.ends_at > bindparam("kept_since", type_=_screening.c.ends_at.type),
        _sale.c.at >= bindparam("told_since", type_=_sale.c.at.type),
        _holder.c.sale_id.is_(None),
        _is_somebodys,
    )
    .order_by(_till.c.number, _sale.c.number)
    .limit(1)
)
"""The first ticket of a screening without a name, but for those that may be of somebody who was erased."""

_KEPT = timedelta(days=300)
"""Names are kept for a year at least after a screening, by the shortest that the rule may be."""


def compare_named(
    session: Session, catalogue: CatalogueBooks, codes: Mapping[int, str], latest: datetime
) -> None:
    """Raise Wrong at the first ticket without a name of what was always told to be nominative.

    `codes` are of screenings by id, `latest` is the last moment that any till told.
    """
    if catalogue.is_partly_told or not catalogue.told_since:
        return
    since = datetime.fromisoformat(min(catalogue.told_since))
    for screening, code in sorted(codes.items()):
        events = catalogue.values("screening", {code}, "event")
        if catalogue.values("event", events, "nominative") != {True}:
            continue
        bound = {"screening": screening, "kept_since": latest - _KEPT, "told_since": since}
        if (unnamed := _UNNAMED.first(session, bound)) is not None:
            raise Wrong(
                _("vente {number}").format(number=paper_number(unnamed["till"], unnamed["number"])),
                _("un billet de la séance {code} y est sans nom, et elle a toujours été nominative.").format(
                    code=code
                ),
            )
