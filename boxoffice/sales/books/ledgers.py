"""Rows as the journal tells them, held against the rows that a table keeps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, type_coerce
from sqlalchemy.types import NullType

from boxoffice.kinds import JournalKind
from boxoffice.language import _

from .journal import CLOCK_TOLERANCE
from .reconciliation import Wrong

Key = TypeVar("Key", str, tuple[str, int])


def stored(column: Column[Any]) -> Any:
    """A column as the driver gives it."""
    return type_coerce(column, NullType()).label(column.name)


def written(moment: datetime | str) -> str:
    """A moment as entries write it; that of a row of an archive is written already."""
    return moment if isinstance(moment, str) else moment.isoformat()


def read_beside(kept: datetime, told: str | None) -> str:
    """The moment of a row that its entry signs: `told`, where the clock was read for the row just before.

    Older programs did, for credit notes. The entry and its sale prove the moment; such a row, only that it
    came before them by no more than `CLOCK_TOLERANCE`.
    """
    if told is not None and timedelta() <= datetime.fromisoformat(told) - kept <= CLOCK_TOLERANCE:
        return told
    return kept.isoformat()


@dataclass
class Ledger(Generic[Key]):
    """What is told of the rows of one table: for each key, a value of each of `columns`, in their order.

    `where` puts a key into words.
    """

    where: Callable[[Key], str]
    columns: tuple[str, ...]
    told: dict[Key, tuple[Any, ...]] = field(default_factory=dict)

    def compare(self, kept: Mapping[Key, tuple[Any, ...]]) -> None:
        """Raise Wrong at the first row that is missing, not as it was told, or told by nobody."""
        for key, values in self.told.items():
            if key not in kept:
                raise Wrong(self.where(key), _("elle manque, et le journal la raconte."))
            if kept[key] != values:
                pairs = zip(self.columns, values, kept[key], strict=True)
                column = next(name for name, told, found in pairs if told != found)
                raise Wrong(
                    self.where(key), _("« {column} » n'est pas ce qui a été signé.").format(column=column)
                )
        for key in kept.keys() - self.told.keys():
            raise Wrong(self.where(key), _("aucun journal ne la raconte."))


class Merges:
    """Which customers became others: their passes and reservations went with them."""

    def __init__(self) -> None:
        self._into: dict[str, str] = {}

    def hear(self, kind: str, content: Mapping[str, Any]) -> None:
        if kind == JournalKind.CUSTOMER_MERGED:
            self._into[content["customer"]] = content["into"]

    def today(self, customer: str) -> str:
        """Who a customer is, once every merger has been heard."""
        seen = {customer}
        while (customer := self._into.get(customer, customer)) not in seen:
            seen.add(customer)
        return customer
