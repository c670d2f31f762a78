"""Who sells, as on every paper."""

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.models import Establishment, VatStatus, table

from ..staff.rules import read_rules
from .papers import Letterhead, NothingToPrint

_establishment = table(Establishment)


def read_letterhead(session: Session) -> Letterhead:
    """Who sells, as every paper says it."""
    row = session.execute(select(_establishment)).one_or_none()
    if row is None:
        raise NothingToPrint("no establishment")
    return Letterhead(
        row.festival,
        row.operator_name,
        row.address,
        row.postcode,
        row.town,
        row.siret,
        row.vat_number,
        row.specimen,
        read_rules(session).exemption if row.vat_status is VatStatus.EXEMPT else "",
    )
