"""What a scan opens, wherever it is made: the letter of a code says of what it is."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.sales.codes import CodeKind, read_code
from boxoffice.sales.desk import Desk

from .sales_search import SalesSearch

if TYPE_CHECKING:
    from boxoffice.house import House

OPENED: Mapping[CodeKind, Callable[["House", Desk, str], Screen[Any]]] = {CodeKind.TICKET: SalesSearch}
"""The screen that shows what a code is of; it is given the code as it is kept."""


def screen_for(house: "House", desk: Desk, scanned: str) -> Screen[Any]:
    """The screen that a scan opens. Raises Refusal for what is no code, or of nothing that a till shows."""
    read = read_code(scanned)
    if read is None or read[0] not in OPENED:
        raise Refusal(_("Ce code-barres n'est pas celui d'un billet."))
    kind, code = read
    return OPENED[kind](house, desk, code)
