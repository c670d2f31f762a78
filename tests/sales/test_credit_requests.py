"""Asking for a seat to become a credit note: what it is worth, and every reason why it cannot."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from boxoffice.errors import Refusal
from boxoffice.kinds import CreditRequestSource, CreditState, ScreeningState
from boxoffice.models import Screening, Ticket, table
from boxoffice.sales.credits.listing import count_pending, pending_credits
from boxoffice.sales.credits.requests import ask
from boxoffice.sales.people.personal_data import erase_customers
from boxoffice.sales.screenings.entrance import admit
from boxoffice.sales.staff.desk import Desk
from tests.sales.conftest import Festival
from tests.sales.credit_life import (
    PAUL,
    asked,
    cents_of,
    customer,
    requests_made,
    sell_to,
    summary,
    wish,
)
from tests.sales.invariants import check_the_house


def desk_with(festival: Festival, **rules: object) -> Desk:
    """The first till under other rules."""
    changed = replace(festival.desk.post.rules, **rules)  # type: ignore[arg-type]
    return replace(festival.desk, post=replace(festival.desk.post, rules=changed))


def refused(festival: Festival, act: Callable[[], object]) -> Refusal:
    """The refusal that an act meets, once it is known that it left no trace."""
    before = festival.everything()
    with pytest.raises(Refusal) as refusal:
        act()
    assert festival.everything() == before
    return refusal.value


def ticket_code(festival: Festival) -> str:
    code: str = festival.rows(Ticket)[0].code
    return code


def test_a_seat_asked_for_waits_in_the_inbox(festival: Festival) -> None:
    lea = customer(festival)
    sale = sell_to(festival, lea, festival.seat_line(quantity=2))
    festival.clock.advance(timedelta(minutes=5))
    (request,) = asked(festival, sale, [2])
    assert request.customer_id == lea
    assert (request.seat.paid_cents, request.seat.credited_cents) == (850, 850)
    (row,) = festival.read(pending_credits)
    assert row.state is CreditState.PENDING
    assert row.source is CreditRequestSource.COUNTER
    assert (row.operation, row.ticket_number) == (sale.operation, sale.tickets[1])
    assert (row.event_title, row.hall, row.sold, row.capacity) == ("Kneecap", "Auditorium", 2, 10)
    assert row.fullness == 20
    assert row.time_left(festival.clock.now()) == timedelta(hours=7, minutes=55)
    assert (row.customer_name, row.customer_email) == ("Léa Dupont", "lea@example.fr")
    assert festival.read(count_pending) == 1
    assert cents_of(festival, lea) == 0
    festival.read(check_the_house)


def test_the_inbox_is_told_oldest_first(festival: Festival) -> None:
    lea = customer(festival)
    sales = [sell_to(festival, lea) for _sale in range(3)]
    for sale in (sales[1], sales[2], sales[0]):
        festival.clock.advance(timedelta(minutes=1))
        asked(festival, sale)
    told = [row.operation for row in festival.read(pending_credits)]
    assert told == [sales[1].operation, sales[2].operation, sales[0].operation]


def test_asking_again_with_the_same_ids_asks_once(festival: Festival) -> None:
    sale = sell_to(festival, customer(festival))
    command = wish(festival, sale)
    for _time in range(2):
        (request,) = festival.write(
            lambda session: ask(session, command, festival.desk, clock=festival.clock)
        )
    assert request.request_id == command.seats[0].request_id
    assert requests_made(festival) == 1


def test_the_same_id_is_not_asked_for_another_seat(festival: Festival) -> None:
    sale = sell_to(festival, customer(festival), festival.seat_line(quantity=2))
    (first,) = asked(festival, sale, [1])
    command = wish(festival, sale, [2])
    again = replace(command, seats=(replace(command.seats[0], request_id=first.request_id),))
    said = refused(
        festival,
        lambda: festival.write(lambda session: ask(session, again, festival.desk, clock=festival.clock)),
    )
    assert "a déjà servi à d'autres places" in said.message


def test_the_terms_are_accepted_or_nothing_is_asked(festival: Festival) -> None:
    sale = sell_to(festival, customer(festival))
    command = wish(festival, sale, terms_accepted=False)
    said = refused(
        festival,
        lambda: festival.write(lambda session: ask(session, command, festival.desk, clock=festival.clock)),
    )
    assert "n'a pas accepté les conditions" in said.message


def test_a_ticket_asked_for_lets_nobody_in(festival: Festival) -> None:
    sale = sell_to(festival, customer(festival))
    asked(festival, sale)
    said = refused(
        festival,
        lambda: festival.write(
            lambda session: admit(
                session, festival.posts[1], ticket_code(festival), "Porte A", clock=festival.clock
            )
        ),
    )
    assert "demande d'avoir" in said.message


def test_a_seat_is_asked_for_once_at_a_time(festival: Festival) -> None:
    sale = sell_to(festival, customer(festival))
    asked(festival, sale)
    said = refused(festival, lambda: asked(festival, sale))
    assert "Une demande de reprise est en cours pour Kneecap" in said.message


def test_a_used_ticket_does_not_come_back(festival: Festival) -> None:
    sale = sell_to(festival, customer(festival))
    festival.write(
        lambda session: admit(
            session, festival.posts[0], ticket_code(festival), "Porte A", clock=festival.clock
        )
    )
    said = refused(festival, lambda: asked(festival, sale))
    assert said.message == "Le billet de Kneecap a déjà servi à l'entrée (Porte A)."


def test_a_reversed_ticket_does_not_come_back(festival: Festival) -> None:
    sale = sell_to(festival, customer(festival))
    festival.reverse(sale)
    assert "est annulé" in refused(festival, lambda: asked(festival, sale)).message


def test_a_ticket_that_never_was_does_not_come_back(festival: Festival) -> None:
    sale = replace(sell_to(festival, customer(festival)), sale_id=uuid4())
    assert "n'existe pas" in refused(festival, lambda: asked(festival, sale)).message


def test_the_deadline_itself_is_in_time_and_a_second_later_is_not(festival: Festival) -> None:
    lea = customer(festival)
    first, second = (sell_to(festival, lea) for _sale in range(2))
    festival.clock.advance(timedelta(hours=7))
    asked(festival, first)
    festival.clock.advance(timedelta(seconds=1))
    said = refused(festival, lambda: asked(festival, second))
    assert said.message == "Kneecap : les places n'étaient reprises que jusqu'au mer. 21 janv. à 19 h 00."


def test_without_a_deadline_a_seat_comes_back_until_its_screening_starts(festival: Festival) -> None:
    desk = desk_with(festival, credit_ends_minutes=0)
    lea = customer(festival)
    first, second = (sell_to(festival, lea) for _sale in range(2))
    festival.clock.advance(timedelta(hours=8) - timedelta(seconds=1))
    asked(festival, first, desk=desk)
    festival.clock.advance(timedelta(seconds=1))
    said = refused(festival, lambda: asked(festival, second, desk=desk))
    assert said.message == "Kneecap a commencé à 20 h 00 : son billet n'est plus repris."


def test_past_the_last_tier_it_is_too_late(festival: Festival) -> None:
    desk = desk_with(festival, credit_value="8 h : 50 %")
    sale = sell_to(festival, customer(festival))
    (seat,) = summary(festival, sale, desk)
    assert (seat.credited_cents, seat.obstacle) == (425, None)
    festival.clock.advance(timedelta(seconds=1))
    said = refused(festival, lambda: asked(festival, sale, desk=desk))
    assert "n'étaient reprises que jusqu'au mer. 21 janv. à 12 h 00" in said.message


def test_an_amount_that_has_changed_is_read_to_the_customer_again(festival: Festival) -> None:
    desk = desk_with(festival, credit_value="8 h : 100 % ; 4 h : 50 %")
    sale = sell_to(festival, customer(festival))
    command = wish(festival, sale, desk=desk)
    festival.clock.advance(timedelta(seconds=1))
    said = refused(
        festival,
        lambda: festival.write(lambda session: ask(session, command, desk, clock=festival.clock)),
    )
    assert said.message == "Kneecap : la reprise vaut maintenant 4,25\u00a0€ au lieu de 8,50\u00a0€."


def test_fees_that_take_all_are_refused(festival: Festival) -> None:
    desk = desk_with(festival, credit_value="100 % - 9,00")
    sale = sell_to(festival, customer(festival))
    assert "Les frais prennent tout" in refused(festival, lambda: asked(festival, sale, desk=desk)).message


def test_a_free_seat_comes_back_for_nothing(festival: Festival) -> None:
    sale = sell_to(festival, None, festival.seat_line(tariff="INVIT"))
    (request,) = asked(festival, sale)
    assert request.seat.credited_cents == 0
    assert request.customer_id is None


def test_a_paid_seat_needs_somebody_to_credit(festival: Festival) -> None:
    sale = sell_to(festival, None)
    said = refused(festival, lambda: asked(festival, sale))
    assert said.message == "Un avoir va sur le solde d'un client."
    lea = customer(festival)
    (request,) = asked(festival, sale, customer_id=lea)
    assert request.customer_id == lea


def test_a_sale_in_a_name_is_credited_to_nobody_else(festival: Festival) -> None:
    sale = sell_to(festival, customer(festival))
    paul = customer(festival, PAUL)
    said = refused(festival, lambda: asked(festival, sale, customer_id=paul))
    assert "est au nom de Léa Dupont" in said.message


def test_a_sale_to_somebody_erased_is_credited_to_who_is_named(festival: Festival) -> None:
    lea = customer(festival)
    sale = sell_to(festival, lea)
    festival.write(
        lambda session: erase_customers(
            session, [lea], festival.desk.post, manager=festival.manager, clock=festival.clock
        )
    )
    paul = customer(festival, PAUL)
    (request,) = asked(festival, sale, customer_id=paul)
    assert request.customer_id == paul


def test_a_group_comes_back_whole_or_stays_large_enough(festival: Festival) -> None:
    sale = sell_to(festival, customer(festival), festival.seat_line(tariff="GROUPE", quantity=5))
    said = refused(festival, lambda: asked(festival, sale, [1, 2]))
    assert "Il ne resterait que 3 places au tarif Groupe, qui en demande au moins 4." in said.message
    asked(festival, sale, [1])
    assert "Il ne resterait que 3 places" in refused(festival, lambda: asked(festival, sale, [2])).message
    asked(festival, sale, [2, 3, 4, 5])


def test_a_cancelled_screening_gives_all_back_at_any_time(festival: Festival) -> None:
    desk = desk_with(festival, credit_value="50 %")
    sale = sell_to(festival, customer(festival))
    row = table(Screening)
    festival.write(
        lambda session: session.execute(
            sa.update(row).where(row.c.code == "KNEECAP").values(state=ScreeningState.CANCELLED)
        )
    )
    festival.clock.advance(timedelta(days=2))
    (seat,) = summary(festival, sale, desk)
    assert (seat.credited_cents, seat.terms_waived, seat.obstacle) == (850, True, None)
