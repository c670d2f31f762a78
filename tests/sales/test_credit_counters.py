"""Two counters at the same request, seat and exchange: one wins, the other is told."""

from uuid import UUID, uuid4

import pytest

from boxoffice.models import Ticket
from boxoffice.sales.basket import name_customer
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.credits.answers import AcceptCredits, RefuseCredits, accept, refuse
from boxoffice.sales.credits.exchange import Exchange, exchange
from boxoffice.sales.credits.requests import ask
from boxoffice.sales.reversal import Reverse, reverse
from boxoffice.sales.screenings.entrance import admit
from tests.sales.conftest import Festival
from tests.sales.credit_life import PAUL, asked, cents_of, customer, playing, sell_to, wish
from tests.sales.invariants import check_the_house
from tests.sales.test_booking_counters import Act, at_once, leave_seats, one_of_two

ROUNDS = 4


def accepting(festival: Festival, *request_ids: UUID) -> Act:
    command = AcceptCredits(uuid4(), request_ids, authorized_by=festival.manager.id)
    return lambda session, desk: accept(session, command, desk, clock=festival.clock)


def refusing(festival: Festival, request_id: UUID) -> Act:
    command = RefuseCredits((request_id,), "Trop tard", authorized_by=festival.manager.id)
    return lambda session, desk: refuse(session, command, desk, clock=festival.clock)


def letting_in(festival: Festival, code: str) -> Act:
    return lambda session, desk: admit(session, desk.post, code, "Porte A", clock=festival.clock)


def test_two_counters_answer_a_request_once(festival: Festival) -> None:
    lea = customer(festival)
    requests = [asked(festival, sell_to(festival, lea))[0].request_id for _round in range(ROUNDS)]
    told = at_once(
        festival,
        [accepting(festival, request) for request in requests],
        [
            accepting(festival, request) if number % 2 else refusing(festival, request)
            for number, request in enumerate(requests)
        ],
    )
    assert all("Cette demande a déjà été" in words for words in one_of_two(told))
    assert cents_of(festival, lea) in {850 * accepted for accepted in range(ROUNDS + 1)}
    festival.read(check_the_house)


def test_two_counters_ask_for_a_seat_once(festival: Festival) -> None:
    lea = customer(festival)
    sales = [sell_to(festival, lea) for _round in range(ROUNDS)]
    wishes = [[wish(festival, sale) for sale in sales] for _counter in festival.desks]
    told = at_once(
        festival,
        *([playing(festival, ask, command) for command in commands] for commands in wishes),
    )
    assert all("Une demande de reprise est en cours" in words for words in one_of_two(told))
    festival.read(check_the_house)


def test_a_seat_is_asked_for_or_lets_in_and_never_both(festival: Festival) -> None:
    lea = customer(festival)
    sales = [sell_to(festival, lea) for _round in range(ROUNDS)]
    codes = [next(row.code for row in festival.rows(Ticket) if row.sale_id == sale.sale_id) for sale in sales]
    commands = [wish(festival, sale) for sale in sales]
    told = at_once(
        festival,
        [playing(festival, ask, command) for command in commands],
        [letting_in(festival, code) for code in codes],
    )
    one_of_two(told)
    festival.read(check_the_house)


def test_a_seat_is_reversed_or_asked_for_and_never_both(festival: Festival) -> None:
    lea = customer(festival)
    sales = [sell_to(festival, lea) for _round in range(ROUNDS)]
    wishes = [wish(festival, sale) for sale in sales]
    undoing = [Reverse(uuid4(), sale.sale_id, authorized_by=festival.manager.id) for sale in sales]
    told = at_once(
        festival,
        [playing(festival, ask, command) for command in wishes],
        [playing(festival, reverse, command) for command in undoing],
    )
    one_of_two(told)
    festival.read(check_the_house)


def test_two_counters_exchange_for_the_last_seat(festival: Festival) -> None:
    leave_seats(festival, "ETERNAL", 1)
    sales = [festival.sell() for _counter in festival.desks]
    line = festival.seat_line("ETERNAL")
    commands = [Exchange(uuid4(), uuid4(), sale.sale_id, (1,), festival.basket(line)) for sale in sales]
    told = at_once(
        festival,
        *([playing(festival, exchange, command)] for command in commands),
    )
    (words,) = one_of_two(told)
    assert "est complet" in words
    assert (festival.allocated(), festival.allocated("ETERNAL")) == (1, 1)
    festival.read(check_the_house)


def test_two_counters_swap_the_seats_of_two_screenings_without_waiting_for_each_other(
    festival: Festival,
) -> None:
    lea, paul = customer(festival), customer(festival, PAUL)
    acts: list[list[Act]] = []
    for owner, old, new in ((lea, "KNEECAP", "KNEECAP2"), (paul, "KNEECAP2", "KNEECAP")):
        mine: list[Act] = []
        for _round in range(ROUNDS):
            sale = sell_to(festival, owner, festival.seat_line(old))
            basket = name_customer(festival.basket(festival.seat_line(new, "REDUIT")), owner, "Client")
            command = Exchange(uuid4(), uuid4(), sale.sale_id, (1,), basket)
            mine.append(playing(festival, exchange, command))
        acts.append(mine)
    told = at_once(festival, *acts)
    assert told == [[""] * ROUNDS] * 2
    assert cents_of(festival, lea) == cents_of(festival, paul) == ROUNDS * 250
    festival.read(check_the_house)


@pytest.mark.parametrize("other", ["exchange", "reversal", "entrance"])
def test_a_seat_is_exchanged_or_something_else_becomes_of_it_and_never_both(
    festival: Festival, other: str
) -> None:
    lea = customer(festival)
    sales = [sell_to(festival, lea) for _round in range(ROUNDS)]
    codes = {ticket.sale_id: ticket.code for ticket in festival.rows(Ticket)}

    def exchanging(sale: CompletedSale) -> Act:
        basket = festival.basket(festival.seat_line("KNEECAP2", "REDUIT"))
        command = Exchange(uuid4(), uuid4(), sale.sale_id, (1,), name_customer(basket, lea, "Léa Dupont"))
        return playing(festival, exchange, command)

    def becoming(sale: CompletedSale) -> Act:
        match other:
            case "exchange":
                return exchanging(sale)
            case "reversal":
                command = Reverse(uuid4(), sale.sale_id, authorized_by=festival.manager.id)
                return playing(festival, reverse, command)
        return letting_in(festival, codes[sale.sale_id])

    one_of_two(at_once(festival, [*map(exchanging, sales)], [*map(becoming, sales)]))
    festival.read(check_the_house)


def test_the_balance_of_a_customer_is_opened_once_by_two_counters(festival: Festival) -> None:
    """Two exchanges undone and a credit note, for somebody who had no balance: all is on one."""
    lea = customer(festival)

    def to_undo() -> Act:
        basket = name_customer(festival.basket(festival.seat_line("KNEECAP2")), lea, "Léa Dupont")
        command = Exchange(uuid4(), uuid4(), sell_to(festival, lea).sale_id, (1,), basket)
        new = festival.write(
            lambda session: exchange(session, command, festival.desk, clock=festival.clock)
        ).sale
        undone = Reverse(uuid4(), new.sale_id, authorized_by=festival.manager.id)
        return playing(festival, reverse, undone)

    requests = [asked(festival, sell_to(festival, lea))[0].request_id for _round in range(2)]
    counters = [[to_undo(), accepting(festival, request)] for request in requests]
    assert at_once(festival, *counters) == [["", ""], ["", ""]]
    assert cents_of(festival, lea) == 4 * 850
    festival.read(check_the_house)
