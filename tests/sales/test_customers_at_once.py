"""Customers merged, erased and sold to at two counters at once: held one after the other, before all else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlmodel import Session

from boxoffice.kinds import StoredValueKind
from boxoffice.models import Customer, JournalEntry, Pass, StoredValue, table
from boxoffice.sales.basket import name_customer
from boxoffice.sales.books.verification import verify
from boxoffice.sales.checkout import checkout
from boxoffice.sales.credits.exchange import CompletedExchange, Exchange, exchange
from boxoffice.sales.people.customer_changes import (
    CorrectCustomer,
    correct_customer,
    merge_customers,
)
from boxoffice.sales.people.customer_details import CustomerDetails
from boxoffice.sales.people.customers import FoundCustomer
from boxoffice.sales.people.personal_data import erase_customers
from boxoffice.sales.people.writing_down import write_down
from boxoffice.sales.reversal import CompletedReversal, Reverse, reverse
from boxoffice.sales.settlement import Tender
from boxoffice.sales.staff.desk import Desk
from boxoffice.sales.vouchers.balances import CorrectBalance, correct
from boxoffice.sales.vouchers.giving import GiveCards, give_cards
from boxoffice.sales.vouchers.loyalty import give_birthday_place, reward
from boxoffice.sales.vouchers.place_cards import CardState, in_wallet
from boxoffice.sales.vouchers.stored_values import open_account, tell
from boxoffice.sales.vouchers.wallet import PutInWallet, put_in_wallet
from tests.sales.conftest import Festival
from tests.sales.meanwhile import meanwhile
from tests.sales.pass_life import book
from tests.sales.value_life import add_kind, card_line, give_card, sell_basket

_customer, _pass, _value = table(Customer), table(Pass), table(StoredValue)
SMALL, LARGE = UUID(int=1), UUID(int=2)
ZOE, LEA = CustomerDetails("Martin", "Zoé"), CustomerDetails("Dupont", "Léa")


@pytest.fixture(autouse=True)
def _two_customers(festival: Festival) -> None:
    festival.write(lambda session: write_down(session, {SMALL: ZOE, LARGE: LEA}, festival.clock.now()))


def merge(festival: Festival, gone: UUID, kept: UUID, till: int = 0) -> FoundCustomer:
    desk, manager = festival.desks[till], festival.manager.id
    return festival.write(
        lambda session: merge_customers(session, gone, kept, desk, manager_id=manager, clock=festival.clock)
    )


def is_free(session: Session, customer_id: UUID) -> bool:
    """Whether nobody else holds this customer."""
    wanted = select(_customer.c.id).where(_customer.c.id == customer_id)
    return session.execute(wanted.with_for_update(skip_locked=True)).first() is not None


@pytest.mark.parametrize(("gone", "kept"), [(SMALL, LARGE), (LARGE, SMALL)])
def test_two_cards_are_held_by_their_ids_whichever_is_to_stay(
    festival: Festival, gone: UUID, kept: UUID
) -> None:
    def hold(session: Session) -> None:
        session.execute(select(_customer.c.id).where(_customer.c.id == SMALL).with_for_update())

    def the_other_is_free(session: Session) -> None:
        assert is_free(session, LARGE)

    merged = meanwhile(festival, hold, lambda: merge(festival, gone, kept), the_other_is_free)
    assert isinstance(merged, FoundCustomer)
    assert merged.id == kept


def test_who_is_merged_while_both_are_erased_is_erased(festival: Festival) -> None:
    post, manager, clock = festival.posts[1], festival.manager, festival.clock
    erased = meanwhile(
        festival,
        lambda session: merge_customers(
            session, LARGE, SMALL, festival.desk, manager_id=manager.id, clock=clock
        ),
        lambda: festival.write(
            lambda session: erase_customers(session, [SMALL, LARGE], post, manager=manager, clock=clock)
        ),
    )
    assert erased == 1
    assert festival.read(verify).fault is None


def test_a_reversal_holds_whom_its_sale_names_before_any_pass(festival: Festival) -> None:
    """Else it could wait for an erasure of this customer that waits for their pass."""
    line = festival.pass_line(holder=ZOE)
    basket = name_customer(festival.basket(line), LARGE, "Léa")
    sale = festival.complete(replace(festival.order(line), basket=basket))
    command = Reverse(uuid4(), sale.sale_id, authorized_by=festival.manager.id)
    desk, clock = festival.desks[1], festival.clock

    def hold(session: Session) -> None:
        session.execute(select(_customer.c.id).where(_customer.c.id == LARGE).with_for_update()).all()

    def no_pass_is_held(session: Session) -> None:
        wanted = select(_pass.c.id).where(_pass.c.id == line.pass_id)
        assert session.execute(wanted.with_for_update(skip_locked=True)).first()

    undone = meanwhile(
        festival,
        hold,
        lambda: festival.write(lambda session: reverse(session, command, desk, clock=clock)),
        no_pass_is_held,
    )
    assert isinstance(undone, CompletedReversal)
    festival.stands()


@pytest.mark.parametrize("first", ["whom it names", "their points"])
def test_an_exchange_holds_whom_it_names_and_opens_their_points_before_any_value(
    festival: Festival, first: str
) -> None:
    """Else it could wait for what waits for a value that it holds."""
    card = festival.sell_gift(cents=5000)
    zoe = name_customer(festival.basket(festival.seat_line()), SMALL, "Zoé")
    sale = festival.complete(replace(festival.order(festival.seat_line()), basket=zoe))
    basket = name_customer(festival.basket(festival.seat_line("KNEECAP2", quantity=3)), LARGE, "Léa")
    money = (Tender("cash", 850, 850),) if first == "their points" else ()
    by = Tender("gift_card", 1700 - 850 * len(money), value_id=card.value_id), *money
    command = Exchange(uuid4(), uuid4(), sale.sale_id, (1,), basket, by)
    desk, clock = festival.desks[1], festival.clock

    def hold(session: Session) -> None:
        if first == "their points":
            write_points(session)
        else:
            session.execute(select(_customer.c.id).where(_customer.c.id == LARGE).with_for_update()).all()

    def write_points(session: Session) -> None:
        opened = open_account(session, LARGE, StoredValueKind.POINTS, at=clock.now())
        tell(session, festival.desk, "corrected", at=clock.now(), opened=opened)

    def no_value_is_held(session: Session) -> None:
        wanted = select(_value.c.id).where(_value.c.id == card.value_id)
        assert session.execute(wanted.with_for_update(skip_locked=True)).first()

    done = meanwhile(
        festival,
        hold,
        lambda: festival.write(lambda session: exchange(session, command, desk, clock=clock)),
        no_value_is_held,
    )
    assert isinstance(done, CompletedExchange)
    festival.stands()


def test_a_sale_holds_whom_it_names_before_any_pass(festival: Festival) -> None:
    """Else it could wait for a merge of this customer that waits for their pass."""
    pass_id = festival.sell_pass(CustomerDetails("Morel", "Luc"))
    book(festival, pass_id, "KNEECAP")
    companion = festival.seat_line(tariff="SUPPL", pass_id=pass_id)
    line = festival.pass_line(holder=ZOE)
    order = festival.order(companion, replace(line, holder_id=SMALL))

    def hold(session: Session) -> None:
        session.execute(select(_pass.c.id).where(_pass.c.id == pass_id).with_for_update())

    def who_is_named_is_held(session: Session) -> None:
        assert festival.database.is_sqlite or not is_free(session, SMALL)

    second, clock = festival.desks[1], festival.clock
    meanwhile(
        festival,
        hold,
        lambda: festival.write(lambda session: checkout(session, order, second, clock=clock)),
        who_is_named_is_held,
    )
    assert {row.holder_id for row in festival.rows(Pass)} >= {SMALL}


def test_a_merge_waits_for_the_cards_that_it_moves_in_the_order_of_every_till(festival: Festival) -> None:
    """Else it could hold a card that a sale waits for, which holds another one."""
    kind = add_kind(festival)
    ids = [give_card(festival, kind, customer_id=LARGE) for _card in range(6)]
    wanted = select(_value.c.id).where(_value.c.id == min(ids)).with_for_update()

    def no_other_is_held(session: Session) -> None:
        others = select(_value.c.id).where(_value.c.id.in_(ids)).with_for_update(skip_locked=True)
        assert set(session.execute(others).scalars()) == set(ids)

    meanwhile(
        festival,
        lambda session: session.execute(wanted).all(),
        lambda: merge(festival, LARGE, SMALL, till=1),
        no_other_is_held,
    )
    assert {row.customer_id for row in festival.rows(StoredValue)} == {SMALL}


def test_a_merge_asked_for_again_for_a_lost_answer_is_made_once(festival: Festival) -> None:
    first = merge(festival, LARGE, SMALL)
    assert merge(festival, LARGE, SMALL) == first
    assert [entry.kind for entry in festival.rows(JournalEntry)].count("customer.merged") == 1


def test_a_correction_asked_for_again_for_a_lost_answer_is_made_once(festival: Festival) -> None:
    command = CorrectCustomer(SMALL, ZOE, CustomerDetails("Martin", "Zoé", town="Angers"))
    for _try in range(2):
        done = festival.write(
            lambda session: correct_customer(session, command, festival.desk, clock=festival.clock)
        )
        assert done == FoundCustomer(SMALL, command.after)
    assert [entry.kind for entry in festival.rows(JournalEntry)].count("customer.changed") == 1


def merged_before(festival: Festival, second: Callable[[Session, Desk], object]) -> object:
    """What is done for one of two customers, begun once they were made one and before that is committed."""
    manager = festival.manager.id

    def merging(session: Session) -> None:
        merge_customers(session, LARGE, SMALL, festival.desk, manager_id=manager, clock=festival.clock)

    return meanwhile(festival, merging, lambda: festival.write(lambda each: second(each, festival.desks[1])))


def wallet(festival: Festival, customer_id: UUID) -> list[UUID]:
    cards = festival.read(
        lambda session: in_wallet(session, customer_id, festival.desk, clock=festival.clock)
    )
    return [card.value_id for card in cards]


def test_a_card_sold_from_a_basket_whose_customer_was_merged_is_in_the_wallet_of_who_is_left(
    festival: Festival,
) -> None:
    add_kind(festival, price_cents=3400)
    line = card_line(festival)
    basket = name_customer(festival.basket(line), LARGE, "Léa Dupont")
    merge(festival, LARGE, SMALL)
    sell_basket(festival, basket)
    assert wallet(festival, SMALL) == [line.value_id]
    festival.stands()


def test_a_card_kept_for_a_customer_who_is_being_merged_is_in_the_wallet_of_who_is_left(
    festival: Festival,
) -> None:
    card = give_card(festival, add_kind(festival))
    merged_before(
        festival,
        lambda session, desk: put_in_wallet(session, PutInWallet(card, LARGE), desk, clock=festival.clock),
    )
    assert wallet(festival, SMALL) == [card]
    festival.stands()


def test_a_card_given_to_a_customer_who_is_being_merged_is_in_the_wallet_of_who_is_left(
    festival: Festival,
) -> None:
    gift = GiveCards(add_kind(festival), "Panne", festival.manager.id, customer_id=LARGE)
    merged_before(festival, lambda session, desk: give_cards(session, gift, desk, clock=festival.clock))
    assert len(wallet(festival, SMALL)) == 1
    festival.stands()


def test_a_place_earned_by_a_customer_who_is_being_merged_is_in_the_wallet_of_who_is_left(
    festival: Festival,
) -> None:
    kind = add_kind(festival, "FIDELITE", points=17)
    sell_basket(festival, name_customer(festival.basket(festival.seat_line(quantity=2)), SMALL, "Zoé"))
    merged_before(festival, lambda session, desk: reward(session, LARGE, kind, desk, clock=festival.clock))
    assert len(wallet(festival, SMALL)) == 1
    festival.stands()


def test_a_birthday_place_given_while_its_customer_is_being_merged_is_in_the_wallet_of_who_is_left(
    festival: Festival,
) -> None:
    kind = add_kind(festival, "ANNIVERSAIRE", places=1, birthday=True)
    born = CorrectCustomer(SMALL, ZOE, replace(ZOE, birth_date=date(1990, 1, 10)))
    festival.write(lambda session: correct_customer(session, born, festival.desk, clock=festival.clock))
    given = merged_before(
        festival, lambda session, desk: give_birthday_place(session, LARGE, kind, desk, clock=festival.clock)
    )
    assert isinstance(given, CardState)
    assert wallet(festival, SMALL) == [given.value_id]
    festival.stands()


def test_a_balance_corrected_while_its_customer_is_being_merged_is_that_of_who_is_left(
    festival: Festival,
) -> None:
    command = CorrectBalance(LARGE, 0, 1000, "Chèque rendu", authorized_by=festival.manager.id)
    merged_before(festival, lambda session, desk: correct(session, command, desk, clock=festival.clock))
    (balance,) = (row for row in festival.rows(StoredValue) if row.kind is StoredValueKind.BALANCE)
    assert (balance.customer_id, balance.amount) == (SMALL, 1000)
    festival.stands()
