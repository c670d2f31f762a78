"""A card lost, found again or replaced: its value outlives its codes, and the former ones pay nothing."""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col

from boxoffice.errors import ManagerNeeded, Refusal
from boxoffice.kinds import PassTrouble
from boxoffice.models import FormerValueCode, GiftCard, JournalEntry, StoredValue
from boxoffice.sales import means
from boxoffice.sales.books.verification import verify
from boxoffice.sales.codes import masked
from boxoffice.sales.people.personal_data import erase_customers
from boxoffice.sales.settlement import Tender
from boxoffice.sales.vouchers import card_care, gift_cards
from boxoffice.sales.vouchers.card_care import BlockCard, LengthenCard, ReplaceCard, ReplacedCard, UnblockCard
from boxoffice.sales.vouchers.expiring import expire_over
from tests.sales.conftest import Festival
from tests.sales.invariants import check_the_house
from tests.sales.test_tampering import behind_the_guards, savepoint
from tests.sales.value_life import (
    add_customer,
    add_kind,
    card_state,
    give_card,
    ledger,
    left_in,
    named_basket,
    sell_basket,
)

LISA = 1


@pytest.fixture(autouse=True)
def _the_house_stands(festival: Festival) -> Iterator[None]:
    yield
    festival.read(check_the_house)


def do(festival: Festival, act: Callable[..., object], command: object) -> object:
    return festival.write(lambda session: act(session, command, festival.desk, clock=festival.clock))


def codes(festival: Festival) -> tuple[str, str]:
    (card,) = festival.rows(GiftCard)
    return card.code, card.typed_code


def scan(festival: Festival, code: str) -> gift_cards.GiftCardState:
    return festival.read(
        lambda session: gift_cards.look_up(session, code, festival.desk, clock=festival.clock)
    )


def pay(festival: Festival, value_id: UUID, cents: int = 850) -> None:
    by = [Tender(means.GIFT_CARD.code, cents, value_id=value_id)]
    festival.complete(festival.paid(festival.seat_line(), by=by))


def told(festival: Festival, kind: str) -> list[dict[str, Any]]:
    return [json.loads(row.content) for row in festival.rows(JournalEntry) if row.kind == kind]


def replaced(festival: Festival, value_id: UUID, code: str) -> ReplacedCard:
    command = ReplaceCard(value_id, masked(code), PassTrouble.LOST, authorized_by=LISA)
    done = do(festival, card_care.replace, command)
    assert isinstance(done, ReplacedCard)
    return done


def test_a_cashier_blocks_a_lost_card_at_once_and_it_says_so(festival: Festival) -> None:
    card = festival.sell_gift(cents=1000)
    for _again in range(2):
        do(festival, card_care.block, BlockCard(card.value_id, PassTrouble.LOST))
    assert [entry["trouble"] for entry in told(festival, "value.blocked")] == ["lost"]
    assert "bloquée (perdue)" in scan(festival, codes(festival)[0]).trouble
    with pytest.raises(Refusal, match="bloquée"):
        pay(festival, card.value_id)


def test_a_manager_lets_a_blocked_card_serve_again(festival: Festival) -> None:
    card = festival.sell_gift(cents=1000)
    do(festival, card_care.block, BlockCard(card.value_id, PassTrouble.OTHER, "doute sur la carte"))
    with pytest.raises(ManagerNeeded):
        do(festival, card_care.unblock, UnblockCard(card.value_id))
    do(festival, card_care.unblock, UnblockCard(card.value_id, authorized_by=LISA))
    pay(festival, card.value_id)
    assert [entry["authorized_by"] for entry in told(festival, "value.unblocked")] == [LISA]


def test_a_card_blocked_for_another_reason_needs_it_in_words(festival: Festival) -> None:
    card = festival.sell_gift(cents=1000)
    with pytest.raises(Refusal, match="Dites pourquoi"):
        do(festival, card_care.block, BlockCard(card.value_id, PassTrouble.OTHER))


def test_a_replaced_card_keeps_its_value_and_its_former_codes_are_dead(festival: Festival) -> None:
    card = festival.sell_gift(cents=1000)
    former = codes(festival)
    do(festival, card_care.block, BlockCard(card.value_id, PassTrouble.LOST))
    new = replaced(festival, card.value_id, former[1])
    assert codes(festival) == (new.code, new.typed_code)
    for code in former:
        with pytest.raises(Refusal, match="a été remplacée le"):
            scan(festival, code)
    assert (scan(festival, new.typed_code).left_cents, scan(festival, new.code).trouble) == (1000, "")
    pay(festival, card.value_id)
    assert {row.code for row in festival.rows(FormerValueCode)} == set(former)


