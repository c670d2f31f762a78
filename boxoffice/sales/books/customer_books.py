"""Customers, as the journals of all tills tell of them together: never who they are, but what became of them.

A card that reads as merged into another sends credit notes to that other one's balance; one that reads as
erased, or that is gone, hides what it is owed.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.kinds import JournalKind
from boxoffice.language import _
from boxoffice.models import Customer, table
from boxoffice.prepared import Prepared

from .ledgers import Merges
from .reconciliation import Wrong, readable

_customer = table(Customer)
_ROWS = Prepared(select(_customer.c.id, _customer.c.merged_into_id, _customer.c.erased_at))


class CustomerBooks:
    """What has been told of customers so far, to be held against their table at the end."""

    def __init__(self, merges: Merges) -> None:
        self._merges = merges
        self._told: set[str] = set()
        self._erased: dict[str, str] = {}

    def hear(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take in an entry. Raises LookupError if it lacks its part."""
        match kind:
            case JournalKind.CUSTOMER_CREATED:
                self._told.add(content["customer"])
            case JournalKind.CUSTOMER_MERGED:
                self._told |= {content["customer"], content["into"]}
            case JournalKind.CUSTOMER_ERASED:
                self._erased.update(dict.fromkeys(content["customers"], content["at"]))

    def compare(self, session: Session) -> None:
        """Raise Wrong at the first customer who is not what was told."""
        with readable(_("table {name}").format(name=_customer.name)):
            kept = {
                str(row.id): (row.merged_into_id and str(row.merged_into_id), _moment(row.erased_at))
                for row in _ROWS.rows(session)
            }
        for customer in sorted(self._told | self._erased.keys()):
            if customer not in kept:
                raise Wrong(_where(customer), _("elle manque, et le journal la raconte."))
        for customer, found in kept.items():
            today = self._merges.today(customer)
            told = (None if today == customer else today, self._erased.get(customer))
            for column, signed, there in zip(("merged_into_id", "erased_at"), told, found, strict=True):
                if signed != there:
                    said = _("« {column} » n'est pas ce qui a été signé.").format(column=column)
                    raise Wrong(_where(customer), said)


def _where(customer: str) -> str:
    return _("fiche du client {id}").format(id=customer)


def _moment(at: Any) -> str | None:
    return None if at is None else str(at.isoformat())
