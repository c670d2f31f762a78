"""Supplements as the journal tells them: what a place of a card leaves to pay of a seat is none but theirs.

Without it a supplement could be changed in the database for the time of a sale, and put back after.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from boxoffice.language import _
from boxoffice.models import (
    Payment,
    PlaceCard,
    PlaceCardKind,
    PriceList,
    Sale,
    SaleKind,
    SaleLine,
    Screening,
    Till,
    table,
)
from boxoffice.money import format_euros
from boxoffice.prepared import Prepared

from .numbers import paper_number
from .reconciliation import Wrong, readable

_list, _sale, _line, _payment = table(PriceList), table(Sale), table(SaleLine), table(Payment)
_screening, _till, _card, _kind = table(Screening), table(Till), table(PlaceCard), table(PlaceCardKind)

_LISTS = Prepared(select(_list.c.code, _list.c.supplement_cents).order_by(_list.c.code))
_PLACES = Prepared(
    select(
        _till.c.number.label("till_number"),
        _sale.c.number,
        _screening.c.code.label("screening"),
        _kind.c.code.label("card_kind"),
        _line.c.unit_price_cents,
        _payment.c.amount_cents,
    )
    .select_from(_payment)
    .join(_sale, _sale.c.id == _payment.c.sale_id)
    .join(_till, _till.c.id == _sale.c.till_id)
    .join(_line, (_line.c.sale_id == _payment.c.sale_id) & (_line.c.position == _payment.c.covers))
    .join(_screening, _screening.c.id == _line.c.screening_id)
    .join(_card, _card.c.value_id == _payment.c.value_id)
    .join(_kind, _kind.c.id == _card.c.kind_id)
    .where(_sale.c.kind == SaleKind.SALE)
    .order_by(_sale.c.at, _sale.c.number)
)


def supplements_in_force(session: Session) -> list[list[Any]]:
    """The supplement of every price list, in cents, for the journal."""
    return [[code, cents] for code, cents in _LISTS.rows(session)]


@dataclass
class Supplements:
    """Those told so far, by price list, and which kinds of cards were told to pay them.

    Before any programme is told, or once one was told without its supplements, nothing is held to them.
    """

    told: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    paid_by: set[str] = field(default_factory=set)
    is_told: bool = False
    is_partly_told: bool = False

    def hear(self, content: Mapping[str, Any]) -> None:
        """Take in what an entry leaves of a whole programme in force: no supplement where none is told."""
        prices = content["prices"]
        if "supplements" not in prices:
            self.is_partly_told = True
        else:
            self.is_told = True
            for code in {code for code, *_rest in prices["tariffs"]} - dict(prices["supplements"]).keys():
                self.told[code].add(0)
        self.hear_changed(content)

    def hear_changed(self, content: Mapping[str, Any]) -> None:
        """Take in what an entry has changed of price lists and kinds of cards."""
        self.paid_by |= {
            each["code"] for each in content.get("card_kinds", ()) if each["includes_supplement"]
        }
        for code, cents in content.get("prices", {}).get("supplements", ()):
            self.told[code].add(cents)

    def compare(self, session: Session, price_lists: Mapping[str, set[str]]) -> None:
        """Raise Wrong at a supplement that none was told to be, and at a seat of which a card left another.

        `price_lists` are those that each screening was told to have, if it was.
        """
        if not self.is_told or self.is_partly_told:
            return
        with readable(_("table {name}").format(name=_list.name)):
            kept = dict(_LISTS.rows(session))
        for code, cents in kept.items():
            if code in self.told and cents not in self.told[code]:
                raise Wrong(
                    _("grille tarifaire {code}").format(code=code),
                    _("« {column} » n'est pas ce qui a été signé.").format(column="supplement_cents"),
                )
        for place in _PLACES.rows(session):
            left = place.unit_price_cents - place.amount_cents
            lists = price_lists.get(place.screening, self.told.keys())
            if left not in self._may_be_left(place.unit_price_cents, place.card_kind, lists):
                raise Wrong(
                    _("vente {number}").format(number=paper_number(place.till_number, place.number)),
                    _("une place de carte y laisse {left} à payer, supplément que rien n'annonçait.").format(
                        left=format_euros(left)
                    ),
                )

    def _may_be_left(self, price_cents: int, card_kind: str, lists: Collection[str]) -> set[int]:
        """What a place may leave to pay of a seat: the supplement, nothing where its kind includes that."""
        supplements = set().union(*(self.told[code] for code in lists if code in self.told))
        left = {min(price_cents, cents) for cents in supplements}
        return left | {0} if card_kind in self.paid_by or not supplements else left
