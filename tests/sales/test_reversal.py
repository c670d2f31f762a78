"""Reversal: money back by the means it came, tickets dead, seats on sale again."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlmodel import Session

from boxoffice.errors import DeskClosed, ManagerNeeded, Refusal
from boxoffice.models import (
    JobState,
    JournalEntry,
    Payment,
    PrintJob,
    Quota,
    Sale,
    SaleLine,
    Ticket,
    table,
)
from boxoffice.sales.completed_sales import CompletedSale
from boxoffice.sales.prints.papers import DocumentKind
from boxoffice.sales.prints.reprinting import reprint
from boxoffice.sales.reversal import CompletedReversal, Refund, Reverse, reverse
from boxoffice.sales.screenings.entrance import admit
from boxoffice.sales.settlement import Tender
from boxoffice.sales.staff.shift_closing import close_shift
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house

GRACE = timedelta(minutes=10)


@pytest.fixture(autouse=True)
def _the_house_stands(festival: Festival) -> object:
    yield
    festival.read(check_the_house)


def papers_come_out(session: Session) -> None:
    job = table(PrintJob)
    session.execute(update(job).where(job.c.state == JobState.QUEUED).values(state=JobState.SENT))


def refused(
    festival: Festival, sold: CompletedSale, *positions: int, kind: type[Refusal] = Refusal, **changes: object
) -> Refusal:
    """The refusal that a reversal meets, once it is known that it left no trace."""
    before = festival.everything()
    with pytest.raises(kind) as refusal:
        festival.reverse(sold, *positions, **changes)
    assert festival.everything() == before
    assert type(refusal.value) is kind
    return refusal.value


def scan(festival: Festival, position: int = 1) -> None:
    code = festival.rows(Ticket)[position - 1].code
    festival.write(lambda session: admit(session, festival.posts[1], code, "Porte A", clock=festival.clock))


def test_a_whole_sale_is_undone(festival: Festival) -> None:
    sold = festival.sell(festival.seat_line(quantity=2), festival.product_line())
    undone = festival.reverse(sold, reason=" Erreur de séance ")
    assert undone.operation == "1-000002"
    assert undone.refunded_cents == 2000
    assert undone.refunds == (Refund("cash", 2000),)
    assert undone.tickets == ("1-000001", "1-000002")
    assert festival.allocated() == 0
    reversal = next(row for row in festival.rows(Sale) if row.kind == "reversal")
    assert reversal.total_cents == -2000
    assert reversal.reverses_sale_id == sold.sale_id
    assert reversal.reason == "Erreur de séance"
    assert reversal.authorized_by_id is None


def test_nothing_of_the_sale_itself_is_changed(festival: Festival) -> None:
    sold = festival.sell(festival.seat_line(quantity=2))
    before = festival.everything()
    festival.reverse(sold)
    after = festival.everything()
    for name in ("sale", "saleline", "ticket", "payment", "journalentry"):
        assert set(before[name]) <= set(after[name])


def test_a_slip_is_ordered_and_waiting_tickets_are_not_printed(festival: Festival) -> None:
    sold = festival.sell(festival.seat_line(quantity=2), receipt=True)
    undone = festival.reverse(sold, 2)
    jobs = {(row.document, row.position, row.sale_id): row.state for row in festival.rows(PrintJob)}
    assert jobs == {
        ("ticket", 1, sold.sale_id): JobState.QUEUED,
        ("ticket", 2, sold.sale_id): JobState.ABANDONED,
        ("receipt", 0, sold.sale_id): JobState.QUEUED,
        ("reversal_slip", 0, undone.sale_id): JobState.QUEUED,
    }


def test_lines_are_undone_one_by_one_until_none_is_left(festival: Festival) -> None:
    sold = festival.sell(festival.seat_line(quantity=2), festival.product_line())
    assert festival.reverse(sold, 2).tickets == ("1-000002",)
    assert festival.allocated() == 1
    assert festival.reverse(sold, 3).refunded_cents == 300
    assert festival.reverse(sold).tickets == ("1-000001",)
    assert festival.allocated() == 0
    assert refused(festival, sold).message == "C'est déjà annulé."


def test_a_line_is_not_undone_twice(festival: Festival) -> None:
    sold = festival.sell(festival.seat_line(quantity=2))
    festival.reverse(sold, 1)
    assert refused(festival, sold, 1).message == "C'est déjà annulé."
    assert refused(festival, sold, 1, 2).message == "C'est déjà annulé."


def test_a_line_that_the_sale_does_not_have_is_refused(festival: Festival) -> None:
    sold = festival.sell()
    assert refused(festival, sold, 2).message == "Cette vente n'a pas cette ligne."


def test_an_unknown_sale_is_refused(festival: Festival) -> None:
    sold = replace(festival.sell(), sale_id=uuid4())
    refusal = refused(festival, sold)
    assert (refusal.message, refusal.remedy) == ("Cette vente n'existe pas.", "Cherchez-la par son numéro.")


def test_a_reversal_is_not_undone(festival: Festival) -> None:
    sold = festival.sell()
    undone = festival.reverse(sold)
    assert refused(festival, replace(sold, sale_id=undone.sale_id)).message == "Cette vente n'existe pas."


def test_trying_again_finds_the_first_reversal(festival: Festival) -> None:
    sold = festival.sell(festival.seat_line(quantity=2))
    first = festival.reverse(sold, 2, sale_id=(again := uuid4()))
    festival.clock.advance(timedelta(days=1))
    assert festival.reverse(sold, 2, sale_id=again) == first
    assert festival.count(Sale) == 2


def test_a_second_try_finds_the_reversal_even_when_its_shift_has_closed(festival: Festival) -> None:
    sold = festival.sell()
    first = festival.reverse(sold, sale_id=(again := uuid4()))
    shift = festival.desk.till_session_id
    festival.write(
        lambda session: close_shift(
            session, festival.posts[0], festival.cashier, shift, 10_000, clock=festival.clock
        )
    )
    assert festival.reverse(sold, sale_id=again) == first


def test_a_closed_shift_undoes_nothing(festival: Festival) -> None:
    sold = festival.sell()
    shift = festival.desk.till_session_id
    festival.write(
        lambda session: close_shift(
            session, festival.posts[0], festival.cashier, shift, 10_850, clock=festival.clock
        )
    )
    assert refused(festival, sold, kind=DeskClosed).message == "Cette session de caisse a été fermée."


def test_the_last_sale_is_undone_freely_until_the_last_second_of_the_grace(festival: Festival) -> None:
    sold = festival.sell()
    festival.clock.advance(GRACE)
    assert festival.reverse(sold).refunded_cents == 850


def test_one_second_after_the_grace_a_manager_is_needed(festival: Festival) -> None:
    sold = festival.sell()
    festival.clock.advance(GRACE + timedelta(seconds=1))
    refusal = refused(festival, sold, kind=ManagerNeeded)
    assert refusal.message == "Cette vente a plus de 10 minutes."
    assert refusal.remedy == "Un responsable peut l'annuler avec son code."


def test_a_sale_that_is_not_the_last_needs_a_manager(festival: Festival) -> None:
    sold = festival.sell()
    festival.sell()
    refusal = refused(festival, sold, kind=ManagerNeeded)
    assert refusal.message == "Ce n'est pas la dernière vente de cette caisse."


def test_a_reversal_does_not_make_the_sale_before_it_the_last(festival: Festival) -> None:
    earlier = festival.sell()
    festival.reverse(festival.sell())
    refused(festival, earlier, kind=ManagerNeeded)


def test_another_tills_sale_needs_a_manager(festival: Festival) -> None:
    sold = festival.sell()
    refusal = refused(festival, sold, kind=ManagerNeeded, desk=festival.desks[1])
    assert refusal.message == "Cette vente vient d'une autre caisse."


def test_the_manager_who_allowed_it_is_kept(festival: Festival) -> None:
    sold = festival.sell()
    undone = festival.reverse(sold, desk=festival.desks[1], authorized_by=festival.manager.id)
    assert undone.operation == "2-000001"
    reversal = next(row for row in festival.rows(Sale) if row.kind == "reversal")
    assert reversal.authorized_by_id == festival.manager.id
    assert reversal.operator_id == festival.desks[1].operator_id
    content = json.loads(next(r for r in festival.rows(JournalEntry) if r.sale_id == undone.sale_id).content)
    assert content["sale"]["authorized_by"] == festival.manager.number
    assert content["sale"]["reverses"] == str(sold.sale_id)


def test_a_manager_at_the_till_answers_alone(festival: Festival) -> None:
    sold = festival.sell()
    festival.clock.advance(timedelta(hours=2))
    festival.reverse(sold, desk=festival.managers_desk)
    reversal = next(row for row in festival.rows(Sale) if row.kind == "reversal")
    assert reversal.authorized_by_id == festival.manager.id


def test_nobody_but_a_manager_can_allow_it(festival: Festival) -> None:
    sold = festival.sell()
    festival.clock.advance(timedelta(hours=2))
    refusal = refused(festival, sold, kind=ManagerNeeded, authorized_by=festival.cashier.id)
    assert refusal.message == "Cette autorisation n'est pas celle d'un responsable."


def test_a_manager_who_has_left_cannot_allow_it(festival: Festival) -> None:
    sold = festival.sell()
    festival.send_away(festival.manager)
    refused(festival, sold, kind=ManagerNeeded, authorized_by=festival.manager.id)


def test_a_used_ticket_is_not_undone_and_its_door_is_named(festival: Festival) -> None:
    sold = festival.sell(festival.seat_line(quantity=2))
    scan(festival, 1)
    refusal = refused(festival, sold)
    assert refusal.message == "Le billet de Kneecap a déjà servi à l'entrée (Porte A)."
    assert refusal.remedy == "Un billet utilisé ne s'annule pas : choisissez les autres lignes."
    refused(festival, sold, 1)
    assert festival.reverse(sold, 2).refunded_cents == 850


def test_a_desk_that_only_says_it_is_a_managers_cannot_allow_it(festival: Festival) -> None:
    first = festival.sell()
    festival.sell()
    with pytest.raises(ManagerNeeded):
        festival.reverse(first, desk=replace(festival.desk, is_manager=True))


def test_a_manager_says_why_the_sale_of_another_time_is_undone(festival: Festival) -> None:
    first = festival.sell()
    festival.sell()
    with pytest.raises(ManagerNeeded) as refused:
        festival.reverse(first, desk=festival.managers_desk, reason=" ")
    assert refused.value.remedy == "Dites pourquoi elle est annulée."
    assert festival.reverse(first, desk=festival.managers_desk, reason="Mauvais jour").refunded_cents == 850


def test_a_used_ticket_is_not_undone_by_a_manager_either(festival: Festival) -> None:
    sold = festival.sell()
    scan(festival)
    refused(festival, sold, authorized_by=festival.manager.id)


def test_a_ticket_is_undone_until_its_screening_ends(festival: Festival) -> None:
    line = festival.seat_line()
    sold = festival.sell(line, line)
    festival.clock.at = line.starts_at + timedelta(minutes=105)
    festival.reverse(sold, 1, desk=festival.managers_desk)
    festival.clock.advance(timedelta(seconds=1))
    refusal = refused(festival, sold, 2, desk=festival.managers_desk)
    assert refusal.message == "La séance de Kneecap est terminée : son billet ne s'annule plus."


def test_an_article_is_undone_after_the_screening_it_was_sold_with(festival: Festival) -> None:
    sold = festival.sell(festival.seat_line(), festival.product_line())
    festival.clock.advance(timedelta(days=2))
    refused(festival, sold, desk=festival.managers_desk)
    assert festival.reverse(sold, 2, desk=festival.managers_desk).refunded_cents == 300


def test_a_sale_for_nothing_is_undone_without_a_payment(festival: Festival) -> None:
    sold = festival.sell(festival.seat_line(tariff="INVIT", quantity=2))
    undone = festival.reverse(sold)
    assert (undone.refunded_cents, undone.refunds) == (0, ())
    assert festival.count(Payment) == 0
    assert festival.allocated() == 0


def test_seats_of_a_quota_go_back_to_it(festival: Festival) -> None:
    sold = festival.sell(festival.seat_line(tariff="UFR", quantity=2), festival.seat_line())
    festival.reverse(sold, 1)
    assert festival.rows(Quota)[0].allocated == 1
    assert festival.allocated() == 1


def test_a_sold_out_screening_sells_again_what_was_undone(festival: Festival) -> None:
    sold = festival.sell(festival.seat_line(quantity=8))
    festival.refused(festival.order(festival.seat_line()))
    festival.reverse(sold, 8)
    assert festival.sell().tickets == ("1-000009",)


def test_money_goes_back_by_the_means_it_came_the_last_one_first(festival: Festival) -> None:
    sold = festival.sell(
        festival.seat_line(quantity=3), tenders=(Tender("cash", 1000, 1000), Tender("card", 1550, None, "42"))
    )
    assert festival.reverse(sold, 1).refunds == (Refund("card", 850),)
    assert festival.reverse(sold, 2).refunds == (Refund("card", 700), Refund("cash", 150))
    assert festival.reverse(sold, 3).refunds == (Refund("cash", 850),)


def test_change_is_not_given_back_a_second_time(festival: Festival) -> None:
    sold = festival.sell(festival.seat_line(), tenders=(Tender("cash", 850, 5000),))
    assert festival.reverse(sold).refunds == (Refund("cash", 850),)
    refund = next(row for row in festival.rows(Payment) if row.amount_cents < 0)
    assert (refund.amount_cents, refund.tendered_cents) == (-850, None)


def test_the_same_means_used_twice_gives_back_all_it_brought(festival: Festival) -> None:
    sold = festival.sell(
        festival.seat_line(quantity=2),
        tenders=(Tender("card", 500), Tender("cash", 300, 300), Tender("card", 900)),
    )
    assert festival.reverse(sold, 1).refunds == (Refund("cash", 300), Refund("card", 550))
    assert festival.reverse(sold).refunds == (Refund("card", 850),)


def test_breaking_a_group_needs_a_manager(festival: Festival) -> None:
    sold = festival.sell(festival.seat_line(tariff="GROUPE", quantity=5))
    festival.reverse(sold, 5)
    refusal = refused(festival, sold, 4, kind=ManagerNeeded)
    assert refusal.message == "Il ne resterait que 3 places au tarif Groupe, qui en demande au moins 4."
    assert festival.reverse(sold, 4, authorized_by=festival.manager.id).refunded_cents == 600


def test_a_whole_group_is_undone_freely(festival: Festival) -> None:
    sold = festival.sell(festival.seat_line(tariff="GROUPE", quantity=4), festival.seat_line())
    assert festival.reverse(sold, 1, 2, 3, 4).refunded_cents == 2400


def test_an_impossible_reversal_asks_for_no_manager(festival: Festival) -> None:
    sold = festival.sell()
    festival.reverse(sold)
    festival.clock.advance(timedelta(hours=1))
    assert refused(festival, sold, kind=Refusal).message == "C'est déjà annulé."


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What these acts come to when they start together: their result, or their refusal."""

    def attempt(act: Callable[[], object]) -> object:
        try:
            return act()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(attempt, acts))


