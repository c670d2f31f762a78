"""Who sells, as on every paper."""

import json

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.database import specimen_of
from boxoffice.kinds import JournalKind
from boxoffice.models import Establishment, JournalEntry, Till, VatStatus, table
from boxoffice.prepared import Prepared

from ..staff.rules import read_rules
from .papers import Letterhead, NothingToPrint

_establishment, _entry = table(Establishment), table(JournalEntry)
_TOLD = Prepared(
    select(_entry.c.content).where(
        _entry.c.till_id.in_(select(table(Till).c.id)),
        _entry.c.kind == str(JournalKind.ESTABLISHMENT_TOLD),
        _entry.c.sale_id.is_(None),
    )
)


def read_letterhead(session: Session) -> Letterhead:
    """Who sells, as every paper says it.

    What was a specimen stays one, as the journal tells: a row changed for an hour marks no paper less; and
    all is one where somebody trains.
    """
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
        row.specimen or specimen_of(session) or _told_specimen(session),
        read_rules(session).exemption if row.vat_status is VatStatus.EXEMPT else "",
    )


def _told_specimen(session: Session) -> str:
    """The mark that the journals tell of this establishment; nothing if its sales are real."""
    told = (json.loads(row["content"])["told"] for row in _TOLD.all(session))
    return next((str(each["specimen"]) for each in told if each.get("specimen")), "")
