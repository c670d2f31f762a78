"""Checkout: from a basket paid in full to a sale in the books, its tickets and its print orders."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlmodel import Session

from boxoffice.clock import Clock, business_day, say
from boxoffice.errors import Refusal
from boxoffice.language import _, spoken
from boxoffice.models import (
    Event,
    Hall,
    LineKind,
    PassKind,
    PassProduct,
    Product,
    Quota,
    Requirement,
    SaleKind,
    Screening,
    Tariff,
    Venue,
    table,
)
from boxoffice.money import LARGEST_CENTS, format_euros
from boxoffice.prepared import Prepared, Row

from . import settlement
from .basket import Basket, Line, PassLine, ProductLine, SeatLine
from .books import bookkeeping, journal
from .books.bookkeeping import Names, Operation
from .books.numbers import paper_number
from .codes import CodeKind, new_code
from .completed_sales import CompletedSale, completed_sale, is_of
from .conditions import group_obstacle, requirement_obstacle
from .holders import companions, passes
from .prints import print_orders
from .prints.papers import DocumentKind
from .reserving import collecting
from .screenings import seats
from .screenings.programme import on_sale_until
from .settlement import Settlement, Tender
from .staff.desk import Desk
from .staff.rules import BadgePolicy, ReceiptPolicy
from .staff.standing import shift_still_open
from .wording import one_line

_product, _quota = table(Product), table(Quota)
_screening, _tariff, _event = table(Screening), table(Tariff), table(Event)
_hall, _venue, _terms = table(Hall), table(Venue), table(PassProduct)

_OFFERS = (
    select(
        _screening.c.id.label("screening_id"),
        _screening.c.code.label("screening_code"),
        _screening.c.starts_at,
        _screening.c.ends_at,
        _screening.c.sale_ends_minutes,
        _event.c.title,
        _event.c.version,
        _event.c.nominative,
        _venue.c.name.label("venue"),
        _hall.c.name.label("hall"),
        _tariff.c.id.label("tariff_id"),
        _tariff.c.code.label("tariff_code"),
        _tariff.c.label,
        _tariff.c.price_cents,
        _tariff.c.vat_rate,
        _tariff.c.minimum_group,
        _tariff.c.requirement,
        _quota.c.name.label("quota"),
    )
    .join(_event, _event.c.id == _screening.c.event_id)
    .join(_hall, _hall.c.id == _screening.c.hall_id)
    .join(_venue, _venue.c.id == _hall.c.venue_id)
    .join(_tariff, (_tariff.c.price_list_id == _screening.c.price_list_id) & _tariff.c.active)
    .outerjoin(_quota, (_quota.c.screening_id == _screening.c.id) & (_quota.c.name == _tariff.c.quota))
)
_ARTICLES = (
    select(
        _product.c.id,
        _product.c.code,
        _product.c.label,
        _product.c.price_cents,
        _product.c.vat_rate,
        _terms.c.kind.label("pass_kind"),
        _terms.c.places,
        _terms.c.valid_from,
        _terms.c.valid_until,
    )
    .outerjoin(_terms, _terms.c.product_id == _product.c.id)
    .where(_product.c.id.in_(bindparam("products", expanding=True)), _product.c.active)
)


LARGEST_QUANTITY = 2_000
"""More than the largest hall holds: what is above is a slip of the finger, refused before any row is made."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """The wish to buy a basket. `sale_id` was made when payment opened: trying again cannot sell twice."""

    sale_id: UUID
    basket: Basket
    tenders: tuple[Tender, ...]
    receipt: bool = False


def checkout(session: Session, command: Checkout, desk: Desk, *, clock: Clock) -> CompletedSale:
    """Sell a basket: prices read again, payments checked, numbers drawn, papers ordered, seats taken last.

    A second try with the same `sale_id` returns the first sale.
    Raises Refusal when anything no longer stands, and when that id is already that of another sale.
    """
    if done := completed_sale(session, command.sale_id):
        if not is_of(session, command.sale_id, command.basket, command.tenders):
            raise Refusal(
                _("La vente {operation} a déjà été faite, d'un autre panier ou payée autrement.").format(
                    operation=done.operation
                ),
                _("Retrouvez-la parmi les ventes, puis videz ce panier et recommencez."),
            )
        return done
    at = clock.now()
    basket = command.basket
    if not basket:
        raise Refusal(_("Le panier est vide."), _("Choisissez une séance et un tarif."))
    opened_at = shift_still_open(session, desk)
    offers, articles = _checked(session, basket, desk, at)
    companions.check(session, basket, offers)
    if basket.total_cents > LARGEST_CENTS:
        raise Refusal(
            _("Une vente ne dépasse pas {most}.").format(most=format_euros(LARGEST_CENTS)),
            _("Partagez le panier en plusieurs ventes."),
        )
    settlement.check(
        Settlement(basket.total_cents, command.tenders), cash_limit_cents=desk.post.rules.cash_limit_cents
    )

    lines, tickets, holders = _rows_of(command, offers, articles, desk)
    collected = collecting.hold(session, basket, lines)
    sold = [line for line in basket if isinstance(line, PassLine)]
    numbers = journal.draw_numbers(
        session, desk.post.till_id, operations=1, tickets=len(tickets), passes=len(sold)
    )
    issued = passes.issue(session, sold, articles, desk, first=numbers.passes - len(sold) + 1, at=at)
    for number, ticket in enumerate(tickets, start=numbers.ticket - len(tickets) + 1):
        ticket["number"] = number
    operation = Operation(
        sale={
            "id": command.sale_id,
            "kind": SaleKind.SALE,
            "till_id": desk.post.till_id,
            "till_session_id": desk.till_session_id,
            "operator_id": desk.operator_id,
            "authorized_by_id": None,
            "number": numbers.operation,
            "at": at,
            "business_day": business_day(at, desk.post.rules.business_day_starts),
            "total_cents": basket.total_cents,
            "reverses_sale_id": None,
            "customer_id": basket.customer_id,
            "reason": "",
        },
        lines=lines,
        tickets=tickets,
        payments=[
            {
                "sale_id": command.sale_id,
                "position": position,
                "means": tender.means,
                "amount_cents": tender.amount_cents,
                "tendered_cents": tender.tendered_cents,
                "reference": tender.reference,
            }
            for position, tender in enumerate(command.tenders, start=1)
        ],
        passes=issued,
    )
    names = Names(
        tills={desk.post.till_id: desk.post.till_number},
        operators={desk.operator_id: desk.operator_number},
        sessions={(desk.post.till_id, desk.till_session_id): opened_at},
        screenings={offer["screening_id"]: offer["screening_code"] for offer in offers.values()},
        products={article["id"]: article["code"] for article in articles.values()},
        passes={**companions.numbers(session, basket), **{row["id"]: row["number"] for row in issued}},
    )
    bookkeeping.record(session, desk, operation, names, journal_sequence=numbers.journal, holders=holders)

    papers = [(DocumentKind.TICKET, ticket["position"]) for ticket in tickets]
    if command.receipt or desk.post.rules.receipt is ReceiptPolicy.ALWAYS:
        papers.append((DocumentKind.RECEIPT, 0))
    print_orders.order(session, desk.post.till_id, papers, sale_id=command.sale_id, at=at)
    if desk.post.rules.badge is BadgePolicy.AT_SALE:
        passes_sold = [row["id"] for row in issued]
        print_orders.order_for_passes(session, desk, DocumentKind.BADGE, passes_sold, at=at)

    collecting.settle(session, collected, desk, command.sale_id, at=at)
    collecting.take(session, collected, collected.to_take(lines), at=at)
    return CompletedSale(
        sale_id=command.sale_id,
        operation=paper_number(desk.post.till_number, numbers.operation),
        total_cents=basket.total_cents,
        change_cents=Settlement(basket.total_cents, command.tenders).change_cents,
        tickets=tuple(paper_number(desk.post.till_number, ticket["number"]) for ticket in tickets),
    )


def rehearse(session: Session, basket: Basket, desk: Desk, *, clock: Clock) -> None:
    """Refuse what `checkout` would refuse now, before any money is asked for; nothing is taken nor held."""
    at = clock.now()
    shift_still_open(session, desk, hold=False)
    offers, _articles_of = _checked(session, basket, desk, at)
    companions.check(session, basket, offers, hold=False)
    wanted: Counter[seats.Place] = Counter()
    for line in (line for line in basket if isinstance(line, SeatLine) and line.reservation_id is None):
        wanted[line.screening_id, offers[line.screening_id, line.tariff_id]["quota"]] += line.quantity
    seats.check(session, wanted, at=at)


def _checked(
    session: Session, basket: Basket, desk: Desk, at: datetime
) -> tuple[dict[tuple[int, int], Row], dict[int, Row]]:
    """The offers and the articles of a basket, as they are now. Raises Refusal for a line that is none."""
    offers, articles = _offers(session, basket), _articles(session, basket)
    for line in basket:
        if isinstance(line, SeatLine):
            _check_seat_line(line, offers.get((line.screening_id, line.tariff_id)), desk, at)
        else:
            _check_article(line, articles.get(line.product_id))
    return offers, articles


@cache
def _offers_of(lines: int) -> Prepared:
    """The offers of so many lines, prepared once: a list of any length would be another text each time."""
    return Prepared(
        _OFFERS.where(
            _screening.c.id.in_([bindparam(f"screening_{line}") for line in range(lines)]),
            _tariff.c.id.in_([bindparam(f"tariff_{line}") for line in range(lines)]),
        )
    )


def _offers(session: Session, basket: Basket) -> dict[tuple[int, int], Row]:
    wanted = [line for line in basket if isinstance(line, SeatLine)]
    if not wanted:
        return {}
    known: dict[str, int] = {}
    for index, line in enumerate(wanted):
        known |= {f"screening_{index}": line.screening_id, f"tariff_{index}": line.tariff_id}
    found = _offers_of(len(wanted)).all(session, known)
    return {(row["screening_id"], row["tariff_id"]): row for row in found}


def _articles(session: Session, basket: Basket) -> dict[int, Row]:
    wanted = [line.product_id for line in basket if not isinstance(line, SeatLine)]
    if not wanted:
        return {}
    found = session.connection().execute(_ARTICLES, {"products": wanted}).mappings()
    return {row["id"]: row for row in found}


def _check_seat_line(line: SeatLine, offer: Row | None, desk: Desk, at: datetime) -> None:
    _check_price(line, offer)
    assert offer is not None
    until = on_sale_until(offer["starts_at"], offer["ends_at"], offer["sale_ends_minutes"], desk.post.rules)
    if at > until:
        raise Refusal(
            _("{what} n'est plus en vente depuis {time}.").format(
                what=_showing(line), time=say(until, _("H 'h' mm"), spoken())
            ),
            _("Retirez cette séance du panier."),
        )
    if line.pass_id is None and (reason := requirement_obstacle(Requirement(offer["requirement"]))):
        raise Refusal(
            _("{label} : {reason}.").format(label=line.tariff_label, reason=reason),
            _("Choisissez un autre tarif."),
        )
    if reason := group_obstacle(offer["minimum_group"], line.quantity):
        raise Refusal(
            _("{label} : {reason}.").format(label=line.tariff_label, reason=reason),
            _("Ajoutez des places ou choisissez un autre tarif."),
        )
    if (
        offer["nominative"]
        and sum(bool(one_line(name)) for name in line.holders[: line.quantity]) != line.quantity
    ):
        raise Refusal(
            _("{what} est nominative : il faut un nom par billet.").format(what=_showing(line)),
            _("Saisissez les noms des spectateurs."),
        )


def _check_article(line: ProductLine | PassLine, article: Row | None) -> None:
    _check_price(line, article)
    assert article is not None
    if article["pass_kind"] is not (PassKind.PASS if isinstance(line, PassLine) else None):
        raise Refusal(
            _("{label} ne se vend pas ainsi.").format(label=line.label), _("Retirez cette ligne du panier.")
        )


def _showing(line: SeatLine) -> str:
    """What a line is for, in a sentence; put into words only where a sale is refused."""
    return _("{title} de {time}").format(
        title=line.event_title, time=say(line.starts_at, _("H 'h' mm"), spoken())
    )


def _check_price(line: Line, offer: Row | None) -> None:
    label = line.label
    if offer is None:
        raise Refusal(
            _("{label} n'est plus proposé.").format(label=label), _("Retirez cette ligne du panier.")
        )
    if line.quantity < 1:
        raise Refusal(_("{label} : la quantité doit être d'au moins 1.").format(label=label))
    if line.quantity > LARGEST_QUANTITY:
        raise Refusal(
            _("{label} : pas plus de {most} à la fois.").format(label=label, most=LARGEST_QUANTITY),
            _("Diminuez la quantité."),
        )
    if offer["price_cents"] != line.price_cents:
        raise Refusal(
            _("Le prix de {label} a changé : {new} au lieu de {old}.").format(
                label=label, new=format_euros(offer["price_cents"]), old=format_euros(line.price_cents)
            ),
            _("Retirez la ligne et ajoutez-la de nouveau."),
        )


NewRow = dict[str, Any]


def _rows_of(
    command: Checkout,
    offers: dict[tuple[int, int], Row],
    articles: dict[int, Row],
    desk: Desk,
) -> tuple[list[NewRow], list[NewRow], list[NewRow]]:
    """The rows of lines (one for each seat or article), of tickets and of their holders."""
    lines: list[NewRow] = []
    tickets: list[NewRow] = []
    holders: list[NewRow] = []
    for line in command.basket:
        for index in range(line.quantity):
            place = {"sale_id": command.sale_id, "position": len(lines) + 1}
            if not isinstance(line, SeatLine):
                pass_id = line.pass_id if isinstance(line, PassLine) else None
                lines.append(place | _line_row(LineKind.PRODUCT, articles[line.product_id], pass_id))
                continue
            offer = offers[line.screening_id, line.tariff_id]
            lines.append(place | _line_row(LineKind.TICKET, offer, line.pass_id))
            tickets.append(place | _ticket_row(offer, desk))
            if offer["nominative"]:
                holders.append(place | {"name": one_line(line.holders[index])})
    if not desk.post.charges_vat:
        for row in lines:
            row["vat_rate"] = 0
    return lines, tickets, holders


def _line_row(kind: LineKind, offer: Row, pass_id: UUID | None) -> NewRow:
    """One line: of a seat, whose offer names no product, or of an article, which names no screening."""
    return {
        "kind": kind,
        "label": offer["label"],
        "quantity": 1,
        "unit_price_cents": offer["price_cents"],
        "vat_rate": offer["vat_rate"],
        "tariff_code": offer.get("tariff_code"),
        "quota": offer.get("quota"),
        "screening_id": offer.get("screening_id"),
        "product_id": offer.get("id"),
        "pass_id": pass_id,
        "reverses_sale_id": None,
        "reverses_position": None,
    }


def _ticket_row(offer: Row, desk: Desk) -> NewRow:
    return {
        "till_id": desk.post.till_id,
        "number": 0,
        "code": new_code(CodeKind.TICKET),
        "screening_id": offer["screening_id"],
        "event_title": offer["title"],
        "event_version": offer["version"],
        "place": f"{offer['venue']}, {offer['hall']}",
        "starts_at": offer["starts_at"],
        "seat": "",
    }