def reversing(festival: Festival, command: Reverse, till: int) -> Callable[[], CompletedReversal]:
    return lambda: festival.write(
        lambda session: reverse(session, command, festival.desks[till], clock=festival.clock)
    )


@pytest.mark.parametrize("kind", ["seats", "articles"])
def test_two_counters_undoing_one_sale_at_once_refund_it_once(festival: Festival, kind: str) -> None:
    line = festival.seat_line() if kind == "seats" else festival.product_line()
    for _turn in range(5):
        sold = festival.sell(line)
        commands = [Reverse(uuid4(), sold.sale_id, authorized_by=festival.manager.id) for _ in range(2)]
        results = at_once(*(reversing(festival, command, till) for till, command in enumerate(commands)))
        refusals = [result for result in results if isinstance(result, Refusal)]
        assert [refusal.message for refusal in refusals] == ["C'est déjà annulé."]
    assert festival.count(Sale) == 10


def test_two_counters_undoing_two_articles_at_once_share_the_means(festival: Festival) -> None:
    for _turn in range(5):
        sold = festival.sell(
            festival.product_line(quantity=2), tenders=(Tender("cash", 300, 300), Tender("card", 300))
        )
        results = at_once(
            *(
                reversing(
                    festival,
                    Reverse(uuid4(), sold.sale_id, (till + 1,), authorized_by=festival.manager.id),
                    till,
                )
                for till in range(2)
            )
        )
        assert {result.refunds for result in results} == {(Refund("card", 300),), (Refund("cash", 300),)}


