"""What a cell may say where it is one of a few words, or names something else of the programme."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlmodel import Session, col, select

from boxoffice.kinds import Regime
from boxoffice.language import _, later
from boxoffice.models import Event, Hall, PriceList, Tariff, Venue
from boxoffice.sales.wording import yes_or_no

from . import cells
from .layouts import LAYOUTS, Kind

Choice = tuple[str, str]
"""What is typed, and what it means."""

_WORDS: Mapping[Callable[[str], Any], tuple[Choice, ...]] = {
    cells.read_regime: (
        (Regime.CGI_290Q, later("billetterie de spectacle")),
        (Regime.CNC_EXHIBITOR, later("exploitant de cinéma, déclaré au CNC")),
        (Regime.NON_COMMERCIAL, later("séances non commerciales")),
    ),
    cells.read_requirement: (
        ("", later("vendu à tout le monde")),
        ("pass", later("par un pass")),
        ("accréditation", later("par une accréditation")),
        ("code promo", later("par un code promo")),
    ),
    cells.read_pass_kind: (
        ("pass", later("un pass, qui se vend")),
        ("accréditation", later("une accréditation, qui se donne")),
    ),
    cells.read_purpose: (
        ("unique", later("ne paie que des places, à un taux de TVA connu")),
        ("multiple", later("paie tout, TVA due quand elle sert")),
    ),
    cells.read_state: (("prévue", later("elle a lieu")), ("annulée", later("elle n'a pas lieu"))),
}


def list_choices(session: Session, kind: Kind) -> dict[str, tuple[Choice, ...]]:
    """By field, what each cell of a kind of row may say, where that is known beforehand."""
    layout = next(layout for layout in LAYOUTS if layout.kind is kind)
    found: dict[str, tuple[Choice, ...]] = {}
    for column in layout.columns:
        if column.read is cells.read_yes:
            found[column.field] = tuple((yes_or_no(each), "") for each in (True, False))
        elif column.read in _WORDS:
            found[column.field] = tuple((str(typed), _(words)) for typed, words in _WORDS[column.read])
        elif column.field in _NAMED:
            found[column.field] = tuple(_NAMED[column.field](session))
    return found


def _venues(session: Session) -> list[Choice]:
    rows = session.exec(select(Venue).order_by(col(Venue.name)))
    return [(venue.code, venue.name) for venue in rows if venue.active]


def _halls(session: Session) -> list[Choice]:
    rows = session.exec(select(Hall, Venue).join(Venue, col(Venue.id) == Hall.venue_id))
    return sorted(
        ((hall.code, f"{venue.name}, {hall.name}") for hall, venue in rows if hall.active and venue.active),
        key=lambda choice: choice[1],
    )


def _events(session: Session) -> list[Choice]:
    rows = session.exec(select(Event).order_by(col(Event.title)))
    return [(event.code, event.title) for event in rows if event.active]


def _price_lists(session: Session) -> list[Choice]:
    rows = session.exec(select(PriceList).order_by(col(PriceList.name)))
    return [(prices.code, prices.name) for prices in rows if prices.active]


def _tariffs(session: Session) -> list[Choice]:
    on_sale = select(Tariff.code, Tariff.label).join(PriceList, col(PriceList.id) == Tariff.price_list_id)
    on_sale = on_sale.where(col(Tariff.active), col(PriceList.active))
    rows = session.exec(on_sale.order_by(col(Tariff.label)).distinct())
    return list({code: (code, label) for code, label in rows}.values())


_NAMED: Mapping[str, Callable[[Session], list[Choice]]] = {
    "venue": _venues,
    "hall": _halls,
    "event": _events,
    "price_list": _price_lists,
    "place_tariff": _tariffs,
    "companion_tariff": _tariffs,
}
"""The fields that name something else of the programme by its code."""
