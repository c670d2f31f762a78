"""Sales that come back: what the tests of credit notes do in one line."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session

from boxoffice.kinds import PassTrouble
from boxoffice.models import CreditRequest, GiftCard, StoredValue, table
from boxoffice.sales.basket import Line, name_customer
from boxoffice.sales.codes import masked
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.credits.answers import AcceptCredits, RefuseCredits, accept, refuse
from boxoffice.sales.credits.credit_notes import CompletedCredit
from boxoffice.sales.credits.exchange import Exchange, exchange
from boxoffice.sales.credits.requests import AskCredits, AskedCredit, SeatAsked, ask
from boxoffice.sales.credits.seats_to_credit import CreditSeat, sum_up
from boxoffice.sales.people.customer_changes import CreateCustomer, create_customer
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.vouchers import card_care
from boxoffice.sales.vouchers.card_care import ReplaceCard
from tests.sales.conftest import Festival
from tests.sales.value_life import make

LEA = CustomerDetails("Dupont", "Léa", email="lea@example.fr")
PAUL = CustomerDetails("Martin", "Paul", email="paul@example.fr")


def customer(festival: Festival, details: CustomerDetails = LEA) -> UUID:
    """Somebody new, written down."""
    command = CreateCustomer(uuid4(), details)
    return festival.write(
        lambda session: create_customer(session, command, festival.desk, clock=festival.clock)
    ).id


def sell_to(festival: Festival, customer_id: UUID | None, *lines: Line, **changes: Any) -> CompletedSale:
    """Sell these lines in the name of a customer, in exact cash."""
    command = festival.order(*(lines or (festival.seat_line(),)))
    basket = name_customer(command.basket, customer_id, "Léa Dupont" if customer_id else "")
    return festival.sell(*lines, **{"basket": basket, "tenders": command.tenders, **changes})


def summary(festival: Festival, sale: CompletedSale, desk: Desk | None = None) -> tuple[CreditSeat, ...]:
    """What each seat of a sale would be worth now."""
    rules = (desk or festival.desk).post.rules
    return festival.read(lambda session: sum_up(session, sale.sale_id, rules, at=festival.clock.now()))


def wish(
    festival: Festival,
    sale: CompletedSale,
    positions: Sequence[int] = (1,),
    customer_id: UUID | None = None,
    desk: Desk | None = None,
    **changes: Any,
) -> AskCredits:
    """The wish to turn seats of a sale into credit notes, as the counter makes it after the summary."""
    worth = {seat.position: seat.credited_cents for seat in summary(festival, sale, desk)}
    seats = tuple(SeatAsked(uuid4(), sale.sale_id, place, worth.get(place, 0)) for place in positions)
    return AskCredits(seats, customer_id, **{"terms_accepted": True, **changes})


def asked(
    festival: Festival,
    sale: CompletedSale,
    positions: Sequence[int] = (1,),
    customer_id: UUID | None = None,
    desk: Desk | None = None,
) -> tuple[AskedCredit, ...]:
    """Ask for seats of a sale to be turned into credit notes, and commit."""
    command = wish(festival, sale, positions, customer_id, desk)
    return festival.write(lambda session: ask(session, command, desk or festival.desk, clock=festival.clock))


def cents_of(festival: Festival, customer_id: UUID) -> int:
    """What is on the balance of a customer."""
    value = table(StoredValue)
    with festival.database.read() as session:
        found = session.execute(
            sa.select(value.c.amount).where(value.c.customer_id == customer_id, value.c.kind == "balance")
        ).scalar_one_or_none()
    return found or 0


def playing(
    festival: Festival, work: Callable[..., object], command: object
) -> Callable[[Session, Desk], object]:
    """An act for a counter to play: a command that is carried out."""

    def act(session: Session, desk: Desk) -> object:
        return work(session, command, desk, clock=festival.clock)

    return act


def requests_made(festival: Festival) -> int:
    return festival.count(CreditRequest)


def accepted(
    festival: Festival, requests: Sequence[AskedCredit], desk: Desk | None = None, **changes: Any
) -> tuple[CompletedCredit, ...]:
    """Accept requests as the manager, and commit."""
    command = AcceptCredits(uuid4(), tuple(request.request_id for request in requests), **changes)
    return festival.write(
        lambda session: accept(session, command, desk or festival.managers_desk, clock=festival.clock)
    )


def refused(
    festival: Festival, requests: Sequence[AskedCredit], reason: str = "Séance complète", **changes: Any
) -> int:
    """Refuse requests as the manager, and commit."""
    command = RefuseCredits(tuple(request.request_id for request in requests), reason, **changes)
    return festival.write(
        lambda session: refuse(session, command, festival.managers_desk, clock=festival.clock)
    )


def credited(
    festival: Festival,
    sale: CompletedSale,
    positions: Sequence[int] = (1,),
    customer_id: UUID | None = None,
    desk: Desk | None = None,
) -> CompletedCredit:
    """Ask for seats of a sale and have them accepted."""
    (note,) = accepted(festival, asked(festival, sale, positions, customer_id, desk))
    return note


def live_with_credits(festival: Festival) -> None:
    """Requests accepted, refused and waiting at two tills, and an exchange: a row of each kind."""
    lea = customer(festival, CustomerDetails("Kassab", "Nadia", email="nadia@example.fr"))
    paul = customer(festival, PAUL)
    desk, other = festival.desks
    with_fee = replace(desk, post=replace(desk.post, rules=replace(desk.post.rules, credit_value="80 %")))
    first = sell_to(festival, lea, festival.seat_line("RENCONTRE", quantity=2, holders=("Nadia", "Tom")))
    second = sell_to(festival, paul, festival.seat_line("RENCONTRE", holders=("Nadia",)), desk=other)
    credited(festival, first, [1], desk=with_fee)
    festival.clock.advance(timedelta(minutes=1))
    credited(festival, second)
    requests = asked(festival, first, [2])
    festival.clock.advance(timedelta(minutes=1))
    refused(festival, requests, "Elle n'est pas malade")
    asked(festival, first, [2], desk=other)
    third = sell_to(festival, lea, festival.seat_line("RENCONTRE", holders=("Nadia",)), desk=other)
    basket = name_customer(festival.basket(festival.seat_line(tariff="REDUIT")), lea, "Léa Dupont")
    command = Exchange(uuid4(), uuid4(), third.sale_id, (1,), basket)
    festival.write(lambda session: exchange(session, command, other, clock=festival.clock))


def live_with_codes(festival: Festival) -> None:
    """Two gift cards with new codes, and two batches of promo codes."""
    for cents in (1000, 2000):
        card = festival.sell_gift(cents=cents)
        old = next(row for row in festival.rows(GiftCard) if row.value_id == card.value_id)
        command = ReplaceCard(
            card.value_id, masked(old.typed_code), PassTrouble.LOST, authorized_by=festival.manager.id
        )
        with festival.database.write() as session:
            card_care.replace(session, command, festival.desk, clock=festival.clock)
        make(festival, name=f"Lot à {cents}", count=2)