def test_the_same_reversal_sent_twice_at_once_is_made_once(festival: Festival) -> None:
    for _turn in range(5):
        sold = festival.sell()
        command = Reverse(uuid4(), sold.sale_id)
        first, second = at_once(*(reversing(festival, command, 0) for _ in range(2)))
        assert first == second
    assert festival.count(SaleLine) == 10


def test_an_entrance_and_a_reversal_at_once_let_one_of_them_through(festival: Festival) -> None:
    for _turn in range(8):
        sold = festival.sell(festival.seat_line(tariff="INVIT"))
        code = next(row.code for row in festival.rows(Ticket) if row.sale_id == sold.sale_id)
        let_in, undone = at_once(
            lambda code=code: festival.write(
                lambda session: admit(session, festival.posts[1], code, "Porte A", clock=festival.clock)
            ),
            reversing(festival, Reverse(uuid4(), sold.sale_id), 0),
        )
        assert isinstance(let_in, Refusal) != isinstance(undone, Refusal)


def test_a_copy_ordered_while_its_sale_is_undone_stops_neither(festival: Festival) -> None:
    for _turn in range(8):
        sold = festival.sell(festival.seat_line(tariff="INVIT"))
        festival.write(papers_come_out)
        copy, undone = at_once(
            lambda sold=sold: festival.write(
                lambda session: reprint(
                    session,
                    festival.desks[1],
                    DocumentKind.TICKET,
                    sale_id=sold.sale_id,
                    position=1,
                    clock=festival.clock,
                )
            ),
            reversing(festival, Reverse(uuid4(), sold.sale_id), 0),
        )
        assert isinstance(copy, int | Refusal)
        assert isinstance(undone, CompletedReversal)
    originals = {
        row.state for row in festival.rows(PrintJob) if row.document == "ticket" and not row.copy_number
    }
    assert originals == {JobState.SENT}


@pytest.mark.parametrize("number", ["4970101234567893", "4970 1012 3456 7893", "4970-1012-3456-7893"])
def test_a_reason_keeps_no_number_of_a_card(festival: Festival, number: str) -> None:
    sale = festival.sell()
    with pytest.raises(Refusal, match="numéro de carte ne se note jamais"):
        festival.reverse(sale, reason=f"Carte {number} débitée deux fois")


def test_a_reason_may_name_sales(festival: Festival) -> None:
    sale = festival.sell()
    festival.reverse(sale, reason="Vente 1-000123, refaite en 1-000124 et 1-000125")
