"""Checkout: from a basket paid in full to a sale in the books, its tickets and its print orders."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import Session

from boxoffice.clock import Clock
from boxoffice.errors import Refusal
from boxoffice.language import _
from boxoffice.models import SaleKind
from boxoffice.prepared import Row

from . import settlement
from .basket import Basket, PassLine, SeatLine
from .books import bookkeeping, numbering
from .books.bookkeeping import Names, Operation, Shown
from .books.numbers import paper_number
from .completed_sales import CompletedSale, completed_sale, is_of
from .holders import companions, passes
from .operation_rows import operation_row, tender_rows
from .people.writing_down import People, hold_people, tell_born
from .pricing import NewRow, Priced, price
from .prints import print_orders
from .prints.papers import DocumentKind
from .reserving import collecting
from .screenings import seats
from .screenings.seats import Place
from .settlement import Settlement, Tender
from .staff.desk import Desk
from .staff.rules import BadgePolicy, ReceiptPolicy
from .staff.standing import shift_still_open
from .vouchers import card_sales, loyalty, promo_codes, spending
from .vouchers.card_sales import CardsSold
from .vouchers.value_changes import Changes, NewValue


@dataclass(frozen=True, slots=True)
class Checkout:
    """The wish to buy a basket. `sale_id` was made when payment opened: trying again cannot sell twice."""

    sale_id: UUID
    basket: Basket
    tenders: tuple[Tender, ...]
    receipt: bool = False


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What other seats, given back in the same transaction, bring to a sale: a part of its total, by their
    credit note, and their places, on sale again once those of the sale are taken.

    `opened` are the points opened for the sale before the credit note held any value.
    """

    credit_note_id: UUID | None = None
    tenders: tuple[Tender, ...] = ()
    returned: Counter[Place] = field(default_factory=Counter)
    opened: tuple[NewValue, ...] = ()

    @property
    def cents(self) -> int:
        return sum(tender.amount_cents for tender in self.tenders)


NOTHING_EXCHANGED = Exchanged()


def checkout(
    session: Session,
    command: Checkout,
    desk: Desk,
    *,
    clock: Clock,
    exchanged: Exchanged = NOTHING_EXCHANGED,
) -> CompletedSale:
    """Sell a basket: prices read again, payments checked, numbers drawn, papers ordered, seats taken last.

    `exchanged` pays before the tenders of the command. A second try with the same `sale_id` returns the first
    sale.
    Raises Refusal when anything no longer stands, and when that id is already that of another sale.
    """
    basket, tenders = command.basket, (*exchanged.tenders, *command.tenders)
    if done := completed_sale(session, command.sale_id):
        if not is_of(session, command.sale_id, basket, tenders):
            raise _made_otherwise(done)
        return done
    at = clock.now()
    if not basket:
        raise Refusal(_("Le panier est vide."), _("Choisissez une séance et un tarif."))
    opened_at = shift_still_open(session, desk, at=at)
    priced = price(session, basket, command.sale_id, desk, at=at)
    passes_wanted = [line for line in basket if isinstance(line, PassLine)]
    people = _hold_people(session, basket, passes_wanted, at)
    companions.check(session, basket, priced.offers)
    settlement.check(
        Settlement(basket.total_cents - exchanged.cents, command.tenders),
        cash_limit_cents=desk.post.rules.cash_limit_cents,
    )
    cards = card_sales.make(session, priced, desk, at=at)
    changes = (
        Changes(opened=exchanged.opened, moves=promo_codes.check(session, basket, priced.offers))
        + spending.draw(session, priced, tenders)
        + cards.changes
        + loyalty.earn(session, priced, tenders, desk, at=at)
    )
    collected = collecting.hold(session, basket, priced.lines)
    tell_born(session, desk, people.born, at)
    till_id, tickets = desk.post.till_id, len(priced.tickets)
    numbers = numbering.draw_numbers(
        session, till_id, operations=1, tickets=tickets, passes=len(passes_wanted)
    )
    first_pass = numbers.passes - len(passes_wanted) + 1
    issued = passes.issue(
        session, passes_wanted, priced.articles, desk, standing=people.standing, first=first_pass, at=at
    )
    _number(priced.tickets, last=numbers.ticket)
    operation = Operation(
        sale=_sale_row(command, exchanged, desk, numbers.operation, at),
        lines=priced.lines,
        tickets=priced.tickets,
        payments=tender_rows(command.sale_id, tenders),
        passes=issued,
    )
    names = _names(desk, priced, companions.numbers(session, basket), issued, opened_at)
    bookkeeping.record(
        session,
        desk,
        operation,
        names,
        journal_sequence=numbers.journal,
        holders=priced.holders,
        changes=changes,
    )
    card_sales.write_down(session, cards)
    _order_papers(session, command, desk, operation, cards, at)
    collecting.settle(session, collected, desk, command.sale_id, at=at)
    collecting.take(session, collected, collected.to_take(priced.lines), exchanged.returned, at=at)
    return CompletedSale(
        sale_id=command.sale_id,
        operation=paper_number(desk.post.till_number, numbers.operation),
        total_cents=basket.total_cents,
        change_cents=Settlement(basket.total_cents, tenders).change_cents,
        tickets=tuple(paper_number(desk.post.till_number, ticket["number"]) for ticket in priced.tickets),
    )


