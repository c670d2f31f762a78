"""Customers at hand while one types their names: read once, when a search opens."""

from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from boxoffice.sales.people.customer_index import CustomerIndex, read_index

from . import errands

if TYPE_CHECKING:
    from boxoffice.house import House


class KnowsCustomers(Screen[Any]):
    """A search that finds customers: by the index once it is read, without it before.

    To be named after the screen that it is added to, of which the styles come from the first base.
    """

    _house: "House"
    _index: CustomerIndex | None = None

    def on_mount(self) -> None:
        errands.send(self, self._read_index, self._keep_index, lambda _refusal: None)

    def _read_index(self) -> CustomerIndex:
        with self._house.database.read() as session:
            return read_index(session)

    def _keep_index(self, index: CustomerIndex) -> None:
        self._index = index