def test_a_card_is_replaced_again_and_a_second_try_changes_nothing(festival: Festival) -> None:
    card = festival.sell_gift(cents=1000)
    first = codes(festival)[1]
    new = replaced(festival, card.value_id, first)
    assert replaced(festival, card.value_id, first) == new
    newer = replaced(festival, card.value_id, new.typed_code)
    assert newer.typed_code not in (first, new.typed_code)
    assert len(told(festival, "value.replaced")) == 2


def test_only_a_manager_replaces_a_card(festival: Festival) -> None:
    card = festival.sell_gift(cents=1000)
    command = ReplaceCard(card.value_id, masked(codes(festival)[1]), PassTrouble.LOST)
    with pytest.raises(ManagerNeeded):
        do(festival, card_care.replace, command)


def test_a_card_taken_back_is_neither_blocked_nor_replaced(festival: Festival) -> None:
    line = festival.gift_line(cents=1000)
    festival.reverse(festival.sell(line))
    code = codes(festival)[1]
    with pytest.raises(Refusal, match="annulée"):
        do(festival, card_care.block, BlockCard(line.value_id, PassTrouble.LOST))
    with pytest.raises(Refusal, match="annulée"):
        replaced(festival, line.value_id, code)


def test_no_code_is_told_to_the_journal(festival: Festival) -> None:
    card = festival.sell_gift(cents=1000)
    every = [*codes(festival)]
    new = replaced(festival, card.value_id, every[1])
    journal = "".join(row.content for row in festival.rows(JournalEntry))
    assert not any(code in journal for code in [*every, new.code, new.typed_code])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE giftcard SET code = 'GBBB'",
        "UPDATE giftcard SET typed_code = 'BBBB'",
        "UPDATE giftcard SET vat_rate = 550",
    ],
)
def test_a_code_changed_behind_the_journal_is_found(festival: Festival, change: str) -> None:
    card = festival.sell_gift(cents=1000)
    before = codes(festival)[1]
    replaced(festival, card.value_id, before)
    undo = festival.rows(GiftCard)[0]
    festival.write(lambda session: session.execute(sa.text(change)))
    assert festival.read(verify).fault is not None
    festival.write(
        lambda session: session.execute(
            sa.update(GiftCard).values(code=undo.code, typed_code=undo.typed_code, vat_rate=None)
        )
    )


def lengthened(festival: Festival, value_id: UUID, former: date | None, until: date, **changes: Any) -> None:
    command = LengthenCard(
        value_id, former, until, **{"reason": "client hospitalisé", "authorized_by": LISA, **changes}
    )
    do(festival, card_care.lengthen, command)


def end_of(festival: Festival, value_id: UUID) -> date | None:
    return festival.read(lambda session: session.get_one(StoredValue, value_id).valid_until)


def a_card_until(festival: Festival, until: date | None) -> UUID:
    return give_card(festival, add_kind(festival), until=until)


def test_a_manager_lengthens_a_card_and_the_journal_says_why(festival: Festival) -> None:
    today = festival.clock.now().date()
    until, later = today + timedelta(days=3), today + timedelta(days=30)
    card = a_card_until(festival, until)
    lengthened(festival, card, until, later)
    assert end_of(festival, card) == later
    (entry,) = told(festival, "value.lengthened")
    assert (entry["authorized_by"], entry["reason"]) == (LISA, "client hospitalisé")
    assert (entry["former_valid_until"], entry["valid_until"]) == (until.isoformat(), later.isoformat())


def test_a_card_that_ran_out_gets_back_what_ran_out_with_it_and_pays_again(festival: Festival) -> None:
    today = festival.clock.now().date()
    card = a_card_until(festival, today)
    festival.clock.advance(timedelta(days=2))
    festival.write(lambda session: expire_over(session, festival.posts[0], clock=festival.clock))
    assert left_in(festival, card) == 0
    lengthened(festival, card, today, today + timedelta(days=30))
    assert ledger(festival, card) == [("issued", 5, 5), ("expired", -5, 0), ("corrected", 5, 5)]
    lengthened(festival, card, today + timedelta(days=30), today + timedelta(days=60))
    assert left_in(festival, card) == 5
    assert card_state(festival, card).trouble == ""


def test_a_gift_card_that_is_lengthened_pays_until_its_new_end(festival: Festival) -> None:
    card = festival.sell_gift(cents=1000)
    until = end_of(festival, card.value_id)
    assert until is not None
    lengthened(festival, card.value_id, until, until + timedelta(days=30))
    assert end_of(festival, card.value_id) == until + timedelta(days=30)
    pay(festival, card.value_id)


