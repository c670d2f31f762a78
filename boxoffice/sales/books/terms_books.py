"""Terms of sale as the journal tells them: contingents of screenings, what passes and gift cards give.

Without it a contingent could be moved, a pass given more places a day or a gift card more time, and no import
would have said so. All that was ever told of each is let pass, in whatever order.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.language import _
from boxoffice.models import GiftProduct, PassProduct, Product, Quota, Screening, table
from boxoffice.prepared import Prepared

from .journal import canonical
from .reconciliation import Wrong, readable

_screening, _quota, _product = table(Screening), table(Quota), table(Product)
_pass, _gift = table(PassProduct), table(GiftProduct)

_QUOTAS = Prepared(
    select(_screening.c.code, _quota.c.name, _quota.c.seats)
    .outerjoin(_quota, _quota.c.screening_id == _screening.c.id)
    .order_by(_screening.c.code, _quota.c.name)
)
_HELD = Prepared(select(_screening.c.code, _screening.c.held).order_by(_screening.c.code))
_OF_PRODUCTS = {
    "passes": Prepared(
        select(_product.c.code, *(column for column in _pass.c if column.name != "product_id"))
        .join(_pass, _pass.c.product_id == _product.c.id)
        .order_by(_product.c.code)
    ),
    "gift_cards": Prepared(
        select(_product.c.code, *(column for column in _gift.c if column.name != "product_id"))
        .join(_gift, _gift.c.product_id == _product.c.id)
        .order_by(_product.c.code)
    ),
}


def terms_in_force(session: Session) -> dict[str, Any]:
    """The contingents of every screening, and the terms of passes and gift cards."""
    with readable(_("table {name}").format(name=_quota.name)):
        contingents = _contingents(session)
    return {"contingents": contingents, **{name: _read(session, name) for name in _OF_PRODUCTS}}


@dataclass
class TermsBooks:
    """What was told so far, each as a whole; once an import told none of it, nothing is held to them."""

    contingents: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    products: dict[str, dict[str, set[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    is_told: bool = False
    is_partly_told: bool = False

    def hear(self, told: Mapping[str, Any]) -> None:
        """Take in what an entry leaves of a whole programme in force."""
        if "contingents" not in told:
            self.is_partly_told = True
            return
        self.is_told = True
        here = {code: told["contingents"].get(code, {}) for code, *_values in told["screenings"]}
        self.hear_changed({**told, "contingents": here})

    def hear_changed(self, told: Mapping[str, Any]) -> None:
        """Take in what an entry has changed."""
        for code, contingents in told.get("contingents", {}).items():
            self.contingents[code].add(canonical(contingents))
        for name in _OF_PRODUCTS:
            for terms in told.get(name, ()):
                self.products[name][terms["code"]].add(canonical(terms))

    def compare(self, session: Session) -> None:
        """Raise Wrong at the first screening or product whose terms were never told."""
        if not self.is_told or self.is_partly_told:
            return
        with readable(_("table {name}").format(name=_quota.name)):
            contingents = _contingents(session)
        for code, quotas in contingents.items():
            if canonical(quotas) not in self.contingents[code]:
                raise Wrong(
                    _("séance {code}").format(code=code),
                    _("ses contingents ne sont pas ceux qui ont été signés."),
                )
        for code, held in _HELD.rows(session):
            if held != sum(contingents[code].values()):
                raise Wrong(
                    _("séance {code}").format(code=code),
                    _("« {column} » n'est pas ce qui a été signé.").format(column="held"),
                )
        for name in _OF_PRODUCTS:
            told, kept = self.products[name], {terms["code"]: terms for terms in _read(session, name)}
            for code in sorted(told.keys() | kept.keys()):
                if code not in kept or canonical(kept[code]) not in told[code]:
                    raise Wrong(
                        _("produit {code}").format(code=code),
                        _("ce qu'il donne n'est pas ce qui a été signé."),
                    )


def _contingents(session: Session) -> dict[str, dict[str, int]]:
    """The seats of each contingent by its name, for every screening."""
    found: dict[str, dict[str, int]] = {}
    for code, name, seats in _QUOTAS.rows(session):
        quotas = found.setdefault(code, {})
        if name is not None:
            quotas[name] = seats
    return found


def _read(session: Session, name: str) -> list[dict[str, Any]]:
    """What each product of a sort gives, by column, for the journal."""
    with readable(_("table {name}").format(name=name)):
        return [
            {
                column: value.isoformat() if hasattr(value, "isoformat") else value
                for column, value in row.items()
            }
            for row in _OF_PRODUCTS[name].all(session)
        ]
