"""What days are written to the accounts by, as the journal tells it: each closing of a day keeps its own.

Without it an account, or which products are things, could be changed for the time of a closing alone.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from boxoffice.kinds import JournalKind
from boxoffice.language import _

from ..closings.figures import Figures
from ..staff.accounts import PREFIX, Accounts
from .reconciliation import Wrong

_SERVICES = ("passes", "gift_cards")
"""What an entry tells of products that are no things; a kind of card that is not sold yet may have the code
of a thing.
"""


@dataclass
class AccountingBooks:
    """The accounts ever told, by name, and the products of programmes told whole: things and others."""

    accounts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    products: set[str] = field(default_factory=set)
    services: set[str] = field(default_factory=set)
    cards: set[str] = field(default_factory=set)

    def hear(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take in what an entry tells of settings or of products, if anything."""
        match kind:
            case JournalKind.SETTINGS_CHANGED if content["name"].startswith(PREFIX):
                self.accounts[content["name"].removeprefix(PREFIX)].add(content["new"])
            case JournalKind.PROGRAMME_IMPORTED | JournalKind.PROGRAMME_CHANGED:
                self._hear_products(content.get("after", content), is_whole="after" not in content)

    def _hear_products(self, told: Mapping[str, Any], *, is_whole: bool) -> None:
        self.services.update(each["code"] for name in _SERVICES for each in told.get(name, ()))
        self.cards.update(each["code"] for each in told.get("card_kinds", ()))
        rows = told.get("catalogue", {}).get("product", {}).get("rows", ())
        if not is_whole or all(name in told for name in _SERVICES):
            self.products.update(row[0] for row in rows)

    def compare(self, where: str, figures: Figures) -> None:
        """Raise Wrong where a closing keeps an account that nobody set, or an article as what it is not."""
        told = figures.accounting
        if told is None:
            return
        defaults = asdict(Accounts())
        for account in told.accounts:
            if account.number not in {defaults.get(account.name), *self.accounts[account.name]}:
                raise Wrong(
                    where,
                    _("elle est écrite au compte {number} ({name}), que personne n'a posé.").format(
                        number=account.number, name=account.name
                    ),
                )
        for code in {sold.code for sold in figures.products} & self.products - self.cards:
            if (code in told.goods) is (code in self.services):
                raise Wrong(where, _("elle prend « {code} » pour ce qu'il n'a jamais été.").format(code=code))
