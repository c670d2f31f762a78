"""Seats for other seats: whatever they were paid with, in one act and two operations."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import SaleKind, ScreeningState
from boxoffice.models import JournalEntry, Payment, PrintJob, Sale, Screening, Ticket, table
from boxoffice.sales import means
from boxoffice.sales.basket import Line, name_customer
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.credits.exchange import CompletedExchange, Exchange, Quote, exchange, quote
from boxoffice.sales.people.personal_data import erase_customers
from boxoffice.sales.prints.outbox import find_job
from boxoffice.sales.prints.paper_loading import load_paper
from boxoffice.sales.prints.papers import CreditNotePaper
from boxoffice.sales.screenings.entrance import admit
from boxoffice.sales.settlement import Settlement, Tender, tender
from boxoffice.sales.staff.desk import Desk
from tests.sales.conftest import Festival
from tests.sales.credit_life import asked, cents_of, customer, sell_to
from tests.sales.invariants import check_the_house
from tests.sales.test_credit_requests import refused
from tests.sales.test_gift_cards import by_card
from tests.sales.value_life import add_kind, give_card, left_in, sell_with_card


def wish(
    festival: Festival,
    sale: CompletedSale,
    *lines: Line,
    positions: tuple[int, ...] = (1,),
    by: tuple[Tender, ...] = (),
    customer_id: UUID | None = None,
    **changes: Any,
) -> Exchange:
    """The wish to have these seats instead, what is missing paid in cash."""
    basket = name_customer(festival.basket(*lines), customer_id, "Léa Dupont" if customer_id else "")
    command = Exchange(uuid4(), uuid4(), sale.sale_id, positions, basket, by, **changes)
    missing = quoted(festival, command).to_pay_cents
    if missing > 0:
        cash = tender(Settlement(missing), means.CASH, cash_limit_cents=100_000).tenders
        command = replace(command, tenders=(*by, *cash))
    return command


def quoted(festival: Festival, command: Exchange, desk: Desk | None = None) -> Quote:
    return festival.read(lambda session: quote(session, command, desk or festival.desk, clock=festival.clock))


def done(festival: Festival, command: Exchange, desk: Desk | None = None) -> CompletedExchange:
    return festival.write(
        lambda session: exchange(session, command, desk or festival.desk, clock=festival.clock)
    )


def exchanged(festival: Festival, sale: CompletedSale, *lines: Line, **changes: Any) -> CompletedExchange:
    return done(festival, wish(festival, sale, *lines, **changes))


def payments(festival: Festival, sale_id: UUID) -> list[tuple[str, int]]:
    rows = [row for row in festival.rows(Payment) if row.sale_id == sale_id]
    return [(row.means, row.amount_cents) for row in rows]


def test_a_seat_is_exchanged_for_one_at_the_same_price(festival: Festival) -> None:
    sale = festival.sell()
    done = exchanged(festival, sale, festival.seat_line("ETERNAL"))
    assert payments(festival, done.credit.sale_id) == [("exchange", -850)]
    assert payments(festival, done.sale.sale_id) == [("exchange", 850)]
    assert (festival.allocated(), festival.allocated("ETERNAL")) == (0, 1)
    rows = {row.id: row for row in festival.rows(Sale)}
    assert rows[done.credit.sale_id].kind is SaleKind.CREDIT_NOTE
    assert rows[done.sale.sale_id].exchanges_sale_id == done.credit.sale_id
    festival.read(check_the_house)


def test_the_old_ticket_is_dead_and_the_new_one_lets_in(festival: Festival) -> None:
    sale = festival.sell()
    exchanged(festival, sale, festival.seat_line("ETERNAL"))
    old, new = sorted(festival.rows(Ticket), key=lambda row: row.number)

    def let_in(code: str) -> None:
        festival.write(
            lambda session: admit(session, festival.posts[0], code, "Porte A", clock=festival.clock)
        )

    with pytest.raises(Refusal, match="ne donne plus accès"):
        let_in(old.code)
    let_in(new.code)


def test_a_dearer_seat_is_paid_up_and_a_cheaper_one_leaves_the_rest_on_the_balance(
    festival: Festival,
) -> None:
    lea = customer(festival)
    cheap = sell_to(festival, lea, festival.seat_line(tariff="REDUIT"))
    command = wish(festival, cheap, festival.seat_line("ETERNAL"))
    worth = quoted(festival, replace(command, tenders=()))
    # 6,00 paid; 8,50 now: 2,50 to pay.
    assert (worth.old_cents, worth.new_cents, worth.exchanged_cents, worth.to_pay_cents) == (
        600,
        850,
        600,
        250,
    )
    first = done(festival, command)
    assert payments(festival, first.sale.sale_id) == [("exchange", 600), ("cash", 250)]
    second = exchanged(festival, first.sale, festival.seat_line(tariff="REDUIT"), customer_id=lea)
    # 8,50 given back; 6,00 now: 2,50 on the balance.
    assert payments(festival, second.credit.sale_id) == [("balance", -250), ("exchange", -600)]
    assert cents_of(festival, lea) == 250
    festival.read(check_the_house)


def test_what_is_left_over_needs_somebody_to_credit(festival: Festival) -> None:
    sale = festival.sell()
    command = wish(festival, sale, festival.seat_line("ETERNAL", "REDUIT"))
    said = refused(festival, lambda: done(festival, command))
    assert said.message == "Un avoir va sur le solde d'un client."
    lea = customer(festival)
    exchanged(festival, sale, festival.seat_line("ETERNAL", "REDUIT"), customer_id=lea)
    assert cents_of(festival, lea) == 250


def test_what_a_card_paid_goes_back_to_it_when_it_is_not_needed(festival: Festival) -> None:
    card = festival.sell_gift(cents=5000)
    sale = festival.complete(festival.paid(festival.seat_line(), by=[by_card(card, 500)]))
    assert festival.left_on(card.value_id) == 4500
    # Paid 5,00 by card and 3,50 in cash; 6,00 now: the cash and 2,50 of the card pay, 2,50 go back to it.
    result = exchanged(festival, sale, festival.seat_line("ETERNAL", "REDUIT"))
    assert payments(festival, result.credit.sale_id) == [("gift_card", -250), ("exchange", -600)]
    assert festival.left_on(card.value_id) == 4750
    festival.read(check_the_house)


def test_a_single_purpose_voucher_is_taxed_once_through_an_exchange(festival: Festival) -> None:
    card = festival.sell_gift("BON850")
    sale = festival.complete(festival.paid(festival.seat_line(), by=[by_card(card, 850, 550)]))
    result = exchanged(festival, sale, festival.seat_line("ETERNAL"))
    nothing = [{"rate": 550, "gross": 0, "net": 0, "vat": 0}]
    assert vat_of(festival, result.credit.sale_id) == nothing
    assert vat_of(festival, result.sale.sale_id) == nothing
    lea = customer(festival)
    cheaper = exchanged(festival, result.sale, festival.seat_line(tariff="REDUIT"), customer_id=lea)
    # 8,50 came from the voucher, 6,00 pay again; the 2,50 on the balance are turnover already counted.
    assert vat_of(festival, cheaper.credit.sale_id) == nothing
    festival.read(check_the_house)


def vat_of(festival: Festival, sale_id: UUID) -> Any:
    content = next(row.content for row in festival.rows(JournalEntry) if row.sale_id == sale_id)
    return json.loads(content)["vat"]


def test_a_place_comes_back_to_its_card_and_pays_again(festival: Festival) -> None:
    value_id = give_card(festival, add_kind(festival))
    before = left_in(festival, value_id)
    sale = sell_with_card(festival, value_id, festival.seat_line())
    again = Tender(means.PLACE_CARD.code, 850, value_id=value_id, vat_rate=550, covers=1)
    result = exchanged(festival, sale, festival.seat_line("ETERNAL"), by=(again,))
    assert payments(festival, result.credit.sale_id) == [("place_card", -850)]
    assert payments(festival, result.sale.sale_id) == [("place_card", 850)]
    assert (before, left_in(festival, value_id)) == (5, 4)
    festival.read(check_the_house)


def test_a_seat_of_a_place_card_is_exchanged_for_money_and_its_place_comes_back(festival: Festival) -> None:
    value_id = give_card(festival, add_kind(festival))
    before = left_in(festival, value_id)
    sale = sell_with_card(festival, value_id, festival.seat_line())
    result = exchanged(festival, sale, festival.seat_line("ETERNAL"))
    assert payments(festival, result.sale.sale_id) == [("cash", 850)]
    assert left_in(festival, value_id) == before
    festival.read(check_the_house)


def test_the_last_seat_of_a_full_house_is_exchanged_for_itself_at_another_tariff(festival: Festival) -> None:
    festival.sell(festival.seat_line("ETERNAL", quantity=4))
    sale = festival.sell(festival.seat_line("ETERNAL", "REDUIT"))
    exchanged(festival, sale, festival.seat_line("ETERNAL"))
    assert festival.allocated("ETERNAL") == 5
    festival.read(check_the_house)


def test_where_no_seat_is_left_the_old_one_is_kept(festival: Festival) -> None:
    festival.sell(festival.seat_line("ETERNAL", quantity=5))
    sale = festival.sell()
    command = wish(festival, sale, festival.seat_line("ETERNAL"))
    assert "est complet" in refused(festival, lambda: done(festival, command)).message


def test_an_exchange_tried_again_exchanges_once(festival: Festival) -> None:
    command = wish(festival, festival.sell(), festival.seat_line("ETERNAL"))
    assert done(festival, command) == done(festival, command)
    assert festival.allocated("ETERNAL") == 1


def test_one_seat_of_several_is_exchanged(festival: Festival) -> None:
    sale = festival.sell(festival.seat_line(quantity=3))
    exchanged(festival, sale, festival.seat_line("ETERNAL"), positions=(2,))
    assert (festival.allocated(), festival.allocated("ETERNAL")) == (2, 1)
    reversal = festival.reverse(sale, desk=festival.managers_desk)
    assert [(refund.means, refund.amount_cents) for refund in reversal.refunds] == [("cash", 1700)]
    festival.read(check_the_house)


def used(festival: Festival, _sale: CompletedSale) -> None:
    code = festival.rows(Ticket)[0].code
    festival.write(lambda session: admit(session, festival.posts[0], code, "Porte A", clock=festival.clock))


def pending(festival: Festival, sale: CompletedSale) -> None:
    asked(festival, sale)


def reversed_before(festival: Festival, sale: CompletedSale) -> None:
    festival.reverse(sale)


def started(festival: Festival, _sale: CompletedSale) -> None:
    festival.clock.advance(timedelta(hours=8))


@pytest.mark.parametrize(
    ("befallen", "said"),
    [
        (used, "a déjà servi à l'entrée (Porte A)"),
        (pending, "Une demande de reprise est en cours"),
        (reversed_before, "est annulé"),
        (started, "a commencé à 20 h 00 : son billet ne s'échange plus"),
    ],
)
def test_a_seat_that_is_gone_is_not_exchanged(
    festival: Festival, befallen: Callable[[Festival, CompletedSale], None], said: str
) -> None:
    sale = sell_to(festival, customer(festival))
    command = wish(festival, sale, festival.seat_line("KNEECAP2"))
    befallen(festival, sale)
    assert said in refused(festival, lambda: done(festival, command)).message


def test_past_the_deadline_a_manager_exchanges(festival: Festival) -> None:
    sale = festival.sell()
    command = wish(festival, sale, festival.seat_line("KNEECAP2"))
    festival.clock.advance(timedelta(hours=7, seconds=1))
    with pytest.raises(ManagerNeeded, match=r"ne s'échangeaient que jusqu'au mer\. 21 janv\. à 19 h 00"):
        done(festival, command)
    done(festival, replace(command, authorized_by=festival.manager.id))
    festival.read(check_the_house)


def test_seats_are_exchanged_for_seats_alone(festival: Festival) -> None:
    sale = festival.sell()
    command = Exchange(
        uuid4(), uuid4(), sale.sale_id, (1,), festival.basket(festival.product_line(quantity=3))
    )
    assert "contre d'autres places" in refused(festival, lambda: done(festival, command)).message


def test_seats_of_a_cancelled_screening_are_exchanged_but_not_for_it(festival: Festival) -> None:
    sale = festival.sell()
    row = table(Screening)
    festival.write(
        lambda session: session.execute(
            sa.update(row).where(row.c.code == "KNEECAP").values(state=ScreeningState.CANCELLED)
        )
    )
    same = Exchange(uuid4(), uuid4(), sale.sale_id, (1,), festival.basket(festival.seat_line(tariff="PLEIN")))
    assert "est annulée" in refused(festival, lambda: done(festival, same)).message
    exchanged(festival, sale, festival.seat_line("KNEECAP2"))
    festival.read(check_the_house)


def test_nobody_pays_with_the_clearing_means(festival: Festival) -> None:
    command = festival.order(festival.seat_line(), tenders=(Tender(means.EXCHANGE.code, 850),))
    assert "Moyen de paiement inconnu" in festival.refused(command).message


def test_what_an_exchange_paid_comes_back_once_and_opens_the_balance_of_its_customer(
    festival: Festival,
) -> None:
    """A voucher of one rate, exchanged: that rate comes back for the first seat, and money for the second."""
    lea = customer(festival)
    card = festival.sell_gift("BON850")
    command = festival.paid(festival.seat_line(), by=[by_card(card, 850, 550)])
    sale = festival.complete(replace(command, basket=name_customer(command.basket, lea, "Léa Dupont")))
    new = exchanged(festival, sale, festival.seat_line("ETERNAL", quantity=2), customer_id=lea).sale
    assert payments(festival, new.sale_id) == [("exchange", 850), ("cash", 850)]
    undone = [
        festival.reverse(new, position, authorized_by=festival.manager.id).sale_id for position in (1, 2)
    ]
    assert [payments(festival, sale_id) for sale_id in undone] == [[("balance", -850)], [("cash", -850)]]
    assert cents_of(festival, lea) == 850
    festival.read(check_the_house)


def test_an_exchange_of_a_customer_who_was_erased_is_not_undone_to_nobodys_balance(
    festival: Festival,
) -> None:
    lea = customer(festival)
    new = exchanged(festival, sell_to(festival, lea), festival.seat_line("ETERNAL"), customer_id=lea).sale
    festival.write(
        lambda session: erase_customers(
            session, [lea], festival.posts[0], manager=festival.manager, clock=festival.clock
        )
    )
    with pytest.raises(Refusal, match="au nom de personne"):
        festival.reverse(new, authorized_by=festival.manager.id)


def test_the_paper_of_an_exchange_names_the_sale_that_it_paid_for(festival: Festival) -> None:
    lea = customer(festival)
    dear = sell_to(festival, lea, festival.seat_line())
    done = exchanged(festival, dear, festival.seat_line("ETERNAL", "UFR"), print_note=True)
    job = next(row for row in festival.rows(PrintJob) if row.sale_id == done.credit.sale_id)
    paper = festival.read(
        lambda session: load_paper(session, find_job(session, job.id), clock=festival.clock)
    )
    assert isinstance(paper, CreditNotePaper)
    spent = sum(-cents for code, cents in payments(festival, done.credit.sale_id) if code == "exchange")
    assert (paper.exchanged_for, paper.exchanged_cents) == (done.sale.operation, spent)
    assert [credit.label for credit in paper.credits] == ["Solde client"]
    assert paper.credited_cents - paper.exchanged_cents == -paper.credits[0].amount_cents > 0
