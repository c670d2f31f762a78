"""The balance of a customer: corrected, spent on two counters, merged, forfeited, copied."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from boxoffice.errors import ManagerNeeded
from boxoffice.kinds import MovementKind, StoredValueKind
from boxoffice.models import ValueMovement
from boxoffice.sales import means
from boxoffice.sales.basket import name_customer
from boxoffice.sales.checkout import Checkout, checkout
from boxoffice.sales.people.customer_changes import merge_customers
from boxoffice.sales.people.customer_copy import as_page, copy_of
from boxoffice.sales.people.customer_record import read_record
from boxoffice.sales.people.personal_data import erase_customers, erase_inactive, inactive_customers
from boxoffice.sales.settlement import Tender
from boxoffice.sales.vouchers import balances
from boxoffice.sales.vouchers.balances import Balance, CorrectBalance, LedgerRow
from boxoffice.sales.vouchers.stored_values import account_id
from tests.sales.conftest import Festival
from tests.sales.credit_life import PAUL, accepted, asked, cents_of, credited, customer, playing, sell_to
from tests.sales.invariants import check_the_house
from tests.sales.test_booking_counters import at_once, one_of_two
from tests.sales.test_credit_requests import refused
from tests.sales.value_life import add_kind, give_card


def correct(
    festival: Festival,
    customer_id: UUID,
    after: int,
    before: int = 0,
    reason: str = "Geste commercial",
    by: int | None = None,
) -> Balance:
    command = CorrectBalance(customer_id, before, after, reason, by or festival.manager.id)
    return festival.write(
        lambda session: balances.correct(session, command, festival.desk, clock=festival.clock)
    )


def spending(festival: Festival, customer_id: UUID, cents: int, quantity: int = 1) -> Checkout:
    """Seats paid with so much of a balance, and the rest in cash."""
    value_id = account_id(customer_id, StoredValueKind.BALANCE)
    command = festival.paid(
        festival.seat_line(quantity=quantity), by=[Tender(means.BALANCE.code, cents, value_id=value_id)]
    )
    return replace(command, basket=name_customer(command.basket, customer_id, "Léa Dupont"))


def ledger(festival: Festival, customer_id: UUID) -> tuple[LedgerRow, ...]:
    value_id = account_id(customer_id, StoredValueKind.BALANCE)
    return festival.read(lambda session: balances.read_ledger(session, value_id))


def test_a_manager_corrects_a_balance_for_a_reason_that_is_kept(festival: Festival) -> None:
    lea = customer(festival)
    assert correct(festival, lea, 1000).cents == 1000
    assert correct(festival, lea, 400, before=1000, reason="Erreur de saisie").cents == 400
    latest, first = ledger(festival, lea)
    assert (first.kind, first.amount, first.left_after, first.reason) == (
        MovementKind.CORRECTED,
        1000,
        1000,
        "Geste commercial",
    )
    assert (latest.amount, latest.left_after, latest.authorized_by) == (-600, 400, "Lisa B.")
    festival.read(check_the_house)


def test_a_correction_needs_a_manager_a_reason_and_a_change(festival: Festival) -> None:
    lea = customer(festival)
    with pytest.raises(ManagerNeeded):
        correct(festival, lea, 1000, by=festival.cashier.id)
    for after, reason, said in (
        (1000, "  ", "se justifie"),
        (-1, "Erreur", "ne descend pas sous zéro"),
        (0, "Erreur", "est déjà de"),
    ):
        assert said in refused(festival, lambda: correct(festival, lea, after, reason=reason)).message  # noqa: B023


def test_a_balance_that_changed_meanwhile_is_looked_at_again(festival: Festival) -> None:
    lea = customer(festival)
    correct(festival, lea, 1000)
    said = refused(festival, lambda: correct(festival, lea, 500, before=900))
    assert said.message == "Le solde vient de changer : il est de 10,00\u00a0€."


def test_a_balance_pays_for_its_customer_alone(festival: Festival) -> None:
    lea, paul = customer(festival), customer(festival, PAUL)
    correct(festival, lea, 1000)
    command = spending(festival, lea, 850)
    stranger = replace(command, basket=name_customer(command.basket, paul, "Paul Martin"))
    assert "n'est pas celui du client" in festival.refused(stranger).message
    nobody = replace(command, basket=name_customer(command.basket, None))
    assert "n'est pas celui du client" in festival.refused(nobody).message


def test_a_balance_is_never_spent_below_zero(festival: Festival) -> None:
    lea = customer(festival)
    correct(festival, lea, 800)
    assert "il reste 8,00\u00a0€" in festival.refused(spending(festival, lea, 850)).message


def test_two_counters_spend_the_same_balance_once(festival: Festival) -> None:
    lea = customer(festival)
    correct(festival, lea, 850)
    commands = [spending(festival, lea, 850) for _counter in festival.desks]
    told = at_once(
        festival,
        *([playing(festival, checkout, command)] for command in commands),
    )
    (words,) = one_of_two(told)
    assert "il ne reste rien" in words
    assert cents_of(festival, lea) == 0
    festival.read(check_the_house)


def test_a_balance_is_corrected_at_one_counter_while_another_spends_it(festival: Festival) -> None:
    lea = customer(festival)
    correct(festival, lea, 1000)
    command = CorrectBalance(lea, 1000, 0, "Erreur", festival.manager.id)
    sale = spending(festival, lea, 850)
    told = at_once(
        festival,
        [lambda session, desk: checkout(session, sale, desk, clock=festival.clock)],
        [lambda session, desk: balances.correct(session, command, desk, clock=festival.clock)],
    )
    one_of_two(told)
    assert cents_of(festival, lea) in {0, 150}
    festival.read(check_the_house)


def test_two_customers_who_become_one_have_one_balance_and_all_their_cards(festival: Festival) -> None:
    lea, paul = customer(festival), customer(festival, PAUL)
    correct(festival, lea, 1000)
    correct(festival, paul, 250)
    card = give_card(festival, add_kind(festival), customer_id=paul)
    (request,) = asked(festival, sell_to(festival, paul))
    festival.write(
        lambda session: merge_customers(
            session, paul, lea, festival.desk, manager_id=festival.manager.id, clock=festival.clock
        )
    )
    assert cents_of(festival, lea) == 1250
    record = festival.read(lambda session: read_record(session, paul, festival.desk.post.rules))
    assert [held.value_id for held in record.holdings if held.kind is StoredValueKind.PLACE_CARD] == [card]
    accepted(festival, [request])
    assert cents_of(festival, lea) == 2100
    assert [row.kind for row in record.balance_ledger] == [MovementKind.MERGED, MovementKind.CORRECTED]
    festival.read(check_the_house)


def test_what_a_balance_paid_comes_back_to_whom_its_customer_was_merged_into(festival: Festival) -> None:
    lea, paul = customer(festival), customer(festival, PAUL)
    correct(festival, paul, 850)
    sale = festival.complete(spending(festival, paul, 600))
    festival.write(
        lambda session: merge_customers(
            session, paul, lea, festival.desk, manager_id=festival.manager.id, clock=festival.clock
        )
    )
    festival.reverse(sale)
    # 8,50 less 6,00 went along with the merger; the 6,00 come back after it.
    assert (cents_of(festival, lea), cents_of(festival, paul)) == (850, 0)
    festival.read(check_the_house)


def test_nobody_is_erased_with_something_left_unless_they_give_it_up(festival: Festival) -> None:
    lea = customer(festival)
    credited(festival, sell_to(festival, lea))

    def erase(**agreed: bool) -> int:
        return festival.write(
            lambda session: erase_customers(
                session, [lea], festival.desk.post, manager=festival.manager, clock=festival.clock, **agreed
            )
        )

    said = refused(festival, erase)
    # Eight points came with the 8,50 € paid in cash: what is on the balance is still spent money.
    assert said.message == (
        "Léa Dupont perdrait ce qui lui reste. Solde du client : 8,50\u00a0€ ; Points de fidélité : 8 points."
    )
    assert erase(losing=True) == 1
    assert cents_of(festival, lea) == 0
    movements = [row for row in festival.rows(ValueMovement) if row.kind is MovementKind.EXPIRED]
    assert sorted(row.amount for row in movements) == [-850, -8]
    festival.read(check_the_house)


def test_a_sale_paid_by_the_balance_of_somebody_erased_is_not_undone_onto_it(festival: Festival) -> None:
    lea = customer(festival)
    correct(festival, lea, 2000)
    sale = festival.complete(spending(festival, lea, 1700, quantity=2))
    festival.write(
        lambda session: erase_customers(
            session, [lea], festival.desk.post, manager=festival.manager, clock=festival.clock, losing=True
        )
    )
    said = refused(festival, lambda: festival.reverse(sale, desk=festival.managers_desk))
    assert said.message == "Ce client a été effacé : son solde ne peut plus être crédité."
    assert "s'échangent" in said.remedy
    assert cents_of(festival, lea) == 0
    festival.read(check_the_house)


def test_nobody_is_erased_while_a_request_waits(festival: Festival) -> None:
    lea = customer(festival)
    asked(festival, sell_to(festival, lea))
    said = refused(
        festival,
        lambda: festival.write(
            lambda session: erase_customers(
                session,
                [lea],
                festival.desk.post,
                manager=festival.manager,
                clock=festival.clock,
                losing=True,
            )
        ),
    )
    assert "attend une réponse" in said.message


def test_whoever_has_a_balance_is_not_inactive(festival: Festival) -> None:
    lea, paul = customer(festival), customer(festival, PAUL)
    correct(festival, lea, 100)
    festival.clock.advance(timedelta(days=5 * 366))
    found = festival.read(
        lambda session: inactive_customers(session, festival.desk.post, clock=festival.clock)
    )
    assert [each.customer.id for each in found] == [paul]
    erased = festival.write(
        lambda session: erase_inactive(
            session, festival.desk.post, manager=festival.manager, clock=festival.clock
        )
    )
    assert erased == 1
    assert cents_of(festival, lea) == 100


def test_the_copy_of_their_data_tells_the_balance_the_cards_and_what_came_back(festival: Festival) -> None:
    lea = customer(festival)
    give_card(festival, add_kind(festival), customer_id=lea, number="CINE000123")
    credited(festival, sell_to(festival, lea))
    festival.clock.advance(timedelta(minutes=1))
    asked(festival, sell_to(festival, lea))
    record = festival.read(lambda session: read_record(session, lea, festival.desk.post.rules))
    copy = copy_of(record, festival.clock.now())
    assert [held["reste"] for held in copy["solde, points et cartes"]] == [
        "8,50\u00a0€",
        "16 points",
        "5 places",
    ]
    assert [row["nature"] for row in copy["mouvements du solde"]] == ["avoir"]
    assert [row["état"] for row in copy["demandes d'avoir"]] == ["demande reprise en cours", "place reprise"]
    assert [row["nature"] for row in copy["achats"]].count("avoir") == 1
    page = as_page(copy)
    assert "1-000001" in page
    assert "CINE000123" not in page


def test_ids_of_two_accounts_never_meet() -> None:
    one = uuid4()
    assert account_id(one, StoredValueKind.BALANCE) != account_id(one, StoredValueKind.POINTS)