def test_nobody_lengthens_a_card_without_a_manager_or_a_reason(festival: Festival) -> None:
    today = festival.clock.now().date()
    card, later = a_card_until(festival, today), today + timedelta(days=30)
    with pytest.raises(ManagerNeeded):
        lengthened(festival, card, today, later, authorized_by=festival.desk.operator_id)
    with pytest.raises(Refusal, match="pour une raison"):
        lengthened(festival, card, today, later, reason=" ")
    assert (end_of(festival, card), told(festival, "value.lengthened")) == (today, [])


def test_a_card_is_never_shortened_nor_lengthened_past_five_years(festival: Festival) -> None:
    today = festival.clock.now().date()
    card = a_card_until(festival, today)
    for until, said in (
        (today, "plus tardive"),
        (today - timedelta(days=1), "plus tardive"),
        (today.replace(year=today.year + 10), "cinq ans"),
    ):
        with pytest.raises(Refusal, match=said):
            lengthened(festival, card, today, until)
    with pytest.raises(Refusal, match="sans date de fin"):
        lengthened(festival, a_card_until_forever(festival), None, today)


def a_card_until_forever(festival: Festival) -> UUID:
    return give_card(festival, add_kind(festival, "SANSFIN"), until=None)


def test_a_manager_who_saw_another_end_lengthens_nothing(festival: Festival) -> None:
    today = festival.clock.now().date()
    card = a_card_until(festival, today)
    lengthened(festival, card, today, today + timedelta(days=30))
    with pytest.raises(Refusal, match="vient de changer"):
        lengthened(festival, card, today, today + timedelta(days=60))


def test_a_card_lengthened_behind_the_journal_is_found(festival: Festival) -> None:
    today = festival.clock.now().date()
    card = a_card_until(festival, today)
    lengthened(festival, card, today, today + timedelta(days=30))

    def put(day: date) -> None:
        festival.write(
            lambda session: session.execute(
                sa.update(StoredValue).where(col(StoredValue.id) == card).values(valid_until=day)
            )
        )

    put(today + timedelta(days=31))
    assert festival.read(verify).fault is not None
    put(today + timedelta(days=30))


def test_what_ran_out_is_put_back_once_though_a_clock_was_ahead(festival: Festival) -> None:
    ended = date(2026, 1, 20)
    card = give_card(festival, add_kind(festival), until=ended)
    with festival.clock.without_nights():
        now = festival.clock.at
        festival.clock.at = now + timedelta(days=60)
        festival.write(lambda session: expire_over(session, festival.posts[0], clock=festival.clock))
        festival.clock.at = now
    for days in (5, 10):
        until = ended + timedelta(days=days)
        do(festival, card_care.lengthen, LengthenCard(card, ended, until, "malade", LISA))
        ended = until
    assert [line[:2] for line in ledger(festival, card)] == [("issued", 5), ("expired", -5), ("corrected", 5)]


def test_what_was_noted_of_a_blocked_card_goes_with_its_customer(festival: Festival) -> None:
    customer_id = add_customer(festival)
    given = give_card(festival, add_kind(festival), customer_id=customer_id)
    lost = give_card(festival, add_kind(festival, "CARTE6"), customer_id=customer_id)
    line = festival.gift_line(cents=1000)
    sell_basket(festival, named_basket(festival, customer_id, line))
    for value_id in (given, line.value_id):
        do(festival, card_care.block, BlockCard(value_id, PassTrouble.OTHER, "perdue par Léa Dupont"))
    do(festival, card_care.block, BlockCard(lost, PassTrouble.LOST))
    festival.write(
        lambda session: erase_customers(
            session,
            [customer_id],
            festival.desk.post,
            manager=festival.manager,
            clock=festival.clock,
            losing=True,
        )
    )
    assert "Dupont" not in repr(festival.everything())
    notes = {row.id: row.state_reason for row in festival.rows(StoredValue)}
    assert (notes[given], notes[line.value_id], notes[lost]) == ("", "", "lost")


def test_a_card_given_to_another_sale_behind_the_journal_is_found(festival: Festival) -> None:
    card = festival.sell_gift(cents=1000)
    other = festival.sell()
    with behind_the_guards(festival) as session:
        for changed in ({"sale_id": other.sale_id}, {"sale_position": 2}):
            with savepoint(session):
                session.execute(sa.update(GiftCard).values(changed))
                found = verify(session).fault
            (column,) = changed
            assert found is not None
            assert found.where == f"carte de la valeur {card.value_id}"
            assert column in found.what