def _number(tickets: Sequence[NewRow], *, last: int) -> None:
    """Give the tickets of a sale the numbers that were drawn for them, of which this is the last."""
    for number, ticket in enumerate(tickets, start=last - len(tickets) + 1):
        ticket["number"] = number


def _sale_row(command: Checkout, exchanged: Exchanged, desk: Desk, number: int, at: datetime) -> Row:
    return operation_row(
        desk,
        SaleKind.SALE,
        sale_id=command.sale_id,
        number=number,
        at=at,
        total_cents=command.basket.total_cents,
        customer_id=command.basket.customer_id,
        exchanges=exchanged.credit_note_id,
    )


def _made_otherwise(done: CompletedSale) -> Refusal:
    return Refusal(
        _("La vente {operation} a déjà été faite, d'un autre panier ou payée autrement.").format(
            operation=done.operation
        ),
        _("Retrouvez-la parmi les ventes, puis videz ce panier et recommencez."),
    )


def _names(
    desk: Desk, priced: Priced, accompanied: Mapping[UUID, str], issued: Sequence[Row], opened_at: datetime
) -> Names:
    """What the journal calls what a sale is about; `accompanied` are the passes whose seats it goes with."""
    offers = priced.offers.values()
    return Names(
        tills={desk.post.till_id: desk.post.till_number},
        operators={desk.operator_id: desk.operator_number},
        sessions={(desk.post.till_id, desk.till_session_id): opened_at},
        screenings={offer["screening_id"]: offer["screening_code"] for offer in offers},
        products={article["id"]: article["code"] for article in priced.articles.values()},
        passes={**accompanied, **{row["id"]: row["number"] for row in issued}},
        shown={offer["screening_id"]: Shown(offer["event_code"], offer["venue_code"]) for offer in offers},
    )


def _order_papers(
    session: Session, command: Checkout, desk: Desk, operation: Operation, cards: CardsSold, at: datetime
) -> None:
    """Order what a sale prints: tickets, a receipt, badges, then the papers of cards."""
    rules = desk.post.rules
    papers = [(DocumentKind.TICKET, ticket["position"]) for ticket in operation.tickets]
    if command.receipt or rules.receipt is ReceiptPolicy.ALWAYS:
        papers.append((DocumentKind.RECEIPT, 0))
    print_orders.order(session, desk.post.till_id, papers, sale_id=command.sale_id, at=at)
    if rules.badge is BadgePolicy.AT_SALE:
        passes_sold = [row["id"] for row in operation.passes]
        print_orders.order_for_passes(session, desk, DocumentKind.BADGE, passes_sold, at=at)
    for document, sold_cards in cards.papers():
        print_orders.order_for_values(session, desk, document, sold_cards, at=at)


def _hold_people(session: Session, basket: Basket, sold: Sequence[PassLine], at: datetime) -> People:
    """Hold whoever the basket names, before any pass: nobody is merged or erased until the sale is made."""
    not_these = frozenset[UUID]().union(*(line.not_these for line in sold))
    holders = {line.holder_id: line.holder for line in sold}
    return hold_people(session, holders, at, named=basket.customer_id, not_these=not_these)


def rehearse(session: Session, basket: Basket, desk: Desk, *, clock: Clock) -> None:
    """Refuse what `checkout` would refuse now, before any money is asked for; nothing is taken nor held."""
    at = clock.now()
    shift_still_open(session, desk, at=at, hold=False)
    offers = price(session, basket, uuid4(), desk, at=at).offers
    companions.check(session, basket, offers, hold=False)
    wanted: Counter[Place] = Counter()
    for line in (line for line in basket if isinstance(line, SeatLine) and line.reservation_id is None):
        wanted[line.screening_id, offers[line.screening_id, line.tariff_id]["quota"]] += line.quantity
    seats.check(session, wanted, at=at)
