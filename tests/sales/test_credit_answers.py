"""Requests accepted and refused: the seat, the ticket, the balance, the books and the paper."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from boxoffice.clock import in_paris
from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import CreditState, LineKind, SaleKind
from boxoffice.models import CreditAnswer, CreditNote, Payment, PrintJob, Sale, SaleLine, Ticket
from boxoffice.sales.credits.answers import AcceptCredits, accept
from boxoffice.sales.credits.listing import answered_credits, count_pending, read_credit
from boxoffice.sales.credits.requests import ask
from boxoffice.sales.prints.outbox import find_job
from boxoffice.sales.prints.paper_loading import load_paper
from boxoffice.sales.prints.papers import CreditNotePaper, DocumentKind
from boxoffice.sales.screenings.entrance import admit
from boxoffice.sales.staff.rules import CreditAnswers
from boxoffice.sales.vouchers.promo_basket import put_on
from tests.sales.conftest import Festival
from tests.sales.credit_life import (
    PAUL,
    accepted,
    asked,
    cents_of,
    credited,
    customer,
    refused,
    sell_to,
    wish,
)
from tests.sales.invariants import check_the_house
from tests.sales.test_credit_requests import desk_with
from tests.sales.test_gift_cards import by_card
from tests.sales.value_life import left_in, look_up, make, sell_basket


def let_in(festival: Festival, ticket: int = 0) -> None:
    code = festival.rows(Ticket)[ticket].code
    festival.write(lambda session: admit(session, festival.posts[0], code, "Porte A", clock=festival.clock))


def test_an_accepted_seat_is_on_sale_again_and_its_value_on_the_balance(festival: Festival) -> None:
    lea = customer(festival)
    sale = sell_to(festival, lea, festival.seat_line(quantity=2))
    assert festival.allocated() == 2
    requests = asked(festival, sale, [1])
    assert festival.allocated() == 2
    (note,) = accepted(festival, requests)
    assert festival.allocated() == 1
    assert (note.operation, note.number, note.credited_cents) == ("1-000002", "1-000001", 850)
    assert note.tickets == (sale.tickets[0],)
    assert cents_of(festival, lea) == 850
    assert festival.read(count_pending) == 0
    with pytest.raises(Refusal, match="repris en avoir"):
        let_in(festival, 0)
    let_in(festival, 1)
    festival.read(check_the_house)


def test_a_credit_note_is_an_operation_at_the_rate_of_the_sale_that_it_takes_seats_of(
    festival: Festival,
) -> None:
    lea = customer(festival)
    sale = sell_to(festival, lea)
    desk = desk_with(festival, credit_value="80 %")
    note = credited(festival, sale, desk=desk)
    written = next(row for row in festival.rows(Sale) if row.id == note.sale_id)
    assert (written.kind, written.reverses_sale_id) == (SaleKind.CREDIT_NOTE, sale.sale_id)
    assert (written.total_cents, written.customer_id) == (-680, lea)
    assert written.authorized_by_id == festival.manager.id
    lines = [
        (row.kind, row.quantity, row.unit_price_cents, row.vat_rate)
        for row in festival.rows(SaleLine)
        if row.sale_id == note.sale_id
    ]
    assert lines == [(LineKind.TICKET, -1, 850, 550), (LineKind.FEE, 1, 170, 550)]
    (payment,) = (row for row in festival.rows(Payment) if row.sale_id == note.sale_id)
    assert (payment.means, payment.amount_cents) == ("balance", -680)
    assert cents_of(festival, lea) == 680
    festival.read(check_the_house)


def test_credit_notes_have_a_series_of_their_own(festival: Festival) -> None:
    lea = customer(festival)
    numbers = [credited(festival, sell_to(festival, lea)).number for _seat in range(3)]
    assert numbers == ["1-000001", "1-000002", "1-000003"]
    assert [row.number for row in sorted(festival.rows(CreditNote), key=lambda row: row.number)] == [1, 2, 3]


def test_several_requests_are_accepted_at_once_with_one_note_for_each_sale(festival: Festival) -> None:
    lea = customer(festival)
    first = sell_to(festival, lea, festival.seat_line(quantity=3))
    second = sell_to(festival, lea, festival.seat_line("ETERNAL"))
    requests = (*asked(festival, first, [1, 3]), *asked(festival, second))
    notes = accepted(festival, requests)
    assert sorted(note.credited_cents for note in notes) == [850, 1700]
    assert cents_of(festival, lea) == 2550
    assert (festival.allocated(), festival.allocated("ETERNAL")) == (1, 0)
    festival.read(check_the_house)


def test_seats_of_one_sale_accepted_at_once_for_two_customers_share_what_its_card_paid(
    festival: Festival,
) -> None:
    lea, paul = customer(festival), customer(festival, PAUL)
    card = festival.sell_gift(cents=1000)
    seats = festival.seat_line(quantity=2)
    sale = festival.complete(festival.paid(seats, by=[by_card(card, 850)]))
    requests = [*asked(festival, sale, [1], lea), *asked(festival, sale, [2], paul)]
    first, second = accepted(festival, requests)
    assert {first.customer_id, second.customer_id} == {lea, paul}
    assert left_in(festival, card.value_id) == 1000
    assert cents_of(festival, lea) + cents_of(festival, paul) == 850
    festival.read(check_the_house)


def test_seats_of_one_sale_accepted_at_once_for_two_customers_free_its_code_once(festival: Festival) -> None:
    lea, paul = customer(festival), customer(festival, PAUL)
    offer = look_up(festival, make(festival, percentage=5_000, seats_per_use=2).codes[0])
    sale = sell_basket(festival, put_on(festival.basket(festival.seat_line(quantity=2)), offer))
    assert left_in(festival, offer.value_id) == 0
    accepted(festival, [*asked(festival, sale, [1], lea), *asked(festival, sale, [2], paul)])
    assert left_in(festival, offer.value_id) == 1
    festival.read(check_the_house)


def test_accepting_again_with_the_same_id_accepts_once(festival: Festival) -> None:
    lea = customer(festival)
    requests = asked(festival, sell_to(festival, lea))
    command = AcceptCredits(uuid4(), (requests[0].request_id,))
    first, second = (
        festival.write(lambda session: accept(session, command, festival.managers_desk, clock=festival.clock))
        for _time in range(2)
    )
    assert first == second
    assert cents_of(festival, lea) == 850


def test_an_answer_given_is_not_given_again(festival: Festival) -> None:
    requests = asked(festival, sell_to(festival, customer(festival)))
    accepted(festival, requests)
    with pytest.raises(Refusal, match="a déjà été acceptée par Lisa B à 12 h 00"):
        accepted(festival, requests)
    with pytest.raises(Refusal, match="a déjà été acceptée"):
        refused(festival, requests)


def test_a_refused_ticket_lets_in_again_and_may_be_asked_for_again(festival: Festival) -> None:
    lea = customer(festival)
    sale = sell_to(festival, lea, festival.seat_line(quantity=2))
    requests = asked(festival, sale, [1, 2])
    assert refused(festival, requests) == 2
    assert refused(festival, requests) == 0
    (row, _other) = festival.read(answered_credits)
    assert (row.state, row.reason, row.answered_by) == (CreditState.REFUSED, "Séance complète", "Lisa B.")
    let_in(festival, 0)
    (again,) = asked(festival, sale, [2])
    assert cents_of(festival, lea) == 0
    accepted(festival, [again])
    found = festival.read(lambda session: read_credit(session, again.request_id))
    assert found is not None
    assert (found.state, found.credit_note) == (CreditState.ACCEPTED, "1-000001")
    festival.read(check_the_house)


def test_a_refusal_says_why(festival: Festival) -> None:
    requests = asked(festival, sell_to(festival, customer(festival)))
    with pytest.raises(Refusal, match="Un refus se justifie"):
        refused(festival, requests, " \n")
    assert festival.count(CreditAnswer) == 0


def test_a_cashier_answers_with_a_managers_code_only(festival: Festival) -> None:
    requests = asked(festival, sell_to(festival, customer(festival)))
    with pytest.raises(ManagerNeeded):
        accepted(festival, requests, festival.desk)
    with pytest.raises(ManagerNeeded):
        accepted(festival, requests, festival.desk, authorized_by=festival.cashier.id)
    accepted(festival, requests, festival.desk, authorized_by=festival.manager.id)
    assert festival.rows(CreditAnswer)[0].authorized_by_id == festival.manager.id
    (row,) = festival.read(answered_credits)
    assert row.answered_by == festival.manager.name
    festival.read(check_the_house)


def test_a_pin_typed_as_the_reason_of_a_refusal_is_not_sent_to_the_customer(festival: Festival) -> None:
    requests = asked(festival, sell_to(festival, customer(festival)))
    with pytest.raises(Refusal, match="code PIN"):
        refused(festival, requests, "1234")
    assert festival.count(CreditAnswer) == 0


def test_where_the_rule_answers_a_seat_comes_back_at_once(festival: Festival) -> None:
    lea = customer(festival)
    sale = sell_to(festival, lea)
    desk = desk_with(festival, credit_answers=CreditAnswers.AT_ONCE)
    (request,) = asked(festival, sale, desk=desk)
    assert request.credit_note is not None
    assert request.credit_note.number == "1-000001"
    assert cents_of(festival, lea) == 850
    assert festival.allocated() == 0
    assert festival.rows(CreditAnswer)[0].authorized_by_id is None
    festival.read(check_the_house)


def test_asking_again_where_the_rule_answers_credits_once(festival: Festival) -> None:
    lea = customer(festival)
    desk = desk_with(festival, credit_answers=CreditAnswers.AT_ONCE)
    command = wish(festival, sell_to(festival, lea), desk=desk)
    for _time in range(2):
        festival.write(lambda session: ask(session, command, desk, clock=festival.clock))
    assert cents_of(festival, lea) == 850


def test_a_request_made_in_time_is_accepted_until_the_screening_ends(festival: Festival) -> None:
    lea = customer(festival)
    sale = sell_to(festival, lea, festival.seat_line(quantity=2))
    first, second = asked(festival, sale, [1, 2])
    festival.clock.advance(timedelta(hours=8, minutes=105))
    accepted(festival, [first])
    festival.clock.advance(timedelta(seconds=1))
    with pytest.raises(Refusal, match="est terminée : sa place n'est plus reprise"):
        accepted(festival, [second])
    refused(festival, [second])


def test_a_seat_asked_for_is_not_reversed_meanwhile(festival: Festival) -> None:
    sale = sell_to(festival, customer(festival))
    asked(festival, sale)
    with pytest.raises(Refusal, match="demande d'avoir"):
        festival.reverse(sale)
    festival.read(check_the_house)


def test_a_seat_that_came_back_is_not_reversed(festival: Festival) -> None:
    sale = sell_to(festival, customer(festival))
    credited(festival, sale)
    with pytest.raises(Refusal, match="déjà annulé"):
        festival.reverse(sale)


def test_the_rest_of_a_sale_is_reversed_for_the_money_it_brought(festival: Festival) -> None:
    lea = customer(festival)
    sale = sell_to(festival, lea, festival.seat_line(quantity=2))
    credited(festival, sale, [1])
    reversal = festival.reverse(sale)
    assert [(refund.means, refund.amount_cents) for refund in reversal.refunds] == [("cash", 850)]
    assert cents_of(festival, lea) == 850
    festival.read(check_the_house)


def test_a_free_seat_comes_back_without_a_cent(festival: Festival) -> None:
    sale = sell_to(festival, None, festival.seat_line(tariff="INVIT"))
    note = credited(festival, sale)
    assert (note.credited_cents, note.refunds) == (0, ())
    assert festival.allocated() == 0
    festival.read(check_the_house)


def test_the_document_says_what_came_back_and_the_new_balance(festival: Festival) -> None:
    lea = customer(festival)
    credited(festival, sell_to(festival, lea))
    sale = sell_to(festival, lea, festival.seat_line(quantity=2))
    note = credited(festival, sale, [1, 2], desk=desk_with(festival, credit_value="100 % - 1,50"))
    (job,) = (
        row
        for row in festival.rows(PrintJob)
        if row.document == DocumentKind.CREDIT_NOTE and row.sale_id == note.sale_id
    )
    with festival.database.read() as session:
        found = find_job(session, job.id)
        assert found is not None
        paper = load_paper(session, found, clock=festival.clock)
    assert isinstance(paper, CreditNotePaper)
    assert (paper.number, paper.original_operation) == ("1-000002", sale.operation)
    assert in_paris(paper.original_at).hour == 12
    assert [(line.label, line.quantity, line.unit_price_cents) for line in paper.lines] == [
        ("Kneecap", -2, 850),
        ("Frais de reprise", 2, 150),
    ]
    assert paper.credited_cents == 1400
    assert [(each.label, each.amount_cents, each.left) for each in paper.credits] == [
        ("Solde client", -1400, "22,50\u00a0€")
    ]
    # 14,00 € at 5,5 %: 14,00 / 1,055 = 13,270… → 13,27 net, 0,73 VAT
    assert [(share.rate, share.net_cents, share.vat_cents) for share in paper.vat] == [(550, -1327, -73)]
    assert (paper.customer, paper.authorized_by) == ("Léa Dupont", "Lisa B.")
    assert paper.ticket_numbers == sale.tickets


def test_notes_are_printed_only_where_somebody_waits_for_them(festival: Festival) -> None:
    requests = asked(festival, sell_to(festival, customer(festival)))
    accepted(festival, requests, print_notes=False)
    assert all(row.document != DocumentKind.CREDIT_NOTE for row in festival.rows(PrintJob))


def test_a_manager_who_left_answers_nothing(festival: Festival) -> None:
    requests = asked(festival, sell_to(festival, customer(festival)))
    festival.send_away(festival.manager)
    with pytest.raises(Refusal):
        accepted(festival, requests)
    assert replace(requests[0]) == requests[0]


def test_a_place_given_may_go_with_those_bought_whoever_is_credited_first(festival: Festival) -> None:
    """Of two bought and one given, the given one is credited to one, the others to another."""
    (code,) = make(festival, percentage=10_000, needs_paid_seat=True, uses=2).codes
    lea, paul = customer(festival), customer(festival, PAUL)
    requests = []
    for for_given, for_bought in ((paul, lea), (lea, paul)):
        basket = put_on(festival.basket(festival.seat_line(quantity=3)), look_up(festival, code))
        sale = sell_basket(festival, basket)
        prices = {
            row.position: row.unit_price_cents
            for row in festival.rows(SaleLine)
            if row.sale_id == sale.sale_id
        }
        (given,) = [position for position, cents in prices.items() if not cents]
        requests += asked(festival, sale, [given], for_given)
        for position in sorted(prices.keys() - {given}):
            requests += asked(festival, sale, [position], for_bought)
    accepted(festival, requests)
    assert left_in(festival, look_up(festival, code).value_id) == 2
    festival.read(check_the_house)
