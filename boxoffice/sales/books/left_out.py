"""Operations that a restoring left out, as the journals tell: they are in the database no more."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlmodel import Session

from boxoffice.language import _
from boxoffice.models import Sale, table
from boxoffice.prepared import Prepared

from ..closings.put_back import Restoring
from .bookkeeping import Names
from .numbers import paper_number
from .reconciliation import Wrong

_sale = table(Sale)
_BETWEEN = Prepared(
    select(_sale.c.number)
    .where(
        _sale.c.till_id == bindparam("till"), _sale.c.number.between(bindparam("first"), bindparam("last"))
    )
    .limit(1)
)


def compare_left_out(session: Session, restorings: Sequence[Restoring], names: Names) -> None:
    """No operation that a restoring is told to have left out is in the database."""
    ids = {number: till_id for till_id, number in names.tills.items()}
    for each in (left_out for restoring in restorings for left_out in restoring.left_out):
        found = _BETWEEN.first(session, {"till": ids.get(each.till), "first": each.first, "last": each.last})
        if found is not None:
            raise Wrong(
                _("vente {number}").format(number=paper_number(each.till, found["number"])),
                _("le journal la raconte hors de cette base, et elle y est."),
            )
